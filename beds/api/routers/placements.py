"""Placements: a hold that was taken up, arrival, extension, transfer, moving out, the end of a stay."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from beds.api.deps import AtDoor, Changed, KeyAccepted, KeyNeeded, Seen, shown
from beds.api.documents import A_CHANGE, A_CLAIM, ABOUT_ONE, KEYED, OF_A_VERSION, SIGNED_IN, problems
from beds.api.paging import USUAL_ROWS, Cursor, Limit, after_of, cursor_of
from beds.api.schemas.shapes import Id, PageOf
from beds.api.schemas.stays import (
    EndBody,
    ExtensionBody,
    MoveOutBody,
    PlacementAnswer,
    TransferBody,
    given,
)
from beds.services import placements, stays
from beds.services.placements import PlacementView

router = APIRouter(prefix="/v1/placements", tags=["placements"])

_OF_A_CHANGE = problems(*SIGNED_IN, *ABOUT_ONE, *A_CHANGE, *OF_A_VERSION, *KEYED)
_OF_A_CLAIM = problems(*SIGNED_IN, *ABOUT_ONE, *A_CLAIM, *OF_A_VERSION, *KEYED)


@router.get(
    "",
    response_model=PageOf[PlacementAnswer],
    responses=problems(*SIGNED_IN),
    summary="The stays that you may see",
    description="A coordinator sees those of their cases, a provider those in its own sites.",
    operation_id="list_placements",
)
def list_placements(
    door: AtDoor,
    limit: Limit = USUAL_ROWS,
    cursor: Cursor = None,
    current_only: Annotated[bool, Query(description="Leave out stays that are over.")] = False,
) -> Response:
    """Return a page of stays."""
    page = door.reading(
        lambda turn: placements.list_placements(
            turn.session, turn.actor, after=after_of(cursor), limit=limit, current_only=current_only
        )
    )
    items = [PlacementAnswer.model_validate(row) for row in page.rows]
    return shown(PageOf[PlacementAnswer](items=items, next=cursor_of(page.next_after)))


@router.post(
    "/{hold_id}",
    status_code=201,
    response_model=PlacementAnswer,
    responses=_OF_A_CLAIM,
    summary="Take up a hold",
    description="`If-Match` names the hold. Every rule is judged again; the household is expected to arrive.",
    operation_id="confirm_hold",
)
def confirm_hold(door: AtDoor, hold_id: Id, seen: Seen, key: KeyNeeded) -> Response:
    """Confirm a hold."""
    return door.changing(
        lambda turn: _changed(
            placements.confirm_hold(
                turn.session, turn.actor, hold_id, version=seen, clock=turn.clock, policy=door.policy
            ),
            status=201,
        ),
        key=key,
    )


@router.get(
    "/{placement_id}",
    response_model=PlacementAnswer,
    responses=problems(*SIGNED_IN, *ABOUT_ONE),
    summary="One stay",
    description="With its beds and who of the household sleeps in which, by opaque references.",
    operation_id="read_placement",
)
def read_placement(door: AtDoor, placement_id: Id) -> Response:
    """Return a stay."""
    view = door.reading(lambda turn: placements.read_placement(turn.session, turn.actor, placement_id))
    return shown(PlacementAnswer.model_validate(view), version=view.version)


@router.post(
    "/{placement_id}/arrival",
    response_model=PlacementAnswer,
    responses=_OF_A_CHANGE,
    summary="The household has come",
    description="Recorded by the provider of the site, or by a coordinator of the case.",
    operation_id="record_arrival",
)
def record_arrival(door: AtDoor, placement_id: Id, seen: Seen, key: KeyAccepted = None) -> Response:
    """Record an arrival."""
    return door.changing(
        lambda turn: _changed(
            placements.record_arrival(turn.session, turn.actor, placement_id, version=seen, clock=turn.clock)
        ),
        key=key,
    )


@router.post(
    "/{placement_id}/no-arrival",
    response_model=PlacementAnswer,
    responses=_OF_A_CHANGE,
    summary="The household has not come",
    description="No night is claimed, and it waits again, with its place in line.",
    operation_id="record_no_arrival",
)
def record_no_arrival(door: AtDoor, placement_id: Id, seen: Seen, key: KeyAccepted = None) -> Response:
    """Record that a household did not come."""
    return door.changing(
        lambda turn: _changed(
            placements.record_no_arrival(
                turn.session, turn.actor, placement_id, version=seen, clock=turn.clock
            )
        ),
        key=key,
    )


@router.post(
    "/{placement_id}/extension",
    response_model=PlacementAnswer,
    responses=_OF_A_CLAIM,
    summary="The stay is expected to last longer",
    description="Every rule is judged again over the nights that come in addition.",
    operation_id="extend_stay",
)
def extend_stay(
    door: AtDoor, placement_id: Id, seen: Seen, body: ExtensionBody, key: KeyAccepted = None
) -> Response:
    """Extend a stay."""
    return door.changing(
        lambda turn: _changed(
            stays.extend_stay(
                turn.session,
                turn.actor,
                placement_id,
                version=seen,
                new_end_on=body.new_end_on,
                clock=turn.clock,
                policy=door.policy,
            )
        ),
        key=key,
    )


@router.post(
    "/{placement_id}/transfer",
    response_model=PlacementAnswer,
    responses=_OF_A_CLAIM,
    summary="The household moves to another unit",
    description="The answer is the new stay; the one that is left is `transferred`.",
    operation_id="transfer_stay",
)
def transfer_stay(door: AtDoor, placement_id: Id, seen: Seen, body: TransferBody, key: KeyNeeded) -> Response:
    """Transfer a household."""
    return door.changing(
        lambda turn: _changed(
            stays.transfer_stay(
                turn.session,
                turn.actor,
                placement_id,
                version=seen,
                unit_id=body.unit_id,
                clock=turn.clock,
                policy=door.policy,
                overrides=given(body.overrides),
            )
        ),
        key=key,
    )


@router.post(
    "/{placement_id}/move-out",
    response_model=PlacementAnswer,
    responses=_OF_A_CHANGE,
    summary="Somebody of the household moves out",
    description="The others stay; their beds and nights are theirs as before.",
    operation_id="move_out",
)
def move_out(
    door: AtDoor, placement_id: Id, seen: Seen, body: MoveOutBody, key: KeyAccepted = None
) -> Response:
    """Let some of a household move out."""
    return door.changing(
        lambda turn: _changed(
            stays.move_out(
                turn.session,
                turn.actor,
                placement_id,
                version=seen,
                person_ids=tuple(body.person_ids),
                on=body.on,
                move_on=body.move_on,
                clock=turn.clock,
            )
        ),
        key=key,
    )


@router.post(
    "/{placement_id}/end",
    response_model=PlacementAnswer,
    responses=_OF_A_CHANGE,
    summary="The stay has ended",
    description="With where the household went. The case has moved on; it is closed in its own time.",
    operation_id="end_stay",
)
def end_stay(door: AtDoor, placement_id: Id, seen: Seen, body: EndBody, key: KeyAccepted = None) -> Response:
    """End a stay."""
    return door.changing(
        lambda turn: _changed(
            stays.end_stay(
                turn.session,
                turn.actor,
                placement_id,
                version=seen,
                on=body.on,
                move_on=body.move_on,
                clock=turn.clock,
            )
        ),
        key=key,
    )


def _changed(view: PlacementView, *, status: int = 200) -> Changed:
    location = f"/v1/placements/{view.placement_id}" if status == 201 else None
    return Changed(PlacementAnswer.model_validate(view), status, view.version, location)
