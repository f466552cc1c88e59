"""Households kept where a person has settled: they stay there, and the rest is still the best."""

from __future__ import annotations

from itertools import product
from random import Random

import pytest

from optimiser.allocation import Allocation, allocate
from optimiser.check import violations
from optimiser.kept import faults_of_kept, kept_pairs, not_kept, with_kept
from optimiser.problem import LEVELS, BedSlot, Problem, UnitSlot
from optimiser.result import round_json
from tests.problems import MEN, Levels, a_problem, a_request, a_slot, levels_of, random_problem, rank

EMERGENCY, STANDARD = 0, 2


def placed(problem: Problem) -> dict[str, str]:
    """Return who is placed where, by reference."""
    return {problem.requests[r].ref: problem.units[u].ref for r, u in allocate(problem).assignment}


def test_a_kept_household_stays_although_somebody_more_urgent_could_have_the_unit() -> None:
    problem = a_problem([a_request("R1", tier=STANDARD), a_request("R2", tier=EMERGENCY)], [a_slot("U1")])

    assert placed(problem) == {"R2": "U1"}
    assert placed(with_kept(problem, {"R1": "U1"})) == {"R1": "U1"}


def test_whoever_waits_for_a_kept_household_is_told_who_went_before() -> None:
    problem = with_kept(
        a_problem([a_request("R1", tier=STANDARD), a_request("R2", tier=EMERGENCY)], [a_slot("U1")]),
        {"R1": "U1"},
    )

    (unplaced,) = round_json(problem, allocate(problem))["unplaced"]

    assert (unplaced["outcome"], unplaced["outranked_by"]) == ("outranked", {"standard": 1})


def test_a_placement_says_that_it_was_kept() -> None:
    problem = with_kept(
        a_problem([a_request("R1"), a_request("R2")], [a_slot("U1"), a_slot("U2")]), {"R2": "U1"}
    )

    rows = round_json(problem, allocate(problem))["placements"]

    assert [(row["referral_id"], row["unit_id"], row.get("kept", False)) for row in rows] == [
        ("R1", "U2", False),
        ("R2", "U1", True),
    ]


def test_the_beds_of_a_shared_unit_that_are_left_go_to_others_of_the_same_gender() -> None:
    women, man = [a_request("R1"), a_request("R2")], a_request("R3", tier=EMERGENCY, sharing_class=MEN)
    problem = a_problem([*women, man], [a_slot("U1", None, None, shared=True)])

    assert placed(problem) == {"R3": "U1"}
    assert placed(with_kept(problem, {"R1": "U1"})) == {"R1": "U1", "R2": "U1"}


def test_the_bed_that_is_free_for_long_is_left_to_who_stays_long() -> None:
    problem = a_problem(
        [a_request("R1", nights=10), a_request("R2", nights=40)], [a_slot("U1", 10, None, shared=True)]
    )

    assert placed(with_kept(problem, {"R1": "U1"})) == {"R1": "U1", "R2": "U1"}


def test_whoever_must_be_kept_apart_from_a_kept_household_goes_to_another_site() -> None:
    problem = a_problem(
        [a_request("R1"), a_request("R2")],
        [a_slot("U1"), a_slot("U2"), a_slot("U3", site="S2")],
        points={("R2", "U3"): 10},
        apart=[("R1", "R2")],
    )

    assert placed(with_kept(problem, {"R1": "U1"})) == {"R1": "U1", "R2": "U3"}


def test_a_pair_that_is_not_allowed_cannot_be_kept() -> None:
    problem = with_kept(a_problem([a_request("R1")], [a_slot("U1")], barred=[("R1", "U1")]), {"R1": "U1"})

    with pytest.raises(ValueError, match="allowed pair"):
        allocate(problem)


def test_a_household_that_is_not_there_cannot_be_kept() -> None:
    with pytest.raises(ValueError, match="households of the problem"):
        with_kept(a_problem([a_request("R1")], [a_slot("U1")]), {"R2": "U1"})


@pytest.mark.parametrize(
    ("slots", "apart"),
    [
        ([a_slot("U1", None, None)], []),
        ([a_slot("U1", None, shared=True)], []),
        ([a_slot("U1", None, None, shared=True)], [("R1", "R2")]),
    ],
    ids=["one household a unit", "too few beds", "kept apart"],
)
def test_households_that_cannot_be_kept_together_are_refused(
    slots: list[UnitSlot], apart: list[tuple[str, str]]
) -> None:
    problem = with_kept(
        a_problem([a_request("R1"), a_request("R2")], slots, apart=apart), {"R1": "U1", "R2": "U1"}
    )

    assert faults_of_kept(problem, kept_pairs(problem))
    with pytest.raises(ValueError, match="cannot be"):
        allocate(problem)


def test_an_assignment_without_the_kept_household_is_a_fault() -> None:
    problem = with_kept(a_problem([a_request("R1")], [a_slot("U1"), a_slot("U2")]), {"R1": "U1"})

    assert not_kept(problem, [(0, 0)]) == []
    assert not_kept(problem, [(0, 1)]) == not_kept(problem, []) == ["R1 is to be kept in U1 and is not"]


def test_a_round_cut_short_keeps_whom_it_must_and_says_what_is_not_known() -> None:
    problem = random_problem(Random(7), households=6, units=3)
    r, u = problem.pairs[0].tolist()
    kept = with_kept(problem, {problem.requests[r].ref: problem.units[u].ref})

    answer = allocate(kept, time_limit_s=1e-9)

    assert (r, u) in answer.assignment
    assert answer.bound["emergency"] is not None
    assert answer.bound["emergency"] <= sum(one.tier == EMERGENCY for one in problem.requests)


def test_a_problem_with_kept_households_is_the_same_after_a_trip_through_text() -> None:
    problem = a_problem([a_request("R1")], [a_slot("U1")])
    kept = with_kept(problem, {"R1": "U1"})

    assert "kept_in" not in problem.to_json()
    assert Problem.from_json(kept.to_json()).requests == kept.requests
    assert Problem.from_json(kept.to_json()).to_json() == kept.to_json()


@pytest.mark.parametrize("seed", range(60))
def test_the_rest_of_a_round_is_the_best_that_keeps_them(seed: int) -> None:
    """Against every assignment there is of five households and three units, one or two of them kept."""
    rng = Random(seed)
    problem = random_problem(rng, households=5, units=3)
    wanted = some_that_stand(problem, rng)
    kept = with_kept(problem, {problem.requests[r].ref: problem.units[u].ref for r, u in wanted})

    answer = allocate(kept)

    assert set(wanted) <= set(answer.assignment)
    assert tuple(answer.objective[level] for level in LEVELS) == best_that_keeps(problem, wanted)
    assert is_proven(answer)


def some_that_stand(problem: Problem, rng: Random) -> list[tuple[int, int]]:
    """Return one or two pairs that break no rule together."""
    pairs = [(r, u) for r, u in problem.pairs.tolist()]
    rng.shuffle(pairs)
    wanted: list[tuple[int, int]] = []
    for pair in pairs:
        if len(wanted) < 2 and not violations(problem, [*wanted, pair]):
            wanted.append(pair)
    return wanted


def best_that_keeps(problem: Problem, wanted: list[tuple[int, int]]) -> Levels:
    """Return the best five levels of all assignments that have some pairs, by trying every one."""
    choices = [
        [u for q, u in wanted if q == r] or [None, *(u for q, u in problem.pairs.tolist() if q == r)]
        for r in range(len(problem.requests))
    ]
    found = []
    for units in product(*choices):
        assignment = [(r, u) for r, u in enumerate(units) if u is not None]
        if not violations(problem, assignment):
            found.append(levels_of(problem, assignment))
    return max(found, key=rank)


def is_proven(answer: Allocation) -> bool:
    """Return whether every level is at its bound."""
    return answer.optimal and answer.bound == answer.objective


def test_no_bed_is_taken_twice_where_several_are_kept_in_one_unit() -> None:
    beds = (BedSlot("B1", is_cot=False, free_nights=20), BedSlot("B2", is_cot=False, free_nights=None))
    unit = UnitSlot("U1", "S1", shared=True, max_stay=None, beds=beds)
    problem = a_problem([a_request("R1", nights=20), a_request("R2", nights=30), a_request("R3")], [unit])
    kept = with_kept(problem, {"R1": "U1", "R2": "U1"})

    rows = round_json(kept, allocate(kept))["placements"]

    assert {row["referral_id"]: row["bed_ids"] for row in rows} == {"R1": ["B1"], "R2": ["B2"]}
