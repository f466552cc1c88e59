"""`allocate`, `check`, `replay`, `options`, `candidates`."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from beds.commands.context import (
    STANDARD_OUTPUT,
    AsAt,
    From,
    Json,
    Top,
    acting,
    clock_at,
    estate_in,
    instant,
    points,
    progress,
    write_json,
)
from beds.errors import BadInput

if TYPE_CHECKING:
    from sqlmodel import Session

    from beds.domain.clock import Clock
    from beds.domain.estate import Estate
    from beds.roles import Actor
    from beds.services.freezing import Ground
    from beds.services.rounds import Round
    from optimiser.result import RoundJson

MOST_RESULT_BYTES = 20_000_000
SHOWN = 10


def allocate(
    folder: From = None,
    as_at: AsAt = None,
    time_limit: Annotated[
        float | None,
        typer.Option("--time-limit", metavar="S", help="Seconds; the best answer by then, with its bounds."),
    ] = None,
    to_json: Json = None,
) -> None:
    """Run one round: who of those waiting now goes into which unit. It advises; people decide."""
    if time_limit is not None and not 0 < time_limit < float("inf"):
        raise BadInput("--time-limit: seconds, more than 0, are accepted")
    clock = clock_at(as_at)
    if folder is not None:
        result, run_id = _run(estate_in(folder), clock, time_limit).result, None
    else:
        result, run_id = _run_and_keep(clock, time_limit)
    if to_json is not None:
        from beds.services.rounds import as_json

        write_json(as_json(result), to_json)
    if to_json != STANDARD_OUTPUT:
        from beds.terminal import show_round

        show_round(result, run_id=run_id)
    elif run_id:
        typer.echo(f"stored as {run_id}", err=True)


def _run(estate: Estate, clock: Clock, time_limit: float | None) -> Round:
    from beds.reference import recovery_periods
    from beds.services.rounds import run_round

    worth = points()
    with progress() as tell:
        return run_round(
            estate,
            clock,
            periods=recovery_periods(),
            points=worth,
            time_limit_s=time_limit,
            on_progress=tell,
        )


def _run_and_keep(clock: Clock, time_limit: float | None) -> tuple[RoundJson, str]:
    """Run on the database; it is not held locked meanwhile, and the proposals are checked when accepted.

    A round is about every case there is; what is given back is about those that the actor may see.
    """
    from beds.database import reading, writing
    from beds.services.estates import live_database
    from beds.services.kept_rounds import estate_for_round, keep_run
    from beds.services.reading import cases_seen, round_seen
    from beds.settings import load_settings

    settings = load_settings()
    with live_database(settings) as engine:
        actor = acting(engine, settings)
        with reading(engine) as session:
            estate, seen = estate_for_round(session, actor, clock=clock), cases_seen(session, actor)
        held = _run(estate, clock, time_limit)
        with writing(engine) as session:
            run_id = keep_run(session, actor, held, clock=clock_at(None)).run_id
    result = round_seen(held.result, seen)
    _note_hidden(*(len(answer["placements"]) + len(answer["unplaced"]) for answer in (held.result, result)))
    return result, run_id


def _note_hidden(found: int, shown: int) -> None:
    if shown < found:
        typer.echo(f"not shown: {found - shown} households whose case you may not see", err=True)


def check(
    result: Annotated[Path, typer.Argument(metavar="RESULT.json", help="A round's JSON.")],
    folder: Annotated[Path, typer.Option("--from", metavar="DIR", help="The folder it was run on.")],
    as_at: Annotated[
        str | None,
        typer.Option("--as-at", metavar="T", help="The instant; else the result's own."),
    ] = None,
) -> None:
    """Verify a round's JSON against the rules, record by record; exit 1 and every fault if there are any."""
    from beds.checking import check_result
    from beds.reference import recovery_periods
    from beds.services.estates import estate_in_folder
    from beds.terminal import show_faults

    claimed = _read_result(result)
    faults = check_result(
        claimed,
        estate_in_folder(folder),
        as_at=None if as_at is None else instant(as_at),
        periods=recovery_periods(),
        points=points().as_mapping(),
    )
    show_faults(faults, nothing="every rule holds, and the result says what the estate says")
    if faults:
        raise typer.Exit(1)


def _read_result(path: Path) -> dict[str, object]:
    try:
        with path.open("rb") as file:
            content = file.read(MOST_RESULT_BYTES + 1)  # a device may have no size and no end
    except OSError as error:
        raise BadInput(f"RESULT.json: the file cannot be read ({error.strerror})") from error
    if len(content) > MOST_RESULT_BYTES:
        raise BadInput(f"RESULT.json: a file of up to {MOST_RESULT_BYTES // 1_000_000} MB is accepted")
    try:
        claimed = json.loads(
            content.decode("utf-8"), object_pairs_hook=_unambiguous, parse_constant=_no_number
        )
    except (ValueError, RecursionError):
        raise BadInput(
            "RESULT.json: JSON in UTF-8, each name once, is accepted, as `beds allocate --json` writes it"
        ) from None
    if not isinstance(claimed, dict):
        raise BadInput("RESULT.json: a JSON object is accepted, as `beds allocate --json` writes it")
    return claimed


def _unambiguous(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Refuse a name stated twice: the next reader may take the other value for the one checked here."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError
    return found


def _no_number(_: str) -> object:
    """Refuse NaN and Infinity, which are not JSON."""
    raise ValueError


def options(
    referral_id: Annotated[str, typer.Argument(metavar="REFERRAL_ID")],
    folder: From = None,
    as_at: AsAt = None,
    top: Top = None,
    to_json: Json = None,
) -> None:
    """Show where one household could go now, best first; then why not elsewhere, and what would help.

    Exit 1 if there is nowhere now.
    """
    from beds.reference import recovery_periods
    from beds.services.options import options as options_of
    from beds.services.visibility import require_case
    from beds.terminal import show_options

    ground, _ = _ground(folder, as_at, lambda session, actor: require_case(session, actor, referral_id))
    answer = options_of(ground, referral_id, periods=recovery_periods(), points=points(), top=top)
    _give(answer, to_json, partial(show_options, answer, most=top or SHOWN))
    if not answer["options"]:
        raise typer.Exit(1)


def candidates(
    unit_id: Annotated[str, typer.Argument(metavar="UNIT_ID")],
    folder: From = None,
    as_at: AsAt = None,
    top: Top = None,
    to_json: Json = None,
) -> None:
    """Show who could have a unit now, in priority order; then why not the others.

    Exit 1 if nobody could.
    """
    from beds.reference import recovery_periods
    from beds.services.options import candidates as candidates_for
    from beds.services.visibility import require_unit
    from beds.terminal import show_candidates

    ground, seen = _ground(folder, as_at, lambda session, actor: require_unit(session, actor, unit_id))
    answer = candidates_for(ground, unit_id, periods=recovery_periods(), points=points())
    found = answer["candidates_in_all"] + len(answer["others"])
    if seen is not None:
        answer["candidates"] = [row for row in answer["candidates"] if row["referral_id"] in seen]
        answer["others"] = [row for row in answer["others"] if row["referral_id"] in seen]
        _note_hidden(found, len(answer["candidates"]) + len(answer["others"]))
    answer["candidates"] = answer["candidates"][:top]
    _give(answer, to_json, partial(show_candidates, answer, most=top or SHOWN))
    if not answer["candidates"]:
        raise typer.Exit(1)


def _ground(
    folder: Path | None, as_at: str | None, check: Callable[[Session, Actor], object]
) -> tuple[Ground, frozenset[str] | None]:
    """Return the estate of a folder, or of the database after a check of who asks, and whose cases they see.

    Whose are seen is None for a folder: whoever has it sees all of it.
    """
    from beds.services.freezing import Ground

    clock = clock_at(as_at)
    if folder is not None:
        return Ground.of(estate_in(folder), clock), None
    from beds.database import reading
    from beds.roles import Permission, require
    from beds.services.estates import live_database
    from beds.services.reading import cases_seen
    from beds.settings import load_settings
    from beds.store.loading import load_estate

    settings = load_settings()
    with live_database(settings) as engine:
        actor = acting(engine, settings)
        with reading(engine) as session:
            require(actor, Permission.SEE_CASES)
            check(session, actor)
            seen = cases_seen(session, actor)
            estate = load_estate(session, current_only_from=clock.today)
    return Ground.of(estate, clock), seen


def _give(answer: object, to_json: Path | None, show: Callable[[], None]) -> None:
    """Write an answer as JSON where it was asked for, and show it unless JSON has standard output."""
    from beds.services.rounds import as_json

    if to_json is not None:
        write_json(as_json(answer), to_json)
    if to_json != STANDARD_OUTPUT:
        show()


def replay(run_id: Annotated[str, typer.Argument(metavar="RUN_ID")]) -> None:
    """Solve a stored round again from its frozen problem and say whether the result is equal.

    Exit 1 if it is not, unless the round had been cut short by time.
    """
    from beds.database import reading
    from beds.roles import Permission, require
    from beds.services.estates import live_database
    from beds.services.rounds import replay_round
    from beds.settings import load_settings
    from beds.terminal import show_replay

    settings = load_settings()
    with live_database(settings) as engine:
        require(acting(engine, settings), Permission.RUN_ROUNDS)
        with reading(engine) as session, progress() as tell:
            again = replay_round(session, run_id, on_progress=tell)
    show_replay(again)
    if not again.equal and not again.exempt:
        raise typer.Exit(1)
