"""A forecast as a page orders it: what is asked, from the records at one moment, made elsewhere and kept.

The page waits; the process that serves it does not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from beds.database import DatabaseKind
from beds.scenario_files import preset
from beds.services.exports import known_for_export
from beds.services.forecasts import Asked, Known, asked_of, known_records
from beds.services.kept_forecasts import RunLine, keep_run
from beds.services.scenarios import read_scenario

if TYPE_CHECKING:
    from beds.disclosure import ReleasedTable
    from beds.domain.scenario import Scenario
    from beds.services.desk import Desk, Turn

Change = Callable[[Callable[["Turn"], RunLine]], RunLine]

AS_ON_RECORD: Final = "as_on_record"
"""The shipped scenario that supposes nothing."""


def require_scenarios(turn: Turn, names: Sequence[str]) -> tuple[Scenario, ...]:
    """Return scenarios by reference or shipped name.

    Raises
    ------
    NotPermitted, NotFound
        The actor may not see scenarios, or there is no such one.
    """
    return tuple(read_scenario(turn.session, turn.actor, name).scenario for name in names)


def asked_for(turn: Turn, names: Sequence[str]) -> tuple[Known, Asked]:
    """Return the records as they are, and what is asked of them: one scenario, or several side by side.

    Raises
    ------
    NotPermitted, NotFound
        As for `require_scenarios`.
    """
    known = known_records(
        turn.session, turn.actor, clock=turn.clock, kind=_kind(turn.desk), rule=turn.policy.rule
    )
    return known, asked_of(require_scenarios(turn, names))


def make_and_keep(desk: Desk, question: tuple[Known, Asked], change: Change) -> RunLine:
    """Return the line of a run that was made outside this process and kept in a change of its own.

    Raises
    ------
    Busy
        Another forecast is being made, or it was cut off.
    BadInput
        The scenarios do not fit each other or the records.
    """
    made = desk.forecaster.made(*question)
    return change(lambda turn: keep_run(turn.session, turn.actor, made, clock=turn.clock))


def export_at(turn: Turn, name: str) -> Callable[[], tuple[ReleasedTable, ...]]:
    """Return what makes the tables of an export from the records as they are, outside this process.

    Raises
    ------
    NotPermitted, StaysInside
        The actor may not see released tables, or the records are about real cases.
    """
    known = known_for_export(
        turn.session, turn.actor, name, clock=turn.clock, kind=_kind(turn.desk), rule=turn.policy.rule
    )
    asked = asked_of([preset(AS_ON_RECORD)])
    forecaster = turn.desk.forecaster
    return lambda: forecaster.tables(name, known, asked)


def _kind(desk: Desk) -> DatabaseKind:
    return DatabaseKind.DEMO if desk.is_demonstration else DatabaseKind.LIVE
