"""What a scenario comes to, future by future: ratios that must hold, and what is short worked out again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy.stats import poisson

from beds.domain.estate import Estate
from beds.domain.scenario import Amount, EstateStart, Scenario, StayRule, SupposedSite, WhoComes
from beds.domain.terms import Nation
from beds.errors import BadInput
from beds.scenario_files import preset
from beds.services.demand import demand
from beds.services.planning import Ask, Measure, Outcome, compare, waterfall
from beds.services.scenario_draws import closed_form, expected_short
from beds.services.shortfall import shortfall
from beds.services.uk_referrals import UkReferrals
from tests.builders import CLOCK, a_bed, a_person, a_placement, a_referral, a_site, a_unit

ENGLAND, SCOTLAND = Nation.ENGLAND, Nation.SCOTLAND
DRAWS = 40
BOTH = (ENGLAND, SCOTLAND)


def referrals(days: int, draws: int = DRAWS) -> UkReferrals:
    """Return 40 to 80 referrals a day in the UK, the same every day."""
    a_day = np.linspace(40, 80, draws)[:, None]
    return UkReferrals(np.repeat(a_day, 400, axis=1), np.repeat(a_day, days, axis=1), "made for a test")


def an_estate() -> Estate:
    """Return a site of ten units in England with two women in it, and one who waits."""
    beds = [f"B{number}" for number in range(10)]
    names = ("R1", "R2", "R3")
    return Estate(
        sites=(a_site(),),
        units=tuple(a_unit(f"U-{bed}") for bed in beds),
        beds=tuple(a_bed(bed, f"U-{bed}") for bed in beds),
        referrals=tuple(a_referral(name) for name in names),
        people=tuple(a_person(f"A-{name}", name) for name in names),
        placements=(a_placement("R1", "B0"), a_placement("R2", "B1", placement_id="P2")),
    )


def supposing(name: str = "plan", **what: Any) -> Scenario:
    """Return a scenario over 200 nights of which only what is given differs from the records."""
    return Scenario(name, **{"horizon_days": 200, **what})


def asking(scenario: Scenario) -> Ask:
    """Return who says what scenarios over the same nights come to."""
    return closed_form(an_estate(), CLOCK, referrals=referrals(scenario.horizon_days))


def outcome(**what: Any) -> Outcome:
    """Return what a scenario comes to."""
    scenario = supposing(**what)
    return asking(scenario)(scenario)


def test_the_question_of_2008_has_beds_and_pounds_in_the_ratio_of_1_to_one_and_a_half_to_3() -> None:
    scenarios = [preset(f"centres_2008_{nights}") for nights in (30, 45, 90)]

    found = compare(asking(scenarios[0]), scenarios)

    lines = {(line.nation, line.measure): line for line in found.lines}
    for nation in BOTH:
        for measure in (Measure.NEEDED, Measure.COST_OF_NEED):
            thirty, *others = (float(value.mean) for value in lines[nation, measure].values)
            assert [other / thirty for other in others] == pytest.approx([1.5, 3], rel=1e-6)
    english = lines[ENGLAND, Measure.NEEDED].values[0].mean
    a_year = lines[ENGLAND, Measure.ARRIVALS].values[0].mean
    assert english == pytest.approx(float(a_year) * 30 / 365.25, rel=1e-6)
    assert [float(value.mean) for value in lines[ENGLAND, Measure.STOCK].values] == [35.0] * 3


def test_the_same_seed_gives_the_same_futures_in_every_scenario_and_again() -> None:
    scenario, other = supposing(), supposing("longer", recovery_nights=dict.fromkeys(BOTH, 90))
    ask = asking(scenario)

    one, two, again = ask(scenario), ask(other), asking(scenario)(scenario)

    for key in one.draws:
        assert one.draws[key].tobytes() == again.draws[key].tobytes()
    for nation in BOTH:
        arrivals = nation, Measure.ARRIVALS
        assert one.draws[arrivals].tobytes() == two.draws[arrivals].tobytes()


def test_it_says_in_the_mean_what_the_forecast_says_night_by_night() -> None:
    scenario = supposing()
    to_come = demand(CLOCK, scenario, referrals=referrals(200))

    found = asking(scenario)(scenario)
    forecast = shortfall(an_estate(), CLOCK, scenario, to_come)

    line = forecast.lines[0]
    assert line.nation is ENGLAND
    for measure, band in ((Measure.NEEDED, line.needed), (Measure.SHORT, line.short)):
        mean = found.draws[ENGLAND, measure].mean()
        assert mean == pytest.approx(band.mean.mean(), rel=0.01)
    assert found.draws[ENGLAND, Measure.STOCK].mean() == line.stock.mean() == 10.0


def test_what_is_needed_is_in_use_or_short() -> None:
    found = outcome()

    for nation in BOTH:
        needed, used, short = (
            found.draws[nation, measure] for measure in (Measure.NEEDED, Measure.OCCUPIED, Measure.SHORT)
        )
        assert needed == pytest.approx(used + short)
        assert (short >= 0).all()
        assert (used <= found.draws[nation, Measure.STOCK] + 1e-9).all()


def test_more_beds_leave_fewer_short_in_every_future_and_cost_more() -> None:
    scenario = supposing("more", sites=(SupposedSite(ENGLAND, "E12000007", 20),))

    fewer, more = outcome(), asking(scenario)(scenario)

    key = ENGLAND, Measure.SHORT
    assert (more.draws[key] <= fewer.draws[key]).all()
    assert more.draws[key].mean() < fewer.draws[key].mean()
    stock = ENGLAND, Measure.COST_OF_STOCK
    assert (more.draws[stock] > fewer.draws[stock]).all()


def test_growth_is_a_step_and_so_is_the_period_and_they_add_up() -> None:
    end = supposing(
        growth_per_year=0.5, recovery_nights=dict.fromkeys(BOTH, 90), stay_rule=StayRule.RECOVERY_PERIOD
    )

    falls = waterfall(asking(end), supposing("start"), end)

    english = next(fall for fall in falls if (fall.nation, fall.measure) == (ENGLAND, Measure.NEEDED))
    assert [step.field for step in english.steps] == ["recovery_nights", "stay_rule", "growth_per_year"]
    total = float(english.start.mean) + sum(float(step.moved.mean) for step in english.steps)
    assert total == pytest.approx(float(english.end.mean))
    assert float(english.steps[2].moved.mean) > 0


def test_women_alone_need_a_bed_each() -> None:
    scenario = {
        "estate": EstateStart.EMPTY,
        "stay_rule": StayRule.RECOVERY_PERIOD,
        "recovery_nights": dict.fromkeys(BOTH, 20),
        "households_per_year": dict.fromkeys(BOTH, Amount(365.25, 365.25, 365.25)),
        "warm_up_days": 60,
    }

    alone = outcome(**scenario, who_comes=WhoComes.WOMEN_ALONE)
    everybody = outcome(**scenario)

    assert alone.draws[ENGLAND, Measure.NEEDED] == pytest.approx(np.full(DRAWS, 20.0))
    assert everybody.draws[ENGLAND, Measure.NEEDED].mean() > 20.5


def test_a_scenario_that_begins_before_tonight_is_refused() -> None:
    scenario = supposing()

    with pytest.raises(BadInput, match=r"starts_on: 2026-03-03, the night of the census, or later"):
        asking(scenario)(replace(scenario, starts_on=CLOCK.today.replace(day=2)))


@pytest.mark.parametrize("stock", [0, 1, 3, 3.5, 12])
def test_what_is_short_of_a_poisson_number_is_its_sum(stock: float) -> None:
    counts = np.arange(200)
    by_hand = float((np.maximum(counts - stock, 0) * poisson.pmf(counts, 4.0)).sum())

    found = expected_short(np.array([4.0]), np.array([4.0]), np.array([float(stock)]))

    assert found[0] == pytest.approx(by_hand)


def test_households_of_two_are_parcels_of_two_and_what_is_certain_is_certain() -> None:
    counts = np.arange(200)
    by_hand = float((np.maximum(2 * counts - 5, 0) * poisson.pmf(counts, 3.0)).sum())

    assert expected_short(np.array([6.0]), np.array([12.0]), np.array([5.0]))[0] == pytest.approx(by_hand)
    sure = expected_short(np.array([6.0, 4.0, 0.0]), np.zeros(3), np.array([5.0, 5.0, 0.0]))
    assert sure.tolist() == [1.0, 0.0, 0.0]
