"""How well each model of a bank explains a history: linear regression with a conjugate prior, model by model.

errors of the history = design · θ + e,  θ ~ N(0, σ²),  e ~ N(0, σ²),  σ² with Jeffreys' prior: the posterior
and the marginal likelihood have closed forms. Nothing here chooses or forecasts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Evidence:
    """The posterior of each model on each scale, and its marginal likelihood.

    Attributes
    ----------
    log_likelihood : ndarray, shape (n_models, n_scales)
        Up to a constant that all models and scales share.
    coefficients : ndarray, shape (n_models, n_columns, n_scales)
        Posterior means in units of prior spreads.
    precision : ndarray, shape (n_models, n_columns, n_columns)
        Posterior precision over σ².
    root : ndarray, shape (n_models, n_columns, n_columns)
        Its lower Cholesky factor.
    squares : ndarray, shape (n_models, n_scales)
        The sum of squares that is left; σ² is that over a chi-square with `freedom` degrees.
    """

    log_likelihood: Floats
    coefficients: Floats
    precision: Floats
    root: Floats
    squares: Floats
    freedom: int


def evidence(errors: Floats, design: Floats, floor: Floats) -> Evidence:
    """Return the evidence of errors, shape (n_models, periods, n_scales), under designs of columns.

    `floor` (n_scales) is the least variance to assume of one value.
    """
    turned = np.swapaxes(design, 1, 2)
    precision = turned @ design + np.eye(design.shape[2])
    projected = turned @ errors
    coefficients = np.linalg.solve(precision, projected).astype(np.float64, copy=False)
    root = np.linalg.cholesky(precision).astype(np.float64, copy=False)
    left = np.einsum("mts,mts->ms", errors, errors) - np.einsum("mks,mks->ms", projected, coefficients)
    squares = np.maximum(left, errors.shape[1] * floor)
    freedom = errors.shape[1] - 1
    log_determinant = 2.0 * np.log(np.diagonal(root, axis1=1, axis2=2)).sum(axis=1)
    return Evidence(
        log_likelihood=-0.5 * log_determinant[:, None] - 0.5 * freedom * np.log(squares),
        coefficients=coefficients,
        precision=precision,
        root=root,
        squares=squares,
        freedom=freedom,
    )


def log_sum(terms: Floats) -> Floats:
    """Return log Σ exp over the first axis."""
    highest = terms.max(axis=0)
    total: Floats = highest + np.log(np.exp(terms - highest).sum(axis=0))
    return total
