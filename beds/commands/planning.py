"""`forecast`, `simulate`, `export`: how many beds, under which suppositions, and what may be told of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from beds.commands.context import (
    STANDARD_OUTPUT,
    AsAt,
    From,
    Json,
    acting,
    clock_at,
    note_unread,
    progress,
    write_json,
)
from beds.errors import BadInput

if TYPE_CHECKING:
    from beds.domain.clock import Clock
    from beds.domain.scenario import Scenario
    from beds.history_files import History
    from beds.services.forecast_documents import Json as Document
    from beds.services.forecasts import Asked, Known, Made
    from beds.services.simulations import How, Progress

AS_ON_RECORD = "as_on_record"

History_ = Annotated[
    Path | None,
    typer.Option(
        "--history",
        metavar="FILE",
        help="Referrals in the UK from a CSV `period,value`, quarters or weeks, not the published ones.",
    ),
]
Draws = Annotated[int, typer.Option("--draws", metavar="N", help="Futures that are drawn.")]
Seed = Annotated[int, typer.Option("--seed", metavar="S", help="The same seed, the same bytes.")]


def forecast(
    folder: From = None,
    history: History_ = None,
    horizon_days: Annotated[
        int | None, typer.Option("--horizon-days", metavar="N", help="Nights to look ahead; else a year.")
    ] = None,
    scenario: Annotated[
        list[str] | None,
        typer.Option(
            "--scenario",
            metavar="FILE",
            help="A TOML file, or the name of a scenario that is shipped; several are set side by side.",
        ),
    ] = None,
    draws: Draws = 500,
    seed: Seed = 0,
    as_at: AsAt = None,
    to_json: Json = None,
) -> None:
    """Forecast arrivals, beds needed, in use and short, with intervals, by nation, region and need.

    With scenarios: the last of them, and how they differ in beds and pounds from the first, or from things as
    they stand. On a database the run is kept, and needs are shown as released tables.
    """
    from beds.services.forecasts import asked_of

    clock = clock_at(as_at)
    asked = asked_of(_scenarios(scenario or [AS_ON_RECORD], horizon_days), draws=draws, seed=seed)
    if folder is not None:
        document = _whole(_of_folder(folder, clock, history), asked)
    else:
        document = _kept(clock, history, asked)
    _give(document, to_json)


def _scenarios(sources: list[str], horizon_days: int | None) -> tuple[Scenario, ...]:
    from beds.domain.scenario import LONGEST_HORIZON_DAYS
    from beds.scenario_files import read_scenario

    if horizon_days is not None and not 1 <= horizon_days <= LONGEST_HORIZON_DAYS:
        raise BadInput(f"--horizon-days: a whole number from 1 to {LONGEST_HORIZON_DAYS:,} is accepted")
    found = tuple(read_scenario(source) for source in sources)
    if horizon_days is None:
        return found
    try:
        return tuple(replace(one, horizon_days=horizon_days) for one in found)
    except ValueError as error:
        raise BadInput(f"--horizon-days: the scenario does not fit it ({error})") from error


def _whole(known: Known, asked: Asked) -> Document:
    """Return everything that is asked of a folder: whoever has it sees all of it."""
    from beds.services.forecasts import beside, comparison_json, forecast_json

    with progress() as tell:
        if tell:
            tell("drawing futures")
        document = forecast_json(known, replace(asked, scenarios=asked.scenarios[-1:]))
        if tell:
            tell("setting scenarios side by side")
        return document | {"comparison": comparison_json(known, beside(asked))}


def _kept(clock: Clock, history: Path | None, asked: Asked) -> Document:
    """Return what is asked of the database, as those see it who see no case, and keep it."""
    from beds.services.forecasts import make

    def work(known: Known, tell: Progress | None) -> list[Made]:
        if tell:
            tell("drawing futures")
        runs = [make(known, replace(asked, scenarios=asked.scenarios[-1:]))]
        return [*runs, make(known, asked)] if len(asked.scenarios) > 1 else runs

    document, *others = _on_database(clock, history, work)
    return document | {"comparison": others[0]} if others else document


def _on_database(
    clock: Clock, history: Path | None, work: Callable[[Known, Progress | None], list[Made]]
) -> list[Document]:
    """Return the documents of runs on the database, kept; it is not held locked meanwhile."""
    from beds.database import database_kind, reading, writing
    from beds.services.estates import live_database
    from beds.services.forecasts import document_in, known_records
    from beds.services.kept_forecasts import keep_run
    from beds.settings import load_settings, rule_of

    settings = load_settings()
    with live_database(settings) as engine:
        actor = acting(engine, settings)
        with reading(engine) as session:
            known = known_records(
                session, actor, clock=clock, kind=database_kind(engine), rule=rule_of(settings)
            )
        known = replace(known, history=_stated(history, clock))
        with progress() as tell:
            runs = work(known, tell)
        with writing(engine) as session:
            kept = [keep_run(session, actor, run, clock=clock_at(None)).run_id for run in runs]
    typer.echo(f"kept as {' and '.join(kept)}", err=True)
    return [document_in(run.text) for run in runs]


def _of_folder(folder: Path, clock: Clock, history: Path | None) -> Known:
    from beds.services.forecasts import known_folder
    from beds.settings import load_settings, rule_of

    known = known_folder(folder, clock, history=_stated(history, clock), rule=rule_of(load_settings()))
    note_unread(folder)
    return known


def _stated(history: Path | None, clock: Clock) -> History | None:
    from beds.history_files import read_history

    return None if history is None else read_history(history, until=clock.today)


def _give(document: Document, to_json: Path | None) -> None:
    if to_json is not None:
        from beds.services.rounds import as_json

        write_json(as_json(document), to_json)
    if to_json != STANDARD_OUTPUT:
        from beds.terminal_forecast import show

        show(document)


def simulate(
    scenario: Annotated[
        list[str],
        typer.Argument(
            metavar="SCENARIO.toml…",
            help="A TOML file, or the name of a scenario that is shipped; several are set side by side.",
        ),
    ],
    folder: From = None,
    history: History_ = None,
    replications: Annotated[
        int, typer.Option("--replications", metavar="N", help="How often; each is one future.")
    ] = 20,
    seed: Seed = 0,
    workers: Annotated[int, typer.Option("--workers", metavar="N", help="Processes on this machine.")] = 1,
    dask: Annotated[
        str | None,
        typer.Option("--dask", metavar="ADDRESS", help="A Dask scheduler, or `local`, for the replications."),
    ] = None,
    as_at: AsAt = None,
    to_json: Json = None,
) -> None:
    """Simulate the service day by day under the real rules and a policy, by scenario.

    Everybody meets the same futures in every scenario. However many workers there are, the figures are the
    same to the byte. On a database the run is kept.
    """
    from beds.services.forecasts import asked_of
    from beds.services.simulations import How

    clock = clock_at(as_at)
    asked = asked_of(_scenarios(scenario, None), seed=seed)
    how = How(replications, workers, dask)
    if folder is not None:
        document = _simulated(_of_folder(folder, clock, history), asked, how)
    else:
        document = _kept_simulation(clock, history, asked, how)
    _give(document, to_json)


def _simulated(known: Known, asked: Asked, how: How) -> Document:
    from beds.services.simulation_documents import simulation_json

    with progress() as tell:
        return simulation_json(known, asked, how, on_progress=tell)


def _kept_simulation(clock: Clock, history: Path | None, asked: Asked, how: How) -> Document:
    from beds.services.simulation_documents import make_simulation

    return _on_database(
        clock, history, lambda known, tell: [make_simulation(known, asked, how, on_progress=tell)]
    )[0]


def export(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What: `shortfall` or `occupancy`.")],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="The folder to write.")],
    folder: From = None,
    file_format: Annotated[str, typer.Option("--format", metavar="F", help="csv, xlsx or parquet.")] = "csv",
    scenario: Annotated[
        str, typer.Option("--scenario", metavar="FILE", help="A TOML file, or one that is shipped.")
    ] = AS_ON_RECORD,
    horizon_days: Annotated[
        int | None, typer.Option("--horizon-days", metavar="N", help="Nights to look ahead; else a year.")
    ] = None,
    draws: Draws = 500,
    seed: Seed = 0,
    as_at: AsAt = None,
) -> None:
    """Write released tables with their definitions, sources and as-at; exit 3 if they are of real cases.

    Counts under 5 are hidden, the rest rounded to 5. CSV: a file a table, its metadata (CSVW) beside it.
    """
    from beds.services.exports import export_tables, format_of, write_tables
    from beds.services.forecasts import asked_of
    from beds.services.released import require_export

    require_export(name)
    kind = format_of(file_format)
    clock, asked = clock_at(as_at), asked_of(_scenarios([scenario], horizon_days), draws=draws, seed=seed)
    known = _to_export(name, folder, clock)
    with progress() as tell:
        if tell:
            tell("drawing futures")
        tables = export_tables(name, known, asked)
    for file in write_tables(tables, out, name=name, kind=kind):
        typer.echo(str(file))


def _to_export(name: str, folder: Path | None, clock: Clock) -> Known:
    if folder is not None:
        return _of_folder(folder, clock, None)
    from beds.database import database_kind, reading
    from beds.services.estates import live_database
    from beds.services.exports import known_for_export
    from beds.settings import load_settings, rule_of

    settings = load_settings()

    with live_database(settings) as engine:
        actor = acting(engine, settings)
        with reading(engine) as session:
            return known_for_export(
                session, actor, name, clock=clock, kind=database_kind(engine), rule=rule_of(settings)
            )
