"""Several clients at once, on both databases: the last beds go once, and rules across beds hold."""

from typing import Any

import pytest
from sqlalchemy import Engine

from beds.domain.estate import Estate
from beds.domain.terms import Gender, Sharing
from beds.services.holds import place_hold, release_hold
from beds.services.placements import confirm_hold
from beds.store import check_database
from tests.builders import (
    CLOCK,
    a_bed,
    a_keep_apart,
    a_person,
    a_referral,
    a_site,
    a_small_estate,
    a_unit,
)
from tests.integration.live import ENGLISH, estate_now, events, place, the_policy
from tests.integration.racing import WON, calls_of, race
from tests.integration.recorded import bring_in

CLIENTS, BEDS, ROUNDS = 50, 10, 40


def claim(who: str, unit: str, clock: Any = CLOCK) -> Any:
    """Return the call that claims a unit for a household."""
    return calls_of(place_hold, ENGLISH, who, unit, reason="offer_accepted", policy=the_policy(), at=clock)


def many_clients() -> Estate:
    """Return fifty women who wait, and ten units of one bed in two sites."""
    return a_small_estate(
        sites=(a_site(), a_site("S2")),
        units=tuple(a_unit(f"U{n}", "S1" if n < BEDS // 2 else "S2") for n in range(BEDS)),
        beds=tuple(a_bed(f"B{n}", f"U{n}") for n in range(BEDS)),
        referrals=tuple(a_referral(f"R{n}") for n in range(CLIENTS)),
        people=tuple(a_person(f"A{n}", f"R{n}") for n in range(CLIENTS)),
    )


def test_of_fifty_clients_ten_win_the_last_ten_beds(engine: Engine) -> None:
    bring_in(engine, many_clients())

    outcomes = race(engine, [claim(f"R{n}", f"U{n % BEDS}") for n in range(CLIENTS)])

    assert outcomes == {WON: BEDS, "bed_just_taken": CLIENTS - BEDS}
    assert len(events(engine, "hold_placed")) == BEDS
    holds = estate_now(engine).holds
    assert len({hold.bed_id for hold in holds}) == len({hold.referral_id for hold in holds}) == BEDS
    assert check_database(engine) == []


def test_one_household_claimed_for_by_ten_clients_is_held_once(engine: Engine) -> None:
    bring_in(engine, many_clients())

    outcomes = race(engine, [claim("R0", f"U{n}") for n in range(BEDS)])

    assert outcomes == {WON: 1, "not_allowed_now": BEDS - 1}


def test_a_hold_ends_once_whoever_ends_it(engine: Engine) -> None:
    bring_in(engine, many_clients())
    hold = place(engine, who="R0", unit="U0")
    release = calls_of(release_hold, ENGLISH, hold.hold_id, version=1, reason="plans_changed")
    confirm = calls_of(confirm_hold, ENGLISH, hold.hold_id, version=1, policy=the_policy())

    outcomes = race(engine, [release, confirm] * 5)

    assert outcomes == {WON: 1, "changed_meanwhile": 9}


def pairs(kind: str) -> Estate:
    """Return sites, one a round, each for a couple of households who may not both be there.

    Kept apart: two units of one bed. A woman and a man: one shared unit of two beds.
    """
    apart = kind == "keep_apart"
    numbers = range(ROUNDS)
    second = "V" if apart else "U"
    return a_small_estate(
        sites=tuple(a_site(f"S{n}", admits=frozenset(Gender)) for n in numbers),
        units=tuple(
            a_unit(f"{name}{n}", f"S{n}", sharing=Sharing.HOUSEHOLD if apart else Sharing.SHARED)
            for n in numbers
            for name in {"U", second}
        ),
        beds=tuple(
            a_bed(f"B{name}{n}", f"{unit}{n}") for n in numbers for name, unit in (("1", "U"), ("2", second))
        ),
        referrals=tuple(a_referral(f"{name}{n}") for n in numbers for name in ("R", "Q")),
        people=(
            *(a_person(f"AR{n}", f"R{n}") for n in numbers),
            *(a_person(f"AQ{n}", f"Q{n}", gender=Gender.FEMALE if apart else Gender.MALE) for n in numbers),
        ),
        keep_apart=tuple(a_keep_apart(f"R{n}", f"Q{n}") for n in numbers) if apart else (),
    )


@pytest.mark.parametrize(("kind", "second"), [("keep_apart", "V"), ("shared_unit", "U")])
def test_of_two_who_may_not_meet_exactly_one_wins_every_time(engine: Engine, kind: str, second: str) -> None:
    """Write skew: each claim alone is right, both together are not. Two hundred times."""
    bring_in(engine, pairs(kind))

    for n in range(ROUNDS):
        outcomes = race(engine, [claim(f"R{n}", f"U{n}"), claim(f"Q{n}", f"{second}{n}")])

        assert outcomes == {WON: 1, "bed_just_taken": 1}, n

    assert len(events(engine, "hold_placed")) == ROUNDS
