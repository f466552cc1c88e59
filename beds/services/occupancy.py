"""How full the estate was, is, or is to be: bed-nights by state, as `beds.domain.measures` defines them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlmodel import Session

from beds.domain.clock import Clock
from beds.domain.measures import BedHistory, BedNights, bed_nights
from beds.errors import BadInput
from beds.roles import Actor, Permission, require
from beds.services.visibility import sites_of
from beds.store.histories import load_histories

MOST_NIGHTS = 3_660
"""Ten years in one answer."""


class OccupancyBy(StrEnum):
    """What the bed-nights are counted for."""

    NATION = "nation"
    REGION = "region"
    SITE = "site"


@dataclass(frozen=True, slots=True)
class OccupancyLine:
    """The bed-nights of a nation, a region (its ONS code) or a site; `beds` counts all that are recorded."""

    name: str
    beds: int
    bed_nights: BedNights


@dataclass(frozen=True, slots=True)
class Occupancy:
    """Bed-nights over `[starts_on, ends_on)` as they stand at the instant asked about, and in all."""

    starts_on: date
    ends_on: date
    by: OccupancyBy
    lines: tuple[OccupancyLine, ...]
    total: BedNights


def occupancy(
    session: Session,
    actor: Actor,
    *,
    starts_on: date,
    ends_on: date,
    by: str = OccupancyBy.NATION,
    clock: Clock,
) -> Occupancy:
    """Return the bed-nights over the nights `[starts_on, ends_on)`, by nation, region or site.

    Nights to come count what is recorded now: stays until they are expected to end, and nothing that is not
    yet arranged.

    Raises
    ------
    NotPermitted
        The actor may not see occupancy; by site, not the sites either.
    BadInput
        The range has no night or too many, or `by` is not accepted.
    """
    require(actor, Permission.SEE_OCCUPANCY)
    if by not in list(OccupancyBy):
        raise BadInput(f"by: one of {', '.join(OccupancyBy)} is accepted")
    kind = OccupancyBy(by)
    if kind is OccupancyBy.SITE:
        require(actor, Permission.SEE_SITES)
    if not 0 < (ends_on - starts_on).days <= MOST_NIGHTS:
        raise BadInput(f"ends_on: a day after starts_on, {MOST_NIGHTS:,} nights later at most, is accepted")
    seen = sites_of(actor) if kind is OccupancyBy.SITE else None
    groups: dict[str, list[BedHistory]] = defaultdict(list)
    for bed in load_histories(session, starts_on, ends_on, clock=clock, where=seen):
        name = {OccupancyBy.NATION: bed.nation, OccupancyBy.REGION: bed.region}.get(kind, bed.site_id)
        groups[name].append(bed.history)
    lines = tuple(
        OccupancyLine(name, len(beds), bed_nights(beds, starts_on, ends_on))
        for name, beds in sorted(groups.items())
    )
    total = sum((line.bed_nights for line in lines), BedNights())
    return Occupancy(starts_on, ends_on, kind, lines, total)
