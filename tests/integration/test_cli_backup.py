"""`beds backup` and `beds restore`, from the command line to the file and back."""

from pathlib import Path

import pytest

from tests.integration.commands import a_folder, beds


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the file of a database with records in it, that the commands use."""
    file = tmp_path / "data" / "beds.db"
    monkeypatch.setenv("BEDS_DATABASE_URL", f"sqlite:///{file}")
    monkeypatch.setenv("BEDS_BUSY_TIMEOUT_S", "1")
    assert beds("db", "upgrade").code == 0
    assert beds("import", a_folder(tmp_path / "folder")).code == 0
    return file


def test_a_database_is_backed_up_lost_and_restored(database: Path, tmp_path: Path) -> None:
    backup = tmp_path / "beds.backup"
    made = beds("backup", backup)
    for lost in (database, *database.parent.glob("beds.db-*"), database.with_name("beds.db.audit-head")):
        lost.unlink(missing_ok=True)

    restored = beds("restore", backup)

    assert (made.code, restored.code) == (0, 0), (made, restored)
    assert made.out.startswith("backed up: ")
    assert "the keys are not in it" in made.out
    assert restored.out.startswith("restored: ")
    assert "no faults" in restored.out
    assert "beds user list" in restored.err
    assert beds("db", "check").code == 0


def test_a_database_that_is_there_is_replaced_only_with_replace(database: Path, tmp_path: Path) -> None:
    backup = tmp_path / "beds.backup"
    beds("backup", backup)
    beds("backup", tmp_path / "another.backup")

    refused = beds("restore", backup)
    done = beds("restore", backup, "--replace")

    assert (refused.code, done.code) == (3, 0)
    assert "--replace" in refused.err
    assert "events 3 to 3 of the audit are not in the backup" in done.err


def test_a_backup_that_is_there_is_replaced_only_with_force(database: Path, tmp_path: Path) -> None:
    backup = tmp_path / "beds.backup"
    beds("backup", backup)

    refused = beds("backup", backup)
    done = beds("backup", backup, "--force")
    never = beds("backup", database, "--force")

    assert (refused.code, done.code, never.code) == (2, 0, 2)
    assert "no backup" in never.last_error
    assert beds("db", "check").code == 0


def test_without_the_keys_nothing_is_made_and_it_is_said_what_is_missing(
    database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup = tmp_path / "beds.backup"
    beds("backup", backup)
    new = tmp_path / "new" / "beds.db"
    monkeypatch.setenv("BEDS_DATABASE_URL", f"sqlite:///{new}")

    said = beds("restore", backup)

    assert said.code == 4
    assert "encryption-key is missing" in said.last_error
    assert not new.parent.exists()


@pytest.mark.parametrize("name", ["missing", "text"])
def test_what_is_no_backup_is_bad_input(database: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / "text").write_text("not a backup")

    said = beds("restore", tmp_path / name, "--replace")

    assert said.code == 2
    assert beds("db", "check").code == 0


def test_a_backup_into_a_folder_that_is_not_there_is_bad_input(database: Path, tmp_path: Path) -> None:
    said = beds("backup", tmp_path / "nowhere" / "beds.backup")

    assert said.code == 2
    assert "no such folder" in said.last_error


def test_a_lost_anchor_is_anchored_anew_by_backup_and_restore(database: Path, tmp_path: Path) -> None:
    database.with_name("beds.db.audit-head").unlink()
    lost = beds("db", "check")
    beds("backup", tmp_path / "beds.backup")

    restored = beds("restore", tmp_path / "beds.backup", "--replace")

    assert lost.code == 1
    assert "anchor" in lost.out
    assert restored.code == 0
    assert beds("db", "check").code == 0
