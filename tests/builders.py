"""Builders: a valid record of each kind, of which a test states only what it is about."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from beds.domain.accommodation import Bed, Closure, Site, Unit
from beds.domain.clock import Clock
from beds.domain.estate import Estate
from beds.domain.referral import Decline, Hold, KeepApart, Person, Placement, Referral
from beds.domain.terms import (
    BedKind,
    BedRef,
    DeclinedBy,
    Gender,
    Nation,
    PersonRef,
    Priority,
    ReferralRef,
    ReferralStatus,
    RiskToOthers,
    Sharing,
    SiteRef,
    SiteType,
    UnitRef,
)

TODAY = date(2026, 3, 3)
NOON = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)
CLOCK = Clock(NOON)


def a_site(site_id: str = "S1", **changes: Any) -> Site:
    """Return an English women's safe house, enhanced security, children welcome, no limit of stay."""
    return Site(
        **{
            "site_id": SiteRef(site_id),
            "provider_id": "P1",
            "nation": Nation.ENGLAND,
            "region": "E12000007",
            "site_type": SiteType.SAFE_HOUSE,
            "admits": frozenset({Gender.FEMALE}),
            "accepts_children": True,
            "security_level": 2,
            **changes,
        }
    )


def a_unit(unit_id: str = "U1", site_id: str = "S1", **changes: Any) -> Unit:
    """Return a step-free unit for one household."""
    return Unit(
        **{
            "unit_id": UnitRef(unit_id),
            "site_id": SiteRef(site_id),
            "sharing": Sharing.HOUSEHOLD,
            "step_free": True,
            **changes,
        }
    )


def a_bed(bed_id: str = "B1", unit_id: str = "U1", kind: BedKind = BedKind.SINGLE) -> Bed:
    """Return a single bed."""
    return Bed(bed_id=BedRef(bed_id), unit_id=UnitRef(unit_id), kind=kind)


def a_closure(bed_id: str = "B1", **changes: Any) -> Closure:
    """Return a closure from today until further notice."""
    return Closure(**{"bed_id": BedRef(bed_id), "starts_on": TODAY, **changes})


def a_referral(referral_id: str = "R1", **changes: Any) -> Referral:
    """Return a standard, waiting referral from England whose every need has been asked and is modest."""
    return Referral(
        **{
            "referral_id": ReferralRef(referral_id),
            "received_at": datetime(2026, 3, 1, 9, 0, tzinfo=UTC),
            "needed_from": TODAY,
            "priority": Priority.STANDARD,
            "nation": Nation.ENGLAND,
            "status": ReferralStatus.WAITING,
            "no_shelter_tonight": False,
            "detention_risk": False,
            "expected_stay_days": 30,
            "min_security_level": 1,
            "needs_step_free": False,
            "language_required": False,
            "cross_border": False,
            "accepts_sharing": True,
            "risk_to_others": RiskToOthers.LOW,
            **changes,
        }
    )


def a_person(person_id: str = "A1", referral_id: str = "R1", **changes: Any) -> Person:
    """Return a lead: a woman of 30 who speaks English."""
    return Person(
        **{
            "person_id": PersonRef(person_id),
            "referral_id": ReferralRef(referral_id),
            "is_lead": True,
            "gender": Gender.FEMALE,
            "age": 30,
            "languages": frozenset({"en"}),
            **changes,
        }
    )


def a_keep_apart(a: str = "R1", b: str = "R2") -> KeepApart:
    """Return a pair of households that must not meet."""
    return KeepApart(ReferralRef(a), ReferralRef(b))


def a_hold(referral_id: str = "R2", bed_id: str = "B1", **changes: Any) -> Hold:
    """Return a hold in force at noon today."""
    return Hold(
        **{
            "hold_id": f"H-{referral_id}-{bed_id}",
            "referral_id": ReferralRef(referral_id),
            "bed_id": BedRef(bed_id),
            "starts_on": TODAY,
            "expected_end_on": date(2026, 4, 2),
            "expires_at": datetime(2026, 3, 3, 14, 0, tzinfo=UTC),
            **changes,
        }
    )


def a_decline(referral_id: str = "R1", site_id: str = "S1", **changes: Any) -> Decline:
    """Return the survivor's own decline of a site, for good."""
    return Decline(
        **{
            "referral_id": ReferralRef(referral_id),
            "site_id": SiteRef(site_id),
            "declined_by": DeclinedBy.SURVIVOR,
            "declined_on": date(2026, 3, 2),
            **changes,
        }
    )


def a_placement(referral_id: str = "R2", bed_id: str = "B1", **changes: Any) -> Placement:
    """Return a stay that began in February and is expected to end on 2 April."""
    return Placement(
        **{
            "placement_id": f"PL-{referral_id}-{bed_id}",
            "referral_id": ReferralRef(referral_id),
            "bed_id": BedRef(bed_id),
            "starts_on": date(2026, 2, 1),
            "expected_end_on": date(2026, 4, 2),
            **changes,
        }
    )


def a_small_estate(**changes: Any) -> Estate:
    """Return one site with one unit of one bed, and one woman waiting who could have it."""
    tables: dict[str, Any] = {
        "sites": (a_site(),),
        "units": (a_unit(),),
        "beds": (a_bed(),),
        "referrals": (a_referral(),),
        "people": (a_person(),),
        **changes,
    }
    return Estate(**tables)
