"""Sites: what there is, whether it is so tonight, and, to whoever may read it, where."""

from __future__ import annotations

from decimal import Decimal

from fastapi import APIRouter, Response

from beds.api.deps import AtDoor, Changed, KeyAccepted, Seen, Turn, shown
from beds.api.documents import A_CHANGE, ABOUT_ONE, KEYED, OF_A_VERSION, SIGNED_IN, problems
from beds.api.paging import USUAL_ROWS, Cursor, Limit, after_of, cursor_of
from beds.api.schemas.estate import (
    AddressAnswer,
    AddressBody,
    BedAnswer,
    NewBedBody,
    NewSiteBody,
    NewUnitBody,
    SiteAnswer,
    SiteChangedAnswer,
    SiteLineAnswer,
    UnitAnswer,
)
from beds.api.schemas.seen_cases import Recorded
from beds.api.schemas.shapes import Id, PageOf
from beds.errors import NotFound
from beds.services import sites
from beds.services.sites import NewSite
from beds.services.visibility import require_unit

router = APIRouter(prefix="/v1/sites", tags=["sites"])

_OF_AN_ADDITION = problems(*SIGNED_IN, *ABOUT_ONE, "record_refused", *KEYED)


@router.get(
    "",
    response_model=PageOf[SiteLineAnswer],
    responses=problems(*SIGNED_IN),
    summary="The sites that you may see",
    description="A provider sees its own. `phone_first`: stale is not vacant.",
    operation_id="list_sites",
)
def list_sites(door: AtDoor, limit: Limit = USUAL_ROWS, cursor: Cursor = None) -> Response:
    """Return a page of sites."""
    page = door.reading(
        lambda turn: sites.list_sites(
            turn.session,
            turn.actor,
            clock=turn.clock,
            policy=door.policy,
            after=after_of(cursor),
            limit=limit,
        )
    )
    items = [SiteLineAnswer.model_validate(row) for row in page.rows]
    return shown(PageOf[SiteLineAnswer](items=items, next=cursor_of(page.next_after)))


@router.post(
    "",
    status_code=201,
    response_model=SiteChangedAnswer,
    responses=problems(*SIGNED_IN, "record_refused", *KEYED),
    summary="Add a site",
    description="Its provider is added if not yet known; units and beds follow.",
    operation_id="add_site",
)
def add_site(door: AtDoor, body: NewSiteBody, key: KeyAccepted = None) -> Response:
    """Add a site."""
    stated = {name: value for name in type(body).model_fields if (value := getattr(body, name)) is not None}
    for name in ("admits", "staff_languages", "services"):
        stated[name] = frozenset(stated[name])
    if body.cost_per_bed_night is not None:
        stated["cost_per_bed_night"] = Decimal(body.cost_per_bed_night)
    site = NewSite(**stated)

    def work(turn: Turn) -> Changed:
        line = sites.add_site(turn.session, turn.actor, site, clock=turn.clock, policy=door.policy)
        answer = SiteChangedAnswer.model_validate(line)
        return Changed(answer, 201, line.version, f"/v1/sites/{line.site_id}")

    return door.changing(work, key=key)


@router.get(
    "/{site_id}",
    response_model=SiteAnswer,
    responses=problems(*SIGNED_IN, *ABOUT_ONE),
    summary="One site, with its units and beds",
    description="Every bed in exactly one state tonight. No address.",
    operation_id="read_site",
)
def read_site(door: AtDoor, site_id: Id) -> Response:
    """Return a site."""
    view = door.reading(
        lambda turn: sites.read_site(turn.session, turn.actor, site_id, clock=turn.clock, policy=door.policy)
    )
    return shown(SiteAnswer.model_validate(view), version=view.line.version)


@router.post(
    "/{site_id}/availability",
    response_model=SiteChangedAnswer,
    responses=problems(*SIGNED_IN, *ABOUT_ONE, *A_CHANGE, *OF_A_VERSION, *KEYED),
    summary="What is shown of a site is so, now",
    description="Said by the provider, or by a coordinator who has phoned.",
    operation_id="confirm_availability",
)
def confirm_availability(door: AtDoor, site_id: Id, seen: Seen, key: KeyAccepted = None) -> Response:
    """Confirm what is vacant."""

    def work(turn: Turn) -> Changed:
        line = sites.confirm_availability(
            turn.session, turn.actor, site_id, version=seen, clock=turn.clock, policy=door.policy
        )
        return Changed(SiteChangedAnswer.model_validate(line), version=line.version)

    return door.changing(work, key=key)


@router.get(
    "/{site_id}/address",
    response_model=AddressAnswer,
    responses=problems(*SIGNED_IN, *ABOUT_ONE),
    summary="Where a site is",
    description="Behind a permission of its own. That it was read is kept, sealed, before it is shown.",
    operation_id="read_address",
)
def read_address(door: AtDoor, site_id: Id) -> Response:
    """Return an address."""
    address = door.reading(
        lambda turn: sites.read_address(
            turn.session, turn.actor, site_id, clock=turn.clock, log=door.read_log
        )
    )
    return shown(AddressAnswer(site_id=site_id, address=address))


@router.post(
    "/{site_id}/address",
    response_model=Recorded,
    responses=_OF_AN_ADDITION,
    summary="Record where a site is",
    description="Kept encrypted, apart from the site. The audit says that it was recorded, never what it is.",
    operation_id="record_address",
)
def record_address(door: AtDoor, site_id: Id, body: AddressBody, key: KeyAccepted = None) -> Response:
    """Keep an address."""

    def work(turn: Turn) -> Changed:
        sites.set_address(turn.session, turn.actor, site_id, body.address, clock=turn.clock)
        return Changed(Recorded(recorded=True))

    return door.changing(work, key=key)


@router.post(
    "/{site_id}/units",
    status_code=201,
    response_model=UnitAnswer,
    responses=_OF_AN_ADDITION,
    summary="Add a unit to a site",
    description="Without beds yet.",
    operation_id="add_unit",
)
def add_unit(door: AtDoor, site_id: Id, body: NewUnitBody, key: KeyAccepted = None) -> Response:
    """Add a unit."""

    def work(turn: Turn) -> Changed:
        unit = sites.add_unit(
            turn.session,
            turn.actor,
            site_id,
            sharing=body.sharing,
            step_free=body.step_free,
            clock=turn.clock,
        )
        return Changed(UnitAnswer.model_validate(unit), 201)

    return door.changing(work, key=key)


@router.post(
    "/{site_id}/beds",
    status_code=201,
    response_model=BedAnswer,
    responses=_OF_AN_ADDITION,
    summary="Add a bed to a unit of a site",
    description="It is vacant.",
    operation_id="add_bed",
)
def add_bed(door: AtDoor, site_id: Id, body: NewBedBody, key: KeyAccepted = None) -> Response:
    """Add a bed."""

    def work(turn: Turn) -> Changed:
        bed = sites.add_bed(turn.session, turn.actor, body.unit_id, kind=body.kind, clock=turn.clock)
        if require_unit(turn.session, turn.actor, body.unit_id).site_id != site_id:
            raise NotFound("there is no such unit in this site")  # and with it the whole change is undone
        return Changed(BedAnswer.model_validate(bed), 201)

    return door.changing(work, key=key)
