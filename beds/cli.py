"""The `beds` command: which commands there are, and how a refusal becomes a sentence and an exit code."""

from __future__ import annotations

import sys
from typing import Any

import typer
from typer.core import TyperGroup

from beds.commands import estates, rounds
from beds.errors import BedsError, ImportRejected

INTERRUPTED = 130
"""128 + SIGINT, as shells have it."""


class _Refusals(TyperGroup):
    """Turns what the service refuses into words on standard error and its exit code, for every command."""

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
        except KeyboardInterrupt:
            typer.echo("beds: stopped; nothing was written", err=True)
            raise typer.Exit(INTERRUPTED) from None


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
app.add_typer(estates.database, name="db")


if __name__ == "__main__":
    sys.exit(app())
