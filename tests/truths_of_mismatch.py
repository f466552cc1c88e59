"""The mismatch of R1 in U1, written by hand from the seven rows of `allocation.md` §4.

The simple estate has a step-free unit that nobody needs (15) and one level of security too many (10); most
cases take both away, so that what a case is about stands alone.
"""

from __future__ import annotations

from typing import Any

from beds.domain.estate import Estate
from beds.domain.terms import BedKind, Nation, Priority
from tests.builders import a_bed, a_closure
from tests.truth_case import (
    SHARED,
    MismatchCase,
    a_child,
    an_estate,
    april,
    march,
    with_resident,
)

TWO = (a_bed("B1"), a_bed("B2"))


def _plain(**changes: Any) -> Estate:
    """Return an estate without any mismatch, but for the changes."""
    unit = {"step_free": False, **changes.pop("unit", {})}
    referral = {"min_security_level": 2, **changes.pop("referral", {})}
    return an_estate(unit=unit, referral=referral, **changes)


MISMATCH_CASES = [
    MismatchCase("nothing", _plain(), {}),
    MismatchCase(
        "a limit shorter than the stay",
        _plain(site={"max_stay_nights": 29}, referral={"priority": Priority.EMERGENCY}),
        {"interim": 40},
    ),
    MismatchCase("a limit of the stay", _plain(site={"max_stay_nights": 30}), {}),
    MismatchCase(
        "a limit shorter than Scotland's recovery period",
        _plain(
            site={"max_stay_nights": 89},
            referral={"expected_stay_days": None, "nation": Nation.SCOTLAND, "priority": Priority.EMERGENCY},
        ),
        {"interim": 40},
    ),
    MismatchCase(
        "neither English nor a staff language",
        _plain(site={"staff_languages": frozenset({"vi"})}, lead={"languages": frozenset({"sq"})}),
        {"language": 30},
    ),
    MismatchCase(
        "a staff language",
        _plain(site={"staff_languages": frozenset({"sq"})}, lead={"languages": frozenset({"sq"})}),
        {},
    ),
    MismatchCase(
        "English, whatever staff speak",
        _plain(site={"staff_languages": frozenset({"vi"})}, lead={"languages": frozenset({"sq", "en"})}),
        {},
    ),
    MismatchCase("her languages not asked", _plain(lead={"languages": frozenset()}), {"language": 30}),
    MismatchCase(
        "another region than preferred",
        _plain(referral={"preferred_regions": frozenset({"E12000002"})}),
        {"region": 20},
    ),
    MismatchCase(
        "one of the regions preferred",
        _plain(referral={"preferred_regions": frozenset({"E12000002", "E12000007"})}),
        {},
    ),
    MismatchCase(
        "one level above the one needed", _plain(referral={"min_security_level": 1}), {"security": 10}
    ),
    MismatchCase(
        "two levels above the one needed",
        _plain(site={"security_level": 3}, referral={"min_security_level": 1}),
        {"security": 20},
    ),
    MismatchCase(
        "one level above the cautious reading of a risk not assessed",
        _plain(site={"security_level": 3}, referral={"min_security_level": None}),
        {"security": 10},
    ),
    MismatchCase("step-free, and not needed", _plain(unit={"step_free": True}), {"step_free": 15}),
    MismatchCase(
        "step-free, and needed", _plain(unit={"step_free": True}, referral={"needs_step_free": True}), {}
    ),
    MismatchCase(
        "step-free, and not asked", _plain(unit={"step_free": True}, referral={"needs_step_free": None}), {}
    ),
    MismatchCase(
        "two services beyond those required",
        _plain(
            site={"services": frozenset({"counselling", "legal_advice", "drug_treatment"})},
            referral={"services_required": frozenset({"counselling"})},
        ),
        {"services": 4},
    ),
    MismatchCase("a single left empty", _plain(beds=TWO), {"beds": 8}),
    MismatchCase("a cot left empty", _plain(beds=(a_bed("B1"), a_bed("C1", kind=BedKind.COT))), {"beds": 8}),
    MismatchCase("beds of a shared unit left empty", _plain(unit=SHARED, beds=TWO), {}),
    MismatchCase("a bed left empty that is closed", _plain(beds=TWO, closures=(a_closure("B2"),)), {}),
    MismatchCase(
        "a bed left empty that closes on her last night",
        _plain(beds=TWO, closures=(a_closure("B2", starts_on=april(1)),)),
        {},
    ),
    MismatchCase(
        "a bed left empty that closes when she leaves",
        _plain(beds=TWO, closures=(a_closure("B2", starts_on=april(2)),)),
        {"beds": 8},
    ),
    MismatchCase(
        "a bed that somebody left today",
        with_resident(_plain(beds=TWO), "B2", ended_on=march(3)),
        {"beds": 8},
    ),
    MismatchCase(
        "a baby takes the cot and leaves a single",
        _plain(people=(a_child(1),), beds=(*TWO, a_bed("C1", kind=BedKind.COT))),
        {"beds": 8},
    ),
    MismatchCase(
        "a baby who is due takes the cot",
        _plain(lead={"due_on": march(20)}, beds=(a_bed("B1"), a_bed("C1", kind=BedKind.COT))),
        {},
    ),
    MismatchCase(
        "all seven together",
        _plain(
            site={
                "max_stay_nights": 5,
                "security_level": 3,
                "services": frozenset({"counselling"}),
            },
            unit={"step_free": True},
            referral={
                "priority": Priority.EMERGENCY,
                "preferred_regions": frozenset({"E12000002"}),
                "min_security_level": 1,
            },
            lead={"languages": frozenset({"sq"})},
            beds=TWO,
        ),
        {
            "interim": 40,
            "language": 30,
            "region": 20,
            "security": 20,
            "step_free": 15,
            "services": 2,
            "beds": 8,
        },
    ),
]
