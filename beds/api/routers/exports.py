"""Exports: released tables by name, for analysts; never from real cases."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from beds.api.deps import AtDoor, Turn, shown
from beds.api.documents import ABOUT_ONE, SIGNED_IN, problems
from beds.api.schemas.forecasts import ExportAnswer, TableAnswer
from beds.api.schemas.shapes import Id, Ref
from beds.database import database_kind
from beds.errors import BadInput, NotFound
from beds.scenario_files import preset, preset_names
from beds.services.exports import EXPORTS, known_for_export
from beds.services.forecast_documents import table_document
from beds.services.forecasts import Asked, Known, asked_of

router = APIRouter(prefix="/v1/exports", tags=["exports"])

AS_ON_RECORD = "as_on_record"


@router.get(
    "/{name}",
    response_model=ExportAnswer,
    responses=problems(*SIGNED_IN, *ABOUT_ONE, "stays_inside"),
    summary="Released tables, with their definitions and sources",
    description=(
        "Counts under 5 are hidden and the rest rounded to 5. What comes from real cases stays inside "
        "until full disclosure control exists: then the answer is `stays_inside`."
    ),
    operation_id="read_export",
)
def read_export(
    door: AtDoor,
    name: Id,
    scenario: Annotated[
        Ref, Query(description="The name of a scenario that is shipped.", examples=["recovery_90"])
    ] = AS_ON_RECORD,
) -> Response:
    """Return the tables of an export."""
    if name not in EXPORTS:
        raise NotFound(f"there is no export of that name: there is {', '.join(EXPORTS)}")
    if scenario not in preset_names():
        raise BadInput("scenario: the name of a scenario that is shipped is accepted")

    def question(turn: Turn) -> tuple[Known, Asked]:
        known = known_for_export(
            turn.session,
            turn.actor,
            name,
            clock=turn.clock,
            kind=database_kind(door.engine),
            rule=door.policy.rule,
        )
        return known, asked_of([preset(scenario)])

    tables = door.request.app.state.forecaster.tables(name, *door.reading(question))
    answers = [TableAnswer.model_validate(table_document(table)) for table in tables]
    return shown(ExportAnswer(name=name, tables=answers))
