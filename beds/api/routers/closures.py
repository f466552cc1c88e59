"""Closures: beds out of service for a while."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from beds.api.deps import AtDoor, Changed, KeyAccepted, Turn, shown
from beds.api.documents import A_CHANGE, ABOUT_ONE, KEYED, SIGNED_IN, problems
from beds.api.paging import USUAL_ROWS, Cursor, Limit, after_of, cursor_of
from beds.api.schemas.estate import ClosureAnswer, ClosureBody, ReopenBody
from beds.api.schemas.shapes import Id, PageOf, Ref
from beds.services import closures

router = APIRouter(prefix="/v1/closures", tags=["closures"])

_OF_A_CHANGE = problems(*SIGNED_IN, *ABOUT_ONE, *A_CHANGE, "bed_just_taken", *KEYED)


@router.get(
    "",
    response_model=PageOf[ClosureAnswer],
    responses=problems(*SIGNED_IN),
    summary="The closures of tonight and to come",
    description="Of the sites that you may see.",
    operation_id="list_closures",
)
def list_closures(
    door: AtDoor,
    limit: Limit = USUAL_ROWS,
    cursor: Cursor = None,
    site_id: Annotated[Ref | None, Query(description="Of one site only.", examples=["site-4"])] = None,
) -> Response:
    """Return a page of closures."""
    page = door.reading(
        lambda turn: closures.list_closures(
            turn.session, turn.actor, clock=turn.clock, site_id=site_id, after=after_of(cursor), limit=limit
        )
    )
    items = [ClosureAnswer.model_validate(row) for row in page.rows]
    return shown(PageOf[ClosureAnswer](items=items, next=cursor_of(page.next_after)))


@router.post(
    "",
    status_code=201,
    response_model=ClosureAnswer,
    responses=_OF_A_CHANGE,
    summary="Close a bed",
    description="Nobody is turned out: a bed that somebody is in, or that is held, is not closed.",
    operation_id="close_bed",
)
def close_bed(door: AtDoor, body: ClosureBody, key: KeyAccepted = None) -> Response:
    """Close a bed."""

    def work(turn: Turn) -> Changed:
        closure = closures.close_bed(
            turn.session,
            turn.actor,
            body.bed_id,
            starts_on=body.starts_on,
            ends_on=body.ends_on,
            reason=body.reason,
            clock=turn.clock,
        )
        return Changed(ClosureAnswer.model_validate(closure), 201)

    return door.changing(work, key=key)


@router.post(
    "/{closure_id}/reopen",
    response_model=ClosureAnswer,
    responses=_OF_A_CHANGE,
    summary="Reopen a bed sooner",
    description="Ending on the day it starts, the closure never was.",
    operation_id="reopen_bed",
)
def reopen_bed(door: AtDoor, closure_id: Id, body: ReopenBody, key: KeyAccepted = None) -> Response:
    """Reopen a bed."""

    def work(turn: Turn) -> Changed:
        closure = closures.reopen_bed(
            turn.session, turn.actor, closure_id, ends_on=body.ends_on, clock=turn.clock
        )
        return Changed(ClosureAnswer.model_validate(closure))

    return door.changing(work, key=key)
