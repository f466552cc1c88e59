"""One replication: what happens, event by event, at times that are real numbers.

Days are only for counting (`record`): nothing is rounded to them, so that the engine that serves users can be
held against queueing theory. Chance is drawn beforehand (`draws`); nothing random happens here.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable
from heapq import heappop, heappush
from itertools import pairwise
from math import ceil

import numpy as np

from optimiser.simulation.calendar import Calendar
from optimiser.simulation.changes import Changes
from optimiser.simulation.classes import Tables
from optimiser.simulation.draws import Cast
from optimiser.simulation.line import Line
from optimiser.simulation.log import Log
from optimiser.simulation.model import Model, Policy
from optimiser.simulation.places import NOWHERE, Places
from optimiser.simulation.rounds import Rounds
from optimiser.simulation.timing import (
    ASKED_AGAIN,
    BED_CLOSES,
    BED_REOPENS,
    FIRST_OFFERS,
    JOINS,
    JUST_AFTER,
    LEAVES,
    ROUND,
    UNIT_CHANGES,
)


class Engine:
    """A service that is run once, by `play`. Households are numbered in line, residents first."""

    def __init__(self, model: Model, tables: Tables, cast: Cast) -> None:
        """Set the scene: residents in their places, what is closed, who waits."""
        self.model, self.tables, self.log = model, tables, Log()
        self.places, self.line = Places(model, tables), Line(tables, model.policy)
        self.end = float(model.days)
        self.hold, self.at_once = float(model.hold_days), model.policy is not Policy.ALLOCATOR
        self.limit: list[float] = model.units.max_stay.tolist()
        self.profile: list[int] = cast.profile.tolist()
        self.kind = [tables.kind_of[profile] for profile in self.profile]
        whole = model.profiles
        self.people: list[tuple[int, int, int]] = list(
            zip(whole.singles.tolist(), whole.under_twos.tolist(), whole.sharing_class.tolist(), strict=True)
        )
        self.asked: list[float] = (cast.joins - cast.waited).tolist()
        self.patience: list[float] = cast.patience.tolist()
        self.gives_up: list[float] = (cast.joins + cast.patience).tolist()
        self.needs: list[float] = cast.stay.tolist()
        self.declines: list[int] = cast.declines.tolist()
        self.back: dict[int, float] = {}
        self.calendar = Calendar(model.days)
        self.changes, self.rounds = Changes(self), Rounds(self)
        self.handlers: dict[int, Callable[[float, int], None]] = {
            LEAVES: self._leave,
            UNIT_CHANGES: self.changes.unit_changes,
            BED_CLOSES: self.changes.bed_closes,
            BED_REOPENS: self.changes.bed_reopens,
            JOINS: self.join,
            ASKED_AGAIN: self._ask_again,
            FIRST_OFFERS: self._first_offers,
            ROUND: self._round,
        }
        self._settle_residents()
        self.changes.begin()
        self._line_up()
        first = cast.residents + len(model.waiting.profile)
        mornings = np.arange(int(self.end) + 2)
        edges = (first + np.searchsorted(cast.joins[first:], mornings)).tolist()
        self._new_on_day = list(pairwise(edges))

    def play(self) -> Log:
        """Run it to its end and return what happened."""
        handlers, leave, join, joins = self.handlers, self._leave, self.join, self.asked
        events = 0
        for heap, (first, after) in zip(self.calendar, self._new_on_day, strict=True):
            for household in range(first, after):
                now = joins[household]
                while heap and heap[0][0] <= now:
                    time, kind, what = heappop(heap)
                    events += 1
                    if kind == LEAVES:
                        leave(time, what)
                    else:
                        handlers[kind](time, what)
                join(now, household)
            events += after - first
            while heap and heap[0][0] <= self.end:
                time, kind, what = heappop(heap)
                events += 1
                handlers[kind](time, what)
        self.log.events = events
        self.log.asked, self.log.gives_up = array("d", self.asked), array("d", self.gives_up)
        return self.log

    def join(self, now: float, household: int) -> None:
        """Let a household ask for a place: it is given one, or waits."""
        kind = self.kind[household]
        would_do = self.tables.where[kind] & self.places.free
        if not would_do or not self.at_once:
            # Who would give up at once does not even stand in line.
            if self.gives_up[household] > now:
                self.line.join(household, kind)
        elif self.declines[household]:
            self.decline(now, household)
        else:
            unit = self.places.take(self._best(kind, would_do))
            state = self.place(now, household, unit)
            if state >= 0:
                self.offer(now, unit, state)

    def _best(self, kind: int, would_do: int) -> int:
        """Return the state of the fewest points among some that suit a kind, the first of equals."""
        within = self.tables.within[kind]
        low, high = 0, len(within) - 1
        while low < high:
            middle = (low + high) >> 1
            if within[middle] & would_do:
                high = middle
            else:
                low = middle + 1
        best = within[low] & would_do
        return (best & -best).bit_length() - 1

    def offer(self, now: float, unit: int, state: int) -> None:
        """Offer a unit to those who wait, in line, until it is full; then it is free for others."""
        line, suits = self.line, self.tables.who
        while state >= 0:
            if not (self.at_once and line.kinds & suits[state]):
                self.places.put(unit, state)
                return
            household = line.next_of(state, now, self.gives_up)
            if household < 0:
                self.places.put(unit, state)
                return
            if self.declines[household]:
                self.decline(now, household)
            else:
                state = self.place(now, household, unit)

    def place(self, now: float, household: int, unit: int) -> int:
        """Give a household a unit, and return the state in which it can still be offered, or `NOWHERE`."""
        log, places = self.log, self.places
        stay, limit = self.needs[household], self.limit[unit]
        self.needs[household] = 0.0
        if stay > limit:
            self.needs[household] = stay - limit
            stay = limit
        leaves = now + self.hold + stay
        number, calendar = len(log.who), self.calendar
        if leaves >= calendar.tomorrow:
            if leaves <= calendar.end:
                calendar.days[int(leaves)].append((leaves, LEAVES, number))
        else:
            heappush(calendar.heap, (leaves, LEAVES, number))
        log.who.append(household)
        log.unit.append(unit)
        log.placed.append(now)
        log.leaves.append(leaves)
        if self.back and household in self.back:
            log.asked_again[number] = self.back[household]
        if places.plain[unit]:
            return NOWHERE
        singles, under_twos, gender = self.people[self.profile[household]]
        places.enter(unit, number, *places.beds_for(unit, singles, under_twos), gender)
        return places.state_of(unit)

    def come_back(self, now: float, household: int) -> None:
        """Let a household that has lost its place ask for another, where it was in line."""
        self.log.returned.append(household)
        self.log.returned_at.append(now)
        self.asked[household] = self.back[household] = now
        self.gives_up[household] = now + self.patience[household]
        self.join(now, household)

    def comes(self, stay: int) -> float:
        """Return when a household comes, or came, to a place it was given."""
        arrives = self.model.residents.arrives
        if stay < len(arrives):
            return max(float(arrives[stay]), 0.0)
        return self.log.placed[stay] + self.hold

    def still_waiting(self, now: float, kind: int) -> list[int]:
        """Return the households of a kind that wait, once those who have given up are out of the line."""
        queue = self.line.queues[kind]
        staying = [household for household in queue if self.gives_up[household] > now]
        if len(staying) < len(queue):
            self.line.keep(kind, list(staying))
        return sorted(staying)

    def _leave(self, now: float, stay: int) -> None:
        log, places = self.log, self.places
        if log.leaves[stay] != now:
            return  # its unit closed before
        household, unit = log.who[stay], log.unit[stay]
        if places.plain[unit]:
            if self.needs[household]:
                self._end_interim(now, household)
            self.offer(now, unit, places.home[unit])
            return
        places.leave(unit, stay)
        if self.needs[household]:
            self._end_interim(now, household)
        self.changes.look_again(now, unit)

    def _end_interim(self, now: float, household: int) -> None:
        """Let a household whose limited stay has run out ask for a place without a limit."""
        self.kind[household] = self.tables.later[self.kind[household]]
        self.come_back(now, household)

    def _ask_again(self, now: float, household: int) -> None:
        if self.gives_up[household] > now:
            self.join(now, household)

    def decline(self, now: float, household: int) -> None:
        """Let a household decline; it is asked again the next day."""
        self.declines[household] -= 1
        self.calendar.note(ceil(now) + JUST_AFTER, ASKED_AGAIN, household)

    def _settle_residents(self) -> None:
        """Let residents be where they are; of a limited stay, they may have there what is left of it."""
        residents, log = self.model.residents, self.log
        classes = self.model.profiles.sharing_class[residents.profile].tolist()
        for household, unit in enumerate(residents.unit.tolist()):
            comes, needs = self.asked[household], self.needs[household]
            allowed = max(self.limit[unit] - float(residents.so_far[household]), 1.0)
            stays = min(needs, allowed)
            self.needs[household] = needs - stays
            log.who.append(household)
            log.unit.append(unit)
            log.placed.append(-1.0 if residents.held[household] else comes)
            log.leaves.append(comes + stays)
            self.calendar.note(comes + stays, LEAVES, household)
            if not self.places.plain[unit]:
                beds = int(residents.singles[household]), int(residents.cots[household])
                self.places.enter(unit, household, *beds, classes[household])

    def _line_up(self) -> None:
        """Let those who wait on day 0 stand in line, and put on the calendar who is known to come."""
        first = len(self.model.residents.profile)
        for household in range(first, first + len(self.model.waiting.joins)):
            if self.asked[household] <= 0:
                self.line.join(household, self.kind[household])
            else:
                self.calendar.note(self.asked[household], JOINS, household)
        self.calendar.note(JUST_AFTER, FIRST_OFFERS if self.at_once else ROUND, 0)

    def _first_offers(self, now: float, _: int) -> None:
        for household in self.line.empty():
            self.join(now, household)

    def _round(self, now: float, _: int) -> None:
        self.rounds.hold(now)
        self.calendar.note(float(int(now) + 1), ROUND, 0)
