"""A forecast as a function of its history: what it accepts, what it promises, what it admits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from optimiser.forecasting.forecast import forecast
from tests.simulated_series import series

Floats = NDArray[np.float64]
GROWING: Floats = series("random_walk_with_drift", 1, 40)


def test_the_same_seed_gives_the_same_paths_and_another_one_others() -> None:
    first, again, other = (forecast(GROWING, horizon=3, seed=seed).paths for seed in (5, 5, 6))

    assert (first == again).all()
    assert (first != other).any()


def test_paths_are_as_many_and_as_long_as_asked_and_not_negative() -> None:
    said = forecast(GROWING, horizon=6, paths=70)

    assert said.paths.shape == (70, 6)
    assert (said.paths >= 0).all()
    assert said.quantile((0.1, 0.5)).shape == (2, 6)


def test_a_wider_interval_holds_a_narrower_one() -> None:
    said = forecast(GROWING, horizon=4)

    (low, high), (lower, higher) = said.interval(0.5), said.interval(0.95)
    assert (lower < low).all()
    assert (high < higher).all()


def test_nothing_outside_is_changed() -> None:
    history = GROWING.copy()

    forecast(history, horizon=2)

    assert (history == GROWING).all()


@pytest.mark.parametrize(
    ("history", "season"),
    [
        pytest.param([150, 207, 228, 512, 387, 419, 621, 728], 1, id="eight years"),
        pytest.param([0.0] * 24, 4, id="nothing ever"),
        pytest.param([5.0] * 24, 4, id="always the same"),
        pytest.param([0, 0, 3, 0] * 8, 4, id="mostly nothing"),
        pytest.param([0.0] * 23 + [9.0], 4, id="nothing until now"),
        pytest.param(2.0 ** np.arange(24), 4, id="doubling"),
        pytest.param(100 + np.arange(36) % 12, 12, id="months"),
        pytest.param(np.tile([1.0, 2.0], 120), 2, id="longer than is looked at"),
    ],
)
def test_any_history_of_counts_has_a_finite_forecast(history: Any, season: int) -> None:
    said = forecast(np.array(history, dtype=np.float64), horizon=8, season=season)

    assert np.isfinite(said.paths).all()
    assert (said.paths >= 0).all()
    assert said.sentence


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"history": np.ones(7)}, "history: 8 periods"),
        ({"history": np.ones((8, 2))}, "history: 8 periods"),
        ({"history": np.r_[GROWING, np.nan]}, "history: finite"),
        ({"history": np.r_[GROWING, -1.0]}, "history: finite"),
        ({"horizon": 0}, "horizon: 1 to 80"),
        ({"season": 0}, "season: 1 to 24"),
        ({"season": 25}, "season: 1 to 24"),
        ({"breaks": (40,)}, "breaks: periods of the history"),
        ({"breaks": (0,)}, "breaks: periods of the history"),
        ({"method": "oracle"}, "methods: naive, "),
        ({"paths": 0}, "paths: 1 or more"),
    ],
)
def test_what_is_not_accepted_is_named(arguments: dict[str, Any], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        forecast(**{"history": GROWING, "horizon": 4, **arguments})


def test_months_that_repeat_are_forecast_as_they_repeat() -> None:
    year = 100 + 20 * np.sin(np.arange(12) * np.pi / 6)
    history = np.tile(year, 5) + np.random.default_rng(1).normal(0, 2, 60)

    said = forecast(history, horizon=12, season=12)

    assert said.mean == pytest.approx(year, abs=4)


def test_a_forecast_that_beats_the_naive_ones_says_by_how_much() -> None:
    said = forecast(series("level_that_returns", 3, 60), horizon=4)

    assert said.loses_to == ()
    assert "% lower than “as in the last period”" in said.sentence
    assert "over 20 origins" in said.sentence


def test_a_forecast_that_loses_to_the_naive_one_says_so() -> None:
    said = forecast(GROWING, horizon=4, method="croston")

    assert "naive" in said.loses_to
    assert "loses to “as in the last period”" in said.sentence


def test_a_history_too_short_to_try_anything_on_says_so() -> None:
    said = forecast(GROWING[:9], horizon=4)

    assert said.tried is None
    assert said.sentence.startswith("Not tried on the past")


def test_a_history_of_mostly_nothing_may_yet_bring_something() -> None:
    said = forecast(np.zeros(20), horizon=4)

    assert said.method == "tsb"
    assert 0 < said.paths.mean() < 0.2


def test_poisson_counts_around_the_rates_vary_as_the_paths_do() -> None:
    said = forecast(series("small_counts", 2, 60), horizon=4, paths=4000)

    counts = np.random.default_rng(1).poisson(said.rates()).astype(np.float64)

    assert counts.mean(axis=0) == pytest.approx(said.mean, rel=0.03)
    assert counts.std(axis=0) == pytest.approx(said.paths.std(axis=0), rel=0.08)


def test_rates_of_a_steadier_series_than_poisson_are_its_mean() -> None:
    said = forecast(np.tile([50.0, 51.0, 49.0], 10), horizon=2, season=1, method="average")

    assert said.rates().std(axis=0) == pytest.approx(np.zeros(2), abs=1e-9)
