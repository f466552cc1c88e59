"""What needs a person's decision next, the most pressing first: each kind once, with the cases it is about.

It decides nothing and hides nothing: everything in it can be found on its own page. References are opaque.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, func, select
from sqlmodel import Session

from beds.domain.households import not_for_a_round
from beds.domain.records import METADATA
from beds.domain.records.rounds import ProposalState
from beds.domain.terms import PlacementState, ReferralRef, ReferralStatus
from beds.roles import Actor, Permission, require
from beds.services.freezing import Ground
from beds.services.policy import Policy
from beds.services.seen_stays import stays_seen_by
from beds.services.sites import is_stale
from beds.services.tonight import Tonight
from beds.services.visibility import REFERRAL, SITE, cases_of, sites_of
from beds.services.waiting_list import Waiting

PROPOSAL, PLACEMENT, PLACEMENT_BED = (
    METADATA.tables[name] for name in ("proposal", "placement", "placement_bed")
)


class DecisionKind(StrEnum):
    """What is to be decided, the most pressing first."""

    NO_PLACE_TONIGHT = "no_place_tonight"
    HOLD_RUNS_OUT = "hold_runs_out"
    TO_TRIAGE = "to_triage"
    NOT_YET_ASKED = "not_yet_asked"
    PROPOSALS = "proposals"
    ARRIVAL_DUE = "arrival_due"
    STAY_OVERDUE = "stay_overdue"
    CLOCK_ENDS = "clock_ends"
    TO_CONFIRM = "to_confirm"


@dataclass(frozen=True, slots=True)
class Decision:
    """One kind of decision: about which cases, holds, stays or sites, the first of them to come first.

    `by` is when the first of them is due, where it is due at an instant.
    """

    kind: DecisionKind
    refs: tuple[str, ...]
    by: datetime | None = None


def decisions_of_coordinator(
    session: Session, actor: Actor, ground: Ground, *, state: Tonight, waiting: Iterable[Waiting]
) -> tuple[Decision, ...]:
    """Return what a coordinator has to decide, of what is known of tonight already.

    Parameters
    ----------
    state, waiting : as `tonight` and `waiting_list` return them for the same actor and instant

    Raises
    ------
    NotPermitted
        The actor sees no cases.
    """
    require(actor, Permission.SEE_CASES)
    waits = list(waiting)
    found = {
        DecisionKind.NO_PLACE_TONIGHT: [
            one.line.referral_id for one in waits if one.cannot_wait and one.held_until is None
        ],
        DecisionKind.HOLD_RUNS_OUT: [hold.referral_id for hold in state.running_out],
        DecisionKind.TO_TRIAGE: [
            one.line.referral_id for one in waits if one.line.status is ReferralStatus.RECEIVED
        ],
        DecisionKind.NOT_YET_ASKED: _not_for_a_round(ground, waits),
        DecisionKind.PROPOSALS: _open_proposals(session, actor),
        DecisionKind.ARRIVAL_DUE: _arrivals_due(session, actor, ground),
        DecisionKind.STAY_OVERDUE: _overdue(session, actor, ground),
        DecisionKind.CLOCK_ENDS: [period.referral_id for period in state.clocks],
    }
    first_hold = min((hold.expires_at for hold in state.running_out), default=None)
    return tuple(
        Decision(kind, tuple(dict.fromkeys(refs)), first_hold if kind is DecisionKind.HOLD_RUNS_OUT else None)
        for kind, refs in found.items()
        if refs
    )


def decisions_of_provider(
    session: Session, actor: Actor, ground: Ground, *, policy: Policy
) -> tuple[Decision, ...]:
    """Return what somebody at a provider has to record: who arrived, who left, whether what is shown is so.

    Raises
    ------
    NotPermitted
        The actor sees no stays.
    """
    require(actor, Permission.SEE_STAYS)
    found = {
        DecisionKind.ARRIVAL_DUE: _arrivals_due(session, actor, ground),
        DecisionKind.STAY_OVERDUE: _overdue(session, actor, ground),
        DecisionKind.TO_CONFIRM: _to_confirm(session, actor, ground, policy),
    }
    return tuple(Decision(kind, tuple(refs)) for kind, refs in found.items() if refs)


def _not_for_a_round(ground: Ground, waiting: Iterable[Waiting]) -> list[str]:
    people_of = ground.estate.people_of
    refs = (one.line.referral_id for one in waiting if one.line.status is not ReferralStatus.RECEIVED)
    return [ref for ref in refs if not_for_a_round(people_of.get(ReferralRef(ref), ())) is not None]


def _open_proposals(session: Session, actor: Actor) -> list[str]:
    rows = session.scalars(
        select(PROPOSAL.c.referral_id)
        .join(REFERRAL, REFERRAL.c.referral_id == PROPOSAL.c.referral_id)
        .where(PROPOSAL.c.state == ProposalState.PROPOSED, cases_of(actor))
        .order_by(PROPOSAL.c.referral_id)
    )
    return list(rows)


def _arrivals_due(session: Session, actor: Actor, ground: Ground) -> list[str]:
    return _stays(
        session,
        actor,
        PLACEMENT.c.state == PlacementState.EXPECTED,
        PLACEMENT_BED.c.starts_on <= ground.clock.today,
    )


def _overdue(session: Session, actor: Actor, ground: Ground) -> list[str]:
    return _stays(
        session,
        actor,
        PLACEMENT.c.state == PlacementState.ARRIVED,
        PLACEMENT_BED.c.ended_on.is_(None),
        PLACEMENT_BED.c.expected_end_on <= ground.clock.today,
    )


def _stays(session: Session, actor: Actor, *which: ColumnElement[bool]) -> list[str]:
    rows = session.execute(
        select(PLACEMENT.c.referral_id, func.min(PLACEMENT_BED.c.expected_end_on).label("ends"))
        .join(PLACEMENT_BED, PLACEMENT_BED.c.placement_id == PLACEMENT.c.placement_id)
        .where(stays_seen_by(actor, PLACEMENT, PLACEMENT_BED), *which)
        .group_by(PLACEMENT.c.placement_id, PLACEMENT.c.referral_id)
        .order_by("ends", PLACEMENT.c.placement_id)
    )
    return [row.referral_id for row in rows]


def _to_confirm(session: Session, actor: Actor, ground: Ground, policy: Policy) -> list[str]:
    rows = session.execute(
        select(SITE.c.site_id, SITE.c.availability_confirmed_at)
        .where(sites_of(actor))
        .order_by(SITE.c.site_id)
    )
    return [row.site_id for row in rows if is_stale(row.availability_confirmed_at, ground.clock, policy)]
