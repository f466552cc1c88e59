"""What was answered to a request that named a key: the same again gets the same answer and changes nothing.

Kept in the transaction of the change itself. Refusals are not kept: the same again may well succeed. Answers
hold opaque references only, and are forgotten after a week.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from pydantic import JsonValue
from sqlalchemy import delete, select
from sqlmodel import Session

from beds.domain.clock import Clock
from beds.domain.records import METADATA
from beds.domain.records.columns import keyring_of
from beds.errors import BadInput
from beds.roles import Actor

IDEMPOTENCY = METADATA.tables["idempotency"]
PURPOSE: Final = "idempotency"
KEPT_FOR: Final = timedelta(days=7)
"""Assumption: whoever lost an answer asks again within days, not weeks."""


class KeyReused(BadInput):
    """The key was given to another request before."""

    code = "key_reused"


@dataclass(frozen=True, slots=True)
class KeyedRequest:
    """A request that names a key, so that it can be told from another one with that key."""

    key: str
    method: str
    path: str
    version_seen: str
    body: bytes

    @property
    def text(self) -> str:
        """The request as one text: only a keyed code of it is kept."""
        return f"{self.method} {self.path} {self.version_seen}\n{self.body.hex()}"


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """An answer that can be given again: opaque references only."""

    status: int
    body: JsonValue
    headers: dict[str, str]


def answer_before(session: Session, actor: Actor, request: KeyedRequest) -> KeptAnswer | None:
    """Return what this actor was answered to this very request, None when it is new.

    Raises
    ------
    KeyReused
        The actor gave the key to another request.
    """
    row = session.execute(
        select(IDEMPOTENCY.c.fingerprint, IDEMPOTENCY.c.answer).where(
            IDEMPOTENCY.c.user_id == actor.user_id, IDEMPOTENCY.c.key == request.key
        )
    ).one_or_none()
    if row is None:
        return None
    if not keyring_of(session.get_bind().dialect).is_signed(PURPOSE, request.text, row.fingerprint):
        raise KeyReused("Idempotency-Key: a new key is accepted; this one was given to another request")
    return KeptAnswer(**row.answer)


def keep_answer(
    session: Session, actor: Actor, request: KeyedRequest, answer: KeptAnswer, *, clock: Clock
) -> None:
    """Keep what was answered, and forget what was answered more than a week ago."""
    _forget_before(session, clock.as_at - KEPT_FOR)
    session.execute(
        IDEMPOTENCY.insert().values(
            user_id=actor.user_id,
            key=request.key,
            fingerprint=keyring_of(session.get_bind().dialect).sign(PURPOSE, request.text),
            answer={"status": answer.status, "body": answer.body, "headers": answer.headers},
            at=clock.as_at,
        )
    )


def _forget_before(session: Session, instant: datetime) -> None:
    session.execute(delete(IDEMPOTENCY).where(IDEMPOTENCY.c.at < instant))
