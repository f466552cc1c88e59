"""What a coordinator needs to know on coming in: who waits, who cannot wait, what runs out, what is vacant.

Of cases that the actor may not see there are counts at most. It reads; it changes and decides nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, and_, func, not_, or_, select, true
from sqlmodel import Session

from beds.domain.clock import Clock
from beds.domain.measures import occupied_nights
from beds.domain.records import METADATA
from beds.domain.terms import (
    OPEN_STATUSES,
    HoldState,
    Nation,
    Priority,
    ReferralRef,
    ReferralStatus,
    SiteRef,
)
from beds.domain.waiting import ClockKind, ComingEvent, Decisions, coming_events
from beds.roles import Actor, Permission, require
from beds.services.cases import (
    NOT_OVER,
    NOT_YET_PLACED,
    ReferralLine,
    clocks_of,
    decisions_of,
    first_lines,
    held_now,
    queue_rank,
)
from beds.services.freezing import Ground
from beds.services.pages import MOST_ROWS
from beds.services.policy import Policy
from beds.services.vacancies import count_vacancies
from beds.services.visibility import cases_of

REFERRAL, HOLD, HOLD_BED = (METADATA.tables[name] for name in ("referral", "hold", "hold_bed"))

LONGEST_SHOWN: Final = 10
CLOCKS_WITHIN: Final = timedelta(days=7)
DECISIONS: Final = tuple(column.name for column in fields(Decisions))


@dataclass(frozen=True, slots=True)
class Queue:
    """How many wait, by the priority that they count as; an expired hold counts as waiting.

    `to_triage` were received and not yet looked at; the others wait or are held. Everybody at risk of
    detention or without shelter tonight is counted, held or not, looked at or not, until she is placed.
    """

    waiting: Mapping[Priority, int]
    held: int
    to_triage: int
    detention_risk: int
    no_shelter_tonight: int


@dataclass(frozen=True, slots=True)
class RunningOut:
    """A hold in force that runs out soon."""

    hold_id: str
    referral_id: str
    expires_at: datetime
    minutes_left: int


@dataclass(frozen=True, slots=True)
class ClockOfCase:
    """A period of a case that ends soon, or has ended in the last days; nothing happens by itself."""

    referral_id: str
    kind: ClockKind
    ends_on: date
    assumed: bool


@dataclass(frozen=True, slots=True)
class EventOfCase:
    """Something that changes in a household that is in a site now."""

    referral_id: str
    site_id: str
    event: ComingEvent


@dataclass(frozen=True, slots=True)
class Tonight:
    """The state of a night; what the actor has no right to is None or empty.

    `own` counts the cases that the actor may see, `everybody` all of them.
    """

    as_at: datetime
    night: date
    own: Queue | None
    everybody: Queue | None
    first_in_line: tuple[ReferralLine, ...]
    longest_waits: tuple[ReferralLine, ...]
    running_out: tuple[RunningOut, ...]
    clocks: tuple[ClockOfCase, ...]
    vacant_units: int | None
    phone_first_units: int | None


def tonight(
    session: Session, actor: Actor, *, clock: Clock, policy: Policy, ground: Ground | None = None
) -> Tonight:
    """Return what stands tonight, of the cases and sites that the actor may see.

    Parameters
    ----------
    ground : the estate at this instant, where it is in memory: vacancies are counted there

    Raises
    ------
    NotPermitted
        The actor sees neither cases nor sites nor occupancy.
    """
    cases, sites = actor.may(Permission.SEE_CASES), actor.may(Permission.SEE_SITES)
    if not cases and not sites:
        require(actor, Permission.SEE_OCCUPANCY)
    everybody = _queue(session, clock, true()) if actor.may(Permission.SEE_OCCUPANCY) else None
    vacant, phone_first = (
        count_vacancies(session, actor, clock=clock, policy=policy, ground=ground) if sites else (None, None)
    )
    return Tonight(
        as_at=clock.as_at,
        night=clock.today,
        own=_queue(session, clock, cases_of(actor)) if cases else None,
        everybody=everybody,
        first_in_line=_first(session, actor, clock) if cases else (),
        longest_waits=_longest(session, actor, clock) if cases else (),
        running_out=_running_out(session, actor, clock, policy) if cases else (),
        clocks=_clocks(session, actor, clock) if cases else (),
        vacant_units=vacant,
        phone_first_units=phone_first,
    )


def events_during_stays(session: Session, actor: Actor, ground: Ground) -> tuple[EventOfCase, ...]:
    """Return who turns 18, outgrows a site or is due to give birth there, of cases that the actor may see.

    Parameters
    ----------
    ground : the estate at the instant that is asked about; what is known of people is in memory there

    Raises
    ------
    NotPermitted
        The actor sees no cases.
    """
    require(actor, Permission.SEE_CASES)
    estate, clock = ground.estate, ground.clock
    seen = set(session.scalars(select(REFERRAL.c.referral_id).where(cases_of(actor))))
    stays: dict[tuple[str, str], date] = {}
    for stay in estate.placements:
        nights = occupied_nights(stay.starts_on, stay.expected_end_on, stay.ended_on, clock)
        if stay.referral_id in seen and nights is not None and nights[0] <= clock.today < nights[1]:
            site_id = estate.unit_by_id[estate.bed_by_id[stay.bed_id].unit_id].site_id
            key = (stay.referral_id, site_id)
            stays[key] = max(nights[1], stays.get(key, nights[1]))
    return tuple(
        EventOfCase(referral_id, site_id, event)
        for (referral_id, site_id), ends_on in sorted(stays.items())
        for event in coming_events(
            estate.people_of.get(ReferralRef(referral_id), ()),
            estate.site_by_id[SiteRef(site_id)],
            expected_end_on=ends_on,
        )
    )


def _queue(session: Session, clock: Clock, which: ColumnElement[bool]) -> Queue:
    rows = session.execute(
        select(
            REFERRAL.c.status,
            queue_rank.label("rank"),
            held_now(clock).label("held_now"),
            REFERRAL.c.detention_risk,
            REFERRAL.c.no_shelter_tonight,
        ).where(which, REFERRAL.c.status.in_(NOT_YET_PLACED))
    ).all()
    looked_at = [row for row in rows if row.status != ReferralStatus.RECEIVED]
    by_rank = Counter(row.rank for row in looked_at if not row.held_now)
    return Queue(
        waiting={priority: by_rank[rank] for rank, priority in enumerate(Priority)},
        held=sum(row.held_now for row in looked_at),
        to_triage=len(rows) - len(looked_at),
        detention_risk=sum(row.detention_risk is True for row in rows),
        no_shelter_tonight=sum(row.no_shelter_tonight is True for row in rows),
    )


def _first(session: Session, actor: Actor, clock: Clock) -> tuple[ReferralLine, ...]:
    cannot_wait = or_(REFERRAL.c.detention_risk.is_(True), REFERRAL.c.no_shelter_tonight.is_(True))
    where = and_(cannot_wait, REFERRAL.c.status.in_(NOT_YET_PLACED))
    return first_lines(session, actor, where, longest=False, clock=clock, limit=MOST_ROWS)


def _longest(session: Session, actor: Actor, clock: Clock) -> tuple[ReferralLine, ...]:
    where = and_(REFERRAL.c.status.in_(OPEN_STATUSES), not_(held_now(clock)))
    return first_lines(session, actor, where, longest=True, clock=clock, limit=LONGEST_SHOWN)


def _running_out(session: Session, actor: Actor, clock: Clock, policy: Policy) -> tuple[RunningOut, ...]:
    ends = func.min(HOLD_BED.c.expires_at)
    rows = session.execute(
        select(HOLD.c.hold_id, HOLD.c.referral_id, ends.label("expires_at"))
        .join(HOLD_BED, HOLD_BED.c.hold_id == HOLD.c.hold_id)
        .join(REFERRAL, REFERRAL.c.referral_id == HOLD.c.referral_id)
        .where(
            cases_of(actor),
            HOLD.c.state == HoldState.PLACED,
            HOLD_BED.c.expires_at > clock.as_at,
            HOLD_BED.c.expires_at <= clock.as_at + policy.hold_warning,
            or_(HOLD_BED.c.released_at.is_(None), HOLD_BED.c.released_at > clock.as_at),
        )
        .group_by(HOLD.c.hold_id, HOLD.c.referral_id)
        .order_by(ends, HOLD.c.hold_id)
    )
    return tuple(
        RunningOut(
            hold_id=row.hold_id,
            referral_id=row.referral_id,
            expires_at=row.expires_at,
            minutes_left=int((row.expires_at - clock.as_at).total_seconds() // 60),
        )
        for row in rows
    )


def _clocks(session: Session, actor: Actor, clock: Clock) -> tuple[ClockOfCase, ...]:
    rows = session.execute(
        select(*(REFERRAL.c[name] for name in ("referral_id", "nation", *DECISIONS))).where(
            cases_of(actor),
            REFERRAL.c.status.in_(NOT_OVER),
            or_(REFERRAL.c.reasonable_grounds_on.is_not(None), REFERRAL.c.conclusive_grounds_on.is_not(None)),
        )
    )
    found = [
        ClockOfCase(row.referral_id, period.kind, period.ends_on, period.assumed)
        for row in rows
        for period in clocks_of(Nation(row.nation), decisions_of(row))
        if period.ends_on is not None and abs(period.ends_on - clock.today) <= CLOCKS_WITHIN
    ]
    return tuple(sorted(found, key=lambda period: (period.ends_on, period.referral_id, period.kind)))
