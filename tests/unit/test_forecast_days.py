"""Quarters as days and weeks: nothing lost, nothing negative, no step."""

from __future__ import annotations

import numpy as np
import pytest

from optimiser.forecasting.days import daily_rates, weekly_rates

QUARTERS = (90, 91, 92, 92)
PATHS = np.random.default_rng(1).gamma(3.0, 100.0, (50, 4))


def test_each_period_keeps_its_total() -> None:
    days = daily_rates(PATHS, period_days=QUARTERS)

    totals = np.add.reduceat(days, np.cumsum((0, *QUARTERS[:-1])), axis=1)
    assert totals == pytest.approx(PATHS)
    assert (days >= 0).all()


def test_the_rate_has_no_step_between_periods() -> None:
    days = daily_rates(np.array([[900.0, 1820.0, 920.0, 920.0]]), period_days=QUARTERS)[0]

    assert np.abs(np.diff(days)).max() < 0.5
    assert np.abs(np.diff(days))[[89, 180, 272]].max() < 0.35


def test_an_even_year_is_even_by_day() -> None:
    days = daily_rates(np.array([QUARTERS], dtype=np.float64) * 2, period_days=QUARTERS)

    assert days == pytest.approx(np.full((1, 365), 2.0))


def test_one_period_is_spread_evenly_and_nothing_stays_nothing() -> None:
    days = daily_rates(np.array([[90.0], [0.0]]), period_days=(90,))

    assert days[0] == pytest.approx(np.ones(90))
    assert (days[1] == 0).all()


def test_weeks_are_their_days_and_the_last_may_be_short() -> None:
    weeks = weekly_rates(PATHS, period_days=QUARTERS)

    days = daily_rates(PATHS, period_days=QUARTERS)
    assert weeks.shape == (50, 53)
    assert weeks[:, 0] == pytest.approx(days[:, :7].sum(axis=1))
    assert weeks[:, -1] == pytest.approx(days[:, 364])
    assert weeks.sum(axis=1) == pytest.approx(PATHS.sum(axis=1))


@pytest.mark.parametrize("period_days", [(), (90, 91), (90, 91, 92, 0)])
def test_days_that_do_not_fit_the_periods_are_refused(period_days: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="period_days: one number"):
        daily_rates(PATHS, period_days=period_days)


def test_the_curve_between_periods_is_that_of_scipy() -> None:
    from scipy.interpolate import PchipInterpolator

    rng = np.random.default_rng(5)
    for periods in (1, 2, 3, 12):
        lengths = rng.integers(1, 100, periods)
        paths = rng.gamma(1.0, 100.0, (6, periods)) * (rng.random((6, periods)) > 0.2)
        ends = np.r_[0, np.cumsum(lengths)]
        totals = np.c_[np.zeros(6), np.cumsum(paths, axis=1)]

        theirs = np.diff(PchipInterpolator(ends, totals, axis=1)(np.arange(ends[-1] + 1)), axis=1)

        assert daily_rates(paths, period_days=lengths.tolist()) == pytest.approx(theirs, abs=1e-9)
