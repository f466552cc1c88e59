"""What a caller whose bed was just taken is told: what else there is for her, looked for afresh."""

from __future__ import annotations

from typing import Final

from fastapi import Response

from beds.api.deps import Door
from beds.api.problems import refusal
from beds.api.schemas.choices import OptionAnswer
from beds.errors import BedJustTaken, BedsError
from beds.services.answers import household_options

MOST_NEXT_BEST: Final = 3


def with_next_best(door: Door, referral_id: str, taken: BedJustTaken) -> Response:
    """Return the refusal of a bed with up to three other units that the household could have now.

    The refusal stands even where nothing more can be said: an empty list then.
    """
    try:
        answer = door.reading(
            lambda turn: household_options(
                turn.session,
                turn.actor,
                door.ground(turn),
                referral_id,
                policy=door.policy,
                log=door.read_log,
                top=MOST_NEXT_BEST,
            )
        )
    except BedsError:
        return refusal(taken, next_best=[])
    return refusal(
        taken,
        next_best=[
            OptionAnswer.model_validate(option).model_dump(mode="json") for option in answer["options"]
        ],
    )
