"""Cases that have been over for long are anonymised, in every copy there is, and again after a restore."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from beds.audit import record
from beds.case_keys import case_keys_of
from beds.database import METADATA, connect, reading, writing
from beds.domain.clock import Clock
from beds.domain.estate import Estate
from beds.domain.terms import ReferralStatus
from beds.errors import Anonymised, BadInput, ImportRejected, NotPermitted
from beds.roles import OPERATOR, Role, actor_of
from beds.services.retention import AnonymiseReport, anonymise, anonymise_cases, destroy_keys
from beds.services.rounds import replay_round
from beds.settings import Settings
from beds.store import check_database, import_estate, load_estate, save_round
from beds.store.people import people_of_rows
from tests.builders import (
    NOON,
    a_bed,
    a_decline,
    a_keep_apart,
    a_person,
    a_placement,
    a_referral,
    a_small_estate,
)
from tests.integration.live import stored
from tests.integration.recorded import bring_in, contents, execute
from tests.integration.test_case_encryption import PERSON, PROBLEM, RESULT, VERSIONS

CLOSED, MOVED_ON, WAITING = ReferralStatus.CLOSED, ReferralStatus.MOVED_ON, ReferralStatus.WAITING
DAYS = 365
LONG_AGO = datetime(2019, 5, 1, 9, 0, tzinfo=UTC)
ROLES = [actor_of("user-1", role) for role in Role]


def an_old_case(referral_id: str = "R1", **changes: Any) -> Any:
    """Return a referral that was received and closed long ago."""
    return a_referral(referral_id, **{"received_at": LONG_AGO, "status": CLOSED, **changes})


def an_estate(**tables: Any) -> Estate:
    """Return an estate with one old case about which there is something of everything, and one who waits."""
    return a_small_estate(
        **{
            "beds": (a_bed(), a_bed("B2")),
            "referrals": (
                an_old_case(survivor_ref="V1", excluded_areas=frozenset({"E12000001"}), nrm_status="rg"),
                a_referral("R2"),
            ),
            "people": (a_person(), a_person("A2", "R2")),
            "declines": (a_decline(reason="too_near"),),
            "placements": (a_placement("R1", starts_on=date(2019, 5, 2), expected_end_on=date(2019, 6, 2)),),
            **tables,
        }
    )


def ended(**changes: Any) -> Any:
    """Return a stay of the old case that ended long ago."""
    return a_placement(
        "R1",
        **{
            "starts_on": date(2019, 5, 2),
            "expected_end_on": date(2019, 6, 2),
            "ended_on": date(2019, 6, 1),
            **changes,
        },
    )


@pytest.fixture
def filled(engine: Engine) -> Engine:
    """Give a database with the old case, its stay over, and the one who waits."""
    bring_in(engine, an_estate(placements=(ended(),)))
    return engine


def run(engine: Engine, *, dry_run: bool = False, days: int = DAYS) -> AnonymiseReport:
    """Anonymise what is due at noon."""
    return anonymise_cases(engine, OPERATOR, clock=Clock(NOON), retention_days=days, dry_run=dry_run)


def anonymised(engine: Engine) -> set[str]:
    """Return the cases that are anonymised in the database."""
    refs = stored(engine, "referral", "referral_id")
    return {ref for ref in refs if stored(engine, "referral", "anonymised_at", referral_id=ref) != [None]}


def with_cases(engine: Engine, *referrals: Any, **tables: Any) -> Engine:
    """Bring in cases, each of one woman."""
    people = tuple(a_person(f"A-{one.referral_id}", one.referral_id) for one in referrals)
    bring_in(engine, a_small_estate(referrals=referrals, people=people, **tables))
    return engine


def test_an_old_case_is_taken_out_and_its_nights_stay(filled: Engine) -> None:
    execute(filled, "UPDATE placement_bed SET person_id = 'A1'")

    report = run(filled)

    assert (report.cases, report.survivors, report.people, report.kept_back) == (1, 1, 1, {})
    assert anonymised(filled) == {"R1"}
    assert stored(filled, "person", "person_id") == ["A2"]
    assert stored(filled, "placement_bed", "person_id") == [None]
    assert stored(filled, "placement_bed", "ended_on") == [date(2019, 6, 1)]
    assert stored(filled, "referral", "received_at", referral_id="R1") == [LONG_AGO]
    assert stored(filled, "referral", "nation", referral_id="R1") == ["England"]
    for name in ("accepts_sharing", "risk_to_others", "detention_risk", "expected_stay_days", "notes"):
        assert stored(filled, "referral", name, referral_id="R1") == [None]
    assert stored(filled, "referral", "nrm_status", referral_id="R1") == [""]
    assert stored(filled, "exclusion_area", "area") == []
    assert stored(filled, "decline", "reason") == [""]
    assert not any("V1" in name for name in stored(filled, "survivor", "survivor_id"))
    assert stored(filled, "survivor", "survivor_ref") == [None, None]
    assert check_database(filled) == []


def test_its_key_is_destroyed_and_the_others_are_not(filled: Engine) -> None:
    run(filled)

    keys = case_keys_of(filled.dialect)
    assert keys.destroyed() == {"R1"}
    assert keys.ciphers(["R1", "R2"]).keys() == {"R2"}


def test_it_is_one_event_with_counts_and_no_reference(filled: Engine) -> None:
    run(filled)

    assert stored(filled, "audit_event", "detail", action="cases_anonymised") == [
        {"cases": 1, "survivors": 1, "people": 1, "kept_back": 0}
    ]
    assert stored(filled, "audit_event", "referral_id", action="cases_anonymised") == [None]


def test_a_dry_run_says_the_same_and_changes_nothing(filled: Engine) -> None:
    before = contents(filled)

    said = run(filled, dry_run=True)

    assert contents(filled) == before
    assert case_keys_of(filled.dialect).destroyed() == frozenset()
    done = run(filled)
    assert (said.cases, said.survivors, said.people) == (done.cases, done.survivors, done.people)


def test_a_second_run_finds_nothing_to_do(filled: Engine) -> None:
    run(filled)
    before = contents(filled)

    report = run(filled)

    assert (report.cases, report.again, report.finished) == (0, 0, 0)
    assert contents(filled) == before


@pytest.mark.parametrize("status", [CLOSED, MOVED_ON])
def test_a_case_is_due_when_it_was_over_for_longer_than_the_period(
    engine: Engine, status: ReferralStatus
) -> None:
    with_cases(engine, an_old_case(status=status), an_old_case("R2", status=status))
    cutoff = NOON - timedelta(days=DAYS)
    with writing(engine) as session:
        table = METADATA.tables["referral"]
        session.execute(table.update().where(table.c.referral_id == "R1").values(closed_at=cutoff))
        just = cutoff - timedelta(seconds=1)
        session.execute(table.update().where(table.c.referral_id == "R2").values(closed_at=just))

    run(engine)

    assert anonymised(engine) == {"R2"}


@pytest.mark.parametrize("status", [s for s in ReferralStatus if s not in (CLOSED, MOVED_ON)])
def test_a_case_that_is_not_over_is_never_due(engine: Engine, status: ReferralStatus) -> None:
    with_cases(engine, an_old_case(status=status))

    assert run(engine).cases == 0


def test_a_case_that_does_not_say_when_it_was_closed_was_over_when_its_last_stay_was(engine: Engine) -> None:
    with_cases(engine, an_old_case(), placements=(ended(ended_on=date(2026, 2, 1)),))

    assert run(engine).cases == 0
    assert run(engine, days=20).cases == 1


def test_a_stay_that_ended_after_the_case_was_closed_counts(engine: Engine) -> None:
    with_cases(engine, an_old_case(), placements=(ended(ended_on=date(2026, 2, 1)),))
    execute(engine, "UPDATE referral SET closed_at = received_at")

    assert run(engine).cases == 0


def test_whoever_is_still_in_a_bed_is_kept_and_counted(engine: Engine) -> None:
    bring_in(engine, an_estate())

    report = run(engine)

    assert (report.cases, report.kept_back) == (0, {"still_in_a_bed": 1})


def test_all_the_cases_of_a_survivor_go_together_or_not_at_all(engine: Engine) -> None:
    again = a_referral("R2", survivor_ref="V1")
    with_cases(engine, an_old_case(survivor_ref="V1"), again)
    assert run(engine).cases == 0

    execute(engine, "UPDATE referral SET status = 'closed', closed_at = received_at")
    assert run(engine, days=1).cases == 2

    assert len(set(stored(engine, "referral", "survivor_id"))) == 1


def test_whom_to_keep_apart_from_somebody_who_is_kept_is_never_forgotten(engine: Engine) -> None:
    with_cases(
        engine,
        *(an_old_case(ref) for ref in ("R1", "R2", "R4", "R5")),
        a_referral("R3"),
        keep_apart=(a_keep_apart("R1", "R2"), a_keep_apart("R2", "R3"), a_keep_apart("R4", "R5")),
    )

    report = run(engine)

    assert (report.cases, report.kept_back) == (2, {"kept_apart_from_a_case_still_kept": 2})
    assert anonymised(engine) == {"R4", "R5"}
    assert sorted(stored(engine, "keep_apart", "keep_apart_id")) == ["R1 R2", "R2 R3"]


def test_a_round_of_an_anonymised_case_is_not_replayed_and_its_result_is_still_read(filled: Engine) -> None:
    with writing(filled) as session:
        run_id = save_round(
            session, actor="test", at=NOON, result_json=RESULT, problem_json=PROBLEM, versions=VERSIONS
        )

    run(filled)

    with reading(filled) as session, pytest.raises(Anonymised, match="1 of the 2 households"):
        replay_round(session, run_id)
    assert stored(filled, "allocation_round", "result") == [RESULT]


def test_a_run_that_stops_before_the_keys_is_finished_by_the_next(filled: Engine) -> None:
    with writing(filled) as session:
        anonymise(session, OPERATOR, clock=Clock(NOON), retention_days=DAYS)
    assert check_database(filled) == [
        "cases: 1 were anonymised and have their keys still: run `beds db anonymise`"
    ]

    report = run(filled)

    assert (report.cases, report.finished) == (0, 1)
    assert case_keys_of(filled.dialect).destroyed() == {"R1"}
    assert check_database(filled) == []


def test_a_run_that_is_undone_destroys_no_key(filled: Engine) -> None:
    def undone() -> None:
        with writing(filled) as session:
            anonymise(session, OPERATOR, clock=Clock(NOON), retention_days=DAYS)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        undone()

    with reading(filled) as session:
        assert destroy_keys(session, OPERATOR, clock=Clock(NOON)) == 0
    assert stored(filled, "person", "person_id") == ["A1", "A2"]


def test_an_older_copy_of_the_file_put_back_cannot_be_read_and_is_anonymised_again(
    sqlite_engine: Engine, sqlite_settings: Settings, tmp_path: Path
) -> None:
    bring_in(sqlite_engine, an_estate(placements=(ended(),)))
    with writing(sqlite_engine) as session:
        record(session, "user-1", "hold_placed", "hold-1", {"x": 1}, at=NOON, referral_id="R1")
    sqlite_engine.dispose()
    shutil.copyfile(tmp_path / "beds.db", tmp_path / "older.db")
    run(sqlite_engine)
    sqlite_engine.dispose()

    shutil.copyfile(tmp_path / "older.db", tmp_path / "beds.db")
    restored = connect(sqlite_settings)

    with reading(restored) as session:
        assert people_of_rows(session, session.execute(PERSON.select()).all()).keys() == {"A2"}
        assert [person.person_id for person in load_estate(session).people] == ["A2"]
    assert any("not anonymised here" in fault for fault in check_database(restored))
    assert run(restored, dry_run=True).again == 1
    assert run(restored).again == 1
    assert anonymised(restored) == {"R1"}
    assert stored(restored, "person", "person_id") == ["A2"]
    assert [fault for fault in check_database(restored) if "anonymised" in fault] == []
    restored.dispose()


def test_the_same_folder_again_brings_nobody_back(filled: Engine) -> None:
    run(filled)
    before = contents(filled)

    report = bring_in(filled, an_estate(placements=(ended(),)))

    assert report.changes == 0
    assert {"R1", "A1"} <= {name for _, name in report.conflicts}
    assert contents(filled) == before


def test_nothing_new_is_imported_about_an_anonymised_case(filled: Engine) -> None:
    run(filled)
    estate = an_estate(
        people=(a_person(), a_person("A2", "R2"), a_person("A3", "R1", is_lead=False)), placements=(ended(),)
    )

    with pytest.raises(ImportRejected) as refused, writing(filled) as session:
        import_estate(session, estate, actor="test", at=NOON)

    assert any("anonymised" in fault.message for fault in refused.value.faults)


@pytest.mark.parametrize("actor", ROLES, ids=lambda actor: str(len(actor.permissions)))
def test_nobody_with_a_role_anonymises(filled: Engine, actor: Any) -> None:
    with pytest.raises(NotPermitted, match="maintain"):
        anonymise_cases(filled, actor, clock=Clock(NOON), retention_days=DAYS)
    with reading(filled) as session, pytest.raises(NotPermitted):
        destroy_keys(session, actor, clock=Clock(NOON))

    assert anonymised(filled) == set()


@pytest.mark.parametrize("days", [0, -1, 36_501])
def test_a_period_that_there_cannot_be_is_refused(filled: Engine, days: int) -> None:
    with pytest.raises(BadInput, match="retention_days"):
        run(filled, days=days)
