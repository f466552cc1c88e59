"""The chain from referrals to households who need a bed, link by link, and what may stand in for it."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from beds.domain.scenario import Amount, Scenario, Share, StayRule
from beds.domain.terms import SERVED_NATIONS, Nation
from beds.errors import BadInput
from beds.services.demand import Basis, Demand, Link, demand, nights_ahead
from beds.services.own_history import OwnHistory, own_history
from beds.services.uk_referrals import UkReferrals
from optimiser.stays import StayLaw
from tests.builders import CLOCK, TODAY, a_placement
from tests.demand_builders import steady_referrals
from tests.unit.test_own_history import a_service

PLAIN = Scenario("as_it_is")
EXACT = Share(1.0, 1.0, 1.0)


def of(scenario: Scenario = PLAIN, history: OwnHistory | None = None, seed: int = 1) -> Demand:
    """Return the demand of a scenario at a steady 24,000 referrals a year."""
    return demand(
        CLOCK, scenario, history=history, seed=seed, referrals=steady_referrals(days=scenario.horizon_days)
    )


def link(of_demand: Demand, code: str, nation: Nation | None = None) -> Link:
    """Return one link."""
    return next(one for one in of_demand.links if (one.code, one.nation) == (code, nation))


def yearly(of_demand: Demand, nation: Nation) -> float:
    """Return the mean households a year."""
    return float(of_demand.rates[nation].mean() * 365.25)


def busy() -> OwnHistory:
    """A household a day for a year, all of whom stayed 60 to 99 nights."""
    days_ago = [*range(1, 365)]
    estate = a_service(days_ago)
    placements = [
        a_placement(
            f"R{number:04d}",
            starts_on=TODAY - timedelta(days=days),
            ended_on=TODAY - timedelta(days=days - 60 - number % 40) if days > 60 + number % 40 else None,
        )
        for number, days in enumerate(days_ago)
    ]
    return own_history(estate.with_rows(placements=placements), CLOCK)


def test_the_chain_is_the_product_of_its_links() -> None:
    found = of()

    for nation in SERVED_NATIONS:
        parts = [
            next(one for one in found.links if one.code == code and one.nation in (nation, None))
            for code in ("nation", "positive_grounds", "entering_support", "needing_bed")
        ]
        adult = next(
            (one for one in found.links if one.code == "adult" and one.nation is nation),
            None,
        ) or link(found, "adult")
        product = 24_000 * adult.likely * np.prod([one.likely for one in parts])
        assert yearly(found, nation) == pytest.approx(product, rel=0.05)


def test_the_numbers_by_default_are_near_the_published_ones() -> None:
    """3,533 entered the contract in a year; in Scotland 26 to 30 women a year were in crisis housing."""
    found = of()

    entering = yearly(found, Nation.ENGLAND) / link(found, "needing_bed", Nation.ENGLAND).likely
    scottish_women = yearly(found, Nation.SCOTLAND) * 0.355
    assert 2_600 < entering < 4_200
    assert 15 < scottish_women < 40


def test_adults_with_positive_grounds_are_those_under_the_test_of_2023_moved_on() -> None:
    grounds = link(of(), "positive_grounds")

    assert 0.40 < grounds.low < grounds.likely < grounds.high < 0.62
    assert grounds.likely == pytest.approx(0.50, abs=0.02)
    assert "55% then and 63% in 2025" in grounds.source
    assert grounds.assumed


def test_what_nobody_publishes_is_called_an_assumption() -> None:
    found = of()

    bases = {(one.code, one.nation): one.basis for one in found.links}
    assert bases["needing_bed", Nation.ENGLAND] is Basis.ASSUMPTION
    assert bases["needing_bed", Nation.SCOTLAND] is Basis.PUBLISHED
    assert bases["entering_support", Nation.ENGLAND] is Basis.ASSUMPTION
    assert bases["referrals", None] is Basis.PUBLISHED
    for one in found.links:
        assert one.source
        assert one.low <= one.likely <= one.high
        assert one.assumed or one.basis in (Basis.PUBLISHED, Basis.OWN_RECORDS)


def test_no_link_is_told_twice() -> None:
    codes = [(one.code, one.nation) for one in of().links]

    assert len(codes) == len(set(codes))


def test_a_supposed_share_is_in_place_of_the_default_and_leaves_other_draws_as_they_were() -> None:
    scenario = Scenario("all", entering_support=EXACT, needing_bed={Nation.ENGLAND: EXACT})

    plain, supposed = of(), of(scenario)

    assert link(supposed, "needing_bed", Nation.ENGLAND).basis is Basis.SCENARIO
    assert link(supposed, "needing_bed", Nation.ENGLAND).likely == 1.0
    assert yearly(supposed, Nation.ENGLAND) > 7 * yearly(plain, Nation.ENGLAND)
    assert link(supposed, "positive_grounds") == link(plain, "positive_grounds")
    assert link(supposed, "needing_bed", Nation.SCOTLAND) == link(plain, "needing_bed", Nation.SCOTLAND)


def test_growth_is_on_top_of_whatever_comes() -> None:
    grown, stated = (
        of(Scenario("more", growth_per_year=0.2)),
        of(
            Scenario(
                "said", growth_per_year=0.2, households_per_year={Nation.SCOTLAND: Amount(100, 100, 100)}
            )
        ),
    )

    assert grown.rates[Nation.ENGLAND][0, -1] / grown.rates[Nation.ENGLAND][0, 0] == pytest.approx(
        1.2, rel=0.01
    )
    scottish = stated.rates[Nation.SCOTLAND]
    assert scottish[:, 0] == pytest.approx(100 / 365.25, rel=0.001)
    assert scottish[:, -1] == pytest.approx(120 / 365.25, rel=0.001)
    assert link(stated, "stated", Nation.SCOTLAND).basis is Basis.SCENARIO


def test_the_same_seed_gives_the_same_numbers_and_another_gives_others() -> None:
    one, again, other = of(seed=3), of(seed=3), of(seed=4)

    for nation in SERVED_NATIONS:
        assert one.rates[nation].tobytes() == again.rates[nation].tobytes()
        assert one.rates[nation].tobytes() != other.rates[nation].tobytes()
    assert one.links == again.links


def test_own_arrivals_and_stays_take_the_place_of_the_chain_once_there_are_enough() -> None:
    found = of(history=busy())

    assert yearly(found, Nation.ENGLAND) == pytest.approx(365, rel=0.05)
    assert link(found, "own_arrivals", Nation.ENGLAND).basis is Basis.OWN_RECORDS
    assert link(found, "stay", Nation.ENGLAND).basis is Basis.OWN_RECORDS
    assert "364 stays" in link(found, "stay", Nation.ENGLAND).source
    assert found.stays[Nation.ENGLAND].mean == pytest.approx(79.5, abs=3)
    assert link(found, "arrivals", Nation.SCOTLAND).note.startswith(
        "Own records are not gone by: 0 households"
    )
    assert "0 stays" in link(found, "stay", Nation.SCOTLAND).note
    assert not any(one.code == "entering_support" and one.nation is Nation.ENGLAND for one in found.links)


def test_own_arrivals_move_on_as_referrals_are_forecast_to() -> None:
    doubled = steady_referrals()
    doubled = UkReferrals(doubled.past, doubled.future * 2, "twice the pace")

    found = demand(CLOCK, PLAIN, history=busy(), referrals=doubled)

    assert yearly(found, Nation.ENGLAND) == pytest.approx(2 * 365, rel=0.05)


def test_a_supposed_share_moves_own_arrivals_against_the_default() -> None:
    share = {Nation.ENGLAND: Share(0.4, 0.4, 0.4)}

    found = of(Scenario("twice", needing_bed=share), history=busy())

    assert yearly(found, Nation.ENGLAND) == pytest.approx(2 * 365, rel=0.05)
    assert link(found, "needing_bed", Nation.ENGLAND).note == "against 20% by default"


def test_the_stay_by_default_is_until_the_decision_and_the_move_on_and_not_the_entitlement() -> None:
    found = of()

    assert 180 < found.stays[Nation.ENGLAND].mean < 280
    assert found.stays[Nation.ENGLAND].survival[30] == pytest.approx(1.0)
    assert found.stays[Nation.SCOTLAND].survival[90 + 13 - 1] == pytest.approx(1.0)
    assert len(found.laws[Nation.ENGLAND]) == 5
    means = [law.mean for law in found.laws[Nation.ENGLAND]]
    assert means == sorted(means)
    assert found.stays[Nation.ENGLAND].mean == pytest.approx(np.mean(means))
    assert found.law(Nation.ENGLAND, 7) is found.laws[Nation.ENGLAND][2]


def test_faster_decisions_shorten_stays_down_to_the_entitlement_and_the_move_on() -> None:
    slow, fast, at_once = (
        of(Scenario("decided", decision_days=days), history=busy()) for days in (526.0, 60.0, 1.0)
    )

    assert slow.stays[Nation.ENGLAND].mean > 550
    assert fast.stays[Nation.ENGLAND].mean < 120
    assert link(fast, "decision").basis is Basis.SCENARIO
    positive = link(fast, "positive_conclusive").likely
    assert at_once.stays[Nation.ENGLAND].mean == pytest.approx(30 + 45 * positive + 13 * (1 - positive))
    assert at_once.stays[Nation.SCOTLAND].mean == pytest.approx(90 + 45 * positive + 13 * (1 - positive))


@pytest.mark.parametrize("nights", [30, 45, 90])
def test_where_nothing_else_is_offered_the_stay_is_the_recovery_period(nights: int) -> None:
    scenario = Scenario(
        "then",
        stay_rule=StayRule.RECOVERY_PERIOD,
        recovery_nights=dict.fromkeys(SERVED_NATIONS, nights),
    )

    found = of(scenario, history=busy())

    for nation in SERVED_NATIONS:
        assert found.stays[nation].survival.tolist() == StayLaw.exactly(nights).survival.tolist()
        assert link(found, "stay", nation).basis is Basis.SCENARIO


def test_a_longer_entitlement_and_move_on_lengthen_own_stays_and_shorter_ones_do_as_they_say() -> None:
    plain, longer, move_on = (
        of(scenario, history=busy()).stays[Nation.ENGLAND]
        for scenario in (
            PLAIN,
            Scenario("ninety", recovery_nights={Nation.ENGLAND: 90}),
            Scenario("moved", move_on_nights={Nation.ENGLAND: 75}),
        )
    )

    assert longer.quantile(0.1) == 90
    assert longer.quantile(0.95) == plain.quantile(0.95)
    assert move_on.mean == pytest.approx(plain.mean + 30 * 0.705, abs=0.5)


def test_a_scenario_that_starts_before_the_census_says_what_is_accepted() -> None:
    early = Scenario("early", starts_on=TODAY - timedelta(days=1))
    later = Scenario("later", starts_on=TODAY + timedelta(days=10), horizon_days=30)

    with pytest.raises(BadInput, match=f"starts_on: {TODAY}"):
        nights_ahead(early, CLOCK)
    assert nights_ahead(later, CLOCK) == (10, 40)


def test_referrals_that_cannot_be_are_refused() -> None:
    with pytest.raises(ValueError, match="rates of 0 or more"):
        UkReferrals(np.ones((2, 3)), -np.ones((2, 3)), "")
    with pytest.raises(ValueError, match="as many rows"):
        UkReferrals(np.ones((1, 3)), np.ones((2, 3)), "")
