"""Rounds too large to try every answer, judged by another model and another solver."""

from __future__ import annotations

from itertools import pairwise
from random import Random

import pytest

from optimiser import allocation
from optimiser.allocation import allocate
from tests.another_solver import best_by_cp_sat
from tests.benchmarks.hard_problems import SCARCE, hard_problem
from tests.problems import best_of_all, random_problem


@pytest.mark.parametrize("seed", range(20))
def test_the_other_solver_is_itself_right_where_every_answer_can_be_tried(seed: int) -> None:
    problem = random_problem(Random(seed))

    assert best_by_cp_sat(problem) == best_of_all(problem)


@pytest.mark.parametrize("seed", [199, 231, 238, 259, 270])
def test_a_round_is_not_taken_as_proven_a_few_days_or_points_short(seed: int) -> None:
    """In these, a search that stops within 5 of its bound has not found the best yet."""
    problem = random_problem(Random(seed), households=12, units=4)

    answer = allocate(problem)

    assert tuple(answer.objective.values()) == best_by_cp_sat(problem)
    assert answer.optimal


@pytest.mark.parametrize(("sites", "households", "seed"), [(12, 70, 0), (12, 70, 1), (12, 70, 3)])
def test_a_scarce_round_is_the_best_there_is(sites: int, households: int, seed: int) -> None:
    """The first is proven at the bounds, the others level by level."""
    problem = hard_problem(sites, households, seed=seed, hardness=SCARCE)

    answer = allocate(problem)

    assert tuple(answer.objective.values()) == best_by_cp_sat(problem)
    assert answer.optimal
    assert answer.bound == answer.objective


def test_how_wide_the_first_search_is_makes_no_difference_to_the_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One column a household is far too few: it must widen until what was left out cannot be better."""
    monkeypatch.setattr(allocation, "COLUMNS_PER_HOUSEHOLD", 1)
    widened = 0

    for seed in range(120):
        problem, told = random_problem(Random(seed)), list[str]()
        answer = allocate(problem, on_progress=told.append)

        assert tuple(answer.objective.values()) == best_of_all(problem)
        assert answer.optimal
        widened += any(
            one.startswith("searching") and next_.startswith("searching") for one, next_ in pairwise(told)
        )
    assert widened > 30


@pytest.mark.parametrize("seed", [10, 19, 147])
def test_a_bound_is_not_lowered_by_a_search_that_was_too_narrow(
    monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """In these, the first search ends with less than the wider one finds: it bounds only what it searched."""
    monkeypatch.setattr(allocation, "COLUMNS_PER_HOUSEHOLD", 1)
    problem = random_problem(Random(seed), households=12, units=4)

    answer = allocate(problem)

    assert tuple(answer.objective.values()) == best_by_cp_sat(problem)
    assert answer.bound == answer.objective
