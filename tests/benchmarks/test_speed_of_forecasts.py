"""One forecast of sixty quarters, once everything is loaded. The aim: under half a second on one core."""

from __future__ import annotations

from pytest_benchmark.fixture import BenchmarkFixture

from optimiser.forecasting.forecast import forecast
from tests.simulated_series import series

SIXTY = series("random_walk_with_drift", 1, 60)


def test_a_forecast_with_its_choice_of_method(benchmark: BenchmarkFixture) -> None:
    said = benchmark(lambda: forecast(SIXTY, horizon=8))

    assert said.tried is not None


def test_a_forecast_with_known_breaks(benchmark: BenchmarkFixture) -> None:
    said = benchmark(lambda: forecast(SIXTY, horizon=8, breaks=(20, 45)))

    assert said.paths.shape == (1000, 8)
