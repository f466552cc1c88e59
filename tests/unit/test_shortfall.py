"""Beds needed, occupied and short over an estate: the census, the closed form, and a simulation beside it."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from beds.domain.census import Census, census
from beds.domain.estate import Estate
from beds.domain.needs import NEEDS, Need
from beds.domain.scenario import EstateStart, Scenario, SupposedClosure, SupposedSite
from beds.domain.terms import SERVED_NATIONS, Nation
from beds.services.demand import Demand, demand
from beds.services.need_mix import need_mix
from beds.services.shortfall import Bands, Breakdown, Line, ShortfallForecast, shortfall
from beds.synthesis import synthesise
from optimiser.stays import StayLaw
from tests.builders import CLOCK, NOON, TODAY, a_bed, a_site, a_small_estate, a_unit
from tests.demand_builders import a_demand, steady_referrals

PLAIN = Scenario("as_it_is", horizon_days=200)
QUANTILES = (
    ("p05", 0.05),
    ("p10", 0.1),
    ("p25", 0.25),
    ("p50", 0.5),
    ("p75", 0.75),
    ("p90", 0.9),
    ("p95", 0.95),
)


@pytest.fixture(scope="module")
def estate() -> Estate:
    """A synthetic estate of both nations with residents and a waiting list, as at the tests' noon."""
    return synthesise(60, 120, 3, as_at=NOON)


@pytest.fixture(scope="module")
def now(estate: Estate) -> Census:
    """Its census."""
    return census(estate, CLOCK)


@pytest.fixture(scope="module")
def by_default(estate: Estate) -> ShortfallForecast:
    """Its forecast by the chain."""
    made = demand(CLOCK, PLAIN, referrals=steady_referrals(days=200, spread=0.1))
    return shortfall(estate, CLOCK, PLAIN, made)


def line(
    forecast: ShortfallForecast, nation: Nation, breakdown: Breakdown = Breakdown.NATION, item: str = ""
) -> Line:
    """Return one line of a forecast."""
    return next(
        one
        for one in forecast.lines
        if (one.nation, one.breakdown) == (nation, breakdown) and item in ("", one.item)
    )


def of(estate: Estate, made: Demand, scenario: Scenario = PLAIN) -> Line:
    """Return the line of England."""
    return line(shortfall(estate, CLOCK, scenario, made), Nation.ENGLAND)


def test_night_0_is_who_is_here_and_who_waits_by_the_records(
    estate: Estate, now: Census, by_default: ShortfallForecast
) -> None:
    sites = estate.site_by_id
    for nation in SERVED_NATIONS:
        here = [one for one in now.residents if sites[one.site_id].nation is nation]
        waiting = [one for one in now.waiting if one.nation is nation and one.comes_in == 0]

        found = line(by_default, nation)

        assert found.occupied_now == sum(len(one.beds) for one in here) > 0
        assert (found.waiting_households, found.waiting_now) == (
            len(waiting),
            sum(one.beds for one in waiting),
        )
        for column in ("mean", "p05", "p50", "p95"):
            assert getattr(found.needed, column)[0] == pytest.approx(found.occupied_now + found.waiting_now)
            assert getattr(found.occupied, column)[0] == found.occupied_now
            assert getattr(found.arrivals, column)[0] == 0
    elsewhere = sum(one.nation not in SERVED_NATIONS for one in now.waiting)
    assert by_default.waiting_elsewhere == elsewhere
    assert by_default.dates[0] == TODAY
    assert len(by_default.dates) == 201


def test_region_groups_add_up_to_their_nation_in_every_night(by_default: ShortfallForecast) -> None:
    for nation in SERVED_NATIONS:
        whole = line(by_default, nation)
        groups = [
            one for one in by_default.lines if (one.nation, one.breakdown) == (nation, Breakdown.REGION_GROUP)
        ]

        for of_line in ("occupied_now", "waiting_now", "waiting_households", "beds_now"):
            assert sum(getattr(one, of_line) for one in groups) == getattr(whole, of_line)
        assert sum(one.needed.mean for one in groups) == pytest.approx(whole.needed.mean)
        assert sum(one.arrivals.mean for one in groups) == pytest.approx(whole.arrivals.mean)
        assert sum(one.stock for one in groups) == pytest.approx(whole.stock)


def test_needs_overlap_but_women_men_and_others_add_up(by_default: ShortfallForecast) -> None:
    for nation in SERVED_NATIONS:
        whole = line(by_default, nation)
        kinds = [
            line(by_default, nation, Breakdown.NEED, need)
            for need in (Need.WOMEN, Need.MEN, Need.MIXED_OR_OTHER)
        ]

        assert sum(one.needed.mean for one in kinds) == pytest.approx(whole.needed.mean)
        assert sum(one.stock[0] for one in kinds) > whole.stock[0]


def test_every_need_but_all_has_its_line(by_default: ShortfallForecast) -> None:
    items = [
        one.item
        for one in by_default.lines
        if (one.nation, one.breakdown) == (Nation.SCOTLAND, Breakdown.NEED)
    ]

    assert items == [need for need in NEEDS if need is not Need.ALL]


def test_what_is_needed_is_what_is_occupied_and_what_is_short(by_default: ShortfallForecast) -> None:
    for one in by_default.lines:
        assert one.occupied.mean[1:] + one.short.mean[1:] == pytest.approx(one.needed.mean[1:])
        assert (one.occupied.mean[1:] <= one.stock[1:] + 1e-6).all()
        assert (one.occupied.p95 <= np.maximum(one.stock, one.occupied_now)).all()
        assert (np.diff([getattr(one.needed, name) for name, _ in QUANTILES], axis=0) >= 0).all()
        assert (one.short.mean >= 0).all()


def test_the_same_seed_gives_the_same_bytes(estate: Estate, by_default: ShortfallForecast) -> None:
    made = demand(CLOCK, PLAIN, referrals=steady_referrals(days=200, spread=0.1))

    again = shortfall(estate, CLOCK, PLAIN, made)

    for one, other in zip(by_default.lines, again.lines, strict=True):
        assert one.needed.p90.tobytes() == other.needed.p90.tobytes()
        assert one.short.mean.tobytes() == other.short.mean.tobytes()


def test_a_steady_stream_settles_at_rate_times_stay_times_size() -> None:
    made = a_demand({Nation.ENGLAND: 1.7}, laws=[StayLaw.exactly(45)])

    found = of(Estate(), made)

    sizes = made.mix.size_shares(Nation.ENGLAND)
    assert found.needed.mean[-1] == pytest.approx(1.7 * 45 * (sizes @ np.arange(len(sizes))))
    assert found.arrivals.mean[-1] == pytest.approx(1.7 * 200)


def test_30_45_and_90_nights_need_beds_as_1_to_one_and_a_half_to_3(estate: Estate) -> None:
    needed = [
        of(estate, a_demand({Nation.ENGLAND: 0.9}, laws=[StayLaw.exactly(nights)])).needed.mean[-1]
        for nights in (30, 45, 90)
    ]

    assert np.array(needed) / needed[0] == pytest.approx([1, 1.5, 3], rel=1e-9)


def test_nobody_coming_the_house_empties_by_what_is_left_of_the_stays(estate: Estate, now: Census) -> None:
    law = StayLaw.geometric(60)

    found = of(estate, a_demand(laws=[law]))

    later = sum(one.beds for one in now.waiting if one.nation is Nation.ENGLAND and 0 < one.comes_in <= 3)
    kept = (1 - 1 / 60) ** 3
    assert found.needed.mean[3] == pytest.approx(
        (found.occupied_now + found.waiting_now) * kept + later, abs=later
    )
    assert found.needed.mean[200] < 0.1 * found.needed.mean[0]


def test_more_beds_are_never_worse_and_fewer_never_better(estate: Estate) -> None:
    made = a_demand({Nation.ENGLAND: 4.0}, laws=[StayLaw.geometric(70)], draws=20)
    more = Scenario(
        "more",
        horizon_days=200,
        sites=(SupposedSite(Nation.ENGLAND, "E12000007", units=40, opens_on=TODAY + timedelta(days=50)),),
    )
    fewer = Scenario(
        "fewer",
        horizon_days=200,
        closures=(SupposedClosure(TODAY + timedelta(days=50), nation=Nation.ENGLAND, share=0.5),),
    )

    plain, with_more, with_fewer = (of(estate, made, scenario) for scenario in (PLAIN, more, fewer))

    assert (with_more.stock - plain.stock).tolist() == [0.0] * 50 + [40.0] * 151
    assert with_fewer.stock[50] < 0.6 * plain.stock[50]
    assert (with_more.short.mean <= plain.short.mean + 1e-9).all()
    assert (plain.short.mean <= with_fewer.short.mean + 1e-9).all()
    assert with_more.short.mean[200] < plain.short.mean[200] < with_fewer.short.mean[200]
    assert with_more.needed.mean.tolist() == plain.needed.mean.tolist()


def test_an_estate_that_begins_empty_has_nobody_in_it_and_keeps_those_who_wait(estate: Estate) -> None:
    centre = SupposedSite(Nation.ENGLAND, "E12000007", units=25)
    scenario = Scenario("then", horizon_days=200, estate=EstateStart.EMPTY, sites=(centre,))

    found = of(estate, a_demand({Nation.ENGLAND: 1.0}), scenario)

    assert (found.beds_now, found.occupied_now) == (25, 0)
    assert found.waiting_now > 0


def test_a_scenario_that_starts_later_leaves_the_nights_before_out(estate: Estate) -> None:
    later = Scenario("later", starts_on=TODAY + timedelta(days=30), horizon_days=170)
    made = a_demand({Nation.ENGLAND: 1.0})

    whole, cut = (shortfall(estate, CLOCK, scenario, made) for scenario in (PLAIN, later))

    assert cut.starts_on == cut.dates[0] == TODAY + timedelta(days=30)
    assert len(cut.dates) == len(line(cut, Nation.ENGLAND).needed.p90) == 171
    assert (
        line(cut, Nation.ENGLAND).needed.p90.tolist() == line(whole, Nation.ENGLAND).needed.p90[30:].tolist()
    )


def test_between_the_nights_looked_at_quantiles_are_those_of_a_forecast_that_looks_there() -> None:
    """A shorter horizon looks at other nights: both say the same but for 3 beds of some 400."""
    estate = synthesise(60, 120, 3, as_at=NOON)
    laws = [StayLaw.log_normal(median, 0.5) for median in (80, 140)]

    long, short = (
        of(
            estate,
            a_demand({Nation.ENGLAND: 1.5}, laws=laws, days=days, draws=40),
            Scenario("a", horizon_days=days),
        )
        for days in (200, 123)
    )

    assert long.needed.mean[:124] == pytest.approx(short.needed.mean)
    for name, _ in QUANTILES:
        assert np.abs(getattr(long.needed, name)[:124] - getattr(short.needed, name)).max() <= 3
    assert np.abs(long.short.mean[:124] - short.short.mean).max() < 0.1


def test_the_closed_form_agrees_with_a_simulation_where_there_is_room_for_all(
    estate: Estate, now: Census
) -> None:
    laws = [StayLaw.log_normal(50, 0.5), StayLaw.log_normal(110, 0.5)]
    made = a_demand({Nation.ENGLAND: 2.4}, laws=laws, days=90, draws=2)
    found = of(estate, made, Scenario("a", horizon_days=90))

    runs = simulated(estate, now, made, runs=2_000)

    error = 3.9 * runs.std(axis=0) / len(runs) ** 0.5
    assert (np.abs(found.needed.mean - runs.mean(axis=0)) <= error + 1e-9).all()
    short = np.maximum(runs - found.stock, 0.0)
    error = 3.9 * short.std(axis=0) / len(runs) ** 0.5
    assert (np.abs(found.short.mean - short.mean(axis=0)) <= error + 0.02).all()
    for night in (1, 8, 40, 90):
        for name, level in QUANTILES:
            quantile = getattr(found.needed, name)[night]
            margin = 3.3 * (level * (1 - level) / len(runs)) ** 0.5 + 0.01
            assert (runs[:, night] <= quantile).mean() >= level - margin
            assert (runs[:, night] <= quantile - 1).mean() <= level + margin


def simulated(
    estate: Estate, now: Census, made: Demand, *, runs: int
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Return beds needed in England, run by night: every household on its own, a bed for everybody."""
    rng = np.random.default_rng(99)
    here = [one for one in now.residents if estate.site_by_id[one.site_id].nation is Nation.ENGLAND]
    waiting = [one for one in now.waiting if one.nation is Nation.ENGLAND]
    known = [(0, one.nights_so_far, len(one.beds)) for one in here]
    known += [(one.comes_in, 0, one.beds) for one in waiting]
    sizes = made.mix.size_shares(Nation.ENGLAND)
    changes = np.zeros((runs, made.days + 2))
    for place, law in enumerate(made.laws[Nation.ENGLAND]):
        rows = np.arange(place, runs, len(made.laws[Nation.ENGLAND]))
        stays = [
            (rows, start, law.sample(rng, len(rows), so_far), np.full(len(rows), beds))
            for start, so_far, beds in known
        ]
        for day, rate in enumerate(made.rates[Nation.ENGLAND][place], start=1):
            run = np.repeat(rows, rng.poisson(rate, len(rows)))
            size = rng.choice(len(sizes), len(run), p=sizes)
            stays.append((run, day, law.sample(rng, len(run)), size))
        for run, start, nights, beds in stays:
            if start <= made.days:
                np.add.at(changes, (run, start), beds)
                np.add.at(changes, (run, np.minimum(start + nights, made.days + 1)), -beds)
    return changes.cumsum(axis=1)[:, :-1]


def test_every_line_has_bands_of_every_night(by_default: ShortfallForecast) -> None:
    for one in by_default.lines:
        for bands in (one.needed, one.occupied, one.short, one.arrivals):
            assert isinstance(bands, Bands)
            assert len(bands.mean) == len(bands.p50) == len(one.stock) == 201


def test_two_futures_and_one_night_are_a_forecast_too(estate: Estate) -> None:
    scenario = Scenario("tomorrow", horizon_days=1)
    made = demand(CLOCK, scenario, referrals=steady_referrals(days=1, draws=2))

    found = of(estate, made, scenario)

    assert len(made.laws[Nation.ENGLAND]) == 5
    assert len(found.needed.mean) == 2
    assert found.needed.mean[1] == pytest.approx(found.needed.mean[0], rel=0.05)


def test_a_small_estate_by_hand() -> None:
    """One bed, one woman who waits and stays 30 nights; nobody comes."""
    estate = a_small_estate(sites=(a_site(),), units=(a_unit(),), beds=(a_bed(),))

    found = of(estate, a_demand(laws=[StayLaw.exactly(30)]))

    assert found.needed.mean == pytest.approx([1.0] * 30 + [0.0] * 171)
    assert found.occupied.mean == pytest.approx([0.0] + [1.0] * 29 + [0.0] * 171)
    assert (found.beds_now, found.waiting_now, found.occupied_now) == (1, 1, 0)


def test_the_mix_of_a_demand_is_that_of_the_day() -> None:
    assert a_demand().mix.referrals == need_mix(CLOCK).referrals
