"""The `beds` command: which commands there are, and how a refusal becomes a sentence and an exit code."""

from __future__ import annotations

import errno
import os
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

import typer
from typer.core import TyperGroup

from beds.commands import backup, dashboard, estates, keeping, people, planning, rounds, serving
from beds.errors import BedsError, ImportRejected
from beds.interrupts import INTERRUPTED, was_interrupted

NO_READER = 141
"""128 + SIGPIPE: whoever reads our output has read enough; nothing is wrong."""
DEFECT = 70
"""EX_SOFTWARE of sysexits.h. Never 1: a crash must not read as "nowhere could take her"."""


class _Refusals(TyperGroup):
    """Turns what the service refuses into words on standard error and its exit code, for every command."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run the program; no end of it is a stack trace."""
        try:
            return _flushed(partial(super().main, *args, **kwargs))
        except BrokenPipeError:
            _leave_without_a_reader()
        except KeyboardInterrupt:
            _leave_interrupted()
        except SystemExit as leaving:
            if isinstance(leaving.__context__, BrokenPipeError):  # so Rich and Typer leave then, with 1
                _leave_without_a_reader()
            if leaving.code == INTERRUPTED:
                _leave_interrupted()
            raise
        except OSError as error:
            _say(f"beds: the operating system refused: {error.strerror}")
            sys.exit(BedsError.exit_code)
        except Exception as defect:  # noqa: BLE001 the one place that may: reported, and by its own exit code
            if was_interrupted():
                _leave_interrupted()
            _say(_in_words(defect))
            sys.exit(DEFECT)

    def invoke(self, ctx: Any) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except ImportRejected as rejected:
            for fault in rejected.faults:
                typer.echo(str(fault), err=True)
            typer.echo(f"beds: {rejected}", err=True)
            raise typer.Exit(rejected.exit_code) from rejected
        except BedsError as refusal:
            typer.echo(f"beds: {refusal}", err=True)
            raise typer.Exit(refusal.exit_code) from refusal


def _flushed(run: Callable[[], object]) -> object:
    """Run, and hand the output over while a refusal of it can still be reported."""
    if sys.stdout is None:
        raise OSError(errno.EBADF, "standard output is closed")
    try:
        return run()
    finally:
        sys.stdout.flush()


def _leave_without_a_reader() -> NoReturn:
    # or the interpreter would try once more to hand over what is left, and complain
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(NO_READER)


def _leave_interrupted() -> NoReturn:
    _say("beds: stopped; nothing is left half-written")
    sys.exit(INTERRUPTED)


def _say(sentence: str) -> None:
    with suppress(OSError):  # nobody can be told; the exit code still says it
        typer.echo(sentence, err=True)


def _in_words(defect: Exception) -> str:
    """Return where a defect showed itself; not what it says, which may be about a person."""
    place = traceback.extract_tb(defect.__traceback__)[-1]
    return (
        f"beds: a defect of this program ({type(defect).__name__} in {place.name}, line {place.lineno} of "
        f"{Path(place.filename).name}); no answer was given: please report this line"
    )


app = typer.Typer(
    cls=_Refusals,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Beds for survivors of trafficking in England and Scotland: the tool advises, people decide.",
)
app.command()(estates.demo)
app.command()(estates.synth)
app.command("import")(estates.import_)
app.command()(estates.intake)
app.command()(rounds.allocate)
app.command()(rounds.check)
app.command()(rounds.options)
app.command()(rounds.candidates)
app.command()(rounds.replay)
app.command()(planning.forecast)
app.command()(planning.simulate)
app.command()(planning.export)
app.command()(dashboard.dashboard)
app.command()(backup.backup)
app.command()(backup.restore)
app.command()(serving.serve)
app.add_typer(people.user, name="user")
estates.database.command()(keeping.rotate_keys)
estates.database.command()(keeping.anonymise)
app.add_typer(estates.database, name="db")


if __name__ == "__main__":
    sys.exit(app())
