"""A round in a process of its own: its progress is seen, it can be stopped, and nothing is half-written."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import Engine

from beds.domain.clock import Clock
from beds.domain.estate import Estate
from beds.errors import Busy, HardRuleBroken, NotAllowedNow
from beds.services.kept_rounds import RoundLine, keep_run
from beds.services.rounds import Round, run_round
from beds.services.solving import CUT_OFF, STOPPED, Order, Run, RunState, Solver
from beds.synthesis import SYNTHETIC_AS_AT, synthesise
from tests.builders import CLOCK, a_referral
from tests.integration.live import ENGLISH, change, count, the_policy, two_women
from tests.integration.recorded import bring_in

MOST_SECONDS = 60
LINE = RoundLine("run-1", CLOCK.as_at, CLOCK.as_at, "optimal", {}, 0, 0)


@pytest.fixture
def solver() -> Iterator[Solver]:
    """Give a solver, ended afterwards."""
    found = Solver()
    yield found
    found.stop()


def ordered(estate: Estate | None = None, **kept: str) -> Order:
    """Return the order of a round at noon."""
    return Order(estate or two_women(), CLOCK, the_policy(), kept, None)


@cache
def a_long_one() -> Order:
    """Return the order of a round that takes a while."""
    estate = synthesise(sites=250, referrals=600, seed=1, as_at=SYNTHETIC_AS_AT)
    return Order(estate, Clock(SYNTHETIC_AS_AT), the_policy(), {}, None)


def until(met: Callable[[], bool]) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + MOST_SECONDS
    while not met():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def kept_nowhere(held: Round) -> RoundLine:
    """Keep a round nowhere."""
    del held
    return LINE


def test_a_round_solved_elsewhere_is_the_same_to_the_byte(solver: Solver) -> None:
    policy = the_policy()

    elsewhere = solver.round_on(two_women(), CLOCK, policy)

    here = run_round(two_women(), CLOCK, periods=policy.periods, points=policy.points)
    assert elsewhere.result_json == here.result_json
    assert elsewhere.problem.to_json() == here.problem.to_json()


def test_its_progress_is_seen_and_its_answer_is_kept(solver: Solver, sqlite_engine: Engine) -> None:
    bring_in(sqlite_engine, two_women())

    run = solver.begin(
        ordered(), by="user-english", keep=lambda held: change(sqlite_engine, keep_run, ENGLISH, held)
    )
    until(lambda: run.is_over)

    assert (run.state, run.refusal, run.by) == (RunState.KEPT, None, "user-english")
    assert run.line is not None
    assert run.line.proposals == 2
    assert run.progress[0] == "judging every household against every unit"
    assert solver.run is run
    assert count(sqlite_engine, "allocation_round") == 1


def test_a_round_that_is_stopped_leaves_nothing_and_makes_room_for_another(solver: Solver) -> None:
    kept: list[Round] = []

    def keep(held: Round) -> RoundLine:
        kept.append(held)
        return LINE

    run = solver.begin(a_long_one(), by="", keep=keep)
    until(lambda: bool(run.progress))

    assert run.stop()

    assert (run.state, str(run.refusal)) == (RunState.STOPPED, STOPPED)
    assert not run.stop()
    assert solver.round_on(two_women(), CLOCK, the_policy()).result["status"] == "optimal"
    assert kept == []
    assert run.state is RunState.STOPPED


def test_one_that_is_stopped_before_its_process_has_begun_never_begins(solver: Solver) -> None:
    run = Run()
    run.stop()

    with pytest.raises(Busy, match="stopped"):
        run.solve(ordered())


def test_a_round_cannot_be_stopped_while_it_is_being_kept(solver: Solver) -> None:
    let_it_be_kept = Event()

    def keep(held: Round) -> RoundLine:
        let_it_be_kept.wait(MOST_SECONDS)
        return kept_nowhere(held)

    run = solver.begin(ordered(), by="", keep=keep)
    until(lambda: run.state is RunState.KEEPING)

    assert not run.stop()

    let_it_be_kept.set()
    until(lambda: run.is_over)
    assert run.state is RunState.KEPT


def test_one_round_at_a_time(solver: Solver) -> None:
    run = solver.begin(a_long_one(), by="", keep=kept_nowhere)

    with pytest.raises(Busy, match="a round is being run already"):
        solver.begin(ordered(), by="", keep=kept_nowhere)
    with pytest.raises(Busy, match="a round is being run already"):
        solver.round_on(two_women(), CLOCK, the_policy())

    run.stop()


def test_a_choice_that_cannot_be_kept_is_refused_in_the_words_of_the_service(solver: Solver) -> None:
    estate = two_women(referrals=(a_referral(min_security_level=3), a_referral("R2")))

    run = solver.begin(ordered(estate, R1="U1"), by="", keep=kept_nowhere)
    until(lambda: run.is_over)

    assert run.state is RunState.REFUSED
    assert isinstance(run.refusal, HardRuleBroken)
    assert run.refusal.rules == ("security",)


def test_what_the_database_refuses_is_refused(solver: Solver) -> None:
    def keep(_: Round) -> RoundLine:
        raise NotAllowedNow("not now")

    run = solver.begin(ordered(), by="", keep=keep)
    until(lambda: run.is_over)

    assert (run.state, str(run.refusal), run.line) == (RunState.REFUSED, "not now", None)


def test_a_process_that_is_ended_from_outside_is_a_round_cut_off(solver: Solver) -> None:
    run = solver.begin(a_long_one(), by="", keep=kept_nowhere)
    until(lambda: bool(run.progress))

    os.kill(child_of_this_process(), 9)
    until(lambda: run.is_over)

    assert (run.state, str(run.refusal)) == (RunState.REFUSED, CUT_OFF)


def child_of_this_process() -> int:
    """Return the process that solves."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            program = (process / "cmdline").read_bytes()
            parent = int((process / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        if b"solver_process" in program and parent == os.getpid():
            return int(process.name)
    raise AssertionError("there is no such process")


def test_the_process_is_told_no_setting(solver: Solver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BEDS_ENCRYPTION_KEY", "a-key-that-is-not-for-it")
    run = solver.begin(a_long_one(), by="", keep=kept_nowhere)
    until(lambda: bool(run.progress))

    environment = Path(f"/proc/{child_of_this_process()}/environ").read_bytes()

    run.stop()
    assert b"BEDS_" not in environment
