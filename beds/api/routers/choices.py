"""Where a household could go, what to offer her, who could have a unit, whom that affects."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Query, Response

from beds.api.deps import AtDoor, Turn, shown
from beds.api.documents import ABOUT_ONE, SIGNED_IN, problems
from beds.api.schemas.choices import AffectedAnswer, CandidatesAnswer, OffersAnswer, OptionsAnswer
from beds.api.schemas.shapes import Id, Ref
from beds.services import answers
from beds.services.answers import OffersJson
from beds.services.options import OptionsJson

router = APIRouter(prefix="/v1", tags=["choices"])

_OF_AN_ANSWER = problems(*SIGNED_IN, *ABOUT_ONE, "not_allowed_now", "anonymised")
USUAL_TOP: Final = 10
MOST_TOP: Final = 3_000
MOST_OFFERS: Final = 10

Top = Annotated[int, Query(ge=0, le=MOST_TOP, description="How many at most.", examples=[10])]


@router.get(
    "/referrals/{referral_id}/options",
    response_model=OptionsAnswer,
    responses=_OF_AN_ANSWER,
    summary="Where a household could go now",
    description="Best first; then why not elsewhere, rule by rule, and what would help.",
    operation_id="read_options",
)
def read_options(
    door: AtDoor,
    referral_id: Id,
    top: Top = USUAL_TOP,
    others: Annotated[
        bool, Query(description="Every other unit too, with the rules it would break: a long list.")
    ] = False,
) -> Response:
    """Return a household's options."""

    def work(turn: Turn) -> OptionsJson:
        return answers.household_options(
            turn.session,
            turn.actor,
            door.ground(turn),
            referral_id,
            policy=door.policy,
            log=door.read_log,
            top=top,
            with_others=others,
        )

    answer = door.reading(work)
    return shown(OptionsAnswer.model_validate(answer))


@router.get(
    "/referrals/{referral_id}/offers",
    response_model=OffersAnswer,
    responses=_OF_AN_ANSWER,
    summary="A few units for her to choose from",
    description="Good ones, and different from each other: one a site, other regions and providers first.",
    operation_id="read_offers",
)
def read_offers(
    door: AtDoor,
    referral_id: Id,
    k: Annotated[int, Query(ge=1, le=MOST_OFFERS, description="How many at most.", examples=[3])] = 3,
) -> Response:
    """Return offers."""

    def work(turn: Turn) -> OffersJson:
        return answers.offers(
            turn.session,
            turn.actor,
            door.ground(turn),
            referral_id,
            policy=door.policy,
            log=door.read_log,
            k=k,
        )

    answer = door.reading(work)
    return shown(OffersAnswer.model_validate(answer))


@router.get(
    "/units/{unit_id}/candidates",
    response_model=CandidatesAnswer,
    responses=_OF_AN_ANSWER,
    summary="Who could have a unit now",
    description="In priority order, then who could not and why. Cases you may not see are counts.",
    operation_id="read_candidates",
)
def read_candidates(door: AtDoor, unit_id: Id, top: Top = USUAL_TOP) -> Response:
    """Return a unit's candidates."""
    answer = door.reading(
        lambda turn: answers.unit_candidates(
            turn.session, turn.actor, door.ground(turn), unit_id, policy=door.policy, top=top
        )
    )
    return shown(CandidatesAnswer.model_validate(answer))


@router.get(
    "/units/{unit_id}/affected",
    response_model=AffectedAnswer,
    responses=_OF_AN_ANSWER,
    summary="Who is affected if a unit goes to her",
    description="Who else could have had it now, who of them has no other, who is ahead of her in line.",
    operation_id="read_affected",
)
def read_affected(
    door: AtDoor,
    unit_id: Id,
    referral_id: Annotated[Ref, Query(description="Who it would go to.", examples=["ref-0a1b2c3d4e"])],
) -> Response:
    """Return whom a choice affects."""
    answer = door.reading(
        lambda turn: answers.affected(
            turn.session, turn.actor, door.ground(turn), referral_id, unit_id, policy=door.policy
        )
    )
    return shown(AffectedAnswer.model_validate(answer))
