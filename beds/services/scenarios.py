"""Scenarios that commissioners save, change and withdraw, beside those that are shipped.

What one comes to is `beds.services.forecasts`. Titles and descriptions are people's own words: they are
kept encrypted, and the audit holds references only.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, and_, func, or_, select
from sqlmodel import Session

from beds.audit import record
from beds.domain.clock import Clock
from beds.domain.records import METADATA
from beds.domain.scenario import Scenario
from beds.errors import BadInput, NotAllowedNow, NotFound
from beds.roles import Actor, Permission, require
from beds.scenario_documents import document_of, kept_scenario
from beds.scenario_files import preset, preset_names, presets
from beds.services.cases import require_version
from beds.services.pages import Page, page_of
from beds.services.steps import change, new_id

SCENARIO = METADATA.tables["scenario"]
MOST_SAVED: Final = 1_000


@dataclass(frozen=True, slots=True)
class ScenarioView:
    """A scenario: what it supposes, and its place in the book; one that is shipped has no version."""

    scenario_id: str
    scenario: Scenario
    shipped: bool
    saved_by: str | None = None
    saved_at: datetime | None = None
    changed_at: datetime | None = None
    withdrawn_at: datetime | None = None
    version: int | None = None


def shipped_scenarios(actor: Actor) -> tuple[ScenarioView, ...]:
    """Return the scenarios that are shipped.

    Raises
    ------
    NotPermitted
        The actor may not see scenarios.
    """
    require(actor, Permission.SEE_SCENARIOS)
    return tuple(ScenarioView(scenario.name, scenario, shipped=True) for scenario in presets())


def list_scenarios(
    session: Session, actor: Actor, *, after: str | None = None, limit: int = 50
) -> Page[ScenarioView]:
    """Return the scenarios that people saved and did not withdraw, the last changed first.

    Raises
    ------
    NotPermitted
        The actor may not see scenarios.
    BadInput
        The cursor is not one of a page before.
    """
    require(actor, Permission.SEE_SCENARIOS)
    found = (
        select(SCENARIO)
        .where(SCENARIO.c.withdrawn_at.is_(None))
        .order_by(SCENARIO.c.changed_at.desc(), SCENARIO.c.scenario_id)
        .limit(limit + 1)
    )
    if after is not None:
        last = session.execute(
            select(SCENARIO.c.changed_at).where(SCENARIO.c.scenario_id == after)
        ).scalar_one_or_none()
        if last is None:
            raise BadInput("cursor: the one that the page before gave is accepted")
        same = and_(SCENARIO.c.changed_at == last, SCENARIO.c.scenario_id > after)
        found = found.where(or_(SCENARIO.c.changed_at < last, same))
    return page_of([_view(row) for row in session.execute(found)], limit, lambda view: view.scenario_id)


def read_scenario(session: Session, actor: Actor, scenario_id: str) -> ScenarioView:
    """Return a scenario that was saved, withdrawn or not, or one that is shipped, by its name.

    Raises
    ------
    NotPermitted, NotFound
        The actor may not see scenarios, or there is no such one.
    """
    require(actor, Permission.SEE_SCENARIOS)
    if scenario_id in preset_names():
        return ScenarioView(scenario_id, preset(scenario_id), shipped=True)
    return _view(_row(session, scenario_id))


def save_scenario(session: Session, actor: Actor, scenario: Scenario, *, clock: Clock) -> ScenarioView:
    """Return a new scenario, kept.

    Raises
    ------
    NotPermitted
        The actor may not save scenarios.
    BadInput
        It has the name of one that is shipped.
    NotAllowedNow
        There are too many already.
    """
    require(actor, Permission.SAVE_SCENARIOS)
    _require_own_name(scenario)
    count = select(func.count()).select_from(SCENARIO).where(SCENARIO.c.withdrawn_at.is_(None))
    if session.execute(count).scalar_one() >= MOST_SAVED:
        raise NotAllowedNow(f"there are {MOST_SAVED:,} scenarios already: withdraw some first")
    scenario_id = new_id("scenario")
    session.execute(
        SCENARIO.insert().values(
            scenario_id=scenario_id,
            content=document_of(scenario),
            saved_by=actor.user_id,
            saved_at=clock.as_at,
            changed_at=clock.as_at,
        )
    )
    record(session, actor.user_id, "scenario_saved", scenario_id, {}, at=clock.as_at)
    return _view(_row(session, scenario_id))


def change_scenario(
    session: Session, actor: Actor, scenario_id: str, scenario: Scenario, *, version: int, clock: Clock
) -> ScenarioView:
    """Return a scenario with other suppositions in place of its own; runs that used it keep what they used.

    Raises
    ------
    NotPermitted, NotFound, BadInput
        As for `save_scenario`, and there is no such scenario.
    NotAllowedNow
        It was withdrawn.
    ChangedMeanwhile
        Somebody else has changed it.
    """
    require(actor, Permission.SAVE_SCENARIOS)
    _require_own_name(scenario)
    _require_open(_row(session, scenario_id), version)
    change(session, SCENARIO, scenario_id, version, content=document_of(scenario), changed_at=clock.as_at)
    record(session, actor.user_id, "scenario_changed", scenario_id, {"from": version}, at=clock.as_at)
    return _view(_row(session, scenario_id))


def withdraw_scenario(
    session: Session, actor: Actor, scenario_id: str, *, version: int, clock: Clock
) -> ScenarioView:
    """Return a scenario that is in no list from now on.

    Raises
    ------
    NotPermitted, NotFound, NotAllowedNow, ChangedMeanwhile
        As for `change_scenario`.
    """
    require(actor, Permission.SAVE_SCENARIOS)
    _require_open(_row(session, scenario_id), version)
    change(session, SCENARIO, scenario_id, version, withdrawn_at=clock.as_at)
    record(session, actor.user_id, "scenario_withdrawn", scenario_id, {}, at=clock.as_at)
    return _view(_row(session, scenario_id))


def _require_own_name(scenario: Scenario) -> None:
    if scenario.name in preset_names():
        raise BadInput("name: one that no shipped scenario has is accepted")


def _require_open(row: Row[Any], version: int) -> None:
    require_version(row, version)
    if row.withdrawn_at is not None:
        raise NotAllowedNow("this scenario was withdrawn: save it as a new one")


def _row(session: Session, scenario_id: str) -> Row[Any]:
    row = session.execute(select(SCENARIO).where(SCENARIO.c.scenario_id == scenario_id)).one_or_none()
    if row is None:
        raise NotFound("there is no such scenario")
    return row


def _view(row: Row[Any]) -> ScenarioView:
    scenario = kept_scenario(row.content)
    return ScenarioView(
        row.scenario_id,
        replace(scenario, title=scenario.title or scenario.name),
        shipped=False,
        saved_by=row.saved_by,
        saved_at=row.saved_at,
        changed_at=row.changed_at,
        withdrawn_at=row.withdrawn_at,
        version=row.version,
    )
