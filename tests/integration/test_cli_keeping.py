"""`db rotate-keys` and `db anonymise`, from the command line to the files and back."""

from __future__ import annotations

import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from tests.integration.commands import AS_AT, a_folder, beds


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the file of a database with the good folder in it."""
    file = tmp_path / "data" / "beds.db"
    monkeypatch.setenv("BEDS_DATABASE_URL", f"sqlite:///{file}")
    assert beds("db", "upgrade").code == 0
    assert beds("import", a_folder(tmp_path / "folder")).code == 0
    return file


def execute(database: Path, statement: str) -> list[tuple[object, ...]]:
    """Run a statement in the database."""
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        return connection.execute(statement).fetchall()


def close_all(database: Path) -> None:
    """Let every case have been over since 2019, and nobody be in a bed."""
    execute(database, "UPDATE referral SET status = 'closed', closed_at = '2019-01-01 00:00:00.000000'")
    execute(database, "UPDATE placement_bed SET ended_on = starts_on WHERE ended_on IS NULL")
    execute(database, "UPDATE placement_bed SET ended_on = '2019-01-01', starts_on = '2018-01-01'")


def test_the_key_is_rotated_and_the_old_one_dropped(database: Path) -> None:
    file = database.with_name("beds.db.encryption-key")
    old = file.read_text(encoding="ascii").strip()

    rotated = beds("db", "rotate-keys")

    assert (rotated.code, "a new key is in use" in rotated.out) == (0, True)
    assert file.read_text(encoding="ascii").strip().split(",")[1:] == [old]
    dropped = beds("db", "rotate-keys", "--drop-old")
    assert (dropped.code, dropped.out.strip()) == (0, "old keys taken out of use: 1")
    assert old not in file.read_text(encoding="ascii")
    assert beds("db", "check").code == 0
    assert {stat.S_IMODE(path.stat().st_mode) for path in database.parent.iterdir()} == {0o600}


def test_a_key_that_is_in_the_settings_is_not_changed_behind_them(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = database.with_name("beds.db.encryption-key").read_text(encoding="ascii").strip()
    monkeypatch.setenv("BEDS_ENCRYPTION_KEY", key)

    said = beds("db", "rotate-keys")

    assert said.code == 2
    assert "BEDS_ENCRYPTION_KEY" in said.last_error
    assert key not in said.out + said.err


def test_a_case_that_is_not_over_long_enough_is_not_anonymised(database: Path) -> None:
    said = beds("db", "anonymise", "--days", "1")

    assert said.code == 0
    assert said.out.startswith("anonymised: 0 cases of 0 survivors, 0 people")


def test_old_cases_are_anonymised_and_their_round_is_not_replayed(database: Path) -> None:
    kept = beds("allocate", "--as-at", AS_AT, "--json", "-")
    run_id = kept.err.removeprefix("stored as ").strip()
    assert beds("replay", run_id).code == 0
    close_all(database)

    tried = beds("db", "anonymise", "--dry-run")
    done = beds("db", "anonymise")

    assert tried.out == done.out.replace("anonymised:", "would be anonymised:")
    assert execute(database, "SELECT count(*) FROM person") == [(0,)]
    assert beds("db", "check").code == 0
    said = beds("replay", run_id)
    assert said.code == 1
    assert "cannot be replayed" in said.last_error


def test_a_period_of_no_days_is_refused(database: Path) -> None:
    assert beds("db", "anonymise", "--days", "0").code == 2


def test_a_demonstration_never_touches_the_case_keys_of_a_live_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = tmp_path / "live-case-keys"
    monkeypatch.setenv("BEDS_CASE_KEYS_FILE", str(live))

    said = beds("demo", "--dir", tmp_path / "demo", "--no-serve")

    assert said.code == 0
    assert not live.exists()
    assert (tmp_path / "demo" / "demo.db.case-keys").exists()
