"""Who is known on day 0: holds, bookings and moves, each counted once and in its own bed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from beds.domain.census import census
from beds.domain.estate import Estate
from beds.domain.terms import Nation, ReferralStatus, Sharing
from beds.services.simulated_people import InLine, Living, who_is_known
from tests.builders import (
    CLOCK,
    TODAY,
    a_bed,
    a_hold,
    a_person,
    a_placement,
    a_referral,
    a_site,
    a_unit,
)

TOMORROW = TODAY + timedelta(days=1)


def known(*, sharing: Sharing = Sharing.HOUSEHOLD, **tables: Any) -> tuple[list[Living], list[InLine]]:
    """Return who is known in a Scottish house of two units of two beds each; R1 and R2 are on record."""
    refs = ("R1", "R2")
    rows: dict[str, Any] = {
        "sites": (a_site(nation=Nation.SCOTLAND, region="S92000003"),),
        "units": (a_unit("U1", sharing=sharing), a_unit("U2", sharing=sharing)),
        "beds": tuple(a_bed(f"{unit}-{n}", unit) for unit in ("U1", "U2") for n in (1, 2)),
        "referrals": tuple(a_referral(ref) for ref in refs),
        "people": tuple(a_person(f"{ref}-1", ref) for ref in refs),
        **tables,
    }
    estate = Estate(**rows)
    return who_is_known(estate, CLOCK, census(estate, CLOCK))


def placed(*refs: str) -> tuple[Any, ...]:
    """Return the referrals, of which some are placed."""
    return tuple(
        a_referral(ref, status=ReferralStatus.PLACED if ref in refs else ReferralStatus.WAITING)
        for ref in ("R1", "R2")
    )


def test_a_resident_has_been_there_since_the_stay_began_and_counts_where_the_house_is() -> None:
    living, in_line = known(
        referrals=placed("R1"),
        placements=(a_placement("R1", "U1-1", starts_on=TODAY - timedelta(days=9)),),
    )

    assert [(one.so_far, one.arrives, one.held, one.nation) for one in living] == [
        (9, 0, False, Nation.SCOTLAND)
    ]
    assert [one.referral_id for one in in_line] == ["R2"]


def test_a_known_departure_is_kept() -> None:
    living, _ = known(
        referrals=placed("R1"), placements=(a_placement("R1", "U1-1", ended_on=TODAY + timedelta(days=4)),)
    )

    assert [one.leaves for one in living] == [4.0]


def test_who_holds_a_bed_is_not_in_line_and_comes_for_the_next_night() -> None:
    living, in_line = known(holds=(a_hold("R2", "U1-1"),))

    assert [(one.referral_id, one.held, one.arrives) for one in living] == [("R2", True, 1)]
    assert [one.referral_id for one in in_line] == ["R1"]


def test_a_hold_that_has_run_out_counts_for_nothing() -> None:
    living, in_line = known(holds=(a_hold("R2", "U1-1", expires_at=CLOCK.as_at),))

    assert living == []
    assert len(in_line) == 2


def test_two_beds_of_one_household_are_held_together() -> None:
    living, _ = known(holds=(a_hold("R2", "U1-1"), a_hold("R2", "U1-2")))

    assert [dict(one.beds) for one in living] == [{"U1": ("U1-1", "U1-2")}]


def test_a_booking_in_an_empty_unit_is_kept_without_a_hold() -> None:
    living, in_line = known(
        referrals=placed("R1"), placements=(a_placement("R1", "U1-1", starts_on=TODAY + timedelta(days=6)),)
    )

    assert [(one.held, one.arrives) for one in living] == [(False, 6)]
    assert [one.referral_id for one in in_line] == ["R2"]


def test_who_has_booked_a_unit_that_is_not_empty_joins_the_line_on_the_night() -> None:
    stays = (
        a_placement("R1", "U1-1"),
        a_placement("R2", "U1-2", starts_on=TODAY + timedelta(days=6)),
    )

    living, in_line = known(referrals=placed("R1", "R2"), placements=stays)
    shared, _ = known(referrals=placed("R1", "R2"), placements=stays, sharing=Sharing.SHARED)

    assert [one.referral_id for one in living] == ["R1"]
    assert [(one.referral_id, one.joins) for one in in_line] == [("R2", 6)]
    assert [one.referral_id for one in shared] == ["R1", "R2"]


def test_who_lives_there_and_holds_a_bed_elsewhere_is_counted_once_and_the_hold_too() -> None:
    living, in_line = known(
        referrals=placed("R1"), placements=(a_placement("R1", "U1-1"),), holds=(a_hold("R1", "U2-1"),)
    )

    assert [(one.referral_id, one.held, one.arrives, one.leaves == one.arrives) for one in living] == [
        ("R1", False, 0, False),
        ("R1", True, 1, True),
    ]
    assert [one.referral_id for one in in_line] == ["R2"]


def test_waiting_is_counted_from_the_day_of_receipt_and_a_later_need_is_not_waiting() -> None:
    _, in_line = known(referrals=(a_referral("R1"), a_referral("R2", needed_from=TOMORROW)))

    assert [(one.waited, one.joins) for one in in_line] == [(2, 0), (0, 1)]
