"""Nothing personal comes out where it should not: not in an answer, not in a problem, not in a log, not kept.

Markers stand for names, notes, addresses and whatever else somebody may write where it does not belong.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, text

from beds.database import connect, reading, writing
from beds.domain.clock import Clock
from beds.roles import OPERATOR
from beds.services.sites import set_address
from beds.settings import Settings
from tests.integration.api_client import (
    BOTH,
    ENGLAND,
    EVERYBODY,
    SCOTLAND,
    Api,
    an_api,
    both_nations,
    done,
    refused,
)

CANARY = "canary-marigold"
ADDRESS = "1 Canary-Address Row"
HOUSEHOLD = {
    "nation": "England",
    "priority": "urgent",
    "notes": f"note {CANARY}",
    "people": [{"gender": "female", "is_lead": True, "age": 30}],
}


@pytest.fixture(scope="module")
def shared(shared_settings: Settings) -> Iterator[Api]:
    """Give one API for all tests that change nothing."""
    engine = connect(shared_settings)
    with an_api(shared_settings, engine, both_nations()) as found:
        yield found
    engine.dispose()


@pytest.fixture
def api(settings: Settings, engine: Engine, caplog: pytest.LogCaptureFixture) -> Iterator[Api]:
    caplog.set_level(logging.DEBUG)
    with an_api(settings, engine, both_nations()) as found:
        yield found
    assert CANARY not in caplog.text.lower()
    assert ADDRESS not in caplog.text


@pytest.mark.parametrize(
    "body",
    [
        {CANARY: 1},
        {**HOUSEHOLD, CANARY: 1},
        {**HOUSEHOLD, "07700 900123": 1},
        {**HOUSEHOLD, "priority": CANARY},
        {**HOUSEHOLD, "received_at": CANARY},
        {**HOUSEHOLD, "needed_from": CANARY},
        {**HOUSEHOLD, "notes": [CANARY]},
        {**HOUSEHOLD, "notes": f"{CANARY}\x00"},
        {**HOUSEHOLD, "survivor_ref": f"{CANARY} x"},
        {**HOUSEHOLD, "preferred_regions": [CANARY]},
        {**HOUSEHOLD, "excluded_areas": {CANARY: 1}},
        {**HOUSEHOLD, "expected_stay_days": CANARY},
        {**HOUSEHOLD, "accepts_sharing": CANARY},
        {**HOUSEHOLD, "people": [{"gender": CANARY, "is_lead": True}]},
        {**HOUSEHOLD, "people": [{"gender": "female", "is_lead": True, "name": CANARY}]},
        {**HOUSEHOLD, "people": [{"gender": "female", "is_lead": True, "languages": [CANARY * 9]}]},
        {**HOUSEHOLD, "people": CANARY},
        CANARY,
        [CANARY],
        None,
    ],
)
def test_a_body_that_is_refused_is_told_where_and_what_is_accepted_and_never_repeated(
    shared: Api, caplog: pytest.LogCaptureFixture, body: object
) -> None:
    answer = shared.post("/v1/referrals", body)

    problem = refused(answer, 422, "bad_input")
    assert problem["errors"]
    assert all(fault["where"].startswith("body") and fault["accepted"] for fault in problem["errors"])
    assert CANARY not in answer.text.lower()
    assert "07700" not in answer.text
    assert CANARY not in caplog.text.lower()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b'{"nation": canary-marigold}',
        b"\xff\xfe canary-marigold",
        b'{"a": NaN}',
        b"[" * 30_000,
        b'{"nation": "\\ud800"}',
        b"canary-marigold=1",
    ],
)
def test_a_body_that_is_no_json_is_refused_without_a_word_of_it(
    shared: Api, caplog: pytest.LogCaptureFixture, content: bytes
) -> None:
    headers = {"Authorization": f"Bearer {shared.tokens[ENGLAND]}", "Content-Type": "application/json"}

    answer = shared.client.post("/v1/referrals", content=content, headers=headers)

    assert answer.status_code in (400, 422)
    refused(answer, answer.status_code, "malformed" if answer.status_code == 400 else "bad_input")
    assert CANARY not in answer.text
    assert CANARY not in caplog.text.lower()


@pytest.mark.parametrize(
    "path",
    [
        f"/v1/holds/{CANARY}%20x",
        f"/v1/referrals?status={CANARY}",
        f"/v1/sites?limit={CANARY}",
        f"/v1/occupancy?starts_on={CANARY}",
        f"/v1/occupancy?by={CANARY}",
        f"/v1/audit?since={CANARY}",
        f"/v1/{CANARY}",
        f"/v1/rounds/{CANARY}",
        f"/v1/units/{CANARY}/affected?referral_id={CANARY}",
    ],
)
def test_an_address_that_is_refused_is_not_repeated(
    shared: Api, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    answer = shared.get(path, "auditor" if "audit" in path else ENGLAND)

    assert answer.status_code in (404, 422)
    assert CANARY not in answer.text
    assert CANARY not in caplog.text.lower()


def test_what_is_recorded_of_a_case_is_in_no_answer_but_its_own(api: Api) -> None:
    made = api.post("/v1/referrals", HOUSEHOLD)
    ref = done(made, 201)["referral_id"]
    amended = api.ask(ENGLAND, "PATCH", f"/v1/referrals/{ref}", body={"needs": {"notes": CANARY}}, seen=1)

    assert CANARY not in made.text + amended.text
    assert done(api.get(f"/v1/referrals/{ref}"))["notes"] == CANARY
    for who in EVERYBODY:
        for path in (
            "/v1/referrals",
            "/v1/tonight",
            "/v1/audit",
            "/v1/rounds",
            f"/v1/referrals/{ref}/options",
        ):
            assert CANARY not in api.get(path, who).text, (who, path)
        if who != ENGLAND:
            assert CANARY not in api.get(f"/v1/referrals/{ref}", who).text


def test_what_is_kept_of_answers_and_events_has_nothing_personal(api: Api) -> None:
    done(api.post("/v1/referrals", HOUSEHOLD), 201)
    _set_address(api)
    done(api.get("/v1/sites/S1/address"))

    with reading(api.engine) as session:
        kept = [
            str(row)
            for table in ("idempotency", "audit_event")
            for row in session.execute(text(f"SELECT * FROM {table}"))
        ]

    assert kept
    assert not any(CANARY in row or ADDRESS in row for row in kept)


def test_an_address_is_in_its_own_answer_alone_and_reading_it_is_kept(api: Api) -> None:
    _set_address(api)

    address = done(api.get("/v1/sites/S1/address"))
    elsewhere = [api.get(path).text for path in ("/v1/sites", "/v1/sites/S1", "/v1/tonight", "/v1/holds")]
    reads = done(api.get("/v1/audit/reads?what=address", "auditor"))["items"]

    assert address == {"site_id": "S1", "address": ADDRESS}
    assert not any(ADDRESS in found for found in elsewhere)
    assert [(read["who"], read["ref"]) for read in reads] == [(api.user_ids[ENGLAND], "S1")]


def test_a_restricted_case_is_there_for_those_who_are_named_and_for_nobody_else(api: Api) -> None:
    done(api.post("/v1/referrals/E1/restriction", {"user_ids": []}, seen=1))

    hold = {"referral_id": "E1", "unit_id": "US1-1", "reason": "best_for_her"}
    mine, others = api.get("/v1/referrals/E1"), api.get("/v1/referrals/E1", BOTH)
    listed = done(api.get("/v1/referrals", BOTH))["items"]

    done(mine)
    refused(others, 404, "not_found")
    assert "E1" not in [line["referral_id"] for line in listed]
    refused(api.post("/v1/holds", hold, BOTH), 404, "not_found")
    assert others.json()["detail"] == api.get("/v1/referrals/nobody", BOTH).json()["detail"]


def test_a_keep_apart_reads_exactly_as_beds_that_are_closed(api: Api) -> None:
    api.placement("E1", "US1-1")
    closures = [_close(api, f"BS1-{number}") for number in range(2, 9)]
    beds_closed = _about(api, "E2")
    for closure in closures:
        done(api.post(f"/v1/closures/{closure}/reopen", {"ends_on": "2026-03-03"}))
    beds_free = _about(api, "E2")

    done(api.post("/v1/referrals/E2/keep-apart", {"other_referral_id": "E1"}))
    kept_apart = _about(api, "E2")

    assert kept_apart == beds_closed != beds_free
    assert kept_apart["claim"]["code"] == "bed_just_taken"


def test_another_nations_households_are_counts(api: Api) -> None:
    done(api.ask(SCOTLAND, "PATCH", "/v1/referrals/S1", body={"needs": {"cross_border": True}}, seen=1))

    seen = done(api.get("/v1/units/US1-1/candidates?top=100"))

    assert {row["referral_id"][0] for row in seen["candidates"] + seen["others"]} == {"E"}
    assert seen["candidates_not_shown"] == {"standard": 1}
    assert seen["candidates_in_all"] == len(seen["candidates"]) + 1


def _about(api: Api, ref: str) -> dict[str, Any]:
    """Return all that a coordinator is told of a household and the site, a claim of a bed included."""
    claim = api.post("/v1/holds", {"referral_id": ref, "unit_id": "US1-2", "reason": "best_for_her"})
    if claim.status_code == 201:
        hold = claim.json()
        path = f"/v1/holds/{hold['hold_id']}/release"
        done(api.post(path, {"reason": "mistake"}, seen=hold["version"]))
    return {
        "options": done(api.get(f"/v1/referrals/{ref}/options?others=true")),
        "offers": done(api.get(f"/v1/referrals/{ref}/offers")),
        "claim": claim.json(),
    }


def _close(api: Api, bed_id: str) -> str:
    body = {"bed_id": bed_id, "starts_on": "2026-03-03", "reason": "repair"}
    return str(done(api.post("/v1/closures", body), 201)["closure_id"])


def _set_address(api: Api) -> None:
    with writing(api.engine) as session:
        set_address(session, OPERATOR, "S1", ADDRESS, clock=Clock(api.instant))
