"""The fixed vocabulary: every enumerated value of the input, and the names of identifiers.

Stored values are never renamed; add one and migrate.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final, NewType

SiteRef = NewType("SiteRef", str)
UnitRef = NewType("UnitRef", str)
BedRef = NewType("BedRef", str)
ReferralRef = NewType("ReferralRef", str)
PersonRef = NewType("PersonRef", str)


class Gender(StrEnum):
    """A person's gender as recorded; a site says which it admits."""

    FEMALE = "female"
    MALE = "male"
    NON_BINARY = "non_binary"


class Nation(StrEnum):
    """The nations of the UK. Sites are run in the first two; referrals come from all four."""

    ENGLAND = "England"
    SCOTLAND = "Scotland"
    WALES = "Wales"
    NORTHERN_IRELAND = "Northern Ireland"


SERVED_NATIONS: Final = (Nation.ENGLAND, Nation.SCOTLAND)

REGIONS: Final = {
    "E12000001": "North East",
    "E12000002": "North West",
    "E12000003": "Yorkshire and The Humber",
    "E12000004": "East Midlands",
    "E12000005": "West Midlands",
    "E12000006": "East of England",
    "E12000007": "London",
    "E12000008": "South East",
    "E12000009": "South West",
    "S92000003": "Scotland",
    "W92000004": "Wales",
    "N92000002": "Northern Ireland",
}
"""ONS (GSS) codes of the nine English regions and the other three nations."""

AREA_CODE: Final = re.compile(r"[ENSW]\d{8}", re.ASCII)
"""The form of an ONS (GSS) code: a region's or a council's."""


class SiteType(StrEnum):
    """The kind of accommodation a site is."""

    SAFE_HOUSE = "safe_house"
    SELF_CONTAINED = "self_contained"
    DISPERSED = "dispersed"
    PLACE_OF_SAFETY = "place_of_safety"


class Sharing(StrEnum):
    """Whether a unit is one household's alone or shared by people of one gender."""

    HOUSEHOLD = "household"
    SHARED = "shared"


class BedKind(StrEnum):
    """A cot takes a child under two, a single anybody."""

    SINGLE = "single"
    COT = "cot"


class Priority(StrEnum):
    """How urgent a referral is, the most urgent first."""

    EMERGENCY = "emergency"
    URGENT = "urgent"
    STANDARD = "standard"


class ReferralStatus(StrEnum):
    """Where a referral stands; `waiting` and `held` may take part in a round.

    A folder states the four of `allocation.md` §1; `received` (not yet looked at by a coordinator) and
    `moved_on` (a stay that has ended) are the live service's own.
    """

    WAITING = "waiting"
    HELD = "held"
    PLACED = "placed"
    CLOSED = "closed"
    RECEIVED = "received"
    MOVED_ON = "moved_on"


FOLDER_STATUSES: Final = (
    ReferralStatus.WAITING,
    ReferralStatus.HELD,
    ReferralStatus.PLACED,
    ReferralStatus.CLOSED,
)
OPEN_STATUSES: Final = (ReferralStatus.WAITING, ReferralStatus.HELD)


class RiskToOthers(StrEnum):
    """Assessed risk to others; not assessed is `None`, which is not `low`."""

    LOW = "low"
    HIGH = "high"


class AgeStatus(StrEnum):
    """Whether a stated age is accepted."""

    KNOWN = "known"
    DISPUTED = "disputed"


class DeclinedBy(StrEnum):
    """Who said no to a site: the survivor (may be talked over) or the provider."""

    SURVIVOR = "survivor"
    PROVIDER = "provider"


class HoldState(StrEnum):
    """Where a hold stands; one that is `placed` counts for nothing once its time has run out."""

    PLACED = "placed"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    EXPIRED = "expired"
    RELEASED = "released"


class PlacementState(StrEnum):
    """Where a placement stands."""

    EXPECTED = "expected"
    ARRIVED = "arrived"
    NOT_ARRIVED = "not_arrived"
    TRANSFERRED = "transferred"
    ENDED = "ended"


class MoveOn(StrEnum):
    """Where somebody went when a stay ended."""

    SOCIAL_HOUSING = "social_housing"
    PRIVATE_RENTED = "private_rented"
    ASYLUM_ACCOMMODATION = "asylum_accommodation"
    FAMILY_OR_FRIENDS = "family_or_friends"
    OTHER_SUPPORTED_HOUSING = "other_supported_housing"
    HEALTH_OR_CARE = "health_or_care"
    LOCAL_AUTHORITY_CARE = "local_authority_care"
    LEFT_THE_UK = "left_the_uk"
    CUSTODY_OR_DETENTION = "custody_or_detention"
    WENT_MISSING = "went_missing"
    OTHER = "other"
    NOT_KNOWN = "not_known"


class ConclusiveGrounds(StrEnum):
    """How the conclusive grounds decision went."""

    POSITIVE = "positive"
    NEGATIVE = "negative"


class Role(StrEnum):
    """What a person is here for; stored with the person."""

    COORDINATOR = "coordinator"
    PROVIDER = "provider"
    COMMISSIONER = "commissioner"
    ANALYST = "analyst"
    AUDITOR = "auditor"
    ADMIN = "admin"


class RunKind(StrEnum):
    """What was worked out for planners, and is kept."""

    FORECAST = "forecast"
    COMPARISON = "comparison"
    SIMULATION = "simulation"


class Outcome(StrEnum):
    """Why a household that takes part in a round was not placed (`allocation.md` §3 and §5)."""

    INFORMATION_MISSING = "information_missing"
    UNACCOMPANIED_CHILD = "unaccompanied_child"
    AGE_UNRESOLVED = "age_unresolved"
    TOGETHER_UNCONFIRMED = "together_unconfirmed"
    NO_ELIGIBLE_UNIT = "no_eligible_unit"
    NO_FREE_UNIT = "no_free_unit"
    OUTRANKED = "outranked"
    NOT_PROVEN = "not_proven"
