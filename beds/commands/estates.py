"""`demo`, `synth`, `import`, `intake`, and `db upgrade` and `db check`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from beds.commands.context import ACTOR, AsAt, acting, instant, note_unread, operating, points, progress
from beds.commands.dashboard import DEFAULT_PORT, Port, serve_dashboard
from beds.errors import BadInput

database = typer.Typer(no_args_is_help=True, help="The database: its schema and its soundness.")


def demo(
    folder: Annotated[
        Path | None, typer.Option("--dir", metavar="DIR", help="Where the demonstration is kept.")
    ] = None,
    serve: Annotated[bool, typer.Option("--serve/--no-serve", help="Serve the dashboard afterwards.")] = True,
    port: Port = DEFAULT_PORT,
) -> None:
    """Set up a synthetic estate with a waiting list, run a round on it and show it."""
    from beds.database import writing
    from beds.domain.clock import Clock
    from beds.reference import data_folder as shipped
    from beds.reference import recovery_periods
    from beds.services.demo_clock import demo_clock, start_demo_clock
    from beds.services.demo_evening import SINCE_MORNING, let_the_day_pass
    from beds.services.estates import DEMO_DATABASE, demo_database, estate_in_database, import_folder
    from beds.services.policy import policy_of
    from beds.services.rounds import keep_round, run_round
    from beds.settings import data_folder, load_settings
    from beds.synthesis import SYNTHETIC_AS_AT
    from beds.terminal import show_demo, show_import, show_round

    folder = folder or data_folder() / "demo"
    clock, settings = Clock(SYNTHETIC_AS_AT), load_settings()
    with demo_database(settings, folder) as engine:
        with writing(engine) as session:
            is_new = demo_clock(session) is None
            ticking = start_demo_clock(session, SYNTHETIC_AS_AT, made_at=instant(None))
        now = ticking.time_in_it(instant(None))
        morning = SYNTHETIC_AS_AT - SINCE_MORNING
        report = import_folder(engine, shipped() / "demo", actor=ACTOR, at=morning if is_new else now)
        show_import(report, dry_run=False)
        with progress() as tell:
            held = run_round(
                estate_in_database(engine, clock),
                clock,
                periods=recovery_periods(),
                points=points(),
                on_progress=tell,
            )
        with writing(engine) as session:
            if is_new:
                let_the_day_pass(session, SYNTHETIC_AS_AT, policy=policy_of(settings))
            run_id = keep_round(session, ACTOR, held, now)
    show_round(held.result, run_id=run_id, synthetic=True)
    show_demo(folder, shipped() / "demo", held.result)
    if serve:
        os.environ |= {"BEDS_DEMO": "true", "BEDS_CASE_KEYS_FILE": ""}  # its own, beside its file
        serve_dashboard(f"sqlite:///{folder.absolute() / DEMO_DATABASE}", port)


def synth(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="The folder to write.")],
    sites: Annotated[int, typer.Option("--sites", metavar="N")],
    referrals: Annotated[int, typer.Option("--referrals", metavar="M")],
    seed: Annotated[int, typer.Option("--seed", metavar="S")],
) -> None:
    """Write a synthetic estate and waiting list, drawn from published margins, as a folder of CSV files."""
    from beds.synthesis import SYNTHETIC_AS_AT, synth_folder

    synth_folder(out, sites=sites, referrals=referrals, seed=seed)
    typer.echo(
        f"SYNTHETIC: {sites} sites and {referrals} waiting households, for rounds as at "
        f"{SYNTHETIC_AS_AT.isoformat()}: nobody in it exists"
    )


def import_(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder of CSV or XLSX files.")],
    as_at: AsAt = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done; write nothing.")
    ] = False,
) -> None:
    """Bring a folder into the database, all or nothing; the same folder twice changes nothing.

    Exit 1 if records were changed in the database since they were imported: those are left as they are.
    """
    from beds.roles import Permission, require
    from beds.services.estates import import_folder, live_database
    from beds.settings import load_settings
    from beds.terminal import show_import

    settings = load_settings()
    with live_database(settings) as engine:
        # Whoever has this machine and its keys brings in the estate; a token, if there is one, decides.
        actor = operating(engine, settings)
        require(actor, Permission.MAINTAIN)
        report = import_folder(engine, folder, actor=actor.user_id, at=instant(as_at), dry_run=dry_run)
    note_unread(folder)
    show_import(report, dry_run=dry_run)
    if report.conflicts:
        raise typer.Exit(1)


def intake(
    form: Annotated[Path, typer.Argument(metavar="FORM.json", help="A digital NRM referral form.")],
    referral_id: Annotated[str, typer.Option("--referral-id", metavar="ID", help="The reference it gets.")],
    received_at: Annotated[
        str | None, typer.Option("--received-at", metavar="T", help="With offset; now if not stated.")
    ] = None,
    child: Annotated[
        list[str] | None,
        typer.Option("--child", metavar="GENDER:AGE", help="A child; `?`: not asked."),
    ] = None,
    no_children: Annotated[bool, typer.Option("--no-children", help="It was asked: no child comes.")] = False,
    exclude: Annotated[
        list[str] | None, typer.Option("--exclude", metavar="CODE", help="An area confirmed as not safe.")
    ] = None,
    no_exclude: Annotated[
        bool, typer.Option("--no-exclude", help="The areas proposed were talked over: none is to be avoided.")
    ] = False,
    save: Annotated[bool, typer.Option("--save", help="Write the referral into the database.")] = False,
) -> None:
    """Read the Home Office's digital NRM form: what it tells, what to ask; no free text is kept.

    With --save it becomes a waiting referral; it must then be stated which children come, and which of the
    areas proposed are to be avoided. What was asked later is recorded by importing a folder.
    """
    from beds.roles import Permission, require
    from beds.services.estates import live_database
    from beds.services.intake import file_household, household_of, read_form
    from beds.services.referrals import require_nation
    from beds.settings import load_settings
    from beds.terminal import show_import, show_intake

    if (child and no_children) or (exclude and no_exclude):
        raise BadInput("--child or --no-children, --exclude or --no-exclude: one of the two is accepted")
    told = read_form(form, referral_id=referral_id, received_at=instant(received_at, "--received-at"))
    show_intake(told)
    if save or child or exclude:
        household = household_of(
            told,
            children=child or ([] if no_children else None),
            excluded_areas=exclude or ([] if no_exclude else None),
        )
    if save:
        settings = load_settings()
        with live_database(settings) as engine:
            actor = acting(engine, settings)
            require(actor, Permission.RECORD_CASES)
            require_nation(actor, told.referral.nation)
            report = file_household(engine, household, actor=actor.user_id, at=instant(None))
        show_import(report, dry_run=False)
        if report.conflicts:
            raise typer.Exit(1)


@database.command()
def upgrade() -> None:
    """Bring the schema to the newest revision; make the database if there is none."""
    from beds.database import connect
    from beds.database import upgrade as upgrade_schema
    from beds.settings import load_settings

    engine = connect(load_settings(), create=True)
    try:
        upgrade_schema(engine)
    finally:
        engine.dispose()
    typer.echo("the schema is at the newest revision")


@database.command()
def check() -> None:
    """Check the database and its audit chain; exit 1 and every fault if there are any."""
    from beds.services.estates import live_database
    from beds.settings import load_settings
    from beds.store.integrity import check_database
    from beds.terminal import show_faults

    with live_database(load_settings()) as engine:
        faults = check_database(engine)
    show_faults(faults, nothing="the database is sound and its audit chain unbroken")
    if faults:
        raise typer.Exit(1)
