"""Who is here tonight and who waits, in beds: day 0 of every forecast, straight from the records."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from beds.domain.clock import Clock
from beds.domain.estate import Estate
from beds.domain.needs import Need, beds_for, is_with_an_adult, needs_of
from beds.domain.referral import Placement
from beds.domain.terms import OPEN_STATUSES, BedRef, Nation, ReferralRef, SiteRef


@dataclass(frozen=True, slots=True)
class Resident:
    """A household that is in beds of the service tonight.

    Attributes
    ----------
    beds : tuple of BedRef
        Those it has tonight.
    nights_so_far : int
        Nights before tonight, in this site and those it moved from without a night between; ≥ 0.
    leaves_in : int or None
        Nights from tonight to a departure that is on record already, ≥ 1.
    """

    referral_id: ReferralRef
    site_id: SiteRef
    beds: tuple[BedRef, ...]
    nights_so_far: int
    leaves_in: int | None
    needs: frozenset[Need]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A household that needs beds and is in none of the service's tonight.

    Attributes
    ----------
    nation : Nation
        Of the site where one is booked, else of the referral.
    site_id : SiteRef or None
        The site where beds are booked from a later night on.
    beds : int
    comes_in : int
        Nights from tonight until it needs them; 0 if now.
    preferred_regions : frozenset of ONS codes
    """

    referral_id: ReferralRef
    nation: Nation
    site_id: SiteRef | None
    beds: int
    comes_in: int
    needs: frozenset[Need]
    preferred_regions: frozenset[str]


@dataclass(frozen=True, slots=True)
class Census:
    """Households that are here, and households that wait or are to come, each in the order of references."""

    residents: tuple[Resident, ...]
    waiting: tuple[Waiting, ...]


def census(estate: Estate, clock: Clock) -> Census:
    """Return who is here tonight and who waits.

    Children alone are the local authority's and not counted as waiting; nor is a survivor who is here under
    another referral: one set of beds is enough.
    """
    today = clock.today
    stays: dict[ReferralRef, list[Placement]] = defaultdict(list)
    current = {p.referral_id for p in estate.placements if _end(p) > today}
    for placement in estate.placements:
        if placement.referral_id in current and placement.starts_on < _end(placement):
            stays[placement.referral_id].append(placement)
    residents = [one for ref in sorted(stays) for one in _resident(estate, ref, stays[ref], today)]
    here = {estate.survivor_of[one.referral_id] for one in residents}
    booked = {ref: rows for ref, rows in stays.items() if estate.survivor_of[ref] not in here}
    waiting = [*_booked(estate, booked, today), *_open(estate, clock, here, frozenset(booked))]
    return Census(tuple(residents), tuple(sorted(waiting, key=lambda one: one.referral_id)))


def _end(placement: Placement) -> date:
    """Without a recorded end somebody stays: nobody is turned out by arithmetic (`allocation.md` §2)."""
    return date.max if placement.ended_on is None else placement.ended_on


def _resident(
    estate: Estate, referral_id: ReferralRef, placements: Sequence[Placement], today: date
) -> list[Resident]:
    tonight = [p for p in placements if p.starts_on <= today < _end(p)]
    if not tonight:
        return []
    since = min(p.starts_on for p in tonight)
    for placement in sorted(placements, key=_end, reverse=True):
        if placement.starts_on < since <= _end(placement):
            since = placement.starts_on
    until = max(map(_end, tonight))
    first = min(tonight, key=lambda p: p.bed_id)
    return [
        Resident(
            referral_id=referral_id,
            site_id=estate.unit_by_id[estate.bed_by_id[first.bed_id].unit_id].site_id,
            beds=tuple(sorted(p.bed_id for p in tonight)),
            nights_so_far=(today - since).days,
            leaves_in=None if until == date.max else (until - today).days,
            needs=_needs(estate, referral_id),
        )
    ]


def _booked(estate: Estate, stays: Mapping[ReferralRef, Sequence[Placement]], today: date) -> list[Waiting]:
    """Who has a stay on record that has not begun; they come on its first night."""
    found = []
    for ref, placements in stays.items():
        to_come = [p for p in placements if p.starts_on > today]
        if not to_come:
            continue
        starts_on = min(p.starts_on for p in to_come)
        beds = [p.bed_id for p in to_come if p.starts_on == starts_on]
        site = estate.site_by_id[estate.unit_by_id[estate.bed_by_id[beds[0]].unit_id].site_id]
        found.append(
            Waiting(
                referral_id=ref,
                nation=site.nation,
                site_id=site.site_id,
                beds=len(beds),
                comes_in=(starts_on - today).days,
                needs=_needs(estate, ref),
                preferred_regions=frozenset({site.region}),
            )
        )
    return found


def _open(estate: Estate, clock: Clock, here: set[str], booked: frozenset[ReferralRef]) -> list[Waiting]:
    found = []
    for referral in estate.referrals:
        if (
            referral.status not in OPEN_STATUSES
            or referral.referral_id in booked
            or referral.survivor in here
        ):
            continue
        people = estate.people_of.get(referral.referral_id, ())
        if not is_with_an_adult(people):
            continue
        later = referral.needed_from > clock.calendar_date
        found.append(
            Waiting(
                referral_id=referral.referral_id,
                nation=referral.nation,
                site_id=None,
                beds=beds_for(people),
                comes_in=(referral.needed_from - clock.today).days if later else 0,
                needs=needs_of(referral, people),
                preferred_regions=referral.preferred_regions,
            )
        )
    return found


def _needs(estate: Estate, referral_id: ReferralRef) -> frozenset[Need]:
    return needs_of(estate.referral_by_id[referral_id], estate.people_of.get(referral_id, ()))
