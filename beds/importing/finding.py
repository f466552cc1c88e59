"""Which file of a folder holds which table: `sites.csv`, `sites.xlsx` or a sheet of `estate.xlsx`."""

from __future__ import annotations

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
        found = [path for suffix in (".csv", ".xlsx") for path in files[table.name + suffix]]
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
