"""The house view: every bed in one state each night, whose it is to whom, what is void, who has stayed on."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

import pytest
from sqlalchemy import Engine

from beds.domain.estate import Estate
from beds.domain.measures import BedNights, BedState
from beds.domain.terms import Nation
from beds.errors import BadInput, NotFound, NotPermitted
from beds.roles import Actor
from beds.services.house_view import MOST_NIGHTS, House, Stretch, read_house
from beds.services.occupancy import occupancy
from tests.builders import (
    CLOCK,
    TODAY,
    a_bed,
    a_closure,
    a_hold,
    a_person,
    a_placement,
    a_referral,
    a_site,
    a_small_estate,
    a_unit,
)
from tests.integration.live import (
    ENGLISH,
    NOBODYS_CASES,
    OTHER_PROVIDER,
    PROVIDER,
    SCOTTISH,
    ask,
    later,
    the_policy,
)
from tests.integration.recorded import bring_in, execute
from tests.strategies import random_estate


def day(number: int) -> date:
    """Return a date by its number of nights from today."""
    return TODAY + timedelta(days=number)


def a_house(**changes: object) -> Estate:
    """Return one house: a bed slept in, one held, one to be closed in three days, and a cot."""
    tables = {
        "sites": (a_site(name="Höfð Haus"), a_site("S2", provider_id="P2")),
        "units": (a_unit(sharing="shared"), a_unit("U2"), a_unit("U9", "S2")),
        "beds": (a_bed(), a_bed("B2"), a_bed("B3"), a_bed("B4", "U2"), a_bed("B9", "U9")),
        "referrals": (a_referral("R2", status="placed"), a_referral("R3", status="held")),
        "people": (a_person("A2", "R2"), a_person("A3", "R3")),
        "closures": (a_closure("B3", starts_on=day(3), ends_on=day(5), reason="works"),),
        "holds": (a_hold("R3", "B2"),),
        "placements": (a_placement("R2", "B1", starts_on=day(-2), expected_end_on=day(4)),),
        **changes,
    }
    return a_small_estate(**tables)


def seen(engine: Engine, actor: Actor = ENGLISH, site_id: str = "S1", **told: object) -> House:
    """Return a house from two nights before tonight to a week from tonight."""
    told = {"starts_on": day(-2), "ends_on": day(7), "clock": CLOCK, "policy": the_policy(), **told}
    return ask(engine, read_house, actor, site_id, **told)


def stretches(house: House, bed_id: str) -> tuple[Stretch, ...]:
    """Return the stretches of a bed."""
    (found,) = (bed for unit in house.units for bed in unit.beds if bed.bed_id == bed_id)
    return found.stretches


def shape(house: House, bed_id: str) -> list[tuple[BedState | None, int]]:
    """Return the state and the number of nights of each stretch of a bed."""
    return [(stretch.state, stretch.nights) for stretch in stretches(house, bed_id)]


def test_each_bed_is_shown_night_by_night_without_a_gap(engine: Engine) -> None:
    bring_in(engine, a_house())

    house = seen(engine)

    assert [(unit.unit_id, [bed.bed_id for bed in unit.beds]) for unit in house.units] == [
        ("U1", ["B1", "B2", "B3"]),
        ("U2", ["B4"]),
    ]
    assert shape(house, "B1") == [(BedState.OCCUPIED, 6), (BedState.VACANT, 3)]
    assert shape(house, "B2") == [(BedState.VACANT, 2), (BedState.HELD, 7)]
    assert shape(house, "B3") == [(BedState.VACANT, 5), (BedState.CLOSED, 2), (BedState.VACANT, 2)]
    assert shape(house, "B4") == [(BedState.VACANT, 9)]


def test_void_nights_are_vacant_and_closed_ones_by_unit_and_house(engine: Engine) -> None:
    bring_in(engine, a_house())

    house = seen(engine)

    shared, own = house.units
    assert shared.bed_nights == BedNights(occupied=6, held=7, closed=2, vacant=12)
    assert (shared.bed_nights.void, own.bed_nights.void) == (14, 9)
    assert house.bed_nights == shared.bed_nights + own.bed_nights
    assert house.tonight == BedNights(occupied=1, held=1, vacant=2)


def test_whose_bed_it_is_is_said_by_reference_to_who_may_see_the_stay(engine: Engine) -> None:
    bring_in(engine, a_house())

    for actor in (ENGLISH, PROVIDER):
        house = seen(engine, actor)
        in_it, held = stretches(house, "B1")[0].behind, stretches(house, "B2")[1].behind
        assert in_it is not None
        assert held is not None
        assert (in_it.referral_id, in_it.record_id, in_it.until) == ("R2", "PL-R2-B1", day(4))
        assert (held.referral_id, held.record_id, held.until) == ("R3", "H-R3-B2", date(2026, 4, 2))


def test_a_stay_of_another_nation_is_a_state_and_nothing_more(engine: Engine) -> None:
    bring_in(engine, a_house())

    house = seen(engine, SCOTTISH)

    for bed_id, place in (("B1", 0), ("B2", 1)):
        behind = stretches(house, bed_id)[place].behind
        assert behind is not None
        assert (behind.record_id, behind.referral_id, behind.until) == (None, None, None)
    assert shape(house, "B1") == [(BedState.OCCUPIED, 6), (BedState.VACANT, 3)]


def test_a_restricted_case_is_a_state_and_nothing_more(engine: Engine) -> None:
    bring_in(engine, a_house())
    execute(engine, "UPDATE referral SET restricted = true WHERE referral_id = 'R2'")

    behind = stretches(seen(engine), "B1")[0].behind

    assert behind is not None
    assert behind.referral_id is None


def test_a_closure_says_why_and_until_when(engine: Engine) -> None:
    bring_in(engine, a_house())

    closed = stretches(seen(engine, PROVIDER), "B3")[1].behind

    assert closed is not None
    assert (closed.reason, closed.until) == ("works", day(5))


def test_two_stays_one_after_the_other_are_two_stretches(engine: Engine) -> None:
    stays = (
        a_placement("R2", "B1", starts_on=day(-2), expected_end_on=day(1), ended_on=day(1)),
        a_placement("R3", "B1", starts_on=day(1), expected_end_on=day(3)),
    )
    bring_in(engine, a_house(placements=stays, holds=()))

    first, second, _ = stretches(seen(engine), "B1")

    assert first.behind is not None
    assert second.behind is not None
    assert (first.behind.referral_id, second.behind.referral_id) == ("R2", "R3")


def test_who_has_stayed_on_is_in_the_bed_tonight_and_flagged(engine: Engine) -> None:
    overdue = a_placement("R2", "B1", starts_on=day(-9), expected_end_on=day(-1))
    bring_in(engine, a_house(placements=(overdue,)))

    house = seen(engine, SCOTTISH)

    assert shape(house, "B1") == [(BedState.OCCUPIED, 3), (BedState.VACANT, 6)]
    behind = stretches(house, "B1")[0].behind
    assert behind is not None
    assert behind.overdue
    assert house.overdue_beds == 1


def test_who_has_stayed_on_is_counted_in_a_view_that_does_not_show_tonight(engine: Engine) -> None:
    overdue = a_placement("R2", "B1", starts_on=day(-9), expected_end_on=day(-1))
    bring_in(engine, a_house(placements=(overdue,)))

    house = seen(engine, starts_on=day(30), ends_on=day(40))

    assert house.overdue_beds == 1
    assert house.tonight.occupied == 1
    assert house.bed_nights.occupied == 0


def test_a_hold_that_has_run_out_keeps_nothing(engine: Engine) -> None:
    bring_in(engine, a_house())

    assert shape(seen(engine, clock=later(hours=2)), "B2") == [(BedState.VACANT, 9)]


def test_a_site_that_opens_later_has_no_stock_before(engine: Engine) -> None:
    sites = (a_site(opens_on=day(2), closes_on=day(5)), a_site("S2"))
    bring_in(engine, a_house(sites=sites, placements=(), holds=(), closures=()))

    house = seen(engine)

    assert shape(house, "B4") == [(None, 4), (BedState.VACANT, 3), (None, 2)]
    assert house.bed_nights == BedNights(vacant=12)


def test_a_house_without_a_unit_or_a_bed_is_a_view_too(engine: Engine) -> None:
    bring_in(engine, a_small_estate(units=(a_unit("U1"),), beds=(), sites=(a_site(), a_site("S2"))))

    empty, without_beds = seen(engine, site_id="S2"), seen(engine)

    assert (empty.units, empty.bed_nights) == ((), BedNights())
    assert [unit.beds for unit in without_beds.units] == [()]


def test_a_provider_sees_its_own_houses_only(engine: Engine) -> None:
    bring_in(engine, a_house())

    assert seen(engine, OTHER_PROVIDER, "S2").line.site_id == "S2"
    with pytest.raises(NotFound, match="no such site"):
        seen(engine, OTHER_PROVIDER)


@pytest.mark.parametrize("actor", NOBODYS_CASES, ids=lambda actor: actor.user_id)
def test_who_may_not_see_sites_sees_no_house(sqlite_engine: Engine, actor: Actor) -> None:
    with pytest.raises(NotPermitted, match="see_sites"):
        seen(sqlite_engine, actor)


@pytest.mark.parametrize("ends_on", [day(-2), day(-3), day(-1) + timedelta(days=MOST_NIGHTS)])
def test_no_night_or_too_many_are_refused(sqlite_engine: Engine, ends_on: date) -> None:
    bring_in(sqlite_engine, a_house())

    with pytest.raises(BadInput, match="ends_on"):
        seen(sqlite_engine, ends_on=ends_on)


@pytest.mark.parametrize("seed", range(6))
def test_the_houses_together_are_the_occupancy_of_the_estate(sqlite_engine: Engine, seed: int) -> None:
    estate = random_estate(Random(seed))
    bring_in(sqlite_engine, estate)
    nights = {"starts_on": day(-5), "ends_on": day(20), "clock": CLOCK}

    houses = [seen(sqlite_engine, site_id=site.site_id, **nights) for site in estate.sites]

    everywhere = Actor("all", ENGLISH.permissions, frozenset(Nation))
    assert sum((house.bed_nights for house in houses), BedNights()) == (
        ask(sqlite_engine, occupancy, everywhere, **nights).total
    )
    for house in houses:
        for unit in house.units:
            for bed in unit.beds:
                assert sum(stretch.nights for stretch in bed.stretches) == 25
                for stretch in bed.stretches:
                    expects_a_record = stretch.state not in (None, BedState.VACANT)
                    assert (stretch.behind is not None) == expects_a_record
