"""How long something lasts in a simulation, by inversion of given shares: two runs can share their chance.

The same share gives the same stay under the same law, and a longer one under a longer law. That is what makes
two scenarios comparable path by path (common random numbers).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from optimiser.stays import StayLaw

Floats = NDArray[np.float64]


class Law(Protocol):
    """The law of a duration in days."""

    @property
    def mean(self) -> float:
        """The mean in days."""
        ...

    def left(self, shares: Floats, so_far: Floats) -> Floats:
        """Return what is left in days of durations that have lasted `so_far` (0 for new ones) and go on.

        Parameters
        ----------
        shares : ndarray, shape (n,)
            Uniform on [0, 1): which of the possible durations each is, long ones at low shares.
        so_far : ndarray, shape (n,)
            Days, ≥ 0.
        """
        ...


@dataclass(frozen=True, slots=True)
class WholeNights:
    """A stay in whole nights: it ends at the hour at which it began.

    Examples
    --------
    >>> import numpy as np
    >>> three = WholeNights(StayLaw.exactly(3))
    >>> three.left(np.array([0.2, 0.9, 0.5]), np.array([0.0, 2.0, 8.0])).tolist()
    [3.0, 1.0, 1.0]
    """

    law: StayLaw

    @property
    def mean(self) -> float:
        """The mean in nights."""
        return self.law.mean

    def left(self, shares: Floats, so_far: Floats) -> Floats:
        """Return what is left in nights, at least one: as `StayLaw.residual` has it, for many at once."""
        survival = self.law.survival
        passed = np.minimum(so_far, self.law.longest - 1).astype(np.int64)
        ends = np.searchsorted(-survival, -(shares * survival[passed]), side="left")
        return np.asarray(np.maximum(ends - passed, 1), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Exponential:
    """A duration without memory, of any mean (≥ 0) in days; of mean 0 it is over at once.

    Examples
    --------
    >>> import numpy as np
    >>> Exponential(10.0).left(np.exp([-1.0, -2.0]), np.zeros(2)).round(9).tolist()
    [10.0, 20.0]
    """

    mean: float

    def left(self, shares: Floats, so_far: Floats) -> Floats:
        """Return what is left in days, whatever has passed."""
        del so_far
        # A share of exactly 0 (once in 2^53 draws) would last for ever.
        return np.asarray(-self.mean * np.log(np.maximum(shares, np.finfo(np.float64).tiny)))
