"""What is counted of beds and stays, each measure defined here and nowhere else.

All of it follows from stays, holds and closures; nothing is stored. Nights are half-open: `[start, end)`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from beds.domain.clock import Clock

Nights = tuple[date, date]
"""The nights `[start, end)`."""

ONE_NIGHT: Final = timedelta(days=1)


class BedState(StrEnum):
    """What a bed is in one night. A bed-night is in one state, the first of these that applies."""

    OCCUPIED = "occupied"
    HELD = "held"
    CLOSED = "closed"
    VACANT = "vacant"


_NO_STOCK: Final = len(BedState)
_CODE: Final = {state: code for code, state in enumerate(BedState)}


@dataclass(frozen=True, slots=True)
class BedHistory:
    """The nights of one bed: those in which it exists, and what happened in it; spans may overlap.

    `exists` is `[opens_on, closes_on)` of its site, None where it has no such date.
    """

    exists: tuple[date | None, date | None] = (None, None)
    occupied: tuple[Nights, ...] = ()
    held: tuple[Nights, ...] = ()
    closed: tuple[Nights, ...] = ()


@dataclass(frozen=True, slots=True)
class BedNights:
    """Bed-nights by state.

    Examples
    --------
    >>> ten = BedNights(occupied=6, held=1, closed=2, vacant=1)
    >>> ten.stock, ten.void, ten.occupancy
    (10, 3, 0.75)
    """

    occupied: int = 0
    held: int = 0
    closed: int = 0
    vacant: int = 0

    @property
    def stock(self) -> int:
        """All bed-nights there are: occupied + held + closed + vacant."""
        return self.occupied + self.held + self.closed + self.vacant

    @property
    def void(self) -> int:
        """Void nights in the housing sector's sense: vacant + closed."""
        return self.vacant + self.closed

    @property
    def occupancy(self) -> float | None:
        """Occupied ÷ (stock − closed); None where nothing could have been occupied."""
        usable = self.stock - self.closed
        return self.occupied / usable if usable else None

    def __add__(self, other: Self) -> BedNights:
        """Return the bed-nights of two sets of beds together."""
        return BedNights(
            self.occupied + other.occupied,
            self.held + other.held,
            self.closed + other.closed,
            self.vacant + other.vacant,
        )


@dataclass(frozen=True, slots=True)
class LengthOfStay:
    """Nights from arrival to departure; `censored` while the end is not known: so many nights so far."""

    nights: int
    censored: bool


def occupied_nights(
    starts_on: date, expected_end_on: date, ended_on: date | None, clock: Clock
) -> Nights | None:
    """Return the nights of a stay, None if it has none.

    Without a recorded end it goes on until it is expected to end, and if that is past, up to and including
    tonight: nobody who has overstayed is turned out by arithmetic (`allocation.md` §2).
    """
    ends_on = max(expected_end_on, clock.today + ONE_NIGHT) if ended_on is None else ended_on
    return (starts_on, ends_on) if starts_on < ends_on else None


def held_nights(starts_on: date, expected_end_on: date, expires_at: datetime, clock: Clock) -> Nights | None:
    """Return the nights that a hold keeps a bed, None if it keeps none.

    In force it keeps all its nights. Afterwards it has kept those at whose end it was still in force: one
    that ran out within its first night kept nothing. `expires_at` is when it ran out, or was released.
    """
    if clock.as_at >= expires_at:
        last_night = Clock(expires_at - timedelta.resolution).today
        expected_end_on = min(expected_end_on, last_night)
    return (starts_on, expected_end_on) if starts_on < expected_end_on else None


def closed_nights(starts_on: date, ends_on: date | None) -> Nights | None:
    """Return the nights of a closure, None if it has none; until further notice is for ever."""
    ends_on = date.max if ends_on is None else ends_on
    return (starts_on, ends_on) if starts_on < ends_on else None


def length_of_stay(starts_on: date, ended_on: date | None, clock: Clock) -> LengthOfStay:
    """Return how long somebody has stayed; without a recorded end, up to tonight and not including it."""
    until = clock.today if ended_on is None else ended_on
    return LengthOfStay(max(0, (until - starts_on).days), censored=ended_on is None)


def state_on(history: BedHistory, night: date) -> BedState | None:
    """Return the state of a bed in one night; None where the bed is not in stock then.

    A bed is in stock from the opening of its site until its closing, and while somebody is in it or holds it.
    """
    if _is_within(history.occupied, night):
        return BedState.OCCUPIED
    if _is_within(history.held, night):
        return BedState.HELD
    opens_on, closes_on = history.exists
    if (opens_on is not None and night < opens_on) or (closes_on is not None and night >= closes_on):
        return None
    return BedState.CLOSED if _is_within(history.closed, night) else BedState.VACANT


def bed_nights(histories: Iterable[BedHistory], starts_on: date, ends_on: date) -> BedNights:
    """Return the bed-nights of some beds over the nights `[starts_on, ends_on)`, each in exactly one state.

    Raises
    ------
    ValueError
        There is no night in the range.
    """
    if starts_on >= ends_on:
        raise ValueError("ends_on: must be after starts_on")
    if ends_on - starts_on == ONE_NIGHT:
        # The whole estate is counted for one night at a time: arrays of one night would be the slower way.
        tonight = Counter(state_on(history, starts_on) for history in histories)
        return BedNights(**{state.value: tonight[state] for state in BedState})
    counts = np.zeros(_NO_STOCK + 1, dtype=np.int64)
    for history in histories:
        counts += np.bincount(_states(history, starts_on, ends_on), minlength=_NO_STOCK + 1)
    return BedNights(**{state.value: int(counts[code]) for state, code in _CODE.items()})


def _states(history: BedHistory, starts_on: date, ends_on: date) -> NDArray[np.int8]:
    """Return the code of each night's state; what counts for more is written over what counts for less."""
    nights = (ends_on - starts_on).days
    states = np.full(nights, _NO_STOCK, dtype=np.int8)
    opens_on, closes_on = history.exists
    exists = slice(
        _clip(opens_on or starts_on, starts_on, nights), _clip(closes_on or ends_on, starts_on, nights)
    )
    states[exists] = _CODE[BedState.VACANT]
    for span in _within(history.closed, starts_on, nights):
        # A bed that is not in stock cannot be out of service.
        states[span][states[span] != _NO_STOCK] = _CODE[BedState.CLOSED]
    for spans, state in ((history.held, BedState.HELD), (history.occupied, BedState.OCCUPIED)):
        for span in _within(spans, starts_on, nights):
            states[span] = _CODE[state]
    return states


def _is_within(spans: Sequence[Nights], night: date) -> bool:
    return any(starts_on <= night < ends_on for starts_on, ends_on in spans)


def _within(spans: Sequence[Nights], starts_on: date, nights: int) -> Iterable[slice]:
    return (slice(_clip(start, starts_on, nights), _clip(end, starts_on, nights)) for start, end in spans)


def _clip(day: date, starts_on: date, nights: int) -> int:
    return min(max((day - starts_on).days, 0), nights)
