"""Referrals in the UK a day, past and to come: what the chain begins with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import islice, takewhile
from typing import TYPE_CHECKING, Final

import numpy as np

from beds.domain.clock import Clock
from beds.errors import BadInput
from beds.nrm_series import Group, first_day_of_quarter, quarterly_referrals
from beds.services.links import Basis
from optimiser.stays import Floats

if TYPE_CHECKING:
    from optimiser.forecasting.forecast import Forecast

KNOWN_QUARTERS: Final = 12
"""Of so many published quarters the days are told: what own records of the last year are set against."""


@dataclass(frozen=True)
class UkReferrals:
    """Expected referrals a day in equally likely futures.

    Attributes
    ----------
    past : ndarray, shape (draws, days before)
        The days up to and with the census, as published where they are.
    future : ndarray, shape (draws, days)
        The days after the census.
    source : str
        A sentence for screens: the series, its last published period, and the method.
    basis : Basis
        `stated` where a history was given in place of the published one.
    """

    past: Floats
    future: Floats
    source: str
    basis: Basis = Basis.PUBLISHED

    def __post_init__(self) -> None:
        """Refuse what is no such series.

        Raises
        ------
        ValueError
            A rate is negative, or the two do not have the same draws.
        """
        if len(self.past) != len(self.future) or (self.past < 0).any() or (self.future < 0).any():
            raise ValueError("past, future: as many rows, and rates of 0 or more, are accepted")


def published_referrals(clock: Clock, *, days: int, draws: int, seed: int) -> UkReferrals:
    """Return the forecast of the published quarterly series, as known tonight, day by day.

    Whatever has passed since the last published quarter is forecast too.

    Raises
    ------
    BadInput
        Nothing had been published by tonight, or the last night is too far ahead.
    """
    from optimiser.forecasting.days import daily_rates
    from optimiser.forecasting.forecast import LONGEST_HORIZON

    series = quarterly_referrals(vintage=clock.today.isoformat(), group=Group.ALL)
    quarters = list(islice(_quarters(series.periods[-KNOWN_QUARTERS]), KNOWN_QUARTERS))
    ends_on = clock.today + timedelta(days=days + 1)
    to_come = list(takewhile(lambda quarter: quarter[0] < ends_on, _quarters(_next(series.periods[-1]))))
    if len(to_come) > LONGEST_HORIZON:
        raise BadInput(
            f"starts_on, horizon_days: a last night within {LONGEST_HORIZON} quarters of "
            f"{series.periods[-1]} is accepted"
        )
    made = _forecast(clock.today, len(to_come), draws, seed)
    known = np.repeat(series.values[None, -KNOWN_QUARTERS:], draws, axis=0)
    rates = daily_rates(
        np.concatenate([known, made.rates()], axis=1),
        period_days=[(end - start).days for start, end in [*quarters, *to_come]],
    )
    after_tonight = (clock.today - quarters[0][0]).days + 1
    return UkReferrals(
        past=rates[:, :after_tonight],
        future=rates[:, after_tonight : after_tonight + days],
        source=(
            f"Home Office referrals by quarter to {series.periods[-1]}, published by {series.vintage}; "
            f"{made.label}. {made.sentence}"
        ),
    )


@lru_cache(maxsize=16)
def _forecast(tonight: date, horizon: int, draws: int, seed: int) -> Forecast:
    """Return the forecast of the series as known tonight: the same for every scenario side by side."""
    from optimiser.forecasting.forecast import forecast

    series = quarterly_referrals(vintage=tonight.isoformat(), group=Group.ALL)
    return forecast(
        series.values,
        horizon=horizon,
        season=series.season,
        breaks=series.break_indices,
        paths=draws,
        seed=seed,
    )


def _quarters(period: str) -> Iterator[tuple[date, date]]:
    """Yield the first day of a quarter such as `2025-Q4` and of the one after it, and so on from there."""
    while True:
        later = _next(period)
        yield first_day_of_quarter(period), first_day_of_quarter(later)
        period = later


def _next(period: str) -> str:
    year, quarter = int(period[:4]), int(period[-1])
    return f"{year}-Q{quarter + 1}" if quarter < 4 else f"{year + 1}-Q1"
