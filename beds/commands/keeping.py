"""`db rotate-keys` and `db anonymise`: the keys of what is encrypted, and the end of a case's records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from beds.commands.context import clock_at

if TYPE_CHECKING:
    from beds.services.retention import AnonymiseReport


def rotate_keys(
    drop_old: Annotated[
        bool,
        typer.Option("--drop-old", help="Take the old keys out of use; older backups are lost with them."),
    ] = False,
) -> None:
    """Encrypt everything under a new key, while the service runs; a rotation that stopped is finished.

    The old keys stay in the key file until they are dropped: backups made before need them.
    """
    from beds.roles import OPERATOR
    from beds.services import key_rotation
    from beds.services.estates import live_database
    from beds.settings import load_settings

    settings = load_settings()
    with live_database(settings) as engine:
        if drop_old:
            dropped = key_rotation.drop_old_keys(engine, settings, OPERATOR, clock=clock_at(None))
            typer.echo(f"old keys taken out of use: {dropped}")
            return
        done = key_rotation.rotate_keys(engine, settings, OPERATOR, clock=clock_at(None))
    typer.echo(
        f"{'a new key is in use' if done.new_key else 'no new key was made'}: {done.values} values and "
        f"{done.case_keys} case keys were put under the newest"
    )


def anonymise(
    days: Annotated[
        int | None,
        typer.Option("--days", metavar="N", min=1, help="Over for longer; else BEDS_RETENTION_DAYS."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done; change nothing.")
    ] = False,
) -> None:
    """Anonymise cases that have been over for long: their keys are destroyed, in every backup too.

    It cannot be undone. A stored round that one of them took part in cannot be replayed afterwards.
    """
    from beds.roles import OPERATOR
    from beds.services.estates import live_database
    from beds.services.retention import anonymise_cases
    from beds.settings import load_settings

    settings = load_settings()
    with live_database(settings) as engine:
        report = anonymise_cases(
            engine,
            OPERATOR,
            clock=clock_at(None),
            retention_days=days or settings.retention_days,
            dry_run=dry_run,
        )
    _say(report)


def _say(report: AnonymiseReport) -> None:
    what = "would be anonymised" if report.dry_run else "anonymised"
    typer.echo(f"{what}: {report.cases} cases of {report.survivors} survivors, {report.people} people")
    if report.again:
        typer.echo(f"{what} again after a restore: {report.again} cases")
    if report.finished:
        finished = "would be destroyed" if report.dry_run else "destroyed"
        typer.echo(f"keys that an earlier run had left, {finished}: {report.finished}")
    for reason, survivors in sorted(report.kept_back.items()):
        typer.echo(f"kept all the same, {reason}: {survivors} survivors")
