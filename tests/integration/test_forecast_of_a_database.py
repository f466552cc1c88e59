"""Night 0 of a forecast is what the database says of tonight; its past is read for what is to come."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine, text

from beds.database import reading
from beds.domain.estate import Estate
from beds.domain.scenario import Scenario
from beds.domain.terms import SERVED_NATIONS, Nation
from beds.services.demand import demand
from beds.services.forecast_lines import Breakdown, Line
from beds.services.occupancy import OccupancyBy, occupancy
from beds.services.own_history import own_history
from beds.services.shortfall import shortfall
from beds.store.loading import load_estate
from beds.synthesis import synthesise
from tests.builders import CLOCK, NOON, TODAY
from tests.demand_builders import steady_referrals
from tests.integration.live import COMMISSIONER, ask
from tests.integration.recorded import bring_in

SCENARIO = Scenario("as_it_is", horizon_days=30)
WAITING = """
SELECT referral.nation, count(*) AS households FROM referral
WHERE status IN ('waiting', 'held') AND needed_from <= :today AND survivor_id NOT IN (
    SELECT r.survivor_id FROM referral r
    JOIN placement USING (referral_id) JOIN placement_bed USING (placement_id)
    WHERE placement_bed.starts_on <= :today
    AND (placement_bed.ended_on IS NULL OR placement_bed.ended_on > :today)
) GROUP BY referral.nation
"""


@pytest.fixture
def recorded(sqlite_engine: Engine) -> Engine:
    """A database of a synthetic estate, with those who left and those who wait."""
    bring_in(sqlite_engine, synthesise(40, 80, 5, as_at=NOON))
    return sqlite_engine


def whole(engine: Engine) -> Estate:
    """Return everything on record."""
    with reading(engine) as session:
        return load_estate(session)


def lines(engine: Engine, breakdown: Breakdown) -> dict[str, Line]:
    """Return the lines of a forecast from the records, by nation or region group."""
    estate = whole(engine)
    made = demand(
        CLOCK, SCENARIO, history=own_history(estate, CLOCK), referrals=steady_referrals(days=30, draws=20)
    )
    found = shortfall(estate, CLOCK, SCENARIO, made)
    return {line.item: line for line in found.lines if line.breakdown is breakdown}


def test_beds_occupied_and_usable_tonight_are_those_of_the_occupancy(recorded: Engine) -> None:
    tonight = ask(
        recorded,
        occupancy,
        COMMISSIONER,
        starts_on=TODAY,
        ends_on=TODAY + timedelta(days=1),
        by=OccupancyBy.NATION,
        clock=CLOCK,
    )

    forecast = lines(recorded, Breakdown.NATION)

    for line in tonight.lines:
        nights = line.bed_nights
        found = forecast[line.name]
        assert found.occupied_now == found.occupied.p50[0] == nights.occupied > 0
        assert found.beds_now == nights.stock - nights.closed


def test_who_waits_tonight_is_who_waits_in_the_database(recorded: Engine) -> None:
    """Waiting or held, with an adult, needing a bed by now, and in no bed of the service."""
    with recorded.connect() as connection:
        rows = connection.execute(text(WAITING), {"today": TODAY}).all()
    waiting = {row.nation: row.households for row in rows}
    estate = whole(recorded)
    alone = [
        referral.nation
        for referral in estate.referrals
        if referral.status in ("waiting", "held")
        and all((person.age or 99) < 18 for person in estate.people_of[referral.referral_id])
    ]

    forecast = lines(recorded, Breakdown.NATION)

    for nation in SERVED_NATIONS:
        assert forecast[nation].waiting_households == waiting.get(nation, 0) - alone.count(nation)
    assert forecast[Nation.ENGLAND].waiting_households > 0


def test_region_groups_have_the_beds_of_their_regions(recorded: Engine) -> None:
    by_region = ask(
        recorded,
        occupancy,
        COMMISSIONER,
        starts_on=TODAY,
        ends_on=TODAY + timedelta(days=1),
        by=OccupancyBy.REGION,
        clock=CLOCK,
    )
    occupied = {line.name: line.bed_nights.occupied for line in by_region.lines}

    forecast = lines(recorded, Breakdown.REGION_GROUP)

    assert forecast["london"].occupied_now == occupied.get("E12000007", 0)
    assert sum(line.occupied_now for line in forecast.values()) == sum(occupied.values())
