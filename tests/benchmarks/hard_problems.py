"""Rounds that are hard on purpose: what a flow cannot say is everywhere in them.

Houses are for women and men alike, units are shared, couples and sisters want beds in them, beds are booked
again after a few nights, and people must be kept apart. No estate is like the hardest of these.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from optimiser.problem import BedSlot, NearMiss, Problem, Request, UnitSlot

FEMALE, MALE = 1, 2
BOTH = FEMALE | MALE
MOST_BEDS = 5
FOR_GOOD = 10**6
KINDS = ("interim", "region", "security", "beds")
POINTS = (40, 20, 10, 8)

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Hardness:
    """Shares of what makes a round hard.

    `mixed` of sites are for women and men; `shared` of units are shared; `occupied` of beds are taken;
    `couples` of households are two adults, half of them of one gender; one household in `apart_every` must
    be kept apart from another.
    """

    mixed: float = 0.35
    shared: float = 0.35
    occupied: float = 0.5
    couples: float = 0.08
    apart_every: int = 30


SCARCE = Hardness(mixed=1.0, shared=0.6, occupied=0.1, couples=0.4, apart_every=5)
"""With seven to ten households a site: 40 × 300 took 2 s, 60 × 600 more than a minute."""


@dataclass
class _Draft:
    """Sites and units as they are drawn, one entry a unit."""

    slots: list[UnitSlot] = field(default_factory=list)
    site: list[int] = field(default_factory=list)
    gender: list[int] = field(default_factory=list)
    free: list[list[int]] = field(default_factory=list)


def hard_problem(sites: int, households: int, *, seed: int, hardness: Hardness | None = None) -> Problem:
    """Return a frozen problem of so many sites and households; the same seed gives the same problem."""
    hard, rng = hardness or Hardness(), np.random.default_rng(seed)
    admits = np.where(rng.random(sites) < hard.mixed, BOTH, rng.choice([FEMALE, MALE], sites))
    region, level = rng.integers(0, 10, sites), rng.choice([1, 2, 3], sites, p=[0.3, 0.5, 0.2])
    limit = np.where(rng.random(sites) < 0.1, rng.integers(3, 8, sites), FOR_GOOD)
    draft = _Draft()
    for site in range(sites):
        for unit in range(rng.integers(2, 6)):
            _add_unit(draft, rng, hard, site, unit, int(admits[site]), int(limit[site]))
    units = _Units(draft, admits, region, level, limit)
    drawn = [_household(rng, hard, units, number) for number in range(households)]
    return Problem(
        as_at="2026-03-03T12:00:00+00:00",
        today="2026-03-03",
        requests=tuple(request for request, _, _ in drawn),
        units=tuple(draft.slots),
        pairs=np.concatenate(
            [np.stack([np.full_like(at, n), at], axis=1) for n, (_, at, _) in enumerate(drawn)]
        ),
        mismatch=np.concatenate([points for _, _, points in drawn]),
        mismatch_kinds=KINDS,
        conflicts=_conflicts(rng, households, households // hard.apart_every),
    )


class _Units:
    """The units as arrays: what a household is set against."""

    def __init__(self, draft: _Draft, admits: Ints, region: Ints, level: Ints, limit: Ints) -> None:
        of = np.array(draft.site)
        self.shared = np.array([slot.shared for slot in draft.slots])
        self.resident = np.array(draft.gender)
        self.free = np.array(draft.free)
        self.admits, self.region, self.level, self.limit = admits[of], region[of], level[of], limit[of]


def _add_unit(
    draft: _Draft, rng: np.random.Generator, hard: Hardness, site: int, unit: int, admits: int, limit: int
) -> None:
    """Add a unit: one for a household is free or taken whole; residents of a shared one set its gender."""
    shared = bool(rng.random() < hard.shared)
    beds = int(rng.integers(2, MOST_BEDS + 1))
    drawn = rng.random(beds)
    free = np.where(
        drawn < hard.occupied, 0, np.where(drawn < hard.occupied + 0.1, rng.integers(5, 60, beds), FOR_GOOD)
    )
    if not shared and not free.all():
        free[:] = 0
    resident = 0 if free.all() else admits if admits != BOTH else int(rng.choice([FEMALE, MALE]))
    ref = f"S{site:03}-U{unit}"
    slots = tuple(
        BedSlot(f"{ref}-B{n}", is_cot=False, free_nights=None if nights == FOR_GOOD else int(nights))
        for n, nights in enumerate(free)
    )
    draft.slots.append(UnitSlot(ref, f"S{site:03}", shared, None if limit == FOR_GOOD else limit, slots))
    draft.site.append(site)
    draft.gender.append(resident)
    draft.free.append([*free.tolist(), *[-1] * (MOST_BEDS - beds)])


def _household(
    rng: np.random.Generator, hard: Hardness, units: _Units, number: int
) -> tuple[Request, Ints, Ints]:
    """Return a household, the units that it may have, and its mismatch in each."""
    gender, tier = (
        int(rng.choice([FEMALE, MALE], p=[0.35, 0.65])),
        int(rng.choice([0, 1, 2], p=[0.1, 0.3, 0.6])),
    )
    together = bool(rng.random() < hard.couples)
    genders = BOTH if together and rng.random() < 0.5 else gender
    children = 0 if together else int(rng.choice([0, 1, 2], p=[0.85, 0.1, 0.05]))
    size, nights = 1 + together + children, int(rng.choice([30, 45, 60, 90]))
    needs_level, wants_region = int(rng.choice([1, 2, 3], p=[0.5, 0.4, 0.1])), int(rng.integers(0, 10))
    stay = np.minimum(nights, units.limit)
    beds_left = (units.free >= stay[:, None]).sum(axis=1) - size
    may_share = genders != BOTH and not children and rng.random() < 0.7
    allowed = ((units.admits & genders) == genders) & (units.level >= needs_level) & (beds_left >= 0)
    allowed &= (units.limit >= nights) | (tier == 0)
    allowed &= np.where(units.shared, may_share & np.isin(units.resident, [0, genders]), True)
    at = np.flatnonzero(allowed & (rng.random(len(allowed)) < 0.5)).astype(np.int64)
    counts = (
        units.limit[at] < nights,
        units.region[at] != wants_region,
        units.level[at] - needs_level,
        np.where(units.shared[at], 0, beds_left[at]),
    )
    request = Request(
        ref=f"R{number:04}",
        tier=tier,
        days_waited=int(rng.integers(0, 60)),
        nights=nights,
        singles=size,
        under_twos=0,
        births=(),
        sharing_class=None if genders == BOTH else genders,
        outcome=None if len(at) else "no_eligible_unit",
        near_misses=() if len(at) else (NearMiss(("gender",), 1, askable=False),),
    )
    return request, at, np.stack(counts, axis=1).astype(np.int64) * np.array(POINTS)


def _conflicts(rng: np.random.Generator, households: int, count: int) -> tuple[tuple[int, int], ...]:
    couples: Sequence[list[int]] = [
        sorted(rng.choice(households, 2, replace=False).tolist()) for _ in range(count)
    ]
    return tuple(sorted({(a, b) for a, b in couples}))
