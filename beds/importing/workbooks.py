"""XLSX workbooks as raw rows: typed cells become the text that a CSV file would hold.

Formulas are never evaluated: a formula's text begins with `=` and is refused like any other. openpyxl is
loaded only when there is a workbook.
"""

from __future__ import annotations

import warnings
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from beds.importing.faults import Faults
from beds.importing.reading import RawRow, Unreadable, too_large

if TYPE_CHECKING:
    from openpyxl.worksheet._read_only import ReadOnlyWorksheet

MOST_BYTES_UNPACKED = 100_000_000
"""A small workbook can unpack to gigabytes; a national estate unpacks to under 10 MB."""
MOST_PARTS = 1_000
MOST_ROWS = 1_048_576
"""Excel's own limit. A row number beyond it would have us walk through a billion empty rows."""
MOST_CELLS = 5_000_000
"""Empty ones included: one cell in the last column makes a row of 16,384."""
NOT_A_WORKBOOK = "must be an XLSX workbook that is complete and not protected by a password"
_BROKEN = (
    OSError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    RuntimeError,
    ArithmeticError,
    SyntaxError,  # what a malformed XML part raises
    EOFError,
    zipfile.BadZipFile,
    zlib.error,
)


def open_sheets(
    path: Path, file: str, faults: Faults, opened: ExitStack
) -> dict[str, ReadOnlyWorksheet] | None:
    """Return the sheets of a workbook by name, in their order; `None` when it is refused, with its fault.

    The workbook stays open until `opened` is closed: rows are read as they are asked for.
    """
    try:
        if too_large(path, file, faults) or _is_unsafe(path, file, faults):
            return None
        from openpyxl import load_workbook

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # styles and extensions that we do not read
            workbook = load_workbook(path, read_only=True, data_only=False, keep_links=False)
        opened.callback(workbook.close)
        sheets: dict[str, ReadOnlyWorksheet] = {sheet.title: sheet for sheet in workbook.worksheets}
    except _BROKEN:
        faults.add(file, None, None, NOT_A_WORKBOOK)
        return None
    return sheets


def _is_unsafe(path: Path, file: str, faults: Faults) -> bool:
    """Return whether it would unpack to too much, or declares XML entities, which no spreadsheet does."""
    with zipfile.ZipFile(path) as archive:
        parts = archive.infolist()
        if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_BYTES_UNPACKED:
            limit = MOST_BYTES_UNPACKED // 1_000_000
            faults.add(file, None, None, f"is too large: at most {limit} MB unpacked are accepted")
            return True
        for part in parts:
            with archive.open(part) as stream:
                if b"<!DOCTYPE" in stream.read(4_096):
                    faults.add(file, None, None, NOT_A_WORKBOOK)
                    return True
    return False


def sheet_rows(sheet: ReadOnlyWorksheet, file: str, faults: Faults) -> Iterator[RawRow | Unreadable]:
    """Yield the rows of a sheet that are not blank, numbered as the spreadsheet numbers them."""
    try:
        # the size a sheet states of itself may be false, and padding to it costs time
        sheet.reset_dimensions()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            width = seen = 0
            for line, row in enumerate(sheet.rows, start=1):
                seen += len(row)
                if line > MOST_ROWS or seen > MOST_CELLS:
                    faults.add(file, line, None, f"is too large: at most {MOST_CELLS:,} cells are accepted")
                    yield Unreadable()
                    return
                cells = [_as_text(cell.value, cell.data_type) for cell in row]
                while cells and not cells[-1].strip():
                    cells.pop()
                if cells:
                    # a sheet leaves out the empty cells at the end of a row: they are not missing
                    width = width or len(cells)
                    yield RawRow(line, cells + [""] * (width - len(cells)))
    except _BROKEN:
        faults.add(file, None, None, NOT_A_WORKBOOK)
        yield Unreadable()


def _as_text(value: object, data_type: str) -> str:
    if value is None:
        return ""
    if data_type in {"f", "e"}:
        return "="  # a formula, or what a broken one left behind: refused by the same rule
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else format(Decimal(repr(value)), "f")
    if isinstance(value, datetime):
        midnight = value.time() == datetime.min.time()
        return value.date().isoformat() if midnight else value.isoformat()
    return value.isoformat() if isinstance(value, date) else str(value)
