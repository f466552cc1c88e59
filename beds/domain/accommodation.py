"""What there is: sites, their units, the beds in them, and beds out of service.

Value objects as the CSV folder states them (`allocation.md` §1); no address is among them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from beds.domain.terms import BedKind, BedRef, Gender, Nation, Sharing, SiteRef, SiteType, UnitRef

ADULT_AGE = 18
COT_AGE = 2
DEFAULT_MAX_CHILD_AGE = 17


@dataclass(frozen=True, slots=True)
class Site:
    """A house or scheme run by a provider.

    `security_level` is 1 standard, 2 enhanced, 3 high. `max_age_girls` and `max_age_boys` are in years,
    inclusive. `opens_on` is the first night; `closes_on` the first night it is closed. `max_stay_nights`
    is `None` where stays have no limit. `staff_languages` are BCP 47 primary subtags in lower case.
    """

    site_id: SiteRef
    provider_id: str
    nation: Nation
    region: str
    site_type: SiteType
    admits: frozenset[Gender]
    accepts_children: bool
    security_level: int
    name: str = ""
    local_authority: str = ""
    max_age_girls: int = DEFAULT_MAX_CHILD_AGE
    max_age_boys: int = DEFAULT_MAX_CHILD_AGE
    staff_languages: frozenset[str] = frozenset()
    services: frozenset[str] = frozenset()
    opens_on: date | None = None
    closes_on: date | None = None
    max_stay_nights: int | None = None
    cost_per_bed_night: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Unit:
    """A room or a flat with its own door."""

    unit_id: UnitRef
    site_id: SiteRef
    sharing: Sharing
    step_free: bool


@dataclass(frozen=True, slots=True)
class Bed:
    """One bed of a unit."""

    bed_id: BedRef
    unit_id: UnitRef
    kind: BedKind


@dataclass(frozen=True, slots=True)
class Closure:
    """A bed out of service over `[starts_on, ends_on)`; until further notice where `ends_on` is `None`."""

    bed_id: BedRef
    starts_on: date
    ends_on: date | None = None
    reason: str = ""
