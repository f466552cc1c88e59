"""An estate goes into the database and comes back the same, or the part of it that still matters."""

from dataclasses import fields
from datetime import UTC, date, timedelta

from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from sqlalchemy import Engine
from sqlmodel import Session

from beds.database import METADATA, reading
from beds.domain.estate import Estate
from beds.store import TableReport, check_database, import_estate, load_estate
from tests.builders import (
    NOON,
    TODAY,
    a_bed,
    a_closure,
    a_decline,
    a_hold,
    a_keep_apart,
    a_person,
    a_placement,
    a_referral,
    a_small_estate,
)
from tests.integration.estates import estates
from tests.integration.recorded import CLOSED, PLACED, a_full_estate, bring_in, contents, execute, read_back


def test_an_estate_reads_back_as_it_was_imported(engine: Engine) -> None:
    estate = a_full_estate()

    report = bring_in(engine, estate)

    assert read_back(engine) == estate
    assert check_database(engine) == []
    assert report.tables["beds"] == TableReport(added=3)
    assert report.changes == sum(len(getattr(estate, table.name)) for table in fields(Estate))


def test_instants_come_back_with_an_offset(engine: Engine) -> None:
    bring_in(engine, a_full_estate())

    found = read_back(engine)

    assert {referral.received_at.tzinfo for referral in found.referrals} == {UTC}
    assert found.holds[0].expires_at.tzinfo is UTC


@hypothesis_settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(estates())
def test_any_estate_reads_back_as_it_was_imported(engine: Engine, estate: Estate) -> None:
    with Session(engine) as session:
        import_estate(session, estate, actor="test", at=NOON)
        again = import_estate(session, estate, actor="test", at=NOON)

        assert load_estate(session) == estate
        assert again.changes == 0
        assert again.conflicts == ()


def test_the_same_folder_twice_changes_nothing(engine: Engine) -> None:
    estate = a_full_estate()
    bring_in(engine, estate)
    before = contents(engine)

    report = bring_in(engine, estate)

    assert contents(engine) == before
    assert report.changes == 0
    assert report.tables["closures"] == TableReport(unchanged=3)


def test_a_dry_run_reports_and_writes_nothing(engine: Engine) -> None:
    before = contents(engine)

    report = bring_in(engine, a_full_estate(), dry_run=True)

    assert contents(engine) == before
    assert report == bring_in(engine, a_full_estate())


def test_a_dry_run_needs_no_more_than_a_reader(engine: Engine) -> None:
    with reading(engine) as session:
        report = import_estate(session, a_full_estate(), actor="test", at=NOON, dry_run=True)

    assert report.tables["sites"].added == 2


def test_an_import_is_one_audit_event_and_names_nobody(engine: Engine) -> None:
    bring_in(engine, a_full_estate())
    bring_in(engine, a_full_estate())

    with reading(engine) as session:
        events = session.execute(METADATA.tables["audit_event"].select()).mappings().all()

    assert [(event["actor"], event["action"]) for event in events] == [("test", "estate_imported")]
    assert events[0]["detail"]["people_added"] == 5


def test_safety_facts_outlive_the_referral_that_they_came_with(engine: Engine) -> None:
    estate = a_small_estate(
        referrals=(
            a_referral(survivor_ref="V1"),
            a_referral("R0", survivor_ref="V1", status=CLOSED, excluded_areas=frozenset({"E12000001"})),
            a_referral("R2"),
        ),
        people=(a_person(), a_person("A2", "R2")),
        keep_apart=(a_keep_apart("R0", "R2"),),
        declines=(a_decline("R0"),),
    )
    bring_in(engine, estate)

    execute(engine, "DELETE FROM referral WHERE referral_id = 'R0'")

    found = read_back(engine)
    assert found.keep_apart == (a_keep_apart("R1", "R2"),)
    assert found.declines == (a_decline("R1"),)
    assert found.referrals[0].excluded_areas == {"E12000001"}


def test_a_current_estate_leaves_out_what_cannot_matter_any_more(engine: Engine) -> None:
    waits = a_referral("R1", survivor_ref="V1")
    estate = a_small_estate(
        beds=(a_bed(), a_bed("B2"), a_bed("B3")),
        referrals=(
            waits,
            a_referral("R2", status=PLACED),
            a_referral("R3", status=CLOSED),
            a_referral("R4", status=CLOSED, survivor_ref="V1", excluded_areas=frozenset({"E12000001"})),
            a_referral("R5", status=PLACED),
        ),
        people=tuple(a_person(f"A{number}", f"R{number}") for number in range(1, 6)),
        closures=(a_closure("B3", starts_on=date(2026, 1, 1), ends_on=TODAY), a_closure("B3")),
        keep_apart=(a_keep_apart("R4", "R2"), a_keep_apart("R1", "R3")),
        declines=(a_decline("R4"), a_decline("R3")),
        holds=(
            a_hold("R1", "B3", hold_id="H1"),
            a_hold("R3", "B3", hold_id="H2", expires_at=NOON - timedelta(days=9)),
        ),
        placements=(
            a_placement("R2", "B1", ended_on=TODAY),
            a_placement("R2", "B2", placement_id="P2", expected_end_on=date(2026, 2, 20)),
            a_placement("R3", "B3", ended_on=date(2026, 2, 20)),
            a_placement("R5", "B1", starts_on=date(2026, 9, 1), expected_end_on=date(2026, 9, 9)),
        ),
    )
    bring_in(engine, estate)

    with reading(engine) as session:
        current = load_estate(session, current_only_from=TODAY)

    assert [row.referral_id for row in current.referrals] == ["R1", "R2", "R4", "R5"]
    assert [row.person_id for row in current.people] == ["A1", "A2", "A4", "A5"]
    assert [row.placement_id for row in current.placements] == ["P2", "PL-R5-B1"]
    assert [row.hold_id for row in current.holds] == ["H1"]
    assert current.closures == (a_closure("B3"),)
    assert current.keep_apart == (a_keep_apart("R4", "R2"),)
    assert current.declines == (a_decline("R4"),)
    assert (current.sites, current.beds) == (estate.sites, estate.beds)
