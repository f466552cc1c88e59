"""Scenarios side by side and what moved the number: sums that hold, and money worked out by hand."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from beds.domain.accommodation import Closure
from beds.domain.estate import Estate
from beds.domain.scenario import TOLD, WINDOW, Amount, Scenario, SupposedSite
from beds.domain.terms import Nation, SiteRef, SiteType
from beds.errors import BadInput
from beds.services.planning import (
    DEFINITIONS,
    LABELS,
    STEPS,
    UNITS,
    Measure,
    Outcome,
    Spread,
    Unit,
    compare,
    waterfall,
)
from beds.services.unit_costs import assumed_cost, pence_drawn, stock_nights, unit_costs, yearly_pence
from tests.builders import TODAY, a_bed, a_site, a_unit

ENGLAND, SCOTLAND = Nation.ENGLAND, Nation.SCOTLAND
POUNDS = Unit.POUNDS


def a_toy(scenario: Scenario) -> Outcome:
    """Return what a service comes to in which a stay is the recovery period, in 100 futures."""
    a_day = np.linspace(0.5, 1.5, 100) * (1 + scenario.growth_per_year)
    draws = {}
    for nation, share in ((ENGLAND, 1.0), (SCOTLAND, 0.1)):
        needed = a_day * share * scenario.recovery_nights.get(nation, 30)
        stock = float(sum(site.units for site in scenario.sites if site.nation is nation))
        draws[nation, Measure.NEEDED] = needed
        draws[nation, Measure.SHORT] = np.maximum(needed - stock, 0)
        draws[nation, Measure.COST_OF_NEED] = yearly_pence(needed * 365, np.full(100, 10_176.0), 365)
    return Outcome(scenario, draws)


def supposing(name: str = "plan", **fields_: Any) -> Scenario:
    """Return a scenario of which only what is given differs from the records."""
    return Scenario(name, **fields_)


def for_both(nights: int) -> dict[Nation, int]:
    """Return so many nights in both nations."""
    return {ENGLAND: nights, SCOTLAND: nights}


def test_30_45_and_90_days_are_in_the_ratio_of_1_to_one_and_a_half_to_3_with_their_costs() -> None:
    scenarios = [supposing(f"days_{n}", recovery_nights=for_both(n)) for n in (30, 45, 90)]

    found = compare(a_toy, scenarios)

    lines = {(line.nation, line.measure): line for line in found.lines}
    needed = [spread.mean for spread in lines[ENGLAND, Measure.NEEDED].values]
    assert needed == pytest.approx([30, 45, 90])
    pounds = [spread.mean for spread in lines[None, Measure.COST_OF_NEED].values]
    assert pounds == [Decimal(cost) * 365 * Decimal("1.1") * Decimal("101.76") for cost in (30, 45, 90)]
    assert lines[ENGLAND, Measure.NEEDED].differences[2].mean == pytest.approx(60)


def test_a_difference_has_the_interval_of_the_difference_and_not_of_two_things_apart() -> None:
    found = compare(a_toy, [supposing("a"), supposing("b", recovery_nights={ENGLAND: 33})])

    line = next(line for line in found.lines if (line.nation, line.measure) == (ENGLAND, Measure.NEEDED))
    apart = line.values[0].high - line.values[0].low
    assert line.differences[0] == Spread(0.0, 0.0, 0.0, 0.0)
    assert line.differences[1].high - line.differences[1].low < apart / 9
    assert line.differences[1].low > 0


def test_the_nations_together_are_the_sum_of_their_draws() -> None:
    outcome = a_toy(supposing())

    together = outcome.of((None, Measure.NEEDED))

    parts = outcome.draws[ENGLAND, Measure.NEEDED] + outcome.draws[SCOTLAND, Measure.NEEDED]
    assert together.tolist() == parts.tolist()
    assert (None, Measure.NEEDED) in outcome.found()


def test_the_steps_of_a_waterfall_add_up_to_the_difference_to_the_penny() -> None:
    end = supposing(
        recovery_nights=for_both(90), growth_per_year=0.1, sites=(SupposedSite(ENGLAND, "E12000007", 12),)
    )

    found = waterfall(a_toy, supposing("start"), end)

    for fall in found:
        assert [step.field for step in fall.steps] == ["recovery_nights", "growth_per_year", "sites"]
        if UNITS[fall.measure] is POUNDS:
            assert fall.start.mean + sum(step.moved.mean for step in fall.steps) == fall.end.mean
        else:
            total = sum(float(step.moved.mean) for step in fall.steps)
            assert float(fall.start.mean) + total == pytest.approx(float(fall.end.mean))


def test_a_field_that_moves_nothing_is_a_step_of_nothing() -> None:
    found = waterfall(a_toy, supposing("start"), supposing(decision_days=100.0))

    assert {step.field: step.moved.mean for step in found[0].steps} == {"decision_days": 0}
    assert found[0].start == found[0].end


def test_every_field_that_can_differ_has_words_and_a_place_in_the_order() -> None:
    assert [field.name for field in fields(Scenario) if field.name not in TOLD | WINDOW] == list(STEPS)
    assert set(LABELS) == set(DEFINITIONS) == set(UNITS) == set(Measure)


@pytest.mark.parametrize(
    ("scenarios", "accepted"),
    [
        ([], "scenarios: 1 to 12 are accepted"),
        ([supposing(f"s{n}") for n in range(13)], "scenarios: 1 to 12 are accepted"),
        ([supposing("a"), supposing("a", growth_per_year=0.1)], "each with a name of its own"),
        ([supposing("a"), supposing("b", horizon_days=30)], "horizon_days: the same in all scenarios"),
    ],
)
def test_what_cannot_be_set_side_by_side_is_refused(scenarios: list[Scenario], accepted: str) -> None:
    with pytest.raises(BadInput, match=accepted):
        compare(a_toy, scenarios)


def an_estate() -> Estate:
    """Return two safe houses in England, one without a cost on record, and a dispersed one without."""
    sites = (
        a_site("S1", cost_per_bed_night=Decimal("100.00")),
        a_site("S2"),
        a_site("S3", site_type=SiteType.DISPERSED),
        a_site("S4", cost_per_bed_night=Decimal("130.50")),
    )
    beds = {"S1": 2, "S2": 1, "S3": 4, "S4": 1}
    units = [(site, f"{site}-U{n}") for site, count in beds.items() for n in range(count)]
    return Estate(
        sites=sites,
        units=tuple(a_unit(unit, site) for site, unit in units),
        beds=tuple(a_bed(f"{unit}-B", unit) for _, unit in units),
    )


def test_a_site_costs_what_is_on_record_else_what_its_type_does_else_what_is_supposed() -> None:
    costs = unit_costs(an_estate(), supposing(cost_per_bed_night=Decimal("90"), price_year="2025-26"))

    assert {site: cost.likely for site, cost in costs.of_site.items()} == {
        "S1": 10_000,
        "S2": 11_017,  # (2 x 100.00 + 1 x 130.50) / 3
        "S3": 9_000,
        "S4": 13_050,
    }
    assert costs.of_site[SiteRef("S3")].price_year == "2025-26"
    assert costs.of_new_bed[ENGLAND].likely == 9_000


def test_a_bed_that_is_not_there_yet_costs_the_mean_on_record_in_its_nation_else_the_assumption() -> None:
    costs = unit_costs(an_estate(), supposing())

    assert (costs.of_new_bed[ENGLAND].likely, costs.of_new_bed[ENGLAND].assumed) == (11_017, False)
    assert (costs.of_new_bed[ENGLAND].low, costs.of_new_bed[ENGLAND].high) == (10_000, 13_050)
    assert costs.of_new_bed[SCOTLAND] == assumed_cost(SCOTLAND)
    assert costs.of_site[SiteRef("S3")] == assumed_cost(ENGLAND)


def test_the_assumption_is_the_grant_of_2008_and_says_so() -> None:
    cost = assumed_cost(ENGLAND)

    assert cost.likely == round(1_300_000 * 100 / 35 / 365)
    assert cost.low == round(1_200_000 * 100 / 35 / 365)
    assert (cost.price_year, cost.assumed) == ("2008-09", True)
    assert "Hansard" in cost.source


def test_what_the_costs_rest_on_is_told_bed_by_bed() -> None:
    lines = unit_costs(an_estate(), supposing()).lines()

    assert [(line.nation, line.beds, line.cost.likely, line.cost.assumed) for line in lines] == [
        (ENGLAND, 4, 10_176, True),
        (ENGLAND, 3, 11_017, False),
        (ENGLAND, 1, 11_017, False),
        (ENGLAND, 0, 11_017, False),
        (SCOTLAND, 0, 10_176, True),
    ]


def test_a_year_of_35_places_at_101_76_a_night_is_the_grant_but_for_the_rounding() -> None:
    pence = yearly_pence(np.array([35.0 * 365]), np.array([10_176.0]), 365)

    assert pence.tolist() == [129_998_400]
    assert yearly_pence(np.array([35.0 * 73]), np.array([10_176.0]), 73).tolist() == [129_998_400]


def test_a_bed_is_paid_for_while_its_site_is_open_and_until_it_is_closed_for_good() -> None:
    estate = an_estate()
    estate = estate.with_rows(
        sites=[
            replace(site, opens_on=date(2026, 3, 8)) if site.site_id == "S3" else site
            for site in estate.sites
        ],
        closures=(
            Closure("S1-U0-B", date(2026, 3, 5)),  # type: ignore[arg-type]
            Closure("S1-U1-B", date(2026, 3, 5), date(2026, 3, 9)),  # type: ignore[arg-type]
        ),
    )

    assert dict(stock_nights(estate, ENGLAND, starts_on=TODAY, nights=10)) == {
        "S1": 2 + 10,
        "S2": 10,
        "S3": 4 * 5,
        "S4": 10,
    }
    assert dict(stock_nights(estate, SCOTLAND, starts_on=TODAY, nights=10)) == {}


def test_a_cost_is_drawn_from_its_range_at_the_same_place_in_every_scenario() -> None:
    cost, chances = assumed_cost(ENGLAND), np.linspace(0, 1, 1_001)

    drawn = pence_drawn(cost, chances)

    assert (drawn[0], drawn[-1]) == (cost.low, cost.high)
    assert drawn.mean() == pytest.approx((cost.low + cost.likely + cost.high) / 3, rel=1e-3)
    assert (np.diff(drawn) >= 0).all()
    assert set(pence_drawn(unit_costs(an_estate(), supposing()).of_site[SiteRef("S1")], chances)) == {
        10_000.0
    }


def test_amounts_in_place_of_the_chain_are_a_difference_like_any_other() -> None:
    one = supposing("a", households_per_year={ENGLAND: Amount(1, 2, 3)})

    assert one.differences(supposing("b")) == ("households_per_year",)
