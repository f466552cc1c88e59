"""Scales on which a series of counts may be regular: as it is, its square root, its logarithm.

A scale takes a history there and paths back. It does not choose: `averaging` weighs all three.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

POWERS: Final = (0.0, 0.5, 1.0)
"""Logarithm, square root (counts of which the variance is the mean), as it is (Box and Cox 1964)."""
HIGHEST_LOGARITHM: Final = 40.0
OFFSET_WITH_ZEROS: Final = 0.5


@dataclass(frozen=True)
class Scaled:
    """A history on one scale, centred and of unit spread.

    Attributes
    ----------
    values : ndarray, shape (periods,)
        ((y + offset)^power - 1) / power, or the logarithm; less `centre`, over `spread`.
    log_jacobian : float
        What to add to a log density of `values` to compare it with that of another scale.
    floor : float
        The least variance to assume of one value: that of rounding to whole numbers where all are whole.
    """

    values: Floats
    power: float
    offset: float
    centre: float
    spread: float
    log_jacobian: float
    floor: float

    def back(self, values: Floats) -> Floats:
        """Return values of this scale in the unit of the history, at least 0."""
        raw = values * self.spread + self.centre
        if self.power == 0.0:
            lifted = np.exp(np.minimum(raw, HIGHEST_LOGARITHM))
        else:
            lifted = np.maximum(raw * self.power + 1.0, 0.0) ** (1.0 / self.power)
        return np.maximum(lifted - self.offset, 0.0)


def scaled(history: Floats, power: float) -> Scaled:
    """Return a history (≥ 0) on the scale of a power.

    Where there are zeros, a half is added before a power is taken.

    Examples
    --------
    >>> root = scaled(np.array([1.0, 4.0, 9.0, 16.0]), 0.5)
    >>> np.round(root.back(root.values), 9).tolist()
    [1.0, 4.0, 9.0, 16.0]
    """
    offset = 0.0 if history.min() > 0 else OFFSET_WITH_ZEROS
    lifted = history + offset
    raw = np.log(lifted) if power == 0.0 else (lifted**power - 1.0) / power
    slope = lifted ** (power - 1.0)
    rounding = 1.0 / 12.0 if bool((history == np.round(history)).all()) else 1e-8 * float(lifted.mean()) ** 2
    least = float(np.mean(slope**2)) * rounding
    centre, spread = float(raw.mean()), max(float(raw.std()), float(np.sqrt(least)))
    return Scaled(
        values=(raw - centre) / spread,
        power=power,
        offset=offset,
        centre=centre,
        spread=spread,
        log_jacobian=float(np.log(slope).sum()) - len(raw) * float(np.log(spread)),
        floor=least / spread**2,
    )
