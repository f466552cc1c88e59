"""The links of the chain as distributions: what counts say of a share, and what moves it."""

from __future__ import annotations

import numpy as np
import pytest

from optimiser.chain import (
    BetaShare,
    growth,
    level_of_counts,
    odds_moved,
    points,
    share_of_periods,
    triangular,
    triangular_middles,
)

RNG_SEED = 5


def test_a_share_of_steady_periods_is_as_narrow_as_its_counts() -> None:
    share = share_of_periods(np.array([500.0, 505.0, 495.0]), np.array([1_000.0] * 3))

    assert share.mean == pytest.approx(0.5)
    assert share == BetaShare(1_501.0, 1_501.0)


def test_a_share_that_moves_from_period_to_period_is_known_as_that_says() -> None:
    """Adults with positive grounds, by quarter of 2023: 51, 27, 45 and 41 per cent."""
    positive, total = np.array([1011.0, 461, 935, 957]), np.array([1991.0, 1687, 2086, 2362])

    share = share_of_periods(positive, total)

    drawn = share.draws(np.random.default_rng(RNG_SEED), 20_000)
    assert share.mean == pytest.approx(3364 / 8126, abs=0.002)
    assert drawn.std() > 8 * (0.414 * 0.586 / 8126) ** 0.5
    assert drawn.std() == pytest.approx((positive / total).std(ddof=1) / 2, rel=0.2)


def test_one_period_and_a_share_of_nothing_are_shares_too() -> None:
    assert share_of_periods(np.array([6462.0]), np.array([6993.0])).mean == pytest.approx(0.924, abs=0.001)
    assert share_of_periods(np.array([0.0, 0.0]), np.array([10.0, 10.0])) == BetaShare(1.0, 21.0)


def test_the_middles_of_a_triangle_are_those_of_its_draws() -> None:
    drawn = np.sort(triangular(np.random.default_rng(RNG_SEED), 72, 141, 304, 200_000))

    middles = triangular_middles(72, 141, 304, 5)

    assert middles == pytest.approx(
        [drawn[int(part * len(drawn))] for part in (0.1, 0.3, 0.5, 0.7, 0.9)], rel=0.01
    )


@pytest.mark.parametrize(("low", "likely", "high"), [(0.2, 0.2, 0.6), (0.1, 0.6, 0.6), (0.3, 0.3, 0.3)])
def test_a_triangle_may_lean_against_its_end_or_have_no_width(low: float, likely: float, high: float) -> None:
    middles = triangular_middles(low, likely, high, 7)
    drawn = triangular(np.random.default_rng(RNG_SEED), low, likely, high, 1_000)

    assert (np.diff(middles) >= 0).all()
    for values in (middles, drawn):
        assert values.min() >= low
        assert values.max() <= high


def test_odds_that_did_not_move_leave_a_share_as_it_was() -> None:
    share = np.array([0.0, 0.2, 0.9, 1.0])

    moved = odds_moved(share, np.full(4, 0.55), np.full(4, 0.55))

    assert moved == pytest.approx(share, abs=1e-6)


def test_a_share_stays_one_however_far_its_odds_move() -> None:
    moved = odds_moved(np.array([0.9]), np.array([0.01]), np.array([0.99]))

    assert 0.99 < moved[0] < 1.0


def test_growth_is_compounded_and_falls_where_it_is_negative() -> None:
    assert growth(1_461, 0.1)[-1] == pytest.approx(1.1**4)
    assert growth(1_461, -0.5)[-1] == pytest.approx(0.5**4)
    assert growth(30, 0.0).tolist() == [1.0] * 30


def test_arrivals_that_come_in_bunches_are_known_less_well() -> None:
    steady, bunched = np.full(52, 6.0), np.tile([0.0, 12.0], 26)

    levels = [level_of_counts(np.random.default_rng(RNG_SEED), weeks, 20_000) for weeks in (steady, bunched)]

    assert [level.mean() for level in levels] == pytest.approx([6.0, 6.0], rel=0.02)
    assert levels[0].std() == pytest.approx((6 / 52) ** 0.5, rel=0.05)
    assert levels[1].std() == pytest.approx((36 / 52) ** 0.5, rel=0.1)


def test_the_points_of_draws_are_their_quantiles() -> None:
    assert points(np.arange(101.0)) == (5.0, 50.0, 95.0)
