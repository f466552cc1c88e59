"""Clients who act at the same moment: threads with sessions of their own, and what became of each."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from sqlalchemy import Engine

from beds.errors import BedsError, Busy
from tests.integration.live import change

PATIENCE_S = 60.0
"""How long a client asks again while the database is busy: longer than any test takes."""

WON = "won"


def race(engine: Engine, calls: Sequence[Callable[[Engine], object]]) -> Counter[str]:
    """Make all calls at once, each in a thread; return how many won and how many got which refusal.

    Anything but a refusal of ours is raised.
    """
    start = Barrier(len(calls))

    def run(call: Callable[[Engine], object]) -> str:
        start.wait(timeout=PATIENCE_S)
        return outcome_of(engine, call)

    with ThreadPoolExecutor(len(calls)) as clients:
        return Counter(clients.map(run, calls))


def outcome_of(engine: Engine, call: Callable[[Engine], object]) -> str:
    """Return what became of one call, asked again while the database is busy."""
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            call(engine)
        except Busy:
            if time.monotonic() > until:
                raise
            time.sleep(0.002)
        except BedsError as error:
            return error.code
        else:
            return WON


def calls_of(service: Callable[..., Any], *arguments: Any, **options: Any) -> Callable[[Engine], object]:
    """Return the call of a service in a transaction of its own, to be made later."""
    return lambda engine: change(engine, service, *arguments, **options)
