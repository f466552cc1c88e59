"""Holds: beds kept for a household until an instant, given back, or found to have run out.

That a hold has run out is computed when it is read; a read writes nothing. Its rows are released inside the
next claim.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Any, Final

from pydantic import JsonValue
from sqlalchemy import Row, select
from sqlmodel import Session

from beds.domain.clock import Clock
from beds.domain.lifecycle import HoldStep, ReferralStep, effective_hold_state, step_hold
from beds.domain.records import METADATA
from beds.domain.records.rounds import ProposalState
from beds.domain.terms import HoldState, ReferralStatus
from beds.errors import BadInput, ChangedMeanwhile, NotAllowedNow, NotFound
from beds.roles import Actor, Permission, require
from beds.services.claims import Asked, Room, judge_claim, lock_sites, require_overrides, require_preferences
from beds.services.pages import MOST_ROWS, Page, page_of
from beds.services.policy import Policy
from beds.services.seen_stays import stays_seen_by
from beds.services.steps import Event, change, new_id, next_state, require_word, status_of, step_case
from beds.services.visibility import require_case, require_unit

HOLD, HOLD_BED, PROPOSAL = (METADATA.tables[name] for name in ("hold", "hold_bed", "proposal"))
BED, UNIT = METADATA.tables["bed"], METADATA.tables["unit"]

LONGEST_HOLD: Final = timedelta(hours=24)
"""The longest that somebody may ask for: a bed kept for one household is kept from another."""
_OF_A_BED: Final = tuple(
    HOLD_BED.c[name] for name in ("bed_id", "starts_on", "expected_end_on", "expires_at", "released_at")
)
NO_OVERRIDES: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class HoldView:
    """A hold as it stands at an instant; `state` is computed, `minutes_left` are whole minutes, 0 once over.

    `warn` says that it will run out soon. `version` is what a change has to name.
    """

    hold_id: str
    referral_id: str
    site_id: str
    unit_id: str
    bed_ids: tuple[str, ...]
    starts_on: date
    expected_end_on: date
    expires_at: datetime
    state: HoldState
    minutes_left: int
    warn: bool
    reason: str
    version: int


def place_hold(  # noqa: PLR0913 the terms of a hold: who, where, why, how long, on whose advice
    session: Session,
    actor: Actor,
    referral_id: str,
    unit_id: str,
    *,
    reason: str,
    clock: Clock,
    policy: Policy,
    overrides: Mapping[str, str] = NO_OVERRIDES,
    lasts: timedelta | None = None,
    proposal_id: str | None = None,
) -> HoldView:
    """Keep beds of a unit for a household, and return the hold.

    Parameters
    ----------
    reason : a lower_snake word
    overrides : a reason, a lower_snake word, for each of the preferences `interim`, `language`, `region` that
        the unit does not meet; hard rules cannot be overridden
    lasts : how long, at most a day; the settings' two hours if not stated
    proposal_id : the open proposal of a round that this accepts; what it states needs no override

    Raises
    ------
    NotPermitted, NotFound
        The actor may not claim beds, or sees no such referral or unit.
    NotAllowedNow
        The household does not wait for a place now, or the proposal is not open.
    HardRuleBroken, BedJustTaken
        A hard rule is broken, or there is no room.
    PreferenceUnmet
        A preference is not met and not overridden.
    BadInput
        A reason or a length is not accepted.
    """
    require(actor, Permission.CLAIM_BEDS)
    require_case(session, actor, referral_id)
    unit = require_unit(session, actor, unit_id)
    require_word("reason", reason)
    require_overrides(overrides)
    lasts = _length(lasts, policy)
    asked = Asked(referral_id, unit.site_id, unit_id)
    room = judge_claim(session, asked, clock=clock, policy=policy)
    stated = frozenset[str]() if proposal_id is None else _accept(session, proposal_id, asked)
    used = require_preferences(actor, room.mismatch, overrides, stated=stated)
    _close_expired(session, referral_id, clock.as_at)
    hold_id = new_id("hold")
    why = {"reason": reason, "proposal_id": proposal_id}
    who = {"referral_id": referral_id, "placed_by": actor.user_id, "placed_at": clock.as_at}
    session.execute(HOLD.insert().values(hold_id=hold_id, state=HoldState.PLACED, version=1, **who, **why))
    session.execute(HOLD_BED.insert(), _bed_rows(hold_id, room, clock.as_at + lasts))
    step_case(session, referral_id, ReferralStep.HOLD)
    event = Event(hold_id, referral_id, unit.site_id)
    given: dict[str, JsonValue] = {"unit": unit_id, "beds": [*room.bed_ids], "overrides": {**used}}
    event.record(session, actor, "hold_placed", clock, reason=reason, proposal=proposal_id, **given)
    return _views(session, [hold_id], clock, policy.hold_warning)[0]


def release_hold(
    session: Session, actor: Actor, hold_id: str, *, version: int, reason: str, clock: Clock
) -> HoldView:
    """Give the beds of a hold back before it runs out, and return it as it ended; the household waits again.

    Raises
    ------
    NotPermitted, NotFound
        The actor may not claim beds, or sees no such hold.
    NotAllowedNow, ChangedMeanwhile
        The hold is over, or is not as the actor saw it.
    """
    require(actor, Permission.CLAIM_BEDS)
    hold = hold_seen(session, actor, hold_id, clock)
    require_word("reason", reason)
    end_hold(session, hold, HoldStep.RELEASE, version=version, clock=clock)
    lose_hold(session, hold, clock)
    event = Event(hold_id, hold.referral_id, hold.site_id)
    event.record(session, actor, "hold_released", clock, reason=reason, beds=[*hold.bed_ids])
    return hold_seen(session, actor, hold_id, clock)


def read_hold(session: Session, actor: Actor, hold_id: str, *, clock: Clock, policy: Policy) -> HoldView:
    """Return a hold that the actor may see: a provider those of its own sites, a coordinator its cases'.

    Raises
    ------
    NotPermitted, NotFound
        The actor sees no stays, or not this one.
    """
    require(actor, Permission.SEE_STAYS)
    return hold_seen(session, actor, hold_id, clock, policy.hold_warning)


def list_holds(  # noqa: PLR0913 who asks, which of them, and where the page begins
    session: Session,
    actor: Actor,
    *,
    clock: Clock,
    policy: Policy,
    after: str | None = None,
    limit: int = 50,
    in_force_only: bool = False,
) -> Page[HoldView]:
    """Return the holds that the actor may see, those that are over too, in the order of their references.

    Parameters
    ----------
    in_force_only : leave out those that are over; the next to run out comes first, and there is one page

    Raises
    ------
    NotPermitted
        The actor sees no stays at all.
    """
    require(actor, Permission.SEE_STAYS)
    limit = min(max(limit, 1), MOST_ROWS)
    wanted = select(HOLD.c.hold_id).where(
        stays_seen_by(actor, HOLD, HOLD_BED), HOLD.c.hold_id > (after or "")
    )
    if in_force_only:
        in_force = select(HOLD_BED.c.hold_id).where(
            HOLD_BED.c.released_at.is_(None), HOLD_BED.c.expires_at > clock.as_at
        )
        wanted = wanted.where(HOLD.c.state == HoldState.PLACED, HOLD.c.hold_id.in_(in_force))
        views = _views(session, session.scalars(wanted).all(), clock, policy.hold_warning)
        return Page(tuple(sorted(views, key=lambda hold: (hold.expires_at, hold.hold_id))[:limit]), None)
    found = session.scalars(wanted.order_by(HOLD.c.hold_id).limit(limit + 1)).all()
    return page_of(_views(session, found, clock, policy.hold_warning), limit, lambda hold: hold.hold_id)


def hold_seen(
    session: Session, actor: Actor, hold_id: str, clock: Clock, warning: timedelta = timedelta()
) -> HoldView:
    """Return a hold as it stands, if the actor may see it.

    Raises
    ------
    NotFound
        There is no such hold for this actor.
    """
    seen = select(HOLD.c.hold_id).where(HOLD.c.hold_id == hold_id, stays_seen_by(actor, HOLD, HOLD_BED))
    found = _views(session, session.scalars(seen).all(), clock, warning)
    if not found:
        raise NotFound("there is no such hold")
    return found[0]


def end_hold(session: Session, hold: HoldView, step: HoldStep, *, version: int, clock: Clock) -> None:
    """Let a hold end by a step, its beds given back at this instant. The site is locked first.

    Raises
    ------
    NotAllowedNow
        It is over: taken up, given back, or run out, even if only while this was being asked.
    ChangedMeanwhile
        It is not as the caller saw it.
    """
    lock_sites(session, hold.site_id)
    if hold.version != version:
        raise ChangedMeanwhile("somebody else has changed that hold since you read it: look at it again")
    state = next_state(step_hold, hold.state, step)
    change(session, HOLD, hold.hold_id, version, state=state, ended_at=clock.as_at)
    session.execute(
        HOLD_BED.update()
        .where(HOLD_BED.c.hold_id == hold.hold_id, HOLD_BED.c.released_at.is_(None))
        .values(released_at=clock.as_at)
    )


def lose_hold(session: Session, hold: HoldView, clock: Clock) -> None:
    """Let the household wait again where nothing else is held for it; its place in line is what it was."""
    other = (
        select(HOLD_BED.c.hold_bed_id)
        .join(HOLD)
        .where(HOLD.c.referral_id == hold.referral_id, HOLD.c.hold_id != hold.hold_id)
        .where(HOLD_BED.c.released_at.is_(None), HOLD_BED.c.expires_at > clock.as_at)
    )
    # A folder may state a hold of a referral that waits: there is nothing to go back from.
    if (
        status_of(session, hold.referral_id) is ReferralStatus.HELD
        and session.execute(other.limit(1)).first() is None
    ):
        step_case(session, hold.referral_id, ReferralStep.LOSE_HOLD)


def _length(lasts: timedelta | None, policy: Policy) -> timedelta:
    if lasts is None:
        return policy.hold_lasts
    if not timedelta() < lasts <= LONGEST_HOLD:
        raise BadInput("how long the hold lasts: more than nothing and at most 24 hours is accepted")
    return lasts


def _accept(session: Session, proposal_id: str, asked: Asked) -> frozenset[str]:
    """Mark the proposal as accepted and return the mismatches that it states."""
    accepted = session.execute(
        PROPOSAL.update()
        .where(
            PROPOSAL.c.proposal_id == proposal_id,
            PROPOSAL.c.referral_id == asked.referral_id,
            PROPOSAL.c.unit_id == asked.unit_id,
            PROPOSAL.c.state == ProposalState.PROPOSED,
        )
        .values(state=ProposalState.ACCEPTED)
        .returning(PROPOSAL.c.mismatch)
    ).one_or_none()
    if accepted is None:
        raise NotAllowedNow("there is no open proposal of this unit for this household")
    return frozenset(accepted.mismatch)


def _close_expired(session: Session, referral_id: str, at: datetime) -> None:
    """Write down what is so: the household's earlier holds, none of which is in force, have run out."""
    session.execute(
        HOLD.update()
        .where(HOLD.c.referral_id == referral_id, HOLD.c.state == HoldState.PLACED)
        .values(state=step_hold(HoldState.PLACED, HoldStep.EXPIRE), ended_at=at, version=HOLD.c.version + 1)
    )


def _bed_rows(hold_id: str, room: Room, expires_at: datetime) -> list[dict[str, object]]:
    # A hold over the morning keeps the night that it ends in, however short the stay is to be.
    last = Clock(expires_at).today + timedelta(days=1)
    return [
        {
            "hold_bed_id": f"{hold_id} {bed_id}",
            "hold_id": hold_id,
            "bed_id": bed_id,
            "starts_on": room.starts_on,
            "expected_end_on": max(room.expected_end_on, last),
            "expires_at": expires_at,
        }
        for bed_id in room.bed_ids
    ]


def _views(session: Session, hold_ids: Iterable[str], clock: Clock, warning: timedelta) -> list[HoldView]:
    rows: dict[str, list[Row[Any]]] = defaultdict(list)
    found = session.execute(
        select(HOLD, *_OF_A_BED, UNIT.c.unit_id, UNIT.c.site_id)
        .join(HOLD_BED, HOLD_BED.c.hold_id == HOLD.c.hold_id)
        .join(BED, BED.c.bed_id == HOLD_BED.c.bed_id)
        .join(UNIT, UNIT.c.unit_id == BED.c.unit_id)
        .where(HOLD.c.hold_id.in_(tuple(hold_ids)))
        .order_by(HOLD.c.hold_id, HOLD_BED.c.bed_id)
    )
    for row in found:
        rows[row.hold_id].append(row)
    return [_view(group, clock.as_at, warning) for group in rows.values()]


def _view(rows: list[Row[Any]], now: datetime, warning: timedelta) -> HoldView:
    first = rows[0]
    expires_at = min(row.expires_at for row in rows)
    stored = HoldState(first.state)
    # Somebody's claim may have released it by a clock a little ahead of this one: it has run out.
    given_up = stored is HoldState.PLACED and any(row.released_at is not None for row in rows)
    state = HoldState.EXPIRED if given_up else effective_hold_state(stored, expires_at, now)
    left = expires_at - now if state is HoldState.PLACED else timedelta()
    return HoldView(
        hold_id=first.hold_id,
        referral_id=first.referral_id,
        site_id=first.site_id,
        unit_id=first.unit_id,
        bed_ids=tuple(row.bed_id for row in rows),
        starts_on=min(row.starts_on for row in rows),
        expected_end_on=max(row.expected_end_on for row in rows),
        expires_at=expires_at,
        state=state,
        minutes_left=left // timedelta(minutes=1),
        warn=state is HoldState.PLACED and left <= warning,
        reason=first.reason,
        version=first.version,
    )
