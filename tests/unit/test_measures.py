"""Bed-nights, occupancy, void nights and length of stay, against counting night by night."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beds.domain.clock import LONDON, Clock
from beds.domain.measures import (
    BedHistory,
    BedNights,
    BedState,
    bed_nights,
    closed_nights,
    held_nights,
    length_of_stay,
    occupied_nights,
    state_on,
)
from tests.builders import CLOCK, NOON, TODAY

ONE = timedelta(days=1)


def day(offset: int) -> date:
    """Return a day so many days after 3 March 2026."""
    return TODAY + offset * ONE


def test_a_night_is_in_one_state_and_somebody_in_the_bed_counts_for_most() -> None:
    week = (day(0), day(7))
    history = BedHistory(occupied=((day(0), day(2)),), held=((day(1), day(4)),), closed=((day(3), day(6)),))

    counted = bed_nights([history], *week)

    assert counted == BedNights(occupied=2, held=2, closed=2, vacant=1)
    assert [state_on(history, day(n)) for n in (0, 1, 2, 3, 4, 5, 6)] == [
        BedState.OCCUPIED,
        BedState.OCCUPIED,
        BedState.HELD,
        BedState.HELD,
        BedState.CLOSED,
        BedState.CLOSED,
        BedState.VACANT,
    ]


def test_a_bed_is_not_in_stock_before_its_site_opens_or_after_it_closes() -> None:
    history = BedHistory(exists=(day(2), day(5)), closed=((day(0), day(3)),))

    assert bed_nights([history], day(0), day(7)) == BedNights(closed=1, vacant=2)
    assert state_on(history, day(1)) is None


def test_somebody_in_a_bed_of_a_closed_site_is_counted_all_the_same() -> None:
    history = BedHistory(exists=(None, day(0)), occupied=((day(-2), day(2)),))

    assert bed_nights([history], day(-2), day(3)) == BedNights(occupied=4)


def test_occupancy_is_of_what_could_have_been_occupied() -> None:
    assert BedNights(occupied=3, closed=4, vacant=1).occupancy == 0.75
    assert BedNights(closed=4).occupancy is None
    assert BedNights().occupancy is None


def test_void_nights_are_those_vacant_and_those_closed() -> None:
    assert BedNights(occupied=1, held=2, closed=4, vacant=8).void == 12


def test_a_range_without_a_night_is_refused() -> None:
    with pytest.raises(ValueError, match="ends_on"):
        bed_nights([], TODAY, TODAY)


@pytest.mark.parametrize(
    ("starts", "expected", "ended", "nights"),
    [
        (-5, 5, None, (-5, 5)),
        (-5, -2, None, (-5, 1)),  # overdue: up to and including tonight
        (-5, 0, None, (-5, 1)),
        (-5, 5, -1, (-5, -1)),
        (-5, 5, -5, None),  # ended the day it began: no night
        (2, 5, None, (2, 5)),
    ],
)
def test_a_stay_has_these_nights(
    starts: int, expected: int, ended: int | None, nights: tuple[int, int] | None
) -> None:
    found = occupied_nights(day(starts), day(expected), None if ended is None else day(ended), CLOCK)

    assert found == (None if nights is None else (day(nights[0]), day(nights[1])))


@pytest.mark.parametrize(
    ("expires", "nights"),
    [
        (timedelta(hours=1), (-2, 3)),  # in force: all its nights
        (timedelta(hours=-1), (-2, 0)),  # ran out today: it kept the two nights before
        (timedelta(days=-1), (-2, -1)),
        (timedelta(days=-2), None),  # ran out within its first night
        (timedelta(days=-1, hours=-6), None),  # at 06:00, with the night
        (timedelta(days=-1, hours=-6, minutes=1), (-2, -1)),
    ],
)
def test_a_hold_keeps_the_nights_at_whose_end_it_is_in_force(
    expires: timedelta, nights: tuple[int, int] | None
) -> None:
    found = held_nights(day(-2), day(3), NOON + expires, CLOCK)

    assert found == (None if nights is None else (day(nights[0]), day(nights[1])))


def test_a_closure_until_further_notice_has_no_end() -> None:
    assert closed_nights(TODAY, None) == (TODAY, date.max)
    assert closed_nights(TODAY, TODAY) is None


def test_a_length_of_stay_is_censored_while_somebody_is_still_there() -> None:
    ended, there, to_come = (
        length_of_stay(day(-10), day(-3), CLOCK),
        length_of_stay(day(-10), None, CLOCK),
        length_of_stay(day(2), None, CLOCK),
    )

    assert [(stay.nights, stay.censored) for stay in (ended, there, to_come)] == [
        (7, False),
        (10, True),
        (0, True),
    ]


@dataclass(frozen=True)
class RandomBed:
    """What happened in a bed, as recorded, in days from today."""

    opens: int | None
    closes: int | None
    stays: list[tuple[int, int, int | None]]
    holds: list[tuple[int, int, int]]
    closures: list[tuple[int, int | None]]

    def history(self, clock: Clock) -> BedHistory:
        """Return the history as the service makes it."""
        stays = [
            occupied_nights(day(s), day(s + e), None if end is None else day(s + end), clock)
            for s, e, end in self.stays
        ]
        holds = [held_nights(day(s), day(s + e), NOON + timedelta(hours=h), clock) for s, e, h in self.holds]
        closures = [closed_nights(day(s), None if e is None else day(s + e)) for s, e in self.closures]
        exists = tuple(None if offset is None else day(offset) for offset in (self.opens, self.closes))
        return BedHistory(
            exists=(exists[0], exists[1]),
            occupied=tuple(nights for nights in stays if nights),
            held=tuple(nights for nights in holds if nights),
            closed=tuple(nights for nights in closures if nights),
        )

    def state(self, night: date, clock: Clock) -> BedState | None:
        """Return the state of one night by looking at every record: another way to the same answer."""
        tonight = clock.today
        for s, e, end in self.stays:
            last = day(s + end) if end is not None else max(day(s + e), tonight + ONE)
            if day(s) <= night < last:
                return BedState.OCCUPIED
        morning = datetime.combine(night + ONE, datetime.min.time(), LONDON) + timedelta(hours=6)
        asked_at = min(clock.as_at, morning)
        for s, e, h in self.holds:
            if day(s) <= night < day(s + e) and asked_at < NOON + timedelta(hours=h):
                return BedState.HELD
        if (self.opens is not None and night < day(self.opens)) or (
            self.closes is not None and night >= day(self.closes)
        ):
            return None
        for s, e in self.closures:
            if day(s) <= night and (e is None or night < day(s + e)):
                return BedState.CLOSED
        return BedState.VACANT


offsets, lengths = st.integers(-20, 20), st.integers(1, 15)
random_beds = st.builds(
    RandomBed,
    opens=st.none() | st.integers(-15, 0),
    closes=st.none() | st.integers(1, 15),
    stays=st.lists(st.tuples(offsets, lengths, st.none() | st.integers(0, 15)), max_size=3),
    holds=st.lists(st.tuples(offsets, lengths, st.integers(-300, 100)), max_size=3),
    closures=st.lists(st.tuples(offsets, st.none() | lengths), max_size=3),
)


@given(st.lists(random_beds, max_size=4), st.integers(-25, 20), st.integers(1, 30), st.integers(-48, 48))
def test_bed_nights_are_those_of_counting_night_by_night(
    beds: list[RandomBed], starts: int, nights: int, hours: int
) -> None:
    clock = Clock(NOON + timedelta(hours=hours))
    histories = [bed.history(clock) for bed in beds]

    counted = bed_nights(histories, day(starts), day(starts + nights))

    states = [bed.state(day(n), clock) for bed in beds for n in range(starts, starts + nights)]
    assert counted == BedNights(**{state.value: states.count(state) for state in BedState})
    assert counted.stock == counted.occupied + counted.held + counted.closed + counted.vacant
    assert counted.stock == len(states) - states.count(None)
    assert [state_on(h, day(starts)) for h in histories] == [bed.state(day(starts), clock) for bed in beds]
