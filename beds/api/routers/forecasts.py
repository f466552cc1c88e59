"""Forecasts and comparisons: make one, and look at those that are kept."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from beds.api.deps import AtDoor, Changed, KeyAccepted, Turn, shown
from beds.api.documents import ABOUT_ONE, KEYED, SIGNED_IN, problems
from beds.api.paging import USUAL_ROWS, Cursor, Limit, after_of, cursor_of
from beds.api.schemas.forecasts import (
    ForecastBody,
    RunAnswer,
    RunLineAnswer,
    RunMadeAnswer,
    SupposedAnswer,
)
from beds.api.schemas.shapes import Id, PageOf
from beds.database import database_kind
from beds.domain.terms import RunKind
from beds.services import kept_forecasts
from beds.services.forecasts import Asked, Known, asked_of, known_records
from beds.services.kept_forecasts import RunLine
from beds.services.scenarios import read_scenario

router = APIRouter(prefix="/v1/forecasts", tags=["forecasts"])

Kind = Annotated[RunKind | None, Query(description="Of one kind only.", examples=["forecast"])]


@router.get(
    "",
    response_model=PageOf[RunLineAnswer],
    responses=problems(*SIGNED_IN),
    summary="The forecasts, comparisons and simulations that are kept",
    description="The newest first.",
    operation_id="list_forecasts",
)
def list_forecasts(
    door: AtDoor, limit: Limit = USUAL_ROWS, cursor: Cursor = None, kind: Kind = None
) -> Response:
    """Return a page of runs."""
    page = door.reading(
        lambda turn: kept_forecasts.list_runs(
            turn.session, turn.actor, kind=kind, after=after_of(cursor), limit=limit
        )
    )
    items = [_line(line) for line in page.rows]
    return shown(PageOf[RunLineAnswer](items=items, next=cursor_of(page.next_after)))


@router.post(
    "",
    status_code=201,
    response_model=RunMadeAnswer,
    responses=problems(*SIGNED_IN, *ABOUT_ONE, "record_refused", *KEYED),
    summary="Make a forecast, or set scenarios side by side, or simulate them, on the records as they are",
    description=(
        "Made outside the serving process, which may take some seconds; one at a time, others are told "
        "`busy`. It is kept, with the scenarios as they are now."
    ),
    operation_id="make_forecast",
)
def make_forecast(door: AtDoor, body: ForecastBody, key: KeyAccepted = None) -> Response:
    """Make a forecast and keep it."""

    def question(turn: Turn) -> tuple[Known, Asked]:
        known = known_records(
            turn.session, turn.actor, clock=turn.clock, kind=database_kind(door.engine), rule=door.policy.rule
        )
        scenarios = [read_scenario(turn.session, turn.actor, name).scenario for name in body.scenarios]
        return known, asked_of(scenarios, draws=body.draws, seed=body.seed)

    before = door.answer_before(key)
    if before is not None:
        return before
    made = door.request.app.state.forecaster.made(*door.reading(question), body.replications)

    def work(turn: Turn) -> Changed:
        line = kept_forecasts.keep_run(turn.session, turn.actor, made, clock=turn.clock)
        # titles are somebody's own words, and the answer is kept as it is: references only
        return Changed(RunMadeAnswer.model_validate(line), 201, location=f"/v1/forecasts/{line.run_id}")

    return door.changing(work, key=key)


@router.get(
    "/{run_id}",
    response_model=RunAnswer,
    responses=problems(*SIGNED_IN, *ABOUT_ONE),
    summary="One run, with its document",
    description="By its reference, or `latest` (of a kind, where one is named).",
    operation_id="read_forecast",
)
def read_forecast(door: AtDoor, run_id: Id, kind: Kind = None) -> Response:
    """Return a run."""
    view = door.reading(lambda turn: kept_forecasts.read_run(turn.session, turn.actor, run_id, kind=kind))
    document: dict[str, Any] = dict(view.document)
    return shown(RunAnswer(line=_line(view.line), document=document))


def _line(line: RunLine) -> RunLineAnswer:
    made = RunMadeAnswer.model_validate(line).model_dump()
    scenarios = [SupposedAnswer(name=name, title=title) for name, title in line.scenarios]
    return RunLineAnswer(**made, scenarios=scenarios)
