"""Holds: keep a bed for a household for a while, give it back, or record a "no" to it."""

from __future__ import annotations

from datetime import timedelta

from fastapi import APIRouter, Response

from beds.api.deps import AtDoor, Changed, KeyAccepted, KeyNeeded, Seen, Turn, shown
from beds.api.documents import A_CHANGE, A_CLAIM, ABOUT_ONE, KEYED, OF_A_VERSION, SIGNED_IN, problems
from beds.api.next_best import with_next_best
from beds.api.paging import USUAL_ROWS, Cursor, Limit, after_of, cursor_of
from beds.api.schemas.shapes import Id, PageOf
from beds.api.schemas.stays import DeclineAnswer, DeclineHoldBody, HoldAnswer, HoldBody, ReasonBody, given
from beds.errors import BedJustTaken
from beds.services import declines, holds
from beds.services.holds import HoldView

router = APIRouter(prefix="/v1/holds", tags=["holds"])


@router.get(
    "",
    response_model=PageOf[HoldAnswer],
    responses=problems(*SIGNED_IN),
    summary="The holds that you may see",
    description="A coordinator sees those of their cases, a provider those in its own sites; over or not.",
    operation_id="list_holds",
)
def list_holds(door: AtDoor, limit: Limit = USUAL_ROWS, cursor: Cursor = None) -> Response:
    """Return a page of holds."""
    page = door.reading(
        lambda turn: holds.list_holds(
            turn.session,
            turn.actor,
            clock=turn.clock,
            policy=door.policy,
            after=after_of(cursor),
            limit=limit,
        )
    )
    items = [HoldAnswer.model_validate(row) for row in page.rows]
    return shown(PageOf[HoldAnswer](items=items, next=cursor_of(page.next_after)))


@router.post(
    "",
    status_code=201,
    response_model=HoldAnswer,
    responses=problems(*SIGNED_IN, *ABOUT_ONE, *A_CLAIM, *KEYED, "anonymised"),
    summary="Keep a unit for a household",
    description=(
        "Every hard rule is judged again in the transaction that takes the beds. `bed_just_taken` comes with "
        "up to three of her next best units, looked for afresh after the refusal."
    ),
    operation_id="place_hold",
)
def place_hold(door: AtDoor, body: HoldBody, key: KeyNeeded) -> Response:
    """Place a hold."""

    def work(turn: Turn) -> Changed:
        lasts = None if body.lasts_minutes is None else timedelta(minutes=body.lasts_minutes)
        return _changed(
            holds.place_hold(
                turn.session,
                turn.actor,
                body.referral_id,
                body.unit_id,
                reason=body.reason,
                clock=turn.clock,
                policy=door.policy,
                overrides=given(body.overrides),
                lasts=lasts,
            ),
            status=201,
        )

    try:
        return door.changing(work, key=key)
    except BedJustTaken as taken:
        return with_next_best(door, body.referral_id, taken)


@router.get(
    "/{hold_id}",
    response_model=HoldAnswer,
    responses=problems(*SIGNED_IN, *ABOUT_ONE),
    summary="One hold",
    description="As it stands now: that it has run out is computed when it is read.",
    operation_id="read_hold",
)
def read_hold(door: AtDoor, hold_id: Id) -> Response:
    """Return a hold."""
    view = door.reading(
        lambda turn: holds.read_hold(turn.session, turn.actor, hold_id, clock=turn.clock, policy=door.policy)
    )
    return shown(HoldAnswer.model_validate(view), version=view.version)


@router.post(
    "/{hold_id}/release",
    response_model=HoldAnswer,
    responses=problems(*SIGNED_IN, *ABOUT_ONE, *A_CHANGE, *OF_A_VERSION, *KEYED),
    summary="Give the beds of a hold back",
    description="Before it runs out; the household waits again, with its place in line.",
    operation_id="release_hold",
)
def release_hold(
    door: AtDoor,
    hold_id: Id,
    seen: Seen,
    body: ReasonBody,
    key: KeyAccepted = None,
) -> Response:
    """Release a hold."""
    return door.changing(
        lambda turn: _changed(
            holds.release_hold(
                turn.session, turn.actor, hold_id, version=seen, reason=body.reason, clock=turn.clock
            )
        ),
        key=key,
    )


@router.post(
    "/{hold_id}/decline",
    response_model=DeclineAnswer,
    responses=problems(*SIGNED_IN, *ABOUT_ONE, *A_CHANGE, *OF_A_VERSION, *KEYED),
    summary='Record a "no" to what is held',
    description=(
        "By the survivor, which never changes her place in line, or by the provider; each reason has a "
        "stated, dated consequence."
    ),
    operation_id="decline_hold",
)
def decline_hold(
    door: AtDoor,
    hold_id: Id,
    seen: Seen,
    body: DeclineHoldBody,
    key: KeyAccepted = None,
) -> Response:
    """Decline a hold."""

    def work(turn: Turn) -> Changed:
        declined = declines.decline_hold(
            turn.session,
            turn.actor,
            hold_id,
            version=seen,
            declined_by=body.declined_by,
            reason=body.reason,
            clock=turn.clock,
        )
        return Changed(DeclineAnswer.model_validate(declined))

    return door.changing(work, key=key)


def _changed(view: HoldView, *, status: int = 200) -> Changed:
    location = f"/v1/holds/{view.hold_id}" if status == 201 else None
    return Changed(HoldAnswer.model_validate(view), status, view.version, location)
