"""What a scenario comes to, future by future, by the closed form: so that scenarios can be set side by side.

The same futures are drawn for every scenario, link by link. Given a future, the beds needed on a night are
taken as a Poisson number of parcels with the right mean and variance: exact for households of one size who
have all come since, close for the rest. Like every closed form it counts beds, not rooms and rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

import numpy as np

from beds.domain.census import census
from beds.domain.clock import Clock
from beds.domain.estate import Estate
from beds.domain.scenario import Scenario
from beds.domain.terms import SERVED_NATIONS, Nation
from beds.services.demand import Demand, demand, nights_ahead
from beds.services.own_history import OwnHistory
from beds.services.planning import Ask, Measure, Outcome
from beds.services.shortfall import KnownHouseholds
from beds.services.supposed_estate import supposed_estate
from beds.services.uk_referrals import UkReferrals
from beds.services.unit_costs import (
    UnitCosts,
    pence_drawn,
    stock_nights,
    unit_costs,
    yearly_pence,
)
from beds.services.usable_beds import usable_beds
from optimiser.beds_needed import expected_coming
from optimiser.chain import DAYS_A_YEAR
from optimiser.stays import Floats

COST_STREAM: Final = 0xC057
"""What costs are drawn from, apart from what demand is."""
NO_VARIANCE: Final = 1e-9


@dataclass(frozen=True)
class Window:
    """The nights that are looked at: places in the series, which begin with the census."""

    today: date
    first: int
    last: int

    @classmethod
    def of(cls, scenario: Scenario, clock: Clock) -> Window:
        """Return the window of a scenario: from the end of its warm-up to its horizon, both included."""
        first, last = nights_ahead(scenario, clock)
        return cls(clock.today, first + scenario.warm_up_days, last)

    @property
    def starts_on(self) -> date:
        """The first night of it."""
        return self.today + timedelta(days=self.first)

    @property
    def nights(self) -> int:
        """How many nights there are in it."""
        return self.last - self.first + 1

    def within(self, series: Floats) -> Floats:
        """Return of a series that begins with the census the part in it."""
        return series[..., self.first : self.last + 1]


def closed_form(
    estate: Estate,
    clock: Clock,
    *,
    referrals: UkReferrals,
    history: OwnHistory | None = None,
    seed: int = 0,
) -> Ask:
    """Return who says what a scenario comes to, in the futures of `referrals`, after its warm-up.

    Parameters
    ----------
    history, referrals : as for `beds.services.demand`; all scenarios look at the nights of `referrals`
    """

    def ask(scenario: Scenario) -> Outcome:
        supposed = supposed_estate(estate, scenario)
        to_come = demand(clock, scenario, history=history, seed=seed, referrals=referrals)
        costs = unit_costs(supposed, scenario)
        window = Window.of(scenario, clock)
        found: dict[tuple[Nation, Measure], Floats] = {}
        stock = _stock(supposed, clock, to_come)
        now = census(supposed, clock)
        for nation in SERVED_NATIONS:
            known = KnownHouseholds.of(nation, now, supposed)
            beds = _beds(known, to_come, nation, window, window.within(stock[nation]))
            found |= {(nation, measure): values for measure, values in beds.items()}
            pounds = pounds_of(beds, supposed, costs, nation, window, seed=seed)
            found |= {(nation, measure): pence for measure, pence in pounds.items()}
        return Outcome(scenario, found, to_come.links, costs.lines())

    return ask


def _stock(estate: Estate, clock: Clock, to_come: Demand) -> dict[Nation, Floats]:
    # which unit could serve whom is not asked here, and takes as long as all the rest
    nobody = replace(to_come.mix, referrals=(), people=(), weights={})
    beds = usable_beds(estate, clock, nobody, days=to_come.days, occupied=(), periods=())
    return {nation: beds.in_units(beds.nation == nation) for nation in SERVED_NATIONS}


def _beds(
    known: KnownHouseholds, to_come: Demand, nation: Nation, window: Window, stock: Floats
) -> dict[Measure, Floats]:
    """Return households a year, and beds on the average night of the window, draw by draw."""
    rates, laws = to_come.rates[nation], to_come.laws[nation]
    sizes = to_come.mix.size_shares(nation)
    size = np.arange(len(sizes), dtype=np.float64)
    needed, short = np.zeros(len(rates)), np.zeros(len(rates))
    nights = np.arange(window.first, window.last + 1)
    for place, law in enumerate(laws):
        rows = to_come.law_of_draw % len(laws) == place
        chance = known.staying(nights, law)
        coming = window.within(np.c_[np.zeros(rows.sum()), expected_coming(rates[rows], law)])
        mean = known.beds @ chance + coming * float(sizes @ size)
        variance = known.beds**2 @ (chance * (1 - chance)) + coming * float(sizes @ size**2)
        needed[rows] = mean.mean(axis=1)
        short[rows] = expected_short(mean, variance, stock).mean(axis=1)
    arrivals = window.within(np.c_[np.zeros(len(rates)), rates])
    return {
        Measure.ARRIVALS: arrivals.mean(axis=1) * DAYS_A_YEAR,
        Measure.NEEDED: needed,
        Measure.OCCUPIED: needed - short,
        Measure.SHORT: short,
        Measure.STOCK: np.full(len(rates), stock.mean()),
    }


def expected_short(mean: Floats, variance: Floats, stock: Floats) -> Floats:
    """Return E[(needed - stock)⁺] of a Poisson number of parcels with this mean and variance.

    Examples
    --------
    Of a Poisson number of mean 1, more than none are wanted: all of it.

    >>> expected_short(np.array([1.0]), np.array([1.0]), np.array([0.0])).round(9).tolist()
    [1.0]
    """
    from scipy.special import pdtr

    sure = (variance < NO_VARIANCE) | (mean <= 0)
    parcel = np.where(sure, 1.0, variance / np.where(mean > 0, mean, 1.0))
    rate, limit = np.where(sure, 1.0, mean / parcel), stock / parcel
    whole = np.floor(limit)
    at_least = np.where(whole >= 1, 1 - pdtr(np.maximum(whole - 1, 0), rate), 1.0)
    more_than = 1 - pdtr(whole, rate)
    drawn = parcel * np.maximum(rate * at_least - limit * more_than, 0.0)
    return np.asarray(np.where(sure, np.maximum(mean - stock, 0.0), drawn), dtype=np.float64)


def pounds_of(
    beds: Mapping[Measure, Floats],
    estate: Estate,
    costs: UnitCosts,
    nation: Nation,
    window: Window,
    *,
    seed: int,
) -> dict[Measure, Floats]:
    """Return what beds on the average night come to, in whole pence a year, draw by draw.

    Parameters
    ----------
    beds : `NEEDED` and `SHORT`, shape (n,)
    estate : as the scenario supposes it
    """
    count = len(beds[Measure.NEEDED])
    chances = np.random.default_rng([seed, COST_STREAM]).random(count)
    paid = stock_nights(estate, nation, starts_on=window.starts_on, nights=window.nights)
    stock = np.zeros(count)
    for site, nights in paid.items():
        of_site = pence_drawn(costs.of_site[site], chances)
        stock += yearly_pence(np.full(count, float(nights)), of_site, window.nights)
    a_night = pence_drawn(costs.of_new_bed[nation], chances)
    need, short = (
        yearly_pence(beds[measure] * window.nights, a_night, window.nights).astype(np.float64)
        for measure in (Measure.NEEDED, Measure.SHORT)
    )
    return {
        Measure.COST_OF_STOCK: stock,
        Measure.COST_OF_NEED: need,
        Measure.COST_OF_SHORTFALL: short,
        Measure.COST_IN_FULL: stock + short,
    }
