"""A round whose time is up: it still answers, breaks no rule, and its bounds are true."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from random import Random

import pytest

from optimiser.allocation import Allocation, allocate
from optimiser.check import objective, violations
from optimiser.problem import LEVELS, Problem
from optimiser.result import round_json
from tests.problems import MEN, a_problem, a_request, a_slot, best_of_all, random_problem, rank

NO_TIME_S = 1e-9
LIMITS_S = (NO_TIME_S, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2)
"""From no time at all to most of what the awkward round takes: some end in each of the steps."""


@cache
def an_awkward_round() -> tuple[Problem, tuple[int, ...]]:
    """Return a round that takes every level's search, about half a second of them, and its best levels."""
    problem = random_problem(Random(0), households=40, units=12)
    return problem, tuple(allocate(problem).objective.values())


def assert_true_bounds(answer: Allocation, best: Sequence[int]) -> None:
    """Assert that each level before the first open one is the best, its bound no worse, and none after."""
    reached, bound = list(answer.objective.values()), list(answer.bound.values())
    proven = next((level for level in range(len(LEVELS)) if reached[level] != bound[level]), len(LEVELS))

    assert answer.optimal is (proven == len(LEVELS))
    assert reached[:proven] == list(best[:proven])
    assert bound[proven + 1 :] == [None] * len(LEVELS[proven + 1 :])
    assert rank(reached) <= rank(best)
    if not answer.optimal:
        open_bound, signed = bound[proven], 1 if proven < len(LEVELS) - 1 else -1
        assert open_bound is not None
        assert signed * open_bound >= signed * best[proven]


@pytest.mark.parametrize("time_limit_s", LIMITS_S)
def test_whatever_the_time_limit_no_rule_is_broken_and_the_bounds_are_true(time_limit_s: float) -> None:
    problem, best = an_awkward_round()

    answer = allocate(problem, time_limit_s=time_limit_s)

    assert violations(problem, answer.assignment) == []
    assert answer.objective == objective(problem, answer.assignment)
    assert_true_bounds(answer, best)


def test_bounds_without_any_time_are_true_to_the_best_of_all() -> None:
    cut_short = 0
    for seed in range(60):
        problem = random_problem(Random(seed))

        answer = allocate(problem, time_limit_s=NO_TIME_S)

        assert violations(problem, answer.assignment) == []
        assert_true_bounds(answer, best_of_all(problem))
        cut_short += not answer.optimal
    assert cut_short > 15


def test_a_round_that_had_the_time_it_needed_is_proven_as_without_a_limit() -> None:
    problem, _ = an_awkward_round()

    assert allocate(problem, time_limit_s=600) == allocate(problem)


def test_a_round_cut_short_says_feasible_and_whoever_is_not_placed_not_proven() -> None:
    """Three standard households are bounded by the flow; who comes after the first open level is null."""
    problem = a_problem(
        [a_request("R1"), a_request("R2"), a_request("R3", sharing_class=MEN)],
        [a_slot("U1", None, None, None, shared=True)],
    )

    answer = round_json(problem, allocate(problem, time_limit_s=NO_TIME_S))

    assert answer["status"] == "feasible"
    assert answer["objective"] == {
        "emergency": 0,
        "urgent": 0,
        "standard": 2,
        "days_waited": 0,
        "mismatch": 0,
    }
    assert answer["bound"] == {
        "emergency": 0,
        "urgent": 0,
        "standard": 3,
        "days_waited": None,
        "mismatch": None,
    }
    assert [row["outcome"] for row in answer["unplaced"]] == ["not_proven"]


def test_it_tells_what_it_is_doing_from_the_first_moment() -> None:
    problem, _ = an_awkward_round()
    told: list[str] = []
    told_without_time: list[str] = []

    allocate(problem, on_progress=told.append)
    allocate(problem, on_progress=told_without_time.append, time_limit_s=NO_TIME_S)

    assert told[0] == "bounding the round"
    for level in LEVELS:
        assert f"bounding {level}" in told
        assert any(words.startswith(f"searching {level} among") for words in told)
    assert told_without_time[-1] == "time is up: the best answer so far"
