"""What happens to a case: triage, decisions, declines, protection, its end and its return."""

from __future__ import annotations

from fastapi import APIRouter, Response

from beds.api.deps import AtDoor, Changed, KeyAccepted, Seen, Turn
from beds.api.documents import A_CHANGE, ABOUT_ONE, KEYED, OF_A_VERSION, SIGNED_IN, problems
from beds.api.routers.referrals import changed_case
from beds.api.schemas.cases import (
    CloseBody,
    DecisionBody,
    DeclineSiteBody,
    KeepApartBody,
    RestrictionBody,
)
from beds.api.schemas.seen_cases import Recorded, ReferralLineAnswer
from beds.api.schemas.shapes import Id
from beds.api.schemas.stays import DeclineAnswer
from beds.services import declines, protection, referrals

router = APIRouter(prefix="/v1/referrals/{referral_id}", tags=["referrals"])

_OF_A_CHANGE = problems(*SIGNED_IN, *ABOUT_ONE, *A_CHANGE, *OF_A_VERSION, *KEYED, "anonymised")
_OF_A_RECORD = problems(*SIGNED_IN, *ABOUT_ONE, *A_CHANGE, *KEYED, "anonymised")


@router.post(
    "/triage",
    response_model=ReferralLineAnswer,
    responses=_OF_A_CHANGE,
    summary="A coordinator has looked at it: it waits",
    description="From `received` to `waiting`.",
    operation_id="triage_referral",
)
def triage_referral(door: AtDoor, referral_id: Id, seen: Seen, key: KeyAccepted = None) -> Response:
    """Triage a referral."""
    return door.changing(
        lambda turn: changed_case(
            referrals.triage_referral(turn.session, turn.actor, referral_id, version=seen, clock=turn.clock)
        ),
        key=key,
    )


@router.post(
    "/close",
    response_model=ReferralLineAnswer,
    responses=_OF_A_CHANGE,
    summary="Close a case",
    description="Not while somebody is placed or a hold is in force.",
    operation_id="close_referral",
)
def close_referral(
    door: AtDoor, referral_id: Id, seen: Seen, body: CloseBody, key: KeyAccepted = None
) -> Response:
    """Close a referral."""
    return door.changing(
        lambda turn: changed_case(
            referrals.close_referral(
                turn.session, turn.actor, referral_id, reason=body.reason, version=seen, clock=turn.clock
            )
        ),
        key=key,
    )


@router.post(
    "/return",
    response_model=ReferralLineAnswer,
    responses=_OF_A_CHANGE,
    summary="She had moved on and asks again",
    description="The wait counts from the day she asked first.",
    operation_id="return_to_waiting",
)
def return_to_waiting(door: AtDoor, referral_id: Id, seen: Seen, key: KeyAccepted = None) -> Response:
    """Return a case to waiting."""
    return door.changing(
        lambda turn: changed_case(
            referrals.return_to_waiting(turn.session, turn.actor, referral_id, version=seen, clock=turn.clock)
        ),
        key=key,
    )


@router.post(
    "/restriction",
    response_model=ReferralLineAnswer,
    responses=_OF_A_CHANGE,
    summary="Let only named people open a case",
    description="Those who are named here, and whoever restricts it; to all others it does not exist.",
    operation_id="restrict_case",
)
def restrict_case(
    door: AtDoor, referral_id: Id, seen: Seen, body: RestrictionBody, key: KeyAccepted = None
) -> Response:
    """Restrict a case."""
    return door.changing(
        lambda turn: changed_case(
            protection.restrict_case(
                turn.session,
                turn.actor,
                referral_id,
                user_ids=body.user_ids,
                version=seen,
                clock=turn.clock,
            )
        ),
        key=key,
    )


@router.post(
    "/keep-apart",
    response_model=Recorded,
    responses=_OF_A_RECORD,
    summary="Two households must never be in one site at one time",
    description="Recorded here and shown nowhere: everywhere else it reads as no room.",
    operation_id="record_keep_apart",
)
def record_keep_apart(
    door: AtDoor, referral_id: Id, body: KeepApartBody, key: KeyAccepted = None
) -> Response:
    """Record a keep-apart pair."""

    def work(turn: Turn) -> Changed:
        protection.record_keep_apart(
            turn.session, turn.actor, referral_id, body.other_referral_id, clock=turn.clock
        )
        return Changed(Recorded())

    return door.changing(work, key=key)


@router.post(
    "/decisions",
    response_model=ReferralLineAnswer,
    responses=_OF_A_CHANGE,
    summary="Record a decision of the competent authority",
    description="Clocks follow from it by nation and date; it moves no bed and ends no stay.",
    operation_id="record_decision",
)
def record_decision(
    door: AtDoor, referral_id: Id, seen: Seen, body: DecisionBody, key: KeyAccepted = None
) -> Response:
    """Record a decision."""
    return door.changing(
        lambda turn: changed_case(
            referrals.record_decision(
                turn.session,
                turn.actor,
                referral_id,
                version=seen,
                clock=turn.clock,
                reasonable_grounds_on=body.reasonable_grounds_on,
                conclusive_grounds_on=body.conclusive_grounds_on,
                conclusive_grounds=body.conclusive_grounds,
            )
        ),
        key=key,
    )


@router.post(
    "/declines",
    status_code=201,
    response_model=DeclineAnswer,
    responses=_OF_A_RECORD,
    summary='Record a "no" to a site',
    description="To an offer that was talked over; what is held is declined by its hold.",
    operation_id="decline_site",
)
def decline_site(door: AtDoor, referral_id: Id, body: DeclineSiteBody, key: KeyAccepted = None) -> Response:
    """Decline a site."""

    def work(turn: Turn) -> Changed:
        declined = declines.decline_site(
            turn.session,
            turn.actor,
            referral_id,
            body.site_id,
            declined_by=body.declined_by,
            reason=body.reason,
            clock=turn.clock,
        )
        return Changed(DeclineAnswer.model_validate(declined), 201)

    return door.changing(work, key=key)
