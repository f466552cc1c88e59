"""Series whose law is known: the judge of intervals that say how sure they are.

Each process draws its own parameters, so that no interval can be right by being made for one of them. All are
of the size and the unrest that quarterly referrals have, or have had.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Process = Callable[[np.random.Generator, int], Floats]


def random_walk_with_drift(rng: np.random.Generator, periods: int) -> Floats:
    """On the logarithm."""
    drift, spread = rng.normal(0.02, 0.02), rng.uniform(0.05, 0.2)
    steps = drift + spread * rng.standard_normal(periods)
    return np.exp(np.log(rng.uniform(100, 3000)) + np.cumsum(steps))


def seasonal_smoothing(rng: np.random.Generator, periods: int) -> Floats:
    """A level and four seasons that wander together, with a little drift, on the logarithm."""
    alpha, spread, drift = rng.uniform(0.1, 0.8), rng.uniform(0.03, 0.12), rng.normal(0, 0.015)
    gamma = rng.uniform(0.05, 0.3) * (1 - alpha)
    level, seasons = np.log(rng.uniform(100, 3000)), rng.normal(0, 0.15, 4)
    seasons -= seasons.mean()
    logs = np.empty(periods)
    for t in range(periods):
        error = spread * rng.standard_normal()
        logs[t] = level + drift + seasons[t % 4] + error
        level += drift + alpha * error
        seasons[t % 4] += gamma * error
    return np.exp(logs)


def level_that_returns(rng: np.random.Generator, periods: int) -> Floats:
    """AR(1) around a level."""
    keeps, level = rng.uniform(0.2, 0.95), rng.uniform(50, 500)
    spread = level * rng.uniform(0.05, 0.2)
    values, now = np.empty(periods), spread * rng.standard_normal()
    for t in range(periods):
        now = keeps * now + spread * np.sqrt(1 - keeps**2) * rng.standard_normal()
        values[t] = level + now
    return np.maximum(values, 0.0)


def level_that_returns_and_shifts(rng: np.random.Generator, periods: int) -> Floats:
    """AR(1) around a level that jumps once, in the middle half."""
    values = level_that_returns(rng, periods)
    at = rng.integers(periods // 4, 3 * (periods - 8) // 4)
    values[at:] *= rng.choice([0.4, 0.6, 1.5, 2.0])
    return values


def noise_that_shifts(rng: np.random.Generator, periods: int) -> Floats:
    """Noise around a level that jumps once."""
    values = rng.uniform(100, 1000) * (1 + rng.uniform(0.05, 0.12) * rng.standard_normal(periods))
    values[rng.integers(periods // 3, periods - 14) :] *= rng.choice([0.5, 0.7, 1.4, 2.0])
    return np.maximum(values, 0.0)


def damped_trend(rng: np.random.Generator, periods: int) -> Floats:
    """A level with a trend that wanders and damps, on the logarithm."""
    alpha, damping, spread = rng.uniform(0.2, 1), rng.uniform(0.8, 1), rng.uniform(0.03, 0.12)
    beta = alpha * rng.uniform(0, 0.2)
    level, trend = np.log(rng.uniform(100, 3000)), rng.normal(0.02, 0.02)
    logs = np.empty(periods)
    for t in range(periods):
        error = spread * rng.standard_normal()
        logs[t] = level + damping * trend + error
        level += damping * trend + alpha * error
        trend = damping * trend + beta * error
    return np.exp(logs)


def small_counts(rng: np.random.Generator, periods: int) -> Floats:
    """Poisson counts around a rate of 2 to 30 that wanders."""
    rates = rng.uniform(2, 30) * np.exp(np.cumsum(rng.normal(0, 0.05, periods)))
    return rng.poisson(rates).astype(np.float64)


def straight_line(rng: np.random.Generator, periods: int) -> Floats:
    """Noise around a straight line."""
    start = rng.uniform(100, 500)
    line = start * (1 + rng.normal(0.01, 0.01) * np.arange(periods))
    return np.maximum(line + start * 0.1 * rng.standard_normal(periods), 0.0)


def growth_that_lasts(rng: np.random.Generator, periods: int) -> Floats:
    """ARIMA(1,1,1) on the logarithm: its growth is autocorrelated."""
    keeps, echoes = rng.uniform(-0.5, 0.6), rng.uniform(-0.6, 0.4)
    errors = rng.standard_normal(periods) * rng.uniform(0.03, 0.12)
    growth = np.zeros(periods)
    for t in range(1, periods):
        growth[t] = keeps * growth[t - 1] + errors[t] + echoes * errors[t - 1]
    return np.exp(np.log(500) + np.cumsum(growth + 0.01))


PROCESSES: Mapping[str, Process] = {
    process.__name__: process
    for process in (
        random_walk_with_drift,
        seasonal_smoothing,
        level_that_returns,
        level_that_returns_and_shifts,
        noise_that_shifts,
        damped_trend,
        small_counts,
        straight_line,
        growth_that_lasts,
    )
}


def series(process: str, number: int, periods: int) -> Floats:
    """Return one series of a process, the same for the same number."""
    index = list(PROCESSES).index(process)
    return PROCESSES[process](np.random.default_rng([index, number]), periods)
