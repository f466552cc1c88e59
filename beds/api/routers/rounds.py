"""Rounds: run one, look at what it advises, accept or set aside its proposals."""

from __future__ import annotations

from fastapi import APIRouter, Response

from beds.api.deps import AtDoor, Changed, KeyAccepted, KeyNeeded, Turn, shown
from beds.api.documents import A_CLAIM, ABOUT_ONE, KEYED, SIGNED_IN, problems
from beds.api.paging import USUAL_ROWS, Cursor, Limit, after_of, cursor_of
from beds.api.schemas.rounds import (
    AcceptedAnswer,
    AllAcceptedAnswer,
    ProposalAnswer,
    ProposalsAnswer,
    RoundAnswer,
    RoundBody,
    RoundLineAnswer,
)
from beds.api.schemas.shapes import Id, PageOf
from beds.api.schemas.stays import HoldAnswer, ReasonBody
from beds.domain.clock import Clock
from beds.domain.estate import Estate
from beds.services import kept_rounds, proposals

router = APIRouter(prefix="/v1/rounds", tags=["rounds"])


@router.get(
    "",
    response_model=PageOf[RoundLineAnswer],
    responses=problems(*SIGNED_IN),
    summary="The rounds that are kept",
    description="The newest first.",
    operation_id="list_rounds",
)
def list_rounds(door: AtDoor, limit: Limit = USUAL_ROWS, cursor: Cursor = None) -> Response:
    """Return a page of rounds."""
    page = door.reading(
        lambda turn: kept_rounds.list_rounds(turn.session, turn.actor, after=after_of(cursor), limit=limit)
    )
    items = [RoundLineAnswer.model_validate(row) for row in page.rows]
    return shown(PageOf[RoundLineAnswer](items=items, next=cursor_of(page.next_after)))


@router.post(
    "",
    status_code=201,
    response_model=RoundLineAnswer,
    responses=problems(*SIGNED_IN, *KEYED, "record_refused"),
    summary="Run a round on the estate as it is",
    description=(
        "Advice: it writes proposals and takes no bed. It is solved outside the serving process and may take "
        "a while; one at a time, others are told `busy`."
    ),
    operation_id="run_round",
)
def run_round(door: AtDoor, body: RoundBody, key: KeyAccepted = None) -> Response:
    """Run a round and keep it."""

    def estate(turn: Turn) -> tuple[Estate, Clock]:
        return kept_rounds.estate_for_round(turn.session, turn.actor, clock=turn.clock), turn.clock

    before = door.answer_before(key)
    if before is not None:
        return before
    solver = door.request.app.state.solver
    run = solver.round_on(*door.reading(estate), door.policy, body.time_limit_s)

    def work(turn: Turn) -> Changed:
        line = kept_rounds.keep_run(turn.session, turn.actor, run, clock=turn.clock)
        answer = RoundLineAnswer.model_validate(line)
        return Changed(answer, 201, location=f"/v1/rounds/{line.run_id}")

    return door.changing(work, key=key)


@router.get(
    "/{run_id}",
    response_model=RoundAnswer,
    responses=problems(*SIGNED_IN, *ABOUT_ONE, "anonymised"),
    summary="One round, with its answer",
    description="For the cases that you may see; the others are counts by outcome.",
    operation_id="read_round",
)
def read_round(door: AtDoor, run_id: Id) -> Response:
    """Return a round."""
    view = door.reading(lambda turn: kept_rounds.read_round(turn.session, turn.actor, run_id))
    return shown(RoundAnswer.model_validate(view))


@router.get(
    "/{run_id}/proposals",
    response_model=ProposalsAnswer,
    responses=problems(*SIGNED_IN, *ABOUT_ONE),
    summary="What a round proposes",
    description="For the cases that you may see, and how many other proposals it has.",
    operation_id="list_proposals",
)
def list_proposals(door: AtDoor, run_id: Id) -> Response:
    """Return the proposals of a round."""
    view = door.reading(lambda turn: proposals.list_proposals(turn.session, turn.actor, run_id))
    return shown(ProposalsAnswer.model_validate(view))


@router.post(
    "/{run_id}/proposals/{proposal_id}/accept",
    status_code=201,
    response_model=HoldAnswer,
    responses=problems(*SIGNED_IN, *ABOUT_ONE, *A_CLAIM, *KEYED),
    summary="Accept a proposal: a hold is placed",
    description="Judged again like any other hold; a stale proposal is refused with what has changed.",
    operation_id="accept_proposal",
)
def accept_proposal(door: AtDoor, run_id: Id, proposal_id: Id, key: KeyNeeded) -> Response:
    """Accept a proposal."""

    def work(turn: Turn) -> Changed:
        hold = proposals.accept_proposal(
            turn.session, turn.actor, run_id, proposal_id, clock=turn.clock, policy=door.policy
        )
        answer = HoldAnswer.model_validate(hold)
        return Changed(answer, 201, hold.version, f"/v1/holds/{hold.hold_id}")

    return door.changing(work, key=key)


@router.post(
    "/{run_id}/proposals/{proposal_id}/set-aside",
    response_model=ProposalAnswer,
    responses=problems(*SIGNED_IN, *ABOUT_ONE, "not_allowed_now", *KEYED),
    summary="Set a proposal aside",
    description="With a reason; the household waits on, with its place in line.",
    operation_id="set_proposal_aside",
)
def set_proposal_aside(
    door: AtDoor, run_id: Id, proposal_id: Id, body: ReasonBody, key: KeyAccepted = None
) -> Response:
    """Set a proposal aside."""

    def work(turn: Turn) -> Changed:
        view = proposals.set_aside(
            turn.session, turn.actor, run_id, proposal_id, reason=body.reason, clock=turn.clock
        )
        return Changed(ProposalAnswer.model_validate(view))

    return door.changing(work, key=key)


@router.post(
    "/{run_id}/accept-all",
    response_model=AllAcceptedAnswer,
    responses=problems(*SIGNED_IN, *ABOUT_ONE, *A_CLAIM, *KEYED),
    summary="Accept every open proposal that you may accept",
    description="Each by itself: one that is refused changes nothing and is not in the way of the others.",
    operation_id="accept_all_proposals",
)
def accept_all_proposals(door: AtDoor, run_id: Id, key: KeyNeeded) -> Response:
    """Accept all proposals."""

    def work(turn: Turn) -> Changed:
        answers = proposals.accept_all(turn.session, turn.actor, run_id, clock=turn.clock, policy=door.policy)
        return Changed(
            AllAcceptedAnswer(answers=[AcceptedAnswer.model_validate(answer) for answer in answers])
        )

    return door.changing(work, key=key)
