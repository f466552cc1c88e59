"""Tables → the history of each bed: what the measures of `beds.domain.measures` are made of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, or_, select
from sqlmodel import Session

from beds.domain.clock import Clock
from beds.domain.measures import BedHistory, Nights, closed_nights, held_nights, occupied_nights
from beds.store.loading import BED, CLOSURE, HOLD_BED, PLACEMENT_BED, SITE, UNIT

Spans = Mapping[str, tuple[Nights, ...]]


@dataclass(frozen=True, slots=True)
class LocatedBed:
    """A bed, where it is, and its history."""

    bed_id: str
    unit_id: str
    site_id: str
    nation: str
    region: str
    kind: str
    history: BedHistory


def load_histories(
    session: Session,
    starts_on: date,
    ends_on: date,
    *,
    clock: Clock,
    where: ColumnElement[bool] | None = None,
) -> tuple[LocatedBed, ...]:
    """Return beds with what happened in them over the nights `[starts_on, ends_on)`, by site, unit and bed.

    Parameters
    ----------
    where : a condition on `site`, `unit` or `bed`; all beds where there is none
    """
    occupied = _spans(
        (row.bed_id, occupied_nights(row.starts_on, row.expected_end_on, row.ended_on, clock))
        for row in session.execute(_of_beds(_stays(starts_on, ends_on), PLACEMENT_BED, where))
    )
    held = _spans(
        (
            row.bed_id,
            held_nights(
                row.starts_on,
                row.expected_end_on,
                min(row.expires_at, row.released_at or row.expires_at),
                clock,
            ),
        )
        for row in session.execute(_of_beds(_holds(starts_on, ends_on), HOLD_BED, where))
    )
    closed = _spans(
        (row.bed_id, closed_nights(row.starts_on, row.ends_on))
        for row in session.execute(_of_beds(_closures(starts_on, ends_on), CLOSURE, where))
    )
    beds = (
        select(BED, UNIT.c.site_id, SITE.c.nation, SITE.c.region, SITE.c.opens_on, SITE.c.closes_on)
        .join(UNIT, UNIT.c.unit_id == BED.c.unit_id)
        .join(SITE, SITE.c.site_id == UNIT.c.site_id)
        .order_by(UNIT.c.site_id, BED.c.unit_id, BED.c.bed_id)
    )
    return tuple(
        LocatedBed(
            bed_id=row.bed_id,
            unit_id=row.unit_id,
            site_id=row.site_id,
            nation=row.nation,
            region=row.region,
            kind=row.kind,
            history=BedHistory(
                exists=(row.opens_on, row.closes_on),
                occupied=occupied.get(row.bed_id, ()),
                held=held.get(row.bed_id, ()),
                closed=closed.get(row.bed_id, ()),
            ),
        )
        for row in session.execute(beds if where is None else beds.where(where))
    )


def _stays(starts_on: date, ends_on: date) -> Select[Any]:
    # Without an end on record a stay may go on however long ago it should have ended.
    stay = PLACEMENT_BED.c
    return select(stay.bed_id, stay.starts_on, stay.expected_end_on, stay.ended_on).where(
        stay.starts_on < ends_on, or_(stay.ended_on.is_(None), stay.ended_on > starts_on)
    )


def _holds(starts_on: date, ends_on: date) -> Select[Any]:
    hold = HOLD_BED.c
    return select(hold.bed_id, hold.starts_on, hold.expected_end_on, hold.expires_at, hold.released_at).where(
        hold.starts_on < ends_on, hold.expected_end_on > starts_on
    )


def _closures(starts_on: date, ends_on: date) -> Select[Any]:
    closure = CLOSURE.c
    return select(closure.bed_id, closure.starts_on, closure.ends_on).where(
        closure.starts_on < ends_on, or_(closure.ends_on.is_(None), closure.ends_on > starts_on)
    )


def _of_beds(found: Select[Any], table: Table, where: ColumnElement[bool] | None) -> Select[Any]:
    if where is None:
        return found
    return (
        found.join(BED, BED.c.bed_id == table.c.bed_id)
        .join(UNIT, UNIT.c.unit_id == BED.c.unit_id)
        .join(SITE, SITE.c.site_id == UNIT.c.site_id)
        .where(where)
    )


def _spans(rows: Iterable[tuple[str, Nights | None]]) -> Spans:
    spans: dict[str, list[Nights]] = defaultdict(list)
    for bed_id, nights in rows:
        if nights is not None:
            spans[bed_id].append(nights)
    return {bed_id: tuple(found) for bed_id, found in spans.items()}
