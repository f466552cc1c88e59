"""What changes in the estate while it is run: units open and close, beds go out of service and come back.

Nobody is turned out of a bed that is to be repaired: it closes once it is empty. Where a whole unit closes,
who is still there then needs another place, and is first in line for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from optimiser.simulation.places import COT, NOWHERE, SINGLE
from optimiser.simulation.timing import (
    BED_CLOSES,
    BED_REOPENS,
    ENDLESS,
    JUST_AFTER,
    UNIT_CHANGES,
    begins_with,
)

if TYPE_CHECKING:
    from optimiser.simulation.engine import Engine


class Changes:
    """The dated changes of one run."""

    def __init__(self, engine: Engine) -> None:
        """Know the dates; what is so on day 0 is so from the start."""
        model, self._engine = engine.model, engine
        units, closures = model.units, model.closures
        self._notices: list[float] = engine.tables.notices.tolist()
        self._opens = [opens if opens > 0 else -ENDLESS for opens in units.opens.tolist()]
        self._closes: list[float] = units.closes.tolist()
        self._beds = list(zip(closures.unit.tolist(), closures.is_cot.tolist(), strict=True))
        self._bed_from = [begins if begins > 0 else -ENDLESS for begins in closures.starts.tolist()]
        self._bed_until: list[float] = closures.ends.tolist()
        self._wanted: dict[int, list[int]] = {}
        self._out: dict[int, int] = {}

    def begin(self) -> None:
        """Close what is closed at the start, put what will change on the calendar, and free what is free."""
        engine, places, note = self._engine, self._engine.places, self._engine.calendar.note
        for unit in range(len(places.plain)):
            for at in self._dates_of(unit):
                note(at, UNIT_CHANGES, unit)
            places.level[unit] = self._level(unit, 0.0)
        for closure, (starts, ends) in enumerate(zip(self._bed_from, self._bed_until, strict=True)):
            if starts == -ENDLESS:
                self._close_bed(0.0, closure)
            else:
                note(begins_with(starts), BED_CLOSES, closure)
            if ends < ENDLESS:
                note(begins_with(ends), BED_REOPENS, closure)
        lived_in = set(engine.log.unit)
        for unit, plain in enumerate(places.plain):
            state = NOWHERE if plain and unit in lived_in else places.home[unit]
            state = state if plain else places.state_of(unit)
            if state != NOWHERE:
                places.put(unit, state)

    def look_again(self, now: float, unit: int) -> None:
        """Offer a unit as it is now: after somebody left, or something opened or closed."""
        places = self._engine.places
        if places.pooled[unit] != NOWHERE:
            places.pull(unit, places.pooled[unit])
        for closure in self._wanted.pop(unit, []):
            self._close_bed(now, closure)
        self._engine.offer(now, unit, places.state_of(unit))

    def unit_changes(self, now: float, unit: int) -> None:
        """Open a unit, let it come nearer to its closing, or close it."""
        places = self._engine.places
        places.level[unit] = self._level(unit, now)
        if now < self._closes[unit]:
            self.look_again(now, unit)
            return
        if places.pooled[unit] != NOWHERE:
            places.pull(unit, places.pooled[unit])
        self._move_out(now, unit)

    def bed_closes(self, now: float, closure: int) -> None:
        """Take a bed out of service, or as soon as it is empty."""
        unit, _ = self._beds[closure]
        self._wanted.setdefault(unit, []).append(closure)
        self.look_again(now, unit)

    def bed_reopens(self, now: float, closure: int) -> None:
        """Put a bed back into service; one that was never empty simply stays."""
        unit, is_cot = self._beds[closure]
        if closure in self._out:
            self._engine.log.closed_until[self._out.pop(closure)] = now
            self._engine.places.open_beds[COT if is_cot else SINGLE][unit] += 1
        elif closure in self._wanted.get(unit, ()):
            self._wanted[unit].remove(closure)
        self.look_again(now, unit)

    def _dates_of(self, unit: int) -> list[float]:
        """Return when a unit opens, when it is open for one notice less, and when it closes."""
        opens, closes = self._opens[unit], self._closes[unit]
        dates = [] if opens == -ENDLESS else [begins_with(opens)]
        if closes < ENDLESS:
            dates += [max(closes - nights, 0.0) + JUST_AFTER for nights in self._notices]
            dates.append(max(closes, 0.0))
        return dates

    def _level(self, unit: int, now: float) -> int:
        """Return of how many of the notices, shortest first, a household could still have the unit."""
        if now < self._opens[unit] - 1.0:
            return 0
        return sum(now + nights <= self._closes[unit] for nights in self._notices)

    def _close_bed(self, now: float, closure: int) -> None:
        unit, is_cot = self._beds[closure]
        log, places, kind = self._engine.log, self._engine.places, COT if is_cot else SINGLE
        if not places.has_empty_bed(unit, kind):
            self._wanted.setdefault(unit, []).append(closure)
            return
        places.open_beds[kind][unit] -= 1
        self._out[closure] = len(log.closed_unit)
        log.closed_unit.append(unit)
        log.closed_from.append(now)
        log.closed_until.append(ENDLESS)

    def _move_out(self, now: float, unit: int) -> None:
        engine, places, log = self._engine, self._engine.places, self._engine.log
        for stay in sorted(places.inside[unit]):
            household, leaves = log.who[stay], log.leaves[stay]
            places.leave(unit, stay)
            engine.needs[household] += leaves - max(now, engine.comes(stay))
            log.leaves[stay] = now
            engine.come_back(now, household)
