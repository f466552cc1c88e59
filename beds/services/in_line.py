"""The households for which a place is looked for, in line, and where one of them stands.

Of cases that the actor may see; a reference, a priority and a wait are all that a line holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlmodel import Session

from beds.domain.households import days_waited, place_in_line
from beds.domain.records import METADATA
from beds.domain.referral import Decline
from beds.domain.terms import (
    OPEN_STATUSES,
    DeclinedBy,
    HoldState,
    Nation,
    PlacementState,
    Priority,
    ReferralRef,
    ReferralStatus,
)
from beds.roles import Actor, Permission, require
from beds.services.answers import seen_waiting
from beds.services.cases import line_of
from beds.services.freezing import Ground
from beds.services.holds import HoldView, hold_views
from beds.services.placements import PlacementView, placement_views
from beds.services.policy import Policy
from beds.services.visibility import cases_of, require_case

REFERRAL, HOLD, PLACEMENT = (METADATA.tables[name] for name in ("referral", "hold", "placement"))
NOT_BEGUN = (PlacementState.EXPECTED, PlacementState.ARRIVED)


@dataclass(frozen=True, slots=True)
class InLine:
    """A household for which a place is looked for; `is_held`: a bed is held for it now.

    `no_shelter` and `detention`: it cannot wait, for that reason.
    """

    referral_id: str
    nation: Nation
    priority: Priority
    days_waited: int
    is_held: bool
    no_shelter: bool
    detention: bool


@dataclass(frozen=True, slots=True)
class StandingDecline:
    """A "no" to a site that is still in force, until a day or for good."""

    site_id: str
    declined_by: DeclinedBy
    reason: str
    declined_on: date
    until: date | None


@dataclass(frozen=True, slots=True)
class CaseStands:
    """Where a household stands: what is held for it, where it is expected or has arrived, who said no.

    `last_hold` is the newest hold where none is in force.
    """

    referral_id: str
    version: int
    status: ReferralStatus
    hold: HoldView | None
    last_hold: HoldView | None
    stay: PlacementView | None
    declines: tuple[StandingDecline, ...]


def households_in_line(session: Session, actor: Actor, ground: Ground) -> tuple[InLine, ...]:
    """Return the households that wait or are held, of cases that the actor may see, in line.

    Raises
    ------
    NotPermitted
        The actor sees no cases.
    """
    require(actor, Permission.SEE_CASES)
    seen, clock = seen_waiting(session, actor), ground.clock
    held = {hold.referral_id for hold in ground.estate.holds if hold.in_force(clock.as_at)}
    waiting = [r for r in ground.estate.referrals if r.status in OPEN_STATUSES and r.referral_id in seen]
    return tuple(
        InLine(
            referral_id=one.referral_id,
            nation=one.nation,
            priority=one.counts_as,
            days_waited=days_waited(one.received_at, clock.today),
            is_held=one.referral_id in held,
            no_shelter=one.no_shelter_tonight is True,
            detention=one.detention_risk is True,
        )
        for one in sorted(waiting, key=lambda one: place_in_line(one, clock.today))
    )


def where_it_stands(
    session: Session, actor: Actor, ground: Ground, referral_id: str, *, policy: Policy
) -> CaseStands:
    """Return where a household stands now.

    Raises
    ------
    NotPermitted, NotFound
        The actor sees no cases, or not this one.
    """
    row = require_case(session, actor, referral_id)
    clock = ground.clock
    ids = select(HOLD.c.hold_id).where(HOLD.c.referral_id == referral_id)
    holds = hold_views(session, session.scalars(ids).all(), clock, policy.hold_warning)
    newest_first = sorted(holds, key=lambda hold: hold.expires_at, reverse=True)
    in_force = next((hold for hold in newest_first if hold.state is HoldState.PLACED), None)
    return CaseStands(
        referral_id=referral_id,
        version=row.version,
        status=line_of(session, referral_id, clock=clock).status,
        hold=in_force,
        last_hold=None if in_force or not newest_first else newest_first[0],
        stay=_stay(session, referral_id),
        declines=_declines(ground, referral_id),
    )


def holds_in_force(session: Session, actor: Actor, ground: Ground, *, policy: Policy) -> tuple[HoldView, ...]:
    """Return the holds in force for cases that the actor may see, the first to run out first.

    Raises
    ------
    NotPermitted
        The actor sees no cases.
    """
    require(actor, Permission.SEE_CASES)
    now = ground.clock.as_at
    ids = {hold.hold_id for hold in ground.estate.holds if hold.in_force(now)}
    seen = (
        select(HOLD.c.hold_id)
        .join(REFERRAL, REFERRAL.c.referral_id == HOLD.c.referral_id)
        .where(HOLD.c.state == HoldState.PLACED, cases_of(actor))
    )
    mine = [hold_id for hold_id in session.scalars(seen) if hold_id in ids]
    views = hold_views(session, mine, ground.clock, policy.hold_warning)
    return tuple(sorted(views, key=lambda hold: (hold.expires_at, hold.hold_id)))


def _stay(session: Session, referral_id: str) -> PlacementView | None:
    ids = select(PLACEMENT.c.placement_id).where(
        PLACEMENT.c.referral_id == referral_id, PLACEMENT.c.state.in_(NOT_BEGUN)
    )
    stays = placement_views(session, session.scalars(ids).all())
    current = [stay for stay in stays if stay.bed_ids]
    return max(current, key=lambda stay: stay.starts_on, default=None)


def _declines(ground: Ground, referral_id: str) -> tuple[StandingDecline, ...]:
    """Return the declines in force of the survivor, those of an earlier referral too."""
    estate, today = ground.estate, ground.clock.today
    survivor = estate.survivor_of.get(ReferralRef(referral_id))
    theirs = (one for one in estate.declines if estate.survivor_of.get(one.referral_id) == survivor)
    mine = [one for one in theirs if survivor is not None and one.in_force(today)]
    return tuple(map(_standing, sorted(mine, key=lambda one: (one.declined_on, one.site_id), reverse=True)))


def _standing(one: Decline) -> StandingDecline:
    return StandingDecline(one.site_id, one.declined_by, one.reason, one.declined_on, one.until)
