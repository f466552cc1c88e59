"""A day's round in a simulation: the allocator itself, on the households and the free units of that day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from optimiser.allocation import allocate
from optimiser.problem import BedSlot, Problem, Request, UnitSlot
from optimiser.simulation.model import SHARES_WITH_NOBODY
from optimiser.simulation.timing import ENDLESS

if TYPE_CHECKING:
    from optimiser.simulation.engine import Engine

NO_DATE = ""
"""A round in a simulation is on no date that anybody could look up."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A household that waits, as a round sees it; `number` is its place in line."""

    number: int
    tier: int
    days_waited: int
    nights: int
    singles: int
    under_twos: int
    sharing_class: int | None


@dataclass(frozen=True, slots=True)
class Slot:
    """A free unit, as a round sees it, with the beds that are left in it."""

    unit: int
    shared: bool
    singles: int
    cots: int
    max_stay: int | None


def choose(
    candidates: Sequence[Candidate], slots: Sequence[Slot], points: Sequence[tuple[int, int, int]]
) -> list[tuple[int, int]]:
    """Return who goes where, as places in `candidates` and `slots`, in line.

    Parameters
    ----------
    points : (candidate, slot, points) of every allowed pair
    """
    if not points:
        return []
    table = np.array(points, dtype=np.int64)
    problem = Problem(
        as_at=NO_DATE,
        today=NO_DATE,
        requests=tuple(_request(candidate) for candidate in candidates),
        units=tuple(_unit(slot) for slot in slots),
        pairs=table[:, :2],
        mismatch=table[:, 2:],
        mismatch_kinds=("points",),
        conflicts=(),
    )
    return sorted(allocate(problem).assignment)


def _request(one: Candidate) -> Request:
    return Request(
        ref=str(one.number),
        tier=one.tier,
        days_waited=one.days_waited,
        nights=one.nights,
        singles=one.singles,
        under_twos=one.under_twos,
        births=(),
        sharing_class=one.sharing_class,
    )


def _unit(slot: Slot) -> UnitSlot:
    ref = str(slot.unit)
    singles = (BedSlot(f"{ref}-{n}", is_cot=False, free_nights=None) for n in range(slot.singles))
    cots = (BedSlot(f"{ref}-cot-{n}", is_cot=True, free_nights=None) for n in range(slot.cots))
    return UnitSlot(ref=ref, site=ref, shared=slot.shared, max_stay=slot.max_stay, beds=(*singles, *cots))


class Rounds:
    """The allocator once a day, in one run."""

    def __init__(self, engine: Engine) -> None:
        """Know the run."""
        self._engine = engine

    def hold(self, now: float) -> None:
        """Hold a round: whoever it places is placed, unless they decline."""
        engine = self._engine
        places = engine.places
        households, candidates, slots, points = self._who_and_where(now)
        gone = set()
        for candidate, place in choose(candidates, slots, points):
            household, unit = households[candidate], slots[place].unit
            gone.add(household)
            if engine.declines[household]:
                engine.decline(now, household)
                continue
            places.pull(unit, places.home[unit] if places.plain[unit] else places.pooled[unit])
            state = engine.place(now, household, unit)
            if state >= 0:
                places.put(unit, state)
        for kind in {engine.kind[household] for household in gone}:
            engine.line.keep(kind, [one for one in engine.line.queues[kind] if one not in gone])

    def _who_and_where(
        self, now: float
    ) -> tuple[list[int], list[Candidate], list[Slot], list[tuple[int, int, int]]]:
        """Return households that some free unit would do for, free units that would do, and the pairs."""
        engine = self._engine
        tables, places, line = engine.tables, engine.places, engine.line
        wanted = {
            kind: tables.where[kind] & places.free
            for kind in places_of(line.kinds)
            if tables.where[kind] & places.free
        }
        waiting = {kind: engine.still_waiting(now, kind) for kind in wanted}
        in_line = sorted(household for group in waiting.values() for household in group)
        row_of = {household: row for row, household in enumerate(in_line)}
        would_do = 0
        for states in wanted.values():
            would_do |= states
        # No more units of one state than there are households: any of them would do as well.
        in_state = {state: places.pools[state][-len(in_line) :] for state in places_of(would_do) if in_line}
        units = [(unit, state) for state, pool in in_state.items() for unit in pool]
        first_of: dict[int, int] = {}
        for column, (_, state) in enumerate(units):
            first_of.setdefault(state, column)
        points = [
            (row_of[household], first_of[state] + offset, int(tables.points[kind, tables.states[state][0]]))
            for kind, states in wanted.items()
            for state in places_of(states)
            for household in waiting[kind]
            for offset in range(len(in_state[state]))
        ]
        candidates = [self._candidate(now, household) for household in in_line]
        return in_line, candidates, [self._slot(*unit) for unit in units], points

    def _candidate(self, now: float, household: int) -> Candidate:
        engine, profiles = self._engine, self._engine.model.profiles
        profile = engine.profile[household]
        gender = int(profiles.sharing_class[profile])
        return Candidate(
            number=household,
            tier=int(profiles.tier[profile]),
            days_waited=max(int(now - engine.asked[household]), 0),
            nights=int(profiles.nights[profile]),
            singles=int(profiles.singles[profile]),
            under_twos=int(profiles.under_twos[profile]),
            sharing_class=gender if gender != SHARES_WITH_NOBODY else None,
        )

    def _slot(self, unit: int, state: int) -> Slot:
        engine = self._engine
        _, _, singles, cots, _ = engine.tables.states[state]
        limit = engine.limit[unit]
        return Slot(
            unit=unit,
            shared=engine.places.shared[unit],
            singles=singles,
            cots=cots,
            max_stay=None if limit == ENDLESS else int(limit),
        )


def places_of(bits: int) -> Iterator[int]:
    """Yield the places of the bits that are set, the lowest first.

    Examples
    --------
    >>> list(places_of(0b10010))
    [1, 4]
    """
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest
