"""Households and units that are alike for every decision, merged: kinds, and states a unit can be free in.

A kind is what profiles have in common, a state what free units have in common: what they are, who may share
them now, the beds left, how long they stay open. Sets of either are whole numbers used as bits, so that
"which free units would do" is one operation however large the estate is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from optimiser.simulation.laws import Floats
from optimiser.simulation.model import Bools, Ints, Model

State = tuple[int, int, int, int, int]
"""Class of the unit, gender that shares it now (0: none), singles and cots that are free, level of notice."""


@dataclass(frozen=True)
class Tables:
    """What one model's replications have in common; nothing in it is ever changed.

    Attributes
    ----------
    kind_of : list, length P
        The kind of each profile; `later` (K) the kind it becomes once an interim stay has run out.
    where, who : list of int
        For each kind the states that suit it, for each state the kinds that it suits, as bits.
    within : list of list of int
        For each kind the states of at most so many points, for all points there are, rising; the last is
        `where`.
    members : list of ndarray
        For each state the kinds that it suits.
    class_of, home : list, length U
        The class of each unit, and its state when it is open, whole and empty; below 0 if it suits nobody.
    states, number_of : list, dict
        What each state is, and the number of each.
    points : ndarray, shape (K, C)
        Mismatch of each kind in units of each class.
    notices : ndarray
        The nights of notice asked for, in order: at level n a unit stays open for the n-th of them.
    hardness : ndarray, shape (K,)
        0 for the kind with the fewest suitable units, then 1, …
    """

    kind_of: list[int]
    later: list[int]
    where: list[int]
    who: list[int]
    within: list[list[int]]
    members: list[Ints]
    class_of: list[int]
    home: list[int]
    states: list[State]
    number_of: dict[State, int]
    points: Ints
    notices: Floats
    hardness: Ints


@dataclass(frozen=True)
class _Kinds:
    """One row a kind."""

    kind_of: list[int]
    later: list[int]
    suitable: Bools
    mismatch: Ints
    singles: Ints
    under_twos: Ints
    sharing_class: Ints
    notice: Ints


def tables_of(model: Model) -> Tables:
    """Return the tables of a model: the same for the same model, in whatever process."""
    kinds = _kinds(model)
    class_of, first_of = _classes(model, kinds)
    notices = np.unique(kinds.notice).astype(np.float64)
    possible = list(_states(model, kinds, class_of, len(notices)))
    suits = _suits(model, kinds, possible, first_of)
    wanted = np.flatnonzero(suits.any(axis=0))
    states = [possible[number] for number in wanted.tolist()]
    suits, points = suits[:, wanted], kinds.mismatch[:, first_of]
    points_in = points[:, [state[0] for state in states]]
    within = [_rising(suits[kind], points_in[kind]) for kind in range(len(suits))]
    number_of = {state: number for number, state in enumerate(states)}
    units = model.units
    home = [
        number_of.get((c, 0, int(s), 0 if shared else int(cots), len(notices)), -1)
        for c, s, cots, shared in zip(class_of, units.singles, units.cots, units.shared, strict=True)
    ]
    return Tables(
        kind_of=kinds.kind_of,
        later=kinds.later,
        where=[masks[-1] if masks else 0 for masks in within],
        who=[_bits(column) for column in suits.T],
        within=within,
        members=[np.flatnonzero(column) for column in suits.T],
        class_of=class_of,
        home=home,
        states=states,
        number_of=number_of,
        points=points,
        notices=notices,
        hardness=np.argsort(np.argsort(kinds.suitable.sum(axis=1), kind="stable"), kind="stable"),
    )


def _kinds(model: Model) -> _Kinds:
    """Merge the profiles, and add what each becomes when it may no longer have a place with a limit."""
    p = model.profiles
    lasting = np.isinf(model.units.max_stay)
    found: dict[tuple[object, ...], int] = {}
    rows: list[tuple[int, bool]] = []

    def number(profile: int, *, after: bool) -> int:
        suitable = p.suitable[profile] & lasting if after else p.suitable[profile]
        needs = (p.singles, p.under_twos, p.sharing_class, p.notice)
        points = np.where(suitable, p.mismatch[profile], 0)
        key = (suitable.tobytes(), points.tobytes(), *(int(need[profile]) for need in needs))
        if key not in found:
            found[key] = len(rows)
            rows.append((profile, after))
        return found[key]

    kind_of = [number(profile, after=False) for profile in range(len(p))]
    later_of = {kind_of[profile]: number(profile, after=True) for profile in range(len(p))}
    at = np.array([profile for profile, _ in rows], dtype=np.int64)
    limited_too = np.array([not after for _, after in rows], dtype=np.bool_)
    suitable = np.asarray(p.suitable[at] & (lasting[None, :] | limited_too[:, None]), dtype=np.bool_)
    return _Kinds(
        kind_of=kind_of,
        later=[later_of.get(kind, kind) for kind in range(len(rows))],
        suitable=suitable,
        mismatch=np.where(suitable, p.mismatch[at], 0).astype(np.int64),
        singles=p.singles[at],
        under_twos=p.under_twos[at],
        sharing_class=p.sharing_class[at],
        notice=p.notice[at],
    )


def _classes(model: Model, kinds: _Kinds) -> tuple[list[int], list[int]]:
    """Return the class of each unit, and the first unit of each class."""
    units = model.units
    columns, points = np.ascontiguousarray(kinds.suitable.T), np.ascontiguousarray(kinds.mismatch.T)
    found: dict[tuple[object, ...], int] = {}
    first_of: list[int] = []
    class_of = []
    for unit in range(len(units)):
        facts = (units.shared, units.singles, units.cots, units.max_stay)
        key = (columns[unit].tobytes(), points[unit].tobytes(), *(fact[unit].item() for fact in facts))
        if key not in found:
            found[key] = len(first_of)
            first_of.append(unit)
        class_of.append(found[key])
    return class_of, first_of


def _states(model: Model, kinds: _Kinds, class_of: Sequence[int], levels: int) -> Iterator[State]:
    """Yield every state in a fixed order, of which the first that will do is taken among equals.

    Assumption (ours): where people of one's gender live already, the fewest beds left over first, comes
    before an empty unit, which keeps the empty one for anybody.
    """
    units = model.units
    genders = [int(gender) for gender in np.unique(kinds.sharing_class) if gender > 0]
    losing = set(model.closures.unit.tolist())
    closing = {unit for unit, closes in enumerate(units.closes.tolist()) if np.isfinite(closes)}
    made: dict[State, bool] = {}
    for unit, c in enumerate(class_of):
        singles, cots = int(units.singles[unit]), int(units.cots[unit])
        open_levels = range(1, levels + 1) if unit in closing else [levels]
        if units.shared[unit]:
            locked = product([c], genders, range(1, singles + 1), [0], open_levels)
            made.update(dict.fromkeys(locked, True))
        fewest = (0, 0) if unit in losing else (singles, cots)
        cots_left = [0] if units.shared[unit] else range(fewest[1], cots + 1)
        unlocked = product([c], [0], range(fewest[0], singles + 1), cots_left, open_levels)
        made.update(dict.fromkeys(unlocked, False))
    yield from sorted(made, key=lambda state: (not made[state], state))


def _suits(model: Model, kinds: _Kinds, states: Sequence[State], first_of: Sequence[int]) -> Bools:
    """Return which kind may have a unit in which state (K, S)."""
    # Small numbers in large tables: few bytes each.
    table = np.array(states, dtype=np.int32).reshape(-1, 5)
    c, lock, singles, cots, level = table.T
    at = np.array([first_of[number] for number in c.tolist()], dtype=np.int64)
    people, babies, own, notice = (
        need.astype(np.int32)[:, None]
        for need in (kinds.singles, kinds.under_twos, kinds.sharing_class, kinds.notice)
    )
    suits = kinds.suitable[:, at]
    suits &= people + np.maximum(babies - cots, 0) <= singles
    shared = np.flatnonzero(model.units.shared[at])
    suits[:, shared] &= (own > 0) & ((lock[shared] == 0) | (lock[shared] == own))
    reach = np.unique(notice)[level - 1] if len(notice) else level
    return np.asarray(suits & (notice <= reach), dtype=np.bool_)


def _rising(suits: Bools, points: Ints) -> list[int]:
    """Return the states that suit at most each number of points, as bits."""
    states = np.flatnonzero(suits)
    values, rank = np.unique(points[states], return_inverse=True)
    of_rank = np.zeros((len(values), len(suits)), dtype=np.bool_)
    of_rank[rank, states] = True
    rows = np.bitwise_or.accumulate(np.packbits(of_rank, axis=1, bitorder="little"), axis=0)
    return [int.from_bytes(row.tobytes(), "little") for row in rows]


def _bits(flags: Bools) -> int:
    return int.from_bytes(np.packbits(flags, bitorder="little").tobytes(), "little")
