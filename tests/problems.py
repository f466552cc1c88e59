"""Builders of frozen problems, and the best answer to one found by trying them all.

`best_of_all` knows nothing of rows, flows or bounds: it asks `optimiser.check` whether an assignment stands.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from random import Random
from typing import Any

import numpy as np

from optimiser.check import objective, violations
from optimiser.problem import BedSlot, Problem, Request, UnitSlot

WOMEN, MEN = 1, 2
"""Sharing classes as the compiled rules number them; None is a household of more than one gender."""

Pair = tuple[str, str]
Levels = tuple[int, int, int, int, int]


def a_request(ref: str = "R1", **changes: Any) -> Request:
    """Return one woman, standard priority, received today, who needs 30 nights."""
    return Request(
        **{
            "ref": ref,
            "tier": 2,
            "days_waited": 0,
            "nights": 30,
            "singles": 1,
            "under_twos": 0,
            "births": (),
            "sharing_class": WOMEN,
            **changes,
        }
    )


def a_slot(ref: str = "U1", *free_nights: int | None, site: str = "S1", **changes: Any) -> UnitSlot:
    """Return a household unit with a single free for each given number of nights; for good if none given."""
    singles = tuple(
        BedSlot(f"{ref}-B{n}", is_cot=False, free_nights=free)
        for n, free in enumerate(free_nights or (None,), start=1)
    )
    cots = tuple(
        BedSlot(f"{ref}-C{n}", is_cot=True, free_nights=None) for n in range(1, changes.pop("cots", 0) + 1)
    )
    return UnitSlot(
        **{"ref": ref, "site": site, "shared": False, "max_stay": None, "beds": singles + cots, **changes}
    )


def a_problem(
    requests: Sequence[Request],
    units: Sequence[UnitSlot],
    *,
    barred: Sequence[Pair] = (),
    points: Mapping[Pair, int] | None = None,
    apart: Sequence[Pair] = (),
) -> Problem:
    """Return a problem in which every household may go everywhere except where it is barred.

    `points` are the mismatch of a household in a unit, 0 where not stated.
    """
    place = {request.ref: n for n, request in enumerate(requests)}
    allowed = [
        (n, m)
        for (n, request), (m, unit) in product(enumerate(requests), enumerate(units))
        if (request.ref, unit.ref) not in barred
    ]
    mismatch = [(points or {}).get((requests[n].ref, units[m].ref), 0) for n, m in allowed]
    return Problem(
        as_at="2026-03-03T12:00:00+00:00",
        today="2026-03-03",
        requests=tuple(requests),
        units=tuple(units),
        pairs=np.array(allowed, dtype=np.int64).reshape(-1, 2),
        mismatch=np.array(mismatch, dtype=np.int64).reshape(-1, 1),
        mismatch_kinds=("region",),
        conflicts=tuple((place[a], place[b]) for a, b in apart),
    )


def random_problem(rng: Random, *, households: int = 6, units: int = 3) -> Problem:
    """Return a small problem in which gender, couples, nested lengths of stay and keep-apart all bite."""
    requests = [
        a_request(
            f"R{n}",
            tier=rng.choice([0, 1, 1, 2, 2]),
            days_waited=rng.choice([0, 0, 1, 4, 9]),
            nights=rng.choice([10, 30, 30, 45]),
            singles=rng.choice([1, 1, 1, 2]),
            sharing_class=rng.choice([WOMEN, WOMEN, MEN, MEN, 4, None]),
        )
        for n in range(households)
    ]
    slots = [
        a_slot(
            f"U{m}",
            *(rng.choice([None, None, None, 20, 40, 0]) for _ in range(rng.randint(1, 4))),
            site=f"S{rng.randint(1, 2)}",
            shared=rng.random() < 0.75,
            max_stay=rng.choice([None, None, None, 14]),
        )
        for m in range(units)
    ]
    alone = a_problem(requests, slots)
    barred = [
        (requests[r].ref, slots[u].ref)
        for r, u in alone.pairs.tolist()
        if rng.random() < 0.15 or violations(alone, [(r, u)])
    ]
    points = {(one.ref, unit.ref): rng.choice([0, 0, 2, 10, 30]) for one, unit in product(requests, slots)}
    apart = {tuple(sorted(rng.sample([one.ref for one in requests], 2))) for _ in range(rng.randint(0, 3))}
    return a_problem(requests, slots, barred=barred, points=points, apart=sorted(apart))  # type: ignore[arg-type]


def best_of_all(problem: Problem) -> Levels:
    """Return the best five levels of a problem by trying every assignment, for about six households."""
    return max((levels_of(problem, assignment) for assignment in _standing(problem)), key=rank)


def levels_of(problem: Problem, assignment: Sequence[tuple[int, int]]) -> Levels:
    """Return the five levels of an assignment."""
    emergency, urgent, standard, waited, mismatch = objective(problem, assignment).values()
    return emergency, urgent, standard, waited, mismatch


def rank(levels: Sequence[int]) -> tuple[int, ...]:
    """Return levels so that the better of two is the greater: mismatch counts down."""
    return (*levels[:4], -levels[4])


def _standing(problem: Problem) -> Iterator[list[tuple[int, int]]]:
    """Yield every assignment that breaks no rule; one that does, does so whoever else is added."""
    units_of: list[list[int]] = [[] for _ in problem.requests]
    for request, unit in problem.pairs.tolist():
        units_of[request].append(unit)

    def extend(request: int, given: list[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
        if request == len(units_of):
            yield given
            return
        yield from extend(request + 1, given)
        for unit in units_of[request]:
            more = [*given, (request, unit)]
            if not violations(problem, more):
                yield from extend(request + 1, more)

    yield from extend(0, [])
