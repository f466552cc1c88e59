"""Who asks: referrals, the people of each household, and what is on record about where they may not go.

`None` is "not yet asked", never "no"; each need says in `allocation.md` §1 how it is then read, and the
properties here give that cautious reading in one place.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from beds.domain.terms import (
    AgeStatus,
    BedRef,
    DeclinedBy,
    Gender,
    Nation,
    PersonRef,
    Priority,
    ReferralRef,
    ReferralStatus,
    RiskToOthers,
    SiteRef,
)

UNASSESSED_SECURITY_LEVEL = 2
"""The level required until risk is assessed (`allocation.md` §1)."""


@dataclass(frozen=True, slots=True)
class Referral:
    """One household asking for a place.

    `received_at` carries its offset; `needed_from` is a date; `expected_stay_days` counts nights (≥ 1).
    Optional fields hold what was recorded, `None` where it was not asked.
    """

    referral_id: ReferralRef
    received_at: datetime
    needed_from: date
    priority: Priority
    nation: Nation
    status: ReferralStatus
    survivor_ref: str = ""
    no_shelter_tonight: bool | None = None
    detention_risk: bool | None = None
    expected_stay_days: int | None = None
    min_security_level: int | None = None
    services_required: frozenset[str] = frozenset()
    needs_step_free: bool | None = None
    language_required: bool | None = None
    cross_border: bool | None = None
    accepts_sharing: bool | None = None
    risk_to_others: RiskToOthers | None = None
    acceptable_site_genders: frozenset[Gender] = frozenset()
    preferred_regions: frozenset[str] = frozenset()
    excluded_areas: frozenset[str] = frozenset()
    first_responder: str = ""
    exploitation_type: str = ""
    nrm_status: str = ""

    @property
    def survivor(self) -> str:
        """Whose safety facts these are: the survivor's reference, or this referral alone."""
        return f"survivor:{self.survivor_ref}" if self.survivor_ref else f"referral:{self.referral_id}"

    @property
    def counts_as(self) -> Priority:
        """The priority it counts as: without shelter tonight or at risk of detention is an emergency."""
        return Priority.EMERGENCY if self.no_shelter_tonight or self.detention_risk else self.priority

    @property
    def security_needed(self) -> int:
        """The lowest security level that will do; enhanced until risk is assessed."""
        return UNASSESSED_SECURITY_LEVEL if self.min_security_level is None else self.min_security_level

    @property
    def step_free_needed(self) -> bool:
        """Needed unless it is recorded that it is not."""
        return self.needs_step_free is not False


@dataclass(frozen=True, slots=True)
class Person:
    """A survivor (the lead), a partner or a child of a referral. `age` is in whole years."""

    person_id: PersonRef
    referral_id: ReferralRef
    is_lead: bool
    gender: Gender
    age: int | None = None
    age_status: AgeStatus | None = None
    together_confirmed: bool | None = None
    due_on: date | None = None
    languages: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class KeepApart:
    """Two households that must never stay in the same site at the same time, in either order the same."""

    referral_id_a: ReferralRef
    referral_id_b: ReferralRef

    def __post_init__(self) -> None:
        """Put the two in the order of their references."""
        first, second = sorted((self.referral_id_a, self.referral_id_b))
        object.__setattr__(self, "referral_id_a", first)
        object.__setattr__(self, "referral_id_b", second)


@dataclass(frozen=True, slots=True)
class Hold:
    """A bed reserved for a household until `expires_at`; one row a bed."""

    hold_id: str
    referral_id: ReferralRef
    bed_id: BedRef
    starts_on: date
    expected_end_on: date
    expires_at: datetime

    def in_force(self, as_at: datetime) -> bool:
        """Whether it still reserves the bed."""
        return as_at < self.expires_at


@dataclass(frozen=True, slots=True)
class Decline:
    """A site that a household said no to, or that said no to it; for good where `until` is `None`."""

    referral_id: ReferralRef
    site_id: SiteRef
    declined_by: DeclinedBy
    declined_on: date
    reason: str = ""
    until: date | None = None

    def in_force(self, today: date) -> bool:
        """Whether it still stands in the way."""
        return self.until is None or today < self.until


@dataclass(frozen=True, slots=True)
class Placement:
    """A bed that a household has over `[starts_on, ended_on)`, or is expected to; one row a bed."""

    placement_id: str
    referral_id: ReferralRef
    bed_id: BedRef
    starts_on: date
    expected_end_on: date
    ended_on: date | None = None
