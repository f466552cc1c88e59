"""Rounds, as whole processes and as hard problems. The aim stands with each; nothing fails for its time."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from beds.checking import check_result
from beds.domain.points import MismatchPoints
from beds.importing import read_folder
from beds.reference import recovery_periods
from beds.synthesis import SYNTHETIC_AS_AT, synth_folder
from optimiser.allocation import allocate
from optimiser.check import violations
from tests.benchmarks.hard_problems import SCARCE, Hardness, hard_problem

ROOT = Path(__file__).resolve().parents[2]


PROGRAM = """
import atexit, os, sys
from pathlib import Path
spent = Path(sys.argv.pop(1))

@atexit.register
def note_what_was_spent():
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    spent.write_text(f"{status['VmHWM'].split()[0]} {sum(os.times()[:2])}")

from beds.cli import app
app()
"""
"""The process says itself what it took: seen from here, its peak would begin with the memory of this one."""


def run_beds(spent: Path, *arguments: str) -> None:
    """Run the command in a process of its own, its output thrown away; it notes what it took in a file."""
    program = [sys.executable, "-c", PROGRAM, str(spent), *arguments]
    subprocess.run(program, cwd=ROOT, stdout=subprocess.DEVNULL, check=True)


def note_what_was(spent: Path, benchmark: BenchmarkFixture) -> None:
    """Keep the peak memory and the processor time of the last process with the figures."""
    peak_kib, processor_s = spent.read_text(encoding="utf-8").split()
    benchmark.extra_info.update(
        peak_mib=round(int(peak_kib) / 1024), processor_s=round(float(processor_s), 2)
    )


@pytest.mark.parametrize(
    ("sites", "households"),
    [
        pytest.param(60, 150, id="60 sites, 150 households: under 3 s"),
        pytest.param(120, 300, id="120 sites, 300 households"),
        pytest.param(400, 1200, id="400 sites, 1,200 households: 10 s, under 1.5 GiB"),
    ],
)
def test_a_round_on_a_folder_as_a_whole_process(
    benchmark: BenchmarkFixture, tmp_path: Path, sites: int, households: int
) -> None:
    synth_folder(tmp_path / "estate", sites=sites, referrals=households, seed=1)
    answer = tmp_path / "answer.json"
    options = ("--from", str(tmp_path / "estate"), "--as-at", SYNTHETIC_AS_AT.isoformat())

    spent = tmp_path / "spent"

    benchmark.pedantic(run_beds, (spent, "allocate", *options, "--json", str(answer)), rounds=3)

    result: dict[str, Any] = json.loads(answer.read_text(encoding="utf-8"))
    note_what_was(spent, benchmark)
    benchmark.extra_info.update(objective=result["objective"])
    assert result["status"] == "optimal"
    faults = check_result(
        result,
        read_folder(tmp_path / "estate"),
        as_at=datetime.fromisoformat(result["as_at"]),
        periods=recovery_periods(),
        points=MismatchPoints().as_mapping(),
    )
    assert faults == []


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize(
    ("sites", "households", "hardness"),
    [
        pytest.param(60, 150, Hardness(), id="60 × 150"),
        pytest.param(400, 1200, Hardness(), id="400 × 1,200"),
        pytest.param(20, 150, SCARCE, id="20 × 150, scarce"),
        pytest.param(40, 300, SCARCE, id="40 × 300, scarce"),
    ],
)
def test_a_hard_problem_is_proven(
    benchmark: BenchmarkFixture, sites: int, households: int, hardness: Hardness, seed: int
) -> None:
    problem = hard_problem(sites, households, seed=seed, hardness=hardness)

    answer = benchmark.pedantic(allocate, (problem,), rounds=1)

    benchmark.extra_info.update(pairs=len(problem.pairs), objective=answer.objective)
    assert answer.optimal
    assert violations(problem, answer.assignment) == []


@pytest.mark.parametrize("time_limit_s", [2.0, 20.0])
def test_what_a_round_that_is_too_hard_has_by_its_time_limit(
    benchmark: BenchmarkFixture, time_limit_s: float
) -> None:
    problem = hard_problem(60, 600, seed=0, hardness=SCARCE)

    answer = benchmark.pedantic(allocate, (problem,), {"time_limit_s": time_limit_s}, rounds=1)

    benchmark.extra_info.update(objective=answer.objective, bound=answer.bound, optimal=answer.optimal)
    assert violations(problem, answer.assignment) == []
