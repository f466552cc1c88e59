"""The database: engines, sessions, the schema's history, and what a database says of itself.

SQLite by default, PostgreSQL when several people write at once. A reader sees one moment; a writer is alone
(`BEGIN IMMEDIATE`) or as if alone (`SERIALIZABLE`), because gender and keep-apart are rules across beds: see
`beds.transactions`.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.pool import QueuePool, StaticPool
from sqlmodel import Session

from beds.audit import SEAL_MARK, audit_seal
from beds.audit_anchor import AnchorFile, anchor_of, newest_event, use_anchor
from beds.case_keys import use_case_keys
from beds.database_faults import BEHIND, refusals_in_words
from beds.domain.records import METADATA
from beds.domain.records.columns import UtcDateTime, keyring_of, use_keyring
from beds.encryption import Keyring
from beds.errors import BadInput, DatabaseUnavailable, NotPermitted
from beds.keys import case_keys_for, keyring_for
from beds.read_log import ReadLog, use_read_log
from beds.settings import Settings, data_folder
from beds.sqlite_files import (
    prepare_file,
    prepare_folder,
    require_whole,
    speak_sqlite,
    stay_with_the_file,
    without_foreign_keys,
)
from beds.transactions import BUSY_TIMEOUT_S, TURNS, reading, retrying, writing
from beds.turns import turns_of

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
    "retrying",
    "schema_state",
    "upgrade",
    "writing",
]

MIGRATIONS: Final = Path(__file__).parent / "migrations"
KEPT_CONNECTIONS: Final = 20
MOST_CONNECTIONS: Final = 50
"""One for each of the fifty who may ask at once; PostgreSQL accepts a hundred unless it is told otherwise."""
PEER_LOST: Final = "-c tcp_keepalives_idle=20 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=4"
"""A client whose machine died must not keep the writers' lock for the two hours that TCP would wait."""
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
        engine = _postgres(url, settings)
        return _with_books(engine, settings, keyring_for(settings, None), None)
    file = database_file(url)
    if file is None:
        keyring = keyring_for(settings, None, in_memory=True)
        options: dict[str, Any] = {
            "poolclass": StaticPool,
            "connect_args": {"check_same_thread": False},
        }
    else:
        prepare_folder(file, create=create)
        keyring = keyring_for(settings, file)
        prepare_file(file, create=create)
        options = {
            # A statement's worth of memory each: all are kept.
            **_pool(settings, kept=MOST_CONNECTIONS),
            "poolclass": QueuePool,
            "connect_args": {"timeout": settings.busy_timeout_s, "check_same_thread": False},
        }
    engine = _engine(url, settings, **options)
    speak_sqlite(engine)
    if file is not None:
        stay_with_the_file(engine, file.absolute())
    return _with_books(engine, settings, keyring, file)


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


def schema_state(engine: Engine) -> SchemaState:
    """Return how the schema stands to this version of the service.

    Raises
    ------
    DatabaseUnavailable
        The database is busy, damaged or cannot be reached.
    """
    with refusals_in_words(), engine.connect() as connection:
        return state_of(connection)


def upgrade(engine: Engine, *, kind: DatabaseKind = DatabaseKind.LIVE) -> None:
    """Bring the schema to the newest revision, all of it or none; a new database is marked as of this kind.

    Raises
    ------
    NotPermitted
        The database is of the other kind: a demonstration never touches a live one, nor the reverse.
    DatabaseUnavailable
        It is foreign, busy, damaged or read-only.
    """
    with refusals_in_words(), without_foreign_keys(engine) as connection:
        with connection.begin():
            state = state_of(connection)
            if state is SchemaState.FOREIGN:
                raise DatabaseUnavailable(foreign())
            if state is not SchemaState.EMPTY and _mark(connection, "kind") != kind:
                raise NotPermitted(f"this database is not marked as {kind}; it is left as it is")
            if state is not SchemaState.CURRENT:
                migrate(connection)
                require_whole(connection)
            if state is SchemaState.EMPTY:
                keyring = keyring_of(connection.dialect)
                _set_mark(connection, "kind", kind)
                _set_mark(connection, "key_check", keyring.encrypt(KEY_CHECK))
                _set_mark(connection, SEAL_MARK, audit_seal(keyring, 0, ""))
            newest = newest_event(Session(connection)) if state is SchemaState.BEHIND else None
        anchor = anchor_of(connection.dialect)
        if newest is not None and anchor.read() is None:
            # The version that it comes from anchored nothing yet.
            anchor.reset(newest)


def migrate(connection: Connection, revision: str = "head") -> None:
    """Run the migrations up to a revision on a connection, inside its transaction."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


@cache
def revisions() -> frozenset[str]:
    """Return the revisions of the schema that this version of the service knows."""
    return frozenset(script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions())


@cache
def newest_revision() -> str:
    """Return the revision of the schema that this version of the service uses."""
    return str(ScriptDirectory(str(MIGRATIONS)).get_current_head())


def require_keys(settings: Settings) -> None:
    """Refuse to make a database where there are no keys yet: new ones would open no backup.

    Raises
    ------
    DatabaseUnavailable
        There is no database, and a key of it is neither in the settings nor beside where it will be.
    """
    file = database_file(_url(settings))
    if file is None or file.exists():
        return
    for kind in ("encryption", "audit"):
        stated = getattr(settings, f"{kind}_key"), getattr(settings, f"{kind}_key_file")
        key_file = file.with_name(f"{file.name}.{kind}-key")
        if stated == (None, None) and not key_file.exists():
            raise DatabaseUnavailable(
                f"the key file {key_file} is missing: put the keys that the backup was made with there first"
            )


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
        raise DatabaseUnavailable(foreign())
    return DatabaseKind(kind)


def require_usable(engine: Engine) -> None:
    """Refuse a database that cannot be used now.

    Raises
    ------
    DatabaseUnavailable
        It is behind, empty, foreign, damaged, or was written with another encryption key.
    """
    with refusals_in_words(), engine.connect() as connection:
        state = state_of(connection)
        if state is SchemaState.FOREIGN:
            raise DatabaseUnavailable(foreign())
        if state is SchemaState.EMPTY:
            raise DatabaseUnavailable("the database is empty: run `beds db upgrade`")
        if state is SchemaState.BEHIND:
            raise DatabaseUnavailable(BEHIND)
        token = _mark(connection, "key_check")
        if token is None:
            raise DatabaseUnavailable(foreign())
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


def _postgres(url: URL, settings: Settings) -> Engine:
    stated = str(url.query.get("options", ""))
    options = [stated] if stated else []
    if "lock_timeout" not in stated:
        # Waiting for somebody else's lock ends as it does on SQLite; 0 would mean for ever.
        options.append(f"-c lock_timeout={max(1, settings.busy_timeout_s * 1_000)}")
    if "tcp_keepalives" not in stated:
        options.append(PEER_LOST)
    return _engine(
        url.set(drivername="postgresql+psycopg"),
        settings,
        **_pool(settings, kept=KEPT_CONNECTIONS),
        # After a restart of the server its connections are made anew, unseen by whoever asks.
        pool_pre_ping=True,
        connect_args={"options": " ".join(options)},
    )


def _pool(settings: Settings, *, kept: int) -> dict[str, Any]:
    waits_s = max(1, settings.busy_timeout_s)
    return {"pool_size": kept, "max_overflow": MOST_CONNECTIONS - kept, "pool_timeout": waits_s}


def _engine(url: URL, settings: Settings, **options: Any) -> Engine:
    file = database_file(url)
    in_memory = file is None and url.get_backend_name() == "sqlite"
    shown = uuid4().hex if in_memory else str(file.resolve()) if file else url.render_as_string()
    ours = {TURNS: turns_of(shown), BUSY_TIMEOUT_S: settings.busy_timeout_s}
    # Parameters are people's data: they stay out of every message.
    try:
        return create_engine(url, hide_parameters=True, execution_options=ours, **options)
    except ModuleNotFoundError as error:
        raise BadInput("PostgreSQL needs the extra: install beds[postgres]") from error


def _with_books(engine: Engine, settings: Settings, keyring: Keyring, file: Path | None) -> Engine:
    """Give an engine its keys, and what is kept beside its database."""
    use_keyring(engine.dialect, keyring)
    in_memory = file is None and engine.dialect.name == "sqlite"
    use_case_keys(engine, case_keys_for(settings, file, keyring, in_memory=in_memory))
    anchor = settings.audit_anchor_file or beside(engine.url, file, "audit-head")
    use_anchor(engine.dialect, AnchorFile(anchor, keyring))
    log = ReadLog(settings.read_log_file or beside(engine.url, file, "reads"), keyring)
    use_read_log(engine.dialect, log)

    @event.listens_for(engine, "engine_disposed")
    def _on_disposal(_: Engine) -> None:
        with suppress(DatabaseUnavailable):  # what has no seal yet is counted by `beds db check`
            log.close()

    return engine


def beside(url: URL, file: Path | None, what: str) -> Path | None:
    """Return the file that belongs to a database and is not in it; None for a database in memory.

    Beside a SQLite file; in the user's data folder for a server's database, by its name and place. Several
    machines that use one server are told one file, by the settings.
    """
    if file is not None:
        return file.with_name(f"{file.name}.{what}")
    if url.get_backend_name() == "sqlite":
        return None
    place = f"{url.host} {url.port} {url.query.get('host')} {url.database}"
    name = "".join(sign if sign.isalnum() else "-" for sign in url.database or "postgres")
    return data_folder() / f"{name}-{hashlib.sha256(place.encode()).hexdigest()[:8]}.{what}"


def state_of(connection: Connection) -> SchemaState:
    """Return how the schema stands to this version of the service, as one transaction sees it."""
    tables = set(inspect(connection).get_table_names())
    if not tables:
        return SchemaState.EMPTY
    found = set(MigrationContext.configure(connection).get_current_heads())
    if not found or not found <= revisions():
        return SchemaState.FOREIGN
    return SchemaState.CURRENT if found == {newest_revision()} else SchemaState.BEHIND


def foreign() -> str:
    """Say that a database is not this version's to touch."""
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
