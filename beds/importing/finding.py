"""Which file of a folder holds which table: `sites.csv`, `sites.xlsx` or a sheet of `estate.xlsx`."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from beds.importing.columns import TABLES, Table
from beds.importing.faults import Faults
from beds.importing.reading import RawRow, Unreadable, csv_rows
from beds.importing.workbooks import open_sheets, sheet_rows

ONE_WORKBOOK = "estate.xlsx"
SUFFIXES = (".csv", ".xlsx")


@dataclass(frozen=True, slots=True)
class Source:
    """Where the rows of one table come from."""

    table: Table
    file: str
    rows: Iterable[RawRow | Unreadable]


def find_sources(folder: Path, faults: Faults, opened: ExitStack) -> list[Source]:
    """Return one source a table that is there, recording tables that are missing, double or unreadable.

    File names are compared without regard to case: a `Closures.CSV` that went unnoticed would put people
    into closed beds.

    Raises
    ------
    OSError
        The folder cannot be listed.
    """
    files: dict[str, list[Path]] = defaultdict(list)
    for path in sorted(folder.iterdir()):
        files[path.name.casefold()].append(path)
    in_one = [(path, _sheets_by_table(path, faults, opened)) for path in files[ONE_WORKBOOK]]
    unknown = any(sheets is None for _, sheets in in_one)
    sources = []
    for table in TABLES:
        found = [path for suffix in SUFFIXES for path in files[table.name + suffix]]
        candidates = [_of_file(table, path, faults, opened) for path in found]
        candidates += [sheets[table.name] for _, sheets in in_one if sheets and table.name in sheets]
        if len(candidates) > 1:
            message = f"must be there once: as CSV, as XLSX or as a sheet of {ONE_WORKBOOK}"
            faults.add(f"{table.name}.csv", None, None, message)
        elif candidates:
            sources += [source for source in candidates if source]
        elif table.must_be_there and not unknown:
            message = f"must be there, as CSV, as XLSX or as a sheet of {ONE_WORKBOOK}"
            faults.add(f"{table.name}.csv", None, None, message)
    return sources


def unread(folder: Path) -> list[str]:
    """Return what of a folder is not read although somebody may think so, as sentences.

    No name of a file or column is repeated: it may be a person's. What is missing is named instead.
    """
    names = {path.name.casefold() for path in folder.iterdir()}
    tables = {table.name: table for table in TABLES}
    known = {f"{name}{suffix}" for name in tables for suffix in SUFFIXES} | {ONE_WORKBOOK}
    others = sum(name.endswith(SUFFIXES) and name not in known for name in names)
    notes = []
    if others and ONE_WORKBOOK not in names:
        missing = [name for name in tables if not names & {name + suffix for suffix in SUFFIXES}]
        files = "1 file is" if others == 1 else f"{others} files are"
        notes.append(
            f"{files} not read, having no table's name; there is no file for: {', '.join(missing) or 'none'}"
        )
    for path in sorted(folder.iterdir()):
        table = tables.get(path.stem.casefold())
        if table is not None and path.suffix.casefold() == ".csv":
            notes += _unread_columns(table, path)
    return notes


def _unread_columns(table: Table, path: Path) -> list[str]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        header = {cell.strip() for cell in next(csv.reader(lines), [])}
    missing = [column.name for column in table.columns if column.name not in header]
    others = len(header - {column.name for column in table.columns})
    if not (others and missing):
        return []
    columns = "1 column is" if others == 1 else f"{others} columns are"
    return [f"{table.name}.csv: {columns} not read; not there, so not yet asked: {', '.join(missing)}"]


def _of_file(table: Table, path: Path, faults: Faults, opened: ExitStack) -> Source | None:
    if not path.is_file():
        faults.add(path.name, None, None, "cannot be read: a readable file is needed")
        return None
    if path.suffix.casefold() == ".csv":
        return Source(table, path.name, csv_rows(path, path.name, faults))
    sheets = open_sheets(path, path.name, faults, opened)
    if not sheets:
        return None
    first = next(iter(sheets.values()))
    return Source(table, path.name, sheet_rows(first, path.name, faults))


def _sheets_by_table(path: Path, faults: Faults, opened: ExitStack) -> dict[str, Source | None] | None:
    if not path.is_file():
        faults.add(path.name, None, None, "cannot be read: a readable file is needed")
        return None
    sheets = open_sheets(path, path.name, faults, opened)
    if sheets is None:
        return None
    by_name = {title.strip().casefold(): (title, sheet) for title, sheet in sheets.items()}
    found: dict[str, Source | None] = {}
    for table in TABLES:
        if table.name in by_name:
            title, sheet = by_name[table.name]
            file = f"{path.name} sheet {title.strip()}"
            found[table.name] = Source(table, file, sheet_rows(sheet, file, faults))
    return found
