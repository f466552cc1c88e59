"""Forecasts of series with empty periods: how often something comes, and how much when it does.

Croston (1972), its correction by Syntetos and Boylan (2005, "SBA"), and Teunter, Syntetos and Babai (2011,
"TSB"), which lets the rate fade while nothing comes. They give a rate; paths are whole counts around it, with
more spread than Poisson where the history had it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from optimiser.forecasting.past import Past

Floats = NDArray[np.float64]

ALPHAS: Final = (0.05, 0.1, 0.2, 0.3)
"""Smoothing constants tried, of the range that is usual for such series (Syntetos and Boylan 2005)."""
LARGEST_DISPERSION: Final = 20.0
JEFFREYS: Final = 0.5
"""Added to a count by Jeffreys' prior of a Poisson rate: that nothing came does not mean that nothing can."""


def croston(past: Past, horizon: int, paths: int, rng: np.random.Generator) -> Floats:
    """Return paths around Croston's rate: mean size over mean interval."""
    return _sampled(past.history, croston_rates, horizon, paths, rng)


def sba(past: Past, horizon: int, paths: int, rng: np.random.Generator) -> Floats:
    """Return paths around Croston's rate less its bias, by the factor 1 - α/2."""
    return _sampled(
        past.history, lambda y, alpha: croston_rates(y, alpha) * (1 - alpha / 2), horizon, paths, rng
    )


def tsb(past: Past, horizon: int, paths: int, rng: np.random.Generator) -> Floats:
    """Return paths around the TSB rate: mean size times the chance that a period has any."""
    return _sampled(past.history, tsb_rates, horizon, paths, rng)


def croston_rates(history: Floats, alpha: float) -> Floats:
    """Return the rate expected before each period and after the last, shape (periods + 1,).

    Examples
    --------
    >>> croston_rates(np.array([0.0, 2.0, 0.0, 2.0]), 0.5).tolist()
    [1.0, 1.0, 1.0, 1.0, 1.0]
    """
    filled = np.flatnonzero(history > 0)
    size = float(history[filled[0]]) if len(filled) else 0.0
    interval = float(filled[0] + 1) if len(filled) else 1.0
    rates, waited = [size / interval], 0
    for value in history:
        waited += 1
        if value > 0:
            size += alpha * (float(value) - size)
            interval += alpha * (waited - interval)
            waited = 0
        rates.append(size / interval)
    return np.array(rates)


def tsb_rates(history: Floats, alpha: float) -> Floats:
    """Return the rate expected before each period and after the last, shape (periods + 1,)."""
    filled = history[history > 0]
    size = float(filled[0]) if len(filled) else 0.0
    chance = float((history > 0).mean()) if len(filled) else 0.0
    rates = [size * chance]
    for value in history:
        chance += alpha * (float(value > 0) - chance)
        if value > 0:
            size += alpha * (float(value) - size)
        rates.append(size * chance)
    return np.array(rates)


def _sampled(
    history: Floats,
    rates: Callable[[Floats, float], Floats],
    horizon: int,
    paths: int,
    rng: np.random.Generator,
) -> Floats:
    """Draw counts around the rate whose α missed least: Poisson with a gamma rate (negative binomial)."""
    tried = [rates(history, alpha) for alpha in ALPHAS]
    missed = [float(((history - rate[:-1]) ** 2).mean()) for rate in tried]
    rate, variance = tried[int(np.argmin(missed))], min(missed)
    mean = float(rate[-1])
    likely = rng.gamma(mean * len(history) + JEFFREYS, 1.0 / len(history), (paths, 1))
    typical = max(float(rate[:-1].mean()), 1e-9)
    dispersion = min(max(variance / typical, 1.0), LARGEST_DISPERSION)
    if dispersion > 1.0:
        shape = likely / (dispersion - 1.0)
        likely = rng.gamma(np.maximum(shape, 1e-12), dispersion - 1.0, (paths, horizon))
    return rng.poisson(np.broadcast_to(likely, (paths, horizon))).astype(np.float64)
