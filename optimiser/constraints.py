"""The round as one set of linear rows, read by the relaxation and by the exact search alike.

Columns are `place[r, u]`, one an allowed pair, then `gender[u, c]`, one a sharing class `c` that could have
a shared unit `u` to itself. With `size[r]` people in household `r`, `nights[r, u]` the length of its stay
and `free[u, t]` beds of `u` free for at least `t` nights, the rows are:

- each household in at most one unit:       Σ_u place[r, u] ≤ 1
- a household unit takes one household:      Σ_r place[r, u] ≤ 1
- a shared unit is of one class:             Σ_c gender[u, c] ≤ 1
- its beds over each length of stay `t`:
  Σ_{r in c: nights ≥ t} size[r] · place[r, u] ≤ free[u, t] · gender[u, c]
- kept apart in each site `s`:               Σ_{u in s} place[a, u] + place[b, u] ≤ 1

All new stays begin tonight, so those of one unit overlap, and beds free for `t` nights are also free for
fewer: the rows for each `t` are enough for a bed each (Hall's condition on nested sets).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from optimiser.problem import LEVELS, TIERS, Ints, Problem


@dataclass(frozen=True)
class Rows:
    """Rows `Σ value · column ≤ upper` in compressed form, and the five objectives, all to be maximised.

    Attributes
    ----------
    start : ndarray, shape (rows + 1,)
    index, value : ndarray, shape (entries,)
    upper : ndarray, shape (rows,)
    objectives : ndarray, shape (5, columns)
        Levels in the order of `LEVELS`; mismatch is negated.
    pairs : int
        The first so many columns are pairs.
    """

    start: Ints
    index: Ints
    value: Ints
    upper: Ints
    objectives: Ints
    pairs: int

    @property
    def columns(self) -> int:
        """The number of columns."""
        return int(self.objectives.shape[1])


class _Builder:
    """Collects rows piece by piece."""

    def __init__(self) -> None:
        self.rows: list[Ints] = []
        self.columns: list[Ints] = []
        self.values: list[Ints] = []
        self.upper: list[int] = []

    def add(self, columns: Ints, values: Ints | int, upper: int) -> None:
        """Add one row."""
        self.add_many(np.zeros(len(columns), dtype=np.int64), columns, values, [upper])

    def add_many(self, rows: Ints, columns: Ints, values: Ints | int, upper: list[int]) -> None:
        """Add rows numbered from 0 among themselves."""
        self.rows.append(rows + len(self.upper))
        self.columns.append(columns)
        self.values.append(np.broadcast_to(np.asarray(values, dtype=np.int64), columns.shape))
        self.upper.extend(upper)


def build_rows(problem: Problem) -> Rows:
    """Return the rows and objectives of a problem."""
    builder = _Builder()
    requests, units = problem.pairs[:, 0], problem.pairs[:, 1]
    everyone = np.arange(len(problem.pairs))
    _one_each(builder, requests, everyone)
    shared = np.array([unit.shared for unit in problem.units], dtype=np.bool_)[units]
    _one_each(builder, units[~shared], everyone[~shared])
    columns = _shared_units(builder, problem, everyone[shared])
    _keep_apart(builder, problem)
    order = np.argsort(_joined(builder.rows), kind="stable")
    counts = np.bincount(_joined(builder.rows), minlength=len(builder.upper))
    return Rows(
        start=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        index=_joined(builder.columns)[order],
        value=_joined(builder.values)[order],
        upper=np.array(builder.upper, dtype=np.int64),
        objectives=_objectives(problem, columns),
        pairs=len(problem.pairs),
    )


def objective_of(problem: Problem, chosen: Ints) -> tuple[int, ...]:
    """Return the five levels of a set of chosen pairs, mismatch as a positive total."""
    requests = problem.pairs[chosen, 0]
    tiers = [problem.requests[r].tier for r in requests]
    return (
        *(tiers.count(tier) for tier in range(len(TIERS))),
        sum(problem.requests[r].days_waited for r in requests),
        int(problem.mismatch[chosen].sum()),
    )


def free_singles(problem: Problem, unit: int, nights: int) -> int:
    """Return how many singles of a unit are free for so many nights; a shared unit takes no child."""
    beds = problem.units[unit].beds
    return sum(not bed.is_cot and (bed.free_nights is None or bed.free_nights >= nights) for bed in beds)


def _objectives(problem: Problem, columns: int) -> Ints:
    levels = np.zeros((len(LEVELS), columns), dtype=np.int64)
    requests = problem.pairs[:, 0]
    count = len(requests)
    tier = np.array([request.tier for request in problem.requests], dtype=np.int64)[requests]
    for level in range(len(TIERS)):
        levels[level, :count] = tier == level
    days = np.array([request.days_waited for request in problem.requests], dtype=np.int64)
    levels[3, :count] = days[requests]
    levels[4, :count] = -problem.mismatch.sum(axis=1)
    return levels


def _one_each(builder: _Builder, group: Ints, columns: Ints) -> None:
    names, rows = np.unique(group, return_inverse=True)
    builder.add_many(rows.astype(np.int64), columns, 1, [1] * len(names))


def _shared_units(builder: _Builder, problem: Problem, columns: Ints) -> int:
    """Add the rows of shared units; return the number of columns there are then."""
    size = np.array([request.singles for request in problem.requests], dtype=np.int64)
    classes = np.array([request.sharing_class or 0 for request in problem.requests], dtype=np.int64)
    nights, requests = problem.nights, problem.pairs[:, 0]
    of_unit: dict[int, list[int]] = defaultdict(list)
    for column in columns.tolist():
        of_unit[int(problem.pairs[column, 1])].append(column)
    next_column = len(problem.pairs)
    for unit, members in of_unit.items():
        there = np.array(members, dtype=np.int64)
        present = np.unique(classes[requests[there]])
        several = len(present) > 1
        if several:
            builder.add(np.arange(next_column, next_column + len(present)), 1, 1)
        for sharing_class in present:
            alike = there[classes[requests[there]] == sharing_class]
            for length in np.unique(nights[alike]):
                stays = alike[nights[alike] >= length]
                free = free_singles(problem, unit, int(length))
                if several:
                    gendered = np.append(stays, next_column)
                    builder.add(gendered, np.append(size[requests[stays]], -free), 0)
                else:
                    builder.add(stays, size[requests[stays]], free)
            next_column += several
    return next_column


def _keep_apart(builder: _Builder, problem: Problem) -> None:
    of_request: dict[int, list[int]] = defaultdict(list)
    wanted = {request for conflict in problem.conflicts for request in conflict}
    for column, request in enumerate(problem.pairs[:, 0].tolist()):
        if request in wanted:
            of_request[request].append(column)
    for a, b in problem.conflicts:
        by_site: dict[str, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
        for side, request in enumerate((a, b)):
            for column in of_request[request]:
                by_site[problem.units[problem.pairs[column, 1]].site][side].append(column)
        for first, second in by_site.values():
            if first and second:
                builder.add(np.array(first + second, dtype=np.int64), 1, 1)


def _joined(parts: list[Ints]) -> Ints:
    return np.concatenate(parts).astype(np.int64) if parts else np.zeros(0, dtype=np.int64)
