"""What stands before every endpoint: sizes and rates, headers, one line in the log, and no defect let out.

Pure ASGI. The log holds methods, route templates, statuses, times and opaque references of people; no query,
no value of a path, no text of an exception.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
import time
import traceback
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from beds.api.problems import defect, problem

ACCESS = logging.getLogger("beds.api.access")
DEFECTS = logging.getLogger("beds.api.defects")

HEADERS: Final[Mapping[str, str]] = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}
"""On every answer: what is about a survivor stays in no cache, no frame and no referrer."""

STATE: Final = "state"
BODY: Final = "body"
USER: Final = "user_id"
MOST_REMEMBERED: Final = 10_000


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a caller may send, and how often."""

    body_bytes: int = 64 * 1024
    requests_per_s: float = 100.0
    burst: int = 200


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


@dataclass(slots=True)
class Buckets:
    """A bucket of requests for each caller, the longest unseen forgotten first."""

    limits: Limits
    clock: Callable[[], float] = time.monotonic
    _buckets: OrderedDict[str, _Bucket] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def take(self, caller: str) -> bool:
        """Whether this caller may ask once more now."""
        now = self.clock()
        with self._lock:
            bucket = self._buckets.setdefault(caller, _Bucket(self.limits.burst, now))
            self._buckets.move_to_end(caller)
            if len(self._buckets) > MOST_REMEMBERED:
                self._buckets.popitem(last=False)
            gained = (now - bucket.at) * self.limits.requests_per_s
            bucket.tokens, bucket.at = min(self.limits.burst, bucket.tokens + gained), now
            if bucket.tokens < 1:
                return False
            bucket.tokens -= 1
            return True


class Guard:
    """Stands before the application, and sees to it that every answer is one of ours."""

    def __init__(self, app: ASGIApp, limits: Limits) -> None:
        """Guard an application within limits."""
        self.app = app
        self.limits = limits
        self.buckets = Buckets(limits)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it here."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        scope[STATE] = dict(scope.get(STATE) or {})
        request_id = secrets.token_hex(8)
        status = 0

        async def send_guarded(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers.update(HEADERS)
                headers["X-Request-Id"] = request_id
            await send(message)

        try:
            await self._answer(scope, receive, send_guarded)
        except ClientDisconnect:
            pass  # the caller has gone: half a body is no body, and there is nobody to answer
        except Exception as error:  # noqa: BLE001 the one place that may: logged by its place, never its text
            DEFECTS.error("request %s: %s", request_id, place_of(error))
            if not status:
                await defect()(scope, receive, send_guarded)
        finally:
            _log(scope, request_id, status, time.perf_counter() - started)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        if not self.buckets.take(_caller(scope, headers)):
            await _too_many()(scope, receive, send)
            return
        body = await _body(receive, headers, self.limits.body_bytes)
        if body is None:
            await _too_large(self.limits.body_bytes)(scope, receive, send)
            return
        scope[STATE][BODY] = body
        await self.app(scope, _again(body, receive), send)


def place_of(error: BaseException) -> str:
    """Return where a defect showed itself, and not what it says, which may be about a person."""
    frames = traceback.extract_tb(error.__traceback__)
    place = frames[-1] if frames else None
    where = f"{place.name}, line {place.lineno} of {Path(place.filename).name}" if place else "no place"
    return f"{type(error).__name__} in {where}"


def _caller(scope: Scope, headers: Headers) -> str:
    token = headers.get("authorization")
    if token:
        return hashlib.sha256(token.encode()).hexdigest()
    client = scope.get("client")
    return f"address {client[0]}" if client else "nobody"


async def _body(receive: Receive, headers: Headers, most: int) -> bytes | None:
    """Return the whole body, or None when it is too large: it is then not read to its end."""
    stated = headers.get("content-length", "")
    if stated.isdecimal() and int(stated) > most:
        return None
    if not stated and "transfer-encoding" not in headers:
        return b""
    parts, size, more = [], 0, True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            raise ClientDisconnect
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        more = message.get("more_body", False)
        if size > most:
            return None
    return b"".join(parts)


def _again(body: bytes, receive: Receive) -> Receive:
    """Return a way to read a body that was read already, once; then whatever follows it."""
    given = False

    async def receive_again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive_again


def _too_many() -> Response:
    return problem(
        "too_many_requests",
        "more requests than one caller may make; wait a moment",
        headers={"Retry-After": "1"},
    )


def _too_large(most: int) -> Response:
    # What is left of the body is not read: the connection ends with the answer.
    return problem(
        "too_large", f"a body of up to {most // 1024} KiB is accepted", headers={"Connection": "close"}
    )


def _log(scope: Scope, request_id: str, status: int, seconds: float) -> None:
    route = getattr(scope.get("route"), "path", None) or "no such route"
    ACCESS.info(
        "%s %s %s %d %.1f ms %s",
        request_id,
        scope["method"] if scope["method"] in METHODS else "-",
        route,
        status,
        seconds * 1_000,
        scope[STATE].get(USER, "-"),
    )


METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"})
"""Anything else in place of a method is the caller's own text, and stays out of the log."""
