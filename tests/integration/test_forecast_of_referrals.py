"""The forecast of the real series against what came, and its intervals against series whose law is known."""

from __future__ import annotations

import numpy as np
import pytest

from beds.domain.terms import Nation
from beds.nrm_series import annual_referrals, quarterly_positive_grounds, quarterly_referrals
from optimiser.forecasting.averaging import averaged
from optimiser.forecasting.backtest import backtest
from optimiser.forecasting.forecast import forecast
from optimiser.forecasting.scores import LEVELS, scores
from tests.simulated_series import PROCESSES, series

QUICK = ("naive", "seasonal_naive", "drift", "theta", "average", "combined")
A_PROCESS, PERIODS, AHEAD = 14, 48, 8


@pytest.mark.parametrize("group", ["all", "adult", "child"])
def test_the_winner_beats_a_year_ago_at_every_horizon_up_to_a_year(group: str) -> None:
    referrals = quarterly_referrals(group=group)

    tried = backtest(referrals.values, methods=QUICK, breaks=referrals.break_indices)

    assert all(row.origins >= 20 for row in tried.rows)
    assert tried.better(tried.winner, "seasonal_naive")[:4] == (True,) * 4
    assert "seasonal_naive" not in tried.loses_to(tried.winner)


def test_the_forecast_of_referrals_says_what_it_is_and_reckons_with_the_lockdown() -> None:
    referrals = quarterly_referrals()

    said = forecast(referrals.values, horizon=8, breaks=referrals.break_indices)

    assert said.loses_to == ()
    assert "over 20 origins" in said.sentence
    assert [referrals.periods[one.at] for one in said.breaks] == ["2020-Q2"]
    low, high = said.interval(0.95)
    assert (low > 2000).all()
    assert (high < 25_000).all()


def test_after_the_test_changed_adults_with_positive_grounds_are_not_forecast_as_before() -> None:
    grounds = quarterly_positive_grounds(group="adult")

    told = forecast(grounds.values, horizon=4, breaks=grounds.break_indices, method="theta")
    before = forecast(grounds.values[:36], horizon=8, breaks=(25,), method="theta")

    assert (told.quantile(0.5) < 1500).all()
    assert (before.quantile(0.5)[4:] > 1900).all()
    assert "2023-Q1" in [grounds.periods[one.at] for one in told.breaks]


def test_eight_years_of_scotland_are_enough_for_a_wide_forecast() -> None:
    years = annual_referrals(Nation.SCOTLAND)

    said = forecast(years.values, horizon=2, season=years.season)

    low, high = said.interval(0.8)
    assert (high / low > 1.8).all()
    assert said.sentence.startswith("Not tried")


def test_intervals_hold_as_often_as_they_say_over_processes_that_are_known() -> None:
    held = []
    for process in PROCESSES:
        for number in range(A_PROCESS):
            values = series(process, number, PERIODS + AHEAD)
            posterior = averaged(values[:PERIODS], season=4)
            paths = posterior.sample(AHEAD, 400, np.random.default_rng(number))
            held.append(scores(paths, values[PERIODS:]).held.mean(axis=1))

    shares, doubt = np.mean(held, axis=0), np.std(held, axis=0) / np.sqrt(len(held))
    assert (np.abs(shares - np.array(LEVELS)) < 3 * doubt + 0.01).all(), shares
