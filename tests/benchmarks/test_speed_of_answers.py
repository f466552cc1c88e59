"""One household's options among 3,000 units (aim: 95 in 100 under 100 ms); `beds --help` (aim: 0.5 s)."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from statistics import quantiles

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from beds.domain.clock import Clock
from beds.domain.estate import Estate
from beds.domain.households import not_for_a_round, taking_part
from beds.domain.points import MismatchPoints
from beds.reference import recovery_periods
from beds.services.freezing import Ground
from beds.services.options import OptionsJson, candidates, options
from beds.synthesis import SYNTHETIC_AS_AT, synthesise
from tests.benchmarks.test_speed_of_rounds import note_what_was, run_beds

CLOCK = Clock(SYNTHETIC_AS_AT)
HOUSEHOLDS = 200


@cache
def the_estate() -> Estate:
    """Return an estate of 3,000 units with 400 households waiting."""
    return synthesise(sites=800, referrals=400, seed=1)


def households() -> list[str]:
    """Return 200 households that a round may place."""
    estate = the_estate()
    waiting = [
        r.referral_id
        for r in taking_part(estate, CLOCK)
        if not_for_a_round(estate.people_of[r.referral_id]) is None
    ]
    return list(waiting[:HOUSEHOLDS])


def options_on(ground: Ground, referral_id: str) -> OptionsJson:
    """Return a household's options on an estate that is compiled already."""
    return options(ground, referral_id, periods=recovery_periods(), points=MismatchPoints())


def options_afresh(referral_id: str) -> OptionsJson:
    """Return a household's options, the estate compiled first."""
    return options_on(Ground.of(the_estate(), CLOCK), referral_id)


def note_the_slow_ones(benchmark: BenchmarkFixture) -> None:
    """Keep the time below which 95 in 100 stay."""
    times_ms = [seconds * 1000 for seconds in benchmark.stats.stats.data]
    benchmark.extra_info.update(
        units=len(the_estate().units),
        median_ms=round(quantiles(times_ms, n=100)[49], 1),
        p95_ms=round(quantiles(times_ms, n=100)[94], 1),
        worst_ms=round(max(times_ms), 1),
    )


def test_options_of_a_household_on_an_estate_compiled_once(benchmark: BenchmarkFixture) -> None:
    ground = Ground.of(the_estate(), CLOCK)
    asked = iter(households())

    benchmark.pedantic(options_on, setup=lambda: ((ground, next(asked)), {}), rounds=HOUSEHOLDS)

    note_the_slow_ones(benchmark)


def test_options_of_a_household_with_the_estate_compiled_each_time(benchmark: BenchmarkFixture) -> None:
    asked = iter(households())

    benchmark.pedantic(options_afresh, setup=lambda: ((next(asked),), {}), rounds=HOUSEHOLDS)

    note_the_slow_ones(benchmark)


def test_candidates_for_a_unit(benchmark: BenchmarkFixture) -> None:
    ground = Ground.of(the_estate(), CLOCK)
    units = iter([unit.unit_id for unit in the_estate().units])

    benchmark.pedantic(
        lambda unit: candidates(ground, unit, periods=recovery_periods(), points=MismatchPoints()),
        setup=lambda: ((next(units),), {}),
        rounds=10,
    )


@pytest.mark.parametrize("arguments", [("--help",), ("allocate", "--help")], ids=" ".join)
def test_help_as_a_whole_process(
    benchmark: BenchmarkFixture, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    spent = tmp_path / "spent"

    benchmark.pedantic(run_beds, (spent, *arguments), rounds=7, warmup_rounds=1)

    note_what_was(spent, benchmark)
