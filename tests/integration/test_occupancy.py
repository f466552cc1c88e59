"""Occupancy over a range of nights: by nation, region and site, to whom, and the same as night by night."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

import pytest
from sqlalchemy import Engine

from beds.domain.estate import Estate
from beds.domain.measures import BedNights, BedState
from beds.domain.terms import Nation
from beds.errors import BadInput, NotPermitted
from beds.roles import Actor
from beds.services.occupancy import MOST_NIGHTS, Occupancy, occupancy
from beds.services.sites import read_site
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
from tests.integration.live import COMMISSIONER, ENGLISH, NOBODYS_CASES, PROVIDER, ask, later, the_policy
from tests.integration.recorded import bring_in
from tests.strategies import random_estate


def a_week() -> Estate:
    """Return a bed slept in and then vacant, one held and one closed in England, one vacant in Scotland."""
    return a_small_estate(
        sites=(a_site(), a_site("S2", provider_id="P2", nation=Nation.SCOTLAND, region="S92000003")),
        units=(a_unit(sharing="shared"), a_unit("U2", "S2")),
        beds=(a_bed("B1"), a_bed("B2"), a_bed("B3"), a_bed("B4", "U2")),
        referrals=(a_referral("R2", status="placed"), a_referral("R3", status="held")),
        people=(a_person("A2", "R2"), a_person("A3", "R3")),
        closures=(a_closure("B3", ends_on=TODAY + timedelta(days=3)),),
        holds=(a_hold("R3", "B2"),),
        placements=(a_placement("R2", "B1", expected_end_on=TODAY + timedelta(days=2)),),
    )


def over(engine: Engine, actor: Actor, nights: int = 7, **told: object) -> Occupancy:
    """Return the occupancy from tonight on."""
    told = {"starts_on": TODAY, "ends_on": TODAY + timedelta(days=nights), "clock": CLOCK, **told}
    return ask(engine, occupancy, actor, **told)


def test_bed_nights_are_counted_by_nation(engine: Engine) -> None:
    bring_in(engine, a_week())

    found = over(engine, COMMISSIONER)

    england, scotland = found.lines
    assert (england.name, england.beds, england.bed_nights) == (
        "England",
        3,
        BedNights(occupied=2, held=7, closed=3, vacant=9),
    )
    assert (scotland.name, scotland.bed_nights) == ("Scotland", BedNights(vacant=7))
    assert (found.total.stock, found.total.void) == (28, 19)
    assert found.total.occupancy == 2 / 25


def test_an_expired_hold_counts_for_nothing(engine: Engine) -> None:
    bring_in(engine, a_week())

    assert over(engine, COMMISSIONER, clock=later(hours=2)).total.held == 0


def test_by_region_the_codes_are_given_and_by_site_who_sees_sites_is_asked(engine: Engine) -> None:
    bring_in(engine, a_week())

    regions, sites = over(engine, COMMISSIONER, by="region"), over(engine, ENGLISH, by="site")

    assert [line.name for line in regions.lines] == ["E12000007", "S92000003"]
    assert [line.name for line in sites.lines] == ["S1", "S2"]
    assert regions.total == sites.total
    with pytest.raises(NotPermitted, match="see_sites"):
        over(engine, COMMISSIONER, by="site")


@pytest.mark.parametrize("actor", [*NOBODYS_CASES[1:], PROVIDER], ids=lambda actor: actor.user_id)
@pytest.mark.parametrize("by", ["nation", "region", "site"])
def test_who_may_not_see_occupancy_sees_none(sqlite_engine: Engine, actor: Actor, by: str) -> None:
    with pytest.raises(NotPermitted, match="see_occupancy"):
        over(sqlite_engine, actor, by=by)


@pytest.mark.parametrize(
    "told",
    [
        {"ends_on": TODAY},
        {"ends_on": TODAY - timedelta(days=1)},
        {"ends_on": TODAY + timedelta(days=MOST_NIGHTS + 1)},
        {"by": "MARKER"},
    ],
)
def test_a_range_that_cannot_be_is_refused(sqlite_engine: Engine, told: dict[str, object]) -> None:
    with pytest.raises(BadInput) as refusal:
        over(sqlite_engine, COMMISSIONER, **told)

    assert "MARKER" not in str(refusal.value)


def test_an_estate_without_beds_has_no_occupancy(sqlite_engine: Engine) -> None:
    found = over(sqlite_engine, COMMISSIONER)

    assert (found.lines, found.total.stock, found.total.occupancy) == ((), 0, None)


def night_by_night(estate: Estate, nights: list[date]) -> BedNights:
    """Count the bed-nights of an estate from its records, one night and one bed after the other."""
    found: list[BedState] = []
    for bed in estate.beds:
        site = estate.site_by_id[estate.unit_by_id[bed.unit_id].site_id]
        for night in nights:
            here = [stay for stay in estate.placements if stay.bed_id == bed.bed_id]
            ends = [
                stay.ended_on or max(stay.expected_end_on, CLOCK.today + timedelta(days=1)) for stay in here
            ]
            if any(stay.starts_on <= night < end for stay, end in zip(here, ends, strict=True)):
                found.append(BedState.OCCUPIED)
            elif any(
                hold.bed_id == bed.bed_id
                and hold.in_force(CLOCK.as_at)
                and hold.starts_on <= night < hold.expected_end_on
                for hold in estate.holds
            ):
                found.append(BedState.HELD)
            elif (site.opens_on or night) > night or (site.closes_on or date.max) <= night:
                continue
            elif any(
                closure.bed_id == bed.bed_id and closure.starts_on <= night < (closure.ends_on or date.max)
                for closure in estate.closures
            ):
                found.append(BedState.CLOSED)
            else:
                found.append(BedState.VACANT)
    return BedNights(**{state.value: found.count(state) for state in BedState})


@pytest.mark.parametrize("seed", range(12))
def test_the_database_gives_what_counting_its_records_gives(engine: Engine, seed: int) -> None:
    estate = random_estate(Random(seed), households=4, units=6)
    bring_in(engine, estate)
    nights = [CLOCK.today + timedelta(days=n) for n in range(40)]

    found = over(engine, ENGLISH, nights=40)

    assert found.total == night_by_night(estate, nights)
    tonight = over(engine, ENGLISH, nights=1).total
    shown = [
        bed.state
        for site in estate.sites
        for unit in ask(engine, read_site, ENGLISH, site.site_id, clock=CLOCK, policy=the_policy()).units
        for bed in unit.beds
    ]
    assert len(shown) == len(estate.beds)
    assert (shown.count(BedState.OCCUPIED), shown.count(BedState.HELD), shown.count(BedState.VACANT)) == (
        tonight.occupied,
        tonight.held,
        tonight.vacant,
    )
