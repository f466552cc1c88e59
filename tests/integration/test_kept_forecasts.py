"""Forecasts that are kept: what was asked and the answer to the byte, for those who may see scenarios."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text

from beds.audit import record
from beds.database import METADATA, reading, writing
from beds.domain.scenario import Scenario
from beds.domain.terms import Role, RunKind
from beds.errors import BadInput, NotFound, NotPermitted
from beds.roles import actor_of
from beds.scenario_files import preset
from beds.services.forecasts import Made, text_of
from beds.services.kept_forecasts import RunLine, keep_run, list_runs, read_run
from beds.store.integrity import check_database
from tests.builders import NOON
from tests.integration.live import COMMISSIONER, ask, change, events

CANARY = "canary-marigold"
OTHERS = [actor_of(f"user-{role}", role) for role in Role if role is not Role.COMMISSIONER]
DOCUMENT: dict[str, Any] = {"schema_version": 1, "kind": "forecast", "lines": [{"needed": [1, 2.5]}]}


def a_run(kind: RunKind = RunKind.FORECAST, **changes: Any) -> Made:
    """Return a run that was made of somebody's own scenario."""
    scenarios = (preset("as_on_record"), Scenario("mine", title=f"For {CANARY}"))
    return Made(kind, NOON, scenarios, 7, "1", text_of({**DOCUMENT, **changes}))


def kept(engine: Engine, made: Made | None = None, **options: Any) -> RunLine:
    """Return the line of a run that was kept."""
    return change(engine, keep_run, COMMISSIONER, made or a_run(), **options)


def test_a_run_is_kept_and_read_as_it_was_made(engine: Engine) -> None:
    line = kept(engine)

    view = ask(engine, read_run, COMMISSIONER, line.run_id)
    assert view.document == DOCUMENT
    assert view.line == line
    assert (line.kind, line.seed, line.model_version) == (RunKind.FORECAST, 7, "1")
    assert line.scenarios == (("as_on_record", "As things stand"), ("mine", f"For {CANARY}"))
    assert [event["subject"] for event in events(engine, "forecast_kept")] == [line.run_id]


def test_the_newest_comes_first_in_pages_and_by_kind(engine: Engine) -> None:
    kinds = [RunKind.FORECAST, RunKind.COMPARISON, RunKind.FORECAST, RunKind.SIMULATION]
    lines = [kept(engine, a_run(kind), at=NOON + timedelta(minutes=n)) for n, kind in enumerate(kinds)]

    first = ask(engine, list_runs, COMMISSIONER, limit=3)
    rest = ask(engine, list_runs, COMMISSIONER, limit=3, after=first.next_after)
    forecasts = ask(engine, list_runs, COMMISSIONER, kind=RunKind.FORECAST)

    assert [line.run_id for line in (*first.rows, *rest.rows)] == [line.run_id for line in lines[::-1]]
    assert [line.run_id for line in forecasts.rows] == [lines[2].run_id, lines[0].run_id]
    latest = ask(engine, read_run, COMMISSIONER, "latest")
    assert latest.line.run_id == lines[3].run_id
    of_kind = ask(engine, read_run, COMMISSIONER, "latest", kind=RunKind.COMPARISON)
    assert of_kind.line.run_id == lines[1].run_id
    with pytest.raises(BadInput, match="cursor"):
        ask(engine, list_runs, COMMISSIONER, after="nobody")


def test_what_is_not_there_is_not_found(engine: Engine) -> None:
    with pytest.raises(NotFound):
        ask(engine, read_run, COMMISSIONER, "latest")
    with pytest.raises(NotFound):
        ask(engine, read_run, COMMISSIONER, "forecast-1")


@pytest.mark.parametrize("actor", OTHERS, ids=lambda actor: actor.user_id)
def test_nobody_but_a_commissioner_keeps_or_reads_them(sqlite_engine: Engine, actor: Any) -> None:
    with pytest.raises(NotPermitted):
        change(sqlite_engine, keep_run, actor, a_run())
    for service, arguments in ((list_runs, ()), (read_run, ("latest",))):
        with pytest.raises(NotPermitted):
            ask(sqlite_engine, service, actor, *arguments)


def test_neither_words_nor_counts_are_readable_in_the_database(engine: Engine) -> None:
    kept(engine)

    with reading(engine) as session:
        stored = [
            str(row)
            for table in ("forecast_run", "audit_event")
            for row in session.execute(text(f"SELECT * FROM {table}"))
        ]

    assert len(stored) == 2
    assert not any(CANARY in row or "needed" in row for row in stored)


def test_an_answer_that_was_changed_afterwards_is_found(engine: Engine) -> None:
    line, other = kept(engine), kept(engine, a_run(seed=8))
    table = METADATA.tables["forecast_run"]
    assert check_database(engine) == []

    with writing(engine) as session:
        session.execute(table.update().where(table.c.run_id == other.run_id).values(result="{}"))
        record(session, "somebody", "something_else", "nothing", {}, at=NOON)

    assert check_database(engine) == [f"forecast: {other.run_id} is not as it was kept"]
    assert ask(engine, read_run, COMMISSIONER, line.run_id).document == DOCUMENT
