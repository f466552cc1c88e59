"""Declines: a survivor's or a provider's "no" to a site, with a stated and dated consequence.

A decline belongs to the survivor and outlives the referral. It never touches a referral's priority or when it
was received; a provider's declines are counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlmodel import Session

from beds.domain.clock import Clock
from beds.domain.declining import Consequence, consequence_of, reasons_of
from beds.domain.lifecycle import HoldStep
from beds.domain.records import METADATA
from beds.domain.terms import DeclinedBy
from beds.errors import BadInput, NotAllowedNow
from beds.roles import Actor, Permission, require
from beds.services.claims import lock_sites
from beds.services.holds import end_hold, hold_seen, lose_hold
from beds.services.steps import Event, new_id
from beds.services.visibility import require_case, require_site

DECLINE, HOLD, HOLD_BED = (METADATA.tables[name] for name in ("decline", "hold", "hold_bed"))
REFERRAL, SITE, UNIT, BED = (METADATA.tables[name] for name in ("referral", "site", "unit", "bed"))


@dataclass(frozen=True, slots=True)
class DeclineView:
    """A decline and what follows from it: in force before `until`, for good where that is None."""

    decline_id: str
    referral_id: str
    site_id: str
    declined_by: DeclinedBy
    reason: str
    declined_on: date
    until: date | None
    consequence: str


@dataclass(frozen=True, slots=True)
class DeclineCount:
    """How often a provider said no for one reason."""

    provider_id: str
    reason: str
    declines: int


def decline_hold(  # noqa: PLR0913 who said no to what, and why
    session: Session,
    actor: Actor,
    hold_id: str,
    *,
    version: int,
    declined_by: DeclinedBy,
    reason: str,
    clock: Clock,
) -> DeclineView:
    """Record a "no" to a hold: its beds are given back, the household waits again, in its place in line.

    A provider declines for itself, in its own sites; a coordinator records what a survivor said, or a
    provider on the telephone.

    Raises
    ------
    NotPermitted, NotFound
        The actor may not say so, or sees no such hold.
    BadInput
        It is not a reason that this side may give.
    NotAllowedNow, ChangedMeanwhile
        The hold is over, or is not as the actor saw it.
    """
    own = declined_by is DeclinedBy.PROVIDER and actor.provider_id is not None
    require(actor, Permission.DECLINE_FOR_PROVIDER if own else Permission.CLAIM_BEDS)
    hold = hold_seen(session, actor, hold_id, clock)
    consequence = _consequence(declined_by, reason)
    end_hold(session, hold, HoldStep.DECLINE, version=version, clock=clock)
    lose_hold(session, hold, clock)
    event = Event(hold_id, hold.referral_id, hold.site_id)
    event.record(session, actor, "hold_declined", clock, declined_by=declined_by.value, reason=reason)
    no = _No(hold.referral_id, hold.site_id, declined_by, reason)
    return _keep(session, actor, no, consequence, clock)


def decline_site(  # noqa: PLR0913 who said no to what, and why
    session: Session,
    actor: Actor,
    referral_id: str,
    site_id: str,
    *,
    declined_by: DeclinedBy,
    reason: str,
    clock: Clock,
) -> DeclineView:
    """Record a "no" to a site that nothing is held in for the household: to an offer that was talked over.

    Raises
    ------
    NotPermitted, NotFound
        The actor may not claim beds, or sees no such referral or site.
    BadInput
        It is not a reason that this side may give.
    NotAllowedNow
        A hold is in force there: that is what is to be declined.
    """
    require(actor, Permission.CLAIM_BEDS)
    require_case(session, actor, referral_id)
    require_site(session, actor, site_id)
    consequence = _consequence(declined_by, reason)
    lock_sites(session, site_id)
    held = (
        select(HOLD_BED.c.hold_bed_id)
        .join(HOLD)
        .join(BED, BED.c.bed_id == HOLD_BED.c.bed_id)
        .join(UNIT)
        .where(HOLD.c.referral_id == referral_id, UNIT.c.site_id == site_id)
        .where(HOLD_BED.c.released_at.is_(None), HOLD_BED.c.expires_at > clock.as_at)
    )
    if session.execute(held.limit(1)).first() is not None:
        raise NotAllowedNow("a bed in that site is held for this household: decline the hold")
    return _keep(session, actor, _No(referral_id, site_id, declined_by, reason), consequence, clock)


def provider_reasons() -> tuple[str, ...]:
    """Return the reasons that a provider may give."""
    return reasons_of(DeclinedBy.PROVIDER)


def declines_by_provider(session: Session, actor: Actor, since: date) -> tuple[DeclineCount, ...]:
    """Return how often each provider said no for each reason since a date, by provider and reason.

    Raises
    ------
    NotPermitted
        The actor does not see occupancy.
    """
    require(actor, Permission.SEE_OCCUPANCY)
    found = session.execute(
        select(SITE.c.provider_id, DECLINE.c.reason, func.count().label("declines"))
        .join(SITE)
        .where(DECLINE.c.declined_by == DeclinedBy.PROVIDER, DECLINE.c.declined_on >= since)
        .group_by(SITE.c.provider_id, DECLINE.c.reason)
        .order_by(SITE.c.provider_id, DECLINE.c.reason)
    )
    return tuple(DeclineCount(row.provider_id, row.reason, row.declines) for row in found)


@dataclass(frozen=True, slots=True)
class _No:
    """Who said no, to what, why."""

    referral_id: str
    site_id: str
    declined_by: DeclinedBy
    reason: str


def _consequence(declined_by: DeclinedBy, reason: str) -> Consequence:
    try:
        return consequence_of(declined_by, reason)
    except ValueError as error:
        raise BadInput(str(error)) from error


def _keep(session: Session, actor: Actor, no: _No, consequence: Consequence, clock: Clock) -> DeclineView:
    survivor = select(REFERRAL.c.survivor_id).where(REFERRAL.c.referral_id == no.referral_id)
    view = DeclineView(
        decline_id=new_id("decline"),
        referral_id=no.referral_id,
        site_id=no.site_id,
        declined_by=no.declined_by,
        reason=no.reason,
        declined_on=clock.today,
        until=consequence.until(clock.today),
        consequence=consequence.sentence,
    )
    session.execute(
        DECLINE.insert().values(
            decline_id=view.decline_id,
            survivor_id=session.execute(survivor).scalar_one(),
            referral_id=view.referral_id,
            site_id=view.site_id,
            declined_by=view.declined_by,
            declined_on=view.declined_on,
            reason=view.reason,
            until=view.until,
        )
    )
    event = Event(view.decline_id, view.referral_id, view.site_id)
    event.record(
        session,
        actor,
        "decline_recorded",
        clock,
        declined_by=view.declined_by.value,
        reason=view.reason,
        until=None if view.until is None else view.until.isoformat(),
    )
    return view
