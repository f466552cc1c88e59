"""Everything behind the numbers of a forecast: 3,000 beds, a year, 500 futures (aim: under 3 s)."""

from __future__ import annotations

from functools import cache

from pytest_benchmark.fixture import BenchmarkFixture

from beds.domain.clock import Clock
from beds.domain.estate import Estate
from beds.domain.scenario import Scenario
from beds.services.demand import demand
from beds.services.own_history import own_history
from beds.services.shortfall import ShortfallForecast, shortfall
from beds.services.uk_referrals import _forecast
from beds.synthesis import SYNTHETIC_AS_AT, synthesise

CLOCK = Clock(SYNTHETIC_AS_AT)
YEAR = Scenario("as_it_is", horizon_days=365)
DECADE = Scenario("ten_years", horizon_days=3_652)


@cache
def the_estate() -> Estate:
    """Return an estate of 3,006 beds, 1,586 of them occupied, with 900 households waiting or held."""
    return synthesise(sites=410, referrals=900, seed=7)


def forecast_of(scenario: Scenario) -> ShortfallForecast:
    """Return the forecast of a scenario, the forecast of referrals and own history and all."""
    estate = the_estate()
    _forecast.cache_clear()
    made = demand(CLOCK, scenario, history=own_history(estate, CLOCK), draws=500, seed=1)
    return shortfall(estate, CLOCK, scenario, made)


def test_a_year_of_3_000_beds(benchmark: BenchmarkFixture) -> None:
    forecast_of(YEAR)

    found = benchmark.pedantic(forecast_of, args=(YEAR,), rounds=5)

    benchmark.extra_info.update(beds=len(the_estate().beds), lines=len(found.lines))


def test_ten_years_of_3_000_beds(benchmark: BenchmarkFixture) -> None:
    found = benchmark.pedantic(forecast_of, args=(DECADE,), rounds=1)

    benchmark.extra_info.update(nights=len(found.dates))
