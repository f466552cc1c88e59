"""The whole: what stands tonight, and how full the estate is."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Response

from beds.api.deps import AtDoor, Turn, shown
from beds.api.documents import SIGNED_IN, problems
from beds.api.schemas.nights import OccupancyAnswer, TonightAnswer
from beds.api.schemas.shapes import Day
from beds.services import occupancy, tonight
from beds.services.occupancy import Occupancy, OccupancyBy

router = APIRouter(prefix="/v1", tags=["nights"])


@router.get(
    "/tonight",
    response_model=TonightAnswer,
    responses=problems(*SIGNED_IN),
    summary="What stands tonight",
    description="Who waits, who cannot, what runs out, what is vacant. Cases you may not see are counts.",
    operation_id="read_tonight",
)
def read_tonight(door: AtDoor) -> Response:
    """Return the state of the night."""
    view = door.reading(
        lambda turn: tonight.tonight(
            turn.session, turn.actor, clock=turn.clock, policy=door.policy, ground=door.ground(turn)
        )
    )
    return shown(TonightAnswer.model_validate(view))


@router.get(
    "/occupancy",
    response_model=OccupancyAnswer,
    responses=problems(*SIGNED_IN),
    summary="How full the estate is",
    description="Bed-nights by state over `[starts_on, ends_on)`; tonight where no range is stated.",
    operation_id="read_occupancy",
)
def read_occupancy(
    door: AtDoor,
    starts_on: Annotated[Day | None, Query(description="The first night.", examples=["2026-03-03"])] = None,
    ends_on: Annotated[
        Day | None, Query(description="The night after the last one.", examples=["2026-03-04"])
    ] = None,
    by: Annotated[OccupancyBy, Query(description="What it is counted for.")] = OccupancyBy.NATION,
) -> Response:
    """Return occupancy."""

    def work(turn: Turn) -> Occupancy:
        first = starts_on or turn.clock.today
        return occupancy.occupancy(
            turn.session,
            turn.actor,
            starts_on=first,
            ends_on=ends_on or first + timedelta(days=1),
            by=by,
            clock=turn.clock,
        )

    return shown(OccupancyAnswer.model_validate(door.reading(work)))
