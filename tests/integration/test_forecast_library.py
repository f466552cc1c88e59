"""Ours against statsmodels: the same errors, nearly the same theta; and its own methods among the others."""

from __future__ import annotations

import numpy as np
import pytest
from statsmodels.tsa.exponential_smoothing.ets import ETSModel
from statsmodels.tsa.forecasting.theta import ThetaModel

from optimiser.forecasting.backtest import backtest, rolled
from optimiser.forecasting.forecast import forecast
from optimiser.forecasting.methods import draw
from optimiser.forecasting.past import past
from optimiser.forecasting.smoothings import LEVEL, TREND, bank
from tests.simulated_series import series

GROWING = series("random_walk_with_drift", 1, 40)


@pytest.mark.parametrize(("damped", "damping"), [(False, 1.0), (True, 0.95)])
def test_a_model_of_the_bank_misses_by_what_that_of_statsmodels_misses_by(
    damped: bool, damping: float
) -> None:
    models, logs = bank(40, 1), np.log(GROWING)
    i = int(np.flatnonzero((models.damping == damping) & (models.beta > 0) & (models.alpha < 1))[0])
    theirs = ETSModel(
        logs,
        trend="add",
        damped_trend=damped,
        initialization_method="known",
        initial_level=logs[0],
        initial_trend=0.02,
    )
    smoothed = [models.alpha[i], models.beta[i], *([damping] if damped else [])]
    began = np.zeros(models.design.shape[2])
    began[[LEVEL, TREND]] = logs[0] / models.spread[i, LEVEL], 0.02 / models.spread[i, TREND]

    ours = models.filters[i] @ logs - models.design[i] @ began

    assert ours == pytest.approx(theirs.smooth([*smoothed, logs[0], 0.02]).resid, abs=1e-9)


def test_our_theta_is_near_that_of_statsmodels() -> None:
    for number in range(6):
        history = series("random_walk_with_drift", number, 48)

        ours = np.median(draw(past(history, season=1), "theta", 4, 4000, 1), axis=0)

        fitted = ThetaModel(np.log(history), period=4, deseasonalize=False).fit()
        assert ours == pytest.approx(np.exp(fitted.forecast(4).to_numpy()), rel=0.04)


@pytest.mark.parametrize("code", ["ets", "damped", "structural"])
def test_the_methods_of_statsmodels_forecast_as_the_others_do(code: str) -> None:
    said, again = (forecast(GROWING, horizon=4, method=code, paths=300) for _ in range(2))

    assert (said.paths == again.paths).all()
    assert said.paths.shape == (300, 4)
    assert (said.paths >= 0).all()
    low, high = said.interval(0.95)
    assert ((low < GROWING[-1]) & (GROWING[-1] < high)).all()
    assert np.diff(high / low).min() > 0


def test_the_methods_of_statsmodels_are_tried_beside_the_others() -> None:
    tried = rolled(past(GROWING), ("theta", "ets", "damped", "structural"), (34, 36), horizons=2, seed=0)

    assert tried.methods == ("naive", "theta", "ets", "damped", "structural")
    assert all(row.crps > 0 for row in tried.rows)


def test_they_are_not_tried_from_origins_too_early_for_them() -> None:
    early, later = (backtest(GROWING[:periods], horizons=1, least_origins=10).methods for periods in (21, 22))

    assert "ets" not in early
    assert "ets" in later


def test_a_history_that_never_changes_is_no_trouble_to_them() -> None:
    paths = draw(past(np.full(24, 50.0)), "ets", 4, 100, 1)

    assert paths.mean() == pytest.approx(50, abs=1)


def test_too_short_a_history_for_them_is_refused() -> None:
    with pytest.raises(ValueError, match="history: 12 periods"):
        forecast(GROWING[:11], horizon=2, method="ets")
