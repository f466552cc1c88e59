"""Only a backup is restored, only what is sound is backed up, and what is older is brought up to date."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from beds.audit import SEAL_MARK, audit_seal, record
from beds.backup_file import Manifest, opened, write_manifest
from beds.database import SchemaState, migrate, reading, schema_state, writing
from beds.domain.records.columns import keyring_of
from beds.domain.records.stays import OVERLAP_GUARD
from beds.errors import BadInput, DatabaseUnavailable
from beds.roles import OPERATOR
from beds.services.backup import back_up, restore
from beds.store.copying import contents_of, tables_as_stored
from tests.builders import NOON
from tests.integration.recorded import a_full_estate, bring_in, execute


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Give the name of a backup that is not made yet, in a folder with nothing in it."""
    (tmp_path / "backups").mkdir()
    return tmp_path / "backups" / "beds.backup"


def test_a_file_that_is_no_backup_is_refused(sqlite_engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "text").write_text("not a backup")
    with closing(sqlite3.connect(tmp_path / "stranger.db")) as stranger:
        stranger.execute("CREATE TABLE recipes (name TEXT)")

    for name in ("text", "stranger.db", "beds.db"):
        with pytest.raises(BadInput, match="no backup"):
            restore(sqlite_engine, OPERATOR, tmp_path / name, at=NOON, replace=True)
    with pytest.raises(BadInput, match="cannot be read"):
        restore(sqlite_engine, OPERATOR, tmp_path / "missing", at=NOON, replace=True)


def test_no_backup_is_made_of_a_broken_audit(engine: Engine, file: Path) -> None:
    with writing(engine) as session:
        record(session, "user-1", "site_changed", "S1", {}, at=NOON)
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.execute(text("DROP TRIGGER audit_is_append_only_update"))
        else:
            connection.execute(text("ALTER TABLE audit_event DISABLE TRIGGER audit_is_append_only"))
        connection.execute(text("UPDATE audit_event SET actor = 'nobody'"))

    with pytest.raises(DatabaseUnavailable, match="audit"):
        back_up(engine, OPERATOR, file, at=NOON)

    assert list(file.parent.iterdir()) == []


def test_no_backup_is_made_of_records_that_break_their_own_rules(engine: Engine, file: Path) -> None:
    bring_in(engine, a_full_estate())
    guard = (
        f"DROP TRIGGER {OVERLAP_GUARD}_insert"
        if engine.dialect.name == "sqlite"
        else f"ALTER TABLE placement_bed DROP CONSTRAINT {OVERLAP_GUARD}"
    )
    execute(engine, guard)
    execute(
        engine,
        "INSERT INTO placement_bed (placement_bed_id, placement_id, bed_id, starts_on, expected_end_on)"
        " SELECT placement_bed_id || '-again', placement_id, bed_id, starts_on, expected_end_on"
        " FROM placement_bed WHERE ended_on IS NULL",
    )

    with pytest.raises(DatabaseUnavailable, match="beds db check"):
        back_up(engine, OPERATOR, file, at=NOON)

    assert list(file.parent.iterdir()) == []


def test_a_backup_of_an_older_schema_is_restored_and_upgraded(engine: Engine, file: Path) -> None:
    file.touch(0o600)
    keyring = keyring_of(engine.dialect)
    marks = {"kind": "live", "key_check": keyring.encrypt("fits"), SEAL_MARK: audit_seal(keyring, 0, "")}
    with opened(file, engine, to_write=True) as copy, copy.begin() as connection:
        migrate(connection, "0004")
        connection.execute(text("INSERT INTO provider (provider_id) VALUES ('P1')"))
        for name, value in marks.items():
            connection.execute(
                text("INSERT INTO database_mark (name, value) VALUES (:name, :value)"),
                {"name": name, "value": value},
            )
        held = contents_of(connection, tables_as_stored(connection))
        write_manifest(connection, Manifest(NOON, "0004", held), keyring)

    done = restore(engine, OPERATOR, file, at=NOON)

    assert done.faults == ()
    assert schema_state(engine) is SchemaState.CURRENT
    with reading(engine) as session:
        assert session.execute(text("SELECT provider_id, contact FROM provider")).all() == [("P1", None)]
