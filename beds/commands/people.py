"""`user add`, `user list`, `user revoke`: who uses the service, and their tokens."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from beds.commands.context import clock_at, operating

if TYPE_CHECKING:
    from sqlmodel import Session

    from beds.roles import Actor

user = typer.Typer(no_args_is_help=True, help="People who use the service, and their tokens.")


@user.command()
def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Kept encrypted; never in the audit.")],
    role: Annotated[
        str,
        typer.Option(
            "--role",
            metavar="ROLE",
            help="coordinator, provider, commissioner, analyst, auditor or admin.",
        ),
    ],
    nation: Annotated[
        list[str] | None,
        typer.Option("--nation", metavar="N", help="Of a coordinator, as often as needed; else all four."),
    ] = None,
    provider: Annotated[
        str | None, typer.Option("--provider", metavar="ID", help="Of somebody at a provider.")
    ] = None,
    days: Annotated[
        int | None,
        typer.Option("--days", metavar="N", help="How long the token is good; BEDS_TOKEN_DAYS else."),
    ] = None,
) -> None:
    """Add a person and print their token, this once, on standard output."""
    from beds.services.people import add_user
    from beds.settings import load_settings

    with _people(writes=True) as (session, actor):
        added, token = add_user(
            session,
            actor,
            name=name,
            role=role,
            nations=nation or (),
            provider_id=provider,
            days=load_settings().token_days if days is None else days,
            clock=clock_at(None),
        )
    until = f"{added.token_expires_at:%d %B %Y}"
    typer.echo(
        f"{added.user_id}: this token is shown once and is good until {until}; pass it on safely", err=True
    )
    typer.echo(token)


@user.command("list")
def list_() -> None:
    """Show who uses the service, and until when they can sign in; never a token."""
    from beds.services.people import list_users
    from beds.terminal import show_people

    with _people(writes=False) as (session, actor):
        people = list_users(session, actor, clock=clock_at(None))
    show_people(people)


@user.command()
def revoke(
    user_id: Annotated[str, typer.Argument(metavar="USER_ID", help="As `user list` shows it.")],
) -> None:
    """Revoke a person and all their tokens, from now on."""
    from beds.services.people import revoke_user

    with _people(writes=True) as (session, actor):
        revoke_user(session, actor, user_id, clock=clock_at(None))
    typer.echo(f"{user_id} was revoked, and every token of theirs")


@contextmanager
def _people(*, writes: bool) -> Iterator[tuple[Session, Actor]]:
    """Give a session on the database of the settings, and who acts: its operator unless a token says who."""
    from beds.database import reading, writing
    from beds.services.estates import live_database
    from beds.settings import load_settings

    settings = load_settings()
    with live_database(settings) as engine:
        actor = operating(engine, settings)
        with (writing if writes else reading)(engine) as session:
            yield session, actor
