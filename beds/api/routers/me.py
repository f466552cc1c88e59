"""Who a token belongs to, and what it may do."""

from __future__ import annotations

from fastapi import APIRouter, Response
from pydantic import ConfigDict, Field

from beds.api.deps import AtDoor, shown
from beds.api.documents import SIGNED_IN, problems
from beds.api.schemas.shapes import Answer
from beds.domain.terms import Nation
from beds.roles import Permission

router = APIRouter(prefix="/v1/me", tags=["me"])


class Me(Answer):
    """Who acts: an opaque reference, and what it may do; no name."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "user_id": "user-0a1b2c3d4e",
                "permissions": ["claim_beds", "see_cases"],
                "nations": ["England"],
                "provider_id": None,
            }
        }
    )

    user_id: str
    permissions: list[Permission]
    nations: list[Nation] = Field(description="Whose cases are seen.")
    provider_id: str | None = Field(description="Whose sites are seen; null: all.")


@router.get(
    "",
    response_model=Me,
    responses=problems(*SIGNED_IN),
    summary="Who this token belongs to",
    description="The opaque reference of the person, their permissions and their reach.",
    operation_id="read_me",
)
def read_me(door: AtDoor) -> Response:
    """Return who acts."""
    actor = door.reading(lambda turn: turn.actor)
    return shown(
        Me(
            user_id=actor.user_id,
            permissions=sorted(actor.permissions),
            nations=sorted(actor.nations),
            provider_id=actor.provider_id,
        )
    )
