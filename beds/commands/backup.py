"""`backup` and `restore`: one moment of the database in one file, and back, while the service runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from beds.commands.context import instant, operating


def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The backup to write.")],
    force: Annotated[bool, typer.Option("--force", help="Replace an older backup of that name.")] = False,
) -> None:
    """Write a consistent copy of the database, while it is in use, and read it back.

    No key is in it: keep the key files elsewhere, or what is encrypted can never be read again.
    """
    from beds.services.backup import back_up
    from beds.services.estates import live_database
    from beds.settings import load_settings

    settings = load_settings()
    with live_database(settings) as engine:
        made = back_up(engine, operating(engine, settings), file, at=instant(None), force=force)
    typer.echo(
        f"backed up: {made.rows} rows of {made.tables} tables, the audit up to event {made.newest_event}; "
        "the keys are not in it"
    )


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A backup of this service.")],
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace what is in the database, all of it.")
    ] = False,
) -> None:
    """Put a backup in place of an empty database, all or nothing; then check it.

    Exit 1 and every fault if the check finds any.
    """
    from beds.roles import OPERATOR
    from beds.services.backup import database_to_restore
    from beds.services.backup import restore as restore_backup
    from beds.settings import load_settings
    from beds.terminal import show_faults

    with database_to_restore(load_settings()) as engine:
        done = restore_backup(engine, OPERATOR, file, at=instant(None), replace=replace)
    typer.echo(f"restored: {done.rows} rows, as they were at {done.made_at.isoformat(timespec='seconds')}")
    if done.lost_head is not None and done.lost_head > done.newest_event:
        typer.echo(
            f"events {done.newest_event + 1} to {done.lost_head} of the audit are not in the backup, nor is "
            "what they changed",
            err=True,
        )
    if done.lost_head is None:
        typer.echo(
            "note: whoever was revoked after the backup was made is in again: see `beds user list`",
            err=True,
        )
    show_faults(done.faults, nothing="the database is sound and its audit chain unbroken")
    if done.faults:
        raise typer.Exit(1)
