"""A household and unit that a person has settled stay in the round, by every rule, or it is said why not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beds.checking import check_result
from beds.domain.clock import Clock
from beds.domain.estate import Estate
from beds.domain.points import MismatchPoints
from beds.domain.terms import Priority
from beds.errors import HardRuleBroken, NotAllowedNow, NotFound
from beds.services.rounds import Round, run_round
from beds.store.frozen import join_problem, split_problem
from optimiser.allocation import allocate
from optimiser.problem import Problem
from optimiser.result import round_json
from tests.builders import (
    CLOCK,
    NOON,
    a_bed,
    a_hold,
    a_keep_apart,
    a_person,
    a_referral,
    a_small_estate,
    a_unit,
)
from tests.oracles import PERIODS, POINTS
from tests.strategies import random_estate


def a_round(estate: Estate, kept: Mapping[str, str], clock: Clock = CLOCK) -> Round:
    """Return a round that keeps some households."""
    return run_round(estate, clock, periods=PERIODS, points=MismatchPoints(), kept=kept)


def two_for_one(**tables: object) -> Estate:
    """Return an emergency and a standard household who could each have the one unit there is."""
    return a_small_estate(
        **{
            "referrals": (a_referral(), a_referral("R2", priority=Priority.EMERGENCY)),
            "people": (a_person(), a_person("A2", "R2")),
            **tables,
        }
    )


def two_units(**tables: object) -> Estate:
    """Return the two with a unit each."""
    return two_for_one(units=(a_unit(), a_unit("U2")), beds=(a_bed(), a_bed("B2", "U2")), **tables)


def where(held: Round) -> dict[str, str]:
    """Return who is proposed where."""
    return {row["referral_id"]: row["unit_id"] for row in held.result["placements"]}


def test_a_choice_is_kept_and_the_round_is_the_best_around_it() -> None:
    assert where(a_round(two_for_one(), {})) == {"R2": "U1"}

    held = a_round(two_for_one(), {"R1": "U1"})

    assert where(held) == {"R1": "U1"}
    assert held.result["status"] == "optimal"
    assert held.result["unplaced"][0]["outranked_by"] == {"standard": 1}
    assert faults(held, two_for_one()) == []


def faults(held: Round, estate: Estate) -> list[str]:
    """Return what the independent checker has against a round."""
    return check_result(held.result, estate, as_at=None, periods=PERIODS, points=POINTS)


def test_the_checker_still_finds_what_could_be_better_beside_a_kept_choice() -> None:
    held = a_round(two_for_one(), {"R1": "U1"})
    unmarked = json.loads(held.result_json)
    del unmarked["placements"][0]["kept"]

    found = check_result(unmarked, two_for_one(), as_at=None, periods=PERIODS, points=POINTS)

    assert found == ["status: not optimal, R2 goes before R1 in U1"]


def test_a_round_without_choices_is_the_same_text_as_ever() -> None:
    held = a_round(two_units(), {})

    assert "kept" not in held.result_json
    assert "kept" not in held.problem.to_json()


@pytest.mark.parametrize(
    ("changes", "kept", "refusal", "words"),
    [
        ({}, {"R-none": "U1"}, NotAllowedNow, "R-none does not take part"),
        ({"holds": (a_hold("R1", "B2"),)}, {"R1": "U1"}, NotAllowedNow, "R1 does not take part"),
        ({}, {"R1": "U-none"}, NotFound, "no such unit"),
        (
            {"people": (a_person(age=None), a_person("A2", "R2"))},
            {"R1": "U1"},
            NotAllowedNow,
            "not a household that a round places",
        ),
        (
            {"referrals": (a_referral(min_security_level=3), a_referral("R2"))},
            {"R1": "U1"},
            HardRuleBroken,
            "R1 cannot be kept in U1, hard rules stand in the way: the security level",
        ),
        ({}, {"R1": "U1", "R2": "U1"}, HardRuleBroken, "R2 cannot be kept in U1 beside the others"),
        (
            {"keep_apart": (a_keep_apart(),)},
            {"R1": "U1", "R2": "U2"},
            HardRuleBroken,
            "there is no room for all of them",
        ),
    ],
    ids=["unknown", "held", "no unit", "an age is missing", "a rule", "one unit", "apart"],
)
def test_a_choice_that_cannot_be_kept_is_refused_in_words(
    changes: dict[str, object], kept: dict[str, str], refusal: type[Exception], words: str
) -> None:
    with pytest.raises(refusal, match=words) as told:
        a_round(two_units(**changes), kept)

    assert "apart" not in str(told.value)


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None, derandomize=True)
def test_a_kept_proposal_of_any_round_leaves_a_round_that_breaks_no_rule(seed: int) -> None:
    rng = Random(seed)
    estate = random_estate(rng, households=5, units=5, as_at=NOON)
    allowed = a_round(estate, {}).problem
    pairs = [(allowed.requests[r].ref, allowed.units[u].ref) for r, u in allowed.pairs.tolist()]
    kept = dict([rng.choice(pairs)]) if pairs else {}

    held = a_round(estate, kept)

    assert kept.items() <= where(held).items()
    assert faults(held, estate) == []


def test_a_kept_choice_is_with_the_case_in_the_frozen_problem_and_is_replayed() -> None:
    held = a_round(two_for_one(), {"R1": "U1"})
    text = held.problem.to_json()

    base, cases = split_problem(text)

    assert "kept_in" not in base
    assert "kept_in" in cases["R1"]
    again = Problem.from_json(join_problem(base, cases))
    assert round_json(again, allocate(again)) == held.result
