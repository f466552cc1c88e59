"""What own records say of arrivals and stays, and when they are enough to go by."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import numpy as np

from beds.domain.estate import Estate
from beds.domain.referral import Placement, Referral
from beds.domain.terms import Nation, ReferralStatus
from beds.services.own_history import own_history
from tests.builders import CLOCK, TODAY, a_bed, a_person, a_placement, a_referral, a_site, a_unit


def referred(ref: str, days_ago: int, **changes: object) -> Referral:
    """Return a referral received at noon so many days ago."""
    day = TODAY - timedelta(days=days_ago)
    return a_referral(ref, received_at=datetime.combine(day, time(12), UTC), needed_from=day, **changes)


def a_service(days_ago: list[int], placements: tuple[Placement, ...] = (), **changes: object) -> Estate:
    """Return a house with a referral of one woman for each of some days."""
    refs = [f"R{number:04d}" for number in range(len(days_ago))]
    return Estate(
        sites=(a_site(),),
        units=(a_unit(),),
        beds=(a_bed(),),
        referrals=tuple(
            referred(ref, days, status=ReferralStatus.CLOSED, **changes)
            for ref, days in zip(refs, days_ago, strict=True)
        ),
        people=tuple(a_person(f"A{ref}", ref) for ref in refs),
        placements=placements,
    )


def test_whole_weeks_are_counted_from_the_first_that_was_recorded_and_today_is_in_none() -> None:
    history = own_history(a_service([0, 1, 7, 8, 14, 21]), CLOCK).nations[Nation.ENGLAND]

    assert history.weeks.tolist() == [1, 2, 2]
    assert history.until == TODAY
    assert len(history.households) == 5


def test_what_is_older_than_a_year_does_not_count() -> None:
    history = own_history(a_service([364, 365, 700]), CLOCK).nations[Nation.ENGLAND]

    assert (len(history.weeks), history.weeks.sum()) == (52, 1)


def test_children_alone_and_other_nations_are_not_counted() -> None:
    estate = a_service([10, 10, 10])
    children = estate.with_rows(
        people=[a_person(person.person_id, person.referral_id, age=15) for person in estate.people]
    )

    assert own_history(children, CLOCK).nations[Nation.ENGLAND].weeks.sum() == 0
    assert own_history(a_service([10], nation=Nation.WALES), CLOCK).nations[Nation.ENGLAND].weeks.sum() == 0


def test_a_hundred_households_in_half_a_year_are_enough_and_fewer_say_what_is_wanting() -> None:
    enough, few = (
        own_history(a_service([*range(1, 190, step)]), CLOCK).nations[Nation.ENGLAND] for step in (1, 3)
    )

    assert enough.arrivals_wanting == ""
    assert enough.mix_wanting == ""
    assert few.arrivals_wanting == "61 households in 182 days on record: 100 in 180 are needed."


def test_records_of_those_who_are_still_here_are_not_taken_for_all_who_came() -> None:
    lately = [*range(1, 80)] * 2
    history = own_history(a_service([*lately, *range(90, 190, 6)]), CLOCK).nations[Nation.ENGLAND]

    assert "do not seem to go back far enough" in history.arrivals_wanting
    assert history.mix_wanting == ""


def test_a_move_between_units_is_one_stay_and_a_stay_that_goes_on_is_censored() -> None:
    def ago(days: int) -> date:
        return TODAY - timedelta(days=days)

    estate = a_service([90, 60]).with_rows(
        units=(a_unit(), a_unit("U2")),
        beds=(a_bed(), a_bed("B2", "U2")),
        placements=(
            a_placement("R0000", "B1", starts_on=ago(80), ended_on=ago(50)),
            a_placement("R0000", "B2", starts_on=ago(50), ended_on=ago(20)),
            a_placement("R0001", "B1", starts_on=ago(15)),
        ),
    )

    stays = own_history(estate, CLOCK, watched_from=ago(300)).nations[Nation.ENGLAND].stays

    assert stays.nights.tolist() == [15, 60]
    assert stays.ended.tolist() == [False, True]
    assert stays.watched_after.tolist() == [0, 0]


def test_of_who_left_before_anybody_watched_nothing_is_known() -> None:
    """The first departure on record was 20 days ago: watching began the day before."""
    estate = a_service([90, 60]).with_rows(
        placements=(
            a_placement(
                "R0000", "B1", starts_on=TODAY - timedelta(days=80), ended_on=TODAY - timedelta(days=20)
            ),
            a_placement("R0001", "B1", starts_on=TODAY - timedelta(days=15)),
        )
    )

    found = own_history(estate, CLOCK).nations[Nation.ENGLAND]

    assert found.stays.watched_after.tolist() == [0, 59]
    assert found.watched_days == 21
    assert (
        found.stays_wanting == "2 stays and 1 departures in 21 days on record: 100 and 50 in 180 are needed."
    )


def test_only_the_last_two_years_of_a_long_stay_count() -> None:
    estate = a_service([900]).with_rows(
        placements=(a_placement("R0000", "B1", starts_on=TODAY - timedelta(days=1_000)),)
    )

    found = own_history(estate, CLOCK, watched_from=date(2000, 1, 1)).nations[Nation.ENGLAND]

    assert found.watched_days == 730
    assert found.stays.watched_after.tolist() == [270]
    assert found.stays.nights.tolist() == [1_000]


def test_a_service_without_records_has_a_history_of_nothing() -> None:
    found = own_history(Estate(), CLOCK).nations[Nation.SCOTLAND]

    assert len(found.stays) == 0
    assert np.array_equal(found.weeks, np.zeros(0))
    assert found.arrivals_wanting.startswith("0 households in 0 days")
