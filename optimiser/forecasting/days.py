"""From quarters to weeks and days: the same totals, without a step where one period ends and the next begins.

What comes out is expected arrivals: whoever needs whole arrivals draws them (Poisson) around it.
Assumption (ours): days of the week are alike; the published series have quarters only.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

DAYS_A_WEEK: Final = 7


def daily_rates(paths: Floats, *, period_days: Sequence[int]) -> Floats:
    """Return expected arrivals by day, shape (n_paths, sum of period_days), at least 0.

    The running total is interpolated by a monotone cubic (Fritsch and Carlson 1980) through the totals at the
    ends of the periods: each period keeps its total, no day is negative, and the rate has no step.

    Parameters
    ----------
    paths : ndarray, shape (n_paths, n_periods)
        Arrivals expected in each period, at least 0 (`Forecast.rates`).
    period_days : sequence of int
        Days of each period, 1 or more.

    Raises
    ------
    ValueError
        The periods of the paths and their days do not go together, or one has no day.

    Examples
    --------
    >>> days = daily_rates(np.array([[90.0, 182.0]]), period_days=(90, 91))
    >>> days.shape, np.round(days[:, :90].sum(), 9), np.round(days[:, 90:].sum(), 9)
    ((1, 181), np.float64(90.0), np.float64(182.0))
    """
    from scipy.interpolate import PchipInterpolator

    if paths.ndim != 2 or paths.shape[1] != len(period_days) or min(period_days, default=0) < 1:
        raise ValueError("period_days: one number of days of 1 or more for each period is accepted")
    ends = np.r_[0, np.cumsum(period_days)]
    totals = np.concatenate([np.zeros((len(paths), 1)), np.cumsum(paths, axis=1)], axis=1)
    running = PchipInterpolator(ends, totals, axis=1)(np.arange(ends[-1] + 1))
    days: Floats = np.maximum(np.diff(running, axis=1), 0.0)
    return days


def weekly_rates(paths: Floats, *, period_days: Sequence[int]) -> Floats:
    """Return expected arrivals by week from the first day on; the last week may have fewer days."""
    days = daily_rates(paths, period_days=period_days)
    starts = np.arange(0, days.shape[1], DAYS_A_WEEK)
    return np.add.reduceat(days, starts, axis=1)
