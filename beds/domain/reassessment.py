"""What makes a reassessment of a change: a safety fact that would protect less than it did.

`allocation.md` §5: changing a safety fact is a reassessment with a reason and a second person, never an
override. What was not yet asked and is now, or protects more than before, needs neither.
"""

from __future__ import annotations

from beds.domain.referral import Person, Referral
from beds.domain.terms import AgeStatus, RiskToOthers


def loosened(before: Referral, after: Referral) -> tuple[str, ...]:
    """Return the safety facts of a case that were recorded and would protect less, in order of names."""
    found = {
        "excluded_areas": not before.excluded_areas <= after.excluded_areas,
        "min_security_level": before.min_security_level is not None
        and after.security_needed < before.min_security_level,
        "risk_to_others": before.risk_to_others is RiskToOthers.HIGH
        and after.risk_to_others is not RiskToOthers.HIGH,
    }
    return tuple(name for name, is_so in found.items() if is_so)


def loosened_for(before: Person, after: Person) -> tuple[str, ...]:
    """Return the same of a person: an age that was in dispute and would not be any more."""
    settled = before.age_status is AgeStatus.DISPUTED and after.age_status is not AgeStatus.DISPUTED
    return ("age_status",) if settled else ()
