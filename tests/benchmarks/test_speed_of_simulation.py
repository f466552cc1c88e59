"""Simulations of a national service. The aim stands with each; only ratios within one run are required."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from beds.domain.clock import Clock
from beds.domain.estate import Estate
from beds.domain.scenario import PolicyName, Scenario
from beds.domain.terms import Nation
from beds.services.need_mix import need_mix
from beds.services.simulation_model import simulation_model
from beds.synthesis import SYNTHETIC_AS_AT, synthesise
from optimiser.simulation import LOCAL, Model, Runs, WholeNights, simulate
from optimiser.simulation.replicating import Prepared
from optimiser.stays import StayLaw
from tests.another_simulator import Service, simulation
from tests.demands import a_demand
from tests.models import a_model

CLOCK = Clock(SYNTHETIC_AS_AT)
SITES = 400
"""Some 3,000 beds, in both nations."""
A_DAY = {Nation.ENGLAND: 11.0, Nation.SCOTLAND: 1.1}
"""Households, so that the beds that suit them are full and some wait."""
STAY = StayLaw.log_normal(180.0, 0.7)
TEN_YEARS, A_YEAR = 3_650, 365
TIMES_CIW = 50


@cache
def estate() -> Estate:
    """Return the estate of the benchmarks."""
    return synthesise(SITES, 400, 1)


def national(days: int, policy: PolicyName, *, a_day: float = 1.0, stay: StayLaw = STAY) -> Model:
    """Return a national service."""
    rates = {nation: rate * a_day for nation, rate in A_DAY.items()}
    demand = replace(
        a_demand(rates, days=days, stay=stay, mix=need_mix(CLOCK), draws=20), starts_on=CLOCK.today
    )
    scenario = Scenario(
        "national", horizon_days=days, policy=policy, patience_days=60.0, hold_days=1.0, decline_share=0.1
    )
    return simulation_model(estate(), CLOCK, demand, scenario)


def timed(benchmark: BenchmarkFixture, model: Model, **options: Any) -> Runs:
    """Simulate, and keep with the figures what was simulated and the processor time it took in all."""
    before = _processor_s()
    runs: Runs = benchmark.pedantic(simulate, (model,), options, rounds=1)
    figures = runs.by_day
    benchmark.extra_info.update(
        processor_s=round(_processor_s() - before, 1),
        beds=int((model.units.singles + model.units.cots).sum()),
        profiles=len(model.profiles),
        events=int(runs.events.sum()),
        occupied_at_the_end=round(float(figures["occupied"][:, -1, [0, 8]].sum(axis=1).mean())),
        waiting_at_the_end=round(float(figures["waiting"][:, -1, [0, 8]].sum(axis=1).mean())),
    )
    return runs


def _processor_s() -> float:
    """Return the processor time of this process and of its children that have ended."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


@pytest.mark.parametrize(
    ("a_day", "stay"),
    [
        pytest.param(1.0, STAY, id="stays of 230 nights: under 60 s"),
        pytest.param(5.0, StayLaw.exactly(45), id="stays of 45 nights, five times as many households"),
    ],
)
def test_ten_years_a_hundred_times_first_come_first_served(
    benchmark: BenchmarkFixture, a_day: float, stay: StayLaw
) -> None:
    model = national(TEN_YEARS, PolicyName.FIRST_COME_FIRST_SERVED, a_day=a_day, stay=stay)

    runs = timed(benchmark, model, replications=100, seed=1, workers=2)

    assert len(runs) == 100


def test_a_year_twenty_times_by_the_allocator(benchmark: BenchmarkFixture) -> None:
    """The aim is under five minutes."""
    model = national(A_YEAR, PolicyName.ALLOCATOR)

    runs = timed(benchmark, model, replications=20, seed=1, workers=2)

    assert len(runs) == 20


@pytest.mark.parametrize(
    ("beds", "days"),
    [
        pytest.param((2_700, 300), 150, id="3,000 beds: 50 times"),
        pytest.param((900, 100), 300, id="1,000 beds"),
        pytest.param((100, 10), 1_500, id="110 beds"),
    ],
)
def test_events_a_second_beside_ciw(benchmark: BenchmarkFixture, beds: tuple[int, int], days: int) -> None:
    """The same service in both, from empty; each is timed in this process, first Ciw, then ours, then Ciw."""
    mean = 45.0
    rates = tuple(1.02 * count / mean for count in beds)
    service = Service(rates, beds, StayLaw.exactly(45), None, days=days, warm_up_days=0)
    own = np.zeros((2, sum(beds)))
    own[0, : beds[0]] = own[1, beds[0] :] = 1
    model = a_model(own, rates=rates, stay=WholeNights(service.stay), days=days)

    first = _ciw_events_a_second(service, 1)
    ours = benchmark.pedantic(_our_events_a_second, (model,), rounds=1)
    last = _ciw_events_a_second(service, 2)

    theirs = max(first, last)
    benchmark.extra_info.update(
        ours=round(ours), ciw=(round(first), round(last)), times=round(ours / theirs, 1)
    )
    if sum(beds) == 3_000:
        assert ours > TIMES_CIW * theirs


def _ciw_events_a_second(service: Service, seed: int) -> float:
    run = simulation(service, seed)
    began = time.perf_counter()
    run.simulate_until_max_time(service.days)
    took = time.perf_counter() - began
    stays = [record for record in run.get_all_records() if record.record_type == "service"]
    still_there = sum(len(node.all_individuals) for node in run.nodes[1:-1])
    return (2 * len(stays) + still_there) / took


def _our_events_a_second(model: Model) -> float:
    """Events over everything that a run takes: the tables of the model, the chance, the run, its figures."""
    began, events = time.perf_counter(), 0
    prepared = Prepared.of(model)
    for seed in np.random.SeedSequence(1).spawn(5):
        events += prepared.replicate(seed).events
    return events / (time.perf_counter() - began)


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("where", ["processes", "dask"])
def test_replications_in_processes_and_on_dask(benchmark: BenchmarkFixture, where: str, workers: int) -> None:
    model = national(TEN_YEARS, PolicyName.FIRST_COME_FIRST_SERVED)
    dask = LOCAL if where == "dask" else None

    runs = timed(benchmark, model, replications=30, seed=1, workers=workers, dask=dask)

    benchmark.extra_info.update(digest=runs.digest()[:16])
    alone = simulate(model, replications=2, seed=1)
    assert (alone.by_day["short"] == runs.by_day["short"][:2]).all()
