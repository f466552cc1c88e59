"""A round's proposals: advice that people accept, one by one or together, or set aside.

Accepting places a hold, judged again like any other: a proposal that no longer fits is refused, with what has
changed. What a round proposes for cases that the actor may not see is a number and nothing else.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import Row, func, select
from sqlmodel import Session

from beds.database_faults import refusals_in_words
from beds.domain.clock import Clock
from beds.domain.records import METADATA
from beds.domain.records.rounds import ProposalState
from beds.errors import (
    BedJustTaken,
    BedsError,
    DatabaseUnavailable,
    HardRuleBroken,
    NotAllowedNow,
    NotFound,
    PreferenceUnmet,
)
from beds.roles import Actor, Permission, require
from beds.services.holds import HoldView, place_hold
from beds.services.policy import Policy
from beds.services.steps import Event, require_word
from beds.services.visibility import cases_of

PROPOSAL, ROUND = METADATA.tables["proposal"], METADATA.tables["allocation_round"]
REFERRAL, UNIT = METADATA.tables["referral"], METADATA.tables["unit"]

ACCEPTED: Final = "accepted_proposal"
SINCE: Final = "this has changed since the round"


@dataclass(frozen=True, slots=True)
class ProposalView:
    """What a round proposes for one household, with each mismatch in points, and what became of it."""

    proposal_id: str
    run_id: str
    referral_id: str
    site_id: str
    unit_id: str
    bed_ids: tuple[str, ...]
    starts_on: date
    expected_end_on: date
    mismatch: tuple[tuple[str, int], ...]
    state: ProposalState


@dataclass(frozen=True, slots=True)
class ProposalsOfRound:
    """The proposals of a round for cases that the actor may see; `others` counts those for other cases."""

    run_id: str
    proposals: tuple[ProposalView, ...]
    others: int


@dataclass(frozen=True, slots=True)
class ProposalAnswer:
    """What came of accepting one proposal: the hold, or the code and the words of the refusal."""

    proposal_id: str
    hold: HoldView | None
    code: str | None
    message: str | None


def list_proposals(session: Session, actor: Actor, run_id: str) -> ProposalsOfRound:
    """Return what a round proposes for the cases that the actor may see, and how many other proposals it has.

    Raises
    ------
    NotPermitted, NotFound
        The actor sees no cases, or there is no such round.
    """
    require(actor, Permission.SEE_CASES)
    if session.execute(select(ROUND.c.run_id).where(ROUND.c.run_id == run_id)).first() is None:
        raise NotFound("there is no such round")
    shown = _seen(session, actor, run_id)
    in_all = select(func.count()).select_from(PROPOSAL).where(PROPOSAL.c.run_id == run_id)
    return ProposalsOfRound(run_id, shown, session.execute(in_all).scalar_one() - len(shown))


def accept_proposal(
    session: Session, actor: Actor, run_id: str, proposal_id: str, *, clock: Clock, policy: Policy
) -> HoldView:
    """Place the hold that a proposal advises, and return it.

    The mismatches that the round states are accepted with it and need no override.

    Raises
    ------
    NotPermitted, NotFound
        The actor may not claim beds, or sees no such proposal.
    NotAllowedNow
        The proposal is not open any more, or the household does not wait for a place now.
    HardRuleBroken, BedJustTaken, PreferenceUnmet
        What has changed since the round stands in the way.
    """
    require(actor, Permission.CLAIM_BEDS)
    proposal = _require_open(_require_proposal(session, actor, run_id, proposal_id))
    try:
        return place_hold(
            session,
            actor,
            proposal.referral_id,
            proposal.unit_id,
            reason=ACCEPTED,
            clock=clock,
            policy=policy,
            proposal_id=proposal_id,
        )
    except HardRuleBroken as error:
        raise HardRuleBroken(f"{SINCE}: {error}", error.rules) from error
    except PreferenceUnmet as error:
        raise PreferenceUnmet(f"{SINCE}: {error}", error.preferences) from error
    except (BedJustTaken, NotAllowedNow) as error:
        raise type(error)(f"{SINCE}: {error}") from error


def accept_all(
    session: Session,
    actor: Actor,
    run_id: str,
    *,
    clock: Clock,
    policy: Policy,
    only: Collection[str] | None = None,
) -> tuple[ProposalAnswer, ...]:
    """Accept every open proposal of a round that the actor may see, each by itself; return what came of each.

    One that is refused changes nothing and is not in the way of the others.

    Parameters
    ----------
    only : the proposals to accept, by reference, where it is not to be all of them; those that are not open
        any more, or may not be seen, are left out

    Raises
    ------
    NotPermitted, NotFound
        The actor may not claim beds, or there is no such round.
    DatabaseUnavailable
        The database cannot go on; nothing at all is changed.
    """
    require(actor, Permission.CLAIM_BEDS)
    open_ones = [
        proposal
        for proposal in list_proposals(session, actor, run_id).proposals
        if proposal.state is ProposalState.PROPOSED and (only is None or proposal.proposal_id in only)
    ]
    return tuple(_answer(session, actor, proposal, clock, policy) for proposal in open_ones)


def set_aside(
    session: Session, actor: Actor, run_id: str, proposal_id: str, *, reason: str, clock: Clock
) -> ProposalView:
    """Set a proposal aside for a reason, and return it; the household waits on, in its place in line.

    Raises
    ------
    NotPermitted, NotFound
        The actor may not claim beds, or sees no such proposal.
    NotAllowedNow
        The proposal is not open any more.
    BadInput
        The reason is not a lower_snake word.
    """
    require(actor, Permission.CLAIM_BEDS)
    proposal = _require_open(_require_proposal(session, actor, run_id, proposal_id))
    require_word("reason", reason)
    session.execute(
        PROPOSAL.update()
        .where(PROPOSAL.c.proposal_id == proposal_id, PROPOSAL.c.state == ProposalState.PROPOSED)
        .values(state=ProposalState.SET_ASIDE)
    )
    event = Event(proposal_id, proposal.referral_id, proposal.site_id)
    event.record(session, actor, "proposal_set_aside", clock, run=run_id, reason=reason)
    return _require_proposal(session, actor, run_id, proposal_id)


def _answer(
    session: Session, actor: Actor, proposal: ProposalView, clock: Clock, policy: Policy
) -> ProposalAnswer:
    name = proposal.proposal_id
    try:
        # The savepoint undoes one refused proposal; a guard of the database speaks in our words inside it.
        with session.begin_nested(), refusals_in_words():
            hold = accept_proposal(session, actor, proposal.run_id, name, clock=clock, policy=policy)
    except DatabaseUnavailable:
        raise
    except BedsError as error:
        return ProposalAnswer(name, None, error.code, str(error))
    return ProposalAnswer(name, hold, None, None)


def _seen(
    session: Session, actor: Actor, run_id: str, proposal_id: str | None = None
) -> tuple[ProposalView, ...]:
    found = (
        select(PROPOSAL, UNIT.c.site_id)
        .join(REFERRAL, REFERRAL.c.referral_id == PROPOSAL.c.referral_id)
        .join(UNIT, UNIT.c.unit_id == PROPOSAL.c.unit_id)
        .where(PROPOSAL.c.run_id == run_id, cases_of(actor))
        .order_by(PROPOSAL.c.proposal_id)
    )
    if proposal_id is not None:
        found = found.where(PROPOSAL.c.proposal_id == proposal_id)
    return tuple(map(_view, session.execute(found)))


def _require_proposal(session: Session, actor: Actor, run_id: str, proposal_id: str) -> ProposalView:
    found = _seen(session, actor, run_id, proposal_id)
    if not found:
        raise NotFound("there is no such proposal")
    return found[0]


def _require_open(proposal: ProposalView) -> ProposalView:
    if proposal.state is ProposalState.STALE:
        raise NotAllowedNow("the proposal is stale: a newer round has answered in its place")
    if proposal.state is not ProposalState.PROPOSED:
        raise NotAllowedNow(f"the proposal is {proposal.state.replace('_', ' ')} already")
    return proposal


def _view(row: Row[Any]) -> ProposalView:
    return ProposalView(
        proposal_id=row.proposal_id,
        run_id=row.run_id,
        referral_id=row.referral_id,
        site_id=row.site_id,
        unit_id=row.unit_id,
        bed_ids=tuple(row.bed_ids),
        starts_on=row.starts_on,
        expected_end_on=row.expected_end_on,
        mismatch=tuple(sorted(row.mismatch.items())),
        state=ProposalState(row.state),
    )
