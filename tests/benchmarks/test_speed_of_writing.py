"""Fifty who write at once, an event each time: the wait for a turn and its commit (aim: p95 under 300 ms)."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from statistics import quantiles

from pytest_benchmark.fixture import BenchmarkFixture
from sqlalchemy import Engine
from sqlmodel import Session

from beds.audit import record
from beds.database import connect, retrying
from beds.settings import Settings
from tests.builders import NOON

pytest_plugins = ("tests.integration.conftest",)
WRITERS, CHANGES = 50, 20


def change(session: Session, subject: str) -> None:
    """Make the smallest change there is: an event."""
    record(session, "user-1", "site_changed", subject, {"beds": 1}, at=NOON)


def waits_s(engine: Engine) -> list[float]:
    """Return how long each change took, of fifty who make theirs one after another."""

    def work(writer: int) -> list[float]:
        took = []
        for number in range(CHANGES):
            began = time.perf_counter()
            retrying(engine, partial(change, subject=f"{writer}-{number}"))
            took.append(time.perf_counter() - began)
        return took

    with ThreadPoolExecutor(WRITERS) as pool:
        return [took for one in pool.map(work, range(WRITERS)) for took in one]


def test_fifty_who_write_at_once(benchmark: BenchmarkFixture, settings: Settings) -> None:
    engine = connect(settings.model_copy(update={"busy_timeout_s": 30}))
    found: list[float] = []

    benchmark.pedantic(lambda: found.extend(waits_s(engine)), rounds=3, warmup_rounds=1)

    of_each_ms = [wait * 1000 for wait in found]
    benchmark.extra_info.update(
        database=engine.dialect.name,
        changes_a_second=round(WRITERS * CHANGES / benchmark.stats.stats.mean),
        median_ms=round(quantiles(of_each_ms, n=100)[49], 1),
        p95_ms=round(quantiles(of_each_ms, n=100)[94], 1),
        worst_ms=round(max(of_each_ms), 1),
    )
    engine.dispose()
