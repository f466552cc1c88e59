"""What a method is given: the past of one series, and what more than one method wants to know of it.

The average of smoothings is computed once, whoever asks. Nothing here looks beyond the last period given.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from optimiser.forecasting.averaging import Averaged, averaged

Floats = NDArray[np.float64]

LEAST_PERIODS: Final = 8
LONGEST_SEASON: Final = 24


@dataclass(frozen=True)
class Past:
    """The history of a series of counts, its periods a season, and the breaks known in it.

    Attributes
    ----------
    history : ndarray, shape (periods,)
        Counts, 0 or more, the latest last.
    season : int
        Periods a cycle: 4 for quarters, 1 for none.
    breaks : tuple of int
        Periods from which something is known to have changed, counted from 0.
    """

    history: Floats
    season: int = 4
    breaks: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what cannot be forecast.

        Raises
        ------
        ValueError
            Fewer than 8 periods, a value below 0 or not finite, a season or a break outside the history.
        """
        values = self.history
        if values.ndim != 1 or len(values) < LEAST_PERIODS:
            raise ValueError(f"history: {LEAST_PERIODS} periods or more are accepted, in one row")
        if not np.isfinite(values).all() or (values < 0).any():
            raise ValueError("history: finite numbers of 0 or more are accepted")
        if not 1 <= self.season <= LONGEST_SEASON:
            raise ValueError(f"season: 1 to {LONGEST_SEASON} periods are accepted")
        if any(not 0 < at < len(values) for at in self.breaks):
            raise ValueError(
                f"breaks: periods of the history after the first are accepted, 1 to {len(values) - 1}"
            )

    @property
    def whole(self) -> bool:
        """Whether the history is of whole numbers."""
        return bool((self.history == np.round(self.history)).all())

    @cached_property
    def average(self) -> Averaged:
        """The posterior over the bank of smoothings."""
        return averaged(self.history, season=self.season, breaks=self.breaks)

    @cached_property
    def settled(self) -> Floats:
        """The history as if its breaks had been there from the beginning, for methods that know of none."""
        return self.average.settled(self.history)

    def until(self, periods: int) -> Past:
        """Return the past as it was when it had so many periods: with the breaks inside it, and no other."""
        return Past(self.history[:periods], self.season, tuple(at for at in self.breaks if at < periods))


def past(history: Floats, *, season: int = 4, breaks: tuple[int, ...] = ()) -> Past:
    """Return the past of a history given as any row of numbers, its breaks in order."""
    return Past(np.asarray(history, dtype=np.float64), season, tuple(sorted(set(breaks))))
