"""The units during a replication: which are free in which state, and what changes that.

A plain unit is one household's, always open and whole: it is free in its one state or it is taken. Units that
are shared, that open or close, or that lose beds for a time are looked at afresh whenever something changes.
"""

from __future__ import annotations

from collections import defaultdict

from optimiser.simulation.classes import Tables
from optimiser.simulation.model import SHARES_WITH_NOBODY, Model

NOWHERE = -1
"""The state of a unit that nobody can be offered."""
SINGLE, COT = 0, 1
SEVERAL = -1
"""The gender of a unit in which several live, or somebody who shares with nobody."""


class Places:
    """What is free, what is taken and what is closed.

    `free` has the states in which there are free units, as bits; `pools` the units that are free in each.
    """

    def __init__(self, model: Model, tables: Tables) -> None:
        """Begin with every unit open that is open on day 0, and nobody in it; none is in its pool yet."""
        units, residents = model.units, model.residents
        self.class_of, self.number_of = tables.class_of, tables.number_of
        self.bit = [1 << state for state in range(len(tables.who))]
        self.free = 0
        self.pools: list[list[int]] = [[] for _ in tables.who]
        self.home = tables.home
        self.shared: list[bool] = units.shared.tolist()
        self.open_beds: list[list[int]] = [units.singles.tolist(), units.cots.tolist()]
        self.used_beds = [[0] * len(units), [0] * len(units)]
        self.level = [len(tables.notices)] * len(units)
        self.inside: list[dict[int, tuple[int, int, int]]] = [{} for _ in range(len(units))]
        self.gender = [0] * len(units)
        self.pooled = [NOWHERE] * len(units)
        crowd: dict[int, int] = defaultdict(int)
        for unit in residents.unit.tolist():
            crowd[unit] += 1
        losing = set(model.closures.unit.tolist())
        dated = (units.opens > 0) | (units.closes < float("inf"))
        self.plain = [
            not (shared or changes or unit in losing or crowd[unit] > 1)
            for unit, (shared, changes) in enumerate(zip(self.shared, dated.tolist(), strict=True))
        ]

    def put(self, unit: int, state: int) -> None:
        """Make a unit free in a state."""
        pool = self.pools[state]
        if not pool:
            self.free |= self.bit[state]
        pool.append(unit)
        if not self.plain[unit]:
            self.pooled[unit] = state

    def take(self, state: int) -> int:
        """Take any unit that is free in a state."""
        pool = self.pools[state]
        unit = pool.pop()
        if not pool:
            self.free ^= self.bit[state]
        self.pooled[unit] = NOWHERE
        return unit

    def pull(self, unit: int, state: int) -> None:
        """Take one unit that is free in a state."""
        pool = self.pools[state]
        pool.remove(unit)
        if not pool:
            self.free ^= self.bit[state]
        self.pooled[unit] = NOWHERE

    def state_of(self, unit: int) -> int:
        """Return the state in which a unit that is not plain could be offered now, or `NOWHERE`."""
        singles = self.open_beds[SINGLE][unit]
        if self.shared[unit]:
            # Of several genders, it is in no state there is.
            lock, cots = self.gender[unit], 0
            singles -= self.used_beds[SINGLE][unit]
        elif self.inside[unit]:
            return NOWHERE
        else:
            lock, cots = 0, self.open_beds[COT][unit]
        key = (self.class_of[unit], lock, singles, cots, self.level[unit])
        return self.number_of.get(key, NOWHERE)

    def enter(self, unit: int, stay: int, singles: int, cots: int, gender: int) -> None:
        """Let a household into a unit that is not plain; `stay` is the number of its record."""
        inside = self.inside[unit]
        alike = gender != SHARES_WITH_NOBODY and (not inside or gender == self.gender[unit])
        self.gender[unit] = gender if alike else SEVERAL
        inside[stay] = (singles, cots, gender)
        self.used_beds[SINGLE][unit] += singles
        self.used_beds[COT][unit] += cots

    def leave(self, unit: int, stay: int) -> None:
        """Let a household out of a unit that is not plain."""
        inside = self.inside[unit]
        singles, cots, _ = inside.pop(stay)
        if not inside:
            self.gender[unit] = 0
        elif self.gender[unit] == SEVERAL:
            genders = {gender or SEVERAL for _, _, gender in inside.values()}
            self.gender[unit] = genders.pop() if len(genders) == 1 else SEVERAL
        self.used_beds[SINGLE][unit] -= singles
        self.used_beds[COT][unit] -= cots

    def beds_for(self, unit: int, singles: int, under_twos: int) -> tuple[int, int]:
        """Return the singles and cots that a household takes: a cot for a child under two if one is free."""
        cots = min(under_twos, max(self.open_beds[COT][unit] - self.used_beds[COT][unit], 0))
        return singles + under_twos - cots, cots

    def has_empty_bed(self, unit: int, kind: int) -> bool:
        """Return whether a bed of a kind is open and nobody's."""
        return self.open_beds[kind][unit] > self.used_beds[kind][unit]
