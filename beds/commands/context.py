"""What the commands share: options, instants, output, and the estate that a command is about."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from beds.errors import BadInput, NotPermitted, NotSignedIn

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from beds.domain.clock import Clock
    from beds.domain.estate import Estate
    from beds.domain.points import MismatchPoints
    from beds.roles import Actor
    from beds.settings import Settings
    from optimiser.allocation import Progress

ACTOR = "command line"
STANDARD_OUTPUT = Path("-")

From = Annotated[
    Path | None, typer.Option("--from", metavar="DIR", help="Read a folder of CSV files, not the database.")
]
AsAt = Annotated[
    str | None, typer.Option("--as-at", metavar="T", help="The instant, with offset; now if not stated.")
]
Json = Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Write JSON to a file, or to `-`.")]
Top = Annotated[int | None, typer.Option("--top", min=1, help="How many: 10 on screen, all in JSON.")]


def instant(text: str | None, option: str = "--as-at") -> datetime:
    """Return an instant from the command line; now if there is none.

    Raises
    ------
    BadInput
        It is not a date-time with an offset.
    """
    if text is None:
        return datetime.now(UTC)
    try:
        stated = datetime.fromisoformat(text)
    except ValueError:
        stated = None
    if stated is None or stated.tzinfo is None:
        raise BadInput(f"{option}: a date-time with an offset is accepted, such as 2026-03-03T02:00:00+00:00")
    if not 1900 <= stated.year <= 2999:
        raise BadInput(f"{option}: a year from 1900 to 2999 is accepted")
    return stated


def clock_at(text: str | None) -> Clock:
    """Return the clock at an instant from the command line."""
    from beds.domain.clock import Clock

    return Clock(instant(text))


def points() -> MismatchPoints:
    """Return the points of the settings.

    Raises
    ------
    BadInput
        A number of points is out of range.
    """
    from beds.settings import load_settings, points_of

    return points_of(load_settings())


def estate_in(folder: Path) -> Estate:
    """Return the estate of a folder; on standard error, what of it was not read."""
    from beds.services.estates import estate_in_folder

    estate = estate_in_folder(folder)
    note_unread(folder)
    return estate


def acting(engine: Engine, settings: Settings) -> Actor:
    """Return who acts on the cases and the estate of a database.

    BEDS_TOKEN says it; in a demonstration BEDS_AS_USER may. Without either it is the machine's own operator,
    in a demonstration and, while a live database is set up, until there is anybody on record.

    Raises
    ------
    NotSignedIn
        The token is not good, or one is needed and there is none.
    NotPermitted
        BEDS_AS_USER is set for a live database.
    """
    from beds.database import DatabaseKind, database_kind, reading
    from beds.services.people import has_users

    actor = operating(engine, settings)
    if settings.token is not None or database_kind(engine) is DatabaseKind.DEMO:
        return actor
    with reading(engine) as session:
        if has_users(session):
            raise NotSignedIn("people are on record in this database: set BEDS_TOKEN to say who acts")
    return actor


def operating(engine: Engine, settings: Settings) -> Actor:
    """Return who acts on what belongs to the machine itself: its operator, unless somebody is named.

    Raises
    ------
    NotSignedIn, NotPermitted
        As for `acting`.
    """
    from beds.database import DatabaseKind, database_kind, reading
    from beds.roles import OPERATOR
    from beds.services.people import actor_in_demonstration, actor_of_token

    if settings.token is not None:
        with reading(engine) as session:
            return actor_of_token(session, settings.token.get_secret_value(), datetime.now(UTC))
    if settings.as_user is None:
        return OPERATOR
    if database_kind(engine) is not DatabaseKind.DEMO:
        raise NotPermitted("BEDS_AS_USER is for demonstrations; on this live database set BEDS_TOKEN")
    with reading(engine) as session:
        return actor_in_demonstration(session, settings.as_user)


def note_unread(folder: Path) -> None:
    """Say on standard error what of a folder was not read: a misnamed file looks just like an empty one."""
    from beds.importing import unread

    for note in unread(folder):
        typer.echo(f"note: {note}", err=True)


def write_json(text: str, target: Path) -> None:
    """Write JSON to a file, whole or not at all, or to standard output.

    What is no file (a device, a pipe) is written to and never replaced.

    Raises
    ------
    BadInput
        The file cannot be written.
    """
    if target == STANDARD_OUTPUT:
        sys.stdout.write(text)
        return
    try:
        if target.exists() and not target.is_file():
            target.write_text(text, encoding="utf-8")
        else:
            _replace(target.resolve(), text)
    except (OSError, RuntimeError) as error:  # RuntimeError: links that lead in a circle
        raise BadInput(f"--json: the file cannot be written ({_reason(error)})") from error


def _replace(file: Path, text: str) -> None:
    """Put a file in place of another, or of none; readable by its owner only."""
    import os
    import tempfile

    handle, name = tempfile.mkstemp(dir=file.parent, prefix=".beds-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as draft:
            draft.write(text)
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or "its links lead in a circle"


@contextmanager
def progress() -> Iterator[Progress | None]:
    """Show on a terminal what is being done, on standard error; nothing in a pipe."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console

    with Console(stderr=True).status("starting") as status:
        yield status.update
