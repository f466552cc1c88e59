"""The figures of many replications, and what can be said of a mean from them.

Replications are independent of each other, so that intervals of means are Student's. Two runs of one seed met
the same households: their differences are taken replication by replication.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from optimiser.simulation.laws import Floats
from optimiser.simulation.model import Model
from optimiser.simulation.record import MEANS, MEASURES, Counts, Record


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over replications with the interval it is in at some level of confidence; all of one shape."""

    mean: Floats
    low: Floats
    high: Floats

    def holds(self, value: float) -> bool:
        """Return whether a value lies in the interval (of a single number)."""
        return bool(self.low <= value <= self.high)


def estimate(values: Floats | Counts, *, level: float = 0.95) -> Estimate:
    """Return the mean of replications (the first axis) with its interval; of one alone, just the mean.

    Examples
    --------
    >>> import numpy as np
    >>> two = estimate(np.array([1.0, 3.0]), level=0.5)
    >>> two.mean.item(), two.low.round(6).item(), two.high.round(6).item()
    (2.0, 1.0, 3.0)
    """
    many = len(values)
    mean = np.asarray(values.mean(axis=0))
    spread = np.asarray(values.std(axis=0, ddof=1)) if many > 1 else np.full_like(mean, np.nan)
    return _around(mean, spread / np.sqrt(many), many, level)


def estimate_ratio(above: Floats | Counts, below: Floats | Counts, *, level: float = 0.95) -> Estimate:
    """Return a ratio of sums over replications (the first axis) with its interval, by linearisation.

    NaN where there is nothing below.
    """
    many = len(above)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.asarray(above.sum(axis=0) / below.sum(axis=0))
        errors = above - ratio * below
        spread = np.sqrt((errors**2).sum(axis=0) / max(many - 1, 1)) / below.mean(axis=0)
    return _around(ratio, np.asarray(spread) / np.sqrt(many), many, level)


def _around(mean: Floats, error: Floats, many: int, level: float) -> Estimate:
    from scipy.special import stdtrit

    reach = error * float(stdtrit(many - 1, 0.5 + level / 2)) if many > 1 else np.zeros_like(error)
    return Estimate(mean=mean, low=mean - reach, high=mean + reach)


@dataclass(frozen=True)
class Runs:
    """Replications of one model.

    Attributes
    ----------
    group_labels : tuple of str, length G
    by_day : dict of ndarray, shape (R, days + 1, G)
        Each of `record.MEASURES`; row 0 is day 0.
    means : dict of ndarray, shape (R, G)
        Each of `record.MEANS`, over real time.
    waits : ndarray, shape (R, n, G)
        Households placed by how long they had waited: not at all, up to 1 day, up to 2, …, longer.
    wait_days : ndarray, shape (R, G)
        Days waited in all by who was placed or gave up.
    events : ndarray, shape (R,)
    warm_up_days : int
        First days that means, totals and waits leave out.
    asked_for : int
        How many replications were to be made; fewer were if somebody stopped them.
    """

    group_labels: tuple[str, ...]
    by_day: dict[str, Counts]
    means: dict[str, Floats]
    waits: Counts
    wait_days: Floats
    events: Counts
    warm_up_days: int
    asked_for: int

    def __len__(self) -> int:
        """Return the number of replications."""
        return len(self.events)

    @property
    def days(self) -> int:
        """The number of days after day 0."""
        return int(self.by_day["stock"].shape[1]) - 1

    def on(self, measure: str, *, level: float = 0.95) -> Estimate:
        """Return the mean of a measure by day and group with its interval (days + 1, G)."""
        return estimate(self.by_day[measure], level=level)

    def quantiles(self, measure: str, shares: Sequence[float]) -> Floats:
        """Return quantiles over replications by day and group (len(shares), days + 1, G)."""
        return np.asarray(np.quantile(self.by_day[measure], shares, axis=0))

    def total(self, measure: str) -> Floats:
        """Return the sum over the days after the warm-up, by replication and group (R, G).

        Bed-nights or household-nights, or how many of what happened.
        """
        return np.asarray(self.by_day[measure][:, self.warm_up_days + 1 :].sum(axis=1), dtype=np.float64)

    def share_that_waits(self, *, level: float = 0.95) -> Estimate:
        """Return the share of those placed who had to wait at all, by group (G,)."""
        placed = self.waits.sum(axis=1)
        return estimate_ratio((placed - self.waits[:, 0]).astype(np.float64), placed, level=level)

    def share_that_gives_up(self, *, level: float = 0.95) -> Estimate:
        """Return households that gave up over those that came, by group (G,)."""
        return estimate_ratio(self.total("gave_up"), self.total("arrivals"), level=level)

    def mean_wait(self, *, level: float = 0.95) -> Estimate:
        """Return the mean wait in days of those placed or gone, by group (G,)."""
        ended = self.waits.sum(axis=1) + self.total("gave_up")
        return estimate_ratio(self.wait_days, ended, level=level)

    def wait_quantile(self, share: float) -> Floats:
        """Return in how many days at most a share of those placed had a place, all replications (G,)."""
        running = self.waits.sum(axis=0).cumsum(axis=0)
        return np.asarray(np.argmax(running >= share * running[-1], axis=0), dtype=np.float64)

    def more_than(self, other: Self, measure: str, *, level: float = 0.95) -> Estimate:
        """Return how much more of a measure there is than in other runs of the same seed (days + 1, G).

        Raises
        ------
        ValueError
            The two have different days, groups or numbers of replications.
        """
        ours, theirs = self.by_day[measure], other.by_day[measure]
        if ours.shape != theirs.shape:
            raise ValueError("other: the same days, groups and replications are needed")
        return estimate(ours.astype(np.float64) - theirs, level=level)

    def digest(self) -> str:
        """Return a fingerprint of every figure: the same for the same model and seed."""
        hashed = hashlib.sha256()
        for table in (*self.by_day.values(), *self.means.values(), self.waits, self.wait_days, self.events):
            hashed.update(np.ascontiguousarray(table).tobytes())
        return hashed.hexdigest()


class Gathering:
    """Records put together as they come, never held twice, in two bytes a figure where that is enough."""

    def __init__(self, model: Model, replications: int) -> None:
        """Make room for so many replications."""
        self._model, self._room, self._count = model, replications, 0
        self._by_day: dict[str, Counts] = {}
        self._records: list[Record] = []

    def add(self, record: Record) -> None:
        """Add the next replication."""
        for name in MEASURES:
            table = record.by_day[name]
            if name not in self._by_day:
                self._by_day[name] = np.zeros((self._room, *table.shape), dtype=np.int16)
            if table.max(initial=0) > np.iinfo(self._by_day[name].dtype).max:
                self._by_day[name] = self._by_day[name].astype(np.int32)
            self._by_day[name][self._count] = table
        record.by_day.clear()
        self._records.append(record)
        self._count += 1

    def runs(self) -> Runs:
        """Return what there is.

        Raises
        ------
        ValueError
            There is nothing.
        """
        if not self._records:
            raise ValueError("replications: at least one must have been made")
        return Runs(
            group_labels=self._model.group_labels,
            by_day={name: table[: self._count] for name, table in self._by_day.items()},
            means={name: np.stack([record.means[name] for record in self._records]) for name in MEANS},
            waits=np.stack([record.waits for record in self._records]),
            wait_days=np.stack([record.wait_days for record in self._records]),
            events=np.array([record.events for record in self._records], dtype=np.int32),
            warm_up_days=self._model.warm_up_days,
            asked_for=self._room,
        )
