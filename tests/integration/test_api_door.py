"""What stands before every endpoint: tokens, sizes, rates, headers, the log, and what becomes of a defect."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from beds.api.guard import MOST_REMEMBERED, Buckets, Limits
from beds.database import connect
from beds.settings import Settings
from tests.integration.api_client import (
    ENGLAND,
    NOBODY,
    REVOKED,
    Api,
    an_api,
    both_nations,
    done,
    refused,
)

CANARY = "canary-marigold"


@pytest.fixture(scope="module")
def shared(shared_settings: Settings) -> Iterator[Api]:
    """Give one API for all tests that change nothing."""
    engine = connect(shared_settings)
    with an_api(shared_settings, engine, both_nations()) as found:
        yield found
    engine.dispose()


@pytest.fixture
def api(settings: Settings, engine: Engine) -> Iterator[Api]:
    with an_api(settings, engine, both_nations()) as found:
        yield found


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer beds_made-up",
        "Basic YTpi",
        f"Bearer {'x' * 5_000}",
        "Bearer beds_\x7f",
        "Bearer be ds",
    ],
)
def test_without_a_token_that_is_good_nothing_is_answered(shared: Api, header: str) -> None:
    answer = shared.client.get("/v1/sites", headers={"Authorization": header})

    refused(answer, 401, "not_signed_in")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_token_is_good_until_it_expires_or_is_revoked(api: Api) -> None:
    before = api.get("/v1/me")
    api.later(days=30)
    after = api.get("/v1/me")

    done(before)
    refused(after, 401, "not_signed_in")
    refused(api.get("/v1/me", REVOKED), 401, "not_signed_in")


def test_who_asks_is_told_by_reference_and_reach(shared: Api) -> None:
    me = done(shared.get("/v1/me"))

    assert me["user_id"] == shared.user_ids[ENGLAND]
    assert (me["nations"], me["provider_id"]) == (["England"], None)
    assert ENGLAND not in str(me)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/healthz", 200),
        ("GET", "/v1/me", 401),
        ("GET", "/nothing-here", 404),
        ("POST", "/v1/holds", 401),
        ("DELETE", "/v1/holds", 405),
    ],
)
def test_every_answer_stays_out_of_caches_frames_and_referrers(
    shared: Api, method: str, path: str, status: int
) -> None:
    answer = shared.ask(NOBODY, method, path)

    assert answer.status_code == status
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert len(answer.headers["X-Request-Id"]) == 16


@pytest.mark.parametrize("path", ["/nothing-here", "/v1/holds/", "/docs", "/redoc", "/v1/nothing-here"])
def test_an_unknown_address_is_a_problem_document_and_no_redirect(shared: Api, path: str) -> None:
    refused(shared.get(path), 404, "not_found")


def test_a_wrong_method_is_told_every_right_one(shared: Api) -> None:
    answer = shared.ask(ENGLAND, "DELETE", "/v1/holds")

    refused(answer, 405, "method_not_allowed")
    assert answer.headers["Allow"] == "GET, POST"


@pytest.mark.parametrize("size", [64 * 1024 + 1, 10_000_000])
def test_a_body_that_is_too_large_is_refused_unread(shared: Api, size: int) -> None:
    answer = shared.client.post("/v1/referrals", content=b"[" + b"1," * (size // 2), headers=_signed(shared))

    refused(answer, 413, "too_large")


def test_a_body_in_pieces_without_a_stated_length_is_refused_once_it_is_too_large(shared: Api) -> None:
    taken = 0

    def pieces() -> Iterator[bytes]:
        nonlocal taken
        for _ in range(1_000):
            taken += 1
            yield b"x" * 8_192

    answer = shared.client.post("/v1/referrals", content=pieces(), headers=_signed(shared))

    refused(answer, 413, "too_large")


def test_a_body_of_exactly_the_limit_is_read(shared: Api) -> None:
    body = b'{"reason":"' + b"x" * (64 * 1024 - 13) + b'"}'

    answer = shared.client.post("/v1/rounds", content=body, headers=_signed(shared))

    refused(answer, 422, "bad_input")


def test_who_asks_too_often_waits_and_others_do_not(settings: Settings, engine: Engine) -> None:
    with an_api(settings, engine, both_nations(), limits=Limits(requests_per_s=0.001, burst=3)) as api:
        answers = [api.get("/v1/me") for _ in range(4)]
        other = api.get("/v1/me", "auditor")

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    refused(answers[3], 429, "too_many_requests")
    assert answers[3].headers["Retry-After"] == "1"
    done(other)


def test_a_bucket_fills_again_with_time_and_never_above_its_brim() -> None:
    now = 0.0
    buckets = Buckets(Limits(requests_per_s=2, burst=2), lambda: now)

    first = [buckets.take("a") for _ in range(3)]
    now = 0.5
    second = [buckets.take("a") for _ in range(2)]
    now = 1_000.0
    third = [buckets.take("a") for _ in range(3)]

    assert (first, second, third) == ([True, True, False], [True, False], [True, True, False])


def test_callers_are_forgotten_before_they_fill_the_memory() -> None:
    buckets = Buckets(Limits(burst=1, requests_per_s=0.0), lambda: 0.0)

    for number in range(MOST_REMEMBERED + 50):
        buckets.take(str(number))

    assert len(buckets._buckets) == MOST_REMEMBERED
    assert not buckets.take(str(MOST_REMEMBERED))


def test_the_log_has_a_line_a_request_with_nothing_of_what_was_asked(
    shared: Api, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "beds.api"):
        shared.get(f"/v1/holds/{CANARY}?note={CANARY}")
        shared.client.request(CANARY.upper(), f"/{CANARY}", headers={"X-Note": CANARY})

    lines = [record.getMessage() for record in caplog.records if record.name == "beds.api.access"]
    assert " GET /v1/holds/{hold_id} 404 " in lines[0]
    assert lines[0].endswith(shared.user_ids[ENGLAND])
    assert " - no such route 404 " in lines[1]
    assert lines[1].endswith(" -")
    assert CANARY not in caplog.text.lower()


def test_a_defect_says_nothing_and_is_logged_by_its_place(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    def broken() -> Any:
        raise RuntimeError(CANARY)

    api.app.state.now = broken

    answer = api.get("/v1/me")

    problem = refused(answer, 500, "defect")
    assert CANARY not in answer.text + caplog.text
    assert "RuntimeError in broken, line" in caplog.text
    assert "Traceback" not in answer.text + caplog.text
    assert problem["detail"].startswith("nothing is known")


def test_who_leaves_in_the_middle_of_a_body_changes_nothing(
    api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    messages = iter(
        [
            {"type": "http.request", "body": b'{"time_limit_s":1}', "more_body": True},
            {"type": "http.disconnect"},
        ]
    )
    sent: list[Any] = []
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/v1/rounds",
        "query_string": b"",
        "headers": [(b"content-length", b"100"), (b"authorization", _signed(api)["Authorization"].encode())],
    }

    async def receive() -> Any:
        return next(messages)

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(api.app(scope, receive, send))

    assert sent == []
    assert [record for record in caplog.records if record.name == "beds.api.defects"] == []


def test_a_token_that_is_revoked_while_a_change_waits_changes_nothing(api: Api) -> None:
    """The second look, inside the transaction of the change, is at another instant: the token is over."""
    instants = iter([api.instant, api.instant + timedelta(days=31)])
    api.app.state.now = lambda: next(instants)

    answer = api.post("/v1/holds", {"referral_id": "E1", "unit_id": "US1-1", "reason": "best_for_her"})

    refused(answer, 401, "not_signed_in")
    api.app.state.now = lambda: api.instant
    assert done(api.get("/v1/holds"))["items"] == []


def _signed(api: Api) -> dict[str, str]:
    return {"Authorization": f"Bearer {api.tokens[ENGLAND]}", "Content-Type": "application/json"}
