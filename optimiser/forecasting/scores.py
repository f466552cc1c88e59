"""How good sample paths were once it is known what came: CRPS, pinball loss, intervals that held.

Proper scores (Gneiting and Raftery 2007): no forecast gains by saying what it does not believe.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SHARES: Final = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
"""The quantiles that the pinball loss is the mean of."""
LEVELS: Final = (0.5, 0.8, 0.95)
CONFIDENCE: Final = 0.95


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many intervals of a level held what came, and between what shares that count leaves the truth.

    `low` and `high` are the exact binomial interval (Clopper and Pearson 1934) at 95 %. It takes origins as
    independent, which those of several periods ahead are not: read it as the least doubt there is.
    """

    level: float
    held: int
    of: int
    low: float
    high: float

    @property
    def share(self) -> float:
        """The share of intervals that held."""
        return self.held / self.of

    @property
    def agrees(self) -> bool:
        """Whether the level is within the binomial interval."""
        return self.low <= self.level <= self.high


def coverage(level: float, held: int, of: int) -> Coverage:
    """Return a count of intervals that held with its binomial interval.

    Examples
    --------
    >>> one = coverage(0.95, 10, 10)
    >>> one.share, round(one.low, 3), one.high
    (1.0, 0.692, 1.0)
    """
    from scipy.special import betaincinv

    outside = (1 - CONFIDENCE) / 2
    low = float(betaincinv(held, of - held + 1, outside)) if held else 0.0
    high = float(betaincinv(held + 1, of - held, 1 - outside)) if held < of else 1.0
    return Coverage(level, held, of, low, high)


@dataclass(frozen=True, slots=True)
class Scores:
    """The scores of one forecast, each of shape (horizon,), and the quantiles that a plot shows.

    Attributes
    ----------
    crps, pinball : ndarray
        In the unit of the counts; the pinball loss is the mean over `SHARES`.
    held : ndarray of bool, shape (n_levels, horizon)
        Whether the central interval of each level held what came.
    low, median, high : ndarray
        The quantiles at 10, 50 and 90 %.
    """

    crps: Floats
    pinball: Floats
    held: NDArray[np.bool_]
    low: Floats
    median: Floats
    high: Floats


def scores(paths: Floats, actual: Floats) -> Scores:
    """Return the scores of paths, shape (n_paths, horizon), against what came, shape (horizon,)."""
    outside = [(1 - level) / 2 for level in LEVELS]
    quantiles = np.quantile(paths, (*SHARES, *outside, *(1 - one for one in outside)), axis=0)
    of_shares, low, high = np.split(quantiles, [len(SHARES), len(SHARES) + len(LEVELS)])
    below, shares = actual - of_shares, np.array(SHARES)[:, None]
    return Scores(
        crps=crps(paths, actual),
        pinball=np.maximum(shares * below, (shares - 1) * below).mean(axis=0),
        held=(low <= actual) & (actual <= high),
        low=of_shares[SHARES.index(0.1)],
        median=of_shares[SHARES.index(0.5)],
        high=of_shares[SHARES.index(0.9)],
    )


def crps(paths: Floats, actual: Floats) -> Floats:
    """Return the continuous ranked probability score of each period, in the unit of the counts; 0 is perfect.

    E|X - y| - E|X - X'|/2 over the paths X, shape (n_paths, horizon), against `actual`, shape (horizon,).

    Examples
    --------
    >>> crps(np.array([[1.0], [3.0]]), np.array([2.0])).tolist()
    [0.5]
    """
    n = len(paths)
    ranks = 2 * np.arange(1, n + 1) - n - 1
    spread = ranks @ np.sort(paths, axis=0) / n**2
    score: Floats = np.abs(paths - actual).mean(axis=0) - spread
    return score
