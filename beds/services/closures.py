"""Beds out of service: closed over some nights with a reason, and opened again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, Select, or_, select
from sqlmodel import Session

from beds.audit import record
from beds.domain.clock import Clock
from beds.domain.measures import Nights, closed_nights
from beds.domain.records import METADATA
from beds.errors import BadInput, NotAllowedNow, NotFound
from beds.roles import Actor, Permission, require
from beds.services.pages import Page, page_of
from beds.services.steps import new_id, require_word
from beds.services.visibility import sites_of
from beds.store.histories import load_histories

_TABLES = METADATA.tables
STAY = _TABLES["placement_bed"]
CLOSURE, BED, UNIT, SITE = (_TABLES[name] for name in ("closure", "bed", "unit", "site"))


@dataclass(frozen=True, slots=True)
class ClosureView:
    """A bed out of service over `[starts_on, ends_on)`; None: until further notice."""

    closure_id: str
    bed_id: str
    unit_id: str
    site_id: str
    starts_on: date
    ends_on: date | None
    reason: str


def close_bed(  # noqa: PLR0913 the bed, its nights and why
    session: Session,
    actor: Actor,
    bed_id: str,
    *,
    starts_on: date,
    ends_on: date | None,
    reason: str,
    clock: Clock,
) -> ClosureView:
    """Return the closure of a bed over `[starts_on, ends_on)`; until further notice where that is None.

    Nobody is turned out: a bed that somebody is in, or that is held, over these nights is not closed.

    Raises
    ------
    NotPermitted
        The actor may not close beds.
    NotFound
        There is no such bed for this actor.
    BadInput
        The nights are none or begin before tonight, or the reason is not a lower_snake word.
    NotAllowedNow
        Somebody is in the bed, it is held, or it is closed already, over some of these nights.
    """
    require(actor, Permission.CLOSE_BEDS)
    bed = session.execute(_beds(actor).where(BED.c.bed_id == bed_id)).one_or_none()
    if bed is None:
        raise NotFound("there is no such bed")
    require_word("reason", reason)
    nights = closed_nights(starts_on, ends_on)
    if nights is None:
        raise BadInput("ends_on: a day after starts_on is accepted, or nothing for until further notice")
    if starts_on < clock.today:
        raise BadInput("starts_on: tonight or a later night is accepted; the past is as it was")
    _require_free(session, bed_id, nights, clock)
    _require_nobody_overdue(session, bed_id, clock)
    closure_id = new_id("closure")
    session.execute(
        CLOSURE.insert().values(
            closure_id=closure_id, bed_id=bed_id, starts_on=starts_on, ends_on=ends_on, reason=reason
        )
    )
    detail = {"closure": closure_id, "reason": reason}
    record(session, actor.user_id, "bed_closed", bed_id, detail, at=clock.as_at, site_id=bed.site_id)
    return _view(_closure(session, actor, closure_id))


def reopen_bed(
    session: Session, actor: Actor, closure_id: str, *, ends_on: date, clock: Clock
) -> ClosureView:
    """Return a closure that ends sooner, on `ends_on`; ending on the day it starts, it never was.

    Raises
    ------
    NotPermitted
        The actor may not close beds.
    NotFound
        There is no such closure for this actor.
    BadInput
        That is before it starts, or not sooner than it ends already.
    """
    require(actor, Permission.CLOSE_BEDS)
    row = _closure(session, actor, closure_id)
    if ends_on < row.starts_on or (row.ends_on is not None and ends_on >= row.ends_on):
        raise BadInput("ends_on: a day from the start of the closure and before its end is accepted")
    own = CLOSURE.c.closure_id == closure_id
    if ends_on == row.starts_on:
        session.execute(CLOSURE.delete().where(own))
    else:
        session.execute(CLOSURE.update().where(own).values(ends_on=ends_on))
    detail = {"closure": closure_id}
    record(session, actor.user_id, "bed_reopened", row.bed_id, detail, at=clock.as_at, site_id=row.site_id)
    return ClosureView(closure_id, row.bed_id, row.unit_id, row.site_id, row.starts_on, ends_on, row.reason)


def list_closures(
    session: Session,
    actor: Actor,
    *,
    clock: Clock,
    site_id: str | None = None,
    after: str | None = None,
    limit: int = 50,
) -> Page[ClosureView]:
    """Return the closures of tonight or to come that the actor may see, in the order of references.

    Raises
    ------
    NotPermitted
        The actor sees no sites.
    """
    require(actor, Permission.SEE_SITES)
    found = _closures(actor).where(or_(CLOSURE.c.ends_on.is_(None), CLOSURE.c.ends_on > clock.today))
    if site_id is not None:
        found = found.where(SITE.c.site_id == site_id)
    if after is not None:
        found = found.where(CLOSURE.c.closure_id > after)
    rows = session.execute(found.order_by(CLOSURE.c.closure_id).limit(limit + 1))
    return page_of([_view(row) for row in rows], limit, lambda closure: closure.closure_id)


def _require_free(session: Session, bed_id: str, nights: Nights, clock: Clock) -> None:
    (bed,) = load_histories(session, *nights, clock=clock, where=BED.c.bed_id == bed_id)
    history = bed.history
    for spans, words in (
        (history.occupied, "somebody is in the bed, or is to be"),
        (history.held, "the bed is held"),
        (history.closed, "the bed is closed already"),
    ):
        if any(start < nights[1] and nights[0] < end for start, end in spans):
            raise NotAllowedNow(f"{words} over some of these nights")


def _require_nobody_overdue(session: Session, bed_id: str, clock: Clock) -> None:
    """Refuse to close a bed around somebody who should have left and has not: she would be pushed out."""
    overdue = select(STAY.c.bed_id).where(
        STAY.c.bed_id == bed_id,
        STAY.c.ended_on.is_(None),
        STAY.c.starts_on <= clock.today,
        STAY.c.expected_end_on <= clock.today,
    )
    if session.execute(overdue).first() is not None:
        raise NotAllowedNow(
            "somebody is in the bed and has stayed on: record the departure or extend it first"
        )


def _closure(session: Session, actor: Actor, closure_id: str) -> Row[Any]:
    row = session.execute(_closures(actor).where(CLOSURE.c.closure_id == closure_id)).one_or_none()
    if row is None:
        raise NotFound("there is no such closure")
    return row


def _beds(actor: Actor) -> Select[Any]:
    return (
        select(BED.c.bed_id, BED.c.unit_id, UNIT.c.site_id)
        .join(UNIT, UNIT.c.unit_id == BED.c.unit_id)
        .join(SITE, SITE.c.site_id == UNIT.c.site_id)
        .where(sites_of(actor))
    )


def _closures(actor: Actor) -> Select[Any]:
    return _beds(actor).add_columns(*CLOSURE.c).join(CLOSURE, CLOSURE.c.bed_id == BED.c.bed_id)


def _view(row: Row[Any]) -> ClosureView:
    return ClosureView(
        closure_id=row.closure_id,
        bed_id=row.bed_id,
        unit_id=row.unit_id,
        site_id=row.site_id,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        reason=row.reason,
    )
