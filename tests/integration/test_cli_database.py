"""`db`, `import`, `allocate` and `replay` on a database, from the command line to the file and back."""

from __future__ import annotations

import json
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.csv_folders import good_tables, write_tables
from tests.integration.commands import AS_AT, a_folder, beds, beds_process, start_beds

TABLES = ("site", "referral", "person", "placement", "allocation_round", "proposal")


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the file of a new database that the commands use."""
    file = tmp_path / "data" / "beds.db"
    monkeypatch.setenv("BEDS_DATABASE_URL", f"sqlite:///{file}")
    monkeypatch.setenv("BEDS_BUSY_TIMEOUT_S", "1")
    assert beds("db", "upgrade").code == 0
    return file


@contextmanager
def _opened(file: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        yield connection


def _counts(file: Path) -> dict[str, int]:
    with _opened(file) as connection:
        return {name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in TABLES}


def _a_round(database: Path, tmp_path: Path) -> str:
    """Import the good folder, run a round, and return its run's identifier."""
    beds("import", a_folder(tmp_path / "folder"))
    said = beds("allocate", "--as-at", AS_AT, "--json", "-")
    return said.err.removeprefix("stored as ").strip()


def test_files_of_a_new_database_are_for_their_owner_only(database: Path) -> None:
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in database.parent.iterdir()}

    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE(database.parent.stat().st_mode) == 0o700


def test_upgrading_twice_and_checking_find_nothing_to_do(database: Path) -> None:
    assert beds("db", "upgrade").code == 0
    assert beds("db", "check").code == 0


def test_a_dry_run_says_what_would_be_done_and_writes_nothing(database: Path, tmp_path: Path) -> None:
    before = _counts(database)

    said = beds("import", a_folder(tmp_path / "folder"), "--dry-run")

    assert said.code == 0
    assert "nothing was written" in said.out
    assert _counts(database) == before


def test_the_same_folder_twice_changes_nothing(database: Path, tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "folder")
    assert beds("import", folder).code == 0
    with _opened(database) as connection:
        dump = list(connection.iterdump())

    assert beds("import", folder).code == 0

    with _opened(database) as connection:
        assert list(connection.iterdump()) == dump


def test_a_keep_apart_pair_turned_round_changes_nothing(database: Path, tmp_path: Path) -> None:
    beds("import", a_folder(tmp_path / "folder"))
    tables = good_tables()
    tables["keep_apart"] = [
        {"referral_id_a": "R2", "referral_id_b": "R1"},
        {"referral_id_a": "R1", "referral_id_b": "R2"},
    ]

    said = beds("import", write_tables(tmp_path / "turned", tables))

    assert said.code == 0
    with _opened(database) as connection:
        assert connection.execute("SELECT count(*) FROM keep_apart").fetchone() == (1,)


def test_a_record_changed_live_is_a_conflict_and_left_alone(database: Path, tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "folder")
    beds("import", folder)
    with _opened(database) as connection:
        connection.execute("UPDATE site SET security_level = 3 WHERE site_id = 'S1'")

    said = beds("import", folder)

    assert said.code == 1
    assert "conflict: sites S1" in said.out
    with _opened(database) as connection:
        assert connection.execute("SELECT security_level FROM site WHERE site_id = 'S1'").fetchone() == (3,)


def test_a_bad_folder_is_refused_with_every_fault_and_nothing_is_written(
    database: Path, tmp_path: Path
) -> None:
    tables = good_tables()
    tables["sites"][0]["nation"] = "Wales"
    tables["people"][0]["age"] = "MARKER"
    tables["units"][0]["site_id"] = "S9"

    said = beds("import", write_tables(tmp_path / "folder", tables))

    assert said.code == 2
    assert said.out == ""
    assert said.last_error == "beds: 3 faults in the input; nothing was written"
    assert [line.split(":")[0] for line in said.err.splitlines()[:-1]] == [
        "sites.csv line 2, nation",
        "units.csv line 2, site_id",
        "people.csv line 2, age",
    ]
    assert "MARKER" not in said.err
    assert set(_counts(database).values()) == {0}


def test_a_round_on_the_database_is_stored_and_replays_to_the_byte(database: Path, tmp_path: Path) -> None:
    run_id = _a_round(database, tmp_path)

    said = beds("replay", run_id)

    assert said.code == 0
    assert "the same answer, to the byte" in said.out


def test_the_database_gives_the_same_round_as_its_folder(database: Path, tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "folder")
    beds("import", folder)

    stored = beds("allocate", "--as-at", AS_AT, "--json", "-")
    direct = beds("allocate", "--from", folder, "--as-at", AS_AT, "--json", "-")

    assert json.loads(stored.out) == json.loads(direct.out)


def test_a_run_that_is_not_there_cannot_be_replayed(database: Path) -> None:
    said = beds("replay", "run-0000000000")

    assert said.code == 2
    assert "no such run" in said.err


def test_a_stored_result_that_was_tampered_with_is_found_out(database: Path, tmp_path: Path) -> None:
    run_id = _a_round(database, tmp_path)
    with _opened(database) as connection:
        connection.execute("UPDATE allocation_round SET result = replace(result, 'R1', 'R3')")

    said = beds("replay", run_id)

    assert said.code == 1
    assert "NOT the same answer" in said.out


def test_a_frozen_problem_that_was_tampered_with_is_not_replayed(database: Path, tmp_path: Path) -> None:
    run_id = _a_round(database, tmp_path)
    with _opened(database) as connection:
        connection.execute("UPDATE allocation_round SET frozen_problem = replace(frozen_problem, 'A', 'B')")

    said = beds("replay", run_id)

    assert said.code == 4
    assert beds("db", "check").code == 1


def test_a_round_that_cannot_be_written_out_is_refused_before_it_is_shown(
    database: Path, tmp_path: Path
) -> None:
    said = beds("allocate", "--as-at", AS_AT, "--json", tmp_path / "missing" / "round.json")

    assert said.code == 2
    assert "--json" in said.err


def test_a_writer_who_has_to_wait_too_long_is_told_that_the_database_is_busy(
    database: Path, tmp_path: Path
) -> None:
    folder = a_folder(tmp_path / "folder")
    with _opened(database) as other:
        other.execute("BEGIN IMMEDIATE")

        said = beds("import", folder)

    assert said.code == 4
    assert "busy" in said.err
    assert set(_counts(database).values()) == {0}


def test_two_imports_at_once_leave_one_estate(database: Path, tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "folder")
    patient = {"BEDS_BUSY_TIMEOUT_S": "30"}

    with (
        start_beds("import", folder, environment=patient) as one,
        start_beds("import", folder, environment=patient) as other,
    ):
        ends = [process.communicate(timeout=60) for process in (one, other)]

    assert [one.returncode, other.returncode] == [0, 0], ends
    assert _counts(database)["referral"] == 3
    assert beds("db", "check").code == 0


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"this is no database, and long enough to be looked at as if it were one", "no database"),
        (b"", "empty: run `beds db upgrade`"),
    ],
)
def test_a_file_that_is_no_database_is_refused(database: Path, content: bytes, sentence: str) -> None:
    database.write_bytes(content)

    said = beds("allocate", "--as-at", AS_AT)

    assert said.code == 4
    assert sentence in said.err


@pytest.mark.parametrize("arguments", [("allocate", "--as-at", AS_AT), ("db", "check"), ("replay", "run-1")])
def test_a_schema_that_is_behind_is_refused(database: Path, arguments: tuple[str, ...]) -> None:
    with _opened(database) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0003'")

    said = beds(*arguments)

    assert said.code == 4
    assert "beds db upgrade" in said.err


@pytest.mark.parametrize(
    ("url", "code", "sentence"),
    [
        ("nonsense", 2, "BEDS_DATABASE_URL: not a database URL"),
        ("mysql://MARKER@example.org/x", 2, "BEDS_DATABASE_URL: must begin with"),
        ("sqlite:////nowhere/MARKER-not/beds.db", 4, "there is no database"),
    ],
)
def test_a_database_url_that_leads_nowhere_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, url: str, code: int, sentence: str
) -> None:
    monkeypatch.setenv("BEDS_DATABASE_URL", url)

    said = beds("allocate", "--as-at", AS_AT)

    assert said.code == code
    assert sentence in said.err
    assert said.out == ""


def test_without_a_database_nothing_is_made_by_asking(tmp_path: Path) -> None:
    environment = {"XDG_DATA_HOME": str(tmp_path), "BEDS_DATABASE_URL": ""}

    said = beds_process("options", "R1", environment=environment)

    assert said.code == 4
    assert "beds db upgrade" in said.err
    assert list(tmp_path.iterdir()) == []
