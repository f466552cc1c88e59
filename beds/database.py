"""The database: engines, sessions, the schema's history, and what a database says of itself.

SQLite by default, PostgreSQL when several people write at once. A reader sees one moment; a writer is alone
(`BEGIN IMMEDIATE`) or as if alone (`SERIALIZABLE`), because gender and keep-apart are rules across beds.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.pool import ConnectionPoolEntry, StaticPool
from sqlmodel import Session

from beds.audit import SEAL_MARK, audit_seal
from beds.database_faults import BEHIND, UNREACHABLE, refusals_in_words
from beds.domain.records import METADATA
from beds.domain.records.columns import UtcDateTime, keyring_of, use_keyring
from beds.errors import BadInput, DatabaseUnavailable, NotPermitted
from beds.keys import OWNER_ONLY, keyring_for
from beds.settings import Settings

__all__ = [
    "METADATA",
    "DatabaseKind",
    "SchemaState",
    "UtcDateTime",
    "connect",
    "database_file",
    "database_kind",
    "open_database",
    "reading",
    "require_usable",
    "schema_state",
    "upgrade",
    "writing",
]

MIGRATIONS: Final = Path(__file__).parent / "migrations"
WRITER: Final = "beds_writer"
OWNER_ONLY_FOLDER: Final = 0o700
UPGRADE_LOCK: Final = 0x62656473
"""The advisory lock of an upgrade on PostgreSQL: "beds" in ASCII."""
KEY_CHECK: Final = "the encryption key fits"


class SchemaState(StrEnum):
    """How a database's schema stands to this version of the service."""

    CURRENT = "current"
    BEHIND = "behind"
    EMPTY = "empty"
    FOREIGN = "foreign"


class DatabaseKind(StrEnum):
    """Whether a database holds real people."""

    LIVE = "live"
    DEMO = "demo"


def connect(settings: Settings, *, create: bool = False) -> Engine:
    """Return an engine on the settings' database, with its keys; the schema is not looked at.

    With `create`, a SQLite file (0600) and its folder (0700) are made where there is none.

    Raises
    ------
    BadInput
        The URL is not one of SQLite or PostgreSQL, or a key is missing or not accepted.
    DatabaseUnavailable
        There is no such file, or it or its key file cannot be opened.
    """
    url = _url(settings)
    if url.get_backend_name() != "sqlite":
        # Waiting for somebody else's lock ends as it does on SQLite; 0 would mean for ever.
        waits = f"-c lock_timeout={max(1, settings.busy_timeout_s * 1_000)}"
        connect_args = {} if "options" in url.query else {"options": waits}
        url = url.set(drivername="postgresql+psycopg")
        engine = _engine(url, pool_pre_ping=True, connect_args=connect_args)
        use_keyring(engine.dialect, keyring_for(settings, None))
        return engine
    file = database_file(url)
    if file is None:
        keyring = keyring_for(settings, None, in_memory=True)
        engine = _engine(url, poolclass=StaticPool, connect_args={"check_same_thread": False})
    else:
        _prepare_folder(file, create=create)
        keyring = keyring_for(settings, file)
        _prepare_file(file, create=create)
        engine = _engine(url, connect_args={"timeout": settings.busy_timeout_s})
    use_keyring(engine.dialect, keyring)
    _speak_sqlite(engine)
    return engine


def open_database(settings: Settings) -> Engine:
    """Return an engine on a database that can be used now: there, current, and read with these keys.

    Raises
    ------
    BadInput
        A setting is not accepted.
    DatabaseUnavailable
        The database is missing, behind, empty, foreign, damaged, or written with another key.
    """
    engine = connect(settings)
    try:
        require_usable(engine)
    except BaseException:
        engine.dispose()
        raise
    return engine


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """Give a session that sees one moment of the database and writes nothing.

    Raises
    ------
    DatabaseUnavailable
        The database is busy, behind, damaged or cannot be reached.
    """
    if engine.dialect.name == "postgresql":
        engine = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    with refusals_in_words(), Session(engine) as session:
        yield session
        session.rollback()


@contextmanager
def writing(engine: Engine) -> Iterator[Session]:
    """Give a session whose changes are all kept at the end, or none of them.

    Raises
    ------
    BedJustTaken, RecordRefused
        A guard of the database refused a change.
    DatabaseUnavailable
        Somebody else is writing, or the database is behind, damaged, read-only or cannot be reached.
    """
    with refusals_in_words(), Session(_as_writer(engine)) as session, session.begin():
        # The lock is taken before anything is read: what was read is still so when it is written.
        session.connection()
        yield session


def schema_state(engine: Engine) -> SchemaState:
    """Return how the schema stands to this version of the service.

    Raises
    ------
    DatabaseUnavailable
        The database is busy, damaged or cannot be reached.
    """
    with refusals_in_words(), engine.connect() as connection:
        return _schema_state(connection)


def upgrade(engine: Engine, *, kind: DatabaseKind = DatabaseKind.LIVE) -> None:
    """Bring the schema to the newest revision, all of it or none; a new database is marked as of this kind.

    Raises
    ------
    NotPermitted
        The database is of the other kind: a demonstration never touches a live one, nor the reverse.
    DatabaseUnavailable
        It is foreign, busy, damaged or read-only.
    """
    with refusals_in_words(), _without_foreign_keys(engine) as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": UPGRADE_LOCK})
        state = _schema_state(connection)
        if state is SchemaState.FOREIGN:
            raise DatabaseUnavailable(_foreign())
        if state is not SchemaState.EMPTY and _mark(connection, "kind") != kind:
            raise NotPermitted(f"this database is not marked as {kind}; it is left as it is")
        if state is not SchemaState.CURRENT:
            config = Config()
            config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            _require_whole(connection)
        if state is SchemaState.EMPTY:
            keyring = keyring_of(connection.dialect)
            _set_mark(connection, "kind", kind)
            _set_mark(connection, "key_check", keyring.encrypt(KEY_CHECK))
            _set_mark(connection, SEAL_MARK, audit_seal(keyring, 0, ""))


def database_kind(engine: Engine) -> DatabaseKind:
    """Return whether the database is live or a demonstration.

    Raises
    ------
    DatabaseUnavailable
        It is not a database of this service, or cannot be read.
    """
    with refusals_in_words(), engine.connect() as connection:
        kind = _mark(connection, "kind")
    if kind is None:
        raise DatabaseUnavailable(_foreign())
    return DatabaseKind(kind)


def require_usable(engine: Engine) -> None:
    """Refuse a database that cannot be used now.

    Raises
    ------
    DatabaseUnavailable
        It is behind, empty, foreign, damaged, or was written with another encryption key.
    """
    with refusals_in_words(), engine.connect() as connection:
        state = _schema_state(connection)
        if state is SchemaState.FOREIGN:
            raise DatabaseUnavailable(_foreign())
        if state is SchemaState.EMPTY:
            raise DatabaseUnavailable("the database is empty: run `beds db upgrade`")
        if state is SchemaState.BEHIND:
            raise DatabaseUnavailable(BEHIND)
        token = _mark(connection, "key_check")
        if token is None:
            raise DatabaseUnavailable(_foreign())
        keyring_of(connection.dialect).decrypt(token)


def database_file(url: URL) -> Path | None:
    """Return the file of a SQLite URL; `None` for one in memory and for other databases."""
    name = url.database
    if url.get_backend_name() != "sqlite" or not name or name == ":memory:":
        return None
    if name.startswith("file:"):
        name = name.removeprefix("file:").split("?")[0]
        if not name or name == ":memory:" or url.query.get("mode") == "memory":
            return None
    return Path(name)


def _url(settings: Settings) -> URL:
    try:
        url = make_url(settings.database_url)
        backend = url.get_backend_name()
    except (ArgumentError, NoSuchModuleError, ValueError) as error:
        raise BadInput("BEDS_DATABASE_URL: not a database URL, such as sqlite:///beds.db") from error
    if backend == "postgres":
        url, backend = url.set(drivername="postgresql"), "postgresql"
    if backend not in ("sqlite", "postgresql"):
        raise BadInput("BEDS_DATABASE_URL: must begin with sqlite:// or postgresql://")
    return url


def _engine(url: URL, **options: object) -> Engine:
    # Parameters are people's data: they stay out of every message.
    try:
        return create_engine(url, hide_parameters=True, **options)
    except ModuleNotFoundError as error:
        raise BadInput("PostgreSQL needs the extra: install beds[postgres]") from error


def _as_writer(engine: Engine) -> Engine:
    if engine.dialect.name == "postgresql":
        return engine.execution_options(isolation_level="SERIALIZABLE")
    return engine.execution_options(**{WRITER: True})


@contextmanager
def _without_foreign_keys(engine: Engine) -> Iterator[Connection]:
    """Give a writer's connection that lets a migration on SQLite make a table anew.

    With foreign keys on, dropping the old table would first delete its rows and what hangs on them; the
    switch works only outside a transaction.
    """
    with _as_writer(engine).connect() as connection:
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


def _require_whole(connection: Connection) -> None:
    """Undo a migration after which a reference leads nowhere."""
    if connection.dialect.name != "sqlite":
        return
    if connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
        raise DatabaseUnavailable("the database has references that lead nowhere; it was left as it was")


def _speak_sqlite(engine: Engine) -> None:
    """Take transactions out of the driver's hands: it would begin them late and commit before DDL."""

    @event.listens_for(engine, "connect")
    def _on_connect(connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA foreign_keys=ON")
        if connection.execute("PRAGMA journal_mode").fetchone() == ("delete",):
            connection.execute("PRAGMA journal_mode=WAL")

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(WRITER, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _prepare_folder(file: Path, *, create: bool) -> None:
    try:
        if not create and not file.exists():
            raise DatabaseUnavailable(f"there is no database at {file}: make one with `beds db upgrade`")
        file.parent.mkdir(mode=OWNER_ONLY_FOLDER, parents=True, exist_ok=True)
    except OSError as error:
        raise DatabaseUnavailable(UNREACHABLE) from error


def _prepare_file(file: Path, *, create: bool) -> None:
    if not create:
        return
    try:
        # SQLite gives its -wal and -shm files the mode of the database file.
        os.close(os.open(file, os.O_RDWR | os.O_CREAT, OWNER_ONLY))
    except OSError as error:
        raise DatabaseUnavailable(UNREACHABLE) from error


def _schema_state(connection: Connection) -> SchemaState:
    tables = set(inspect(connection).get_table_names())
    if not tables:
        return SchemaState.EMPTY
    scripts = ScriptDirectory(str(MIGRATIONS))
    revisions = {script.revision for script in scripts.walk_revisions()}
    found = set(MigrationContext.configure(connection).get_current_heads())
    if not found or not found <= revisions:
        return SchemaState.FOREIGN
    return SchemaState.CURRENT if found == set(scripts.get_heads()) else SchemaState.BEHIND


def _foreign() -> str:
    return (
        "the database was made by another program or by a newer version of this service; it is left as it is"
    )


def _mark(connection: Connection, name: str) -> str | None:
    marks = METADATA.tables["database_mark"]
    return connection.execute(
        marks.select().with_only_columns(marks.c.value).where(marks.c.name == name)
    ).scalar()


def _set_mark(connection: Connection, name: str, value: str) -> None:
    connection.execute(METADATA.tables["database_mark"].insert().values(name=name, value=value))
