"""A folder of CSV or XLSX files → one validated `Estate`, all or nothing (`allocation.md` §1).

Every fault is named, by its place and what is accepted, never by what a cell held. No database, no pandas.
"""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from beds.domain.estate import Estate
from beds.errors import BadInput
from beds.importing.consistency import check_consistency
from beds.importing.faults import Faults
from beds.importing.finding import find_sources, unread
from beds.importing.rows import read_rows

__all__ = ["read_folder", "unread"]


def read_folder(folder: Path) -> Estate:
    """Return the estate, the waiting list and what is on record between them, as a folder states them.

    Each table is a CSV file, an XLSX workbook (its first sheet) or a sheet of `estate.xlsx`.

    Raises
    ------
    BadInput
        There is no such folder, or it cannot be listed.
    ImportRejected
        Anything in it is missing, malformed or impossible: every fault found, with file, line and column.
    """
    if not _is_folder(folder):
        raise BadInput("no such folder: a folder with sites, units, beds, referrals and people is needed")
    faults = Faults()
    with ExitStack() as opened:
        try:
            sources = find_sources(folder, faults, opened)
        except OSError as error:
            raise BadInput("the folder cannot be listed: a readable folder is needed") from error
        tables = {
            source.table.name: read_rows(source.table, source.file, source.rows, faults) for source in sources
        }
    check_consistency(tables, faults)
    faults.refuse_if_any()
    return Estate().with_rows(**{name: table.records() for name, table in tables.items()})


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # a name too long to be one; or not ours to ask about
        return False
