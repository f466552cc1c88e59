"""Many at once through HTTP, to a real server: the last beds, one key twice, and readers beside writers."""

from __future__ import annotations

import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import httpx2
import pytest
import uvicorn
from sqlalchemy import Engine

from beds.database import connect
from beds.settings import Settings
from tests.integration.api_client import ENGLAND, Api, an_api, both_nations, done

CLIENTS: Final = 50
BEDS: Final = 10
PATIENCE_S: Final = 30
"""What a crowd of fifty may wait for its turn on two busy cores."""


@pytest.fixture
def api(settings: Settings) -> Iterator[Api]:
    patient = settings.model_copy(update={"busy_timeout_s": PATIENCE_S})
    engine = connect(patient)
    with an_api(patient, engine, both_nations(households=CLIENTS, units=BEDS)) as found:
        yield found
    engine.dispose()


@contextmanager
def served(api: Api) -> Iterator[str]:
    """Serve an application on a free port, as `beds serve` would, and give its address."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(api.app, log_config=None, access_log=False, lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


@dataclass(frozen=True)
class Said:
    """What one client was answered."""

    status: int
    body: dict[str, Any]
    text: str


def all_at_once(api: Api, address: str, body_of: Callable[[int], dict[str, str]], key: str) -> list[Said]:
    """Return what each of fifty clients is answered, who all ask at the same moment."""
    together = threading.Barrier(CLIENTS)

    def claim(number: int) -> Said:
        headers = {
            "Authorization": f"Bearer {api.tokens[ENGLAND]}",
            "Idempotency-Key": key.format(number),
        }
        with httpx2.Client(base_url=address, timeout=2 * PATIENCE_S) as client:
            together.wait()
            answer = client.post("/v1/holds", json=body_of(number), headers=headers)
        return Said(answer.status_code, answer.json(), answer.text)

    with ThreadPoolExecutor(CLIENTS) as pool:
        return list(pool.map(claim, range(CLIENTS)))


def _one_of_the_last(number: int) -> dict[str, str]:
    unit = f"US1-{number % BEDS + 1}"
    return {"referral_id": f"E{number + 1}", "unit_id": unit, "reason": "best_for_her"}


def test_of_fifty_clients_who_claim_the_last_ten_beds_ten_win_and_forty_are_told_so(api: Api) -> None:
    with served(api) as address:
        first = all_at_once(api, address, _one_of_the_last, "claim-of-client-{}")
        held_after_first = done(api.get("/v1/holds?limit=200"))["items"]
        events_after_first = _events(api.engine)
        again = all_at_once(api, address, _one_of_the_last, "claim-of-client-{}")

    assert Counter(said.status for said in first) == {201: BEDS, 409: CLIENTS - BEDS}
    assert {said.body["code"] for said in first if said.status == 409} == {"bed_just_taken"}
    assert all("next_best" in said.body for said in first if said.status == 409)
    beds = [bed for hold in held_after_first for bed in hold["bed_ids"]]
    assert (len(beds), len(set(beds))) == (BEDS, BEDS)
    assert events_after_first["hold_placed"] == BEDS
    won = [(one, other) for one, other in zip(first, again, strict=True) if one.status == 201]
    assert [one.text for one, _ in won] == [other.text for _, other in won]
    assert Counter(said.status for said in again) == {201: BEDS, 409: CLIENTS - BEDS}
    assert done(api.get("/v1/holds?limit=200"))["items"] == held_after_first
    assert _events(api.engine) == events_after_first


def test_who_lost_a_bed_is_told_of_those_that_are_left_for_her(api: Api) -> None:
    api.hold("E1", "US1-1")

    answer = api.post("/v1/holds", {"referral_id": "E2", "unit_id": "US1-1", "reason": "best_for_her"})

    problem = done(answer, 409)
    assert problem["code"] == "bed_just_taken"
    assert [option["unit_id"] for option in problem["next_best"]] == ["US1-10", "US1-2", "US1-3"]
    assert {option["starts_on"] for option in problem["next_best"]} == {"2026-03-03"}


def test_one_key_fifty_times_at_once_is_one_hold_and_one_answer(api: Api) -> None:
    body = {"referral_id": "E1", "unit_id": "US1-1", "reason": "best_for_her"}

    with served(api) as address:
        said = all_at_once(api, address, lambda _: body, "the-same-key-for-all")

    assert {one.status for one in said} == {201}
    assert len({one.text for one in said}) == 1
    assert _events(api.engine)["hold_placed"] == 1


def _events(engine: Engine) -> Counter[str]:
    with engine.connect() as connection:
        return Counter(connection.exec_driver_sql("SELECT action FROM audit_event").scalars())
