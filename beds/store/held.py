"""Holds that come with a folder, beside the guard that lets no hold overlap a stay or another hold.

A folder may state holds that have run out, or that overlap a stay: they are kept as stated and the rules read
them so, but they are kept as released, for which the guard does not ask.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy import Select, select, update
from sqlmodel import Session

from beds.domain.records import METADATA
from beds.domain.terms import BedRef
from beds.errors import Fault
from beds.store.loading import Records
from beds.store.planning import Plans

HOLD_BED = METADATA.tables["hold_bed"]
Nights = tuple[date, date]


def release_expired(session: Session, at: datetime) -> None:
    """Release the beds of holds that have run out: the first thing inside every claim."""
    session.execute(
        update(HOLD_BED)
        .where(HOLD_BED.c.released_at.is_(None), HOLD_BED.c.expires_at <= at)
        .values(released_at=HOLD_BED.c.expires_at)
    )


def not_guarded(outcome: Records, plans: Plans, at: datetime) -> frozenset[str]:
    """Return the planned holds that are kept as released: those run out, and those over something else."""
    nights: dict[BedRef, list[tuple[str, Nights]]] = defaultdict(list)
    for record_id, stay in outcome.placements.items():
        nights[stay.bed_id].append((record_id, (stay.starts_on, stay.ended_on or stay.expected_end_on)))
    for record_id, hold in outcome.holds.items():
        if hold.in_force(at):
            nights[hold.bed_id].append((f"hold {record_id}", (hold.starts_on, hold.expected_end_on)))
    planned = {**plans["holds"].added, **plans["holds"].updated}
    return frozenset(
        record_id
        for record_id, hold in planned.items()
        if not hold.in_force(at)
        or any(
            name != f"hold {record_id}" and _overlap(other, (hold.starts_on, hold.expected_end_on))
            for name, other in nights[hold.bed_id]
        )
    )


def held_live(session: Session, plans: Plans, at: datetime) -> Iterator[Fault]:
    """Give a fault for each stay of the folder in a bed that somebody holds now for those nights."""
    planned = {**plans["holds"].added, **plans["holds"].updated}
    guarded: Select[tuple[str, str, date, date]] = select(
        HOLD_BED.c.hold_bed_id, HOLD_BED.c.bed_id, HOLD_BED.c.starts_on, HOLD_BED.c.expected_end_on
    ).where(HOLD_BED.c.released_at.is_(None), HOLD_BED.c.expires_at > at)
    held = {
        row.bed_id: (row.starts_on, row.expected_end_on)
        for row in session.execute(guarded)
        if row.hold_bed_id not in planned
    }
    for stay in plans["placements"].written():
        nights = (stay.starts_on, stay.ended_on or stay.expected_end_on)
        if stay.bed_id in held and _overlap(held[stay.bed_id], nights):
            message = f"placement {stay.placement_id} would overlap a hold in bed {stay.bed_id}"
            yield Fault("placements.csv", None, "bed_id", message)


def _overlap(one: Nights, other: Nights) -> bool:
    return max(one[0], other[0]) < min(one[1], other[1])
