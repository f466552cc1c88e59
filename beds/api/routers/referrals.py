"""Cases: record one, look at the queue, open one, change it, decide on it, protect it, close it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from beds.api.deps import AtDoor, Changed, KeyAccepted, Seen, Turn, shown
from beds.api.documents import A_CHANGE, ABOUT_ONE, KEYED, OF_A_VERSION, SIGNED_IN, problems
from beds.api.paging import USUAL_ROWS, Cursor, Limit, after_of, cursor_of
from beds.api.schemas.cases import AmendmentBody, NewReferralBody
from beds.api.schemas.seen_cases import ReferralAnswer, ReferralLineAnswer
from beds.api.schemas.shapes import Id, PageOf
from beds.domain.terms import ReferralStatus
from beds.services import cases, referrals
from beds.services.cases import NOT_YET_PLACED, ReferralLine
from beds.services.households import Amendment, NewHousehold, NewPerson

router = APIRouter(prefix="/v1/referrals", tags=["referrals"])

_OF_A_CHANGE = problems(*SIGNED_IN, *ABOUT_ONE, *A_CHANGE, *OF_A_VERSION, *KEYED, "anonymised")


@router.get(
    "",
    response_model=PageOf[ReferralLineAnswer],
    responses=problems(*SIGNED_IN),
    summary="The queue of the cases that you may see",
    description="The most urgent first, then the longest wait; nothing personal.",
    operation_id="list_referrals",
)
def list_referrals(
    door: AtDoor,
    limit: Limit = USUAL_ROWS,
    cursor: Cursor = None,
    status: Annotated[
        list[ReferralStatus] | None,
        Query(max_length=len(ReferralStatus), description="As stored; those not yet placed if not stated."),
    ] = None,
) -> Response:
    """Return a page of cases."""
    page = door.reading(
        lambda turn: cases.list_referrals(
            turn.session,
            turn.actor,
            clock=turn.clock,
            statuses=status or NOT_YET_PLACED,
            after=after_of(cursor),
            limit=limit,
        )
    )
    items = [ReferralLineAnswer.model_validate(row) for row in page.rows]
    return shown(PageOf[ReferralLineAnswer](items=items, next=cursor_of(page.next_after)))


@router.post(
    "",
    status_code=201,
    response_model=ReferralLineAnswer,
    responses=problems(*SIGNED_IN, *A_CHANGE, *KEYED),
    summary="Record a household that asks for a place",
    description="What is left out is not yet asked, and read with caution until it is.",
    operation_id="record_referral",
)
def record_referral(door: AtDoor, body: NewReferralBody, key: KeyAccepted = None) -> Response:
    """Record a referral."""
    stated = {name: value for name, value in _stated(body).items() if name not in {"people", "triaged"}}
    household = NewHousehold(**stated, people=tuple(NewPerson(**_stated(person)) for person in body.people))
    return door.changing(
        lambda turn: changed_case(
            referrals.record_referral(
                turn.session, turn.actor, household, clock=turn.clock, triaged=body.triaged
            ),
            status=201,
        ),
        key=key,
    )


@router.get(
    "/{referral_id}",
    response_model=ReferralAnswer,
    responses=problems(*SIGNED_IN, *ABOUT_ONE, "anonymised"),
    summary="One case, with all that is known of it",
    description="That it was opened is kept in the log of reads.",
    operation_id="read_referral",
)
def read_referral(door: AtDoor, referral_id: Id) -> Response:
    """Return a case."""
    view = door.reading(
        lambda turn: cases.read_referral(
            turn.session, turn.actor, referral_id, clock=turn.clock, log=door.read_log
        )
    )
    return shown(ReferralAnswer.model_validate(view), version=view.version)


@router.patch(
    "/{referral_id}",
    response_model=ReferralLineAnswer,
    responses=_OF_A_CHANGE,
    summary="Change what is recorded of a case",
    description=(
        "The fields that are stated, and no others. When it was received is never changed. Lowering a safety "
        "fact is a reassessment: with a reason, agreed by a second person."
    ),
    operation_id="amend_referral",
)
def amend_referral(
    door: AtDoor, referral_id: Id, seen: Seen, body: AmendmentBody, key: KeyAccepted = None
) -> Response:
    """Amend a referral."""
    amendment = Amendment(
        needs=body.needs.model_dump(exclude_unset=True),
        people={ref: person.model_dump(exclude_unset=True) for ref, person in body.people.items()},
        new_people=tuple(NewPerson(**_stated(person)) for person in body.new_people),
        not_coming=tuple(body.not_coming),
        reason=body.reason or "",
        agreed_by=body.agreed_by,
    )

    def work(turn: Turn) -> Changed:
        line = referrals.amend_referral(
            turn.session, turn.actor, referral_id, amendment, version=seen, clock=turn.clock
        )
        return changed_case(line)

    return door.changing(work, key=key)


def changed_case(line: ReferralLine, *, status: int = 200) -> Changed:
    """Return what a change of a case is answered with: its line, without anything personal."""
    location = f"/v1/referrals/{line.referral_id}" if status == 201 else None
    return Changed(ReferralLineAnswer.model_validate(line), status, line.version, location)


def _stated(body: Any) -> dict[str, Any]:
    """Return what a request states, by field; a service's own defaults stand for the rest."""
    return {
        name: tuple(value) if isinstance(value, list) else value
        for name in type(body).model_fields
        if (value := getattr(body, name)) is not None
    }
