"""Who is here tonight and who waits: counted from the records, each household once."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from beds.domain.census import Census, census
from beds.domain.clock import Clock
from beds.domain.estate import Estate
from beds.domain.needs import Need
from beds.domain.terms import Nation, ReferralStatus
from tests.builders import (
    CLOCK,
    TODAY,
    a_bed,
    a_hold,
    a_person,
    a_placement,
    a_referral,
    a_site,
    a_small_estate,
    a_unit,
)


def a_house(**tables: object) -> Estate:
    """Return a house of three units, one of two beds, with nobody in it, and one woman placed there."""
    return a_small_estate(
        units=(a_unit("U1"), a_unit("U2"), a_unit("U3")),
        beds=(a_bed("B1", "U1"), a_bed("B2", "U2"), a_bed("B3", "U3"), a_bed("B4", "U3")),
        referrals=(a_referral("R1", status=ReferralStatus.PLACED),),
        **tables,
    )


def test_one_woman_waits_and_nobody_is_here() -> None:
    found = census(a_small_estate(), CLOCK)

    assert found.residents == ()
    assert [(one.referral_id, one.beds, one.comes_in, one.nation) for one in found.waiting] == [
        ("R1", 1, 0, Nation.ENGLAND)
    ]


def test_who_is_here_has_stayed_for_the_nights_before_tonight() -> None:
    estate = a_house(placements=(a_placement("R1", "B1", starts_on=TODAY - timedelta(days=30)),))

    found = census(estate, CLOCK)

    (resident,) = found.residents
    assert (resident.nights_so_far, resident.beds, resident.leaves_in) == (30, ("B1",), None)
    assert found.waiting == ()


@pytest.mark.parametrize(
    ("changes", "here"),
    [
        ({"starts_on": TODAY}, True),
        ({"starts_on": TODAY + timedelta(days=1)}, False),
        ({"ended_on": TODAY}, False),
        ({"ended_on": TODAY + timedelta(days=1)}, True),
        ({"expected_end_on": date(2026, 2, 20)}, True),
        ({"starts_on": TODAY, "ended_on": TODAY}, False),
    ],
)
def test_a_night_is_that_of_who_began_by_it_and_has_not_left_by_it(
    changes: dict[str, date], here: bool
) -> None:
    found = census(a_house(placements=(a_placement("R1", "B1", **changes),)), CLOCK)

    assert bool(found.residents) is here


def test_a_household_in_two_beds_is_one_and_a_move_without_a_night_between_is_one_stay() -> None:
    estate = a_house(
        placements=(
            a_placement(
                "R1", "B1", starts_on=TODAY - timedelta(days=40), ended_on=TODAY - timedelta(days=10)
            ),
            a_placement("R1", "B3", starts_on=TODAY - timedelta(days=10)),
            a_placement("R1", "B4", starts_on=TODAY - timedelta(days=2)),
        )
    )

    (resident,) = census(estate, CLOCK).residents

    assert (resident.beds, resident.nights_so_far) == (("B3", "B4"), 40)


def test_an_earlier_stay_with_nights_between_is_another() -> None:
    estate = a_house(
        placements=(
            a_placement(
                "R1", "B1", starts_on=TODAY - timedelta(days=40), ended_on=TODAY - timedelta(days=20)
            ),
            a_placement("R1", "B3", starts_on=TODAY - timedelta(days=10)),
        )
    )

    assert [one.nights_so_far for one in census(estate, CLOCK).residents] == [10]


def test_a_departure_that_is_on_record_is_known() -> None:
    estate = a_house(placements=(a_placement("R1", "B1", ended_on=TODAY + timedelta(days=5)),))

    assert [one.leaves_in for one in census(estate, CLOCK).residents] == [5]


def test_who_is_booked_comes_on_the_first_night_to_that_nation() -> None:
    scottish = a_site("S1", nation=Nation.SCOTLAND, region="S92000003")
    estate = a_house(
        sites=(scottish,), placements=(a_placement("R1", "B3", starts_on=TODAY + timedelta(days=9)),)
    )

    (one,) = census(estate, CLOCK).waiting

    assert (one.comes_in, one.site_id, one.nation, one.beds) == (9, "S1", Nation.SCOTLAND, 1)


@pytest.mark.parametrize(
    ("status", "waits"),
    [
        (ReferralStatus.WAITING, True),
        (ReferralStatus.HELD, True),
        (ReferralStatus.PLACED, False),
        (ReferralStatus.CLOSED, False),
        (ReferralStatus.RECEIVED, False),
        (ReferralStatus.MOVED_ON, False),
    ],
)
def test_who_waits_is_waiting_or_held(status: ReferralStatus, waits: bool) -> None:
    estate = a_small_estate(referrals=(a_referral(status=status),), holds=(a_hold("R1"),))

    assert bool(census(estate, CLOCK).waiting) is waits


def test_a_bed_needed_later_is_not_needed_tonight() -> None:
    estate = a_small_estate(referrals=(a_referral(needed_from=TODAY + timedelta(days=6)),))

    assert [one.comes_in for one in census(estate, CLOCK).waiting] == [6]


def test_at_two_in_the_morning_who_is_needed_from_today_waits_for_last_night() -> None:
    clock = Clock(CLOCK.as_at.replace(hour=2))

    assert clock.today == TODAY - timedelta(days=1)
    assert [one.comes_in for one in census(a_small_estate(), clock).waiting] == [0]


def test_children_alone_do_not_wait_for_a_bed_of_ours() -> None:
    assert census(a_small_estate(people=(a_person(age=16),)), CLOCK) == Census((), ())


def test_a_survivor_who_is_here_under_another_referral_does_not_wait_as_well() -> None:
    estate = a_small_estate(
        referrals=(
            a_referral("R1", status=ReferralStatus.PLACED, survivor_ref="V1"),
            a_referral("R2", survivor_ref="V1"),
        ),
        people=(a_person(), a_person("A2", "R2")),
        placements=(a_placement("R1", "B1"),),
    )

    found = census(estate, CLOCK)

    assert [one.referral_id for one in found.residents] == ["R1"]
    assert found.waiting == ()


def test_needs_are_those_of_the_household() -> None:
    found = census(a_small_estate(referrals=(a_referral(min_security_level=3),)), CLOCK)

    assert found.waiting[0].needs == {Need.ALL, Need.WOMEN, Need.HIGH_SECURITY}
