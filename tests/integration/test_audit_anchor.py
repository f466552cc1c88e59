"""What was once in the audit must be there for ever: its head is anchored outside the database."""

import logging
import shutil
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session

from beds.audit import SEAL_MARK, audit_faults, audit_seal, record
from beds.audit_anchor import AnchorFile, Head, anchor_of, newest_event
from beds.database import METADATA, connect, reading, writing
from beds.domain.records.columns import keyring_of
from beds.settings import Settings
from beds.store import check_database
from tests.builders import NOON

EVENTS, MARKS = METADATA.tables["audit_event"], METADATA.tables["database_mark"]


def with_audit(engine: Engine, events: int, *, first: int = 0, at: datetime = NOON) -> None:
    """Write events to the audit, each in a transaction of its own."""
    for number in range(first, first + events):
        with writing(engine) as session:
            record(session, "someone", "hold_placed", f"H{number}", {"beds": number}, at=at)


def without_guards(engine: Engine) -> Session:
    """Return a session of somebody who has the whole database in hand."""
    session = Session(engine)
    if engine.dialect.name == "postgresql":
        session.execute(text("ALTER TABLE audit_event DISABLE TRIGGER audit_is_append_only"))
    else:
        for event in ("update", "delete"):
            session.execute(text(f"DROP TRIGGER audit_is_append_only_{event}"))
    return session


def put_guards_back(session: Session) -> None:
    """Leave nothing behind that shows."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("ALTER TABLE audit_event ENABLE TRIGGER audit_is_append_only"))
    else:
        for event in ("update", "delete"):
            session.execute(
                text(
                    f"CREATE TRIGGER audit_is_append_only_{event} BEFORE {event.upper()} ON audit_event"
                    " BEGIN SELECT RAISE(ABORT, 'audit_is_append_only'); END"
                )
            )
    session.commit()
    session.close()


def seal_again(session: Session, events: int) -> None:
    """Seal the audit as it is now, with the keys that were found with the database."""
    mac = session.execute(
        EVENTS.select().with_only_columns(EVENTS.c.mac).where(EVENTS.c.sequence == events)
    ).scalar_one_or_none()
    seal = audit_seal(keyring_of(session.get_bind().dialect), events, mac or "")
    session.execute(MARKS.update().where(MARKS.c.name == SEAL_MARK).values(value=seal))


def anchored(engine: Engine) -> Head | None:
    """Return what is anchored."""
    return anchor_of(engine.dialect).read()


def test_the_newest_event_is_anchored_after_each_commit(engine: Engine) -> None:
    with_audit(engine, 3)

    with reading(engine) as session:
        newest = newest_event(session)
    file = anchor_of(engine.dialect).file
    assert newest == anchored(engine)
    assert file is not None
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert check_database(engine) == []


def test_what_was_rolled_back_is_not_anchored(engine: Engine) -> None:
    with_audit(engine, 1)

    def interrupted() -> None:
        with writing(engine) as session:
            record(session, "someone", "hold_placed", "H9", {}, at=NOON)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()

    assert anchored(engine) is not None
    assert check_database(engine) == []


def test_an_event_that_was_undone_within_a_transaction_is_not_anchored(engine: Engine) -> None:
    with writing(engine) as session:
        record(session, "someone", "hold_placed", "H1", {}, at=NOON)
        point = session.begin_nested()
        record(session, "someone", "hold_placed", "H2", {}, at=NOON)
        point.rollback()

    found = anchored(engine)
    assert found is not None
    assert found.sequence == 1
    assert check_database(engine) == []


def test_the_last_five_events_taken_off_and_the_rest_sealed_again_are_missed(engine: Engine) -> None:
    with_audit(engine, 8)
    tampering = without_guards(engine)
    tampering.execute(text("DELETE FROM audit_event WHERE sequence > 3"))
    seal_again(tampering, 3)
    put_guards_back(tampering)

    faults = check_database(engine)

    with reading(engine) as session:
        assert audit_faults(session) == []
    assert len(faults) == 1
    assert "event 8 was there once and is gone" in faults[0]


def test_an_audit_written_anew_with_the_same_number_of_events_is_found(engine: Engine) -> None:
    with_audit(engine, 4)
    anchor = anchor_of(engine.dialect)
    assert anchor.file is not None
    kept = anchor.file.read_bytes()
    tampering = without_guards(engine)
    tampering.execute(text("DELETE FROM audit_event"))
    seal_again(tampering, 0)
    put_guards_back(tampering)
    anchor.reset(None)
    with_audit(engine, 4, at=NOON + timedelta(hours=1))
    anchor.file.write_bytes(kept)

    faults = check_database(engine)

    with reading(engine) as session:
        assert audit_faults(session) == []
    assert len(faults) == 1
    assert "event 4 is another than was there once" in faults[0]


def test_an_old_copy_put_back_behind_our_back_is_found(
    sqlite_engine: Engine, sqlite_settings: Settings, tmp_path: Path
) -> None:
    with_audit(sqlite_engine, 2)
    with closing(sqlite3.connect(tmp_path / "beds.db")) as driver:
        driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copyfile(tmp_path / "beds.db", tmp_path / "old.db")
    with_audit(sqlite_engine, 3, first=2)
    sqlite_engine.dispose()
    shutil.move(tmp_path / "old.db", tmp_path / "beds.db")
    again = connect(sqlite_settings)

    faults = check_database(again)

    again.dispose()
    assert len(faults) == 1
    assert "an older database was put in place" in faults[0]


def test_writing_on_after_a_tampering_does_not_wipe_out_the_evidence(
    engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    with_audit(engine, 8)
    tampering = without_guards(engine)
    tampering.execute(text("DELETE FROM audit_event WHERE sequence > 3"))
    seal_again(tampering, 3)
    put_guards_back(tampering)

    with caplog.at_level(logging.ERROR):
        with_audit(engine, 9, first=3, at=NOON + timedelta(hours=1))

    assert any("event 8" in fault for fault in check_database(engine))
    assert any("event 8" in message for message in caplog.messages)


def test_an_anchor_that_is_missing_is_a_fault_and_stays_one(engine: Engine) -> None:
    with_audit(engine, 2)
    file = anchor_of(engine.dialect).file
    assert file is not None
    file.unlink()

    before = check_database(engine)
    with_audit(engine, 1, first=2)
    after = check_database(engine)

    assert len(before) == 1
    assert "is missing" in before[0]
    assert "`beds restore --replace`" in before[0]
    assert after == before


def test_an_anchor_that_was_changed_is_a_fault(engine: Engine) -> None:
    with_audit(engine, 2)
    file = anchor_of(engine.dialect).file
    assert file is not None
    file.write_bytes(file.read_bytes().replace(b'"sequence": 2', b'"sequence": 1'))

    faults = check_database(engine)

    assert len(faults) == 1
    assert "is not as this service left it" in faults[0]


def test_an_anchor_that_is_behind_is_no_fault(engine: Engine) -> None:
    """The machine may stop between a commit and its anchor."""
    with_audit(engine, 2)
    anchor = anchor_of(engine.dialect)
    assert anchor.file is not None
    kept = anchor.file.read_bytes()
    with_audit(engine, 2, first=2)
    anchor.file.write_bytes(kept)

    behind = check_database(engine)
    with_audit(engine, 1, first=4)

    found = anchored(engine)
    assert behind == []
    assert found is not None
    assert found.sequence == 5


def test_an_anchor_that_cannot_be_written_leaves_the_change_committed_and_is_logged(
    engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    with_audit(engine, 1)
    file = anchor_of(engine.dialect).file
    assert file is not None
    file.unlink()
    file.mkdir()

    with_audit(engine, 1, first=1)

    file.rmdir()
    with reading(engine) as session:
        newest = newest_event(session)
    assert newest is not None
    assert newest.sequence == 2
    assert any("anchor" in message for message in caplog.messages)


def test_an_anchor_never_goes_back(tmp_path: Path, sqlite_engine: Engine) -> None:
    anchor = AnchorFile(tmp_path / "head", keyring_of(sqlite_engine.dialect))

    anchor.advance(Head(7, "seven"))
    anchor.advance(Head(5, "five"))

    assert anchor.read() == Head(7, "seven")


def test_the_anchor_of_a_servers_database_is_in_the_data_folder_unless_set(
    new_postgres: str,
    settings: Settings,
    connected: Callable[..., Engine],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    stated = settings.model_copy(update={"database_url": new_postgres, "case_keys_file": tmp_path / "keys"})

    usual = connected(stated.model_copy(update={"audit_anchor_file": None}))
    named = connected(stated.model_copy(update={"audit_anchor_file": tmp_path / "named"}))

    found = anchor_of(usual.dialect).file
    assert found is not None
    assert found.parent == tmp_path / "beds"
    assert found.name.endswith(".audit-head")
    assert anchor_of(named.dialect).file == tmp_path / "named"
