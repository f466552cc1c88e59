"""Looking at cases: the list without anything personal, and one case with all that is known of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, case, exists, or_, select
from sqlmodel import Session

from beds.domain.clock import Clock
from beds.domain.measures import LengthOfStay, length_of_stay
from beds.domain.records import METADATA
from beds.domain.referral import Person
from beds.domain.terms import (
    ConclusiveGrounds,
    Nation,
    PlacementState,
    Priority,
    ReferralStatus,
    UnitRef,
)
from beds.domain.waiting import (
    CaseClock,
    ComingEvent,
    Decisions,
    coming_events,
    hours_waited,
    move_on_clock,
    recovery_clock,
)
from beds.errors import Anonymised, BadInput, ChangedMeanwhile
from beds.reference import move_on_periods, recovery_clocks, recovery_periods
from beds.roles import Actor, Permission, require
from beds.services.households import needs_of
from beds.services.options import not_yet_asked
from beds.services.pages import MOST_ROWS, Page, page_of
from beds.services.reading import ReadLog
from beds.services.visibility import cases_of, require_case
from beds.store.cases import Case, load_case
from beds.store.people import note_of_row

_TABLES = METADATA.tables
REFERRAL, PERSON, ACCESS = (_TABLES[name] for name in ("referral", "person", "case_access"))
HOLD, HOLD_BED, UNIT, BED = (_TABLES[name] for name in ("hold", "hold_bed", "unit", "bed"))
PLACEMENT, PLACEMENT_BED = _TABLES["placement"], _TABLES["placement_bed"]

NOT_YET_PLACED = (ReferralStatus.RECEIVED, ReferralStatus.WAITING, ReferralStatus.HELD)
NOT_OVER = (*NOT_YET_PLACED, ReferralStatus.PLACED)
"""The cases that a list shows unless others are asked for."""

_EMERGENCY = or_(
    REFERRAL.c.no_shelter_tonight.is_(True),
    REFERRAL.c.detention_risk.is_(True),
    REFERRAL.c.priority == Priority.EMERGENCY,
)
queue_rank: ColumnElement[int] = case((_EMERGENCY, 0), (REFERRAL.c.priority == Priority.URGENT, 1), else_=2)
"""The place of the priority that a referral counts as (`allocation.md` §1), the most urgent first."""


@dataclass(frozen=True, slots=True)
class ReferralLine:
    """A case without anything personal. `status` is as it counts: a hold that has run out is waiting."""

    referral_id: str
    version: int
    nation: Nation
    priority: Priority
    status: ReferralStatus
    received_at: datetime
    hours_since_received: int
    needed_from: date
    restricted: bool


@dataclass(frozen=True, slots=True)
class PersonOfCase:
    """Somebody of a household; `left_on` where they have left before the others."""

    person: Person
    left_on: date | None


@dataclass(frozen=True, slots=True)
class StayOfCase:
    """A stay of a household, from its first night; `ended_on` where everybody has left."""

    placement_id: str
    state: PlacementState
    site_id: str
    unit_id: str
    bed_ids: tuple[str, ...]
    starts_on: date
    expected_end_on: date
    ended_on: date | None
    length: LengthOfStay
    coming: tuple[ComingEvent, ...]


@dataclass(frozen=True, slots=True)
class ReferralView:
    """All that is known of a case; who it must be kept apart from is not among it.

    `needs` are what can be amended, by field; `named` who may open it while it is restricted.
    """

    line: ReferralLine
    survivor_ref: str
    needs: Mapping[str, object]
    people: tuple[PersonOfCase, ...]
    notes: str | None
    not_yet_asked: tuple[str, ...]
    decisions: Decisions
    clocks: tuple[CaseClock, ...]
    stays: tuple[StayOfCase, ...]
    named: tuple[str, ...]
    closed_at: datetime | None
    close_reason: str | None

    @property
    def referral_id(self) -> str:
        """The reference of the case."""
        return self.line.referral_id

    @property
    def version(self) -> int:
        """What to name when the case is changed."""
        return self.line.version


def list_referrals(
    session: Session,
    actor: Actor,
    *,
    clock: Clock,
    statuses: Sequence[str] = NOT_YET_PLACED,
    after: str | None = None,
    limit: int = 50,
) -> Page[ReferralLine]:
    """Return the cases that the actor may see, in the order of the queue: priority, then the longest wait.

    Parameters
    ----------
    statuses : as stored; a case whose hold has run out is `held` there
    after : the `next_after` of the page before

    Raises
    ------
    NotPermitted
        The actor sees no cases.
    BadInput
        A status, the cursor or the limit is not accepted.
    """
    require(actor, Permission.SEE_CASES)
    if not set(statuses) <= set(ReferralStatus):
        raise BadInput(f"status: one of {', '.join(ReferralStatus)} is accepted")
    if not 1 <= limit <= MOST_ROWS:
        raise BadInput(f"limit: a whole number from 1 to {MOST_ROWS} is accepted")
    found = lines_of_cases(clock).where(cases_of(actor), REFERRAL.c.status.in_(statuses))
    if after is not None:
        last = session.execute(
            select(queue_rank, REFERRAL.c.received_at).where(REFERRAL.c.referral_id == after, cases_of(actor))
        ).one_or_none()
        if last is None:
            raise BadInput("cursor: the one that the page before gave is accepted")
        found = found.where(_after(last[0], last.received_at, after))
    in_line = found.order_by(queue_rank, REFERRAL.c.received_at, REFERRAL.c.referral_id)
    rows = session.execute(in_line.limit(limit + 1))
    return page_of([line_of_row(row, clock) for row in rows], limit, lambda line: line.referral_id)


def first_lines(
    session: Session, actor: Actor, where: ColumnElement[bool], *, longest: bool, clock: Clock, limit: int
) -> tuple[ReferralLine, ...]:
    """Return the first so many cases that a condition on `referral` names and the actor may see.

    They are in the order of the queue, or with `longest` by their wait alone.
    """
    order = (REFERRAL.c.received_at, REFERRAL.c.referral_id)
    found = lines_of_cases(clock).where(where, cases_of(actor)).limit(limit)
    rows = session.execute(found.order_by(*order) if longest else found.order_by(queue_rank, *order))
    return tuple(line_of_row(row, clock) for row in rows)


def line_of(session: Session, referral_id: str, *, clock: Clock) -> ReferralLine:
    """Return the line of a case that is there, whoever asks."""
    return line_of_row(
        session.execute(lines_of_cases(clock).where(REFERRAL.c.referral_id == referral_id)).one(), clock
    )


def read_referral(
    session: Session, actor: Actor, referral_id: str, *, clock: Clock, log: ReadLog
) -> ReferralView:
    """Return all that is known of a case; that it was opened is kept.

    Raises
    ------
    NotPermitted
        The actor sees no cases.
    NotFound
        There is no such case for this actor.
    Anonymised
        What was personal is gone.
    """
    row = require_case(session, actor, referral_id)
    if row.anonymised_at is not None:
        raise Anonymised("the case was anonymised: nothing personal of it is left")
    log.case_read(actor.user_id, referral_id, clock.as_at)
    found = load_case(session, referral_id)
    decisions = decisions_of(row)
    left = _left(session, referral_id)
    here = [person for person in found.people if left[person.person_id] is None]
    return ReferralView(
        line=line_of(session, referral_id, clock=clock),
        survivor_ref=found.referral.survivor_ref,
        needs=needs_of(found.referral),
        people=tuple(PersonOfCase(person, left[person.person_id]) for person in found.people),
        notes=note_of_row(session, row),
        not_yet_asked=tuple(not_yet_asked(found.referral, here)),
        decisions=decisions,
        clocks=clocks_of(Nation(row.nation), decisions),
        stays=_stays(session, found, here, clock),
        named=_named(session, referral_id) if row.restricted else (),
        closed_at=row.closed_at,
        close_reason=row.close_reason,
    )


def require_version(row: Row[Any], version: int) -> None:
    """Refuse a change of a case or a site that is not any more as the actor saw it.

    Raises
    ------
    ChangedMeanwhile
        It was changed since.
    """
    if row.version != version:
        raise ChangedMeanwhile("somebody else has changed this since you read it: look at it again")


def decisions_of(row: Row[Any]) -> Decisions:
    """Return what was decided, of a row of `referral`."""
    return Decisions(
        reasonable_grounds_on=row.reasonable_grounds_on,
        conclusive_grounds_on=row.conclusive_grounds_on,
        conclusive_grounds=ConclusiveGrounds(row.conclusive_grounds) if row.conclusive_grounds else None,
    )


def clocks_of(nation: Nation, decisions: Decisions) -> tuple[CaseClock, ...]:
    """Return the periods of a case that have begun, by the reference data."""
    found = (
        recovery_clock(nation, decisions, periods=recovery_periods(), clocks=recovery_clocks()),
        move_on_clock(nation, decisions, move_on_periods()),
    )
    return tuple(clock for clock in found if clock is not None)


def held_now(clock: Clock) -> ColumnElement[bool]:
    """Return the condition on `referral` that a hold of it is in force."""
    return exists(
        select(HOLD_BED.c.hold_bed_id)
        .select_from(HOLD_BED)
        .join(HOLD, HOLD.c.hold_id == HOLD_BED.c.hold_id)
        .where(
            HOLD.c.referral_id == REFERRAL.c.referral_id,
            HOLD_BED.c.expires_at > clock.as_at,
            or_(HOLD_BED.c.released_at.is_(None), HOLD_BED.c.released_at > clock.as_at),
        )
    )


def lines_of_cases(clock: Clock) -> Select[Any]:
    """Return the query of what `line_of_row` needs of every case, to be narrowed."""
    names = ("referral_id", "version", "nation", "status", "received_at", "needed_from", "restricted")
    columns = [REFERRAL.c[name] for name in names]
    return select(*columns, queue_rank.label("rank"), held_now(clock).label("held_now")).select_from(REFERRAL)


def _after(rank: int, received_at: datetime, referral_id: str) -> ColumnElement[bool]:
    later = (REFERRAL.c.received_at > received_at) | (
        (REFERRAL.c.received_at == received_at) & (REFERRAL.c.referral_id > referral_id)
    )
    return or_(queue_rank > rank, and_(queue_rank == rank, later))


def line_of_row(row: Row[Any], clock: Clock) -> ReferralLine:
    """Return the line of a case, of a row of `lines_of_cases`."""
    status = ReferralStatus(row.status)
    if status is ReferralStatus.HELD and not row.held_now:
        status = ReferralStatus.WAITING
    return ReferralLine(
        referral_id=row.referral_id,
        version=row.version,
        nation=Nation(row.nation),
        priority=list(Priority)[row.rank],
        status=status,
        received_at=row.received_at,
        hours_since_received=hours_waited(row.received_at, clock.as_at),
        needed_from=row.needed_from,
        restricted=row.restricted,
    )


def _left(session: Session, referral_id: str) -> dict[str, date | None]:
    rows = session.execute(
        select(PERSON.c.person_id, PERSON.c.left_on).where(PERSON.c.referral_id == referral_id)
    )
    return {row.person_id: row.left_on for row in rows}


def _named(session: Session, referral_id: str) -> tuple[str, ...]:
    named = select(ACCESS.c.user_id).where(ACCESS.c.referral_id == referral_id).order_by(ACCESS.c.user_id)
    return tuple(session.scalars(named))


def _stays(session: Session, found: Case, here: Sequence[Person], clock: Clock) -> tuple[StayOfCase, ...]:
    """Return the stays of a case, the latest first; a placement is in one unit."""
    rows = session.execute(
        select(PLACEMENT_BED, PLACEMENT.c.state, UNIT.c.unit_id, UNIT.c.site_id)
        .join(PLACEMENT, PLACEMENT.c.placement_id == PLACEMENT_BED.c.placement_id)
        .join(BED, BED.c.bed_id == PLACEMENT_BED.c.bed_id)
        .join(UNIT, UNIT.c.unit_id == BED.c.unit_id)
        .where(PLACEMENT.c.referral_id == found.referral.referral_id)
        .order_by(PLACEMENT_BED.c.bed_id)
    )
    of_placement: dict[tuple[str, UnitRef], list[Row[Any]]] = defaultdict(list)
    for row in rows:
        of_placement[row.placement_id, row.unit_id].append(row)
    stays = [_stay(beds, found, here, clock) for beds in of_placement.values()]
    return tuple(sorted(stays, key=lambda stay: (stay.starts_on, stay.placement_id), reverse=True))


def _stay(beds: Sequence[Row[Any]], found: Case, here: Sequence[Person], clock: Clock) -> StayOfCase:
    first = beds[0]
    starts_on = min(row.starts_on for row in beds)
    expected_end_on = max(row.expected_end_on for row in beds)
    ends = [row.ended_on for row in beds]
    ended_on = None if None in ends else max(ends)
    site = found.sites.get(first.site_id) if ended_on is None else None
    return StayOfCase(
        placement_id=first.placement_id,
        state=PlacementState(first.state),
        site_id=first.site_id,
        unit_id=first.unit_id,
        bed_ids=tuple(row.bed_id for row in beds),
        starts_on=starts_on,
        expected_end_on=expected_end_on,
        ended_on=ended_on,
        length=length_of_stay(starts_on, ended_on, clock),
        coming=() if site is None else coming_events(here, site, expected_end_on=expected_end_on),
    )
