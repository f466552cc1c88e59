"""Referrals in the UK a day from a history that somebody states, in place of the published one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

import numpy as np

from beds.domain.clock import Clock
from beds.history_files import SEASON, History, period_after
from beds.services.uk_referrals import UkReferrals
from optimiser.stays import Floats

MOST_PAST_DAYS: Final = 800
"""What own records are set against: two years and a little."""


def stated_referrals(history: History, clock: Clock, *, days: int, draws: int, seed: int) -> UkReferrals:
    """Return the forecast of a stated history, day by day; between its end and tonight it is forecast too."""
    from optimiser.forecasting.days import daily_rates
    from optimiser.forecasting.forecast import forecast

    ends = clock.today + timedelta(days=days + 1)
    lengths = list(_lengths(history, ends))
    made = forecast(
        np.array(history.values),
        horizon=len(lengths),
        season=SEASON[history.kind],
        paths=draws,
        seed=seed,
    )
    to_come: Floats = daily_rates(made.paths, period_days=lengths)
    known = np.repeat(_known(history)[None, :], draws, axis=0)
    every = np.concatenate([known, to_come], axis=1)
    tonight = (clock.today - history.starts_on).days
    count = len(history.values)
    return UkReferrals(
        past=every[:, max(0, tonight + 1 - MOST_PAST_DAYS) : tonight + 1],
        future=every[:, tonight + 1 : tonight + 1 + days],
        source=(
            f"a stated history of {count} {history.kind}s up to {history.ends_on - timedelta(days=1)}; "
            f"forecast by {made.method}"
        ),
    )


def _lengths(history: History, ends: date) -> Iterator[int]:
    start = history.ends_on
    while start < ends:
        after = period_after(history.kind, start)
        yield (after - start).days
        start = after


def _known(history: History) -> Floats:
    rates, start = [], history.starts_on
    for value in history.values:
        after = period_after(history.kind, start)
        length = (after - start).days
        rates.append(np.full(length, value / length))
        start = after
    return np.concatenate(rates)
