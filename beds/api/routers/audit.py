"""The audit and the log of reads, for auditors."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response

from beds.api.deps import AtDoor, shown
from beds.api.documents import SIGNED_IN, problems
from beds.api.paging import USUAL_ROWS, Cursor, Limit, after_of, cursor_of
from beds.api.schemas.books import EventAnswer, ReadAnswer
from beds.api.schemas.shapes import Instant, PageOf, Ref, Word
from beds.services import audit_trail
from beds.services.audit_trail import EventFilter, ReadFilter

router = APIRouter(prefix="/v1/audit", tags=["audit"])

Who = Annotated[str | None, Query(max_length=64, description="By whom.", examples=["user-0a1b2c3d4e"])]
OfCase = Annotated[Ref | None, Query(description="About one case.", examples=["ref-0a1b2c3d4e"])]
OfSite = Annotated[Ref | None, Query(description="About one site.", examples=["site-4"])]
Since = Annotated[
    Instant | None, Query(description="From this instant on.", examples=["2026-03-03T00:00:00Z"])
]


@router.get(
    "",
    response_model=PageOf[EventAnswer],
    responses=problems(*SIGNED_IN),
    summary="Who did what",
    description="The newest first; what is left out matches all.",
    operation_id="list_events",
)
def list_events(  # noqa: PLR0913, PLR0917 one argument a parameter of the address
    door: AtDoor,
    limit: Limit = USUAL_ROWS,
    cursor: Cursor = None,
    actor: Who = None,
    action: Annotated[Word | None, Query(description="What was done.", examples=["hold_placed"])] = None,
    referral_id: OfCase = None,
    site_id: OfSite = None,
    since: Since = None,
) -> Response:
    """Return a page of events."""
    wanted = EventFilter(actor, action, referral_id, site_id, since)
    page = door.reading(
        lambda turn: audit_trail.list_events(
            turn.session, turn.actor, wanted, after=after_of(cursor), limit=limit
        )
    )
    items = [EventAnswer.model_validate(row) for row in page.rows]
    return shown(PageOf[EventAnswer](items=items, next=cursor_of(page.next_after)))


@router.get(
    "/reads",
    response_model=PageOf[ReadAnswer],
    responses=problems(*SIGNED_IN),
    summary="Who looked at which case or address",
    description="The newest first. A page may hold fewer than `limit` and still have a `next`.",
    operation_id="list_reads",
)
def list_reads(  # noqa: PLR0913, PLR0917 one argument a parameter of the address
    door: AtDoor,
    limit: Limit = USUAL_ROWS,
    cursor: Cursor = None,
    who: Who = None,
    what: Annotated[Literal["case", "address"] | None, Query(description="A case, or an address.")] = None,
    ref: Annotated[Ref | None, Query(description="Which.", examples=["ref-0a1b2c3d4e"])] = None,
    since: Since = None,
) -> Response:
    """Return a page of reads."""
    wanted = ReadFilter(who, what, ref, since)
    page = door.reading(
        lambda turn: audit_trail.list_reads(
            turn.session, turn.actor, wanted, after=after_of(cursor), limit=limit
        )
    )
    items = [ReadAnswer.model_validate(row) for row in page.rows]
    return shown(PageOf[ReadAnswer](items=items, next=cursor_of(page.next_after)))
