"""A day's round in a simulation: the allocator itself, on the households and the free units of that day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
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
        engine, places = self._engine, self._engine.places
        wanted, waiting = self._wanted(), engine.line.count()
        units = [
            (unit, state)
            for state in places_of(_all_of(wanted.values()))
            for unit in places.pools[state][-waiting:]
        ]
        households = sorted(self._households(now, wanted, units))
        slots = [self._slot(unit, state) for unit, state in units]
        candidates = [self._candidate(now, household) for household in households]
        gone = set()
        for candidate, place in choose(candidates, slots, self._points(households, wanted, units)):
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

    def _wanted(self) -> dict[int, int]:
        """Return for each kind of which somebody waits the states of free units that would do."""
        where, free = self._engine.tables.where, self._engine.places.free
        return {kind: where[kind] & free for kind in places_of(self._engine.line.kinds) if where[kind] & free}

    def _households(
        self, now: float, wanted: dict[int, int], units: Sequence[tuple[int, int]]
    ) -> Iterator[int]:
        """Yield those who wait, of each kind no more than there is room for.

        Of households that are alike a round places the more urgent and then the longer wait: the others could
        only take their place.
        """
        engine, states = self._engine, self._engine.tables.states
        room: dict[int, int] = defaultdict(int)
        for unit, state in units:
            room[state] += states[state][2] if engine.places.shared[unit] else 1
        tier = engine.model.profiles.tier
        for kind, would_do in wanted.items():
            waiting = engine.still_waiting(now, kind)
            waiting.sort(key=lambda one: (tier[engine.profile[one]], engine.asked[one]))
            yield from waiting[: sum(room[state] for state in places_of(would_do))]

    def _points(
        self, households: Sequence[int], wanted: dict[int, int], units: Sequence[tuple[int, int]]
    ) -> list[tuple[int, int, int]]:
        """Return every pair of a household and a unit that would do, with its points."""
        engine, tables = self._engine, self._engine.tables
        slots_in: dict[int, list[int]] = defaultdict(list)
        for slot, (_, state) in enumerate(units):
            slots_in[state].append(slot)
        of_kind = {
            kind: [
                (slot, int(tables.points[kind, tables.states[state][0]]))
                for state in places_of(would_do)
                for slot in slots_in[state]
            ]
            for kind, would_do in wanted.items()
        }
        return [
            (row, slot, points)
            for row, household in enumerate(households)
            for slot, points in of_kind[engine.kind[household]]
        ]

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


def _all_of(sets: Iterable[int]) -> int:
    together = 0
    for bits in sets:
        together |= bits
    return together


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
