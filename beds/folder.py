"""An `Estate` → the folder of CSV files of `allocation.md` §1: the same estate gives the same bytes.

The inverse of `beds.importing.read_folder`, by the same table of columns. Files are readable by their owner
only: they are about identifiable people.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from beds.domain.estate import Estate
from beds.errors import BadInput
from beds.importing.columns import TABLES, Column, Table
from beds.importing.forms import shown

OWNER_ONLY = 0o600


def write_folder(estate: Estate, folder: Path) -> None:
    """Write the ten files of an estate into a folder, made if need be; files of these names are replaced.

    Every file is complete before the first one is replaced. LF line ends, columns in the order of the
    specification, rows in the canonical order of the estate.

    Raises
    ------
    BadInput
        The folder cannot be written, or a value is one that the importer would refuse.
    """
    contents = {f"{table.name}.csv": _as_csv(table, getattr(estate, table.name)) for table in TABLES}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        replace_all({folder / name: content for name, content in contents.items()})
    except OSError as error:
        raise BadInput("the folder cannot be written: a folder that may be written is needed") from error


def _as_csv(table: Table, rows: Iterable[object]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([column.name for column in table.columns])
    for row in rows:
        writer.writerow([_cell(table, column, getattr(row, column.name)) for column in table.columns])
    return text.getvalue().encode("utf-8")


def _cell(table: Table, column: Column, value: object) -> str:
    """Return the text of a cell, certain to be read back as the same value."""
    text = shown(value)
    try:
        same = column.form.parse(text) == value if text else column.may_be_empty and column.empty == value
    except (ValueError, KeyError):
        same = False
    if not same:
        raise BadInput(
            f"{table.name}.csv, {column.name}: must be {column.form.accepted}, for a folder to be written"
        )
    return text


def replace_all(contents: Mapping[Path, bytes]) -> None:
    """Write files beside their places first, then put them there; leave nothing behind when interrupted."""
    beside = {path: path.with_name(f".{path.name}.{os.getpid()}.part") for path in contents}
    try:
        for path, content in contents.items():
            beside[path].unlink(missing_ok=True)
            beside[path].touch(mode=OWNER_ONLY, exist_ok=False)
            beside[path].write_bytes(content)
        for path, temporary in beside.items():
            temporary.replace(path)
    finally:
        for temporary in beside.values():
            temporary.unlink(missing_ok=True)
