"""Heavy work is done in processes of its own: the solvers would hold up every other request meanwhile.

One process for rounds and one for forecasts, one piece of work at a time in each, started with the first.
They are given the estate and give back the answer; they know no database and no keys.
"""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from threading import Lock
from typing import TypeVar

from beds.disclosure import ReleasedTable
from beds.domain.clock import Clock
from beds.domain.estate import Estate
from beds.errors import Busy
from beds.services.exports import export_tables
from beds.services.forecasts import Asked, Known, Made, make
from beds.services.policy import Policy
from beds.services.rounds import Round, run_round
from beds.services.simulation_documents import make_simulation
from beds.services.simulations import How

Answer = TypeVar("Answer")


class Elsewhere:
    """A process of its own that does one piece of work at a time."""

    def __init__(self, busy: str, cut_off: str) -> None:
        """Start nothing yet; the two sentences are for whoever comes in between, or is cut off."""
        self._busy, self._cut_off = busy, cut_off
        self._pool: ProcessPoolExecutor | None = None
        self._starting = Lock()
        self._working = Lock()

    def answer(self, work: Callable[..., Answer], *arguments: object) -> Answer:
        """Return what a piece of work comes to, done elsewhere.

        Raises
        ------
        Busy
            Another piece is being worked on, or the process was ended from outside.
        """
        if not self._working.acquire(blocking=False):
            raise Busy(self._busy)
        try:
            return self._started().submit(work, *arguments).result()
        except BrokenProcessPool as error:
            self.stop()
            raise Busy(self._cut_off) from error
        finally:
            self._working.release()

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
                self._pool = ProcessPoolExecutor(
                    1, mp_context=context, initializer=_leave_ctrl_c_to_the_server
                )
            return self._pool


class Solver:
    """Where rounds are solved and forecasts are made."""

    def __init__(self) -> None:
        """Start nothing yet."""
        self._rounds = Elsewhere(
            "a round is being run already; nothing was changed, look for it among the rounds",
            "the round was cut off; nothing was changed, try again",
        )
        self._forecasts = Elsewhere(
            "a forecast is being made already; nothing was changed, try again in a moment",
            "the forecast was cut off; nothing was changed, try again",
        )

    def round_on(self, estate: Estate, clock: Clock, policy: Policy, time_limit_s: float | None) -> Round:
        """Return a round on an estate.

        Raises
        ------
        Busy
            Another round is being solved, or the process was ended from outside.
        """
        return self._rounds.answer(_solve, estate, clock, policy, time_limit_s)

    def made(self, known: Known, asked: Asked, replications: int | None = None) -> Made:
        """Return a forecast, or scenarios side by side, or with replications a simulation, to be kept.

        Raises
        ------
        Busy
            Another is being made, or the process was ended from outside.
        BadInput
            The scenarios do not fit each other or the records.
        """
        if replications is None:
            return self._forecasts.answer(make, known, asked)
        return self._forecasts.answer(make_simulation, known, asked, How(replications))

    def tables(self, name: str, known: Known, asked: Asked) -> tuple[ReleasedTable, ...]:
        """Return the tables of an export.

        Raises
        ------
        Busy
            Another is being made, or the process was ended from outside.
        BadInput
            The scenario does not fit the records.
        """
        return self._forecasts.answer(export_tables, name, known, asked)

    def stop(self) -> None:
        """End the processes, whatever they are doing."""
        self._rounds.stop()
        self._forecasts.stop()


def _leave_ctrl_c_to_the_server() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _solve(estate: Estate, clock: Clock, policy: Policy, time_limit_s: float | None) -> Round:
    return run_round(estate, clock, periods=policy.periods, points=policy.points, time_limit_s=time_limit_s)
