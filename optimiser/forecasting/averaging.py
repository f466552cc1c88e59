"""The average of a bank of exponential smoothings, each weighed by how well it explains the history.

Bayesian model averaging: over the smoothings, the scale and the breaks; within each, over the states it began
with and the size of its errors. Every path is one draw of all of these, so that the intervals carry what
short histories leave unknown. Nothing here is fitted by search: the same history gives the same weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from optimiser.forecasting.evidence import Evidence, evidence, log_sum
from optimiser.forecasting.interventions import SIZE, Intervention, Kind, Weighed, effects, extended, patterns
from optimiser.forecasting.scales import POWERS, Scaled, scaled
from optimiser.forecasting.smoothings import LEVEL, RETURN, SEASON, TREND, Bank, bank

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

CYCLES_FOR_SEASONS: Final = 3
"""Seasons are looked for only in a history of so many cycles."""
LONGEST_HISTORY: Final = 120
"""Assumption (ours): what is older than 120 periods says nothing about the next ones."""
UNCLEAR: Final = 2
MOST_OF_HISTORY: Final = 20.0
"""Assumption (ours): no period brings more than 20 times the most there has been."""


@dataclass(frozen=True)
class Averaged:
    """The posterior over a bank for one history.

    Attributes
    ----------
    bank : Bank
        The smoothings, for this length.
    scales : tuple of Scaled
        The history on each scale.
    weighed : tuple of (Weighed, Evidence)
        Each pattern of breaks with the evidence under it.
    weights : ndarray, shape (n_patterns, n_models, n_scales)
        Posterior weights; they add up to 1.
    highest : float
        The most of the history, for the limit of paths.
    """

    bank: Bank
    scales: tuple[Scaled, ...]
    weighed: tuple[tuple[Weighed, Evidence], ...]
    weights: Floats
    highest: float

    def sample(self, horizon: int, paths: int, rng: np.random.Generator) -> Floats:
        """Return sample paths, shape (paths, horizon), in the unit of the history, at least 0."""
        which = _systematic(self.weights, paths, rng)
        drawn = _drawn(self, which, rng)
        future = _run(self.bank, drawn, horizon, rng)
        values = np.empty((paths, horizon))
        for number, scale in enumerate(self.scales):
            of_scale = drawn.scale == number
            values[of_scale] = scale.back(future[of_scale])
        limited: Floats = np.minimum(values, MOST_OF_HISTORY * self.highest)
        return limited

    def breaks(self) -> dict[Intervention, float]:
        """Return how likely each break is that was weighed at all."""
        likely: dict[Intervention, float] = {}
        for (weighed, _), weight in zip(self.weighed, self.weights.sum(axis=(1, 2)), strict=True):
            for one in weighed.pattern:
                likely[one] = likely.get(one, 0.0) + float(weight)
        return likely

    def settled(self, history: Floats) -> Floats:
        """Return a history with its likeliest breaks taken out: shifts from the beginning, outliers gone.

        A break in the last two periods stays: it cannot yet be told what it was.
        """
        pattern, model, scale = np.unravel_index(int(np.argmax(self.weights)), self.weights.shape)
        weighed, posterior = self.weighed[pattern]
        of_scale = self.scales[scale]
        periods = len(of_scale.values)
        told = np.array([one.at < periods - UNCLEAR for one in weighed.pattern], dtype=bool)
        if not told.any():
            return history
        lasting = np.array([one.kind is Kind.SHIFT for one in weighed.pattern], dtype=np.float64)
        sizes = posterior.coefficients[model, self.bank.design.shape[2] :, scale] * SIZE * told
        moved = of_scale.values + (lasting - effects(weighed.pattern, periods)) @ sizes
        settled: Floats = np.concatenate([history[: len(history) - periods], of_scale.back(moved)])
        return settled


def averaged(history: Floats, *, season: int, breaks: Sequence[int] = ()) -> Averaged:
    """Return the posterior for a history (≥ 0) with known breaks inside it."""
    start = max(len(history) - LONGEST_HISTORY, 0)
    recent = history[start:]
    cycle = season if len(recent) >= CYCLES_FOR_SEASONS * season else 1
    models = bank(len(recent), cycle)
    scales = tuple(scaled(recent, power) for power in POWERS)
    floor = np.array([scale.floor for scale in scales])
    jacobian = np.array([scale.log_jacobian for scale in scales])
    errors = models.filters @ np.array([scale.values for scale in scales]).T
    plain = evidence(errors, models.design, floor)
    likeliest = int(np.argmax(log_sum(plain.log_likelihood + models.log_prior[:, None]) + jacobian))
    inside = [at - start for at in breaks if at > start]
    found = patterns(scales[likeliest].values, models, float(floor[likeliest]), inside)
    weighed = tuple(
        (
            one,
            evidence(errors, extended(models.design, models.filters, one.pattern), floor)
            if one.pattern
            else plain,
        )
        for one in found
    )
    logs = np.array([of.log_likelihood + one.log_prior for one, of in weighed])
    logs += models.log_prior[:, None] + jacobian
    weights = np.exp(logs - logs.max())
    return Averaged(models, scales, weighed, weights / weights.sum(), float(history.max()))


@dataclass(frozen=True)
class _Drawn:
    """One draw for each path: its history without effects, its states at the start, its spread."""

    model: Ints
    scale: Ints
    cleaned: Floats
    level: Floats
    trend: Floats
    seasons: Floats
    spread: Floats
    shift: Floats


def _systematic(weights: Floats, paths: int, rng: np.random.Generator) -> tuple[Ints, Ints, Ints]:
    """Draw pattern, model and scale for each path, each as often as its weight says, in a random order."""
    points = (np.arange(paths) + rng.random()) / paths
    cells = np.minimum(np.searchsorted(np.cumsum(weights.ravel()), points), weights.size - 1)
    pattern, model, scale = np.unravel_index(rng.permutation(cells), weights.shape)
    return pattern.astype(np.int64), model.astype(np.int64), scale.astype(np.int64)


def _drawn(of: Averaged, which: tuple[Ints, Ints, Ints], rng: np.random.Generator) -> _Drawn:
    """Draw coefficients and spread from the posterior of the cell of each path."""
    pattern, model, scale = which
    histories = np.array([one.values for one in of.scales])
    periods = histories.shape[1]
    cleaned = histories[scale]
    began = np.zeros((len(model), of.bank.design.shape[2]))
    spread, shift = np.zeros(len(model)), np.zeros(len(model))
    for number, (weighed, posterior) in enumerate(of.weighed):
        here = np.flatnonzero(pattern == number)
        if not len(here):
            continue
        spread[here] = np.sqrt(
            posterior.squares[model[here], scale[here]] / rng.chisquare(posterior.freedom, len(here))
        )
        noise = rng.standard_normal((len(here), posterior.precision.shape[1]))
        off = _turned(posterior.root, model[here], noise) * spread[here, None]
        values = posterior.coefficients[model[here], :, scale[here]] + off
        columns = of.bank.design.shape[2]
        began[here] = values[:, :columns] * of.bank.spread[model[here]]
        sizes = values[:, columns:] * SIZE
        cleaned[here] -= began[here, LEVEL, None] + sizes @ effects(weighed.pattern, periods).T
        lasting = np.array([one.kind is Kind.SHIFT for one in weighed.pattern], dtype=np.float64)
        shift[here] = began[here, LEVEL] + sizes @ lasting
    seasons = began[:, SEASON:].T if of.bank.season > 1 else np.zeros((1, len(model)))
    return _Drawn(model, scale, cleaned, began[:, RETURN], began[:, TREND], seasons, spread, shift)


def _turned(root: Floats, model: Ints, noise: Floats) -> Floats:
    """Give standard normals the covariance that is the inverse of root·rootᵀ, model by model."""
    used, where = np.unique(model, return_inverse=True)
    inverse = np.linalg.inv(root[used])
    turned: Floats = np.einsum("nkl,nk->nl", inverse[where], noise)
    return turned


def _run(bank: Bank, drawn: _Drawn, horizon: int, rng: np.random.Generator) -> Floats:
    """Run each path's model over its history and on, with errors of its spread, on its scale."""
    model = drawn.model
    keeps, damping = bank.keeps[model], bank.damping[model]
    alpha, beta, gamma = bank.alpha[model], bank.beta[model], bank.gamma[model]
    level, trend, seasons = drawn.level.copy(), drawn.trend.copy(), drawn.seasons.copy()
    periods = drawn.cleaned.shape[1]
    noise = rng.standard_normal((horizon, len(model))) * drawn.spread
    future = np.empty((len(model), horizon))
    for t in range(periods + horizon):
        carried = keeps * level + damping * trend
        season = seasons[t % bank.season]
        if t < periods:
            error = drawn.cleaned[:, t] - carried - season
        else:
            error = noise[t - periods]
            future[:, t - periods] = carried + season + error
        level = carried + alpha * error
        trend = damping * trend + beta * error
        season += gamma * error
    return future + drawn.shift[:, None]
