"""Forecasts, comparisons and simulations that are kept: what was asked and the answer to the byte.

They count real cases: encrypted, and read by those who may see scenarios. The audit holds a seal of each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, and_, delete, or_, select
from sqlmodel import Session

from beds.audit import record
from beds.domain.clock import Clock
from beds.domain.terms import RunKind
from beds.errors import BadInput, NotFound
from beds.roles import Actor, Permission, require
from beds.scenario_documents import document_of
from beds.services.forecast_documents import Json
from beds.services.forecasts import Made, document_in
from beds.services.pages import Page, page_of
from beds.services.steps import new_id
from beds.store.forecast_runs import FORECAST_KEPT, RUN, run_seal

LATEST: Final = "latest"
MOST_KEPT: Final = 500
"""Ours: of more runs than this, the oldest are forgotten."""
_LINE: Final = ("run_id", "kind", "as_at", "recorded_at", "made_by", "seed", "model_version", "scenarios")


@dataclass(frozen=True, slots=True)
class RunLine:
    """A run in a list; `scenarios` are the names and titles of what was supposed."""

    run_id: str
    kind: RunKind
    as_at: datetime
    recorded_at: datetime
    made_by: str
    seed: int
    model_version: str
    scenarios: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class RunView:
    """A run, and its answer as a document (`beds.services.forecast_documents`)."""

    line: RunLine
    document: Json


def keep_run(session: Session, actor: Actor, made: Made, *, clock: Clock) -> RunLine:
    """Keep a run and return its line; the oldest are forgotten once there are very many.

    Raises
    ------
    NotPermitted
        The actor may not see scenarios.
    """
    require(actor, Permission.SEE_SCENARIOS)
    run_id = new_id("forecast")
    session.execute(
        RUN.insert().values(
            run_id=run_id,
            kind=made.kind,
            as_at=made.as_at,
            recorded_at=clock.as_at,
            made_by=actor.user_id,
            seed=made.seed,
            model_version=made.model_version,
            scenarios=[document_of(scenario) for scenario in made.scenarios],
            result=made.text,
        )
    )
    sealed = {"kind": str(made.kind), "seal": run_seal(made.text)}
    record(session, actor.user_id, FORECAST_KEPT, run_id, sealed, at=clock.as_at)
    _forget_the_oldest(session)
    return _line(session.execute(_lines().where(RUN.c.run_id == run_id)).one())


def list_runs(
    session: Session,
    actor: Actor,
    *,
    kind: RunKind | None = None,
    after: str | None = None,
    limit: int = 50,
) -> Page[RunLine]:
    """Return the runs that are kept, the newest first.

    Raises
    ------
    NotPermitted
        The actor may not see scenarios.
    BadInput
        The cursor is not one of a page before.
    """
    require(actor, Permission.SEE_SCENARIOS)
    found = _newest_first().where(_of_kind(kind)).limit(limit + 1)
    if after is not None:
        last = session.execute(select(RUN.c.recorded_at).where(RUN.c.run_id == after)).scalar_one_or_none()
        if last is None:
            raise BadInput("cursor: the one that the page before gave is accepted")
        same = and_(RUN.c.recorded_at == last, RUN.c.run_id < after)
        found = found.where(or_(RUN.c.recorded_at < last, same))
    return page_of([_line(row) for row in session.execute(found)], limit, lambda line: line.run_id)


def read_run(
    session: Session,
    actor: Actor,
    run_id: str,
    *,
    kind: RunKind | None = None,
    scenarios: Sequence[str] = (),
) -> RunView:
    """Return a run by its reference, or the `latest` (of a kind, and of scenarios, where those are named).

    Raises
    ------
    NotPermitted, NotFound
        The actor may not see scenarios, or there is no such run.
    """
    require(actor, Permission.SEE_SCENARIOS)
    if run_id == LATEST:
        line = next(
            (
                line
                for line in map(_line, session.execute(_newest_first().where(_of_kind(kind))))
                if _is_of(line, scenarios)
            ),
            None,
        )
        run_id = line.run_id if line else ""
    found = _lines(RUN.c.result).where(RUN.c.run_id == run_id, _of_kind(kind))
    row = session.execute(found).one_or_none()
    if row is None:
        raise NotFound("there is no such run")
    return RunView(_line(row), document_in(row.result))


def _is_of(line: RunLine, scenarios: Sequence[str]) -> bool:
    return not scenarios or tuple(name for name, _ in line.scenarios) == tuple(scenarios)


def _forget_the_oldest(session: Session) -> None:
    kept = select(RUN.c.run_id).order_by(RUN.c.recorded_at.desc(), RUN.c.run_id.desc()).limit(MOST_KEPT)
    session.execute(delete(RUN).where(RUN.c.run_id.not_in(kept)))


def _of_kind(kind: RunKind | None) -> ColumnElement[bool]:
    return RUN.c.kind.in_(list(RunKind) if kind is None else [kind])


def _lines(*more: Any) -> Any:
    return select(*(RUN.c[name] for name in _LINE), *more)


def _newest_first(*more: Any) -> Any:
    return _lines(*more).order_by(RUN.c.recorded_at.desc(), RUN.c.run_id.desc())


def _line(row: Row[Any]) -> RunLine:
    return RunLine(
        run_id=row.run_id,
        kind=RunKind(row.kind),
        as_at=row.as_at,
        recorded_at=row.recorded_at,
        made_by=row.made_by,
        seed=row.seed,
        model_version=row.model_version,
        scenarios=tuple((one["name"], one.get("title", one["name"])) for one in row.scenarios),
    )
