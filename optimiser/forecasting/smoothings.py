"""A bank of exponential smoothings as linear filters: level, trend, season, and how fast each forgets.

Each model of the bank is in the form with one source of error (Hyndman, Koehler, Ord and Snyder 2008, ch. 2):

    y[t] = c + r·l[t-1] + d·b[t-1] + s[t-m] + e[t]
    l[t] = r·l[t-1] + d·b[t-1] + α·e[t],   b[t] = d·b[t-1] + β·e[t],   s[t] = s[t-m] + γ·e[t]

With r = 1 it is a level that wanders (α = 1: a random walk), with r < 1 one that returns to c (α = 1: AR(1)).
Its errors are linear in the history and in what the states began with, so that one matrix for each model
turns a history into errors. The matrices depend on no data and are kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LEVEL, RETURN, TREND, SEASON = 0, 1, 2, 3
"""Columns of a design: the constant, the level that returns, the trend, and from 3 on the seasons."""
VAGUE: Final = 1e3
"""Prior spread of the constant, in spreads of one error: as good as unknown."""
TREND_SPREAD: Final = 0.5
SEASON_SPREAD: Final = 3.0
"""Assumption (ours): prior spreads of a trend a period and of a season, in spreads of one error."""
BLOCK: Final = 32
THINNED: Final = 4


class Smoothing(NamedTuple):
    """One model: what a level and a trend keep, how fast level, trend and season follow, its prior weight."""

    keeps: float
    damping: float
    alpha: float
    beta: float
    gamma: float
    seasonal: bool
    weight: float


@dataclass(frozen=True)
class Bank:
    """The models of a bank and their matrices for a history of `periods`.

    Attributes
    ----------
    keeps, damping, alpha, beta, gamma, seasonal : ndarray, shape (n_models,)
        The parameters r, d, α, β, γ, and whether there are seasons.
    log_prior : ndarray, shape (n_models,)
    filters : ndarray, shape (n_models, periods, periods)
        Lower triangular: a history times it is the errors with all states at 0.
    design : ndarray, shape (n_models, periods, n_columns)
        The same of what the states began with, each column in units of its prior spread.
    spread : ndarray, shape (n_models, n_columns)
        Prior spreads over the spread of one error; 0 where a model has no such column.
    """

    season: int
    keeps: Floats
    damping: Floats
    alpha: Floats
    beta: Floats
    gamma: Floats
    seasonal: Floats
    log_prior: Floats
    filters: Floats
    design: Floats
    spread: Floats

    def first(self, periods: int) -> Bank:
        """Return the bank for a shorter history."""
        return Bank(
            **{
                **vars(self),
                "filters": self.filters[:, :periods, :periods],
                "design": self.design[:, :periods],
            }
        )

    def thinned(self) -> Bank:
        """Return a few of the models, spread evenly over the bank: enough to look for breaks with."""
        some = slice(THINNED // 2, None, THINNED)
        return Bank(
            season=self.season, **{name: of[some] for name, of in vars(self).items() if name != "season"}
        )


def bank(periods: int, season: int) -> Bank:
    """Return the bank for a history; `season` is 1 where there are no seasons."""
    return _bank(-(-periods // BLOCK) * BLOCK, season).first(periods)


@cache
def _bank(periods: int, season: int) -> Bank:
    models = list(_models(season))
    keeps, damping, alpha, beta, gamma, seasonal, weight = np.array(models, dtype=np.float64).T
    filters = _filters(periods, season, keeps, damping, alpha, beta, gamma)
    columns = _columns(periods, season, keeps, damping, seasonal)
    returning = keeps < 1
    spread = np.zeros((len(models), columns.shape[2]))
    spread[:, LEVEL] = VAGUE
    spread[returning, RETURN] = alpha[returning] / np.sqrt(1 - keeps[returning] ** 2)
    spread[damping != 0, TREND] = TREND_SPREAD
    spread[seasonal > 0, SEASON:] = SEASON_SPREAD
    return Bank(
        season=season,
        keeps=keeps,
        damping=damping,
        alpha=alpha,
        beta=beta,
        gamma=gamma,
        seasonal=seasonal,
        log_prior=np.log(weight / weight.sum()),
        filters=filters,
        design=(filters @ columns) * spread[:, None, :],
        spread=spread,
    )


def _models(season: int) -> Iterator[Smoothing]:
    """Yield the models: three kinds of the same weight, with and without seasons.

    Assumption (ours): the grid and its weights, chosen so that intervals cover as they say over the processes
    of `tests/benchmarks/test_coverage_of_intervals.py`.
    """
    plain = [*_kind(_wandering()), *_kind(_trending()), *_kind(_returning())]
    if season == 1:
        yield from plain
        return
    yield from (model._replace(weight=model.weight / 2) for model in plain)
    for share, weight in ((0.0, 0.2), (0.1, 0.15), (0.3, 0.15)):
        some = [model for model in plain if share == 0.0 or model.alpha < 0.95]
        total = sum(model.weight for model in some)
        for model in some:
            gamma = share * max(1 - model.alpha, 0.0)
            yield model._replace(gamma=gamma, seasonal=True, weight=model.weight * weight / total)


def _kind(models: list[tuple[float, float, float, float]]) -> list[Smoothing]:
    return [Smoothing(*model, gamma=0.0, seasonal=False, weight=1 / 3 / len(models)) for model in models]


def _wandering() -> list[tuple[float, float, float, float]]:
    return [(1.0, 0.0, alpha, 0.0) for alpha in (0.0, 0.05, 0.15, 0.3, 0.5, 0.75, 1.0, 1.3)]


def _trending() -> list[tuple[float, float, float, float]]:
    damped = ((1.0, 0.0), (1.0, 0.08), (0.95, 0.2), (0.8, 0.5), (0.5, 1.0), (-0.4, 1.0))
    return [
        (1.0, damping, alpha, alpha * share)
        for alpha in (0.0, 0.15, 0.4, 0.7, 1.0)
        for damping, share in damped
        if alpha > 0 or share == 0
    ]


def _returning() -> list[tuple[float, float, float, float]]:
    return [(keeps, 0.0, alpha, 0.0) for keeps in (0.35, 0.6, 0.8, 0.92) for alpha in (0.4, 0.7, 1.0)]


def _filters(periods: int, season: int, *parameters: Floats) -> Floats:
    """The errors of each model when the history is one impulse, set out as a lower triangular matrix."""
    keeps, damping, alpha, beta, gamma = parameters
    level, trend = np.zeros_like(keeps), np.zeros_like(keeps)
    seasons = np.zeros((season, len(keeps)))
    errors = np.empty((len(keeps), periods))
    for t in range(periods):
        carried = keeps * level + damping * trend
        error = (t == 0) - carried - seasons[t % season]
        errors[:, t] = error
        level = carried + alpha * error
        trend = damping * trend + beta * error
        seasons[t % season] += gamma * error
    lag = np.arange(periods)[:, None] - np.arange(periods)
    return np.where(lag >= 0, errors[:, np.maximum(lag, 0)], 0.0)


def _columns(periods: int, season: int, keeps: Floats, damping: Floats, seasonal: Floats) -> Floats:
    """What a history without errors would be if one state began at 1: constant, return, trend, seasons."""
    time = np.arange(1, periods + 1)
    seasons = season if season > 1 else 0
    columns = np.zeros((len(keeps), periods, SEASON + seasons))
    columns[:, :, LEVEL] = 1.0
    columns[:, :, RETURN] = np.where(keeps[:, None] < 1, keeps[:, None] ** time, 0.0)
    columns[:, :, TREND] = np.cumsum(damping[:, None] ** time, axis=1) * (damping[:, None] != 0)
    for j in range(seasons):
        columns[:, j::season, SEASON + j] = seasonal[:, None]
    return columns
