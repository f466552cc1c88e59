"""The bank of smoothings and its evidence, against the same written out one by one."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from optimiser.forecasting.evidence import evidence, log_sum
from optimiser.forecasting.scales import POWERS, scaled
from optimiser.forecasting.smoothings import LEVEL, SEASON, TREND, Bank, bank

Floats = NDArray[np.float64]


def errors_step_by_step(models: Bank, i: int, values: Floats, level: float, seasons: Floats) -> Floats:
    """The errors of one model by its equations, from a level and seasons it began with."""
    r, d, alpha = models.keeps[i], models.damping[i], models.alpha[i]
    beta, gamma = models.beta[i], models.gamma[i]
    wanders, trend, states = 0.0, 0.0, seasons.copy()
    errors = []
    for t, value in enumerate(values):
        at = t % len(states)
        error = value - (level + r * wanders + d * trend + states[at])
        errors.append(error)
        wanders, trend = r * wanders + d * trend + alpha * error, d * trend + beta * error
        states[at] += gamma * error
    return np.array(errors)


@pytest.mark.parametrize("season", [1, 4])
def test_the_matrix_of_a_model_gives_the_errors_of_its_equations(season: int) -> None:
    models, values = bank(30, season), np.random.default_rng(2).normal(10, 3, 30)
    seasons = np.arange(season) - (season - 1) / 2

    for i in range(0, len(models.alpha), 7):
        began = np.zeros(models.design.shape[2])
        began[LEVEL] = 9.0 / models.spread[i, LEVEL]
        if season > 1 and models.seasonal[i]:
            began[SEASON:] = seasons / models.spread[i, SEASON:]
        by_matrix = models.filters[i] @ values - models.design[i] @ began

        written_out = errors_step_by_step(models, i, values, 9.0, seasons * models.seasonal[i])

        assert by_matrix == pytest.approx(written_out, abs=1e-8)


def test_a_straight_line_leaves_no_error_to_a_trend() -> None:
    models = bank(20, 1)
    line = 3.0 + 0.5 * np.arange(1, 21)
    i = int(np.flatnonzero((models.damping == 1) & (models.beta == 0))[0])
    began = np.zeros(models.design.shape[2])
    began[[LEVEL, TREND]] = 3.0 / models.spread[i, LEVEL], 0.5 / models.spread[i, TREND]

    errors = models.filters[i] @ line - models.design[i] @ began

    assert errors == pytest.approx(np.zeros(20), abs=1e-9)


def test_the_bank_of_a_shorter_history_is_a_part_of_the_longer_one() -> None:
    longer, shorter = bank(40, 4), bank(33, 4)

    assert (longer.filters[:, :33, :33] == shorter.filters).all()
    assert np.exp(shorter.log_prior).sum() == pytest.approx(1.0)


def test_the_evidence_is_that_of_the_joint_normal_law() -> None:
    rng = np.random.default_rng(3)
    errors, design = rng.normal(size=(2, 12, 1)), rng.normal(size=(2, 12, 3))

    got = evidence(errors, design, np.array([0.0]))

    for model in range(2):
        joint = np.eye(12) + design[model] @ design[model].T
        left = errors[model, :, 0] @ np.linalg.solve(joint, errors[model, :, 0])
        log_likelihood = -0.5 * np.linalg.slogdet(joint)[1] - 0.5 * 11 * np.log(left)
        assert got.squares[model, 0] == pytest.approx(left)
        assert got.log_likelihood[model, 0] == pytest.approx(log_likelihood)


def test_a_sum_of_logarithms_does_not_overflow() -> None:
    assert log_sum(np.array([1000.0, 1000.0])) == pytest.approx(1000.0 + np.log(2))


@pytest.mark.parametrize("power", POWERS)
@pytest.mark.parametrize("history", [[3.0, 10.0, 4.5, 70.0], [0.0, 2.0, 0.0, 9.0]])
def test_what_goes_to_a_scale_comes_back(power: float, history: list[float]) -> None:
    there = scaled(np.array(history), power)

    assert there.back(there.values) == pytest.approx(np.array(history), abs=1e-9)
    assert (there.back(np.full(3, -1e6)) == 0).all()


@pytest.mark.parametrize("power", POWERS)
def test_a_scale_says_by_how_much_it_stretches_densities(power: float) -> None:
    history = np.array([3.0, 10.0, 4.5, 70.0])
    there = scaled(history, power)

    step = 1e-5
    slopes = [2 * step / (there.back(one + step) - there.back(one - step)) for one in there.values]

    assert there.log_jacobian == pytest.approx(np.log(slopes).sum(), rel=1e-5)
