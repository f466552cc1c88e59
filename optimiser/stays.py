"""How long a stay is: a law of whole nights, whatever it was estimated from.

One form for the closed formulas, the simulation and the tests: the survival function on whole nights.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LONGEST_NIGHTS: Final = 3_660
"""Ten years: the tail of a law beyond it is put on this night."""
NEGLIGIBLE: Final = 1e-9


@dataclass(frozen=True)
class StayLaw:
    """The law of a length of stay in whole nights, at least one.

    Attributes
    ----------
    survival : ndarray, shape (n + 1,)
        `survival[k]` is the probability that a stay lasts more than `k` nights, k = 0 … n. It begins at 1,
        never rises and ends at 0: n nights is the longest stay.

    Examples
    --------
    >>> law = StayLaw.exactly(3)
    >>> law.survival.tolist(), law.mean
    ([1.0, 1.0, 1.0, 0.0], 3.0)
    >>> law.residual(2).mean
    1.0
    """

    survival: Floats

    def __post_init__(self) -> None:
        """Refuse what is no law.

        Raises
        ------
        ValueError
            It does not begin at 1, rises, or does not end at 0.
        """
        s = self.survival
        if s.ndim != 1 or len(s) < 2 or s[0] != 1.0 or s[-1] != 0.0 or (np.diff(s) > 0).any():
            raise ValueError("survival: begins at 1, never rises, ends at 0")

    @classmethod
    def exactly(cls, nights: int) -> Self:
        """Return the law of a stay that always lasts so many nights (≥ 1)."""
        return cls(np.r_[np.ones(nights), 0.0])

    @classmethod
    def geometric(cls, mean_nights: float) -> Self:
        """Return the law without memory, of a mean (≥ 1): what an exponential stay is on whole nights."""
        leaving = 1.0 / mean_nights
        nights = np.arange(LONGEST_NIGHTS + 1, dtype=np.float64)
        return cls.of_survival(np.power(1.0 - leaving, nights))

    @classmethod
    def log_normal(cls, median_nights: float, sigma: float) -> Self:
        """Return a log-normal stay rounded up to whole nights; `sigma` is that of its logarithm."""
        from scipy.special import ndtr

        nights = np.arange(1, LONGEST_NIGHTS + 1)
        return cls.of_survival(np.r_[1.0, ndtr(-np.log(nights / median_nights) / sigma)])

    @classmethod
    def of_survival(cls, survival: Floats) -> Self:
        """Return the law of a survival function that need not reach 0: cut where nothing much is left."""
        s = np.minimum.accumulate(np.clip(np.asarray(survival, dtype=np.float64), 0.0, 1.0))
        left = int(np.searchsorted(-s, -NEGLIGIBLE))
        s = s[: min(left, LONGEST_NIGHTS)]
        return cls(np.r_[1.0, s[1:], 0.0])

    @classmethod
    def mixture(cls, laws: Sequence[StayLaw], weights: Sequence[float]) -> Self:
        """Return the law of a stay that is of one of some laws, by weight; the weights need not sum to 1.

        Examples
        --------
        >>> StayLaw.mixture([StayLaw.exactly(1), StayLaw.exactly(3)], [1, 3]).survival.tolist()
        [1.0, 0.75, 0.75, 0.0]
        """
        shares = np.asarray(weights, dtype=np.float64) / np.sum(weights)
        s = np.zeros(max(len(law.survival) for law in laws))
        for law, share in zip(laws, shares, strict=True):
            s[: len(law.survival)] += share * law.survival
        s[0] = 1.0
        return cls(np.minimum.accumulate(s))

    @property
    def longest(self) -> int:
        """The longest stay in nights."""
        return len(self.survival) - 1

    @property
    def mean(self) -> float:
        """The mean in nights: the sum of the survival function."""
        return float(self.survival.sum())

    def quantile(self, share: float) -> int:
        """Return the nights by which a share (0 to 1) of stays has ended."""
        return int(np.argmax(self.survival <= 1.0 - share + NEGLIGIBLE))

    def residual(self, nights_so_far: int) -> StayLaw:
        """Return the law of what is left of a stay that has lasted so many nights (≥ 0) and goes on.

        Beyond the longest stay one more night is left: nobody who has overstayed is turned out by arithmetic.
        """
        if nights_so_far >= self.longest:
            return StayLaw.exactly(1)
        left = self.survival[nights_so_far:]
        return StayLaw(left / left[0])

    def at_least(self, nights: int) -> StayLaw:
        """Return the law of the longer of this stay and so many nights (≥ 1): an entitlement is a floor."""
        s = np.zeros(max(len(self.survival), nights + 1))
        s[: len(self.survival)] = self.survival
        s[:nights] = 1.0
        return StayLaw(s)

    def followed_by(self, nights: int) -> StayLaw:
        """Return the law of this stay and so many nights (≥ 0) more."""
        return StayLaw(np.r_[np.ones(nights), self.survival])

    def longer_by(self, nights: int, *, than: int = 0) -> StayLaw:
        """Return the law where every stay of more than `than` nights is so many nights longer, or shorter.

        A stay that is made shorter is never made shorter than `than` + 1 nights.

        Examples
        --------
        >>> StayLaw.exactly(10).longer_by(-4).longest, StayLaw.exactly(10).longer_by(5, than=9).longest
        (6, 15)
        """
        s = self.survival
        if len(s) <= than + 1:
            return self
        kept, later = s[: than + 1], s[than + 1 :]
        if nights >= 0:
            return StayLaw(np.r_[kept, np.full(nights, s[than]), later])
        return StayLaw(np.r_[kept, later[-nights:]] if len(later) > -nights else np.r_[kept, 0.0])

    def sample(self, rng: np.random.Generator, size: int, nights_so_far: int = 0) -> Ints:
        """Return `size` stays in nights (≥ 1), by inversion; what is left of each where some have passed."""
        s = self.residual(nights_so_far).survival
        return np.searchsorted(-s, -rng.random(size), side="left").astype(np.int64)
