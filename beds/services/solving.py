"""Rounds are solved in a process of their own: the solvers would hold up every other request meanwhile.

One process, one round at a time, started with the first round. It is given the estate and gives back the
answer; it knows no database and no keys.
"""

from __future__ import annotations

import multiprocessing
import signal
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from threading import Lock
from types import ModuleType

from beds.domain.clock import Clock
from beds.domain.estate import Estate
from beds.errors import Busy
from beds.services.policy import Policy
from beds.services.rounds import Round, run_round


class Solver:
    """The process that solves rounds."""

    def __init__(self) -> None:
        """Start nothing yet."""
        self._pool: ProcessPoolExecutor | None = None
        self._starting = Lock()
        self._solving = Lock()

    def round_on(self, estate: Estate, clock: Clock, policy: Policy, time_limit_s: float | None) -> Round:
        """Return a round on an estate, solved elsewhere.

        Raises
        ------
        Busy
            Another round is being solved, or the process was ended from outside.
        """
        if not self._solving.acquire(blocking=False):
            raise Busy("a round is being run already; nothing was changed, look for it among the rounds")
        try:
            return self._started().submit(_solve, estate, clock, policy, time_limit_s).result()
        except BrokenProcessPool as error:
            self.stop()
            raise Busy("the round was cut off; nothing was changed, try again") from error
        finally:
            self._solving.release()

    def stop(self) -> None:
        """End the process, whatever it is doing."""
        with self._starting:
            if self._pool is not None:
                self._pool.shutdown(wait=False, cancel_futures=True)
                self._pool = None

    def _started(self) -> ProcessPoolExecutor:
        with self._starting:
            if self._pool is None:
                # `spawn`: a fork would take the database's connections along.
                context = multiprocessing.get_context("spawn")
                pool = ProcessPoolExecutor(1, mp_context=context, initializer=_leave_ctrl_c_to_the_server)
                with _no_program():
                    pool.submit(_nothing)  # the process is started here
                self._pool = pool
            return self._pool


@contextmanager
def _no_program() -> Iterator[None]:
    """Let a process that is started now begin with none of what runs here.

    Streamlit puts the page that it runs in place of `__main__`, and a spawned process would run it as well.
    """
    program = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = program


def _nothing() -> None:
    """Do nothing, elsewhere."""


def _leave_ctrl_c_to_the_server() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _solve(estate: Estate, clock: Clock, policy: Policy, time_limit_s: float | None) -> Round:
    return run_round(estate, clock, periods=policy.periods, points=policy.points, time_limit_s=time_limit_s)
