"""What a simulation is given: households, units, demand and what stands on day 0, as arrays.

Days and nights count from day 0, the night of the census; row k of any series is the night of day k. No
personal data and no rule is here: `suitable` has the verdicts of the rules, compiled elsewhere. `P` profiles
of households, `U` units, `G` groups that are counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from optimiser.simulation.laws import Floats, Law

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

SHARES_WITH_NOBODY = 0
LONGEST_RUN_DAYS = 200_000


class Policy(StrEnum):
    """Who is given a place that is free."""

    FIRST_COME_FIRST_SERVED = "first_come_first_served"
    """Whoever has waited longest, at once."""
    HARDEST_TO_FILL_FIRST = "hardest_to_fill_first"
    """Whoever has the fewest suitable units in the estate, then the longest wait, at once."""
    ALLOCATOR = "allocator"
    """A round of the allocator once a day."""


@dataclass(frozen=True)
class Profiles:
    """Kinds of household, one row each.

    Attributes
    ----------
    singles, under_twos : ndarray, shape (P,)
        People who need a single bed, and children under two (those due included).
    sharing_class : ndarray, shape (P,)
        The one gender of all of them as a number from 1, or `SHARES_WITH_NOBODY`.
    tier : ndarray, shape (P,)
        Place in `optimiser.problem.TIERS`; the allocator looks at it.
    nights : ndarray, shape (P,)
        Length of stay asked for; the allocator looks at it.
    notice : ndarray, shape (P,)
        A unit must stay open for so many nights from the first.
    suitable : ndarray of bool, shape (P, U)
        The unit passes every rule that does not depend on the day or on who is there, all beds being free.
    mismatch : ndarray, shape (P, U)
        Points; among units that will do, the fewest come first.
    groups : ndarray of bool, shape (P, G)
        In which groups the household counts.
    """

    singles: Ints
    under_twos: Ints
    sharing_class: Ints
    tier: Ints
    nights: Ints
    notice: Ints
    suitable: Bools
    mismatch: NDArray[np.int32]
    groups: Bools

    def __len__(self) -> int:
        """Return the number of profiles."""
        return len(self.singles)


@dataclass(frozen=True)
class Units:
    """Units, one row each.

    `opens` is the first night and `closes` the first night after the last (infinite where there is none);
    `max_stay` in nights (infinite without a limit); `groups` (U, G) whose stock the unit counts as.
    """

    singles: Ints
    cots: Ints
    shared: Bools
    opens: Floats
    closes: Floats
    max_stay: Floats
    groups: Bools

    def __len__(self) -> int:
        """Return the number of units."""
        return len(self.singles)


@dataclass(frozen=True)
class Closures:
    """Beds that go out of service for `[starts, ends)` while the unit stays open, one row a bed."""

    unit: Ints
    is_cot: Bools
    starts: Floats
    ends: Floats


@dataclass(frozen=True)
class Residents:
    """Who has a place on day 0, one row a household and unit.

    `singles`, `cots` are the beds taken; `stream` says whose law of stay goes on after `so_far` nights.
    `arrives` is 0 or less for who is there, else the first night; `held` says that the bed counts as held
    until then. `leaves` is the first night away where that is known, NaN where it is drawn. `stays_as` is the
    row whose chance decides: of a household in two units the first, so that it leaves both at once.
    """

    profile: Ints
    unit: Ints
    singles: Ints
    cots: Ints
    stream: Ints
    so_far: Floats
    arrives: Floats
    held: Bools
    leaves: Floats
    stays_as: Ints


@dataclass(frozen=True)
class Waiting:
    """Who waits on day 0 or is known to come, one row a household, in line.

    `stream` says whose law of stay it has; `waited` in days on day 0; `joins`
    is 0 for who waits, else the day from which a place is needed.
    """

    profile: Ints
    stream: Ints
    waited: Floats
    joins: Floats


@dataclass(frozen=True)
class Stream:
    """New households of one nation.

    Attributes
    ----------
    rates : ndarray, shape (D, days)
        Expected arrivals on each day, in D equally likely futures of which each replication has one.
    profiles, weights : ndarray, shape (n,)
        Rows of the profiles they are, and how likely.
    stays : tuple of Law
        How long they stay once they have come, as it may turn out.
    law_of : ndarray, shape (D,)
        Which of `stays` goes with each future.
    """

    label: str
    rates: Floats
    profiles: Ints
    weights: Floats
    stays: tuple[Law, ...]
    law_of: Ints

    def future(self, share: float) -> int:
        """Return the future that a share (0 to 1) of all chance falls to."""
        return int(share * len(self.rates))

    def stay(self, share: float) -> Law:
        """Return the law of a stay in the future that a share of all chance falls to."""
        return self.stays[int(self.law_of[self.future(share)])]


@dataclass(frozen=True)
class Model:
    """A service to be simulated for `days` days.

    Attributes
    ----------
    group_labels : tuple of str, length G
    warm_up_days : int
        First days that means, totals and waits leave out; figures by day have them all.
    hold_days : float
        Days that a bed is held between an accepted offer and the arrival.
    decline_share : float
        Share of offers that are declined. Who declines keeps the place in line and is asked again from the
        next day on. Assumption (ours): a decline takes no time, so that the bed goes to the next at once.
    patience : Law or None
        How long a household waits before it gives up; None: it never does.
    """

    profiles: Profiles
    units: Units
    closures: Closures
    residents: Residents
    waiting: Waiting
    streams: tuple[Stream, ...]
    group_labels: tuple[str, ...]
    days: int
    warm_up_days: int = 0
    policy: Policy = Policy.FIRST_COME_FIRST_SERVED
    hold_days: float = 0.0
    decline_share: float = 0.0
    patience: Law | None = None

    def __post_init__(self) -> None:
        """Refuse a model whose parts do not fit together.

        Raises
        ------
        ValueError
            The message begins with the field and says what is accepted.
        """
        many, places, groups = len(self.profiles), len(self.units), len(self.group_labels)
        by_unit, by_label = "one row a profile, one column a unit", "one column a label"
        for name, holds, accepted in (
            ("suitable", self.profiles.suitable.shape == (many, places), by_unit),
            ("mismatch", self.profiles.mismatch.shape == (many, places), by_unit),
            ("groups", self.profiles.groups.shape == (many, groups), by_label),
            ("groups of units", self.units.groups.shape == (places, groups), by_label),
            ("days", 1 <= self.days <= LONGEST_RUN_DAYS, f"1 to {LONGEST_RUN_DAYS}"),
            ("warm_up_days", 0 <= self.warm_up_days < self.days, "0 or more, fewer than days"),
            ("hold_days", self.hold_days >= 0, "0 or more"),
            ("decline_share", 0 <= self.decline_share < 1, "0 to less than 1"),
            ("residents", _rows_of(self.residents.unit, places), "units of the model"),
            ("residents", _rows_of(self.residents.profile, many), "profiles of the model"),
            ("closures", _rows_of(self.closures.unit, places), "units of the model"),
            ("waiting", _rows_of(self.waiting.profile, many), "profiles of the model"),
        ):
            if not holds:
                raise ValueError(f"{name}: {accepted}")
        for stream in self.streams:
            self._check(stream)

    def _check(self, stream: Stream) -> None:
        long_enough = stream.rates.ndim == 2 and len(stream.rates) and stream.rates.shape[1] >= self.days
        if not long_enough or not (np.isfinite(stream.rates) & (stream.rates >= 0)).all():
            raise ValueError(f"rates of {stream.label}: 0 or more for each of {self.days} days")
        if not _rows_of(stream.profiles, len(self.profiles)) or (stream.weights < 0).any():
            raise ValueError(f"weights of {stream.label}: 0 or more, of profiles of the model")
        if stream.law_of.shape != stream.rates.shape[:1] or not _rows_of(stream.law_of, len(stream.stays)):
            raise ValueError(f"stays of {stream.label}: a law for each future")
        if stream.rates.any() and not stream.weights.sum() > 0:
            raise ValueError(f"weights of {stream.label}: at least one above 0")


def _rows_of(rows: Ints, count: int) -> bool:
    return bool(((rows >= 0) & (rows < count)).all())
