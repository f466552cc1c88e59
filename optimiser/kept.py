"""Households that a person has settled before the round: kept in a unit, and what is left for the others.

A kept household takes its pair, and with it the room of it: a household's own unit, its beds of a shared
one and that unit's gender, the site from whoever must be kept apart from it. The rest is a problem of its
own, and its best answer with the kept ones is the best of all answers that keep them: the levels are sums.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from optimiser.check import violations
from optimiser.problem import BedSlot, Ints, Problem, Request, UnitSlot


@dataclass(frozen=True, slots=True)
class Rest:
    """What is left once some households are kept: the problem, and each request's place in the whole."""

    problem: Problem
    places: tuple[int, ...]


def with_kept(problem: Problem, units: Mapping[str, str]) -> Problem:
    """Return the problem with households kept in units, both by reference.

    Raises
    ------
    ValueError
        A household is not in the problem.
    """
    if not units.keys() <= {request.ref for request in problem.requests}:
        raise ValueError("kept: households of the problem are needed")
    requests = tuple(replace(one, kept_in=units.get(one.ref, one.kept_in)) for one in problem.requests)
    return replace(problem, requests=requests)


def kept_pairs(problem: Problem) -> Ints:
    """Return the pair of each household that is kept (K,), as rows of `problem.pairs`.

    Raises
    ------
    ValueError
        A household may not go where it is to be kept.
    """
    wanted = [(r, one.kept_in) for r, one in enumerate(problem.requests) if one.kept_in is not None]
    if not wanted:
        return np.zeros(0, dtype=np.int64)
    row_of = {(r, problem.units[u].ref): row for row, (r, u) in enumerate(problem.pairs.tolist())}
    if not row_of.keys() >= set(wanted):
        raise ValueError("kept_in: an allowed pair of household and unit is needed")
    return np.array([row_of[key] for key in wanted], dtype=np.int64)


def faults_of_kept(problem: Problem, kept: Ints) -> list[str]:
    """Return why some households cannot be kept together, as sentences; empty if they can.

    Parameters
    ----------
    kept : ndarray, shape (K,)
        Rows of `problem.pairs`.
    """
    return violations(problem, [(r, u) for r, u in problem.pairs[kept].tolist()])


def not_kept(problem: Problem, assignment: Sequence[tuple[int, int]]) -> list[str]:
    """Return a sentence for each household that an assignment does not keep where it is to be kept."""
    given = {r: problem.units[u].ref for r, u in assignment}
    return [
        f"{one.ref} is to be kept in {one.kept_in} and is not"
        for r, one in enumerate(problem.requests)
        if one.kept_in is not None and given.get(r) != one.kept_in
    ]


def rest_of(problem: Problem, kept: Ints) -> Rest:
    """Return the problem that is left to the others once some pairs are taken.

    Parameters
    ----------
    kept : ndarray, shape (K,)
        Rows of `problem.pairs` that break no rule together.
    """
    taken = problem.pairs[kept].tolist()
    gone = {r for r, _ in taken}
    places = tuple(r for r in range(len(problem.requests)) if r not in gone)
    place = np.full(len(problem.requests), -1, dtype=np.int64)
    place[list(places)] = np.arange(len(places))
    left = np.flatnonzero(_left_over(problem, taken))
    pairs = problem.pairs[left].copy()
    pairs[:, 0] = place[pairs[:, 0]]
    rest = replace(
        problem,
        requests=tuple(problem.requests[r] for r in places),
        units=_without_beds(problem, taken),
        pairs=pairs,
        mismatch=problem.mismatch[left],
        conflicts=tuple(
            (int(place[a]), int(place[b])) for a, b in problem.conflicts if a not in gone and b not in gone
        ),
    )
    return Rest(rest, places)


def _left_over(problem: Problem, taken: Sequence[Sequence[int]]) -> NDArray[np.bool_]:
    """Return which pairs are still to be had (P,)."""
    requests, units = problem.pairs[:, 0], problem.pairs[:, 1]
    left = ~np.isin(requests, [r for r, _ in taken])
    classes = np.array([-1 if r.sharing_class is None else r.sharing_class for r in problem.requests])
    sites = np.array([unit.site for unit in problem.units])
    for kept, unit in taken:
        there = units == unit
        alike = classes[requests] == classes[kept]
        left &= ~there | alike if problem.units[unit].shared else ~there
        apart = [b if a == kept else a for a, b in problem.conflicts if kept in (a, b)]
        left &= ~(np.isin(requests, apart) & (sites[units] == problem.units[unit].site))
    return left


def _without_beds(problem: Problem, taken: Sequence[Sequence[int]]) -> tuple[UnitSlot, ...]:
    """Return the units without the beds of shared ones that are taken.

    Each stay takes beds that are free for the shortest time that will do: what is left is free for longest.
    """
    in_unit: dict[int, list[Request]] = defaultdict(list)
    for r, u in taken:
        in_unit[u].append(problem.requests[r])
    units = list(problem.units)
    for u, requests in in_unit.items():
        slot = units[u]
        if slot.shared:
            beds = list(slot.beds)
            for request in requests:
                nights = request.nights if slot.max_stay is None else min(request.nights, slot.max_stay)
                _take(beds, request.singles, nights)
            units[u] = replace(slot, beds=tuple(beds))
    return tuple(units)


def _take(beds: list[BedSlot], singles: int, nights: int) -> None:
    fitting = [
        bed for bed in beds if not bed.is_cot and (bed.free_nights is None or bed.free_nights >= nights)
    ]
    fitting.sort(key=lambda bed: (bed.free_nights is None, bed.free_nights or 0, bed.ref))
    for bed in fitting[:singles]:
        beds.remove(bed)
