"""Raw rows → values: each cell by the form of its column, each row by the rules that it alone must keep."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from beds.domain.terms import Nation
from beds.importing.columns import Column, Table
from beds.importing.faults import Faults
from beds.importing.reading import RawRow, Unreadable

Kind = TypeVar("Kind")

FORMULA = "must not begin with = (a spreadsheet formula)"
SCOTLAND = "S92000003"

DATE_ORDERS = (
    ("sites", "opens_on", "closes_on", "after"),
    ("closures", "starts_on", "ends_on", "after"),
    ("holds", "starts_on", "expected_end_on", "after"),
    ("placements", "starts_on", "expected_end_on", "after"),
    ("placements", "starts_on", "ended_on", "on or after"),
)
"""Table, earlier date, later date, and how much later; a stay that ended the day it began had no night."""


@dataclass(frozen=True, slots=True)
class Row:
    """The values of one row by column, without those that were refused."""

    line: int
    values: Mapping[str, object]

    def get(self, column: str, kind: type[Kind]) -> Kind | None:
        """Return the value of a column when there is one of this kind."""
        value = self.values.get(column)
        return value if isinstance(value, kind) else None


@dataclass(slots=True)
class ReadTable:
    """What was read of one file: its rows, and what cannot be known because of its faults.

    `doubtful` holds the cells of rows that were refused whole: an identifier among them may well exist, so a
    reference to it is not reported as dangling. `complete` is false when parts gave no row at all.
    """

    table: Table
    file: str
    rows: list[Row] = field(default_factory=list)
    columns: frozenset[str] = frozenset()
    doubtful: set[str] = field(default_factory=set)
    complete: bool = True
    _identifiers: dict[str, set[str]] = field(default_factory=dict)

    def may_hold(self, column: str) -> set[str]:
        """Return every text that a column holds, and those that rows which were refused may hold."""
        if column not in self._identifiers:
            texts = {text for row in self.rows if (text := row.get(column, str))}
            self._identifiers[column] = texts | self.doubtful
        return self._identifiers[column]

    def records(self) -> list[object]:
        """Return the domain value objects of the rows; only for a table without faults."""
        records = [self.table.record(**row.values) for row in self.rows]
        return list(dict.fromkeys(records)) if self.table.kept_once else records


def read_rows(table: Table, file: str, raw_rows: Iterable[RawRow | Unreadable], faults: Faults) -> ReadTable:
    """Return the rows of one file as values, recording every cell and row that is refused."""
    read = ReadTable(table, file)
    header: _Header | None = None
    for raw in raw_rows:
        if not isinstance(raw, RawRow):
            read.complete = False
        elif header is None:
            header = _read_header(read, raw, faults)
            if header is None:
                return read
        elif raw.sound and len(raw.cells) > header.width:
            _refuse_row(read, raw, "has more cells than the header", faults)
        elif raw.sound and len(raw.cells) < header.width:
            _refuse_row(read, raw, "has fewer cells than the header", faults)
        else:
            read.rows.append(_read_row(read, header, raw, faults))
        if faults.is_full(file):
            read.complete = False
            break
    if header is None and read.complete:
        names = ", ".join(column.name for column in table.columns)
        faults.add(file, 1, None, f"must begin with a header row, with the columns {names}")
        read.complete = False
    return read


@dataclass(frozen=True, slots=True)
class _Header:
    """Where each known column is, the values of those left out, and how many cells a row has."""

    positions: tuple[tuple[Column, int], ...]
    absent: Mapping[str, object]
    width: int


def _read_header(read: ReadTable, raw: RawRow, faults: Faults) -> _Header | None:
    names = [cell.strip() for cell in raw.cells]
    known = [column for column in read.table.columns if column.name in names]
    read.columns = frozenset(column.name for column in known)
    if not raw.sound:
        read.complete = False
        return None
    counts = Counter(names)
    for column in read.table.columns:
        if counts[column.name] > 1:
            faults.add(read.file, raw.line, column.name, "must be there once: this column is repeated")
        elif not counts[column.name] and not column.may_be_empty:
            faults.add(
                read.file, raw.line, column.name, "this column must be there, in a header separated by commas"
            )
    if not known:
        read.complete = False
        return None
    return _Header(
        positions=tuple((column, names.index(column.name)) for column in known),
        absent={
            column.name: column.empty for column in read.table.columns if column.name not in read.columns
        },
        width=len(names),
    )


def _refuse_row(read: ReadTable, raw: RawRow, message: str, faults: Faults) -> None:
    faults.add(read.file, raw.line, None, f"{message}: each row has one cell a column")
    read.doubtful.update(cell.strip() for cell in raw.cells)


def _read_row(read: ReadTable, header: _Header, raw: RawRow, faults: Faults) -> Row:
    values = dict(header.absent)
    cells = raw.cells
    for column, position in header.positions:
        text = cells[position].strip() if position < len(cells) else ""
        if not text and column.may_be_empty:
            values[column.name] = column.empty
            continue
        try:
            if not text or text[0] == "=":
                raise ValueError
            values[column.name] = column.form.parse(text)
        except (ValueError, KeyError):
            if raw.sound:
                faults.add(read.file, raw.line, column.name, _what_is_accepted(column, text))
    row = Row(raw.line, values)
    if raw.sound:
        _check_alone(read, row, faults)
    return row


def _what_is_accepted(column: Column, text: str) -> str:
    if text.startswith("="):
        return FORMULA
    if not text:
        return f"must not be empty: {column.form.accepted}"
    return f"must be {column.form.accepted}" + (", or empty" if column.may_be_empty else "")


def _check_alone(read: ReadTable, row: Row, faults: Faults) -> None:
    """Record what is impossible in a row by itself: dates out of order, a region of another nation."""
    for table, earlier, later, how in DATE_ORDERS:
        if table != read.table.name:
            continue
        first, second = row.get(earlier, date), row.get(later, date)
        if first and second and (second < first or (second == first and how == "after")):
            faults.add(read.file, row.line, later, f"must be {how} {earlier}")
    if read.table.name == "sites":
        nation, region = row.get("nation", Nation), row.get("region", str)
        if nation and region and region[0] != nation[0]:
            accepted = (
                SCOTLAND if nation is Nation.SCOTLAND else "a region of England, E12000001 to E12000009"
            )
            faults.add(read.file, row.line, "region", f"must be in the site's nation: {accepted}")
