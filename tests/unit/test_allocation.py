"""The rows of a round, the strict order of its levels, its proof, and its answer when the time is up."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

import numpy as np
import pytest

from optimiser.allocation import Allocation, allocate
from optimiser.check import violations
from optimiser.constraints import Rows, build_rows
from optimiser.problem import LEVELS, BedSlot, NearMiss, Problem, Request
from tests.problems import (
    MEN,
    a_problem,
    a_request,
    a_slot,
    best_of_all,
    levels_of,
    random_problem,
    rank,
)


@dataclass(frozen=True)
class RowCase:
    """A problem of which every pair is chosen at once: it stands, or one family of rows refuses it."""

    name: str
    problem: Problem
    stands: bool

    def __str__(self) -> str:
        """Name the case in test reports."""
        return self.name


def a_woman(ref: str, **changes: object) -> Request:
    """Return a woman who is alone."""
    return a_request(ref, **changes)


def a_man(ref: str, **changes: object) -> Request:
    """Return a man who is alone."""
    return a_request(ref, sharing_class=MEN, **changes)


TWO_WOMEN = [a_woman("R1"), a_woman("R2")]
TWO_UNITS = [a_slot("U1"), a_slot("U2")]
EACH_HER_OWN = [("R1", "U2"), ("R2", "U1")]
ROW_CASES = [
    RowCase("a household in one unit", a_problem([a_woman("R1")], [a_slot("U1")]), stands=True),
    RowCase("a household in two units", a_problem([a_woman("R1")], TWO_UNITS), stands=False),
    RowCase(
        "two households in a household unit each",
        a_problem(TWO_WOMEN, TWO_UNITS, barred=EACH_HER_OWN),
        stands=True,
    ),
    RowCase(
        "two households in a household unit with beds for both",
        a_problem(TWO_WOMEN, [a_slot("U1", None, None)]),
        stands=False,
    ),
    RowCase(
        "two women share a unit", a_problem(TWO_WOMEN, [a_slot("U1", None, None, shared=True)]), stands=True
    ),
    RowCase(
        "a woman and a man share a unit",
        a_problem([a_woman("R1"), a_man("R2")], [a_slot("U1", None, None, shared=True)]),
        stands=False,
    ),
    RowCase(
        "a woman and a man in shared units of their own",
        a_problem(
            [a_woman("R1"), a_man("R2")],
            [a_slot("U1", None, None, shared=True), a_slot("U2", None, None, shared=True)],
            barred=EACH_HER_OWN,
        ),
        stands=True,
    ),
    RowCase(
        "a mother and her grown daughter share with a third woman, a bed each",
        a_problem([a_woman("R1", singles=2), a_woman("R2")], [a_slot("U1", None, None, None, shared=True)]),
        stands=True,
    ),
    RowCase(
        "a mother and her grown daughter share with a third woman, a bed short",
        a_problem([a_woman("R1", singles=2), a_woman("R2")], [a_slot("U1", None, None, shared=True)]),
        stands=False,
    ),
    RowCase(
        "a long and a short stay over a bed for good and one with an end",
        a_problem(
            [a_woman("R1", nights=45), a_woman("R2", nights=10)], [a_slot("U1", None, 10, shared=True)]
        ),
        stands=True,
    ),
    RowCase(
        "two long stays over a bed for good and one with an end",
        a_problem(
            [a_woman("R1", nights=45), a_woman("R2", nights=45)], [a_slot("U1", None, 44, shared=True)]
        ),
        stands=False,
    ),
    RowCase(
        "three lengths of stay, nested in beds free just so long",
        a_problem(
            [a_woman("R1", nights=10), a_woman("R2", nights=30), a_woman("R3", nights=45)],
            [a_slot("U1", 10, 30, 45, shared=True)],
        ),
        stands=True,
    ),
    RowCase(
        "three lengths of stay, the middle one a night too long",
        a_problem(
            [a_woman("R1", nights=10), a_woman("R2", nights=31), a_woman("R3", nights=45)],
            [a_slot("U1", 10, 30, 45, shared=True)],
        ),
        stands=False,
    ),
    RowCase(
        "a site's limit makes a long stay fit a bed with an end",
        a_problem(
            [a_woman("R1", nights=45), a_woman("R2", nights=10)],
            [a_slot("U1", 14, 10, shared=True, max_stay=14)],
        ),
        stands=True,
    ),
    RowCase(
        "kept apart, in two sites",
        a_problem(
            TWO_WOMEN,
            [a_slot("U1", site="S1"), a_slot("U2", site="S2")],
            barred=EACH_HER_OWN,
            apart=[("R1", "R2")],
        ),
        stands=True,
    ),
    RowCase(
        "kept apart, in two units of a site",
        a_problem(TWO_WOMEN, TWO_UNITS, barred=EACH_HER_OWN, apart=[("R1", "R2")]),
        stands=False,
    ),
    RowCase(
        "kept apart, in one shared unit",
        a_problem(TWO_WOMEN, [a_slot("U1", None, None, shared=True)], apart=[("R1", "R2")]),
        stands=False,
    ),
]


@pytest.mark.parametrize("case", ROW_CASES, ids=str)
def test_the_rows_and_the_judge_say_what_is_plain_to_see(case: RowCase) -> None:
    everything = np.arange(len(case.problem.pairs))

    admitted = _admit(build_rows(case.problem), case.problem, everything)
    faults = violations(case.problem, _pairs(case.problem, everything))

    assert admitted is case.stands
    assert (faults == []) is case.stands


@pytest.mark.parametrize("case", ROW_CASES, ids=str)
def test_a_round_uses_every_pair_exactly_where_they_stand_together(case: RowCase) -> None:
    answer = allocate(case.problem)

    assert (len(answer.assignment) == len(case.problem.pairs)) is case.stands
    assert tuple(answer.objective.values()) == best_of_all(case.problem)
    assert answer.optimal


def test_the_rows_admit_exactly_what_the_judge_lets_stand() -> None:
    """Every choice of pairs of forty random problems: the two were written apart and must agree."""
    stood = 0
    for seed in range(40):
        problem = random_problem(Random(seed), households=4, units=2)
        rows = build_rows(problem)
        for choice in range(2 ** len(problem.pairs)):
            chosen = np.flatnonzero([choice >> pair & 1 for pair in range(len(problem.pairs))])
            stands = not violations(problem, _pairs(problem, chosen))
            stood += stands

            assert _admit(rows, problem, chosen) is stands
    assert stood > 300


def test_the_objectives_of_the_rows_are_the_levels_of_the_judge() -> None:
    problem = random_problem(Random(3))
    rows = build_rows(problem)

    for pair, assigned in enumerate(problem.pairs.tolist()):
        assert tuple(rows.objectives[:, pair].tolist()) == rank(levels_of(problem, [tuple(assigned)]))


def _admit(rows: Rows, problem: Problem, chosen: np.ndarray) -> bool:
    """Return whether the rows hold for the chosen pairs with some choice of gender columns."""
    genders = rows.columns - rows.pairs
    matrix = np.zeros((len(rows.upper), rows.columns), dtype=np.int64)
    matrix[np.repeat(np.arange(len(rows.upper)), np.diff(rows.start)), rows.index] = rows.value
    column = np.zeros(rows.columns, dtype=np.int64)
    column[chosen] = 1
    for choice in range(2**genders):
        column[rows.pairs :] = [choice >> gender & 1 for gender in range(genders)]
        if (matrix @ column <= rows.upper).all():
            return True
    return False


def _pairs(problem: Problem, chosen: np.ndarray) -> list[tuple[int, int]]:
    return [(r, u) for r, u in problem.pairs[chosen].tolist()]


def _in_one_unit_of_three(*requests: Request) -> Problem:
    """Return women and men who all want the one shared unit, of three beds."""
    return a_problem(requests, [a_slot("U1", None, None, None, shared=True)])


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        pytest.param(
            [{"tier": 0}], [{"tier": 1}, {"tier": 1}, {"tier": 1}], id="emergency over three urgent"
        ),
        pytest.param([{"tier": 1}], [{"tier": 2}, {"tier": 2}, {"tier": 2}], id="urgent over three standard"),
        pytest.param(
            [{}, {}], [{"days_waited": 500}], id="two who came today over one who waited five hundred days"
        ),
    ],
)
def test_no_number_of_a_lower_level_outweighs_one_of_a_higher(
    better: list[dict[str, int]], worse: list[dict[str, int]]
) -> None:
    women = [a_woman(f"W{n}", **changes) for n, changes in enumerate(better)]
    men = [a_man(f"M{n}", **changes) for n, changes in enumerate(worse)]

    answer = allocate(_in_one_unit_of_three(*women, *men))

    assert {request for request, _ in answer.assignment} == set(range(len(women)))
    assert answer.optimal


def test_a_day_waited_comes_before_any_mismatch() -> None:
    problem = a_problem(
        [a_woman("R1", days_waited=1), a_woman("R2", days_waited=0)],
        [a_slot("U1")],
        points={("R1", "U1"): 100_000},
    )

    answer = allocate(problem)

    assert answer.objective == {
        "emergency": 0,
        "urgent": 0,
        "standard": 1,
        "days_waited": 1,
        "mismatch": 100_000,
    }


def test_mismatch_decides_where_all_else_is_equal() -> None:
    problem = a_problem(
        TWO_WOMEN, TWO_UNITS, points={("R1", "U1"): 10, ("R2", "U2"): 10, ("R1", "U2"): 2, ("R2", "U1"): 3}
    )

    answer = allocate(problem)

    assert answer.assignment == ((0, 1), (1, 0))
    assert answer.objective["mismatch"] == 5


def _searched(problem: Problem) -> tuple[Allocation, list[str]]:
    """Return the answer and the levels that an exact search was made for."""
    told: list[str] = []
    answer = allocate(problem, on_progress=told.append)
    return answer, [words.split()[1] for words in told if words.startswith("searching")]


def test_where_the_flow_is_enough_nothing_is_searched() -> None:
    answer, searched = _searched(a_problem(TWO_WOMEN, [a_slot("U1", None, None, shared=True)]))

    assert searched == []
    assert answer.optimal


def test_keep_apart_that_the_flow_does_not_see_is_searched_for() -> None:
    problem = a_problem(
        [*TWO_WOMEN, a_woman("R3")],
        [a_slot("U1", site="S1"), a_slot("U2", site="S1"), a_slot("U3", site="S2")],
        points={("R1", "U3"): 10, ("R2", "U3"): 20, ("R3", "U1"): 30, ("R3", "U2"): 30},
        apart=[("R1", "R2")],
    )

    answer, searched = _searched(problem)

    assert set(searched) == {"mismatch"}
    assert tuple(answer.objective.values()) == best_of_all(problem) == (0, 0, 3, 0, 40)
    assert answer.optimal


@pytest.mark.parametrize("tier", [0, 1, 2], ids=["emergency", "urgent", "standard"])
def test_a_tier_whose_bound_cannot_be_reached_is_proven_all_the_same(tier: int) -> None:
    """If there were thirds, one of the unit for the man and two for the women would place all three."""
    problem = _in_one_unit_of_three(
        a_woman("R1", tier=tier), a_woman("R2", tier=tier), a_man("R3", tier=tier, days_waited=90)
    )

    answer, searched = _searched(problem)

    assert LEVELS[tier] in searched
    assert answer.assignment == ((0, 0), (1, 0))
    assert answer.optimal
    assert answer.bound == answer.objective


def test_days_waited_whose_bound_cannot_be_reached_are_proven_all_the_same() -> None:
    """Three may be placed either way; 30 days would need two women and a man, 20 are the best there is."""
    women = [a_woman(f"W{n}", days_waited=days) for n, days in enumerate((10, 10, 0))]
    men = [a_man(f"M{n}", days_waited=days) for n, days in enumerate((10, 0, 0))]
    problem = _in_one_unit_of_three(*women, *men)

    answer, searched = _searched(problem)

    assert "days_waited" in searched
    assert tuple(answer.objective.values()) == best_of_all(problem) == (0, 0, 3, 20, 0)
    assert answer.optimal


def test_a_mismatch_below_what_can_be_reached_is_searched_for() -> None:
    women = [a_woman(f"W{n}") for n in range(3)]
    men = [a_man(f"M{n}") for n in range(3)]
    costly = {("W2", "U1"): 30, ("M1", "U1"): 30, ("M2", "U1"): 30}
    problem = a_problem([*women, *men], [a_slot("U1", None, None, None, shared=True)], points=costly)

    answer, searched = _searched(problem)

    assert "mismatch" in searched
    assert tuple(answer.objective.values()) == best_of_all(problem) == (0, 0, 3, 0, 30)


def test_a_round_of_nobody_or_of_no_units_is_an_answer() -> None:
    for problem in (a_problem([], []), a_problem(TWO_WOMEN, []), a_problem([], TWO_UNITS)):
        answer = allocate(problem)

        assert answer.assignment == ()
        assert answer.optimal


def test_the_same_problem_gives_the_same_answer() -> None:
    for seed in range(12):
        problem = random_problem(Random(seed), households=7, units=4)

        assert allocate(problem) == allocate(problem)


def test_a_problem_survives_its_json_to_the_byte() -> None:
    explained = a_request(
        "R9",
        births=(3, 40),
        under_twos=1,
        sharing_class=None,
        outcome="no_free_unit",
        free_on="2026-03-20",
        near_misses=(NearMiss(("nation", "gender"), 2, askable=False),),
    )
    problem = a_problem(
        [explained, *TWO_WOMEN], [a_slot("U1", None, 10, cots=1, max_stay=14)], apart=[("R1", "R2")]
    )

    again = Problem.from_json(problem.to_json())

    assert again.to_json() == problem.to_json()
    assert again.requests == problem.requests
    assert again.units == problem.units
    assert again.units[0].beds[2] == BedSlot("U1-C1", is_cot=True, free_nights=None)
    assert allocate(again) == allocate(problem)


@pytest.mark.parametrize("text", ["[]", "{}", '{"problem_version": 2}', "not JSON"])
def test_a_text_that_is_no_problem_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"problem_version|Expecting value"):
        Problem.from_json(text)


def test_a_problem_that_refers_to_nothing_is_refused() -> None:
    fine = a_problem(TWO_WOMEN, TWO_UNITS)
    nowhere, twice = np.array([[0, 2]]), np.array([[0, 0], [0, 1]])

    with pytest.raises(ValueError, match="pairs: every pair"):
        Problem("", "", fine.requests, fine.units, nowhere, np.zeros((1, 1), dtype=np.int64), ("region",), ())
    with pytest.raises(ValueError, match="one row a pair"):
        Problem("", "", fine.requests, fine.units, twice, np.zeros((1, 1), dtype=np.int64), ("region",), ())
    with pytest.raises(ValueError, match="conflicts"):
        Problem("", "", fine.requests, fine.units, fine.pairs, fine.mismatch, ("region",), ((1, 1),))
