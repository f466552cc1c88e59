"""Rolling origins: how many, scored how, and what is concluded from them."""

from __future__ import annotations

import numpy as np
import pytest

from optimiser.forecasting.backtest import Backtest, Row, backtest, rolled
from optimiser.forecasting.methods import METHODS
from optimiser.forecasting.past import past
from optimiser.forecasting.scores import coverage
from tests.simulated_series import series

QUICK = ("naive", "seasonal_naive", "drift", "theta", "average", "combined")
RETURNING = series("level_that_returns", 7, 44)


@pytest.fixture(scope="module")
def tried() -> Backtest:
    """A back-test of a series around a level."""
    return backtest(RETURNING, methods=QUICK)


def test_every_method_has_a_row_for_every_horizon_over_twenty_origins_or_more(tried: Backtest) -> None:
    assert tried.methods == QUICK
    for method in QUICK:
        assert [tried.row(method, h).origins >= 20 for h in range(1, 9)] == [True] * 8
    assert [row.origins for row in tried.rows[:8]] == [27, 26, 25, 24, 23, 22, 21, 20]


def test_each_row_says_how_often_its_intervals_held(tried: Backtest) -> None:
    for row in tried.rows:
        assert [one.level for one in row.coverage] == [0.5, 0.8, 0.95]
        held = [one.held for one in row.coverage]
        assert held == sorted(held)
        assert all(one.of == row.origins for one in row.coverage)


def test_mase_is_the_error_of_the_median_over_the_change_in_a_year(tried: Backtest) -> None:
    errors = []
    for one in tried.shown:
        if (one.method, one.horizon) == ("theta", 3):
            known = RETURNING[: one.origin]
            errors.append(abs(one.median - one.actual) / np.abs(known[4:] - known[:-4]).mean())

    assert tried.row("theta", 3).mase == pytest.approx(np.mean(errors))


def test_what_is_shown_is_what_came(tried: Backtest) -> None:
    for one in tried.shown:
        assert one.period == one.origin + one.horizon - 1
        assert one.actual == RETURNING[one.period]
        assert one.low <= one.median <= one.high


def test_a_plot_has_one_point_for_each_origin_in_the_order_of_time(tried: Backtest) -> None:
    points = tried.plotted("theta", 4)

    assert [one.period for one in points] == list(range(20, 44))
    assert {(one.method, one.horizon) for one in points} == {("theta", 4)}


def test_the_winner_has_the_lowest_score_and_naive_scores_one(tried: Backtest) -> None:
    assert tried.score("naive") == 1.0
    assert tried.score(tried.winner) == min(tried.score(method) for method in QUICK)
    assert tried.winner not in {"naive", "seasonal_naive", "drift"}
    assert tried.loses_to(tried.winner) == ()
    assert "naive" in tried.loses_to("drift")


def scored(**crps: float) -> Backtest:
    """A back-test of one origin and horizon with given scores."""
    rows = tuple(
        Row(method, METHODS[method].label, 1, 1, score, score, score, (coverage(0.5, 1, 1),))
        for method, score in crps.items()
    )
    return Backtest(rows, (), (30,), "average")


def test_the_default_is_left_only_for_what_is_a_twentieth_better() -> None:
    hardly, clearly = scored(naive=10, theta=6.0, average=6.2), scored(naive=10, theta=5.0, average=6.2)

    assert (hardly.winner, hardly.choice) == ("theta", "average")
    assert (clearly.winner, clearly.choice) == ("theta", "theta")


def test_the_sentence_names_the_winner_and_what_it_beats() -> None:
    said = scored(naive=10, seasonal_naive=20, theta=6).sentence()

    assert said == (
        "theta: smoothing with half the growth: best of 3 methods over 1 origins; "
        "CRPS 40 % lower than “as in the last period”; CRPS 70 % lower than “as a year ago”."
    )


def test_the_sentence_admits_a_loss() -> None:
    one = scored(naive=10, seasonal_naive=14, theta=12)

    assert "not the best of 3" in one.sentence("theta")
    assert "CRPS 20 % higher: it loses to “as in the last period”" in one.sentence("theta")
    assert one.better("theta", "naive") == (False,)
    assert one.better("theta", "seasonal_naive") == (True,)


def test_what_never_changes_has_no_ratio_to_divide_by() -> None:
    tried = rolled(past(np.full(20, 5.0)), ("naive", "average"), range(16, 20), horizons=2, seed=0)

    assert np.isfinite([row.mase for row in tried.rows]).all()
    assert np.isfinite(tried.score("average"))


def test_a_history_too_short_for_the_origins_is_refused() -> None:
    with pytest.raises(ValueError, match="history: 35 periods or more are accepted for 20 origins"):
        backtest(RETURNING[:34])


def test_an_unknown_method_is_refused() -> None:
    with pytest.raises(ValueError, match="methods: naive"):
        backtest(RETURNING, methods=("oracle",))
