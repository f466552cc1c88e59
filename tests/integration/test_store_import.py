"""A later import updates what it may, reports what was changed live, and is refused when it cannot stand."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import Engine, text

from beds.database import reading
from beds.domain.estate import Estate
from beds.domain.terms import BedKind
from beds.errors import ImportRejected
from beds.store import TableReport, check_database
from tests.builders import (
    NOON,
    a_bed,
    a_closure,
    a_decline,
    a_keep_apart,
    a_person,
    a_placement,
    a_referral,
    a_site,
    a_small_estate,
)
from tests.integration.recorded import CLOSED, PLACED, a_full_estate, bring_in, contents, execute, read_back

CHANGES = {
    "sites": lambda row: replace(row, security_level=3, name="another"),
    "units": lambda row: replace(row, step_free=not row.step_free),
    "beds": lambda row: replace(row, kind=BedKind.COT if row.kind is BedKind.SINGLE else BedKind.SINGLE),
    "closures": lambda row: replace(row, reason="flood"),
    "referrals": lambda row: replace(row, needs_step_free=True, excluded_areas=frozenset({"E12000005"})),
    "people": lambda row: replace(row, age=41, languages=frozenset({"ckb"})),
    "declines": lambda row: replace(row, until=date(2026, 12, 1)),
    "holds": lambda row: replace(row, expires_at=NOON + timedelta(days=1)),
    "placements": lambda row: replace(row, ended_on=date(2026, 2, 25)),
}


@pytest.mark.parametrize("table", CHANGES)
def test_what_the_folder_changes_is_updated(engine: Engine, table: str) -> None:
    estate = a_full_estate()
    bring_in(engine, estate)
    changed = estate.with_rows(**{table: map(CHANGES[table], getattr(estate, table))})

    report = bring_in(engine, changed)

    assert read_back(engine) == changed
    assert report.tables[table].updated == len(getattr(estate, table))
    assert report.conflicts == ()
    assert bring_in(engine, changed).changes == 0


LIVE_CHANGES = {
    "sites": ("UPDATE site SET security_level = 1 WHERE site_id = 'S1'", "S1"),
    "units": ("UPDATE unit SET sharing = 'shared' WHERE unit_id = 'U1'", "U1"),
    "beds": ("UPDATE bed SET unit_id = 'U2' WHERE bed_id = 'B1'", "B1"),
    "closures": ("UPDATE closure SET reason = 'pests' WHERE bed_id = 'B2'", "B2 2026-03-03"),
    "referrals": ("UPDATE referral SET status = 'closed' WHERE referral_id = 'R1'", "R1"),
    "people": ("DELETE FROM person WHERE person_id = 'A2'", "A2"),
    "keep_apart": ("DELETE FROM keep_apart WHERE referral_id_a = 'R1'", "R1 R2"),
    "declines": ("UPDATE decline SET until = '2026-03-09' WHERE site_id = 'S1'", "R1 S1 survivor 2026-03-02"),
    "holds": ("UPDATE hold_bed SET expected_end_on = '2026-03-20' WHERE bed_id = 'B2'", "H1 B2"),
    "placements": ("UPDATE placement_bed SET ended_on = '2026-02-21' WHERE bed_id = 'B1'", "PL-R2-B1 B1"),
}


@pytest.mark.parametrize("table", LIVE_CHANGES)
def test_what_was_changed_live_is_a_conflict_and_stays(engine: Engine, table: str) -> None:
    estate = a_full_estate()
    bring_in(engine, estate)
    statement, record_id = LIVE_CHANGES[table]
    execute(engine, statement)
    live = read_back(engine)

    same_again = bring_in(engine, estate)

    assert same_again.conflicts == ((table, record_id),)
    assert same_again.changes == 0
    assert read_back(engine) == live
    if table in CHANGES:
        report = bring_in(engine, estate.with_rows(**{table: map(CHANGES[table], getattr(estate, table))}))
        assert report.conflicts == ((table, record_id),)
        assert report.tables[table].updated == len(getattr(estate, table)) - 1
        assert set(getattr(live, table)) - set(getattr(estate, table)) <= set(
            getattr(read_back(engine), table)
        )


def test_the_rest_of_a_folder_comes_in_beside_a_conflict(engine: Engine) -> None:
    estate = a_small_estate()
    bring_in(engine, estate)
    execute(engine, "UPDATE referral SET priority = 'urgent'")

    report = bring_in(
        engine,
        a_small_estate(beds=(a_bed(), a_bed("B2")), referrals=(a_referral(cross_border=True),)),
    )

    assert report.conflicts == (("referrals", "R1"),)
    found = read_back(engine)
    assert [bed.bed_id for bed in found.beds] == ["B1", "B2"]
    assert (found.referrals[0].priority, found.referrals[0].cross_border) == ("urgent", False)


def test_a_record_made_live_is_not_taken_over_by_a_folder(engine: Engine) -> None:
    bring_in(engine, a_small_estate())
    execute(engine, "INSERT INTO bed (bed_id, unit_id, kind) VALUES ('B2', 'U1', 'cot')")

    report = bring_in(engine, a_small_estate(beds=(a_bed(), a_bed("B2"))))

    assert report.conflicts == (("beds", "B2"),)


def test_a_live_change_that_the_folder_has_too_is_no_conflict(engine: Engine) -> None:
    bring_in(engine, a_small_estate())
    execute(engine, "UPDATE bed SET kind = 'cot'")
    same = a_small_estate(beds=(a_bed(kind=BedKind.COT),))

    first = bring_in(engine, same)
    second = bring_in(engine, a_small_estate())

    assert (first.conflicts, first.changes) == ((), 0)
    assert second.tables["beds"] == TableReport(updated=1)


def test_records_that_the_folder_does_not_mention_are_left_alone(engine: Engine) -> None:
    bring_in(engine, a_full_estate())

    bring_in(engine, Estate())

    assert read_back(engine) == a_full_estate()


def test_an_update_counts_in_the_records_version(engine: Engine) -> None:
    bring_in(engine, a_small_estate())

    bring_in(engine, a_small_estate(sites=(a_site(security_level=3),)))

    with reading(engine) as session:
        versions = [session.execute(text(f"SELECT version FROM {name}")).scalar() for name in ("site", "bed")]
    assert versions == [2, 1]


def test_a_bed_that_changes_hands_is_refused_for_its_end_only_never_for_its_order(engine: Engine) -> None:
    first = a_small_estate(
        referrals=(a_referral(status=PLACED), a_referral("R2", status=PLACED)),
        people=(a_person(), a_person("A2", "R2")),
        beds=(a_bed(), a_bed("B2")),
        placements=(
            a_placement("R1", "B1", placement_id="P1"),
            a_placement(
                "R2", "B1", placement_id="P2", starts_on=date(2026, 4, 2), expected_end_on=date(2026, 5, 1)
            ),
        ),
    )
    bring_in(engine, first)
    second = first.with_rows(
        placements=(
            a_placement(
                "R1", "B1", placement_id="P1", starts_on=date(2026, 4, 10), expected_end_on=date(2026, 5, 1)
            ),
            a_placement(
                "R2", "B1", placement_id="P2", starts_on=date(2026, 2, 1), expected_end_on=date(2026, 4, 10)
            ),
            a_placement(
                "R2", "B1", placement_id="P3", starts_on=date(2026, 1, 1), expected_end_on=date(2026, 2, 1)
            ),
        )
    )

    bring_in(engine, second)

    assert read_back(engine) == second


def test_another_person_may_become_the_lead(engine: Engine) -> None:
    bring_in(engine, a_small_estate(people=(a_person(), a_person("A2", is_lead=False))))
    swapped = a_small_estate(people=(a_person(is_lead=False), a_person("A2")))

    bring_in(engine, swapped)

    assert read_back(engine) == swapped


def test_a_returning_survivor_closes_one_referral_and_opens_another(engine: Engine) -> None:
    bring_in(engine, a_small_estate(referrals=(a_referral(survivor_ref="V1"),)))
    returned = a_small_estate(
        referrals=(a_referral(survivor_ref="V1", status=CLOSED), a_referral("R2", survivor_ref="V1")),
        people=(a_person(), a_person("A2", "R2")),
    )

    bring_in(engine, returned)

    assert read_back(engine) == returned


def test_safety_facts_follow_a_survivor_who_becomes_known(engine: Engine) -> None:
    before = a_small_estate(
        referrals=(a_referral(excluded_areas=frozenset({"E12000001"})), a_referral("R2")),
        people=(a_person(), a_person("A2", "R2")),
        keep_apart=(a_keep_apart(),),
        declines=(a_decline(),),
    )
    bring_in(engine, before)
    execute(
        engine,
        "INSERT INTO decline VALUES ('live', 'referral:R1', NULL, 'S1', 'provider', '2026-03-01', '', NULL)",
    )
    known = before.with_rows(
        referrals=(a_referral(excluded_areas=frozenset({"E12000001"}), survivor_ref="V1"), a_referral("R2"))
    )

    bring_in(engine, known)

    with reading(engine) as session:
        owners = {
            name: set(session.scalars(text(f"SELECT {column} FROM {name}")))
            for name, column in (
                ("decline", "survivor_id"),
                ("keep_apart", "survivor_id_a"),
                ("exclusion_area", "survivor_id"),
            )
        }
    assert set(map(frozenset, owners.values())) == {frozenset({"survivor:V1"})}
    assert len(read_back(engine).declines) == 2
    assert check_database(engine) == []


def rejected(engine: Engine, estate: Estate) -> list[str]:
    """Return why an import was rejected, having made sure that it wrote nothing."""
    before = contents(engine)
    with pytest.raises(ImportRejected) as refusal:
        bring_in(engine, estate)
    assert contents(engine) == before
    return [str(fault) for fault in refusal.value.faults]


def test_a_stay_that_overlaps_one_recorded_live_rejects_the_whole_folder(engine: Engine) -> None:
    placed = a_small_estate(
        referrals=(a_referral(), a_referral("R2", status=PLACED), a_referral("R3", status=PLACED)),
        people=(a_person(), a_person("A2", "R2"), a_person("A3", "R3")),
    )
    bring_in(engine, placed)
    execute(engine, "INSERT INTO placement (placement_id, referral_id) VALUES ('LIVE', 'R3')")
    execute(
        engine,
        "INSERT INTO placement_bed"
        " (placement_bed_id, placement_id, bed_id, starts_on, expected_end_on, ended_on)"
        " VALUES ('x', 'LIVE', 'B1', '2026-03-01', '2026-03-09', NULL)",
    )

    faults = rejected(engine, placed.with_rows(placements=(a_placement(),), beds=(a_bed(), a_bed("B2"))))

    assert faults == ["placements.csv, bed_id: placements PL-R2-B1 and LIVE would overlap in bed B1"]


def test_a_second_open_referral_of_a_survivor_rejects_the_folder(engine: Engine) -> None:
    bring_in(engine, a_small_estate(referrals=(a_referral(survivor_ref="V1"),)))

    faults = rejected(
        engine, Estate(referrals=(a_referral("R2", survivor_ref="V1"),), people=(a_person("A2", "R2"),))
    )

    assert faults == ["referrals.csv, status: R1, R2: one referral of a survivor may be waiting or held"]


def test_a_second_lead_rejects_the_folder(engine: Engine) -> None:
    bring_in(engine, a_small_estate())

    faults = rejected(engine, Estate(people=(a_person("A2"),)))

    assert faults == ["people.csv, is_lead: referral R1 would have 2 leads; one is needed"]


def test_a_pair_that_turns_out_to_be_one_survivor_rejects_the_folder(engine: Engine) -> None:
    apart = a_small_estate(
        referrals=(a_referral(), a_referral("R2", status=CLOSED)),
        people=(a_person(), a_person("A2", "R2")),
        keep_apart=(a_keep_apart(),),
    )
    bring_in(engine, apart)

    faults = rejected(
        engine,
        Estate(referrals=(a_referral(survivor_ref="V1"), a_referral("R2", status=CLOSED, survivor_ref="V1"))),
    )

    assert faults == ["keep_apart.csv, referral_id_b: R1, R2: one survivor's referrals cannot be kept apart"]


def test_a_row_about_a_record_that_was_removed_live_rejects_the_folder(engine: Engine) -> None:
    bring_in(engine, a_small_estate())
    execute(engine, "DELETE FROM bed")

    faults = rejected(engine, a_small_estate(closures=(a_closure(),)))

    assert faults == ["closures.csv, bed_id: must refer to a record that is in the folder or in the database"]


def test_a_placement_of_two_households_is_rejected(engine: Engine) -> None:
    faults = rejected(
        engine,
        a_small_estate(
            referrals=(a_referral(), a_referral("R2")),
            people=(a_person(), a_person("A2", "R2")),
            beds=(a_bed(), a_bed("B2")),
            placements=(
                a_placement("R1", "B1", placement_id="P"),
                a_placement("R2", "B2", placement_id="P"),
            ),
        ),
    )

    assert faults == ["placements.csv, referral_id: P: all its rows must name one referral"]
