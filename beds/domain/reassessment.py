"""What makes a reassessment of a change: a safety fact that would protect less than it did.

`allocation.md` §5: changing a safety fact is a reassessment with a reason and a second person, never an
override. What was not yet asked and is now, or protects more than before, needs neither.
"""

from __future__ import annotations

from beds.domain.accommodation import ADULT_AGE
from beds.domain.referral import UNASSESSED_SECURITY_LEVEL, Person, Referral
from beds.domain.terms import AgeStatus, RiskToOthers


def loosened(before: Referral, after: Referral) -> tuple[str, ...]:
    """Return the safety facts of a case that were recorded and would protect less, in order of names."""
    found = {
        "excluded_areas": not before.excluded_areas <= after.excluded_areas,
        # Taken back to "not yet asked", a level that was assessed could be lowered in two steps.
        "min_security_level": before.min_security_level is not None
        and (
            after.security_needed < before.min_security_level
            or (after.min_security_level is None and before.min_security_level >= UNASSESSED_SECURITY_LEVEL)
        ),
        "risk_to_others": before.risk_to_others is RiskToOthers.HIGH
        and after.risk_to_others is not RiskToOthers.HIGH,
    }
    return tuple(name for name, is_so in found.items() if is_so)


def loosened_for(before: Person, after: Person) -> tuple[str, ...]:
    """Return the same of a person, in order of names.

    A child who would be an adult, an age that was in dispute and would not be any more, and a "no", asked
    alone, that would be a "yes".
    """
    found = {
        "age": before.age is not None
        and before.age < ADULT_AGE
        and (after.age is None or after.age >= ADULT_AGE),
        "age_status": before.age_status is AgeStatus.DISPUTED and after.age_status is not AgeStatus.DISPUTED,
        "together_confirmed": before.together_confirmed is False and after.together_confirmed is not False,
    }
    return tuple(name for name, is_so in found.items() if is_so)


def loosened_by_leaving(before: Person) -> tuple[str, ...]:
    """Return what a person who no longer comes takes along: a dispute that another record would not have."""
    return ("age_status",) if before.age_status is AgeStatus.DISPUTED else ()
