"""`beds serve` as a process of its own: it starts, answers, runs a round, logs, and ends when asked to."""

from __future__ import annotations

import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import pytest

from beds.database import connect, upgrade
from tests.integration.api_client import ENGLAND, both_nations, done, people_of
from tests.integration.commands import TRACE, beds_process, start_beds
from tests.integration.conftest import AUDIT_KEY, ENCRYPTION_KEY, settings_for
from tests.integration.recorded import bring_in

STARTS_WITHIN_S = 40


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {
        "BEDS_DATABASE_URL": f"sqlite:///{tmp_path / 'beds.db'}",
        "BEDS_ENCRYPTION_KEY": ENCRYPTION_KEY,
        "BEDS_AUDIT_KEY": AUDIT_KEY,
        "XDG_DATA_HOME": str(tmp_path),
    }


@pytest.fixture
def token(environment: dict[str, str]) -> str:
    engine = connect(settings_for(environment["BEDS_DATABASE_URL"]), create=True)
    upgrade(engine)
    bring_in(engine, both_nations())
    tokens, _ = people_of(engine, datetime.now(UTC))
    engine.dispose()
    return tokens[ENGLAND]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def served(
    environment: dict[str, str], *options: str
) -> Iterator[tuple[subprocess.Popen[str], httpx2.Client]]:
    port = free_port()
    with start_beds("serve", "--port", str(port), *options, environment=environment) as process:
        try:
            with httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
                _wait(process, client)
                yield process, client
        finally:
            process.kill()


def _wait(process: subprocess.Popen[str], client: httpx2.Client) -> None:
    until = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < until and process.poll() is None:
        try:
            done(client.get("/healthz"))
        except httpx2.ConnectError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("it did not start")


def test_it_serves_runs_a_round_and_ends_when_it_is_asked_to(environment: dict[str, str], token: str) -> None:
    signed = {"Authorization": f"Bearer {token}"}

    with served(environment) as (process, client):
        ready = client.get("/readyz")
        malformed = client.get("/v1/referrals?cursor=&limit=3", headers=signed)
        waiting = client.get("/v1/referrals?limit=3", headers=signed)
        run = client.post("/v1/rounds", json={}, headers=signed)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)

    done(ready)
    assert malformed.status_code == 400
    assert len(done(waiting)["items"]) == 3
    assert done(run, 201)["status"] == "optimal"
    assert process.returncode == 0
    assert out == ""
    assert "beds.api.access" in err
    assert " GET /v1/referrals 200 " in err
    assert "limit=3" not in err
    assert token not in err
    assert TRACE not in err


def test_the_same_process_serves_the_dashboard_each_with_its_own_guards(
    environment: dict[str, str], token: str
) -> None:
    with served(environment, "--dashboard") as (process, client):
        page = client.get("/today")
        healthy = client.get("/_stcore/health")
        refused = client.get("/v1/me")
        mine = client.get("/v1/me", headers={"Authorization": f"Bearer {token}"})
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)

    assert page.headers["Content-Type"].startswith("text/html")
    assert healthy.text == "ok"
    assert (refused.status_code, refused.json()["code"]) == (401, "not_signed_in")
    assert refused.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "Content-Security-Policy" not in page.headers
    done(mine)
    assert process.returncode == 0
    assert TRACE not in err


def test_a_port_that_is_taken_is_a_sentence_and_exit_2(environment: dict[str, str], token: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()

        said = beds_process("serve", "--port", str(taken.getsockname()[1]), environment=environment)

    assert said.code == 2
    assert "choose another" in said.last_error


def test_without_a_database_it_does_not_start(environment: dict[str, str]) -> None:
    said = beds_process("serve", "--port", str(free_port()), environment=environment)

    assert said.code == 4
    assert "beds db upgrade" in said.last_error


def test_an_address_that_is_none_is_refused(environment: dict[str, str], token: str) -> None:
    said = beds_process("serve", "--host", "203.0.113.7", "--port", "8765", environment=environment)

    assert said.code == 2
    assert "--host" in said.last_error
