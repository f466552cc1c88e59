"""The dates of a case: recovery by nation and date, move-on, and what changes during a stay."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from beds.domain.terms import ConclusiveGrounds, Gender, Nation
from beds.domain.waiting import (
    CaseClock,
    ClockKind,
    ComingEvent,
    Decisions,
    EventKind,
    coming_events,
    hours_waited,
    move_on_clock,
    recovery_clock,
)
from beds.reference import move_on_periods, recovery_clocks, recovery_periods
from tests.builders import NOON, a_person, a_site

RG = date(2026, 3, 1)
END = date(2026, 4, 2)


def ends_on(nation: Nation, decided_on: date | None, reasonable_on: date = RG) -> date | None:
    """Return the end of the recovery period of a case."""
    found = recovery_clock(
        nation,
        Decisions(reasonable_on, decided_on, ConclusiveGrounds.POSITIVE if decided_on else None),
        periods=recovery_periods(),
        clocks=recovery_clocks(),
    )
    assert found is not None
    return found.ends_on


@pytest.mark.parametrize(
    ("nation", "decided_after", "ends_after"),
    [
        (Nation.ENGLAND, None, None),
        (Nation.ENGLAND, 10, 30),
        (Nation.ENGLAND, 30, 30),
        (Nation.ENGLAND, 200, 200),
        (Nation.WALES, None, None),
        (Nation.WALES, 31, 31),
        (Nation.NORTHERN_IRELAND, None, None),
        (Nation.NORTHERN_IRELAND, 31, 45),
        (Nation.NORTHERN_IRELAND, 46, 46),
        (Nation.SCOTLAND, None, 90),
        (Nation.SCOTLAND, 10, 10),
        (Nation.SCOTLAND, 90, 90),
        (Nation.SCOTLAND, 200, 90),
    ],
)
def test_a_recovery_period_ends_as_its_nation_has_it(
    nation: Nation, decided_after: int | None, ends_after: int | None
) -> None:
    decided_on = None if decided_after is None else RG + timedelta(days=decided_after)

    found = ends_on(nation, decided_on)

    assert found == (None if ends_after is None else RG + timedelta(days=ends_after))


@pytest.mark.parametrize(
    ("reasonable_on", "end"), [(date(2018, 3, 31), None), (date(2018, 4, 1), date(2018, 6, 30))]
)
def test_scotland_has_an_end_without_a_decision_since_april_2018(
    reasonable_on: date, end: date | None
) -> None:
    assert ends_on(Nation.SCOTLAND, None, reasonable_on) == end


@pytest.mark.parametrize(("reasonable_on", "nights"), [(date(2022, 12, 12), 45), (date(2022, 12, 13), 30)])
def test_england_counts_the_nights_in_force_on_the_day_of_the_decision(
    reasonable_on: date, nights: int
) -> None:
    decided_on = reasonable_on + timedelta(days=1)

    assert ends_on(Nation.ENGLAND, decided_on, reasonable_on) == reasonable_on + timedelta(days=nights)


def test_before_positive_reasonable_grounds_there_is_no_period() -> None:
    nothing = Decisions()

    found = (
        recovery_clock(Nation.ENGLAND, nothing, periods=recovery_periods(), clocks=recovery_clocks()),
        move_on_clock(Nation.ENGLAND, nothing, move_on_periods()),
    )

    assert found == (None, None)


@pytest.mark.parametrize(
    ("nation", "assumed"),
    [
        (Nation.ENGLAND, False),
        (Nation.WALES, False),
        (Nation.SCOTLAND, True),
        (Nation.NORTHERN_IRELAND, True),
    ],
)
def test_move_on_is_45_days_from_a_positive_decision_and_says_where_that_is_assumed(
    nation: Nation, assumed: bool
) -> None:
    positive = Decisions(RG, date(2026, 3, 20), ConclusiveGrounds.POSITIVE)

    found = move_on_clock(nation, positive, move_on_periods())

    end = date(2026, 5, 4)
    assert found == CaseClock(ClockKind.MOVE_ON, date(2026, 3, 20), end, end, assumed)


def test_there_is_no_move_on_period_after_a_negative_decision() -> None:
    negative = Decisions(RG, date(2026, 3, 20), ConclusiveGrounds.NEGATIVE)

    assert move_on_clock(Nation.ENGLAND, negative, move_on_periods()) is None


@pytest.mark.parametrize(
    ("received_at", "hours"),
    [
        (NOON, 0),
        (NOON - timedelta(minutes=59), 0),
        (NOON - timedelta(hours=49, minutes=1), 49),
        (NOON + timedelta(hours=1), 0),
        (datetime(2026, 3, 3, 12, 0, tzinfo=UTC) - timedelta(days=400), 9_600),
    ],
)
def test_hours_waited_are_whole_and_never_less_than_none(received_at: datetime, hours: int) -> None:
    assert hours_waited(received_at, NOON) == hours


GIRL, BOY, CHILD = Gender.FEMALE, Gender.MALE, Gender.NON_BINARY


@pytest.mark.parametrize(
    ("person", "events"),
    [
        ({"age": 30}, []),
        ({"age": None, "gender": BOY}, []),
        ({"age": 17}, [EventKind.TURNS_18]),
        ({"age": 18}, []),
        ({"age": 12}, [EventKind.OUTGROWS_SITE]),
        ({"age": 11}, []),
        ({"age": 10, "gender": BOY}, [EventKind.OUTGROWS_SITE]),
        ({"age": 12, "gender": BOY}, []),
        ({"age": 10, "gender": CHILD}, [EventKind.OUTGROWS_SITE]),
        ({"age": 12, "gender": CHILD}, []),
        ({"due_on": date(2026, 4, 1)}, [EventKind.BIRTH_DUE]),
        ({"due_on": date(2026, 2, 1)}, [EventKind.BIRTH_DUE]),  # overdue is still to come
        ({"due_on": END}, []),
        ({"age": 17, "due_on": date(2026, 3, 9)}, [EventKind.BIRTH_DUE, EventKind.TURNS_18]),
    ],
)
def test_what_changes_in_a_household_during_a_stay_is_foreseen(
    person: dict[str, object], events: list[EventKind]
) -> None:
    site = a_site(max_age_girls=12, max_age_boys=10)

    found = coming_events([a_person(**person)], site, expected_end_on=END)

    assert [event.kind for event in found] == events


def test_a_site_for_children_of_any_age_is_not_outgrown_but_at_18() -> None:
    found = coming_events([a_person(age=17)], a_site(), expected_end_on=END)

    assert found == (ComingEvent(EventKind.TURNS_18, "A1", None),)
    assert found[0].words == "17: turns 18 within a year; the day is not recorded"
