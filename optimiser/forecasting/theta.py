"""The theta method: simple exponential smoothing that grows at half the slope of the whole history.

Assimakopoulos and Nikolopoulos (2000), in the form of Hyndman and Billah (2003); on the logarithm, with
seasons taken out where they show (the test of the M3 competition), breaks where the average found them.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from optimiser.forecasting.past import Past
from optimiser.forecasting.scales import scaled
from optimiser.forecasting.simple import LOGARITHM, drawn_spread, limited

Floats = NDArray[np.float64]

ALPHAS: Final = np.linspace(0.04, 1.0, 25)
NORMAL_90: Final = 1.645
CYCLES: Final = 3


def theta(past: Past, horizon: int, paths: int, rng: np.random.Generator) -> Floats:
    """Return paths, shape (paths, horizon), in the unit of the history, at least 0."""
    logs = scaled(past.settled, LOGARITHM)
    periods = len(logs.values)
    seasons = seasonal_effects(logs.values, past.season)
    level_of = logs.values - np.resize(seasons, periods)
    slope = _slope(level_of) / 2
    alpha, last, misses = _smoothed(level_of, slope)
    spread = drawn_spread(misses, logs, paths, rng, fitted=2)
    errors = spread * rng.standard_normal((paths, horizon))
    followed = np.cumsum(alpha * errors, axis=1) - alpha * errors
    growth = slope + spread * rng.standard_normal((paths, 1)) / (2 * np.sqrt(periods))
    ahead = last + followed + growth * np.arange(1, horizon + 1) + errors
    coming = np.resize(np.roll(seasons, -periods), horizon)
    return limited(logs.back(ahead + coming), past)


def seasonal_effects(logs: Floats, season: int) -> Floats:
    """Return the effect of each season from the first period on, shape (season,): zeros where none shows.

    They show when the autocorrelation of the growth-free series at one cycle is beyond its 90 % limit.
    """
    periods = len(logs)
    if season == 1 or periods < CYCLES * season:
        return np.zeros(season)
    around = logs - _smooth(logs, season)
    centred = around - around.mean()
    total = float((centred**2).sum())
    correlations = [
        float((centred[lag:] * centred[:-lag]).sum()) / total if total else 0.0
        for lag in range(1, season + 1)
    ]
    limit = NORMAL_90 * np.sqrt((1 + 2 * np.sum(np.square(correlations[:-1]))) / periods)
    if correlations[-1] <= limit:
        return np.zeros(season)
    effects = np.array([around[j::season].mean() for j in range(season)])
    centred_effects: Floats = effects - effects.mean()
    return centred_effects


def _smooth(logs: Floats, season: int) -> Floats:
    """The centred moving average over one cycle, its ends held."""
    weights = np.ones(season + 1 - season % 2)
    if season % 2 == 0:
        weights[[0, -1]] = 0.5
    half = len(weights) // 2
    middle = np.convolve(logs, weights / weights.sum(), mode="valid")
    smooth: Floats = np.concatenate([np.full(half, middle[0]), middle, np.full(half, middle[-1])])
    return smooth


def _slope(values: Floats) -> float:
    time = np.arange(len(values)) - (len(values) - 1) / 2
    return float((time * values).sum() / (time**2).sum())


def _smoothed(values: Floats, slope: float) -> tuple[float, float, Floats]:
    """The smoothing that misses least: its α, the level it ends at, its misses."""
    level = np.full(len(ALPHAS), values[0])
    misses = np.empty((len(values) - 1, len(ALPHAS)))
    for t, value in enumerate(values[1:]):
        misses[t] = value - level - slope
        level += slope + ALPHAS * misses[t]
    best = int(np.argmin((misses**2).sum(axis=0)))
    return float(ALPHAS[best]), float(level[best]), misses[:, best]
