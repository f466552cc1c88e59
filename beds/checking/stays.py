"""Stays, and what occupies a bed, a unit and a site: placements, holds in force, closures.

Half-open intervals of nights (`allocation.md` §2). Nothing here knows a rule; it only says who is where when.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from beds.checking.households import Household
from beds.domain.accommodation import Bed, Site, Unit
from beds.domain.clock import Clock
from beds.domain.estate import Estate
from beds.domain.referral import Placement
from beds.domain.terms import BedKind, BedRef, ReferralRef, SiteRef, UnitRef

FOREVER = 10**9
"""The end of a closure until further notice, and of a stay that nobody has said will end."""


@dataclass(frozen=True, slots=True)
class Nights:
    """The nights `[start, end)`; none where `end` is not after `start`.

    Days go by their ordinal: a stay that begins on the last dates of the calendar ends beyond them.
    """

    start: int
    end: int

    @classmethod
    def between(cls, start: date, end: date) -> Nights:
        """Return the nights from one date to another."""
        return cls(start.toordinal(), end.toordinal())

    @property
    def count(self) -> int:
        """How many nights."""
        return max(0, self.end - self.start)

    def overlap(self, other: Nights) -> bool:
        """Return whether they have a night in common; no nights have none in common with anything."""
        return max(self.start, other.start) < min(self.end, other.end)


@dataclass(frozen=True, slots=True)
class Visit:
    """A household in a unit over some nights: what every rule is asked about."""

    household: Household
    unit: Unit
    site: Site
    stay: Nights


@dataclass(frozen=True, slots=True)
class Booking:
    """A household's bed over some nights; `newly` where the round under judgement made it."""

    referral_id: ReferralRef
    bed_id: BedRef
    unit_id: UnitRef
    site_id: SiteRef
    nights: Nights
    newly: bool = False


@dataclass(frozen=True, slots=True)
class FreeBeds:
    """The beds of one unit that are free over a stay."""

    singles: frozenset[BedRef]
    cots: frozenset[BedRef]


def stay_in(site: Site, household: Household, start: int) -> Nights:
    """Return the stay of a household in a site from a day: n nights, cut to the site's limit."""
    limit = site.max_stay_nights
    nights = household.nights if limit is None else min(household.nights, limit)
    return Nights(start, start + nights)


def nights_of(placement: Placement, today: date, *, overdue_stay_on: bool = False) -> Nights:
    """Return the nights a placement occupies its bed.

    Nobody who has overstayed is turned out by arithmetic: without an end, at least tonight; and for the
    question "from which date?", for ever (`allocation.md` §2 and §5).
    """
    if placement.ended_on is not None:
        return Nights.between(placement.starts_on, placement.ended_on)
    stay = Nights.between(placement.starts_on, placement.expected_end_on)
    if overdue_stay_on and placement.expected_end_on <= today:
        return Nights(stay.start, FOREVER)
    return Nights(stay.start, max(stay.end, today.toordinal() + 1))


def standing_bookings(estate: Estate, clock: Clock, *, overdue_stay_on: bool = False) -> list[Booking]:
    """Return the placements and the holds in force as they stand before the round."""
    claims = [
        (row.referral_id, row.bed_id, nights_of(row, clock.today, overdue_stay_on=overdue_stay_on))
        for row in estate.placements
    ]
    # a hold is a place kept, not a person who might overstay: exactly the nights it was given
    claims += [
        (hold.referral_id, hold.bed_id, Nights.between(hold.starts_on, hold.expected_end_on))
        for hold in estate.holds
        if hold.in_force(clock.as_at)
    ]
    return [booking(estate, referral_id, bed_id, nights) for referral_id, bed_id, nights in claims]


def booking(
    estate: Estate, referral_id: ReferralRef, bed_id: BedRef, nights: Nights, *, newly: bool = False
) -> Booking:
    """Return the booking of a bed, with the unit and the site it is in."""
    unit_id = estate.bed_by_id[bed_id].unit_id
    return Booking(referral_id, bed_id, unit_id, estate.unit_by_id[unit_id].site_id, nights, newly)


class Occupancy:
    """Who is where when: all bookings and closures, by bed, by unit and by site."""

    def __init__(self, estate: Estate, bookings: Iterable[Booking]) -> None:
        """Sort the bookings and the estate's closures by place."""
        self.estate = estate
        self._closed: dict[BedRef, list[Nights]] = defaultdict(list)
        self._of_bed: dict[BedRef, list[Booking]] = defaultdict(list)
        self._of_unit: dict[UnitRef, list[Booking]] = defaultdict(list)
        self._of_site: dict[SiteRef, list[Booking]] = defaultdict(list)
        self._free: dict[tuple[UnitRef, Nights, ReferralRef | None], FreeBeds] = {}
        for closure in estate.closures:
            end = FOREVER if closure.ends_on is None else closure.ends_on.toordinal()
            self._closed[closure.bed_id].append(Nights(closure.starts_on.toordinal(), end))
        for one in bookings:
            self._of_bed[one.bed_id].append(one)
            self._of_unit[one.unit_id].append(one)
            self._of_site[one.site_id].append(one)

    def is_free(self, bed: Bed, stay: Nights, *, without: ReferralRef | None = None) -> bool:
        """Return whether a bed is free over an entire stay, were one newly placed household not there."""
        if any(closed.overlap(stay) for closed in self._closed.get(bed.bed_id, ())):
            return False
        return not any(
            one.nights.overlap(stay) and not _is_left_out(one, without)
            for one in self._of_bed.get(bed.bed_id, ())
        )

    def free_beds(self, unit_id: UnitRef, stay: Nights, *, without: ReferralRef | None = None) -> FreeBeds:
        """Return the beds of a unit that are free over an entire stay."""
        key = (unit_id, stay, without)
        if key not in self._free:
            free = [
                bed
                for bed in self.estate.beds_of.get(unit_id, ())
                if self.is_free(bed, stay, without=without)
            ]
            self._free[key] = FreeBeds(
                singles=frozenset(bed.bed_id for bed in free if bed.kind is BedKind.SINGLE),
                cots=frozenset(bed.bed_id for bed in free if bed.kind is BedKind.COT),
            )
        return self._free[key]

    def others_in_unit(self, visit: Visit, *, without: ReferralRef | None = None) -> list[ReferralRef]:
        """Return the other households whose stay in the unit overlaps."""
        return _others(self._of_unit.get(visit.unit.unit_id, ()), visit, without)

    def others_in_site(self, visit: Visit, *, without: ReferralRef | None = None) -> list[ReferralRef]:
        """Return the other households whose stay in the site overlaps."""
        return _others(self._of_site.get(visit.site.site_id, ()), visit, without)

    def newly_in_unit(self, unit_id: UnitRef) -> list[ReferralRef]:
        """Return the households newly placed in a unit, each once."""
        return sorted({one.referral_id for one in self._of_unit.get(unit_id, ()) if one.newly})

    def ends_that_matter(self, unit_id: UnitRef, site_id: SiteRef) -> set[int]:
        """Return every day on which a bed of the unit may come free or somebody leaves the site."""
        ends = {one.nights.end for one in self._of_site.get(site_id, ())}
        for bed in self.estate.beds_of.get(unit_id, ()):
            ends |= {closed.end for closed in self._closed.get(bed.bed_id, ())}
        return ends - {FOREVER}


def _is_left_out(one: Booking, without: ReferralRef | None) -> bool:
    return one.newly and one.referral_id == without


def _others(bookings: Iterable[Booking], visit: Visit, without: ReferralRef | None) -> list[ReferralRef]:
    return [
        one.referral_id
        for one in bookings
        if one.referral_id != visit.household.reference
        and one.nights.overlap(visit.stay)
        and not _is_left_out(one, without)
    ]
