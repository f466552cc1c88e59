"""The application: its routers, what stands before them, and what becomes of a refusal, once."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final

from anyio.to_thread import current_default_thread_limiter
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.telemetry import TelemetryConfig
from sqlalchemy import Engine
from starlette.exceptions import HTTPException
from starlette.routing import compile_path

from beds.api.documents import VERSION, describe
from beds.api.guard import Guard, Limits
from beds.api.problems import input_faults, is_malformed, problem, refusal
from beds.api.routers import ROUTERS
from beds.database import connect
from beds.errors import BedsError
from beds.read_log import read_log_of
from beds.services.desk import Desk
from beds.services.elsewhere import Forecaster
from beds.services.live_ground import LiveGround
from beds.services.policy import policy_of
from beds.services.solving import Solver
from beds.settings import Settings

ABOUT: Final = """Beds for survivors of trafficking in England and Scotland. It advises, people decide.

Every answer that is not the one asked for is a problem document (RFC 9457) with a stable `code`. A change of
an existing record says in `If-Match` which version was seen. Every POST takes an `Idempotency-Key`; those
that claim a bed need one. Lists come in pages: `next` is the `cursor` of the page after.
"""
NO_TELEMETRY: Final[TelemetryConfig] = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "operation_spans": False,
    "auto_configure": False,
}
"""FastAPI would hand exceptions and refused input, values and all, to whatever collector the machine has."""

MOST_AT_ONCE: Final = 16
"""Requests that are worked on at once; the others wait in line. Measured with 50 clients: 40 threads of one
interpreter were in each other's way, and a claim took three times as long."""


def utc_now() -> datetime:
    """Return the instant."""
    return datetime.now(UTC)


def create_app(
    settings: Settings,
    engine: Engine | None = None,
    *,
    desk: Desk | None = None,
    now: Callable[[], datetime] = utc_now,
    limits: Limits | None = None,
) -> FastAPI:
    """Return the application on the database of the settings.

    Parameters
    ----------
    engine : an engine to use instead of the settings' own, which is then not closed here
    desk : what this process holds of the database already, and shares; it tells the time too
    now : what says the time, so that tests can set it

    Raises
    ------
    BadInput
        A setting is not accepted.
    DatabaseUnavailable
        There is no such database file.
    """
    if desk is not None:
        engine, now = desk.engine, desk.now
    own = connect(settings) if engine is None else engine
    solver, forecaster = (Solver(), Forecaster()) if desk is None else (desk.solver, desk.forecaster)
    policy, live_ground = (
        (policy_of(settings), LiveGround()) if desk is None else (desk.policy, desk.live_ground)
    )

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        current_default_thread_limiter().total_tokens = MOST_AT_ONCE
        yield
        solver.stop()
        forecaster.stop()
        read_log_of(own.dialect).close()  # what was read is sealed
        if engine is None:
            own.dispose()

    app = FastAPI(
        title="beds",
        summary="Matches survivors of trafficking to scarce specialist beds, and explains every answer.",
        description=ABOUT,
        version=VERSION,
        docs_url=None,  # its pages load scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,  # a redirect would repeat the address in a header
        telemetry=NO_TELEMETRY,
        lifespan=lifespan,
    )
    app.state.engine, app.state.now = own, now
    app.state.solver, app.state.forecaster = solver, forecaster
    app.state.policy, app.state.live_ground = policy, live_ground
    return _furnished(app, limits or Limits())


def _furnished(app: FastAPI, limits: Limits) -> FastAPI:
    """Return the application with its routers, its document, its refusals and its guard."""
    for router in ROUTERS:
        app.include_router(router)
    describe(app)
    _refuse_in_words(app)
    app.add_middleware(Guard, limits=limits)
    return app


def _refuse_in_words(app: FastAPI) -> None:
    """Turn every refusal into a problem document."""

    @cache  # the document takes a while: it is made when it is first needed
    def known() -> frozenset[str]:
        return _names(app.openapi())

    @cache
    def allowed() -> list[tuple[re.Pattern[str], set[str]]]:
        return [(compile_path(path)[0], methods) for path, methods in _methods(app.openapi()).items()]

    @app.exception_handler(BedsError)
    async def _refused(_: Request, error: BedsError) -> Response:
        return refusal(error)

    @app.exception_handler(RequestValidationError)
    async def _not_valid(_: Request, error: RequestValidationError) -> Response:
        errors = error.errors()
        if is_malformed(errors):
            return problem("malformed", "the body cannot be read: JSON in UTF-8 is accepted")
        faults = input_faults(errors, known())
        return problem("bad_input", "something in the request is not accepted: see errors", errors=faults)

    @app.exception_handler(HTTPException)
    async def _not_routed(request: Request, error: HTTPException) -> Response:
        if error.status_code == 405:
            found = (methods for pattern, methods in allowed() if pattern.match(request.url.path))
            allow = ", ".join(sorted(set().union(*found)))
            return problem("method_not_allowed", "see the header Allow", headers={"Allow": allow})
        if error.status_code == 404:
            return problem("not_found", "there is nothing at this address: see /openapi.json")
        return problem("malformed", "the request cannot be read")


def _methods(document: dict[str, Any]) -> dict[str, set[str]]:
    return {path: {method.upper() for method in operations} for path, operations in document["paths"].items()}


def _names(document: dict[str, Any]) -> frozenset[str]:
    """Return every name that a request may have in it by the document: these alone may be repeated."""
    names: set[str] = set()
    for schema in document["components"]["schemas"].values():
        names |= set(schema.get("properties", {}))
    for operations in document["paths"].values():
        for operation in operations.values():
            names |= {parameter["name"] for parameter in operation.get("parameters", [])}
    return frozenset(names)
