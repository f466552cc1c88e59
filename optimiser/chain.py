"""The links of the chain from referrals to beds as distributions: shares, levels, and what moves them.

Plain draws over arrays, one row a possible future. Where a figure is from, and which is used, is not known
here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from optimiser.stays import Floats

DAYS_A_YEAR: Final = 365.25
POINTS: Final = (0.05, 0.5, 0.95)
"""What is told of a link: its 5, 50 and 95 per cent points."""
_NEARLY: Final = 1e-9


@dataclass(frozen=True, slots=True)
class BetaShare:
    """A share known from counts: a beta law.

    Attributes
    ----------
    positive, negative : float
        Its two parameters, > 0: as good as so many cases of each kind.
    """

    positive: float
    negative: float

    @property
    def mean(self) -> float:
        """The mean share."""
        return self.positive / (self.positive + self.negative)

    def draws(self, rng: np.random.Generator, count: int) -> Floats:
        """Return shares, shape (count,)."""
        return rng.beta(self.positive, self.negative, count)


def share_of_periods(positive: Floats, total: Floats) -> BetaShare:
    """Return the share that a coming period is drawn with, from counts of past ones.

    The posterior of a flat beta prior, were the cases independent; but a share that moves from period to
    period by more than chance is known less well than so many cases would say. So both counts are divided by
    the dispersion φ = χ² ÷ (k - 1), at least 1 (Pearson's χ² of the k periods against their common share;
    McCullagh and Nelder 1989, §4.5).

    Parameters
    ----------
    positive, total : ndarray, shape (k,)
        Cases counted in each period, 0 ≤ positive ≤ total, total > 0.

    Examples
    --------
    Two periods alike: as one of both.

    >>> share_of_periods(np.array([40.0, 20.0]), np.array([100.0, 50.0]))
    BetaShare(positive=61.0, negative=91.0)
    """
    yes, all_ = float(positive.sum()), float(total.sum())
    phi = _dispersion(positive, total, yes / all_) if len(total) > 1 and 0 < yes < all_ else 1.0
    return BetaShare(1.0 + yes / phi, 1.0 + (all_ - yes) / phi)


def triangular(rng: np.random.Generator, low: float, likely: float, high: float, count: int) -> Floats:
    """Return draws of a triangular law, shape (count,); of no width, all of them the likely value."""
    if high <= low:
        return np.full(count, float(likely))
    return rng.triangular(low, likely, high, count)


def triangular_middles(low: float, likely: float, high: float, count: int) -> Floats:
    """Return the middles of `count` equally likely parts of a triangular law, shape (count,), rising."""
    if high <= low:
        return np.full(count, float(likely))
    part = (np.arange(count) + 0.5) / count
    width, rise = high - low, likely - low
    below = low + np.sqrt(part * width * rise)
    above = high - np.sqrt((1.0 - part) * width * (high - likely))
    return np.where(part * width < rise, below, above)


def odds_moved(share: Floats, before: Floats, after: Floats) -> Floats:
    """Return shares whose odds have changed as those of another share have, all of one shape.

    Examples
    --------
    Odds of 1 to 1 doubled, as from 1 to 2 they became 1 to 1:

    >>> odds_moved(np.array([0.5]), np.array([1 / 3]), np.array([0.5])).round(6).tolist()
    [0.666667]
    """
    odds = _odds(share) * _odds(after) / _odds(before)
    return odds / (1.0 + odds)


def level_of_counts(rng: np.random.Generator, counts: Floats, draws: int) -> Floats:
    """Return draws of the mean of a period from counts of past periods, shape (draws,).

    A gamma law: the posterior of a Poisson mean under Jeffreys' prior, widened by the dispersion of the
    counts (variance ÷ mean, at least 1), for arrivals that come in bunches are known less well.

    Parameters
    ----------
    counts : ndarray, shape (k,)
        Arrivals of each period, ≥ 0; k ≥ 1.
    """
    total, periods = float(counts.sum()), len(counts)
    phi = max(float(counts.var(ddof=1)) * periods / total, 1.0) if periods > 1 and total > 0 else 1.0
    return rng.gamma((total + 0.5) / phi, phi / periods, draws)


def growth(days: int, per_year: float) -> Floats:
    """Return what growth a year comes to on each day after the census, compounded; shape (days,)."""
    years = (np.arange(days, dtype=np.float64) + 1.0) / DAYS_A_YEAR
    return np.asarray(np.exp(years * np.log1p(per_year)), dtype=np.float64)


def points(values: Floats) -> tuple[float, float, float]:
    """Return the 5, 50 and 95 per cent points of draws."""
    low, likely, high = np.quantile(values, POINTS)
    return float(low), float(likely), float(high)


def _dispersion(positive: Floats, total: Floats, share: float) -> float:
    chi_squared = ((positive - total * share) ** 2 / (total * share * (1.0 - share))).sum()
    return max(float(chi_squared) / (len(total) - 1), 1.0)


def _odds(share: Floats) -> Floats:
    inside = np.clip(share, _NEARLY, 1.0 - _NEARLY)
    return inside / (1.0 - inside)
