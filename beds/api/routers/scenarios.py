"""Scenarios: those that are shipped, and those that commissioners save, change and withdraw."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from beds.api.deps import AtDoor, Changed, KeyAccepted, Seen, Turn, shown
from beds.api.documents import A_CHANGE, ABOUT_ONE, KEYED, OF_A_VERSION, SIGNED_IN, problems
from beds.api.paging import USUAL_ROWS, Cursor, Limit, after_of, cursor_of
from beds.api.schemas.scenarios import ScenarioAnswer, ScenarioBody, ScenarioChangedAnswer
from beds.api.schemas.shapes import Id, PageOf
from beds.domain.scenario import Scenario
from beds.scenario_documents import document_of, scenario_of
from beds.services import scenarios
from beds.services.scenarios import ScenarioView

router = APIRouter(prefix="/v1/scenarios", tags=["scenarios"])

_OF_A_CHANGE = problems(*SIGNED_IN, *ABOUT_ONE, *A_CHANGE, *OF_A_VERSION, *KEYED)


@router.get(
    "",
    response_model=PageOf[ScenarioAnswer],
    responses=problems(*SIGNED_IN),
    summary="The scenarios that were saved, or that are shipped",
    description="The last changed first; what was withdrawn is not among them.",
    operation_id="list_scenarios",
)
def list_scenarios(
    door: AtDoor,
    limit: Limit = USUAL_ROWS,
    cursor: Cursor = None,
    shipped: Annotated[bool, Query(description="Those that are shipped, all at once.")] = False,
) -> Response:
    """Return a page of scenarios."""
    if shipped:
        views = door.reading(lambda turn: scenarios.shipped_scenarios(turn.actor))
        return shown(PageOf[ScenarioAnswer](items=[_answer(view) for view in views], next=None))
    page = door.reading(
        lambda turn: scenarios.list_scenarios(turn.session, turn.actor, after=after_of(cursor), limit=limit)
    )
    items = [_answer(view) for view in page.rows]
    return shown(PageOf[ScenarioAnswer](items=items, next=cursor_of(page.next_after)))


@router.post(
    "",
    status_code=201,
    response_model=ScenarioChangedAnswer,
    responses=problems(*SIGNED_IN, *A_CHANGE, *KEYED),
    summary="Save a scenario",
    description="Its words are kept encrypted. Nothing of the records changes.",
    operation_id="save_scenario",
)
def save_scenario(door: AtDoor, body: ScenarioBody, key: KeyAccepted = None) -> Response:
    """Save a scenario."""

    def work(turn: Turn) -> Changed:
        view = scenarios.save_scenario(turn.session, turn.actor, _scenario(body), clock=turn.clock)
        return _changed(view, 201)

    return door.changing(work, key=key)


@router.get(
    "/{scenario_id}",
    response_model=ScenarioAnswer,
    responses=problems(*SIGNED_IN, *ABOUT_ONE),
    summary="One scenario",
    description="By its reference, or the name of one that is shipped.",
    operation_id="read_scenario",
)
def read_scenario(door: AtDoor, scenario_id: Id) -> Response:
    """Return a scenario."""
    view = door.reading(lambda turn: scenarios.read_scenario(turn.session, turn.actor, scenario_id))
    return shown(_answer(view), version=view.version)


@router.put(
    "/{scenario_id}",
    response_model=ScenarioChangedAnswer,
    responses=_OF_A_CHANGE,
    summary="Suppose something else",
    description="The whole scenario, in place of what it was. Runs that used it keep what they used.",
    operation_id="change_scenario",
)
def change_scenario(
    door: AtDoor, scenario_id: Id, body: ScenarioBody, seen: Seen, key: KeyAccepted = None
) -> Response:
    """Change a scenario."""

    def work(turn: Turn) -> Changed:
        view = scenarios.change_scenario(
            turn.session, turn.actor, scenario_id, _scenario(body), version=seen, clock=turn.clock
        )
        return _changed(view, 200)

    return door.changing(work, key=key)


@router.post(
    "/{scenario_id}/withdraw",
    response_model=ScenarioChangedAnswer,
    responses=_OF_A_CHANGE,
    summary="Withdraw a scenario",
    description="It is in no list from then on, and stays readable for the runs that used it.",
    operation_id="withdraw_scenario",
)
def withdraw_scenario(door: AtDoor, scenario_id: Id, seen: Seen, key: KeyAccepted = None) -> Response:
    """Withdraw a scenario."""

    def work(turn: Turn) -> Changed:
        view = scenarios.withdraw_scenario(
            turn.session, turn.actor, scenario_id, version=seen, clock=turn.clock
        )
        return _changed(view, 200)

    return door.changing(work, key=key)


def _scenario(body: ScenarioBody) -> Scenario:
    return scenario_of(body.document(), name=body.name, file="body")


def _changed(view: ScenarioView, status: int) -> Changed:
    # its title is somebody's own words, and the answer is kept as it is: references only
    answer = ScenarioChangedAnswer.model_validate(view)
    return Changed(answer, status, view.version, f"/v1/scenarios/{view.scenario_id}")


def _answer(view: ScenarioView) -> ScenarioAnswer:
    return ScenarioAnswer(
        scenario_id=view.scenario_id,
        name=view.scenario.name,
        title=view.scenario.title,
        shipped=view.shipped,
        changes=list(view.scenario.changes()),
        supposes=document_of(view.scenario),
        saved_by=view.saved_by,
        saved_at=view.saved_at,
        changed_at=view.changed_at,
        withdrawn_at=view.withdrawn_at,
        version=view.version,
    )
