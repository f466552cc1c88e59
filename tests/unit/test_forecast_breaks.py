"""Breaks in a history: found where they are, weighed where they are told, never seen before they happen."""

from __future__ import annotations

import numpy as np
import pytest

from optimiser.forecasting.averaging import averaged
from optimiser.forecasting.backtest import backtest
from optimiser.forecasting.forecast import forecast
from optimiser.forecasting.interventions import Intervention, Kind
from optimiser.forecasting.past import past


def steady(
    seed: int, periods: int = 48, level: float = 200.0
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Noise of 5 % around a level."""
    return level * (1 + 0.05 * np.random.default_rng(seed).standard_normal(periods))


def test_a_level_that_doubled_is_found_and_forecast_from() -> None:
    history = steady(1)
    history[30:] *= 2

    said = forecast(history, horizon=4, method="average")

    assert [(one.at, one.kind) for one in said.breaks] == [(30, "shift")]
    low, high = said.interval(0.95)
    assert (low > 300).all()
    assert (high < 500).all()


def test_a_period_that_stood_out_is_found_and_not_forecast_from() -> None:
    history = steady(2)
    history[40] *= 0.4

    said = forecast(history, horizon=4, method="average")

    assert [(one.at, one.kind) for one in said.breaks] == [(40, "outlier")]
    assert said.mean == pytest.approx(np.full(4, 200.0), rel=0.05)


def test_a_history_without_a_break_is_seldom_said_to_have_one() -> None:
    likely = [averaged(steady(seed), season=4).breaks() for seed in range(40)]

    assert sum(1 for breaks in likely if max(breaks.values(), default=0.0) > 0.5) <= 2


def test_a_known_break_of_one_period_may_have_been_either_kind() -> None:
    history = steady(3)
    history[-1] *= 0.5

    likely = averaged(history, season=4, breaks=(47,)).breaks()

    shift, outlier = likely[Intervention(Kind.SHIFT, 47)], likely[Intervention(Kind.OUTLIER, 47)]
    assert min(shift, outlier) > 0.3


def test_a_known_break_that_changed_nothing_is_weighed_down() -> None:
    likely = averaged(steady(4), season=4, breaks=(24,)).breaks()

    assert all(probability < 0.5 for probability in likely.values())


def test_breaks_taken_out_leave_the_present_as_it_is() -> None:
    history = steady(5)
    history[:20] *= 0.4
    history[35] *= 3

    settled = past(history).settled

    assert settled[-10:] == pytest.approx(history[-10:])
    assert settled[:20].mean() == pytest.approx(200.0, rel=0.06)
    assert settled[35] == pytest.approx(200.0, rel=0.2)


def test_what_comes_after_an_origin_changes_nothing_that_was_said_there() -> None:
    history = steady(6, 40)
    otherwise = history.copy()
    otherwise[36:] *= 5
    codes = ("naive", "theta", "average", "combined")

    said, said_otherwise = (
        backtest(one, horizons=4, methods=codes, breaks=(20, 36)) for one in (history, otherwise)
    )

    for one, other in zip(said.shown, said_otherwise.shown, strict=True):
        if one.origin <= 36:
            assert (one.median, one.low, one.high) == (other.median, other.low, other.high)


def test_an_origin_is_told_only_of_breaks_before_it() -> None:
    whole = past(steady(7), breaks=(20, 40))

    assert whole.until(40).breaks == (20,)
    assert whole.until(41).breaks == (20, 40)
