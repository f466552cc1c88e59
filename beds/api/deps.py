"""Who asks: the only place that turns a request into a session and an actor, and a change into an answer.

A token is looked up before anything else of a request is looked at, and once more inside the transaction of
a change: one that was revoked meanwhile changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final, TypeVar

from fastapi import Depends, Header, Request, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel
from sqlalchemy import Engine
from sqlmodel import Session

from beds.api.guard import BODY, USER
from beds.api.problems import IfMatchNeeded
from beds.database import reading, retrying
from beds.domain.clock import Clock
from beds.domain.records.columns import canonical_json
from beds.errors import BadInput, NotSignedIn
from beds.read_log import ReadLog, read_log_of
from beds.roles import Actor
from beds.services.freezing import Ground
from beds.services.idempotency import KeptAnswer, KeyedRequest, answer_before, keep_answer
from beds.services.live_ground import LiveGround
from beds.services.people import actor_of_token
from beds.services.policy import Policy

Answer = TypeVar("Answer")

MOST_TOKEN_CHARACTERS: Final = 200


@dataclass(frozen=True, slots=True)
class Turn:
    """One transaction: its session, who acts, and the instant, taken once the transaction has begun."""

    session: Session
    actor: Actor
    clock: Clock


@dataclass(frozen=True, slots=True)
class Changed:
    """What a change is answered with: opaque references only, for the answer may be kept and given again."""

    model: BaseModel
    status: int = 200
    version: int | None = None
    location: str | None = None


@dataclass(frozen=True, slots=True)
class Door:
    """One request of somebody who is signed in."""

    request: Request
    engine: Engine
    policy: Policy
    live_ground: LiveGround
    read_log: ReadLog
    now: Callable[[], datetime]
    token: str

    def reading(self, work: Callable[[Turn], Answer]) -> Answer:
        """Return what is read at one moment of the database; nothing is written."""
        with reading(self.engine) as session:
            return work(self._turn(session))

    def ground(self, turn: Turn) -> Ground:
        """Return the estate compiled at the instant of a reading, not older than what that sees."""
        return self.live_ground.ground(turn.session, turn.clock)

    def changing(self, work: Callable[[Turn], Changed], *, key: str | None = None) -> Response:
        """Return the answer to a change that is made whole or not at all; the same key, the same answer."""
        request = self._keyed(key)

        def change(session: Session) -> KeptAnswer:
            turn = self._turn(session)
            before = answer_before(session, turn.actor, request) if request else None
            if before is not None:
                return before
            answer = _kept(work(turn))
            if request:
                keep_answer(session, turn.actor, request, answer, clock=turn.clock)
            return answer

        return _given(retrying(self.engine, change))

    def answer_before(self, key: str | None) -> Response | None:
        """Return what this very request was answered before, None when it is new: for what takes long.

        Raises
        ------
        KeyReused
            The key was given to another request.
        """
        request = self._keyed(key)
        if request is None:
            return None
        answer = self.reading(lambda turn: answer_before(turn.session, turn.actor, request))
        return None if answer is None else _given(answer)

    def _turn(self, session: Session) -> Turn:
        clock = Clock(self.now())
        return Turn(session, actor_of_token(session, self.token, clock.as_at), clock)

    def _keyed(self, key: str | None) -> KeyedRequest | None:
        if key is None:
            return None
        body: bytes = self.request.scope["state"][BODY]
        seen = self.request.headers.get("If-Match", "")
        return KeyedRequest(key, self.request.method, self.request.url.path, seen, body)


def _kept(changed: Changed) -> KeptAnswer:
    headers: dict[str, str] = {}
    if changed.version is not None:
        headers["ETag"] = etag(changed.version)
    if changed.location is not None:
        headers["Location"] = changed.location
    return KeptAnswer(changed.status, changed.model.model_dump(mode="json"), headers)


def _given(answer: KeptAnswer) -> Response:
    return Response(
        canonical_json(answer.body),  # as it is kept: an answer given again is the same to the byte
        answer.status,
        headers=answer.headers,
        media_type="application/json",
    )


def shown(model: BaseModel, *, version: int | None = None) -> Response:
    """Return the answer to a reading, with the version of a record that can be changed."""
    headers = {} if version is None else {"ETag": etag(version)}
    return Response(model.model_dump_json(), headers=headers, media_type="application/json")


def etag(version: int) -> str:
    """Return the entity tag of a version.

    Examples
    --------
    >>> etag(3)
    '"3"'
    """
    return f'"{version}"'


_BEARER = HTTPBearer(
    auto_error=False,
    scheme_name="token",
    description="A token made with `beds user add`: shown once, kept as a keyed code, revocable, expiring.",
)


def the_door(
    request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)]
) -> Door:
    """Return the door of a request whose token is good.

    Raises
    ------
    NotSignedIn
        There is no token, or it is not known, has expired or was revoked.
    """
    token = credentials.credentials if credentials else ""
    if not token or len(token) > MOST_TOKEN_CHARACTERS or not token.isascii() or not token.isprintable():
        raise NotSignedIn("a token is needed: `Authorization: Bearer …`")
    state = request.app.state
    door = Door(
        request,
        state.engine,
        state.policy,
        state.live_ground,
        read_log_of(state.engine.dialect),
        state.now,
        token,
    )
    request.scope["state"][USER] = door.reading(lambda turn: turn.actor.user_id)
    return door


AtDoor = Annotated[Door, Depends(the_door)]

_KEY: Final = r"^[A-Za-z0-9_-]{8,64}$"
_ABOUT_KEY: Final = (
    "A name for this request, made up by the caller: 8 to 64 letters, digits, `-` or `_`, such as a UUID. "
    "The same request with the same key gets the same answer and changes nothing."
)
KeyNeeded = Annotated[
    str,
    Header(
        alias="Idempotency-Key", pattern=_KEY, description=_ABOUT_KEY, examples=["0d9f6f3e-7c1b-4c57-8a3e"]
    ),
]
KeyAccepted = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key", pattern=_KEY, description=_ABOUT_KEY, examples=["0d9f6f3e-7c1b-4c57-8a3e"]
    ),
]

_ETAG: Final = re.compile(r'"([0-9]{1,9})"', re.ASCII)


def version_seen(
    if_match: Annotated[
        str | None,
        Header(
            alias="If-Match",
            max_length=200,
            description="The `ETag` of the record as it was seen; a newer one is not overwritten.",
            examples=['"3"'],
        ),
    ] = None,
) -> int:
    """Return the version that the caller saw of the record it wants to change.

    Raises
    ------
    IfMatchNeeded
        It is not said.
    BadInput
        It is not one `ETag`: weak ones, lists and `*` would overwrite what was never seen.
    """
    if if_match is None:
        raise IfMatchNeeded("If-Match: the `ETag` of the record as it was seen is needed")
    found = _ETAG.fullmatch(if_match.strip())
    if found is None:
        raise BadInput('If-Match: one strong `ETag` is accepted, as it was given: `"3"`')
    return int(found[1])


Seen = Annotated[int, Depends(version_seen)]
