"""What is refused, as RFC 9457 problem documents: one table of codes, one shape, no value of a request in it.

The only place where a refusal becomes an HTTP status. A detail is a sentence of ours; what a caller sent is
never repeated, because it may be about a person.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from fastapi.responses import JSONResponse
from pydantic import JsonValue

from beds.errors import (
    BedsError,
    DatabaseUnavailable,
    HardRuleBroken,
    NotSignedIn,
    PreferenceUnmet,
    ScenarioRejected,
)

PROBLEM_JSON: Final = "application/problem+json"
RETRY_AFTER_S: Final = 1
"""Somebody else's change takes milliseconds; a database that is gone comes back when it comes back."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of problem: its status, and its title, which is the same each time."""

    status: int
    title: str


KINDS: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        "malformed": Kind(400, "The request is not well formed"),
        "not_signed_in": Kind(401, "A valid token is needed"),
        "not_permitted": Kind(403, "This needs a permission"),
        "stays_inside": Kind(403, "What comes from real cases stays inside"),
        "not_found": Kind(404, "There is no such record"),
        "method_not_allowed": Kind(405, "This address does not take that method"),
        "not_allowed_now": Kind(409, "The step may not follow where things stand"),
        "bed_just_taken": Kind(409, "The bed has just been taken"),
        "hard_rule_broken": Kind(409, "A hard rule stands in the way"),
        "preference_unmet": Kind(409, "Preferences are not met, and no reason is given"),
        "record_refused": Kind(409, "The database refuses the change"),
        "anonymised": Kind(410, "The case was anonymised"),
        "changed_meanwhile": Kind(412, "The record was changed meanwhile"),
        "too_large": Kind(413, "The request is too large"),
        "bad_input": Kind(422, "The request cannot be used as it is"),
        "key_reused": Kind(422, "The idempotency key belongs to another request"),
        "if_match_needed": Kind(428, "Say which version was seen"),
        "too_many_requests": Kind(429, "Too many requests"),
        "defect": Kind(500, "A defect of this service"),
        "database_unavailable": Kind(503, "The database cannot be used now"),
        "busy": Kind(503, "Busy: the same again may well succeed"),
    }
)
"""Every code that an answer may carry."""


class Malformed(BedsError):
    """A request that cannot be read: not JSON, or a cursor that is not one of ours."""

    code = "malformed"


class IfMatchNeeded(BedsError):
    """A change of a record without the version that was seen."""

    code = "if_match_needed"


def problem(
    code: str,
    detail: str,
    *,
    headers: Mapping[str, str] | None = None,
    **more: JsonValue,
) -> JSONResponse:
    """Return the answer that says what is wrong, by its code."""
    kind = KINDS[code]
    body = {
        "type": f"urn:beds:problem:{code}",
        "title": kind.title,
        "status": kind.status,
        "detail": detail,
        "code": code,
        **more,
    }
    return JSONResponse(body, kind.status, headers=dict(headers or {}), media_type=PROBLEM_JSON)


def refusal(error: BedsError, **more: JsonValue) -> JSONResponse:
    """Return the answer to what a service refused."""
    if isinstance(error, HardRuleBroken):
        more["rules"] = list(error.rules)
    if isinstance(error, PreferenceUnmet):
        more["preferences"] = list(error.preferences)
    if isinstance(error, ScenarioRejected):
        more["errors"] = [
            # what it is, before the semicolon, was sent
            {"where": f"body.{fault.column}", "accepted": fault.message.rpartition("; ")[2]}
            for fault in error.faults
        ]
    headers: dict[str, str] = {}
    if isinstance(error, NotSignedIn):
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, DatabaseUnavailable):
        headers["Retry-After"] = str(RETRY_AFTER_S)
    return problem(_code_of(type(error)), str(error), headers=headers, **more)


def defect() -> JSONResponse:
    """Return the answer to what nobody foresaw: nothing of it is said."""
    return problem("defect", "nothing is known to have been changed; the fault is logged by its place")


def _code_of(kind: type[BedsError]) -> str:
    """Return the nearest code that has a status; a kind nobody gave one is bad input."""
    codes = (getattr(parent, "code", "") for parent in kind.__mro__)
    return next((code for code in codes if code in KINDS), "bad_input")


def input_faults(errors: Sequence[Mapping[str, Any]], known: frozenset[str]) -> list[JsonValue]:
    """Return what is wrong with a request: where, and what is accepted; never what was sent.

    Parameters
    ----------
    errors : what Pydantic found
    known : names of ours; whatever else is part of a place was made up by the caller, and is not repeated
    """
    return [
        {"where": ".".join(_place(error["loc"], known)), "accepted": _accepted(error)} for error in errors
    ]


def is_malformed(errors: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the body could not be read as JSON at all."""
    return any(error["type"] == "json_invalid" for error in errors)


def _place(location: Sequence[int | str], known: frozenset[str]) -> Iterator[str]:
    # The first part is ours: body, path, query or header. An index is a number, a name may be anything.
    for depth, part in enumerate(location):
        yield str(part) if depth == 0 or isinstance(part, int) or part in known else "…"


_OWN_WORDS: Final = {
    "extra_forbidden": "no such field is known here",
    "missing": "this is needed",
    "value_error": "this value is not accepted here",
    "json_invalid": "JSON is accepted",
}
_REPEATS_INPUT: Final = ("union_tag", "uuid", "url", "assertion", "custom", "decimal", "bytes")
"""Kinds of fault whose message may quote what was sent."""


def _accepted(error: Mapping[str, Any]) -> str:
    kind = str(error["type"])
    if kind == "value_error" and isinstance(error.get("ctx", {}).get("error"), ValueError):
        return str(error["ctx"]["error"])  # raised by the schemas, in words of ours
    if kind.startswith(_REPEATS_INPUT):
        return _OWN_WORDS["value_error"]
    return _OWN_WORDS.get(kind, str(error["msg"]))
