"""Breaks inside a history: a level that moved for good, a period that stood out, or both at once.

Where breaks are known they are weighed against no effect; others are looked for in the history itself. No
break after the last period given can play a part: nothing here sees one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from optimiser.forecasting.evidence import evidence, log_sum
from optimiser.forecasting.smoothings import BLOCK, Bank
from optimiser.forecasting.smoothings import bank as bank_of

Floats = NDArray[np.float64]

SIZE: Final = 6.0
"""Assumption (ours): prior spread of a break, in spreads of one error."""
PERIODS_A_BREAK: Final = 200.0
"""Assumption (ours): a shift, and an outlier, nobody told of comes once in so many periods."""
KEPT, ROUNDS = 4, 3
WORTH_WEIGHING: Final = -3.0
"""Log odds below which a break is left out of account."""


class Kind(StrEnum):
    """What a break does to the level."""

    SHIFT = "shift"
    OUTLIER = "outlier"


@dataclass(frozen=True, slots=True)
class Intervention:
    """A break at a period of the history, counted from 0."""

    kind: Kind
    at: int


Pattern = tuple[Intervention, ...]


@dataclass(frozen=True)
class Weighed:
    """A pattern of breaks and the logarithm of its prior weight."""

    pattern: Pattern
    log_prior: float


def effects(pattern: Pattern, periods: int) -> Floats:
    """Return what each break of a pattern adds to the history, shape (periods, n_breaks).

    Examples
    --------
    >>> effects((Intervention(Kind.SHIFT, 1), Intervention(Kind.OUTLIER, 1)), 3).tolist()
    [[0.0, 0.0], [1.0, 1.0], [1.0, 0.0]]
    """
    time = np.arange(periods)
    columns = [(time >= one.at) if one.kind is Kind.SHIFT else (time == one.at) for one in pattern]
    return np.array(columns, dtype=np.float64).reshape(len(pattern), periods).T


def extended(design: Floats, filters: Floats, pattern: Pattern) -> Floats:
    """Return designs with a column for each break of a pattern."""
    columns = [
        filters[:, :, one.at :].sum(axis=2) if one.kind is Kind.SHIFT else filters[:, :, one.at]
        for one in pattern
    ]
    return np.concatenate([design, *(column[:, :, None] * SIZE for column in columns)], axis=2)


def patterns(values: Floats, bank: Bank, floor: float, breaks: Sequence[int]) -> list[Weighed]:
    """Return the patterns of breaks worth weighing, the empty one or the known ones first.

    `values` is the history on its likeliest scale; `breaks` are the known ones, in their order.
    """
    search = _Search(values, bank, floor)
    found = search.known(breaks)
    front = max(found, key=search.log_weight)
    for _ in range(ROUNDS):
        additions = search.additions(front)
        likely = [(odds, one) for odds, one in additions if odds > WORTH_WEIGHING]
        price = -float(np.log(PERIODS_A_BREAK))
        further = [Weighed((*front.pattern, one), front.log_prior + price) for _, one in likely]
        found += further
        if not likely or likely[0][0] < 0:
            break
        front = further[0]
    return found


class _Search:
    """Breaks weighed one by one, over a few of the models."""

    def __init__(self, values: Floats, bank: Bank, floor: float) -> None:
        self.bank = bank.thinned()
        self.floor = np.array([floor])
        self.errors = self.bank.filters @ values[:, None]
        self.periods = len(values)

    def log_weight(self, one: Weighed) -> float:
        """Return the log posterior weight of a pattern."""
        design = extended(self.bank.design, self.bank.filters, one.pattern)
        terms = evidence(self.errors, design, self.floor).log_likelihood[:, 0]
        return float(log_sum(terms + self.bank.log_prior)) + one.log_prior

    def known(self, breaks: Sequence[int]) -> list[Weighed]:
        """Return what the known breaks may have been: nothing, a shift, an outlier, both; each as likely."""
        found = [Weighed((), 0.0)]
        for at in breaks:
            shift, outlier = Intervention(Kind.SHIFT, at), Intervention(Kind.OUTLIER, at)
            grown = [
                Weighed((*one.pattern, *more), one.log_prior - float(np.log(4)))
                for one in found
                for more in ((), (shift,), (outlier,), (shift, outlier))
            ]
            found = sorted(grown, key=self.log_weight, reverse=True)[:KEPT]
        return found

    def additions(self, front: Weighed) -> list[tuple[float, Intervention]]:
        """Return the two likeliest further breaks, each with its log odds against none."""
        design = extended(self.bank.design, self.bank.filters, front.pattern)
        before = evidence(self.errors, design, self.floor)
        columns = _columns(self.periods, self.bank.season)
        shared = np.swapaxes(design, 1, 2) @ columns
        along = (columns * self.errors).sum(axis=1) - (shared * before.coefficients).sum(axis=1)
        across = (
            1.0 + (columns**2).sum(axis=1) - (shared * np.linalg.solve(before.precision, shared)).sum(axis=1)
        )
        left = np.maximum(before.squares - along**2 / across, self.periods * self.floor)
        gain = -0.5 * np.log(across) - 0.5 * before.freedom * np.log(left / before.squares)
        terms = before.log_likelihood + self.bank.log_prior[:, None]
        odds = log_sum(terms + gain) - log_sum(terms[:, 0]) - np.log(PERIODS_A_BREAK)
        best = np.argsort(-odds, kind="stable")[:2]
        return [(float(odds[i]), self._named(int(i))) for i in best]

    def _named(self, column: int) -> Intervention:
        if column < self.periods - 1:
            return Intervention(Kind.SHIFT, column + 1)
        return Intervention(Kind.OUTLIER, column - self.periods + 1)


def _columns(periods: int, season: int) -> Floats:
    """What each possible break adds to the errors of the thinned models: shifts, then outliers."""
    block = -(-periods // BLOCK) * BLOCK
    shifts, outliers = _all_columns(block, season)
    return np.concatenate([shifts[:, :periods, 1:periods], outliers[:, :periods, :periods]], axis=2)


@cache
def _all_columns(periods: int, season: int) -> tuple[Floats, Floats]:
    outliers = bank_of(periods, season).thinned().filters * SIZE
    return np.cumsum(outliers[:, :, ::-1], axis=2)[:, :, ::-1], outliers
