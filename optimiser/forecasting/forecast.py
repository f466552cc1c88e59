"""A forecast of a series of counts from its history alone, with how it did before.

Each path is one future of *counts* as they would be published, with everything that makes them vary;
`Forecast.rates` is the same with the chance of single arrivals taken out again, for whoever adds it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from optimiser.forecasting.backtest import Backtest, chosen
from optimiser.forecasting.methods import METHODS, NAIVE, default, draw, known
from optimiser.forecasting.past import Past, past

Floats = NDArray[np.float64]

LONGEST_HORIZON: Final = 80
CERTAIN_ENOUGH: Final = 0.5
UNTRIED: Final = (
    "Not tried on the past: the history is too short or never changes, or statsmodels was asked for."
)


@dataclass(frozen=True, slots=True)
class Break:
    """A break that the forecast reckons with: the period (from 0) it began in, what it was, how likely."""

    at: int
    kind: str
    probability: float


@dataclass(frozen=True)
class Forecast:
    """Sample paths of the periods to come.

    Attributes
    ----------
    method, label : str
        The code and the name of the method.
    paths : ndarray, shape (n_paths, horizon)
        Counts a period, 0 or more, not rounded.
    sentence : str
        How the method did in the back-test, and whether it beats the naive ones.
    loses_to : tuple of str
        The naive methods it lost to over horizons up to 4; empty where it lost to none or is untried.
    breaks : tuple of Break
        Breaks inside the history that were found likelier than not.
    tried : Backtest or None
        The quick back-test behind the choice, for a table; None where there was nothing to try it on.
    """

    method: str
    label: str
    paths: Floats
    sentence: str
    loses_to: tuple[str, ...]
    breaks: tuple[Break, ...]
    tried: Backtest | None

    @property
    def mean(self) -> Floats:
        """The mean of each period, shape (horizon,)."""
        mean: Floats = self.paths.mean(axis=0)
        return mean

    def quantile(self, shares: float | Sequence[float]) -> Floats:
        """Return quantiles (0 to 1) of each period: shape (horizon,), or (n_shares, horizon) for several."""
        values: Floats = np.quantile(self.paths, shares, axis=0)
        return values

    def interval(self, level: float) -> tuple[Floats, Floats]:
        """Return the ends of the central interval that holds a share (0 to 1) of the paths of each period."""
        outside = (1 - level) / 2
        return self.quantile(outside), self.quantile(1 - outside)

    def rates(self) -> Floats:
        """Return paths of expected counts: Poisson counts around them have the mean and variance of `paths`.

        Where the paths vary less than Poisson counts would, the rate is their mean.
        """
        mean, variance = self.paths.mean(axis=0), self.paths.var(axis=0)
        kept = np.sqrt(np.maximum(1 - mean / np.maximum(variance, 1e-12), 0.0))
        rates: Floats = np.maximum(mean + (self.paths - mean) * kept, 0.0)
        return rates


def forecast(  # noqa: PLR0913 — the history and its settings, each with a default
    history: Floats,
    *,
    horizon: int,
    season: int = 4,
    breaks: Sequence[int] = (),
    method: str | None = None,
    paths: int = 1000,
    seed: int = 0,
) -> Forecast:
    """Return a forecast of the next periods: a function of the history, the same for the same seed.

    Parameters
    ----------
    history : ndarray, shape (periods,)
        Counts a period, 0 or more, the latest last; 8 or more of them.
    horizon : int
        Periods ahead, 1 to 80.
    season : int
        Periods a cycle, 1 for none. Seasons are looked for in three cycles or more.
    breaks : sequence of int
        Periods (from 0) from which something is known to have changed. Others are looked for.
    method : str, optional
        A code of `METHODS`. Unless told, the one that a back-test of the latest origins chooses.

    Raises
    ------
    ValueError
        One of these is not accepted.

    Examples
    --------
    >>> said = forecast(np.tile([40.0, 44.0, 36.0, 40.0], 4), horizon=3)
    >>> np.round(said.mean).tolist()
    [40.0, 44.0, 36.0]
    """
    if not 1 <= horizon <= LONGEST_HORIZON:
        raise ValueError(f"horizon: 1 to {LONGEST_HORIZON} periods are accepted")
    if paths < 1:
        raise ValueError("paths: 1 or more is accepted")
    whole = past(history, season=season, breaks=tuple(breaks))
    tried = chosen(whole, horizon=horizon, seed=seed, method=None if method is None else known([method])[0])
    code = method or (tried.choice if tried else default(whole))
    return Forecast(
        method=code,
        label=METHODS[code].label,
        paths=draw(whole, code, horizon, paths, seed),
        sentence=tried.sentence(code) if tried else UNTRIED,
        loses_to=tried.loses_to(code) if tried else (),
        breaks=_breaks(whole) if code != NAIVE else (),
        tried=tried,
    )


def _breaks(whole: Past) -> tuple[Break, ...]:
    found = whole.average.breaks()
    return tuple(
        Break(one.at, one.kind.value, probability)
        for one, probability in sorted(found.items(), key=lambda item: (item[0].at, item[0].kind))
        if probability >= CERTAIN_ENOUGH
    )
