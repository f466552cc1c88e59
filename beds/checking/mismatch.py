"""The mismatch of a household with a unit it may have, row by row of `allocation.md` §4."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from beds.checking.room import beds_taken
from beds.checking.rules import primary_subtags
from beds.checking.stays import Occupancy, Visit
from beds.domain.terms import ReferralRef, Sharing

MISMATCHES: Final = ("interim", "language", "region", "security", "step_free", "services", "beds")
ENGLISH: Final = "en"


def mismatch(
    occupancy: Occupancy,
    visit: Visit,
    points: Mapping[str, int],
    *,
    without: ReferralRef | None = None,
) -> dict[str, int]:
    """Return each mismatch that is not nothing, with its points.

    `points` gives the points of one occurrence of each of the seven; `occupancy` decides which beds are free,
    leaving out the new booking of `without` (the household itself, where it is already in there).
    """
    household, site = visit.household, visit.site
    referral = household.referral
    spoken = primary_subtags(site.staff_languages) | {ENGLISH}
    occurrences = {
        "interim": site.max_stay_nights is not None and site.max_stay_nights < household.nights,
        "language": not primary_subtags(household.lead.languages) & spoken,
        "region": bool(referral.preferred_regions) and site.region not in referral.preferred_regions,
        "security": max(0, site.security_level - referral.security_needed),
        "step_free": visit.unit.step_free and referral.needs_step_free is False,
        "services": len(site.services - referral.services_required),
        "beds": _spare_beds(occupancy, visit, without),
    }
    weighed = {name: int(times) * points[name] for name, times in occurrences.items()}
    return {name: cost for name, cost in weighed.items() if cost}


def _spare_beds(occupancy: Occupancy, visit: Visit, without: ReferralRef | None) -> int:
    """Count the beds of a `household` unit, free over the stay, that the household leaves empty."""
    if visit.unit.sharing is not Sharing.HOUSEHOLD:
        return 0
    free = occupancy.free_beds(visit.unit.unit_id, visit.stay, without=without)
    taken = sum(beds_taken(visit, cots_free=len(free.cots)))
    return max(0, len(free.singles) + len(free.cots) - taken)
