"""The judge of answers: whatever breaks a rule is named, and nothing else is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random

import pytest

from optimiser.allocation import allocate
from optimiser.check import objective, unit_faults, violations
from optimiser.problem import Problem
from optimiser.result import round_json
from tests.problems import MEN, WOMEN, a_problem, a_request, a_slot, random_problem

Assignment = list[tuple[int, int]]


@dataclass(frozen=True)
class Broken:
    """A problem, an assignment that breaks one of its rules, and what is said of it."""

    name: str
    problem: Problem
    assignment: Assignment
    said: str

    def __str__(self) -> str:
        """Name the case in test reports."""
        return self.name


def shared(*free_nights: int | None, **changes: object) -> Problem:
    """Return two women, and one shared unit with singles free for these nights."""
    return a_problem([a_request("R1"), a_request("R2", **changes)], [a_slot("U1", *free_nights, shared=True)])


BROKEN = [
    Broken(
        "a pair that is barred",
        a_problem([a_request("R1")], [a_slot("U1")], barred=[("R1", "U1")]),
        [(0, 0)],
        "R1 may not go into U1",
    ),
    Broken(
        "a household twice",
        a_problem([a_request("R1")], [a_slot("U1"), a_slot("U2")]),
        [(0, 0), (0, 1)],
        "R1 is placed twice",
    ),
    Broken(
        "two households in a unit for one",
        a_problem([a_request("R1"), a_request("R2")], [a_slot("U1", None, None)]),
        [(0, 0), (1, 0)],
        "U1 is for one household and got 2",
    ),
    Broken(
        "two genders",
        shared(None, None, sharing_class=MEN),
        [(0, 0), (1, 0)],
        "U1 is shared by people of more than one gender",
    ),
    Broken(
        "a household of two genders, alone in a shared unit",
        shared(None, None, sharing_class=None),
        [(1, 0)],
        "U1 is shared by people of more than one gender",
    ),
    Broken(
        "a bed too few for two households",
        shared(None),
        [(0, 0), (1, 0)],
        "U1 has too few free beds for those placed there",
    ),
    Broken(
        "a bed too few for a household of two",
        shared(None, singles=2),
        [(1, 0)],
        "U1 has too few free beds for those placed there",
    ),
    Broken(
        "a bed that is free a night too short",
        shared(29),
        [(0, 0)],
        "U1 has too few free beds for those placed there",
    ),
    Broken(
        "a cot for a grown woman",
        a_problem([a_request("R1", singles=2)], [a_slot("U1", None, cots=1)]),
        [(0, 0)],
        "U1 has too few free beds for those placed there",
    ),
    Broken(
        "a cot for one of two babies, the second born during the stay",
        a_problem([a_request("R1", under_twos=1, births=(29,))], [a_slot("U1", None, cots=1)]),
        [(0, 0)],
        "U1 has too few free beds for those placed there",
    ),
    Broken(
        "kept apart, in two units of one site",
        a_problem([a_request("R1"), a_request("R2")], [a_slot("U1"), a_slot("U2")], apart=[("R1", "R2")]),
        [(0, 0), (1, 1)],
        "R1 and R2 must be kept apart",
    ),
]


@pytest.mark.parametrize("case", BROKEN, ids=str)
def test_what_breaks_a_rule_is_named(case: Broken) -> None:
    assert violations(case.problem, case.assignment) == [case.said]


@pytest.mark.parametrize("case", [case for case in BROKEN if len(case.assignment) > 1], ids=str)
def test_a_round_does_not_fall_for_it(case: Broken) -> None:
    answer = allocate(case.problem)

    assert set(answer.assignment) != set(case.assignment)
    assert violations(case.problem, answer.assignment) == []


@pytest.mark.parametrize(
    "size", [{"singles": 2}, {"under_twos": 1, "births": (29,)}], ids=["women", "babies"]
)
def test_an_answer_that_breaks_a_rule_is_thrown_away_and_nothing_is_returned(size: dict[str, object]) -> None:
    """A pair that the rules let through though it cannot be: the judge stands between it and a person."""
    problem = a_problem([a_request("R1", **size)], [a_slot("U1", None, cots=1)])

    with pytest.raises(RuntimeError, match="thrown away: U1 has too few free beds"):
        allocate(problem)


FINE = [
    pytest.param(shared(None, None), [(0, 0), (1, 0)], id="two women share"),
    pytest.param(shared(30, 10, nights=10), [(0, 0), (1, 0)], id="beds free just so long"),
    pytest.param(shared(10, 30, nights=10), [(1, 0), (0, 0)], id="in whatever order"),
    pytest.param(
        a_problem([a_request("R1", under_twos=1, births=(29,))], [a_slot("U1", None, None, cots=1)]),
        [(0, 0)],
        id="a baby in the cot, the next one in a single",
    ),
    pytest.param(
        a_problem([a_request("R1", under_twos=1, births=(30,))], [a_slot("U1", None, cots=1)]),
        [(0, 0)],
        id="a baby due on the day she leaves",
    ),
    pytest.param(
        a_problem([a_request("R1", under_twos=1, births=(29,))], [a_slot("U1", None, cots=1, max_stay=14)]),
        [(0, 0)],
        id="a baby due after the stay that the site allows",
    ),
    pytest.param(
        a_problem([a_request("R1", under_twos=1, births=(-20,))], [a_slot("U1", None, None, cots=1)]),
        [(0, 0)],
        id="a baby overdue has a bed",
    ),
    pytest.param(
        a_problem(
            [a_request("R1"), a_request("R2")],
            [a_slot("U1", site="S1"), a_slot("U2", site="S2")],
            apart=[("R1", "R2")],
        ),
        [(0, 0), (1, 1)],
        id="kept apart, in two sites",
    ),
    pytest.param(a_problem([], []), [], id="nobody"),
]


@pytest.mark.parametrize(("problem", "assignment"), FINE)
def test_what_breaks_no_rule_is_let_stand(problem: Problem, assignment: Assignment) -> None:
    assert violations(problem, assignment) == []


def test_the_levels_are_counted_afresh() -> None:
    problem = a_problem(
        [
            a_request("R1", tier=0, days_waited=3),
            a_request("R2", tier=1, days_waited=40),
            a_request("R3", days_waited=500),
        ],
        [a_slot("U1"), a_slot("U2"), a_slot("U3")],
        points={("R1", "U1"): 7, ("R2", "U2"): 100, ("R3", "U3"): 1000},
    )

    assert objective(problem, [(0, 0), (1, 1)]) == {
        "emergency": 1,
        "urgent": 1,
        "standard": 0,
        "days_waited": 43,
        "mismatch": 107,
    }


def test_every_fault_is_named_and_not_only_the_first() -> None:
    problem = a_problem(
        [a_request("R1"), a_request("R2", sharing_class=MEN)],
        [a_slot("U1", None, shared=True)],
        barred=[("R1", "U1")],
        apart=[("R1", "R2")],
    )

    assert violations(problem, [(0, 0), (1, 0)]) == [
        "R1 may not go into U1",
        "U1 is shared by people of more than one gender",
        "U1 has too few free beds for those placed there",
        "R1 and R2 must be kept apart",
    ]


def test_beds_are_given_out_exactly_where_the_judge_finds_enough() -> None:
    """Whatever stands gets its beds: each in its unit, nobody's twice, free over the stay, one a person."""
    shared_households = 0
    for seed in range(60):
        problem = random_problem(Random(seed), households=7, units=4)
        answer = allocate(problem)
        beds = {bed.ref: (unit.ref, bed) for unit in problem.units for bed in unit.beds}
        given: list[str] = []

        for row in round_json(problem, answer)["placements"]:
            request = next(one for one in problem.requests if one.ref == row["referral_id"])
            unit = next(one for one in problem.units if one.ref == row["unit_id"])
            nights = min(request.nights, unit.max_stay or request.nights)
            given += row["bed_ids"]

            assert len(row["bed_ids"]) == request.singles
            for bed_id in row["bed_ids"]:
                home, bed = beds[bed_id]
                assert home == unit.ref
                assert bed.free_nights is None or bed.free_nights >= nights
            shared_households += unit.shared
        assert len(given) == len(set(given))
    assert shared_households > 60


def test_the_longest_stay_chooses_first_and_takes_the_bed_free_for_the_shortest_time_that_will_do() -> None:
    problem = a_problem(
        [a_request("R1", nights=10), a_request("R2", nights=30)], [a_slot("U1", None, 40, 50, shared=True)]
    )

    rows = round_json(problem, allocate(problem))["placements"]

    assert {row["referral_id"]: row["bed_ids"] for row in rows} == {"R1": ["U1-B3"], "R2": ["U1-B2"]}


def test_a_unit_is_judged_on_those_in_it_alone() -> None:
    problem = a_problem([a_request("R1"), a_request("R2")], [a_slot("U1", None, None), a_slot("U2")])

    assert unit_faults(problem, [(0, 0), (1, 1)]) == []
    assert unit_faults(problem, [(0, 0), (1, 0)]) == ["U1 is for one household and got 2"]


def test_sharing_classes_are_only_compared() -> None:
    """They are opaque numbers: renaming them changes nothing."""
    problem = random_problem(Random(5))
    renamed = replace(
        problem,
        requests=tuple(
            replace(one, sharing_class={WOMEN: 77, MEN: 5, 4: 1}.get(one.sharing_class or 0))
            for one in problem.requests
        ),
    )

    assert allocate(renamed).objective == allocate(problem).objective
