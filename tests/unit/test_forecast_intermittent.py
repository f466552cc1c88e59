"""Croston, SBA and TSB: by hand, and as whole counts."""

from __future__ import annotations

import numpy as np
import pytest

from optimiser.forecasting.intermittent import croston_rates, tsb_rates
from optimiser.forecasting.methods import draw, suitable
from optimiser.forecasting.past import past

SPARSE = np.array([0, 3, 0, 0, 2, 0, 0, 0, 1, 0, 4, 0] * 4, dtype=np.float64)


def test_croston_smooths_sizes_and_intervals_when_something_comes() -> None:
    rates = croston_rates(np.array([0.0, 0.0, 6.0, 0.0, 2.0]), 0.5)

    # begins with 6 every 3 periods; after the 2: size (6 + 2) / 2, interval (3 + 2) / 2
    assert rates.tolist() == [2.0, 2.0, 2.0, 2.0, 2.0, 4 / 2.5]


def test_tsb_fades_while_nothing_comes() -> None:
    rates = tsb_rates(np.array([2.0, 2.0, 0.0, 0.0]), 0.5)

    # chance 1/2 at first, then 3/4, 7/8, 7/16, 7/32; size 2
    assert rates.tolist() == [1.0, 1.5, 1.75, 0.875, 0.4375]


def test_croston_keeps_its_rate_while_nothing_comes() -> None:
    rates = croston_rates(np.array([2.0, 2.0, 0.0, 0.0]), 0.5)

    assert rates[-1] == rates[2]


@pytest.mark.parametrize("code", ["croston", "sba", "tsb"])
def test_paths_are_whole_counts_around_the_rate(code: str) -> None:
    paths = draw(past(SPARSE), code, 6, 4000, 1)

    assert (paths == np.round(paths)).all()
    assert paths.mean() == pytest.approx(SPARSE.mean(), rel=0.25)
    assert paths.var() > paths.mean()


def test_sba_is_below_croston() -> None:
    assert draw(past(SPARSE), "sba", 6, 4000, 1).mean() < draw(past(SPARSE), "croston", 6, 4000, 1).mean()


def test_they_are_tried_only_where_periods_are_empty() -> None:
    assert "tsb" in suitable(past(SPARSE), by_library=False)
    assert "tsb" not in suitable(past(SPARSE + 1), by_library=False)
