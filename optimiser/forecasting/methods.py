"""The methods there are, by code: what each is called, and how it draws paths of one past.

Adding one is a line of `METHODS`. Nothing here chooses: that is for `backtest`.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from optimiser.forecasting import intermittent, library, simple
from optimiser.forecasting.past import Past
from optimiser.forecasting.theta import theta

Floats = NDArray[np.float64]
Draw = Callable[[Past, int, int, np.random.Generator], Floats]

NAIVE, SEASONAL_NAIVE, AVERAGE, COMBINED = "naive", "seasonal_naive", "average", "combined"
MEMBERS: Final = (AVERAGE, "theta")
"""What the combination is the equal average of."""
SHARE_OF_EMPTY_PERIODS: Final = 0.1
"""Assumption (ours): from this share of empty periods on, methods for intermittent series are tried."""
SHARE_TO_EXPECT_NONE: Final = 0.5
"""Assumption (ours): from this share on, one of them (TSB) is the default."""


@dataclass(frozen=True, slots=True)
class Method:
    """A way of forecasting: its name for people, and whether statsmodels is needed for it."""

    code: str
    label: str
    draw: Draw
    by_library: bool = False


def average(past: Past, horizon: int, paths: int, rng: np.random.Generator) -> Floats:
    """Return paths of the average of exponential smoothings, weighed by how they explain the past."""
    return past.average.sample(horizon, paths, rng)


def combined(past: Past, horizon: int, paths: int, rng: np.random.Generator) -> Floats:
    """Return paths of the equal-weight combination of the members."""
    return mean_of([METHODS[code].draw(past, horizon, paths, rng) for code in MEMBERS])


def mean_of(drawn: Sequence[Floats]) -> Floats:
    """Return paths whose quantiles are the mean of those of several, in the order of the first one's."""
    quantiles = np.mean([np.sort(one, axis=0) for one in drawn], axis=0)
    ranks = np.argsort(np.argsort(drawn[0], axis=0, kind="stable"), axis=0, kind="stable")
    paths: Floats = np.take_along_axis(quantiles, ranks, axis=0)
    return paths


METHODS: Final = MappingProxyType(
    {
        method.code: method
        for method in (
            Method(NAIVE, "as in the last period", simple.naive),
            Method(SEASONAL_NAIVE, "as a year ago", simple.seasonal_naive),
            Method("drift", "growing as it has", simple.drift),
            Method("theta", "theta: smoothing with half the growth", theta),
            Method(AVERAGE, "average of exponential smoothings", average),
            Method(COMBINED, "mean of the average and theta", combined),
            Method("croston", "Croston", intermittent.croston),
            Method("sba", "Croston as corrected by Syntetos and Boylan", intermittent.sba),
            Method("tsb", "Teunter, Syntetos and Babai", intermittent.tsb),
            Method("ets", "exponential smoothing chosen by AICc", library.ets, by_library=True),
            Method("damped", "exponential smoothing with a damped trend", library.damped, by_library=True),
            Method(
                "structural", "structural: wandering level and slope", library.structural, by_library=True
            ),
        )
    }
)
_INTERMITTENT: Final = ("croston", "sba", "tsb")


def suitable(past: Past, *, by_library: bool) -> tuple[str, ...]:
    """Return the methods worth trying on a past, in their order, with or without those of statsmodels."""
    empty = float((past.history == 0).mean())
    left_out = {
        *(() if past.season > 1 else (SEASONAL_NAIVE,)),
        *(() if empty >= SHARE_OF_EMPTY_PERIODS else _INTERMITTENT),
    }
    return tuple(
        code for code, one in METHODS.items() if code not in left_out and (by_library or not one.by_library)
    )


def default(past: Past) -> str:
    """Return the method to keep to where nothing speaks for another."""
    return "tsb" if float((past.history == 0).mean()) >= SHARE_TO_EXPECT_NONE else AVERAGE


def draw(past: Past, code: str, horizon: int, paths: int, seed: int) -> Floats:
    """Return the paths of one method, shape (paths, horizon): the same for the same past and seed."""
    rng = np.random.default_rng([seed, zlib.crc32(code.encode())])
    return METHODS[code].draw(past, horizon, paths, rng)


def known(codes: Sequence[str]) -> tuple[str, ...]:
    """Return codes of methods as they are.

    Raises
    ------
    ValueError
        There is no such method.
    """
    if not set(codes) <= set(METHODS):
        raise ValueError(f"methods: {', '.join(METHODS)} are accepted")
    return tuple(codes)
