"""Who uses the service: people, and the tokens by which they are known.

A token is 256 random bits, shown once; what is kept is a keyed digest, which is fast to look up and cannot be
made backwards or without the key. A slow hash is for passwords that people choose; there are none here.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, func, select
from sqlmodel import Session

from beds.audit import record
from beds.domain.clock import Clock
from beds.domain.records import METADATA
from beds.domain.records.columns import keyring_of
from beds.domain.terms import Nation, Role
from beds.errors import BadInput, NotAllowedNow, NotFound, NotPermitted, NotSignedIn
from beds.importing.forms import NAME
from beds.roles import Actor, Permission, actor_of, require

USER, TOKEN, PROVIDER = (METADATA.tables[name] for name in ("service_user", "service_token", "provider"))
MARK = METADATA.tables["database_mark"]
_ACTING = select(USER.c.user_id, USER.c.role, USER.c.nations, USER.c.provider_id)

PURPOSE = "service token"
PREFIX = "beds_"
TOKEN_BYTES = 32
MOST_TOKEN_CHARACTERS = 100
MOST_DAYS = 3_650
NOT_KNOWN = "the token is not known, has expired or was revoked: ask for a new one"


@dataclass(frozen=True, slots=True)
class UserView:
    """A person who uses the service, as those who manage people see them; never a token.

    `token_expires_at` is when the last of the tokens that are good runs out; None where none is.
    """

    user_id: str
    name: str
    role: Role
    nations: frozenset[Nation]
    provider_id: str | None
    created_at: datetime
    revoked_at: datetime | None
    token_expires_at: datetime | None


def add_user(  # noqa: PLR0913 one argument an answer that is needed about a person
    session: Session,
    actor: Actor,
    *,
    name: str,
    role: str,
    clock: Clock,
    days: int,
    nations: Sequence[str] = (),
    provider_id: str | None = None,
) -> tuple[UserView, str]:
    """Return a new person and the text of their first token, which is shown this once.

    Parameters
    ----------
    nations : of a coordinator only: whose cases they see; all four where none is named
    provider_id : of somebody at a provider only, who needs one
    days : for how long the token is good

    Raises
    ------
    NotPermitted
        The actor may not manage people.
    BadInput
        Something is not accepted; the message says what is.
    """
    require(actor, Permission.MANAGE_PEOPLE)
    known_role, expires_at = _role(role), _expiry(clock, days)
    user_id = f"user-{secrets.token_hex(5)}"
    session.execute(
        USER.insert().values(
            user_id=user_id,
            name=_name(name),
            role=known_role,
            nations=_nations(known_role, nations),
            provider_id=_provider(session, known_role, provider_id),
            created_at=clock.as_at,
        )
    )
    record(session, actor.user_id, "user_added", user_id, {"role": known_role}, at=clock.as_at)
    text = _issue(session, actor, user_id, clock, expires_at)
    return _user_view(_user(session, user_id), expires_at), text


def issue_token(session: Session, actor: Actor, user_id: str, *, clock: Clock, days: int) -> str:
    """Return the text of a further token of a person, which is shown this once.

    Raises
    ------
    NotPermitted
        The actor may not manage people.
    NotFound
        There is no such person.
    NotAllowedNow
        The person was revoked.
    BadInput
        `days` is not accepted.
    """
    require(actor, Permission.MANAGE_PEOPLE)
    if _user(session, user_id).revoked_at is not None:
        raise NotAllowedNow("this person was revoked: add them again")
    return _issue(session, actor, user_id, clock, _expiry(clock, days))


def revoke_user(session: Session, actor: Actor, user_id: str, *, clock: Clock) -> UserView:
    """Revoke a person and all their tokens, and return the person; again, it changes nothing.

    Raises
    ------
    NotPermitted
        The actor may not manage people.
    NotFound
        There is no such person.
    """
    require(actor, Permission.MANAGE_PEOPLE)
    if _user(session, user_id).revoked_at is None:
        session.execute(USER.update().where(USER.c.user_id == user_id).values(revoked_at=clock.as_at))
        ended = session.connection().execute(
            TOKEN.update()
            .where(TOKEN.c.user_id == user_id, TOKEN.c.revoked_at.is_(None))
            .values(revoked_at=clock.as_at)
        )
        detail = {"tokens": ended.rowcount}
        record(session, actor.user_id, "user_revoked", user_id, detail, at=clock.as_at)
    return _user_view(_user(session, user_id), None)


def list_users(session: Session, actor: Actor, *, clock: Clock) -> tuple[UserView, ...]:
    """Return everybody who uses or used the service, in the order in which they were added.

    Raises
    ------
    NotPermitted
        The actor may not manage people.
    """
    require(actor, Permission.MANAGE_PEOPLE)
    good = session.execute(
        select(TOKEN.c.user_id, func.max(TOKEN.c.expires_at).label("until"))
        .where(TOKEN.c.revoked_at.is_(None), TOKEN.c.expires_at > clock.as_at)
        .group_by(TOKEN.c.user_id)
    )
    good_until = {row.user_id: row.until for row in good}
    rows = session.execute(select(USER).order_by(USER.c.created_at, USER.c.user_id))
    return tuple(_user_view(row, good_until.get(row.user_id)) for row in rows)


def actor_of_token(session: Session, token: str, now: datetime) -> Actor:
    """Return who acts with a token.

    It is looked up under every audit key in use, so that a rotation of keys signs nobody out.

    Raises
    ------
    NotSignedIn
        The token is not known, has expired or was revoked: which of these is not said.
    """
    if not token.startswith(PREFIX) or len(token) > MOST_TOKEN_CHARACTERS:
        raise NotSignedIn(NOT_KNOWN)
    digests = keyring_of(session.get_bind().dialect).signatures(PURPOSE, token)
    row = session.execute(
        _ACTING.join(TOKEN).where(
            TOKEN.c.digest.in_(digests),
            TOKEN.c.expires_at > now,
            TOKEN.c.revoked_at.is_(None),
            USER.c.revoked_at.is_(None),
        )
    ).one_or_none()
    if row is None:
        raise NotSignedIn(NOT_KNOWN)
    return _actor(row)


def actor_of_user(session: Session, user_id: str) -> Actor:
    """Return who acts, where somebody else has made sure of it: a provider of identities.

    Raises
    ------
    NotSignedIn
        There is no such person, or they were revoked: which of these is not said.
    """
    row = session.execute(_ACTING.where(USER.c.user_id == user_id, USER.c.revoked_at.is_(None))).one_or_none()
    if row is None:
        raise NotSignedIn("nobody here is on record under this sign-in: ask whoever manages people")
    return _actor(row)


def own_view(session: Session, actor: Actor) -> UserView | None:
    """Return how people see themselves: their name and role; None for who is on no record."""
    row = session.execute(select(USER).where(USER.c.user_id == actor.user_id)).one_or_none()
    return None if row is None else _user_view(row, None)


def actor_in_demonstration(session: Session, name: str) -> Actor:
    """Return who acts in a demonstration, where nobody is real: a role, or a person by reference.

    A coordinator sees all nations, somebody at a provider the sites of the first provider on record.

    Raises
    ------
    NotPermitted
        The database is a live one.
    NotSignedIn
        There is no such role and no such person.
    """
    if session.scalar(select(MARK.c.value).where(MARK.c.name == "kind")) != "demo":
        raise NotPermitted("to act in a role without a token is for demonstrations")
    if name in list(Role):
        role = Role(name)
        provider = session.scalar(select(func.min(PROVIDER.c.provider_id)))
        return actor_of(
            f"demonstration {role}",
            role,
            nations=Nation if role is Role.COORDINATOR else (),
            provider_id=(provider or "") if role is Role.PROVIDER else None,
        )
    row = session.execute(_ACTING.where(USER.c.user_id == name, USER.c.revoked_at.is_(None))).one_or_none()
    if row is None:
        raise NotSignedIn(
            f"BEDS_AS_USER: one of {', '.join(Role)}, or the reference of a person, is accepted"
        )
    return _actor(row)


def has_users(session: Session) -> bool:
    """Return whether anybody is on record, revoked or not: whether set-up is over."""
    return session.execute(select(USER.c.user_id).limit(1)).first() is not None


def _issue(session: Session, actor: Actor, user_id: str, clock: Clock, expires_at: datetime) -> str:
    text = PREFIX + secrets.token_urlsafe(TOKEN_BYTES)
    token_id = f"tok-{secrets.token_hex(5)}"
    session.execute(
        TOKEN.insert().values(
            token_id=token_id,
            user_id=user_id,
            digest=keyring_of(session.get_bind().dialect).sign(PURPOSE, text),
            issued_at=clock.as_at,
            expires_at=expires_at,
        )
    )
    detail = {"token": token_id, "expires_at": expires_at.isoformat()}
    record(session, actor.user_id, "token_issued", user_id, detail, at=clock.as_at)
    return text


def _user(session: Session, user_id: str) -> Row[Any]:
    row = session.execute(select(USER).where(USER.c.user_id == user_id)).one_or_none()
    if row is None:
        raise NotFound("there is no such person")
    return row


def _actor(row: Row[Any]) -> Actor:
    return actor_of(
        row.user_id, Role(row.role), nations=map(Nation, row.nations), provider_id=row.provider_id
    )


def _user_view(row: Row[Any], token_expires_at: datetime | None) -> UserView:
    return UserView(
        user_id=row.user_id,
        name=row.name,
        role=Role(row.role),
        nations=frozenset(map(Nation, row.nations)),
        provider_id=row.provider_id,
        created_at=row.created_at,
        revoked_at=row.revoked_at,
        token_expires_at=token_expires_at,
    )


def _role(word: str) -> Role:
    if word not in list(Role):
        raise BadInput(f"role: one of {', '.join(Role)} is accepted")
    return Role(word)


def _name(text: str) -> str:
    try:
        return str(NAME.parse(text.strip()))
    except (ValueError, IndexError):
        raise BadInput(f"name: {NAME.accepted} is accepted") from None


def _nations(role: Role, nations: Sequence[str]) -> frozenset[Nation]:
    if role is not Role.COORDINATOR:
        if nations:
            raise BadInput("nations: only a coordinator has any; leave them out")
        return frozenset()
    if not set(nations) <= set(Nation):
        raise BadInput(f"nations: each of {', '.join(Nation)} is accepted")
    return frozenset(map(Nation, nations)) or frozenset(Nation)


def _provider(session: Session, role: Role, provider_id: str | None) -> str | None:
    if role is not Role.PROVIDER:
        if provider_id is not None:
            raise BadInput("provider_id: only somebody at a provider has one; leave it out")
        return None
    known = select(PROVIDER.c.provider_id).where(PROVIDER.c.provider_id == provider_id)
    if provider_id is None or session.execute(known).first() is None:
        raise BadInput("provider_id: the identifier of a provider on record is needed for this role")
    return provider_id


def _expiry(clock: Clock, days: int) -> datetime:
    if not 1 <= days <= MOST_DAYS:
        raise BadInput(f"days: a whole number from 1 to {MOST_DAYS:,} is accepted")
    return clock.as_at + timedelta(days=days)
