"""How many households come to need a bed, day by day, and how long they stay: the chain with its sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from beds.domain.clock import Clock
from beds.domain.scenario import Scenario
from beds.domain.terms import Nation
from beds.errors import BadInput
from beds.services.arrivals import arrivals
from beds.services.links import Basis, Link
from beds.services.need_mix import NeedMix, need_mix
from beds.services.own_history import OwnHistory
from beds.services.stay_laws import LAWS, stay_laws
from beds.services.uk_referrals import UkReferrals, published_referrals
from beds.services.who_comes import mix_of
from optimiser.stays import Floats, Ints, StayLaw

__all__ = ["Basis", "Demand", "Link", "demand", "nights_ahead"]


@dataclass(frozen=True)
class Demand:
    """Households that come to need a bed, in `draws` equally likely futures, and how long they stay.

    Attributes
    ----------
    starts_on : date
        The night of the census. Column d of `rates` is the day `starts_on` + d + 1: who came before waits or
        is resident, and is not in it.
    days : int
    rates : by nation, shape (draws, days)
        Expected households a day, ≥ 0. Given a row, arrivals are Poisson.
    stays : by nation
        The law of a stay, mixed over the draws; right in the mean whatever is drawn beside it.
    laws : by nation
        The equally likely laws that `stays` mixes: more than one where the length itself is uncertain.
    law_of_draw : shape (draws,)
        Which of `laws` goes with each draw, counted round where a nation has fewer.
    """

    starts_on: date
    days: int
    rates: Mapping[Nation, Floats]
    stays: Mapping[Nation, StayLaw]
    laws: Mapping[Nation, tuple[StayLaw, ...]]
    law_of_draw: Ints
    mix: NeedMix
    links: tuple[Link, ...]

    def law(self, nation: Nation, draw: int) -> StayLaw:
        """Return the law of stays that goes with a draw (0 to draws - 1) of `rates`."""
        laws = self.laws[nation]
        return laws[int(self.law_of_draw[draw]) % len(laws)]


MOST_HOUSEHOLDS: Final = 200_000
"""In one nation until the horizon; some ten times what ten years at today's referrals would be."""


def nights_ahead(scenario: Scenario, clock: Clock) -> tuple[int, int]:
    """Return how many nights after tonight a scenario looks at first, and last.

    Raises
    ------
    BadInput
        It starts before tonight.
    """
    first = 0 if scenario.starts_on is None else (scenario.starts_on - clock.today).days
    if first < 0:
        raise BadInput(f"starts_on: {clock.today}, the night of the census, or later is accepted")
    return first, first + scenario.horizon_days


def demand(
    clock: Clock,
    scenario: Scenario,
    *,
    history: OwnHistory | None = None,
    draws: int = 500,
    seed: int = 0,
    referrals: UkReferrals | None = None,
) -> Demand:
    """Return the demand from tonight to the horizon of a scenario, in so many equally likely futures.

    Parameters
    ----------
    history : the service's own records, used link by link where there are enough
    referrals : in place of the forecast of the published series; it then says how many futures there are

    Raises
    ------
    BadInput
        The scenario starts before tonight, or more households would come than are counted here.
    """
    _, days = nights_ahead(scenario, clock)
    if referrals is None:
        referrals = published_referrals(clock, days=days, draws=draws, seed=seed)
    mix = mix_of(need_mix(clock, history), scenario.who_comes)
    come = arrivals(scenario, referrals, history, seed=seed)
    most = max((float(rates.sum(axis=1).max()) for rates in come.rates.values()), default=0.0)
    if not most <= MOST_HOUSEHOLDS:
        raise BadInput(
            f"growth_per_year, households_per_year, horizon_days: up to {MOST_HOUSEHOLDS:,} households in a "
            "nation by the last night are accepted"
        )
    stay = stay_laws(clock, scenario, history)
    return Demand(
        starts_on=clock.today,
        days=days,
        rates=come.rates,
        stays={nation: StayLaw.mixture(laws, [1.0] * len(laws)) for nation, laws in stay.laws.items()},
        laws=stay.laws,
        law_of_draw=np.arange(len(referrals.future), dtype=np.int64) % LAWS,
        mix=mix,
        links=(*come.links, *stay.links),
    )
