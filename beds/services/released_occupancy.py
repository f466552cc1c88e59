"""Occupancy as a released table: bed-nights month by month, by nation and region group.

Bed-nights are those of `beds.domain.measures`; the records are all that is asked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from beds.demand_assumptions import group_of_region, region_groups
from beds.disclosure import ALL, KEYS, About, Breakdown, Column, Counts, Origin, ReleasedTable, release
from beds.domain.clock import Clock
from beds.domain.estate import Estate
from beds.domain.measures import BedHistory, Nights, bed_nights, closed_nights, occupied_nights
from beds.domain.terms import SERVED_NATIONS, Nation
from beds.suppression import Rule

OCCUPANCY: Final = "occupancy"
MONTHS: Final = 12
VERSION: Final = "1"
METHOD: Final = (
    "Bed-nights of the whole month that begins with the night named, for the last twelve whole months. "
    "Occupancy is occupied ÷ (all − closed). Stays that ended before the records here begin are not in them."
)
COLUMNS: Final = (
    Column(
        "bed_nights",
        "Bed-nights",
        "A night of a bed that there was, open or closed; the month has as many as its nights and beds.",
    ),
    Column("closed", "Closed", "Bed-nights in which the bed was out of service and nobody was in it."),
    Column(
        "occupied",
        "Occupied",
        "Bed-nights in which somebody had the bed, to their recorded departure; hidden where stays are.",
    ),
    Column("stays", "Stays", "Households that had a bed in the month."),
)
OCCUPIED, STAYS = len(KEYS[Breakdown.REGION]) + 2, len(KEYS[Breakdown.REGION]) + 3
"""Where the two columns stand in a row."""


def released_occupancy(
    estate: Estate, clock: Clock, origin: Origin, rule: Rule | None = None
) -> tuple[ReleasedTable, ...]:
    """Return the table of occupancy: the last twelve whole months, by nation and group of regions."""
    groups = region_groups()
    months = tuple(whole_months(clock.today))
    beds = _histories(estate, clock)
    rows = []
    for nation in SERVED_NATIONS:
        in_nation = [group for group in groups if group.nation == nation]
        whole = [bed for key, found in beds.items() if key[0] == nation for bed in found]
        parts = [(ALL, whole)]
        if len(in_nation) > 1:
            parts += [(group.code, beds.get((nation, group.code), [])) for group in in_nation]
        rows += [
            ((str(nation), item, first.isoformat()), _counts(found, first, after))
            for item, found in parts
            for first, after in months
        ]
    counts = Counts(
        "occupancy_by_region",
        "Bed-nights by region, month by month",
        Breakdown.REGION,
        COLUMNS,
        tuple(keys for keys, _ in rows),
        tuple(values for _, values in rows),
    )
    about = About(
        as_at=clock.as_at,
        origin=origin,
        method=METHOD,
        model_version=VERSION,
        sources=("The service’s records of beds, stays and closures",),
        vocabulary=tuple((group.code, group.label) for group in groups),
    )
    return tuple(map(_without_few, release([counts], about, rule)))


def _without_few(table: ReleasedTable) -> ReleasedTable:
    """Return a table in which the nights of few households are as hidden as the households are."""
    return replace(
        table,
        rows=tuple(row if row[STAYS] is not None else (*row[:OCCUPIED], None, None) for row in table.rows),
    )


def whole_months(today: date) -> Iterator[tuple[date, date]]:
    """Yield the first day of each of the last twelve whole months, and the first day after it."""
    for back in range(MONTHS, 0, -1):
        yield _first_of(today, back), _first_of(today, back - 1)


def _first_of(today: date, months_back: int) -> date:
    years, month = divmod(12 * today.year + today.month - 1 - months_back, 12)
    return date(years, month + 1, 1)


def _counts(found: Sequence[_Bed], first: date, after: date) -> tuple[float, ...]:
    nights = bed_nights([bed.history for bed in found], first, after)
    stays = {stay for bed in found for stay, (start, end) in bed.stays if start < after and end > first}
    return float(nights.stock), float(nights.closed), float(nights.occupied), float(len(stays))


@dataclass(frozen=True, slots=True)
class _Bed:
    """What happened in a bed, and the nights of each stay in it."""

    history: BedHistory
    stays: tuple[tuple[str, Nights], ...]


def _histories(estate: Estate, clock: Clock) -> Mapping[tuple[Nation, str], list[_Bed]]:
    """Return what happened in each bed, by nation and code of the group of regions."""
    stays: dict[str, list[tuple[str, Nights]]] = defaultdict(list)
    for stay in estate.placements:
        nights = occupied_nights(stay.starts_on, stay.expected_end_on, stay.ended_on, clock)
        if nights is not None:
            stays[stay.bed_id].append((stay.placement_id, nights))
    closed: dict[str, list[Nights]] = defaultdict(list)
    for closure in estate.closures:
        nights = closed_nights(closure.starts_on, closure.ends_on)
        if nights is not None:
            closed[closure.bed_id].append(nights)
    found: dict[tuple[Nation, str], list[_Bed]] = defaultdict(list)
    for bed in estate.beds:
        site = estate.site_by_id[estate.unit_by_id[bed.unit_id].site_id]
        history = BedHistory(
            exists=(site.opens_on, site.closes_on),
            occupied=tuple(nights for _, nights in stays[bed.bed_id]),
            closed=tuple(closed[bed.bed_id]),
        )
        found[site.nation, group_of_region().get(site.region, "")].append(
            _Bed(history, tuple(stays[bed.bed_id]))
        )
    return found
