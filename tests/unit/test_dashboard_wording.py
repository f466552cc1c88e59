"""The words that the terminal and the dashboard share."""

from __future__ import annotations

import pytest

from beds.domain.eligibility import BARRIER_RULES
from beds.domain.points import MISMATCH_KINDS
from beds.domain.terms import Outcome
from beds.wording import (
    LABELS,
    LEVEL_DEFINITIONS,
    LEVELS,
    MISMATCHES,
    OUTCOMES,
    TO_TALK_OVER,
    barrier,
    barrier_sentence,
    counted,
    proof,
)
from optimiser.problem import LEVELS as SOLVED_LEVELS
from optimiser.result import BarrierJson, RoundJson

BEST = {"emergency": 3, "urgent": 5, "standard": 9, "days_waited": 77, "mismatch": 310}


def a_round(status: str, **bounds: int | None) -> RoundJson:
    """Return a round's answer with other bounds than its results."""
    return {
        "schema_version": 1,
        "as_at": "2026-03-03T12:00:00+00:00",
        "status": status,
        "objective": BEST,
        "bound": {**BEST, **bounds},
        "placements": [],
        "unplaced": [],
    }


def a_barrier(*rules: str, units: int = 3, askable: bool = True) -> BarrierJson:
    """Return a barrier."""
    return {"rules": list(rules), "units": units, "askable": askable}


def test_there_are_words_for_everything_that_can_be_answered() -> None:
    assert tuple(LEVELS) == tuple(LEVEL_DEFINITIONS) == SOLVED_LEVELS
    assert tuple(OUTCOMES) == tuple(Outcome)
    assert tuple(MISMATCHES) == MISMATCH_KINDS
    assert set(TO_TALK_OVER) < set(BARRIER_RULES) < set(LABELS)


def test_a_proven_round_is_optimal_at_all_five_levels() -> None:
    assert proof(a_round("optimal")) == "Optimal: proven at all five levels."


@pytest.mark.parametrize(
    ("bounds", "said"),
    [
        ({"urgent": 7, "standard": None}, "within 2 of the best possible at level 2 of five"),
        ({"mismatch": 298}, "within 12 of the best possible at level 5 of five"),
        ({"standard": None}, "Not proven beyond level 2 of five"),
    ],
)
def test_a_round_cut_short_says_how_near_the_best_it_is(bounds: dict[str, int | None], said: str) -> None:
    assert said in proof(a_round("feasible", **bounds))


def test_what_may_be_talked_over_says_what_opens_up() -> None:
    found = a_barrier("nation")

    assert barrier_sentence(found) == "3 units open up if they agree to crossing the border."
    assert barrier(found) == "to talk over: crossing the border (3 units with room)"


def test_two_things_to_talk_over_are_both_named_and_one_unit_is_one() -> None:
    found = a_barrier("nation", "house_mix", units=1)

    assert barrier_sentence(found) == "1 unit opens up if they agree to crossing the border and sharing."


def test_what_the_estate_lacks_never_invites_her_to_agree() -> None:
    found = a_barrier("security", askable=False)

    assert barrier_sentence(found) == "3 units have room but are ruled out by the security level."


def test_one_is_counted_in_the_singular() -> None:
    assert (counted(1, "unit"), counted(0, "unit"), counted(1200, "unit")) == (
        "1 unit",
        "0 units",
        "1,200 units",
    )
