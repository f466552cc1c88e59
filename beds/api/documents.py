"""What the OpenAPI document says of answers: every problem with an example, beside what goes well."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel, ConfigDict, Field

from beds.api.problems import KINDS, PROBLEM_JSON

VERSION: Final = "1"
ALWAYS: Final = ("malformed", "too_large", "too_many_requests", "defect")
SIGNED_IN: Final = ("not_signed_in", "not_permitted", "bad_input", "database_unavailable", "busy")
ABOUT_ONE: Final = ("not_found",)
A_CHANGE: Final = ("not_allowed_now", "record_refused")
A_CLAIM: Final = (*A_CHANGE, "bed_just_taken", "hard_rule_broken", "preference_unmet")
OF_A_VERSION: Final = ("changed_meanwhile", "if_match_needed")
KEYED: Final = ("key_reused",)

_EXAMPLES: Final[Mapping[str, Mapping[str, object]]] = {
    "hard_rule_broken": {"rules": ["gender"]},
    "preference_unmet": {"preferences": ["language"]},
    "bed_just_taken": {
        "next_best": [
            {
                "site_id": "site-4",
                "unit_id": "unit-41",
                "starts_on": "2026-03-03",
                "expected_end_on": "2026-04-02",
                "mismatch": {"region": 20},
                "points": 20,
            }
        ]
    },
    "bad_input": {"errors": [{"where": "body.unit_id", "accepted": "this is needed"}]},
}


class FaultOfInput(BaseModel):
    """One thing wrong with a request: where, and what is accepted. What was sent is never repeated."""

    where: str = Field(examples=["body.unit_id"])
    accepted: str = Field(examples=["this is needed"])


class ProblemDocument(BaseModel):
    """A problem as RFC 9457 has it, with a stable `code`."""

    model_config = ConfigDict(
        json_schema_extra={
            "required": ["type", "title", "status", "detail", "code"],
            "example": {
                "type": "urn:beds:problem:not_found",
                "title": KINDS["not_found"].title,
                "status": 404,
                "detail": "there is no such referral",
                "code": "not_found",
            },
        }
    )

    type: str = Field(description="`urn:beds:problem:` and the code.")
    title: str = Field(description="What kind of problem it is; the same each time.")
    status: int = Field(description="The HTTP status.")
    detail: str = Field(description="What is wrong here, and what is accepted.")
    code: str = Field(description="The stable code of this kind of problem.")
    rules: list[str] = Field(default=[], description="The hard rules that stand in the way.")
    preferences: list[str] = Field(default=[], description="The preferences that are not met.")
    next_best: list[dict[str, Any]] = Field(default=[], description="Up to three other units for her.")
    errors: list[FaultOfInput] = Field(default=[], description="What is wrong with the request, and where.")


def problems(*codes: str) -> dict[int | str, dict[str, Any]]:
    """Return what the document says of an endpoint's problems: one answer a status, an example a code."""
    by_status: dict[int | str, dict[str, Any]] = {}
    for code in dict.fromkeys((*ALWAYS, *codes)):
        status, title = KINDS[code].status, KINDS[code].title
        answer = by_status.setdefault(
            status,
            {
                "description": title,
                "content": {
                    PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/ProblemDocument"}, "examples": {}}
                },
            },
        )
        answer["content"][PROBLEM_JSON]["examples"][code] = {"summary": title, "value": _example(code)}
        if status in (429, 503):
            answer["headers"] = {"Retry-After": {"description": "Seconds.", "schema": {"type": "string"}}}
        if status == 401:
            answer["headers"] = {"WWW-Authenticate": {"schema": {"type": "string"}}}
    return by_status


def _example(code: str) -> dict[str, object]:
    kind = KINDS[code]
    return {
        "type": f"urn:beds:problem:{code}",
        "title": kind.title,
        "status": kind.status,
        "detail": "a sentence about this one",
        "code": code,
        **_EXAMPLES.get(code, {}),
    }


def describe(app: FastAPI) -> None:
    """Let an application describe itself in full, once."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _complete(
                get_openapi(
                    title=app.title,
                    version=app.version,
                    summary=app.summary,
                    description=app.description,
                    routes=app.routes,
                    tags=app.openapi_tags,
                )
            )
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]  # as FastAPI's own documentation extends it


def _complete(document: dict[str, Any]) -> dict[str, Any]:
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    shape = ProblemDocument.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(shape.pop("$defs", {}))
    schemas["ProblemDocument"] = shape
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    for path in document["paths"].values():
        for operation in path.values():
            for parameter in operation.get("parameters", []):
                if parameter["name"] == "If-Match":
                    parameter["required"] = True  # without it the answer is 428, and not 422
    return document
