"""What a database driver says, in words that are safe to show and say what to do.

Drivers put values of rows into their messages, so none of their text is passed on.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as NoConnectionLeft
from sqlalchemy.orm.exc import StaleDataError

from beds.domain.records.stays import HELD_GUARD, OVERLAP_GUARD
from beds.errors import (
    BadInput,
    BedJustTaken,
    BedsError,
    Busy,
    ChangedMeanwhile,
    DatabaseUnavailable,
    RecordRefused,
)
from beds.turns import BUSY

BEHIND = "the database is behind this version of the service: run `beds db upgrade`"
CROWDED = "the database is busy: all connections to it are in use; nothing was changed, try again"
READ_ONLY = "the database can be read but not written to: check the permissions of its file, folder or role"
DAMAGED = "the database file is damaged or is no database: put a backup in its place"
UNREACHABLE = "the database cannot be opened or reached: check BEDS_DATABASE_URL and its permissions"

AUDIT_KEYS = ("audit_event.sequence", "pk_audit_event")
"""What SQLite and PostgreSQL say of a second event with the number of another."""

_SQLITE = {
    "SQLITE_BUSY": BUSY,
    "SQLITE_LOCKED": BUSY,
    "SQLITE_READONLY": READ_ONLY,
    "SQLITE_PERM": READ_ONLY,
    "SQLITE_CORRUPT": DAMAGED,
    "SQLITE_NOTADB": DAMAGED,
    "SQLITE_CANTOPEN": UNREACHABLE,
    "SQLITE_FULL": "the disk of the database is full; nothing was changed",
    "SQLITE_IOERR": "the disk of the database cannot be read or written; nothing was changed",
}
_POSTGRES = {
    "40001": BUSY,  # serialization_failure: two transactions that cannot be put one after the other
    "40P01": BUSY,  # deadlock_detected
    "55P03": BUSY,  # lock_not_available
    "25006": READ_ONLY,
    "42501": READ_ONLY,  # insufficient_privilege
    "42P01": BEHIND,  # undefined_table
    "42703": BEHIND,  # undefined_column
    "53100": "the disk of the database is full; nothing was changed",
    "53300": CROWDED,  # too_many_connections
    "57P03": "the database server is starting up or shutting down: try again in a moment",
    "XX001": "the database is damaged: restore a backup",
    "XX002": "the database is damaged: restore a backup",
}


@contextmanager
def refusals_in_words() -> Iterator[None]:
    """Turn what the driver raises into a refusal of ours.

    Raises
    ------
    BedJustTaken
        A stay overlaps another in the same bed.
    RecordRefused
        Another guard of the database refuses the change.
    ChangedMeanwhile
        The record was changed by somebody else since it was read.
    BadInput
        A value does not fit its column.
    DatabaseUnavailable
        The database is busy, behind, read-only, damaged or cannot be reached.
    """
    try:
        yield
    except StaleDataError as error:
        raise ChangedMeanwhile("somebody else has just changed that record: look at it again") from error
    except NoConnectionLeft as error:
        raise Busy(CROWDED) from error
    except DBAPIError as error:
        raise _in_words(error) from error


def is_overlap(error: IntegrityError) -> bool:
    """Whether the database refused a second stay or hold in a bed."""
    return any(guard in str(error.orig) for guard in (OVERLAP_GUARD, HELD_GUARD))


def _in_words(error: DBAPIError) -> BedsError:
    if isinstance(error, IntegrityError):
        if is_overlap(error):
            return BedJustTaken("the bed has just been taken: another stay in it overlaps this one")
        if any(key in str(error.orig) for key in AUDIT_KEYS):
            # Two added the same event to the audit's chain: one of them was second, and may try again.
            return Busy(BUSY)
        return RecordRefused(f"the database refuses the change: {_guard(error)}")
    if isinstance(error, DataError):
        return BadInput("a value does not fit its column in the database")
    words = _unavailable(error)
    return Busy(words) if words in (BUSY, CROWDED) else DatabaseUnavailable(words)


def _unavailable(error: DBAPIError) -> str:
    driver_error = error.orig
    if isinstance(driver_error, sqlite3.Error):
        # Extended codes begin with the plain one: SQLITE_READONLY_DBMOVED, SQLITE_IOERR_WRITE.
        name = getattr(driver_error, "sqlite_errorname", "")
        for plain, words in _SQLITE.items():
            if name.startswith(plain):
                return words
        if str(driver_error).startswith(("no such table", "no such column", "table ")):
            return BEHIND
        return UNREACHABLE
    return _POSTGRES.get(str(getattr(driver_error, "sqlstate", "")), UNREACHABLE)


def _guard(error: IntegrityError) -> str:
    """Name the constraint; a driver's message may hold the row."""
    if isinstance(error.orig, sqlite3.Error):
        return str(error.orig)  # SQLite names the constraint or the columns and no value
    diagnosis = getattr(error.orig, "diag", None)
    return str(getattr(diagnosis, "constraint_name", None) or "a rule of its own")
