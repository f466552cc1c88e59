"""Forecasts are made in a process of its own: they would hold up every other request meanwhile.

One process, one piece of work at a time, started with the first. It is given the estate and gives back the
answer; it knows no database and no keys. Rounds are solved by `beds.services.solving`.
"""

from __future__ import annotations

import multiprocessing
import signal
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from threading import Lock
from types import ModuleType
from typing import TypeVar

from beds.disclosure import ReleasedTable
from beds.errors import Busy
from beds.services.exports import export_tables
from beds.services.forecasts import Asked, Known, Made, make
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
                pool = ProcessPoolExecutor(1, mp_context=context, initializer=_leave_ctrl_c_to_the_server)
                with _no_program():
                    pool.submit(_nothing)  # the process is started here
                self._pool = pool
            return self._pool


class Forecaster:
    """Where forecasts are made.

    Attributes
    ----------
    elsewhere : Elsewhere
        The process, for other work of the kind.
    """

    def __init__(self) -> None:
        """Start nothing yet."""
        self.elsewhere = Elsewhere(
            "a forecast is being made already; nothing was changed, try again in a moment",
            "the forecast was cut off; nothing was changed, try again",
        )

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
            return self.elsewhere.answer(make, known, asked)
        return self.elsewhere.answer(make_simulation, known, asked, How(replications))

    def tables(self, name: str, known: Known, asked: Asked) -> tuple[ReleasedTable, ...]:
        """Return the tables of an export.

        Raises
        ------
        Busy
            Another is being made, or the process was ended from outside.
        BadInput
            The scenario does not fit the records.
        """
        return self.elsewhere.answer(export_tables, name, known, asked)

    def stop(self) -> None:
        """End the process, whatever it is doing."""
        self.elsewhere.stop()


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
