"""Builders for demand: referrals at a steady pace, and a demand of one's own making."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np

from beds.domain.terms import SERVED_NATIONS, Nation
from beds.services.demand import Demand
from beds.services.need_mix import NeedMix, need_mix
from beds.services.uk_referrals import UkReferrals
from optimiser.stays import StayLaw
from tests.builders import CLOCK, TODAY


def steady_referrals(
    a_year: float = 24_000, *, days: int = 365, draws: int = 200, spread: float = 0.0
) -> UkReferrals:
    """Return referrals at one pace, known to within a spread (of its logarithm) over the draws."""
    levels = np.exp(spread * np.linspace(-1.7, 1.7, draws))[:, None] * a_year / 365.25
    return UkReferrals(np.repeat(levels, 364, axis=1), np.repeat(levels, days, axis=1), "a steady pace")


def a_demand(
    rates: Mapping[Nation, float] | None = None,
    *,
    laws: Sequence[StayLaw] = (StayLaw.exactly(30),),
    days: int = 200,
    draws: int = 10,
    starts_on: date = TODAY,
    mix: NeedMix | None = None,
) -> Demand:
    """Return a demand of steady rates (households a day, by nation; none if not stated) under some laws."""
    rates = rates or {}
    return Demand(
        starts_on=starts_on,
        days=days,
        rates={nation: np.full((draws, days), rates.get(nation, 0.0)) for nation in SERVED_NATIONS},
        stays={nation: StayLaw.mixture(laws, [1.0] * len(laws)) for nation in SERVED_NATIONS},
        laws=dict.fromkeys(SERVED_NATIONS, tuple(laws)),
        law_of_draw=np.arange(draws) % len(laws),
        mix=mix or need_mix(CLOCK),
        links=(),
    )
