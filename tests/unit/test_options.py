"""One household's options and one unit's candidates: best first, why not, and keep-apart never told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beds.checking.situation import Situation
from beds.domain.clock import Clock
from beds.domain.estate import Estate
from beds.domain.points import MismatchPoints
from beds.domain.terms import (
    AgeStatus,
    Gender,
    Nation,
    Priority,
    ReferralRef,
    ReferralStatus,
    Sharing,
    UnitRef,
)
from beds.errors import NotFound
from beds.services.freezing import Ground
from beds.services.options import CandidatesJson, OptionsJson, candidates, options
from beds.services.rounds import as_json, run_round
from tests.builders import (
    CLOCK,
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
    a_unit,
)
from tests.oracles import PERIODS
from tests.strategies import AWKWARD_INSTANTS, random_estate
from tests.truth_case import a_child, a_partner, an_estate, another_site, april, with_resident, with_sites


def options_of(
    estate: Estate, referral_id: str = "R1", *, clock: Clock = CLOCK, top: int | None = None
) -> OptionsJson:
    """Return what the service says of one household."""
    return options(Ground.of(estate, clock), referral_id, periods=PERIODS, points=MismatchPoints(), top=top)


def candidates_of(
    estate: Estate, unit_id: str = "U1", *, clock: Clock = CLOCK, top: int | None = None
) -> CandidatesJson:
    """Return what the service says of one unit."""
    return candidates(Ground.of(estate, clock), unit_id, periods=PERIODS, points=MismatchPoints(), top=top)


def waiting(estate: Estate, *households: tuple[str, dict[str, Any], dict[str, Any]]) -> Estate:
    """Return the estate with more households waiting: a reference, changes of the referral, of the lead."""
    return estate.with_rows(
        referrals=(*estate.referrals, *(a_referral(ref, **changes) for ref, changes, _ in households)),
        people=(*estate.people, *(a_person(f"A-{ref}", ref, **lead) for ref, _, lead in households)),
    )


def three_units(**referral: Any) -> Estate:
    """Return three sites of one unit: U1 and U2 cost 45 points, U3 is where she wants to be and costs 25."""
    wanted = {"preferred_regions": frozenset({"E12000002"}), **referral}
    return with_sites(an_estate(referral=wanted), another_site("S2"), another_site("S3", region="E12000002"))


def test_options_come_best_first_then_by_reference() -> None:
    answer = options_of(three_units())

    assert [(row["unit_id"], row["points"]) for row in answer["options"]] == [
        ("U3", 25),
        ("U1", 45),
        ("U2", 45),
    ]
    assert answer["options"][0] == {
        "site_id": "S3",
        "unit_id": "U3",
        "starts_on": "2026-03-03",
        "expected_end_on": "2026-04-02",
        "mismatch": {"security": 10, "step_free": 15},
        "points": 25,
    }
    assert answer["options"][1]["mismatch"] == {"region": 20, "security": 10, "step_free": 15}


def test_only_as_many_options_as_asked_for_are_given_and_all_are_counted() -> None:
    answer = options_of(three_units(), top=1)

    assert [row["unit_id"] for row in answer["options"]] == ["U3"]
    assert answer["options_in_all"] == 3


def test_with_an_option_there_is_no_outcome_and_no_barrier() -> None:
    answer = options_of(three_units())

    assert (answer["outcome"], answer["free_on"], answer["barriers"]) == (None, None, [])
    assert (answer["why_not"], answer["others"]) == ([], [])


def test_why_not_counts_each_rule_and_where_it_is_the_only_one() -> None:
    estate = with_sites(
        an_estate(referral={"min_security_level": 3}),
        another_site("S2", security_level=3, nation=Nation.SCOTLAND, region="S92000003"),
        another_site("S3", nation=Nation.SCOTLAND, region="S92000003"),
    )

    answer = options_of(estate)

    told = {row["rule"]: (row["units"], row["only_this"]) for row in answer["why_not"]}
    assert told == {"nation": (2, 1), "security": (2, 1)}
    assert [(row["unit_id"], row["rules"]) for row in answer["others"]] == [
        ("U1", ["security"]),
        ("U2", ["nation"]),
        ("U3", ["nation", "security"]),
    ]
    assert all(row["label"] for row in answer["why_not"])


def test_nowhere_free_says_from_when_it_is_not_before() -> None:
    answer = options_of(with_resident(an_estate(), "B1"))

    assert answer["options"] == []
    assert answer["outcome"] == "no_free_unit"
    assert answer["free_on"] == "2026-04-02"


def test_nowhere_eligible_says_so_without_a_date() -> None:
    answer = options_of(an_estate(referral={"min_security_level": 3}))

    assert answer["outcome"] == "no_eligible_unit"
    assert answer["free_on"] is None
    assert answer["barriers"] == [{"rules": ["security"], "units": 1, "askable": False}]


@given(seed=st.integers(0, 2**32 - 1), as_at=st.sampled_from(AWKWARD_INSTANTS))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_options_and_candidates_and_a_round_say_the_same_of_everybody(seed: int, as_at: datetime) -> None:
    estate, clock = random_estate(Random(seed), households=5, units=5, as_at=as_at), Clock(as_at)
    situation = Situation.at(estate, as_at, PERIODS)
    held = run_round(estate, clock, periods=PERIODS, points=MismatchPoints())
    unplaced = {row["referral_id"]: row for row in held.result["unplaced"]}
    contested = {"outranked"}

    could_have: dict[str, set[str]] = {}
    for household in situation.taking_part:
        answer = options_of(estate, household.reference, clock=clock)
        could_have[household.reference] = {row["unit_id"] for row in answer["options"]}

        assert answer["takes_part"]
        row = unplaced.get(household.reference)
        if row is None or row["outcome"] in contested:
            assert answer["options"]
        else:
            assert {key: answer[key] for key in ("outcome", "free_on", "barriers")} == {  # type: ignore[literal-required]
                key: row[key]
                for key in ("outcome", "free_on", "barriers")  # type: ignore[literal-required]
            }
    for unit in estate.units:
        told = candidates_of(estate, unit.unit_id, clock=clock)
        able = {row["referral_id"] for row in told["candidates"]}

        assert able == {ref for ref, units in could_have.items() if unit.unit_id in units}
        assert able | {row["referral_id"] for row in told["others"]} == set(could_have)


def a_site_with_an_enemy() -> Estate:
    """Return a site whose U1 is Q1's until 2 April and whose U2 is empty, and S2, which R1 declined."""
    estate = with_sites(
        an_estate(units=(a_unit("U9", "S1"),), beds=(a_bed("B1", "U1"), a_bed("B9", "U9"))),
        another_site("S2"),
    )
    resident = a_referral("Q1", status=ReferralStatus.PLACED)
    return estate.with_rows(
        referrals=(*estate.referrals, resident),
        people=(*estate.people, a_person("AQ", "Q1")),
        placements=(a_placement("Q1", "B1"),),
        declines=(a_decline("R1", "S2"),),
    )


def test_keep_apart_reads_to_the_byte_like_a_bed_that_is_taken() -> None:
    with_enemy = a_site_with_an_enemy().with_rows(keep_apart=(a_keep_apart("R1", "Q1"),))
    bed_taken = a_site_with_an_enemy().with_rows(closures=(a_closure("B9", ends_on=april(2)),))

    told = options_of(with_enemy)

    assert as_json(told) == as_json(options_of(bed_taken))
    assert as_json(candidates_of(with_enemy, "U9")) == as_json(candidates_of(bed_taken, "U9"))
    assert told["outcome"] == "no_free_unit"
    assert "keep_apart" not in as_json(told)
    assert "Q1" not in as_json(told)


def test_keep_apart_reads_like_a_bed_that_is_taken_in_a_round_too() -> None:
    with_enemy = a_site_with_an_enemy().with_rows(keep_apart=(a_keep_apart("R1", "Q1"),))
    bed_taken = a_site_with_an_enemy().with_rows(closures=(a_closure("B9", ends_on=april(2)),))

    rounds = [
        run_round(estate, CLOCK, periods=PERIODS, points=MismatchPoints()).result_json
        for estate in (with_enemy, bed_taken)
    ]

    assert rounds[0] == rounds[1]


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None, derandomize=True)
def test_keep_apart_is_named_nowhere(seed: int) -> None:
    estate = random_estate(Random(seed), households=4, units=4)
    pairs = tuple(
        a_keep_apart("R1", r.referral_id)
        for r in estate.referrals
        if r.survivor != estate.referral_by_id[ReferralRef("R1")].survivor
    )
    estate = estate.with_rows(keep_apart=pairs)

    told = [
        as_json(options_of(estate, "R1")),
        *(as_json(candidates_of(estate, u.unit_id)) for u in estate.units),
    ]

    assert not any("keep_apart" in text or "keep apart" in text for text in told)


def test_candidates_come_by_priority_then_days_waited_then_reference() -> None:
    estate = waiting(
        an_estate(),
        ("R2", {"priority": Priority.URGENT}, {}),
        ("R3", {"no_shelter_tonight": True}, {}),
        ("R4", {"received_at": NOON - timedelta(days=9)}, {}),
        ("R5", {"priority": Priority.URGENT, "received_at": NOON - timedelta(days=1)}, {}),
        ("R0", {}, {}),
    )

    answer = candidates_of(estate)

    line = [(row["referral_id"], row["priority"], row["days_waited"]) for row in answer["candidates"]]
    assert line == [
        ("R3", "emergency", 2),
        ("R2", "urgent", 2),
        ("R5", "urgent", 1),
        ("R4", "standard", 9),
        ("R0", "standard", 2),
        ("R1", "standard", 2),
    ]
    assert answer["candidates_in_all"] == 6
    assert [row["referral_id"] for row in candidates_of(estate, top=2)["candidates"]] == ["R3", "R2"]


def test_a_candidate_comes_with_her_stay_and_her_mismatch() -> None:
    (candidate,) = candidates_of(an_estate(site={"max_stay_nights": 30}))["candidates"]

    assert candidate["starts_on"] == "2026-03-03"
    assert candidate["expected_end_on"] == "2026-04-02"
    assert candidate["mismatch"] == {"security": 10, "step_free": 15}
    assert candidate["points"] == 25


def test_who_could_not_have_the_unit_is_listed_with_the_rules_in_the_way() -> None:
    estate = waiting(
        an_estate(), ("R2", {"min_security_level": 3}, {"gender": Gender.MALE}), ("R3", {}, {"age": None})
    )

    answer = candidates_of(estate)

    assert [row["referral_id"] for row in answer["candidates"]] == ["R1"]
    assert [(row["referral_id"], row["outcome"], row["rules"]) for row in answer["others"]] == [
        ("R2", None, ["gender", "security"]),
        ("R3", "information_missing", []),
    ]


FOUR_KINDS = [
    pytest.param(an_estate(lead={"age": None}), "information_missing", id="an age not asked"),
    pytest.param(an_estate(lead={"age": 17}), "unaccompanied_child", id="a child alone"),
    pytest.param(an_estate(lead={"age_status": AgeStatus.DISPUTED}), "age_unresolved", id="a disputed age"),
    pytest.param(
        an_estate(people=(a_partner(together_confirmed=None),)),
        "together_unconfirmed",
        id="a partner not asked alone",
    ),
]


@pytest.mark.parametrize(("estate", "outcome"), FOUR_KINDS)
def test_who_is_not_placed_by_any_round_has_no_options_and_is_no_candidate(
    estate: Estate, outcome: str
) -> None:
    answer = options_of(estate)
    others = candidates_of(estate)["others"]

    assert answer["outcome"] == outcome
    assert (answer["options"], answer["others"], answer["barriers"]) == ([], [], [])
    assert [(row["referral_id"], row["outcome"], row["rules"]) for row in others] == [("R1", outcome, [])]


NOT_NOW = [
    pytest.param({"status": ReferralStatus.PLACED}, (), "the referral is placed", id="placed"),
    pytest.param({"status": ReferralStatus.CLOSED}, (), "the referral is closed", id="closed"),
    pytest.param(
        {"needed_from": TODAY + timedelta(days=1)}, (), "a place is needed from 2026-03-04", id="tomorrow"
    ),
    pytest.param(
        {"status": ReferralStatus.HELD},
        (a_hold("R1", "B2"),),
        "a hold is in force until 2026-03-03T14:00:00+00:00",
        id="held",
    ),
]


@pytest.mark.parametrize(("changes", "holds", "standing"), NOT_NOW)
def test_who_does_not_take_part_is_told_why_and_sees_what_would_be_free(
    changes: dict[str, Any], holds: tuple[Any, ...], standing: str
) -> None:
    estate = with_sites(an_estate(referral=changes), another_site("S2")).with_rows(holds=holds)

    answer = options_of(estate)

    assert (answer["takes_part"], answer["standing"]) == (False, standing)
    assert "U1" in {row["unit_id"] for row in answer["options"]}
    assert candidates_of(estate) == {
        **candidates_of(estate),
        "candidates": [],
        "candidates_in_all": 0,
        "others": [],
    }


def test_what_was_not_asked_is_listed() -> None:
    unasked = dict.fromkeys(
        ("min_security_level", "needs_step_free", "accepts_sharing", "cross_border", "risk_to_others")
    )
    estate = an_estate(
        referral=unasked,
        lead={"languages": frozenset()},
        people=(a_child(5), a_partner(together_confirmed=None, age=None)),
    )

    assert options_of(estate)["not_yet_asked"] == [*unasked, "age", "together_confirmed", "languages"]
    assert options_of(an_estate())["not_yet_asked"] == []


def test_a_reference_that_is_not_there_is_not_found_and_not_repeated() -> None:
    for ask in (options_of, candidates_of):
        with pytest.raises(NotFound) as refusal:
            ask(a_small_estate(), "R-secret")

        assert "R-secret" not in str(refusal.value)


def test_at_two_in_the_morning_options_are_for_the_night_that_is_running() -> None:
    clock = Clock(datetime(2026, 3, 4, 2, 0, tzinfo=UTC))
    estate = with_resident(an_estate(), "B1", expected_end_on=TODAY + timedelta(days=1))

    answer = options_of(estate, clock=clock)

    assert (answer["outcome"], answer["free_on"]) == ("no_free_unit", "2026-03-04")


def test_a_shared_unit_has_only_candidates_of_its_gender() -> None:
    estate = an_estate(
        site={"admits": frozenset(Gender)},
        unit={"sharing": Sharing.SHARED},
        beds=(a_bed("B1"), a_bed("B2"), a_bed("B3")),
    )
    estate = waiting(with_resident(estate, "B1"), ("R3", {}, {"gender": Gender.MALE}))

    answer = candidates_of(estate, UnitRef("U1"))

    assert [row["referral_id"] for row in answer["candidates"]] == ["R1"]
    assert [(row["referral_id"], row["rules"]) for row in answer["others"]] == [("R3", ["sharing"])]


def test_asking_changes_nothing() -> None:
    estate = a_site_with_an_enemy()
    before = replace(estate)

    assert options_of(estate) == options_of(estate)
    assert estate == before
