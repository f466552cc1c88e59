"""What SQLite needs to be told: transactions, durability, and that its file can go while it is open."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Dialect, Engine, event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from beds.audit_anchor import OWNER_ONLY
from beds.database_faults import UNREACHABLE
from beds.errors import DatabaseUnavailable
from beds.transactions import WRITER, writers_turn

OWNER_ONLY_FOLDER: Final = 0o700
FILE: Final = "beds_file"


def speak_sqlite(engine: Engine, *, wal: bool = True) -> None:
    """Take transactions out of the driver's hands: it would begin them late and commit before DDL."""

    @event.listens_for(engine, "connect")
    def _on_connect(connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA foreign_keys=ON")
        if wal and connection.execute("PRAGMA journal_mode").fetchone() == ("delete",):
            connection.execute("PRAGMA journal_mode=WAL")

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(WRITER, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def stay_with_the_file(engine: Engine, file: Path) -> None:
    """Let every connection of the pool be one to the file that is there now.

    A connection to a file that was deleted or moved would go on as if nothing had happened, and what it
    acknowledges would be lost; and SQLite would make an empty database where there is none.
    """

    @event.listens_for(engine, "do_connect")
    def _before_connecting(
        _dialect: Dialect, _entry: ConnectionPoolEntry, _arguments: list[Any], _options: dict[str, Any]
    ) -> None:
        _identity(file)

    @event.listens_for(engine, "connect")
    def _on_connect(_: sqlite3.Connection, entry: ConnectionPoolEntry) -> None:
        entry.info[FILE] = _identity(file)

    @event.listens_for(engine, "checkout")
    def _on_checkout(
        _: sqlite3.Connection, entry: ConnectionPoolEntry, _proxy: PoolProxiedConnection
    ) -> None:
        if entry.info[FILE] != _identity(file):
            raise DisconnectionError("another file is in its place")


def _identity(file: Path) -> tuple[int, int]:
    try:
        found = file.stat()
    except FileNotFoundError as error:
        raise DatabaseUnavailable(gone(file)) from error
    except OSError as error:
        raise DatabaseUnavailable(UNREACHABLE) from error
    return found.st_dev, found.st_ino


def gone(file: Path) -> str:
    """Return what is said where there is no database file."""
    return (
        f"there is no database at {file}: put it back, restore a backup, or make one with `beds db upgrade`"
    )


def prepare_folder(file: Path, *, create: bool) -> None:
    """Make the folder of a database file, for its owner only.

    Raises
    ------
    DatabaseUnavailable
        There is no such file and none is to be made, or the folder cannot be made.
    """
    try:
        if not create and not file.exists():
            raise DatabaseUnavailable(gone(file))
        file.parent.mkdir(mode=OWNER_ONLY_FOLDER, parents=True, exist_ok=True)
    except OSError as error:
        raise DatabaseUnavailable(UNREACHABLE) from error


def prepare_file(file: Path, *, create: bool) -> None:
    """Make a database file, for its owner only, where one is to be made.

    Raises
    ------
    DatabaseUnavailable
        It cannot be made.
    """
    if not create:
        return
    try:
        # SQLite gives its -wal and -shm files the mode of the database file.
        os.close(os.open(file, os.O_RDWR | os.O_CREAT, OWNER_ONLY))
    except OSError as error:
        raise DatabaseUnavailable(UNREACHABLE) from error


@contextmanager
def without_foreign_keys(engine: Engine) -> Iterator[Connection]:
    """Give a writer's connection that lets a migration on SQLite make a table anew.

    With foreign keys on, dropping the old table would first delete its rows and what hangs on them; the
    switch works only outside a transaction.

    Raises
    ------
    Busy
        Somebody else is writing.
    """
    with writers_turn(engine) as connection:
        driver = connection.connection.driver_connection
        if not isinstance(driver, sqlite3.Connection):
            yield connection
            return
        driver.execute("PRAGMA foreign_keys=OFF")
        try:
            yield connection
        finally:
            connection.rollback()
            driver.execute("PRAGMA foreign_keys=ON")


def require_whole(connection: Connection) -> None:
    """Undo a migration after which a reference leads nowhere.

    Raises
    ------
    DatabaseUnavailable
        A reference leads nowhere.
    """
    if connection.dialect.name != "sqlite":
        return
    if connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
        raise DatabaseUnavailable("the database has references that lead nowhere; it was left as it was")
