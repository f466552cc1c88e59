"""Rounds are solved in a process of their own, one at a time: the solvers hold the interpreter.

The process is given the estate and gives back words of progress and the answer; it knows no database and no
keys. Ending it leaves nothing behind: a round is written whole, afterwards, by whoever asked for it.
"""

from __future__ import annotations

import logging
import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from threading import Lock, Thread
from time import monotonic
from typing import TYPE_CHECKING, Final

from beds.domain.clock import Clock
from beds.domain.estate import Estate
from beds.errors import BedsError, Busy
from beds.services.kept_choices import NOBODY_KEPT
from beds.services.policy import Policy
from beds.services.rounds import Round

if TYPE_CHECKING:
    from beds.services.kept_rounds import RoundLine

    Keep = Callable[[Round], RoundLine]

logger = logging.getLogger(__name__)

PROGRAM: Final = "beds.services.solver_process"
CUT_OFF: Final = "the round was cut off; nothing was changed, try again"
STOPPED: Final = "the round was stopped; nothing was changed"
RUNNING_ALREADY: Final = "a round is being run already; nothing was changed, look for it among the rounds"


@dataclass(frozen=True, slots=True)
class Order:
    """A round that is asked for; `kept` are the choices that it is run around, by references."""

    estate: Estate
    clock: Clock
    policy: Policy
    kept: Mapping[str, str]
    time_limit_s: float | None


@dataclass(frozen=True, slots=True)
class Words:
    """What the process is doing, in a few words."""

    text: str


class RunState(StrEnum):
    """Where a run stands; while its answer is being kept it cannot be stopped any more."""

    SOLVING = "solving"
    KEEPING = "keeping"
    KEPT = "kept"
    STOPPED = "stopped"
    REFUSED = "refused"


class Run:
    """A round that is being run, for anybody in this process to watch or to stop.

    `by` is whoever asked, an opaque reference. `progress` are the words so far, the newest last. `line` is
    the round once it is kept; `refusal` says why it is not.
    """

    def __init__(self, by: str = "") -> None:
        """Begin at once."""
        self.by = by
        self.progress: tuple[str, ...] = ()
        self.state = RunState.SOLVING
        self.line: RoundLine | None = None
        self.refusal: BedsError | None = None
        self._began = monotonic()
        self._ended: float | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._turn = Lock()

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come of it."""
        return self.state not in (RunState.SOLVING, RunState.KEEPING)

    @property
    def seconds(self) -> float:
        """How long it has taken so far, or took."""
        return (self._ended or monotonic()) - self._began

    def stop(self) -> bool:
        """End it, whatever it is doing; False once its answer is there, which is then kept."""
        with self._turn:
            if self.state is not RunState.SOLVING:
                return False
            self._end(RunState.STOPPED, Busy(STOPPED))
            if self._process is not None:
                self._process.kill()
        return True

    def solve(self, order: Order) -> Round:
        """Return the answer; it can be stopped until then, and not any more afterwards.

        Raises
        ------
        BedsError
            The round is refused, or was stopped or cut off.
        """
        with _a_process() as process:
            with self._turn:
                self._process = process
            answer = None if self.is_over else self._answer(process, order)
        with self._turn:
            if self.state is RunState.STOPPED:
                raise Busy(STOPPED)
            if answer is None:
                raise Busy(CUT_OFF)
            if isinstance(answer, BedsError):
                raise answer
            self.state = RunState.KEEPING
        return answer

    def over(self, line: RoundLine | None = None, refusal: BedsError | None = None) -> None:
        """Note what came of it."""
        with self._turn:
            if not self.is_over:
                self.line = line
                self._end(RunState.KEPT if refusal is None else RunState.REFUSED, refusal)

    def _answer(self, process: subprocess.Popen[bytes], order: Order) -> Round | BedsError | None:
        """Return what the process answers, None where it is cut off."""
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            with process.stdin as wanted:
                pickle.dump(order, wanted)
            while isinstance(told := pickle.load(process.stdout), Words):  # noqa: S301 our own process
                self.progress = (*self.progress, told.text)
        except (OSError, EOFError, pickle.UnpicklingError):
            return None
        answer: Round | BedsError = told
        return answer

    def _end(self, state: RunState, refusal: BedsError | None) -> None:
        self.refusal, self._ended, self.state = refusal, monotonic(), state


class Solver:
    """Where rounds are run: one at a time."""

    def __init__(self) -> None:
        """Start nothing yet."""
        self._run: Run | None = None
        self._one_at_a_time = Lock()

    @property
    def run(self) -> Run | None:
        """The run that is going on or was the last, None where there was none."""
        return self._run

    def begin(self, order: Order, *, by: str, keep: Keep) -> Run:
        """Begin a round and return at once; `keep` is called with its answer, in a thread of its own.

        Raises
        ------
        Busy
            Another round is being run.
        """
        run = self._claim(Run(by))
        Thread(target=_run_and_keep, args=(run, order, keep), name="round", daemon=True).start()
        return run

    def round_on(
        self,
        estate: Estate,
        clock: Clock,
        policy: Policy,
        time_limit_s: float | None = None,
        *,
        kept: Mapping[str, str] = NOBODY_KEPT,
    ) -> Round:
        """Return a round on an estate, solved elsewhere.

        Raises
        ------
        Busy
            Another round is being run, or this one was stopped or cut off.
        NotFound, NotAllowedNow, HardRuleBroken
            Somebody cannot be kept.
        """
        run = self._claim(Run())
        try:
            answer = run.solve(Order(estate, clock, policy, dict(kept), time_limit_s))
        except BedsError as refusal:
            run.over(refusal=refusal)
            raise
        else:
            run.over()
            return answer
        finally:
            run.over(refusal=Busy(CUT_OFF))

    def stop(self) -> None:
        """End what is going on."""
        if self._run is not None:
            self._run.stop()

    def _claim(self, run: Run) -> Run:
        with self._one_at_a_time:
            if self._run is not None and not self._run.is_over:
                raise Busy(RUNNING_ALREADY)
            self._run = run
        return run


def _run_and_keep(run: Run, order: Order, keep: Keep) -> None:
    try:
        run.over(keep(run.solve(order)))
    except BedsError as refusal:
        run.over(refusal=refusal)
    finally:
        # Whatever went wrong: whoever watches must not wait for ever.
        run.over(refusal=Busy(CUT_OFF))
        logger.info("round %s after %.1f s", run.state, run.seconds)


@contextmanager
def _a_process() -> Iterator[subprocess.Popen[bytes]]:
    """Give a process that solves one round; it is ended when the block is left.

    A program of its own and not a fork or a spawn of this one: it must take no connection along, nor run the
    page that happens to be running here.
    """
    # Its settings, and with them the keys, are not for it.
    clean = {name: value for name, value in os.environ.items() if not name.startswith("BEDS_")}
    process = subprocess.Popen(  # noqa: S603 our own interpreter and program; no shell is involved
        [sys.executable, "-m", PROGRAM],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**clean, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        start_new_session=True,  # Ctrl-C is for the server
    )
    try:
        yield process
    finally:
        process.kill()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None and not pipe.closed:
                with suppress(BrokenPipeError):
                    pipe.close()
        process.wait()
