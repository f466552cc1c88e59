"""Scores against their definitions, and against what is known of the normal law."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest, norm

from optimiser.forecasting.scores import LEVELS, SHARES, coverage, crps, scores


def test_crps_is_the_mean_distance_less_half_the_mean_distance_among_paths() -> None:
    rng = np.random.default_rng(1)
    paths, actual = rng.normal(5, 2, (40, 3)), np.array([4.0, 5.0, 9.0])

    score = crps(paths, actual)

    among = np.abs(paths[:, None] - paths[None]).mean(axis=(0, 1)) / 2
    assert score == pytest.approx(np.abs(paths - actual).mean(axis=0) - among)


def test_crps_of_many_normal_paths_is_that_of_the_normal_law() -> None:
    paths = norm.ppf((np.arange(20_000) + 0.5) / 20_000)[:, None]

    score = crps(paths, np.array([0.7]))

    exact = 0.7 * (2 * norm.cdf(0.7) - 1) + 2 * norm.pdf(0.7) - 1 / np.sqrt(np.pi)
    assert score[0] == pytest.approx(exact, abs=1e-3)


def test_a_sure_and_true_forecast_scores_nothing() -> None:
    got = scores(np.full((10, 2), 7.0), np.array([7.0, 7.0]))

    assert got.crps.tolist() == [0.0, 0.0]
    assert got.pinball.tolist() == [0.0, 0.0]
    assert got.held.all()


def test_pinball_loss_is_the_mean_over_the_shares() -> None:
    paths, actual = np.arange(101.0)[:, None], np.array([60.0])

    got = scores(paths, actual)

    losses = [max(share * (60 - 100 * share), (share - 1) * (60 - 100 * share)) for share in SHARES]
    assert got.pinball[0] == pytest.approx(np.mean(losses))
    assert (got.low[0], got.median[0], got.high[0]) == (10.0, 50.0, 90.0)


def test_an_interval_holds_what_lies_between_its_ends() -> None:
    paths = np.arange(101.0)[:, None].repeat(3, axis=1)

    got = scores(paths, np.array([50.0, 12.0, 98.5]))

    assert len(LEVELS) == len(got.held)
    assert got.held.tolist() == [[True, False, False], [True, True, False], [True, True, False]]


@pytest.mark.parametrize(("held", "of"), [(0, 20), (7, 20), (20, 20), (412, 430)])
def test_the_doubt_about_a_coverage_is_the_exact_binomial_one(held: int, of: int) -> None:
    one = coverage(0.8, held, of)

    exact = binomtest(held, of).proportion_ci(method="exact")
    assert (one.low, one.high) == pytest.approx((exact.low, exact.high))
    assert one.share == held / of


def test_a_coverage_agrees_with_its_level_when_that_is_within_the_doubt() -> None:
    assert coverage(0.8, 15, 20).agrees
    assert not coverage(0.8, 5, 20).agrees
