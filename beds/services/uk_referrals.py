"""Referrals in the UK a day, past and to come: what the chain begins with."""

from __future__ import annotations

from dataclasses import dataclass

from beds.domain.clock import Clock
from optimiser.stays import Floats


@dataclass(frozen=True)
class UkReferrals:
    """Expected referrals a day in equally likely futures.

    Attributes
    ----------
    past : ndarray, shape (draws, days before)
        The days up to and with the census, as published where they are.
    future : ndarray, shape (draws, days)
        The days after the census.
    source : str
        A sentence for screens: the series, its last published period, and the method.
    """

    past: Floats
    future: Floats
    source: str

    def __post_init__(self) -> None:
        """Refuse what is no such series.

        Raises
        ------
        ValueError
            A rate is negative, or the two do not have the same draws.
        """
        if len(self.past) != len(self.future) or (self.past < 0).any() or (self.future < 0).any():
            raise ValueError("past, future: as many rows, and rates of 0 or more, are accepted")


def published_referrals(clock: Clock, *, days: int, draws: int, seed: int) -> UkReferrals:
    """Return the forecast of the published quarterly series, day by day."""
    raise NotImplementedError(f"{clock.today} {days} {draws} {seed}")
