"""Requests nobody thought of, made from the OpenAPI document: no 5xx, every answer as the document has it.

As a coordinator, whom most of it is open to, and as an analyst, whom nothing is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import one_of
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from beds.database import connect, upgrade
from tests.integration.api_client import ANALYST, ENGLAND, Api, an_api, both_nations, done
from tests.integration.conftest import settings_for

EXAMPLES: Final = 3
CHECKS: Final = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
NOT_TRIED: Final = ("POST /v1/rounds", "POST /v1/forecasts")
"""Each would start a solver; what they refuse is tested by hand."""


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    file = tmp_path_factory.mktemp("fuzzed") / "beds.db"
    found = settings_for(f"sqlite:///{file}")
    engine = connect(found, create=True)
    upgrade(engine)
    with an_api(found, engine, both_nations()) as made:
        yield made
    engine.dispose()


@pytest.fixture(scope="module")
def known(api: Api) -> Mapping[str, str]:
    """Give the identifier of one record of each kind: made-up ones alone would find nothing."""
    hold, stay = api.hold("E1", "US1-1"), api.placement("E2", "US1-2")
    run_id = done(api.post("/v1/rounds", {}), 201)["run_id"]
    proposals = done(api.get(f"/v1/rounds/{run_id}/proposals"))["proposals"]
    closure = {"bed_id": "BS1-8", "starts_on": "2026-03-03", "reason": "repair"}
    return {
        "referral_id": "E3",
        "unit_id": "US1-3",
        "site_id": "S1",
        "hold_id": hold["hold_id"],
        "placement_id": stay["placement_id"],
        "run_id": run_id,
        "scenario_id": "recovery_90",
        "name": "shortfall",
        "proposal_id": proposals[0]["proposal_id"],
        "closure_id": done(api.post("/v1/closures", closure), 201)["closure_id"],
    }


@pytest.mark.parametrize("who", [ENGLAND, ANALYST])
@pytest.mark.parametrize("mode", list(GenerationMode))
def test_requests_made_from_the_document_are_answered_as_it_says(
    api: Api, known: Mapping[str, str], who: str, mode: GenerationMode
) -> None:
    document = schemathesis.openapi.from_asgi("/openapi.json", api.app)
    headers = {"Authorization": f"Bearer {api.tokens[who]}"}
    tried = []

    for found in document.get_all_operations():
        operation = found.ok()
        something_to_get_wrong = [*operation.iter_parameters(), *operation.body]
        if operation.label not in NOT_TRIED and (something_to_get_wrong or mode is GenerationMode.POSITIVE):
            _try(operation, mode, headers, known)
            tried.append(operation.label)

    assert len(tried) >= 45


def _try(operation: Any, mode: GenerationMode, headers: Mapping[str, str], known: Mapping[str, str]) -> None:
    names = [parameter.name for parameter in operation.path_parameters]
    real = {name: known[name] for name in names}
    strategies = [operation.as_strategy(generation_mode=mode)]
    if mode is GenerationMode.POSITIVE and real:
        strategies.append(operation.as_strategy(generation_mode=mode, path_parameters=real))

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=one_of(strategies))
    def ask(case: Any) -> None:
        case.call_and_validate(headers=headers, checks=CHECKS)

    ask()
