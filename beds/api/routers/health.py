"""Whether the process answers, and whether its database can be used."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Request, Response

from beds.api.deps import shown
from beds.api.documents import problems
from beds.api.schemas.shapes import Answer
from beds.database import require_usable

router = APIRouter(tags=["health"])


class Health(Answer):
    """That all is well."""

    status: Literal["ok"] = "ok"


@router.get(
    "/healthz",
    response_model=Health,
    responses=problems(),
    summary="Whether the process answers",
    description="Looks at nothing else: a database that is gone is no reason to start the process again.",
    operation_id="read_health",
)
async def read_health() -> Response:
    """Say that the process answers."""
    return shown(Health())


@router.get(
    "/readyz",
    response_model=Health,
    responses=problems("database_unavailable", "busy"),
    summary="Whether the database can be used",
    description="503 while it is gone, busy, behind or damaged; 200 again by itself once it is not.",
    operation_id="read_readiness",
)
def read_readiness(request: Request) -> Response:
    """Say whether the database can be used now."""
    require_usable(request.app.state.engine)
    return shown(Health())
