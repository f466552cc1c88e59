"""What is vacant now and what may be soon, by region and by need; a unit may meet several needs.

It counts what is there, by what stands in the estate alone; whether somebody may go there is for the rules.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

import numpy as np
from sqlalchemy import select
from sqlmodel import Session

from beds.domain.availability import Standing
from beds.domain.households import GENDER_BIT, NATION_CODE, Bools
from beds.domain.terms import SERVED_NATIONS, BedRef, Gender, Nation
from beds.roles import Actor, Permission, require
from beds.services.freezing import Ground
from beds.services.policy import Policy
from beds.services.sites import is_stale
from beds.services.visibility import SITE, sites_of

DAYS_AHEAD: Final = 7
HIGH_SECURITY: Final = 3


class UnitNeed(StrEnum):
    """What a unit may be needed for."""

    ANY = "any"
    OWN_DOOR = "own_door"
    SHARED = "shared"
    CHILDREN = "children"
    STEP_FREE = "step_free"
    HIGH_SECURITY = "high_security"
    WOMEN_ONLY = "women_only"
    MEN = "men"


_MEETS: Final[Mapping[UnitNeed, Callable[[Standing], Bools]]] = MappingProxyType(
    {
        UnitNeed.ANY: lambda s: np.ones(len(s.units.refs), dtype=np.bool_),
        UnitNeed.OWN_DOOR: lambda s: ~s.units.shared,
        UnitNeed.SHARED: lambda s: s.units.shared,
        UnitNeed.CHILDREN: lambda s: s.sites.accepts_children[s.units.site] & ~s.units.shared,
        UnitNeed.STEP_FREE: lambda s: s.units.step_free,
        UnitNeed.HIGH_SECURITY: lambda s: (s.sites.security_level >= HIGH_SECURITY)[s.units.site],
        UnitNeed.WOMEN_ONLY: lambda s: (s.sites.admits_bits == GENDER_BIT[Gender.FEMALE])[s.units.site],
        UnitNeed.MEN: lambda s: ((s.sites.admits_bits & GENDER_BIT[Gender.MALE]) > 0)[s.units.site],
    }
)


@dataclass(frozen=True, slots=True)
class Vacant:
    """Units that are vacant tonight, how many of them to phone about first, and more that may be soon."""

    now: int = 0
    phone_first: int = 0
    soon: int = 0

    @property
    def confirmed(self) -> int:
        """Vacant tonight and confirmed lately."""
        return self.now - self.phone_first


@dataclass(frozen=True, slots=True)
class Outlook:
    """Vacant units of the sites that the actor may see.

    `by_region` is keyed by nation and region (its ONS code), of regions that have a unit; `by_need` by need
    and nation. `soon`: not vacant tonight, and by what is recorded on one of the next `days` nights.
    """

    as_at: datetime
    days: int
    by_region: Mapping[tuple[Nation, str], Vacant]
    by_need: Mapping[tuple[UnitNeed, Nation], Vacant]


def outlook(
    session: Session, actor: Actor, ground: Ground, *, policy: Policy, days: int = DAYS_AHEAD
) -> Outlook:
    """Return what is vacant tonight and what may be within so many days.

    A stay that should be over already counts as going on: that it ends soon is nobody's word.

    Raises
    ------
    NotPermitted
        The actor sees no sites.
    """
    require(actor, Permission.SEE_SITES)
    stands, clock = ground.standing, ground.clock
    rows = session.execute(select(SITE.c.site_id, SITE.c.availability_confirmed_at).where(sites_of(actor)))
    stale = {row.site_id: is_stale(row.availability_confirmed_at, clock, policy) for row in rows}
    seen = np.array([ref in stale for ref in stands.sites.refs], dtype=np.bool_)[stands.units.site]
    to_phone = np.array([stale.get(ref, False) for ref in stands.sites.refs], dtype=np.bool_)
    now = stands.vacant_tonight() & seen
    soon = _vacant_within(stands, seen & ~now, days)
    phone_first = now & to_phone[stands.units.site]

    def count(which: Bools) -> Vacant:
        return Vacant(*(int((kind & which).sum()) for kind in (now, phone_first, soon)))

    nation = stands.sites.nation[stands.units.site]
    regions = np.array([site.region for site in ground.estate.sites])[stands.units.site]
    places = sorted({(int(n), str(r)) for n, r in zip(nation[seen], regions[seen], strict=True)})
    nations = {code: of for of, code in NATION_CODE.items()}
    return Outlook(
        as_at=clock.as_at,
        days=days,
        by_region={
            (nations[code], region): count((nation == code) & (regions == region)) for code, region in places
        },
        by_need={
            (need, of): count(meets(stands) & (nation == NATION_CODE[of]))
            for need, meets in _MEETS.items()
            for of in SERVED_NATIONS
        },
    )


def _vacant_within(stands: Standing, asked: Bools, days: int) -> Bools:
    """Return which units somebody could sleep in on a night to come, by what is on record (U,)."""
    units, sites = stands.units, stands.sites
    nights = range(1, days + 1)
    found = np.zeros(len(units.refs), dtype=np.bool_)
    for row in np.flatnonzero(asked).tolist():
        site = units.site[row]
        is_open = [night for night in nights if sites.opens[site] <= night < sites.closes[site]]
        found[row] = any(_is_vacant_on(stands, row, night) for night in is_open)
    return found


def _is_vacant_on(stands: Standing, row: int, night: int) -> bool:
    there = [
        stay for stay in stands.stays_in_unit.get(row, ()) if stay.starts <= night < stay.ends or stay.overdue
    ]
    if there and not stands.units.shared[row]:
        return False
    taken = {stay.bed_id for stay in there}
    return any(
        is_single and bed not in taken and not _is_closed_on(stands, bed, night)
        for bed, is_single in zip(stands.units.bed_refs[row], stands.units.is_single[row], strict=False)
    )


def _is_closed_on(stands: Standing, bed: BedRef, night: int) -> bool:
    return any(starts <= night < ends for starts, ends in stands.closed.get(bed, ()))
