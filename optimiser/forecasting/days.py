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
Ints = NDArray[np.int64]

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
    if paths.ndim != 2 or paths.shape[1] != len(period_days) or min(period_days, default=0) < 1:
        raise ValueError("period_days: one number of days of 1 or more for each period is accepted")
    ends = np.r_[0, np.cumsum(period_days)]
    totals = np.concatenate([np.zeros((len(paths), 1)), np.cumsum(paths, axis=1)], axis=1)
    days: Floats = np.maximum(np.diff(_running(ends, totals), axis=1), 0.0)
    return days


def _running(ends: Ints, totals: Floats) -> Floats:
    """Return the running totals at every whole day: a monotone cubic through those at the ends of periods.

    The slope at an inner end is the weighted harmonic mean of those beside it, 0 where they differ in sign;
    at the outer ends that of the parabola through three, kept from turning (as `PchipInterpolator` of SciPy,
    which takes a second to load).
    """
    lengths = np.diff(ends).astype(np.float64)
    chords = np.diff(totals, axis=1) / lengths
    slopes = np.zeros_like(totals)
    if len(lengths) == 1:
        slopes[:] = chords
    else:
        slopes[:, 1:-1] = _inner(lengths, chords)
        slopes[:, 0] = _outer(lengths[0], lengths[1], chords[:, 0], chords[:, 1])
        slopes[:, -1] = _outer(lengths[-1], lengths[-2], chords[:, -1], chords[:, -2])
    day = np.arange(ends[-1] + 1)
    period = np.clip(np.searchsorted(ends, day, side="right") - 1, 0, len(lengths) - 1)
    length, part = lengths[period], (day - ends[period]) / lengths[period]
    return np.asarray(
        totals[:, period] * (1 + 2 * part) * (1 - part) ** 2
        + slopes[:, period] * length * part * (1 - part) ** 2
        + totals[:, period + 1] * part**2 * (3 - 2 * part)
        + slopes[:, period + 1] * length * part**2 * (part - 1)
    )


def _inner(lengths: Floats, chords: Floats) -> Floats:
    before, after = 2 * lengths[1:] + lengths[:-1], lengths[1:] + 2 * lengths[:-1]
    left, right = chords[:, :-1], chords[:, 1:]
    rising = left * right > 0
    weighted = before / np.where(rising, left, 1.0) + after / np.where(rising, right, 1.0)
    return np.where(rising, (before + after) / weighted, 0.0)


def _outer(near: float, far: float, chord: Floats, next_chord: Floats) -> Floats:
    slope = ((2 * near + far) * chord - near * next_chord) / (near + far)
    slope = np.where(np.sign(slope) == np.sign(chord), slope, 0.0)
    turning = (np.sign(chord) != np.sign(next_chord)) & (np.abs(slope) > 3 * np.abs(chord))
    return np.where(turning, 3 * chord, slope)


def weekly_rates(paths: Floats, *, period_days: Sequence[int]) -> Floats:
    """Return expected arrivals by week from the first day on; the last week may have fewer days."""
    days = daily_rates(paths, period_days=period_days)
    starts = np.arange(0, days.shape[1], DAYS_A_WEEK)
    return np.add.reduceat(days, starts, axis=1)
