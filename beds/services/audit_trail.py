"""Who did what, and who looked at what: the audit and the log of reads, for auditors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pydantic import JsonValue
from sqlalchemy import Row, func, or_, select
from sqlmodel import Session

from beds.audit import audit_faults, details_of
from beds.audit_anchor import anchor_faults, anchor_of
from beds.domain.records import METADATA
from beds.errors import BadInput
from beds.read_log import ADDRESS, CASE, read_log_of
from beds.read_log_lines import Read
from beds.roles import Actor, Permission, require
from beds.services.pages import MOST_ROWS, Page, page_of

EVENT = METADATA.tables["audit_event"]
ABOUT: Final = ("subject", "referral_id", "site_id")
READS_AT_ONCE: Final = 1_000
READS_LOOKED_AT: Final = 20_000
"""So many lines of the log one answer looks through; then it says where to go on."""


@dataclass(frozen=True, slots=True)
class EventView:
    """One event of the audit: references and counts, never anything personal.

    `detail` is None where it was about a case that has been anonymised since.
    """

    sequence: int
    at: datetime
    actor: str
    action: str
    subject: str
    referral_id: str | None
    site_id: str | None
    detail: Mapping[str, JsonValue] | None


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Which events to list; what is left out matches all.

    `about` is any reference: of what was done to it, or of the case or the site that it changed. `until` is
    the first instant after them.
    """

    actor: str | None = None
    action: str | None = None
    referral_id: str | None = None
    site_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    about: str | None = None


@dataclass(frozen=True, slots=True)
class ReadFilter:
    """Which reads to list; what is left out matches all. `what` is `case` or `address`."""

    who: str | None = None
    what: str | None = None
    ref: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def __post_init__(self) -> None:
        """Refuse a kind of read that there is none of.

        Raises
        ------
        BadInput
            `what` is something else.
        """
        if self.what not in (None, CASE, ADDRESS):
            raise BadInput(f"what: {CASE} or {ADDRESS} is accepted")

    def matches(self, read: Read) -> bool:
        """Whether a read is one of these."""
        return (
            self.who in (None, read.who)
            and self.what in (None, read.what)
            and self.ref in (None, read.ref)
            and (self.since is None or read.at >= self.since)
            and (self.until is None or read.at < self.until)
        )


@dataclass(frozen=True, slots=True)
class BooksState:
    """Whether the audit and the log of reads are whole; `faults` are sentences, none where they are.

    `unsealed_reads` are the newest, which have no seal yet: they are only counted.
    """

    events: int
    newest_event_at: datetime | None
    reads: int
    unsealed_reads: int
    faults: tuple[str, ...]


ALL_EVENTS: Final = EventFilter()
ALL_READS: Final = ReadFilter()


def list_events(
    session: Session,
    actor: Actor,
    wanted: EventFilter = ALL_EVENTS,
    *,
    after: str | None = None,
    limit: int = 50,
) -> Page[EventView]:
    """Return events of the audit, newest first; `after` is the `next_after` of the page before.

    Raises
    ------
    NotPermitted
        The actor may not read the audit.
    BadInput
        `after` is none that was given out.
    """
    require(actor, Permission.READ_AUDIT)
    limit = _limited(limit)
    query = select(EVENT).order_by(EVENT.c.sequence.desc()).limit(limit + 1)
    for name in ("actor", "action", "referral_id", "site_id"):
        stated = getattr(wanted, name)
        if stated is not None:
            query = query.where(EVENT.c[name] == stated)
    if wanted.about is not None:
        query = query.where(or_(*(EVENT.c[name] == wanted.about for name in ABOUT)))
    if wanted.since is not None:
        query = query.where(EVENT.c.at >= wanted.since)
    if wanted.until is not None:
        query = query.where(EVENT.c.at < wanted.until)
    before = _number(after)
    if before is not None:
        query = query.where(EVENT.c.sequence < before)
    rows = session.execute(query).all()
    events = [_view(row, detail) for row, detail in zip(rows, details_of(session, rows), strict=True)]
    return page_of(events, limit, lambda event: str(event.sequence))


def _view(row: Row[Any], detail: Mapping[str, JsonValue] | None) -> EventView:
    return EventView(
        sequence=row.sequence,
        at=row.at,
        actor=row.actor,
        action=row.action,
        subject=row.subject,
        referral_id=row.referral_id,
        site_id=row.site_id,
        detail=detail,
    )


def list_reads(
    session: Session,
    actor: Actor,
    wanted: ReadFilter = ALL_READS,
    *,
    after: str | None = None,
    limit: int = 50,
) -> Page[Read]:
    """Return reads of cases and addresses, newest first; `after` is the `next_after` of the page before.

    Where few reads match, a page may hold fewer than `limit` and still have a `next_after`: it says how far
    it looked.

    Raises
    ------
    NotPermitted
        The actor may not read the audit.
    BadInput
        `after` is none that was given out.
    DatabaseUnavailable
        The log cannot be read.
    """
    require(actor, Permission.READ_AUDIT)
    limit = _limited(limit)
    log = read_log_of(session.get_bind().dialect)
    found: list[Read] = []
    before = _number(after)
    for _ in range(READS_LOOKED_AT // READS_AT_ONCE):
        batch = log.reads(before, READS_AT_ONCE)
        found += [read for read in batch if wanted.matches(read)]
        if len(found) > limit or len(batch) < READS_AT_ONCE:
            return page_of(found, limit, lambda read: str(read.n))
        before = batch[-1].n
    return Page(tuple(found), None if before is None else str(before))


def actions_recorded(session: Session, actor: Actor) -> tuple[str, ...]:
    """Return every action that there is an event of, in the order of the alphabet.

    Raises
    ------
    NotPermitted
        The actor may not read the audit.
    """
    require(actor, Permission.READ_AUDIT)
    return tuple(session.scalars(select(EVENT.c.action).distinct().order_by(EVENT.c.action)))


def verify_books(session: Session, actor: Actor) -> BooksState:
    """Return whether the chain of the audit and the log of reads are whole, each link and seal verified.

    Every event is looked at: a second or so for 50,000.

    Raises
    ------
    NotPermitted
        The actor may not read the audit.
    DatabaseUnavailable
        The log of reads cannot be read.
    """
    require(actor, Permission.READ_AUDIT)
    dialect = session.get_bind().dialect
    # The anchor is read before the events are: what is added to both in between is then no fault.
    unanchored = anchor_faults(session, anchor_of(dialect))
    log = read_log_of(dialect)
    newest = session.execute(select(func.count(), func.max(EVENT.c.at)).select_from(EVENT)).one()
    read = log.reads(None, 1)
    return BooksState(
        events=newest[0],
        newest_event_at=newest[1],
        reads=read[0].n if read else 0,
        unsealed_reads=log.unsealed(),
        faults=(*audit_faults(session), *unanchored, *log.faults()),
    )


def _limited(limit: int) -> int:
    if not 1 <= limit <= MOST_ROWS:
        raise BadInput(f"limit: 1 to {MOST_ROWS} are accepted")
    return limit


def _number(after: str | None) -> int | None:
    if after is None:
        return None
    if not (after.isascii() and after.isdigit() and len(after) <= 18):
        raise BadInput("after: the cursor of an earlier page is accepted")
    return int(after)
