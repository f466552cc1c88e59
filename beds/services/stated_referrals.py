"""Referrals in the UK a day from a history that somebody states, in place of the published one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Final

import numpy as np

from beds.domain.clock import Clock
from beds.errors import BadInput
from beds.history_files import LEAST_PERIODS, SEASON, History, PeriodKind, period_after
from beds.services.links import Basis
from beds.services.uk_referrals import UkReferrals
from optimiser.stays import Floats

QUARTER_WEEKS: Final = 13
A_QUARTER: Final = timedelta(weeks=QUARTER_WEEKS)
MOST_PAST_DAYS: Final = 800
"""What own records are set against: two years and a little."""


def stated_referrals(history: History, clock: Clock, *, days: int, draws: int, seed: int) -> UkReferrals:
    """Return the forecast of a stated history, day by day; between its end and tonight it is forecast too.

    Weeks are put together into quarters of 13 weeks where they would be too many to look ahead.

    Raises
    ------
    BadInput
        There are too few weeks for that.
    """
    from optimiser.forecasting.days import daily_rates
    from optimiser.forecasting.forecast import LONGEST_HORIZON, forecast

    ends = clock.today + timedelta(days=days + 1)
    series = _Series.of(history)
    if len(series.lengths_to(ends)) > LONGEST_HORIZON:
        series = _Series.of_quarters(history)
    made = forecast(
        np.array(series.values),
        horizon=len(series.lengths_to(ends)),
        season=series.season,
        paths=draws,
        seed=seed,
    )
    to_come = daily_rates(made.rates(), period_days=series.lengths_to(ends))
    known = np.repeat(series.known_days()[None, :], draws, axis=0)
    every = np.concatenate([known, to_come], axis=1)
    tonight = (clock.today - series.starts_on).days
    last = history.ends_on - timedelta(days=1)
    return UkReferrals(
        past=every[:, max(0, tonight + 1 - MOST_PAST_DAYS) : tonight + 1],
        future=every[:, tonight + 1 : tonight + 1 + days],
        source=(
            f"{len(history.values)} {history.kind}s up to {last}. Forecast: {made.label}. {made.sentence}"
        ),
        basis=Basis.STATED,
    )


@dataclass(frozen=True)
class _Series:
    """A history by periods of so many days; `after` gives the first day of the period after one."""

    values: tuple[float, ...]
    starts_on: date
    ends_on: date
    season: int
    after: Callable[[date], date]

    @classmethod
    def of(cls, history: History) -> _Series:
        return cls(
            history.values,
            history.starts_on,
            history.ends_on,
            SEASON[history.kind],
            partial(period_after, history.kind),
        )

    @classmethod
    def of_quarters(cls, history: History) -> _Series:
        blocks = len(history.values) // QUARTER_WEEKS
        if history.kind is not PeriodKind.WEEK or blocks < LEAST_PERIODS[PeriodKind.QUARTER]:
            least = QUARTER_WEEKS * LEAST_PERIODS[PeriodKind.QUARTER]
            raise BadInput(f"--history: at least {least} weeks are needed to look so far ahead")
        kept = np.array(history.values[-blocks * QUARTER_WEEKS :]).reshape(blocks, QUARTER_WEEKS)
        first = history.ends_on - blocks * A_QUARTER
        return cls(tuple(kept.sum(axis=1)), first, history.ends_on, 4, lambda day: day + A_QUARTER)

    def lengths_to(self, ends: date) -> list[int]:
        """Return the days of each period from the end of the history until a day is reached."""
        found, start = [], self.ends_on
        while start < ends:
            found.append((self.after(start) - start).days)
            start = self.after(start)
        return found

    def known_days(self) -> Floats:
        """Return the value of each day of the history, even within a period."""
        days, start = [], self.starts_on
        for value in self.values:
            length = (self.after(start) - start).days
            days.append(np.full(length, value / length))
            start = self.after(start)
        return np.concatenate(days)
