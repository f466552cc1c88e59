"""What a truth-table case is, and short ways to say how it differs from a simple passing one.

The simple one: a woman of 30, English-speaking, every need asked and modest, 30 nights from 3 March 2026;
an English women's safe house with one step-free unit of one single bed for one household.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from beds.domain.accommodation import Bed, Site, Unit
from beds.domain.estate import Estate
from beds.domain.referral import Person, Referral
from beds.domain.terms import BedKind, Gender, Nation, Outcome, ReferralRef, ReferralStatus, Sharing, UnitRef
from tests.builders import NOON, a_bed, a_person, a_placement, a_referral, a_site, a_unit

FEMALE, MALE, NON_BINARY = Gender.FEMALE, Gender.MALE, Gender.NON_BINARY
WOMEN, MEN, BOTH = frozenset({FEMALE}), frozenset({MALE}), frozenset({FEMALE, MALE})
SCOTTISH: Mapping[str, Any] = {"nation": Nation.SCOTLAND, "region": "S92000003"}
R1, U1 = ReferralRef("R1"), UnitRef("U1")
SHARED: Mapping[str, Any] = {"sharing": Sharing.SHARED}
COT = BedKind.COT


@dataclass(frozen=True)
class Case:
    """One row of the truth table of a rule; `not_asked` where it turns on a cell left empty."""

    rule: str
    name: str
    estate: Estate
    holds: bool
    not_asked: bool = False
    as_at: datetime = NOON
    referral_id: ReferralRef = R1
    unit_id: UnitRef = U1

    def __str__(self) -> str:
        """Name the case in test reports."""
        return f"{self.rule}: {self.name}"


@dataclass(frozen=True)
class MismatchCase:
    """The mismatch of R1 in U1, were it placed there alone."""

    name: str
    estate: Estate
    expected: Mapping[str, int]
    as_at: datetime = NOON
    referral_id: ReferralRef = R1
    unit_id: UnitRef = U1

    def __str__(self) -> str:
        """Name the case in test reports."""
        return self.name


@dataclass(frozen=True)
class ExplanationCase:
    """What R1 is owed if the round does not place it; `outcome` is `None` where a unit was free for it.

    `barriers` maps each set of rules to the units it opens and whether it is askable.
    """

    name: str
    estate: Estate
    outcome: Outcome | None
    free_on: date | None = None
    barriers: Mapping[frozenset[str], tuple[int, bool]] | None = None
    as_at: datetime = NOON
    referral_id: ReferralRef = R1

    def __str__(self) -> str:
        """Name the case in test reports."""
        return self.name


def march(day: int) -> date:
    """Return a day of March 2026; the round is on the 3rd."""
    return date(2026, 3, day)


def april(day: int) -> date:
    """Return a day of April 2026; a stay of 30 nights ends on the 2nd."""
    return date(2026, 4, day)


def utc(year: int, month: int, day: int, hour: int, minute: int = 0) -> datetime:
    """Return an instant."""
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


def an_estate(
    *,
    site: Mapping[str, Any] | None = None,
    unit: Mapping[str, Any] | None = None,
    referral: Mapping[str, Any] | None = None,
    lead: Mapping[str, Any] | None = None,
    **more: tuple[Any, ...],
) -> Estate:
    """Return the simple passing estate with some fields changed and some rows added.

    `site`, `unit`, `referral` and `lead` change fields of S1, U1, R1 and A1; any other name is a table whose
    rows are added. With the table `beds`, U1 has exactly these beds instead of B1.
    """
    tables: dict[str, tuple[Any, ...]] = {
        "sites": (a_site(**(site or {})),),
        "units": (a_unit(**(unit or {})),),
        "referrals": (a_referral(**(referral or {})),),
        "people": (a_person(**(lead or {})),),
        "beds": () if "beds" in more else (a_bed(),),
    }
    return Estate(**{name: tables.get(name, ()) + more.get(name, ()) for name in {**tables, **more}})


def another_site(site_id: str = "S2", **changes: Any) -> tuple[Site, Unit, Bed]:
    """Return a second site like the first, with one unit of one single bed: S2, U2, B2."""
    number = site_id.removeprefix("S")
    unit_changes = {key: changes.pop(key) for key in ("sharing", "step_free") if key in changes}
    return (
        a_site(site_id, **changes),
        a_unit(f"U{number}", site_id, **unit_changes),
        a_bed(f"B{number}", f"U{number}"),
    )


def with_sites(estate: Estate, *sites: tuple[Site, Unit, Bed]) -> Estate:
    """Return an estate with more sites of one unit of one bed."""
    return estate.with_rows(
        sites=(*estate.sites, *(site for site, _, _ in sites)),
        units=(*estate.units, *(unit for _, unit, _ in sites)),
        beds=(*estate.beds, *(bed for _, _, bed in sites)),
    )


def with_resident(
    estate: Estate, bed_id: str, *, lead: Mapping[str, Any] | None = None, **stay: Any
) -> Estate:
    """Return an estate in which R2, a woman unless told otherwise, has a bed from February to 2 April."""
    return estate.with_rows(
        referrals=(*estate.referrals, resident()),
        people=(*estate.people, a_person("A2", "R2", **(lead or {}))),
        placements=(*estate.placements, a_placement("R2", bed_id, **stay)),
    )


def resident(referral_id: str = "R2", **changes: Any) -> Referral:
    """Return a referral that has been placed."""
    return a_referral(referral_id, **{"status": ReferralStatus.PLACED, **changes})


def a_child(age: int, *, gender: Gender = FEMALE, person_id: str = "A9", **changes: Any) -> Person:
    """Return a child of R1."""
    return a_person(person_id, is_lead=False, gender=gender, age=age, **changes)


def a_partner(gender: Gender = MALE, **changes: Any) -> Person:
    """Return the partner of R1's lead, of 33, who has confirmed that they stay together."""
    return a_person(
        "A8", **{"is_lead": False, "gender": gender, "age": 33, "together_confirmed": True, **changes}
    )
