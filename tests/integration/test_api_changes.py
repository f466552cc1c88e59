"""Keys, versions and pages: the same again, a record that has changed meanwhile, a list piece by piece."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, text

from beds.database import connect, reading
from beds.settings import Settings
from tests.integration.api_client import BOTH, ENGLAND, Api, an_api, both_nations, done, refused

KEY = "a-key-of-mine"


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


def _claim(number: int = 1) -> dict[str, Any]:
    return {"referral_id": f"E{number}", "unit_id": f"US1-{number}", "reason": "best_for_her"}


def test_the_same_request_again_gets_the_same_answer_and_changes_nothing(api: Api) -> None:
    first = api.post("/v1/holds", _claim(), key=KEY)
    api.later(minutes=5)
    events = _count(api, "audit_event")
    again = api.post("/v1/holds", _claim(), key=KEY)

    done(first, 201)
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert (again.headers["ETag"], again.headers["Location"]) == ('"1"', first.headers["Location"])
    assert (_count(api, "hold"), _count(api, "audit_event")) == (1, events)


def test_a_key_with_another_request_is_refused(api: Api) -> None:
    done(api.post("/v1/holds", _claim(), key=KEY), 201)

    refused(api.post("/v1/holds", _claim(2), key=KEY), 422, "key_reused")
    refused(api.post("/v1/referrals/E1/close", {"reason": "x"}, key=KEY, seen=2), 422, "key_reused")
    assert _count(api, "hold") == 1


def test_a_key_is_the_callers_own(api: Api) -> None:
    done(api.post("/v1/holds", _claim(), key=KEY), 201)

    other = api.post("/v1/holds", _claim(2), BOTH, key=KEY)

    done(other, 201)
    assert _count(api, "hold") == 2


def test_a_refusal_is_not_kept_the_same_may_succeed_later(api: Api) -> None:
    blocking = api.hold("E2", "US1-1")
    refused(api.post("/v1/holds", _claim(), key=KEY), 409, "bed_just_taken")
    path = f"/v1/holds/{blocking['hold_id']}/release"
    done(api.post(path, {"reason": "mistake"}, seen=blocking["version"]))

    again = api.post("/v1/holds", _claim(), key=KEY)

    done(again, 201)


def test_a_change_that_needs_no_key_takes_one_all_the_same(api: Api) -> None:
    body = {"nation": "England", "priority": "urgent", "people": [{"gender": "female", "is_lead": True}]}

    first, again = (api.post("/v1/referrals", body, key=KEY) for _ in range(2))
    without, once_more = (api.post("/v1/referrals", body, key=None) for _ in range(2))

    assert done(first, 201) == done(again, 201)
    assert len({answer.json()["referral_id"] for answer in (first, without, once_more)}) == 3


def test_a_round_is_not_run_again_for_a_key_that_was_answered(api: Api) -> None:
    first, again = (api.post("/v1/rounds", {}, key=KEY) for _ in range(2))

    assert done(first, 201) == done(again, 201)
    assert _count(api, "allocation_round") == 1


def test_an_answer_is_forgotten_after_a_week_inside_the_next_claim(api: Api) -> None:
    done(api.post("/v1/holds", _claim(), key=KEY), 201)
    api.later(days=7, seconds=1)
    kept_until_a_claim = _count(api, "idempotency")

    done(api.post("/v1/holds", _claim(2), key=f"{KEY}-2"), 201)

    assert (kept_until_a_claim, _count(api, "idempotency")) == (1, 1)


@pytest.mark.parametrize(
    "path", ["/v1/holds", "/v1/placements/hold-1", "/v1/rounds/run-1/proposals/p-1/accept"]
)
def test_whatever_claims_a_bed_needs_a_key(shared: Api, path: str) -> None:
    answer = shared.ask(ENGLAND, "POST", path, body=_claim() if path == "/v1/holds" else None, seen=1)

    problem = refused(answer, 422, "bad_input")
    assert problem["errors"] == [{"where": "header.Idempotency-Key", "accepted": "this is needed"}]


@pytest.mark.parametrize("key", ["", "short", "x" * 65, "with space", "ключ-ключ", "a\tb-c-d-e-f"])
def test_a_key_that_is_none_is_refused_and_not_repeated(shared: Api, key: str) -> None:
    answer = shared.client.post(
        "/v1/holds",
        json=_claim(),
        headers=[
            (b"Authorization", f"Bearer {shared.tokens[ENGLAND]}".encode()),
            (b"Idempotency-Key", key.encode()),
        ],
    )

    refused(answer, 422, "bad_input")
    assert not key or key not in answer.text


def test_a_record_is_changed_as_it_was_seen_and_counts_its_changes(api: Api) -> None:
    seen = api.get("/v1/referrals/E1").headers["ETag"]
    first = api.ask(ENGLAND, "PATCH", "/v1/referrals/E1", body={"needs": {"cross_border": True}}, seen=seen)
    second = api.ask(ENGLAND, "PATCH", "/v1/referrals/E1", body={"needs": {"cross_border": None}}, seen=seen)

    assert (seen, first.headers["ETag"]) == ('"1"', '"2"')
    refused(second, 412, "changed_meanwhile")
    case = done(api.get("/v1/referrals/E1"))
    assert (case["line"]["version"], case["needs"]["cross_border"]) == (2, True)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/holds/{hold}/release", {"reason": "mistake"}),
        ("/v1/holds/{hold}/decline", {"declined_by": "survivor", "reason": "other"}),
        ("/v1/placements/{hold}", None),
        ("/v1/referrals/E2/close", {"reason": "withdrawn"}),
        ("/v1/referrals/E2/restriction", {"user_ids": []}),
        ("/v1/sites/S1/availability", None),
    ],
)
def test_every_change_of_a_record_says_what_was_seen(api: Api, path: str, body: object) -> None:
    hold = api.hold("E1", "US1-1")
    where = path.format(hold=hold["hold_id"])

    refused(api.post(where, body), 428, "if_match_needed")
    refused(api.post(where, body, seen=7), 412, "changed_meanwhile")
    for wrong in ("*", 'W/"1"', '"1", "2"', "1", '"one"', '"-1"', '"9999999999"', ""):
        problem = refused(api.post(where, body, seen=wrong), 422, "bad_input")
        assert "`ETag`" in problem["detail"]
    assert api.post(where, body, seen=1).is_success


def test_what_is_read_says_the_version_that_a_change_has_to_name(api: Api) -> None:
    hold = api.hold("E1", "US1-1")
    stay = api.placement("E2", "US1-2")

    assert api.get(f"/v1/holds/{hold['hold_id']}").headers["ETag"] == f'"{hold["version"]}"'
    assert api.get(f"/v1/placements/{stay['placement_id']}").headers["ETag"] == f'"{stay["version"]}"'
    assert api.get("/v1/sites/S1").headers["ETag"] == '"1"'


def test_a_list_comes_in_pages_whole_and_in_order(api: Api) -> None:
    _fill(api)

    for noun in ("referrals", "holds", "placements", "sites", "closures", "rounds"):
        in_one = done(api.get(f"/v1/{noun}?limit=200", BOTH))
        assert in_one["next"] is None
        assert len(in_one["items"]) >= 2
        assert list(_one_by_one(api, f"/v1/{noun}")) == in_one["items"]


def _one_by_one(api: Api, path: str) -> Iterator[dict[str, Any]]:
    page = done(api.get(f"{path}?limit=1", BOTH))
    yield from page["items"]
    while page["next"] is not None:
        page = done(api.get(f"{path}?limit=1&cursor={page['next']}", BOTH))
        yield from page["items"]


def _fill(api: Api) -> None:
    for number in (1, 2):
        api.hold(f"E{number}", f"US1-{number}")
        api.placement(f"E{number + 2}", f"US1-{number + 2}")
        bed = {"bed_id": f"BS1-{number + 4}", "starts_on": "2026-03-03", "reason": "repair"}
        done(api.post("/v1/closures", bed), 201)
        api.later(minutes=1)
        done(api.post("/v1/rounds", {}), 201)


def test_the_audit_comes_in_pages_newest_first(api: Api) -> None:
    api.hold("E1", "US1-1")
    first = done(api.get("/v1/audit?limit=2", "auditor"))
    second = done(api.get(f"/v1/audit?limit=2&cursor={first['next']}", "auditor"))

    assert first["items"][0]["action"] == "hold_placed"
    assert first["items"][0]["actor"] == api.user_ids[ENGLAND]
    numbers = [item["sequence"] for item in first["items"] + second["items"]]
    assert numbers == sorted(numbers, reverse=True)


def test_the_audit_says_who_opened_which_case(api: Api) -> None:
    done(api.get("/v1/referrals/E1"))

    reads = done(api.get("/v1/audit/reads?what=case", "auditor"))["items"]

    assert [(read["who"], read["ref"]) for read in reads] == [(api.user_ids[ENGLAND], "E1")]


@pytest.mark.parametrize(
    "cursor",
    ["x", "%00", "bm9uZQ", "e30", "eyJhZnRlciI6MX0", "eyJhZnRlciI6IiJ9", "W10", "eyJhZnRlciI6bnVsbH0", "é"],
)
def test_a_cursor_that_is_none_of_ours_is_refused_by_name(shared: Api, cursor: str) -> None:
    problem = refused(shared.get(f"/v1/referrals?cursor={cursor}"), 400, "malformed")

    assert problem["detail"].startswith("cursor:")


@pytest.mark.parametrize("limit", ["0", "201", "-1", "x", "1.5", "99999999999999999999"])
def test_a_limit_out_of_bounds_is_refused_by_name(shared: Api, limit: str) -> None:
    problem = refused(shared.get(f"/v1/sites?limit={limit}"), 422, "bad_input")

    assert problem["errors"][0]["where"] == "query.limit"


def _count(api: Api, table: str) -> int:
    with reading(api.engine) as session:
        return int(session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())
