"""Every placement of a result judged by every rule, alone and together with all the others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from beds.checking.households import Household, outcome_without_a_round
from beds.checking.mismatch import mismatch
from beds.checking.room import beds_taken, keep_apart, sharing
from beds.checking.rules import broken_rules
from beds.checking.shape import ClaimedPlacement
from beds.checking.situation import Situation
from beds.checking.stays import Booking, Nights, Occupancy, Visit, standing_bookings
from beds.domain.terms import BedKind, BedRef, ReferralRef, UnitRef


@dataclass(frozen=True, slots=True)
class Placed:
    """A claim about a household that takes part and a unit that exists."""

    claim: ClaimedPlacement
    visit: Visit

    @property
    def name(self) -> str:
        """How faults call it."""
        return f"{self.visit.household.reference} in {self.visit.unit.unit_id}"


def known_placements(
    situation: Situation, claims: Iterable[ClaimedPlacement]
) -> tuple[list[Placed], list[str]]:
    """Return the placements whose household and unit exist, and a fault for each of the others.

    A reference that the estate does not have is not repeated: it could be anything.
    """
    units = situation.estate.unit_by_id
    taking_part = {household.reference: household for household in situation.taking_part}
    placed, faults = [], []
    for index, claim in enumerate(claims):
        household = taking_part.get(ReferralRef(claim.referral_id))
        unit = units.get(UnitRef(claim.unit_id))
        if household is None:  # told as a fault of who is in the result
            continue
        if unit is None:
            faults.append(f"placements[{index}] ({household.reference}): there is no such unit")
            continue
        placed.append(Placed(claim, situation.visit(household, unit)))
    return placed, faults


def occupancy_after(situation: Situation, placed: Iterable[Placed]) -> Occupancy:
    """Return who is where when, with the newly placed in the beds they are said to have."""
    bookings = standing_bookings(situation.estate, situation.clock)
    for one in placed:
        unit = one.visit.unit
        bookings += [
            Booking(
                one.visit.household.reference,
                BedRef(bed_id),
                unit.unit_id,
                unit.site_id,
                one.visit.stay,
                True,
            )
            for bed_id in one.claim.bed_ids
        ]
    return Occupancy(situation.estate, bookings)


def faults_of_placement(
    situation: Situation, after: Occupancy, placed: Placed, points: Mapping[str, int]
) -> list[str]:
    """Return everything wrong with one placement, as sentences."""
    visit, claim = placed.visit, placed.claim
    kind = outcome_without_a_round(visit.household)
    if kind is not None:
        return [f"{visit.household.reference}: is not placed by a round, but is {kind}"]
    faults = [f"{placed.name}: breaks the rule {rule}" for rule in sorted(broken_rules(visit))]
    if not sharing(after, visit):
        faults.append(f"{placed.name}: breaks the rule sharing")
    if not keep_apart(after, visit):
        faults.append(f"{placed.name}: breaks the rule keep_apart")
    if claim.site_id != visit.site.site_id:
        faults.append(f"{placed.name}: site_id is not the site of the unit")
    if Nights.between(claim.starts_on, claim.expected_end_on) != visit.stay:
        start, end = date.fromordinal(visit.stay.start), date.fromordinal(visit.stay.end)
        faults.append(f"{placed.name}: the stay must be {start} to {end}")
    faults += _faults_of_beds(situation, after, placed)
    return faults + _faults_of_mismatch(after, placed, points)


def _faults_of_beds(situation: Situation, after: Occupancy, placed: Placed) -> list[str]:
    """Return what is wrong with the beds: theirs, free, one each, of the right kind."""
    beds_known = situation.estate.bed_by_id
    bed_ids, unit_id = placed.claim.bed_ids, placed.visit.unit.unit_id
    faults = []
    if len(set(bed_ids)) != len(bed_ids):
        faults.append(f"{placed.name}: a bed is named twice")
    beds = [beds_known[BedRef(bed_id)] for bed_id in bed_ids if bed_id in beds_known]
    if len(beds) != len(bed_ids):
        faults.append(f"{placed.name}: there is no such bed")
    for bed in beds:
        if bed.unit_id != unit_id:
            faults.append(f"{placed.name}: bed {bed.bed_id} is not in this unit")
        if not after.is_free(bed, placed.visit.stay, without=placed.visit.household.reference):
            faults.append(f"{placed.name}: breaks the rule capacity, bed {bed.bed_id} is not free")
    free = after.free_beds(unit_id, placed.visit.stay, without=placed.visit.household.reference)
    singles, cots = beds_taken(placed.visit, cots_free=len(free.cots))
    kinds = [bed.kind for bed in beds]
    if (kinds.count(BedKind.SINGLE), kinds.count(BedKind.COT)) != (singles, cots):
        faults.append(
            f"{placed.name}: breaks the rule capacity, the household takes {singles} single and {cots} cot"
        )
    return faults


def _faults_of_mismatch(after: Occupancy, placed: Placed, points: Mapping[str, int]) -> list[str]:
    expected = expected_mismatch(after, placed, points)
    claimed = placed.claim.mismatch
    return [
        f"{placed.name}: mismatch {name} must be {expected.get(name, 0)}"
        for name in sorted(set(expected) | set(claimed))
        if expected.get(name, 0) != claimed.get(name, 0)
    ]


def expected_mismatch(after: Occupancy, placed: Placed, points: Mapping[str, int]) -> dict[str, int]:
    """Return the mismatch of a placement, counted afresh."""
    return mismatch(after, placed.visit, points, without=placed.visit.household.reference)


def households_placed(placed: Iterable[Placed]) -> dict[ReferralRef, Household]:
    """Return the placed households by reference, each once."""
    return {one.visit.household.reference: one.visit.household for one in placed}
