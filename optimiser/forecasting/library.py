"""Methods of statsmodels beside our own: exponential smoothing chosen by AICc, damped trend, structural.

On the logarithm, on a history whose breaks are taken out. Statsmodels is loaded only when one of them is
asked for. It is fastest with one BLAS thread (`OPENBLAS_NUM_THREADS=1` before numpy is loaded).
"""

from __future__ import annotations

import warnings
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from optimiser.forecasting.past import Past
from optimiser.forecasting.scales import Scaled, scaled
from optimiser.forecasting.simple import LOGARITHM, drawn_spread, limited

Floats = NDArray[np.float64]

Form = tuple[bool, bool, bool]
"""Whether a smoothing has a trend, whether that is damped, whether it has seasons."""
DAMPED: Final[Form] = (True, True, False)
FORMS: Final[tuple[Form, ...]] = (
    (False, False, False),
    (True, False, False),
    DAMPED,
    (False, False, True),
    (True, True, True),
)
SHORTEST: Final = 12
"""Periods that a method of statsmodels is fitted to at least; a seasonal form wants more."""
CYCLES_FOR_SEASONS: Final = 4


def ets(past: Past, horizon: int, paths: int, rng: np.random.Generator) -> Floats:
    """Return paths of the exponential smoothing that AICc prefers among five forms."""
    seasonal = past.season > 1 and len(past.history) >= max(SHORTEST, CYCLES_FOR_SEASONS * past.season)
    return _smoothing(past, [form for form in FORMS if seasonal or not form[2]], horizon, paths, rng)


def damped(past: Past, horizon: int, paths: int, rng: np.random.Generator) -> Floats:
    """Return paths of exponential smoothing with a damped trend (Gardner and McKenzie 1985)."""
    return _smoothing(past, [DAMPED], horizon, paths, rng)


def structural(past: Past, horizon: int, paths: int, rng: np.random.Generator) -> Floats:
    """Return paths of a structural model: level and slope that wander, and noise (Harvey 1989)."""
    from statsmodels.tsa.statespace.structural import UnobservedComponents

    logs = _settled_logarithms(past)
    model = UnobservedComponents(logs.values, "lltrend")
    with warnings.catch_warnings():
        # an optimum at the edge (a variance of 0) is reported as one that was not reached
        warnings.simplefilter("ignore")
        fitted = model.fit(disp=False)
        ahead = np.asarray(fitted.simulate(horizon, anchor="end", repetitions=paths, rng=rng))
    return limited(logs.back(ahead.reshape(horizon, paths).T), past)


def _smoothing(past: Past, forms: list[Form], horizon: int, paths: int, rng: np.random.Generator) -> Floats:
    logs = _settled_logarithms(past)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitted = min(
            (_fitted(logs.values, past.season, form) for form in forms), key=lambda one: float(one.aicc)
        )
        spread = drawn_spread(np.asarray(fitted.resid), logs, paths, rng, fitted=int(fitted.df_model))
        errors = spread * rng.standard_normal((paths, horizon))
        ahead = fitted.simulate(horizon, anchor="end", repetitions=paths, random_errors=errors.T)
    return limited(logs.back(np.asarray(ahead).reshape(horizon, paths).T), past)


def _fitted(logs: Floats, season: int, form: Form) -> Any:
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    trend, is_damped, seasonal = form
    model = ETSModel(
        logs,
        error="add",
        trend="add" if trend else None,
        damped_trend=is_damped,
        seasonal="add" if seasonal else None,
        seasonal_periods=season if seasonal else None,
    )
    return model.fit(disp=False)


def _settled_logarithms(past: Past) -> Scaled:
    """The logarithms to fit to.

    Raises
    ------
    ValueError
        The history is too short for statsmodels to fit to.
    """
    if len(past.history) < SHORTEST:
        raise ValueError(f"history: {SHORTEST} periods or more are accepted for a method of statsmodels")
    return scaled(past.settled, LOGARITHM)
