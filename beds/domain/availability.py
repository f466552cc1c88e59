"""What stands before a round: who is where, which beds are free and for how long, as arrays.

Offsets are nights from today; intervals are half-open. Occupancy is derived here from placements, holds in
force and closures; it is never stored.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any, Self, TypeVar

import numpy as np

from beds.domain.accommodation import Closure
from beds.domain.clock import Clock
from beds.domain.estate import Estate
from beds.domain.households import GENDER_BIT, NATION_CODE, NEVER, Bools, Ints, Vocabulary, gender_bits
from beds.domain.referral import Hold, Placement
from beds.domain.terms import BedKind, BedRef, ReferralRef, Sharing, SiteRef, UnitRef

Span = tuple[int, int]
UNLIMITED = int(NEVER)


@dataclass(frozen=True, slots=True)
class Stay:
    """A household standing in a bed over `[starts, ends)`, in nights from today."""

    referral_id: ReferralRef
    bed_id: BedRef
    starts: int
    ends: int
    overdue: bool


@dataclass(frozen=True, slots=True)
class Sites:
    """Arrays over `S` sites; `opens` and `closes` are offsets, `max_stay` is `NEVER` without a limit."""

    refs: tuple[SiteRef, ...]
    nation: Ints
    region_column: Ints
    admits_bits: Ints
    accepts_children: Bools
    max_age_girls: Ints
    max_age_boys: Ints
    security_level: Ints
    opens: Ints
    closes: Ints
    max_stay: Ints
    languages: Bools
    services: Bools
    areas: Bools


@dataclass(frozen=True, slots=True)
class Units:
    """Arrays over `U` units, and over the beds in them (U, B), of which absent ones are no kind at all.

    `free_nights` (U, B): for how many nights from today the bed is free, 0 if somebody is in it.
    `first_stay` (U): in how many nights the next standing stay begins there, 0 if one is going on;
    `first_stay_of` (U, G): the same for stays with somebody of each gender.
    """

    refs: tuple[UnitRef, ...]
    site: Ints
    shared: Bools
    step_free: Bools
    bed_refs: tuple[tuple[BedRef, ...], ...]
    is_single: Bools
    is_cot: Bools
    free_nights: Ints
    first_stay: Ints
    first_stay_of: Ints


Table = TypeVar("Table", Sites, Units)


@dataclass(frozen=True, slots=True)
class Standing:
    """Everything that stands before the round. Nothing in it is ever changed: a patch is another one.

    `stays_in_unit` and `stays_of` have the same stays by the unit's row and by the household.
    """

    sites: Sites
    units: Units
    stays_in_unit: dict[int, tuple[Stay, ...]]
    stays_of: dict[ReferralRef, tuple[Stay, ...]]
    bed_position: dict[BedRef, tuple[int, int]]
    closed: dict[BedRef, tuple[Span, ...]]
    genders_of: dict[ReferralRef, int]

    def vacant_tonight(self) -> Bools:
        """Return the units that somebody could sleep in tonight, by what is there alone (U,).

        Its site is open, a single bed is free, and nobody is in a unit that is one household's.
        """
        units = self.units
        is_open = (self.sites.opens <= 0) & (self.sites.closes > 0)
        single = ((units.free_nights > 0) & units.is_single).any(axis=1)
        return np.asarray(
            is_open[units.site] & single & (units.shared | (units.first_stay > 0)), dtype=np.bool_
        )

    def within(self, site_rows: Ints) -> Self:
        """Return what stands in some sites only, given as rows in ascending order.

        Stays elsewhere are left out: they bear on no rule for a unit of these sites.
        """
        unit_rows = np.flatnonzero(np.isin(self.units.site, site_rows))
        units = _taken(self.units, unit_rows)
        bed_position = {
            bed: (row, column) for row, beds in enumerate(units.bed_refs) for column, bed in enumerate(beds)
        }
        kept = {
            row: self.stays_in_unit[unit]
            for row, unit in enumerate(unit_rows.tolist())
            if unit in self.stays_in_unit
        }
        return replace(
            self,
            sites=_taken(self.sites, site_rows),
            units=replace(units, site=np.searchsorted(site_rows, units.site)),
            stays_in_unit=kept,
            stays_of=_by_household(stay for stays in kept.values() for stay in stays),
            bed_position=bed_position,
        )


def standing(estate: Estate, clock: Clock, words: Vocabulary) -> Standing:
    """Return what stands at an instant, before any round."""
    sites = _compile_sites(estate, clock, words)
    site_row = {ref: row for row, ref in enumerate(sites.refs)}
    position = {
        bed.bed_id: (row, column)
        for row, unit in enumerate(estate.units)
        for column, bed in enumerate(estate.beds_of.get(unit.unit_id, ()))
    }
    stays = tuple(_stays(estate.placements, estate.holds, clock))
    closed = _closed(estate.closures, clock)
    genders = {ref: gender_bits(p.gender for p in group) for ref, group in estate.people_of.items()}
    stands = Standing(
        sites=sites,
        units=_compile_units(estate, site_row),
        stays_in_unit=_by_unit(stays, position),
        stays_of=_by_household(stays),
        bed_position=position,
        closed=closed,
        genders_of=genders,
    )
    _occupy(stands, range(len(estate.units)))
    return stands


def patched_standing(
    stands: Standing,
    estate: Estate,
    clock: Clock,
    *,
    beds: Iterable[BedRef],
    referrals: Collection[ReferralRef],
) -> Standing:
    """Return what stands in an estate of the same sites, units and beds, on the same night.

    Only what may have changed is looked at again; the arrays of `stands` are not touched.

    Parameters
    ----------
    estate : the estate as it is now
    beds : those whose stays, holds or closures have changed, or whose holds have run out
    referrals : those whose people have changed
    """
    rows = {stands.bed_position[bed][0] for bed in beds}
    for referral in referrals:
        rows.update(stands.bed_position[stay.bed_id][0] for stay in stands.stays_of.get(referral, ()))
    there = {bed for row in rows for bed in stands.units.bed_refs[row]}
    placements = [placement for placement in estate.placements if placement.bed_id in there]
    holds = [hold for hold in estate.holds if hold.bed_id in there]
    in_unit = _by_unit(_stays(placements, holds, clock), stands.bed_position)
    stays_in_unit = {row: stays for row, stays in stands.stays_in_unit.items() if row not in rows} | in_unit
    concerned = {stay.referral_id for row in rows for stay in stands.stays_in_unit.get(row, ())}
    concerned.update(placement.referral_id for placement in placements)
    concerned.update(hold.referral_id for hold in holds)
    stays_of = {ref: stays for ref, stays in stands.stays_of.items() if ref not in concerned}
    theirs = (
        [placement for placement in estate.placements if placement.referral_id in concerned],
        [hold for hold in estate.holds if hold.referral_id in concerned],
    )
    closures = [closure for closure in estate.closures if closure.bed_id in there]
    closed = {bed: spans for bed, spans in stands.closed.items() if bed not in there}
    patched = replace(
        stands,
        units=replace(
            stands.units,
            free_nights=stands.units.free_nights.copy(),
            first_stay=stands.units.first_stay.copy(),
            first_stay_of=stands.units.first_stay_of.copy(),
        ),
        stays_in_unit=stays_in_unit,
        stays_of=stays_of | _by_household(_stays(*theirs, clock)),
        closed=closed | _closed(closures, clock),
        genders_of=_genders_again(stands.genders_of, estate, referrals),
    )
    _occupy(patched, sorted(rows))
    return patched


def _genders_again(
    genders_of: dict[ReferralRef, int], estate: Estate, referrals: Collection[ReferralRef]
) -> dict[ReferralRef, int]:
    if not referrals:
        return genders_of
    genders = {ref: bits for ref, bits in genders_of.items() if ref not in referrals}
    people = {ref: estate.people_of[ref] for ref in referrals if ref in estate.people_of}
    return genders | {ref: gender_bits(p.gender for p in group) for ref, group in people.items()}


def _taken(arrays: Table, rows: Ints) -> Table:
    """Return some rows of arrays that have a row each for the same things."""
    at = rows.tolist()
    taken: dict[str, Any] = {}
    for column in fields(arrays):
        values = getattr(arrays, column.name)
        taken[column.name] = tuple(values[row] for row in at) if isinstance(values, tuple) else values[rows]
    return replace(arrays, **taken)


def _by_unit(stays: Iterable[Stay], position: dict[BedRef, tuple[int, int]]) -> dict[int, tuple[Stay, ...]]:
    in_unit: dict[int, list[Stay]] = defaultdict(list)
    for stay in stays:
        in_unit[position[stay.bed_id][0]].append(stay)
    return {unit: tuple(found) for unit, found in in_unit.items()}


def _by_household(stays: Iterable[Stay]) -> dict[ReferralRef, tuple[Stay, ...]]:
    of: dict[ReferralRef, list[Stay]] = defaultdict(list)
    for stay in stays:
        of[stay.referral_id].append(stay)
    return {referral: tuple(found) for referral, found in of.items()}


def _stays(placements: Iterable[Placement], holds: Iterable[Hold], clock: Clock) -> Iterator[Stay]:
    """Yield the standing stays that touch tonight or later; a stay of no nights is nowhere."""
    today = clock.today
    for placement in placements:
        starts, (ends, overdue) = (placement.starts_on - today).days, _end(placement, today)
        if starts < ends and ends > 0:
            yield Stay(placement.referral_id, placement.bed_id, starts, ends, overdue)
    for hold in holds:
        starts, ends = (hold.starts_on - today).days, (hold.expected_end_on - today).days
        if hold.in_force(clock.as_at) and starts < ends and ends > 0:
            yield Stay(hold.referral_id, hold.bed_id, starts, ends, overdue=False)


def _end(placement: Placement, today: date) -> tuple[int, bool]:
    """Nobody who has overstayed is turned out by arithmetic (`allocation.md` §2)."""
    if placement.ended_on is not None:
        return (placement.ended_on - today).days, False
    expected = (placement.expected_end_on - today).days
    return max(expected, 1), expected <= 0


def _closed(closures: Iterable[Closure], clock: Clock) -> dict[BedRef, tuple[Span, ...]]:
    today = clock.today
    closed: dict[BedRef, list[Span]] = defaultdict(list)
    for closure in closures:
        starts = (closure.starts_on - today).days
        ends = UNLIMITED if closure.ends_on is None else (closure.ends_on - today).days
        if starts < ends and ends > 0:
            closed[closure.bed_id].append((starts, ends))
    return {bed: tuple(spans) for bed, spans in closed.items()}


def _compile_sites(estate: Estate, clock: Clock, words: Vocabulary) -> Sites:
    rows, today = estate.sites, clock.today
    count = len(rows)
    languages = np.zeros((count, len(words.languages)), dtype=np.bool_)
    services = np.zeros((count, len(words.services)), dtype=np.bool_)
    areas = np.zeros((count, len(words.areas)), dtype=np.bool_)
    for row, site in enumerate(rows):
        languages[row, [words.languages[name] for name in site.staff_languages]] = True
        services[row, [words.services[name] for name in site.services]] = True
        areas[row, [words.areas[name] for name in (site.region, site.local_authority) if name]] = True
    return Sites(
        refs=tuple(site.site_id for site in rows),
        nation=_ints(NATION_CODE[site.nation] for site in rows),
        region_column=_ints(words.areas[site.region] for site in rows),
        admits_bits=_ints(gender_bits(site.admits) for site in rows),
        accepts_children=np.array([site.accepts_children for site in rows], dtype=np.bool_),
        max_age_girls=_ints(site.max_age_girls for site in rows),
        max_age_boys=_ints(site.max_age_boys for site in rows),
        security_level=_ints(site.security_level for site in rows),
        opens=_ints(-UNLIMITED if s.opens_on is None else (s.opens_on - today).days for s in rows),
        closes=_ints(UNLIMITED if s.closes_on is None else (s.closes_on - today).days for s in rows),
        max_stay=_ints(UNLIMITED if s.max_stay_nights is None else s.max_stay_nights for s in rows),
        languages=languages,
        services=services,
        areas=areas,
    )


def _compile_units(estate: Estate, site_row: dict[SiteRef, int]) -> Units:
    """Return the units with every bed free and nobody there."""
    rows = estate.units
    beds = [estate.beds_of.get(unit.unit_id, ()) for unit in rows]
    shape = (len(rows), max((len(group) for group in beds), default=0))
    is_single, is_cot = np.zeros(shape, dtype=np.bool_), np.zeros(shape, dtype=np.bool_)
    for row, group in enumerate(beds):
        for column, bed in enumerate(group):
            (is_single if bed.kind is BedKind.SINGLE else is_cot)[row, column] = True
    return Units(
        refs=tuple(unit.unit_id for unit in rows),
        site=_ints(site_row[unit.site_id] for unit in rows),
        shared=np.array([unit.sharing is Sharing.SHARED for unit in rows], dtype=np.bool_),
        step_free=np.array([unit.step_free for unit in rows], dtype=np.bool_),
        bed_refs=tuple(tuple(bed.bed_id for bed in group) for group in beds),
        is_single=is_single,
        is_cot=is_cot,
        free_nights=np.full(shape, UNLIMITED, dtype=np.int64),
        first_stay=np.full(len(rows), UNLIMITED, dtype=np.int64),
        first_stay_of=np.full((len(rows), len(GENDER_BIT)), UNLIMITED, dtype=np.int64),
    )


def _occupy(stands: Standing, rows: Sequence[int]) -> None:
    """Write who stands in these units, and which of their beds are closed, into arrays that are still new."""
    units = stands.units
    units.free_nights[rows], units.first_stay[rows], units.first_stay_of[rows] = (UNLIMITED,) * 3
    for row in rows:
        free, of_gender = units.free_nights[row], units.first_stay_of[row]
        for stay in stands.stays_in_unit.get(row, ()):
            starts = max(stay.starts, 0)
            column = stands.bed_position[stay.bed_id][1]
            free[column] = min(free[column], starts)
            units.first_stay[row] = min(units.first_stay[row], starts)
            for place, bit in enumerate(GENDER_BIT.values()):
                if stands.genders_of[stay.referral_id] & bit:
                    of_gender[place] = min(of_gender[place], starts)
        for column, bed in enumerate(units.bed_refs[row]):
            for starts, _ in stands.closed.get(bed, ()):
                free[column] = min(free[column], max(starts, 0))


def _ints(values: Iterable[int]) -> Ints:
    return np.fromiter(values, dtype=np.int64)
