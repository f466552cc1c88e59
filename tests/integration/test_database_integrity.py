"""Tampering, lost guards and lost keys are found; nothing personal is readable in the file."""

import sqlite3
from datetime import date
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, text
from sqlmodel import Session

from beds.audit import audit_faults, record
from beds.database import connect, reading, writing
from beds.database_faults import OVERLAP_GUARD
from beds.domain.records import METADATA, SiteAddressRecord
from beds.encryption import new_encryption_key
from beds.errors import RecordRefused
from beds.settings import Settings
from beds.store import RoundVersions, check_database, import_estate, save_round
from beds.store.people import note_values
from tests.builders import NOON, a_person, a_placement, a_referral, a_site, a_small_estate
from tests.integration.conftest import AUDIT_KEY
from tests.problems import a_problem, a_request

EMPTY_RESULT = """
{"as_at": "2026-03-03T12:00:00+00:00", "status": "optimal", "objective": {}, "placements": []}
"""


@pytest.fixture
def filled(engine: Engine) -> Engine:
    """Give a database with the small estate."""
    with writing(engine) as session:
        import_estate(session, a_small_estate(), actor="test", at=NOON)
    return engine


def execute(engine: Engine, statement: str) -> None:
    """Run a statement as a program without manners would."""
    with writing(engine) as session:
        session.execute(text(statement))


def with_audit(engine: Engine, events: int = 3) -> None:
    """Write events to the audit."""
    with writing(engine) as session:
        for number in range(events):
            record(session, "someone", "hold_placed", f"H{number}", {"beds": number}, at=NOON)


@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit_event SET actor = 'nobody'", "DELETE FROM audit_event"],
)
def test_the_audit_is_only_ever_added_to(engine: Engine, statement: str) -> None:
    with_audit(engine)

    with pytest.raises(RecordRefused, match="audit_is_append_only"):
        execute(engine, statement)


def test_an_untouched_audit_is_whole(engine: Engine) -> None:
    with_audit(engine)

    with reading(engine) as session:
        assert audit_faults(session) == []


@pytest.mark.parametrize(
    ("tampering", "fault"),
    [
        ("UPDATE audit_event SET actor = 'nobody' WHERE sequence = 2", "event 2 was changed"),
        ("UPDATE audit_event SET detail = '{}' WHERE sequence = 3", "event 3 was changed"),
        ("DELETE FROM audit_event WHERE sequence = 2", "missing before number 3"),
        ("DELETE FROM audit_event WHERE sequence = 3", "taken off"),
        ("DELETE FROM audit_event", "taken off"),
        ("DELETE FROM database_mark WHERE name = 'audit_seal'", "sealed"),
    ],
)
def test_an_audit_that_was_tampered_with_is_found(engine: Engine, tampering: str, fault: str) -> None:
    with_audit(engine)
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.execute(text("DROP TRIGGER audit_is_append_only_update"))
            connection.execute(text("DROP TRIGGER audit_is_append_only_delete"))
        else:
            connection.execute(text("ALTER TABLE audit_event DISABLE TRIGGER audit_is_append_only"))
        connection.execute(text(tampering))

    faults = check_database(engine)

    assert any(fault in line for line in faults), faults
    assert any(line.startswith("guard: audit_is_append_only") for line in faults)


def test_an_audit_survives_a_rotation_of_its_key(engine: Engine, settings: Settings) -> None:
    with_audit(engine)
    keys = SecretStr(f"a-new-audit-key-of-ours,{AUDIT_KEY}")
    newer = connect(settings.model_copy(update={"audit_key": keys}))
    with_audit(newer, events=1)

    assert check_database(newer) == []
    assert check_database(engine) != []
    newer.dispose()


def test_a_whole_database_has_no_faults(filled: Engine) -> None:
    assert check_database(filled) == []


def test_a_lost_guard_and_what_came_through_it_are_found(sqlite_engine: Engine) -> None:
    estate = a_small_estate(
        referrals=(a_referral(), a_referral("R2", status="placed")),
        people=(a_person(), a_person("A2", "R2")),
        placements=(a_placement(),),
    )
    with writing(sqlite_engine) as session:
        import_estate(session, estate, actor="test", at=NOON)
    with sqlite_engine.begin() as connection:
        connection.execute(text(f"DROP TRIGGER {OVERLAP_GUARD}_insert"))
        connection.execute(
            text(
                "INSERT INTO placement_bed"
                " (placement_bed_id, placement_id, bed_id, starts_on, expected_end_on, ended_on)"
                " SELECT 'again', placement_id, bed_id, starts_on, expected_end_on, NULL FROM placement_bed"
            )
        )

    faults = check_database(sqlite_engine)

    assert "guard: stays_overlap_insert is missing" in faults
    assert any("overlap in bed B1" in fault for fault in faults)


def test_a_reference_that_was_broken_behind_our_back_is_found(sqlite_engine: Engine, tmp_path: Path) -> None:
    with writing(sqlite_engine) as session:
        import_estate(session, a_small_estate(), actor="test", at=NOON)
    with sqlite3.connect(tmp_path / "beds.db") as driver:
        driver.execute("DELETE FROM unit")
    driver.close()

    assert check_database(sqlite_engine) == ["references: 1 rows of bed refer by unit_id to nothing"]


def test_values_that_no_key_opens_are_counted(filled: Engine, settings: Settings) -> None:
    other = connect(settings.model_copy(update={"encryption_key": SecretStr(new_encryption_key())}))

    faults = check_database(other)

    assert "encryption: 1 values of person.details cannot be read" in faults
    assert "encryption: 1 values of site.name cannot be read" in faults
    other.dispose()


MARKERS = ("Marker House", "1 Marker Street", "marker note", "2031-12-30", "markerlanguage", "marker problem")


def test_nothing_personal_is_in_the_bytes_of_the_database(sqlite_engine: Engine, tmp_path: Path) -> None:
    estate = a_small_estate(
        sites=(a_site(name=MARKERS[0]),),
        people=(a_person(due_on=date(2031, 12, 30), languages=frozenset({"markerlanguage"})),),
    )
    with writing(sqlite_engine) as session:
        import_estate(session, estate, actor="test", at=NOON)
        session.add(SiteAddressRecord(site_id="S1", address=MARKERS[1]))
        noted = note_values(session, "R1", MARKERS[2])
        session.execute(METADATA.tables["referral"].update().values(noted))
        save_round(
            session,
            actor="test",
            at=NOON,
            result_json=EMPTY_RESULT,
            problem_json=a_problem([a_request(outcome=MARKERS[5])], []).to_json(),
            versions=RoundVersions("1", "9", "3.11"),
        )
    sqlite_engine.dispose()

    content = b"".join(path.read_bytes() for path in tmp_path.iterdir())

    assert b"referral:R1" in content
    assert [marker for marker in MARKERS if marker.encode() in content] == []
    with Session(sqlite_engine) as session:
        address = session.get(SiteAddressRecord, "S1")
        assert address is not None
        assert address.address == MARKERS[1]
