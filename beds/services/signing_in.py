"""Who acts, by what a visit has shown: a token, a provider of identities, or in a demonstration a role.

It is asked anew in every transaction: a token or a person that was revoked meanwhile changes nothing more.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from beds.errors import NotSignedIn
from beds.roles import Actor, Role
from beds.services.desk import Desk, Turn
from beds.services.people import actor_in_demonstration, actor_of_token, actor_of_user, own_view

if TYPE_CHECKING:
    from sqlmodel import Session


@dataclass(frozen=True, slots=True)
class Shown:
    """What a visit has shown of who it is; the first that there is counts.

    `role` is for demonstrations only; `user_id` is a person of whom a provider of identities has made sure.
    """

    role: str | None = None
    token: str | None = None
    user_id: str | None = None

    def __repr__(self) -> str:
        """Return nothing of it: a token is a secret."""
        return "Shown(…)"


@dataclass(frozen=True, slots=True)
class Known:
    """Who acts, as pages greet them: `name` is empty for who is on no record."""

    actor: Actor
    role: Role | None
    name: str


def turn_of(here: Desk, session: Session, shown: Shown) -> Turn:
    """Return a transaction that has begun, with who acts in it.

    Raises
    ------
    NotSignedIn
        Nothing was shown, or it is not good any more.
    NotPermitted
        A role was shown to a live database.
    """
    return here.turn(session, _actor(here, session, shown))


def known_visitor(here: Desk, session: Session, shown: Shown) -> Known:
    """Return who acts, with their role and name.

    Raises
    ------
    NotSignedIn, NotPermitted
        As for `turn_of`.
    """
    actor = _actor(here, session, shown)
    view = own_view(session, actor)
    if view is not None:
        return Known(actor, view.role, view.name)
    return Known(actor, None if shown.role is None else Role(shown.role), "")


def _actor(here: Desk, session: Session, shown: Shown) -> Actor:
    if shown.role is not None:
        return actor_in_demonstration(session, shown.role)
    if shown.token is not None:
        return actor_of_token(session, shown.token, here.now())
    if shown.user_id is not None:
        return actor_of_user(session, shown.user_id)
    raise NotSignedIn("sign in first")
