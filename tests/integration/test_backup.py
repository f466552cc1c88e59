"""A backup is one moment of the database in one file; a restore puts it back whole, or changes nothing."""

import sqlite3
import stat
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, text

from beds.audit import record
from beds.audit_anchor import anchor_of, newest_event
from beds.backup_file import MANIFEST, is_backup, opened, read_manifest, write_manifest
from beds.case_keys import case_keys_of
from beds.database import (
    METADATA,
    DatabaseKind,
    connect,
    reading,
    upgrade,
    writing,
)
from beds.domain.records.columns import keyring_of
from beds.domain.records.stays import OVERLAP_GUARD
from beds.encryption import new_encryption_key
from beds.errors import BadInput, BedsError, DatabaseUnavailable, NotPermitted
from beds.roles import OPERATOR, Role, actor_of
from beds.services.backup import back_up, restore
from beds.settings import Settings
from beds.store import check_database
from beds.store.copying import contents_of, tables_as_stored
from tests.builders import NOON
from tests.integration.conftest import settings_for
from tests.integration.recorded import a_full_estate, bring_in, contents, execute, read_back

Connected = Callable[..., Engine]
BOOKS = ("audit_event", "database_mark")
ADMIN = actor_of("user-admin", Role.ADMIN)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Give the name of a backup that is not made yet."""
    return tmp_path / "backups" / "beds.backup"


@pytest.fixture
def backed_up(engine: Engine, file: Path) -> Engine:
    """Give a database with something in every table, and a backup of it."""
    file.parent.mkdir()
    bring_in(engine, a_full_estate())
    back_up(engine, OPERATOR, file, at=NOON)
    return engine


@pytest.fixture
def empty(new_postgres: str, tmp_path: Path, engine: Engine) -> Iterator[Engine]:
    """Give an empty database of the other sort, with the same case keys."""
    case_keys = settings_of_case_keys(engine)
    if engine.dialect.name == "sqlite":
        other = connect(settings_for(new_postgres, case_keys_file=case_keys))
    else:
        url = f"sqlite:///{tmp_path / 'other.db'}"
        other = connect(settings_for(url, case_keys_file=case_keys), create=True)
    yield other
    other.dispose()


def settings_of_case_keys(engine: Engine) -> Path:
    """Return where the case keys of a database are."""
    found = case_keys_of(engine.dialect).file
    assert found is not None
    return found


def records(engine: Engine) -> dict[str, list[tuple[object, ...]]]:
    """Return every row of every table but the service's own books, as the columns read it."""
    with reading(engine) as session:
        return {
            name: sorted(tuple(map(str, row)) for row in session.execute(table.select()))
            for name, table in METADATA.tables.items()
            if name not in BOOKS
        }


def newest(engine: Engine) -> tuple[int, str]:
    """Return the number and the action of the newest event."""
    with reading(engine) as session:
        row = session.execute(text("SELECT sequence, action FROM audit_event ORDER BY sequence DESC")).first()
        assert row is not None
        return row.sequence, row.action


def test_a_backup_holds_every_row_and_is_for_its_owner_only(backed_up: Engine, file: Path) -> None:
    with closing(sqlite3.connect(file)) as copy:
        people = copy.execute("SELECT count(*) FROM person").fetchone()
        newest_action = copy.execute("SELECT action FROM audit_event ORDER BY sequence DESC").fetchone()

    assert is_backup(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert people == (5,)
    assert newest_action == ("database_backed_up",)
    assert [path.name for path in file.parent.iterdir()] == ["beds.backup"]


def test_a_backup_goes_from_one_sort_of_database_to_the_other_and_back(
    backed_up: Engine, empty: Engine, file: Path
) -> None:
    before = records(backed_up)

    there = restore(empty, OPERATOR, file, at=NOON)
    back_up(empty, OPERATOR, file.with_name("again"), at=NOON)
    back = restore(backed_up, OPERATOR, file.with_name("again"), at=NOON, replace=True)

    assert (there.faults, back.faults) == ((), ())
    assert records(empty) == records(backed_up) == before
    assert read_back(empty) == read_back(backed_up)
    assert [newest(engine)[1] for engine in (empty, backed_up)] == [
        "database_backed_up",
        "database_restored",
    ]


def test_a_restore_undoes_what_came_after_and_says_which_events_were_lost(
    backed_up: Engine, file: Path
) -> None:
    before = records(backed_up)
    made = newest(backed_up)[0]
    with writing(backed_up) as session:
        session.execute(text("UPDATE site SET security_level = 3"))
        for number in range(4):
            record(session, "user-1", "site_changed", f"S{number}", {}, at=NOON)

    done = restore(backed_up, OPERATOR, file, at=NOON, replace=True)

    assert records(backed_up) == before
    assert (done.newest_event, done.lost_head, done.faults) == (made, made + 4, ())
    assert newest(backed_up) == (made + 1, "database_restored")


def test_a_restore_anchors_the_audit_where_it_is_now(backed_up: Engine, file: Path) -> None:
    with writing(backed_up) as session:
        for _ in range(4):
            record(session, "user-1", "site_changed", "S1", {}, at=NOON)

    restore(backed_up, OPERATOR, file, at=NOON, replace=True)

    with reading(backed_up) as session:
        assert anchor_of(backed_up.dialect).read() == newest_event(session)
    with writing(backed_up) as session:
        record(session, "user-1", "site_changed", "S1", {}, at=NOON)
    assert check_database(backed_up) == []


def test_whoever_was_revoked_since_the_backup_stays_revoked(engine: Engine, file: Path) -> None:
    file.parent.mkdir()
    execute(
        engine,
        "INSERT INTO service_user (user_id, name, role, nations, created_at)"
        " VALUES ('user-1', 'token', 'auditor', '', '2026-03-01 00:00:00+00:00')"
        if engine.dialect.name == "postgresql"
        else "INSERT INTO service_user (user_id, name, role, nations, created_at)"
        " VALUES ('user-1', 'token', 'auditor', '', '2026-03-01 00:00:00.000000')",
    )
    back_up(engine, OPERATOR, file, at=NOON)
    users = METADATA.tables["service_user"]
    with writing(engine) as session:
        session.execute(users.update().values(revoked_at=NOON))

    done = restore(engine, OPERATOR, file, at=NOON, replace=True)

    with reading(engine) as session:
        found = session.execute(users.select().with_only_columns(users.c.revoked_at)).scalar_one()
    assert (found, done.revocations_kept) == (NOON, 1)


def test_a_case_that_was_anonymised_since_the_backup_is_anonymised_again(
    backed_up: Engine, file: Path
) -> None:
    case_keys_of(backed_up.dialect).destroy(["R2"], at=NOON)

    done = restore(backed_up, OPERATOR, file, at=NOON, replace=True)

    assert (done.anonymised_again, done.faults) == (1, ())
    with reading(backed_up) as session:
        people = session.execute(text("SELECT person_id FROM person WHERE referral_id = 'R2'")).all()
    assert people == []


def test_readers_see_the_former_state_and_then_the_restored_one(
    backed_up: Engine, file: Path, connected: Connected, settings: Settings
) -> None:
    other = connected(settings.model_copy(update={"busy_timeout_s": 5}))
    restored = read_back(other)
    execute(backed_up, "UPDATE site SET security_level = 3")
    changed = read_back(other)

    restore(backed_up, OPERATOR, file, at=NOON, replace=True)

    assert changed != restored
    assert read_back(other) == restored


def test_a_database_that_is_not_empty_is_replaced_only_if_it_is_said(backed_up: Engine, file: Path) -> None:
    before = contents(backed_up)

    with pytest.raises(NotPermitted, match="--replace"):
        restore(backed_up, OPERATOR, file, at=NOON)

    assert contents(backed_up) == before


def test_a_fresh_database_counts_as_empty(
    backed_up: Engine, file: Path, connected: Connected, tmp_path: Path
) -> None:
    keys = settings_of_case_keys(backed_up)
    fresh = connected(settings_for(f"sqlite:///{tmp_path / 'fresh.db'}", case_keys_file=keys), create=True)
    upgrade(fresh)

    done = restore(fresh, OPERATOR, file, at=NOON)

    assert done.faults == ()
    assert records(fresh) == records(backed_up)


def test_a_backup_of_a_live_database_never_replaces_a_demonstration(
    backed_up: Engine, file: Path, connected: Connected, tmp_path: Path
) -> None:
    keys = settings_of_case_keys(backed_up)
    demo = connected(settings_for(f"sqlite:///{tmp_path / 'demo.db'}", case_keys_file=keys), create=True)
    upgrade(demo, kind=DatabaseKind.DEMO)
    before = contents(demo)

    with pytest.raises(NotPermitted, match="live"):
        restore(demo, OPERATOR, file, at=NOON, replace=True)

    assert contents(demo) == before


def test_a_backup_written_with_another_key_is_refused_and_nothing_is_touched(
    backed_up: Engine, file: Path, connected: Connected, tmp_path: Path
) -> None:
    other = connected(
        settings_for(f"sqlite:///{tmp_path / 'other.db'}", encryption_key=SecretStr(new_encryption_key())),
        create=True,
    )
    upgrade(other)
    before = contents(other)

    with pytest.raises(DatabaseUnavailable, match="encryption key"):
        restore(other, OPERATOR, file, at=NOON, replace=True)

    assert contents(other) == before


@pytest.mark.parametrize(
    ("tampering", "refusal"),
    [
        ("UPDATE alembic_version SET version_num = '9999'", "newer version"),
        ("UPDATE site SET security_level = 3", "rows differ"),
        ("DELETE FROM hold_bed", "rows differ"),
        ("UPDATE backup_manifest SET stated = replace(stated, '1', '2')", "was changed"),
    ],
)
def test_a_backup_that_was_changed_is_refused_and_nothing_is_touched(
    backed_up: Engine, file: Path, tampering: str, refusal: str
) -> None:
    with closing(sqlite3.connect(file)) as copy:
        copy.execute(tampering)
        copy.commit()
    before = contents(backed_up)

    with pytest.raises((BadInput, DatabaseUnavailable), match=refusal):
        restore(backed_up, OPERATOR, file, at=NOON, replace=True)

    assert contents(backed_up) == before


def sign_again(engine: Engine, file: Path, *statements: str) -> None:
    """Change a backup as somebody who has the keys could."""
    with opened(file, engine, to_write=True) as copy, copy.begin() as connection:
        made = read_manifest(connection, keyring_of(engine.dialect))
        for statement in (*statements, f"DROP TABLE {MANIFEST}"):
            connection.execute(text(statement))
        contents = contents_of(connection, tables_as_stored(connection))
        write_manifest(connection, replace(made, contents=contents), keyring_of(engine.dialect))


def test_a_restore_that_fails_half_way_leaves_the_database_as_it_was(backed_up: Engine, file: Path) -> None:
    sign_again(
        backed_up,
        file,
        f"DROP TRIGGER {OVERLAP_GUARD}_insert",
        "INSERT INTO placement_bed (placement_bed_id, placement_id, bed_id, starts_on, expected_end_on)"
        " SELECT placement_bed_id || '-again', placement_id, bed_id, starts_on, expected_end_on"
        " FROM placement_bed WHERE ended_on IS NULL",
    )
    before = contents(backed_up)

    with pytest.raises(BedsError, match="overlaps"):
        restore(backed_up, OPERATOR, file, at=NOON, replace=True)

    assert contents(backed_up) == before
    assert check_database(backed_up) == []


def test_a_backup_replaces_only_an_older_backup_and_only_if_it_is_said(backed_up: Engine, file: Path) -> None:
    other = file.with_name("beds.db")
    other.write_bytes(b"something of value")

    with pytest.raises(BadInput, match="--force"):
        back_up(backed_up, OPERATOR, file, at=NOON)
    with pytest.raises(BadInput, match="no backup"):
        back_up(backed_up, OPERATOR, other, at=NOON, force=True)
    again = back_up(backed_up, OPERATOR, file, at=NOON, force=True)

    assert other.read_bytes() == b"something of value"
    assert again.newest_event == newest(backed_up)[0]


def test_a_backup_and_a_restore_need_the_permission(backed_up: Engine, file: Path) -> None:
    with pytest.raises(NotPermitted, match="maintain"):
        back_up(backed_up, ADMIN, file, at=NOON, force=True)
    with pytest.raises(NotPermitted, match="maintain"):
        restore(backed_up, ADMIN, file, at=NOON, replace=True)


def test_a_backup_is_made_while_somebody_writes(
    backed_up: Engine, file: Path, connected: Connected, settings: Settings
) -> None:
    other = connected(settings)

    with reading(backed_up) as session:
        session.execute(text("SELECT count(*) FROM site"))
        execute(other, "UPDATE site SET security_level = 2")
        made = back_up(other, OPERATOR, file, at=NOON, force=True)

    assert made.rows > 0


def test_a_backup_is_refused_where_the_keys_of_its_cases_are_not(
    backed_up: Engine, file: Path, connected: Connected, tmp_path: Path
) -> None:
    elsewhere = connected(settings_for(f"sqlite:///{tmp_path / 'elsewhere.db'}"), create=True)
    upgrade(elsewhere)
    before = contents(elsewhere)

    with pytest.raises(DatabaseUnavailable, match="case keys"):
        restore(elsewhere, OPERATOR, file, at=NOON)

    assert contents(elsewhere) == before
