"""What stands before a round: who is where, which beds are free and for how long, as arrays.

Offsets are nights from today; intervals are half-open. Occupancy is derived here from placements, holds in
force and closures; it is never stored.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from beds.domain.clock import Clock
from beds.domain.estate import Estate
from beds.domain.households import GENDER_BIT, NATION_CODE, NEVER, Bools, Ints, Vocabulary, gender_bits
from beds.domain.referral import Placement
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


@dataclass(frozen=True, slots=True)
class Standing:
    """Everything that stands before the round."""

    sites: Sites
    units: Units
    stays: tuple[Stay, ...]
    stays_in_unit: dict[int, tuple[Stay, ...]]
    bed_position: dict[BedRef, tuple[int, int]]
    closed: dict[BedRef, tuple[Span, ...]]
    genders_of: dict[ReferralRef, int]


def standing(estate: Estate, clock: Clock, words: Vocabulary) -> Standing:
    """Return what stands at an instant, before any round."""
    sites = _compile_sites(estate, clock, words)
    site_row = {ref: row for row, ref in enumerate(sites.refs)}
    position = {
        bed.bed_id: (row, column)
        for row, unit in enumerate(estate.units)
        for column, bed in enumerate(estate.beds_of.get(unit.unit_id, ()))
    }
    stays = tuple(_stays(estate, clock))
    closed = _closed(estate, clock)
    genders = {ref: gender_bits(p.gender for p in group) for ref, group in estate.people_of.items()}
    in_unit: dict[int, list[Stay]] = defaultdict(list)
    for stay in stays:
        in_unit[position[stay.bed_id][0]].append(stay)
    stays_in_unit = {unit: tuple(rows) for unit, rows in in_unit.items()}
    units = _compile_units(estate, site_row, position, stays, closed)
    units = _with_first_stays(units, stays_in_unit, genders)
    return Standing(sites, units, stays, stays_in_unit, position, closed, genders)


def _stays(estate: Estate, clock: Clock) -> Iterator[Stay]:
    """Yield the standing stays that touch tonight or later; a stay of no nights is nowhere."""
    today = clock.today
    for placement in estate.placements:
        starts, (ends, overdue) = (placement.starts_on - today).days, _end(placement, clock)
        if starts < ends and ends > 0:
            yield Stay(placement.referral_id, placement.bed_id, starts, ends, overdue)
    for hold in estate.holds:
        starts, ends = (hold.starts_on - today).days, (hold.expected_end_on - today).days
        if hold.in_force(clock.as_at) and starts < ends and ends > 0:
            yield Stay(hold.referral_id, hold.bed_id, starts, ends, overdue=False)


def _end(placement: Placement, clock: Clock) -> tuple[int, bool]:
    """Nobody who has overstayed is turned out by arithmetic (`allocation.md` §2)."""
    if placement.ended_on is not None:
        return (placement.ended_on - clock.today).days, False
    expected = (placement.expected_end_on - clock.today).days
    return max(expected, 1), expected <= 0


def _closed(estate: Estate, clock: Clock) -> dict[BedRef, tuple[Span, ...]]:
    closed: dict[BedRef, list[Span]] = defaultdict(list)
    for closure in estate.closures:
        starts = (closure.starts_on - clock.today).days
        ends = UNLIMITED if closure.ends_on is None else (closure.ends_on - clock.today).days
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


def _compile_units(
    estate: Estate,
    site_row: dict[SiteRef, int],
    position: dict[BedRef, tuple[int, int]],
    stays: Iterable[Stay],
    closed: dict[BedRef, tuple[Span, ...]],
) -> Units:
    rows = estate.units
    beds = [estate.beds_of.get(unit.unit_id, ()) for unit in rows]
    shape = (len(rows), max((len(group) for group in beds), default=0))
    is_single, is_cot = np.zeros(shape, dtype=np.bool_), np.zeros(shape, dtype=np.bool_)
    free = np.full(shape, UNLIMITED, dtype=np.int64)
    for row, group in enumerate(beds):
        for column, bed in enumerate(group):
            (is_single if bed.kind is BedKind.SINGLE else is_cot)[row, column] = True
    for stay in stays:
        free[position[stay.bed_id]] = min(free[position[stay.bed_id]], max(stay.starts, 0))
    for bed_id, spans in closed.items():
        for starts, _ in spans:
            free[position[bed_id]] = min(free[position[bed_id]], max(starts, 0))
    return Units(
        refs=tuple(unit.unit_id for unit in rows),
        site=_ints(site_row[unit.site_id] for unit in rows),
        shared=np.array([unit.sharing is Sharing.SHARED for unit in rows], dtype=np.bool_),
        step_free=np.array([unit.step_free for unit in rows], dtype=np.bool_),
        bed_refs=tuple(tuple(bed.bed_id for bed in group) for group in beds),
        is_single=is_single,
        is_cot=is_cot,
        free_nights=free,
        first_stay=np.full(len(rows), UNLIMITED, dtype=np.int64),
        first_stay_of=np.full((len(rows), len(GENDER_BIT)), UNLIMITED, dtype=np.int64),
    )


def _with_first_stays(
    units: Units, stays_in_unit: dict[int, tuple[Stay, ...]], genders_of: dict[ReferralRef, int]
) -> Units:
    for unit, stays in stays_in_unit.items():
        for stay in stays:
            starts = max(stay.starts, 0)
            units.first_stay[unit] = min(units.first_stay[unit], starts)
            for column, bit in enumerate(GENDER_BIT.values()):
                if genders_of[stay.referral_id] & bit:
                    units.first_stay_of[unit, column] = min(units.first_stay_of[unit, column], starts)
    return units


def _ints(values: Iterable[int]) -> Ints:
    return np.fromiter(values, dtype=np.int64)
