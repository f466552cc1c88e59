"""Forecasts that anybody could make: as last time, as a year ago, growing as it has. Others must beat them.

On the logarithm, with the spread of what such a forecast would have missed by; that spread is itself drawn,
because few misses tell little of it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from optimiser.forecasting.averaging import MOST_OF_HISTORY
from optimiser.forecasting.past import Past
from optimiser.forecasting.scales import Scaled, scaled

Floats = NDArray[np.float64]

LOGARITHM = 0.0


def naive(past: Past, horizon: int, paths: int, rng: np.random.Generator) -> Floats:
    """Return paths, shape (paths, horizon), of a random walk from the last period."""
    return _repeated(past, 1, horizon, paths, rng)


def seasonal_naive(past: Past, horizon: int, paths: int, rng: np.random.Generator) -> Floats:
    """Return paths that repeat the last cycle, each season a random walk of its own."""
    cycle = past.season if len(past.history) > past.season else 1
    return _repeated(past, cycle, horizon, paths, rng)


def drift(past: Past, horizon: int, paths: int, rng: np.random.Generator) -> Floats:
    """Return paths of a random walk that goes on growing by its mean growth, which is itself uncertain."""
    logs = scaled(past.history, LOGARITHM)
    steps = np.diff(logs.values)
    spread = drawn_spread(steps - steps.mean(), logs, paths, rng, fitted=1)
    growth = steps.mean() + spread * rng.standard_normal((paths, 1)) / np.sqrt(len(steps))
    ahead = np.cumsum(growth + spread * rng.standard_normal((paths, horizon)), axis=1)
    return limited(logs.back(logs.values[-1] + ahead), past)


def limited(values: Floats, past: Past) -> Floats:
    """Return values no higher than all that the history allows."""
    least: Floats = np.minimum(values, MOST_OF_HISTORY * past.history.max() + 1.0)
    return least


def drawn_spread(
    misses: Floats, logs: Scaled, paths: int, rng: np.random.Generator, *, fitted: int = 0
) -> Floats:
    """Return draws, shape (paths, 1), of the spread of misses, `fitted` degrees of freedom used up."""
    squares = max(float((misses**2).sum()), len(misses) * logs.floor)
    drawn: Floats = np.sqrt(squares / rng.chisquare(max(len(misses) - fitted, 1), (paths, 1)))
    return drawn


def _repeated(past: Past, cycle: int, horizon: int, paths: int, rng: np.random.Generator) -> Floats:
    logs = scaled(past.history, LOGARITHM)
    misses = logs.values[cycle:] - logs.values[:-cycle]
    cycles = -(-horizon // cycle)
    spread = drawn_spread(misses, logs, paths, rng)
    steps = spread[:, :, None] * rng.standard_normal((paths, cycles, cycle))
    ahead = logs.values[-cycle:] + np.cumsum(steps, axis=1)
    return limited(logs.back(ahead.reshape(paths, -1)[:, :horizon]), past)
