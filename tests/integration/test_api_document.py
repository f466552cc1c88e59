"""The OpenAPI document: complete, with examples, and true."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from beds.api.app import create_app
from beds.api.problems import KINDS, PROBLEM_JSON
from beds.database import connect
from tests.integration.conftest import settings_for


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    settings = settings_for("sqlite://")
    engine = connect(settings)
    found = create_app(settings, engine).openapi()
    engine.dispose()
    return found


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def test_every_endpoint_says_what_it_does_in_words(document: dict[str, Any]) -> None:
    lacking = [
        name
        for name, operation in operations(document)
        if not (operation.get("summary") and operation.get("description") and operation.get("operationId"))
    ]

    assert lacking == []


def test_every_endpoint_states_its_problems_with_an_example_of_each_code(document: dict[str, Any]) -> None:
    for name, operation in operations(document):
        problems = {status: answer for status, answer in operation["responses"].items() if int(status) >= 400}
        assert {"400", "413", "429", "500"} <= set(problems), name
        for status, answer in problems.items():
            assert list(answer["content"]) == [PROBLEM_JSON], name
            examples = answer["content"][PROBLEM_JSON]["examples"]
            assert {str(KINDS[code].status) for code in examples} == {status}, name
            assert all(example["value"]["code"] == code for code, example in examples.items())


def test_all_but_the_health_of_the_service_needs_a_token(document: dict[str, Any]) -> None:
    open_to_all = [name for name, operation in operations(document) if not operation.get("security")]

    assert sorted(open_to_all) == ["GET /healthz", "GET /readyz"]
    assert document["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    for name, operation in operations(document):
        if name not in open_to_all:
            assert {"401", "403", "422", "503"} <= set(operation["responses"]), name


def test_every_change_of_a_record_needs_a_version_and_says_what_becomes_of_a_wrong_one(
    document: dict[str, Any],
) -> None:
    needing = {
        name: operation
        for name, operation in operations(document)
        if any(parameter["name"] == "If-Match" for parameter in operation.get("parameters", []))
    }

    assert len(needing) >= 15
    for name, operation in needing.items():
        header = next(p for p in operation["parameters"] if p["name"] == "If-Match")
        assert header["required"], name
        assert {"412", "428"} <= set(operation["responses"]), name


def test_every_change_takes_a_key_and_those_that_claim_a_bed_need_one(document: dict[str, Any]) -> None:
    needed = set()
    for name, operation in operations(document):
        keys = [p for p in operation.get("parameters", []) if p["name"] == "Idempotency-Key"]
        assert bool(keys) == (not name.startswith("GET")), name
        needed |= {name for key in keys if key["required"]}

    assert needed == {
        "POST /v1/holds",
        "POST /v1/placements/{hold_id}",
        "POST /v1/placements/{placement_id}/transfer",
        "POST /v1/rounds/{run_id}/proposals/{proposal_id}/accept",
        "POST /v1/rounds/{run_id}/accept-all",
    }


def test_every_body_and_every_answer_that_goes_well_has_an_example(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    for name, operation in operations(document):
        for holder in _contents(operation):
            schema = schemas[holder["schema"]["$ref"].rpartition("/")[2]]
            if name not in ("GET /healthz", "GET /readyz") and not schema["title"].startswith("PageOf"):
                assert schema.get("example") or schema.get("examples"), f"{name}: {schema['title']}"


def _contents(operation: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if "requestBody" in operation:
        yield operation["requestBody"]["content"]["application/json"]
    for status, answer in operation["responses"].items():
        if int(status) < 300:
            yield answer["content"]["application/json"]


def test_every_body_is_closed_and_bounded(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    bodies = [name for name in schemas if name.endswith("Body") or name == "ChangedNeeds"]

    assert len(bodies) >= 15
    for name in bodies:
        assert schemas[name]["additionalProperties"] is False, name
        for field, schema in schemas[name].get("properties", {}).items():
            assert list(_unbounded(schema)) == [], f"{name}.{field}"


def _unbounded(schema: dict[str, Any]) -> Iterator[str]:
    kind = schema.get("type")
    if kind == "string" and not {"maxLength", "pattern", "format", "enum", "const"} & set(schema):
        yield "text"
    if kind == "array" and "maxItems" not in schema:
        yield "list"
    for part in (*schema.get("anyOf", []), *([schema["items"]] if "items" in schema else [])):
        yield from _unbounded(part)


def test_every_noun_that_was_agreed_is_there(document: dict[str, Any]) -> None:
    agreed = """referrals referrals/{}/options units/{}/candidates holds placements rounds
        rounds/{}/proposals/{}/accept sites closures occupancy forecasts scenarios exports/{} audit"""
    known = {re.sub(r"{\w+}", "{}", path) for path in document["paths"]}

    assert {f"/v1/{noun}" for noun in agreed.split()} - known <= {"/v1/placements"}
    assert {"/healthz", "/readyz"} <= known


def test_the_schema_of_a_refused_request_is_ours_and_not_the_frameworks(document: dict[str, Any]) -> None:
    assert "HTTPValidationError" not in str(document)
