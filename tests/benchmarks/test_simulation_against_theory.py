"""The simulation against queueing theory at tight intervals: minutes, not part of the test run.

Each case notes the figure, its 99 % interval and the theory. One in a hundred may lie outside by chance; with
the seed fixed here none does.
"""

from __future__ import annotations

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from optimiser.simulation import Estimate, Exponential, Law, Model, Runs, WholeNights, estimate, simulate
from optimiser.stays import StayLaw
from tests.models import a_model, a_queue
from tests.queueing import erlang_a, erlang_b, erlang_c, mean_wait

REPLICATIONS = 40
SEED = 20_261_123
WORKERS = 2
ONE_DAY = Exponential(1.0)
AT_ONCE = Exponential(0.0)


def run(benchmark: BenchmarkFixture, model: Model) -> Runs:
    """Run a model so often that its intervals are narrow."""
    return benchmark.pedantic(
        simulate, (model,), {"replications": REPLICATIONS, "seed": SEED, "workers": WORKERS}, rounds=1
    )


def held_against(benchmark: BenchmarkFixture, theory: float, found: Estimate, *, within: float) -> None:
    """Note a figure beside the theory, and require its interval to have it and to be narrow."""
    mean, low, high = (float(np.squeeze(part)) for part in (found.mean, found.low, found.high))
    benchmark.extra_info.update(
        {"theory": round(theory, 6), "found": round(mean, 6), "interval": (round(low, 6), round(high, 6))}
    )
    assert low <= theory <= high
    assert high - low <= 2 * within * theory


def loss(offered: float, servers: int, stay: Law, days: int) -> Model:
    """Return a service in which nobody waits."""
    return a_queue(
        servers,
        rate=offered / stay.mean,
        stay=stay,
        days=int(days * stay.mean),
        warm_up_days=int(20 * stay.mean),
        patience=AT_ONCE,
    )


@pytest.mark.parametrize(("offered", "servers"), [(10, 15), (45, 50), (90, 100)])
def test_erlang_b(benchmark: BenchmarkFixture, offered: int, servers: int) -> None:
    runs = run(benchmark, loss(offered, servers, ONE_DAY, 100_000 // offered))

    held_against(benchmark, erlang_b(offered, servers), runs.share_that_gives_up(level=0.99), within=0.04)


@pytest.mark.parametrize(
    "stay",
    [
        WholeNights(StayLaw.exactly(10)),
        WholeNights(StayLaw.log_normal(6.0, 1.0)),
        WholeNights(StayLaw.geometric(10.0)),
    ],
    ids=["constant", "log-normal", "geometric"],
)
def test_erlang_b_whatever_the_stay(benchmark: BenchmarkFixture, stay: Law) -> None:
    runs = run(benchmark, loss(10, 15, stay, 2_500))

    held_against(benchmark, erlang_b(10, 15), runs.share_that_gives_up(level=0.99), within=0.04)


@pytest.mark.parametrize(("offered", "servers"), [(10, 15), (45, 50)])
def test_erlang_c(benchmark: BenchmarkFixture, offered: int, servers: int) -> None:
    model = a_queue(servers, rate=offered, stay=ONE_DAY, days=60_000 // offered, warm_up_days=60)

    runs = run(benchmark, model)

    held_against(benchmark, erlang_c(offered, servers), runs.share_that_waits(level=0.99), within=0.05)
    assert runs.mean_wait(level=0.99).holds(mean_wait(offered, servers, 1.0))


def test_erlang_a(benchmark: BenchmarkFixture) -> None:
    model = a_queue(
        45, rate=1.0, stay=Exponential(45.0), days=20_000, warm_up_days=900, patience=Exponential(7.0)
    )

    runs = run(benchmark, model)

    theory = erlang_a(1.0, 45.0, 7.0, 45)
    held_against(benchmark, theory.gives_up, runs.share_that_gives_up(level=0.99), within=0.04)
    assert estimate(runs.means["waiting"], level=0.99).holds(theory.waiting)


def test_littles_law(benchmark: BenchmarkFixture) -> None:
    model = a_queue(50, rate=45.0, stay=ONE_DAY, days=1_200, warm_up_days=60)

    runs = run(benchmark, model)

    counted = runs.days - runs.warm_up_days
    waiting = estimate(runs.total("waiting")[:, 0] / counted, level=0.99)
    from_waits = estimate(runs.wait_days[:, 0] / counted, level=0.99)
    held_against(benchmark, float(from_waits.mean), waiting, within=0.15)
    assert from_waits.holds(45.0 * mean_wait(45, 50, 1.0))


@pytest.mark.parametrize("pooled", [False, True], ids=["two houses", "pooled"])
def test_pooling(benchmark: BenchmarkFixture, pooled: bool) -> None:
    suits = np.ones((2, 40)) if pooled else np.kron(np.eye(2), np.ones((1, 20)))
    model = a_model(suits, rates=(18.0, 18.0), stay=ONE_DAY, days=1_000, warm_up_days=20, patience=AT_ONCE)

    runs = run(benchmark, model)

    lost = estimate(runs.total("gave_up").sum(axis=1) / runs.total("arrivals").sum(axis=1), level=0.99)
    theory = erlang_b(36, 40) if pooled else erlang_b(18, 20)
    held_against(benchmark, theory, lost, within=0.03)


@pytest.mark.parametrize("nights", [30, 45, 90])
def test_recovery_periods_with_room_for_everybody(benchmark: BenchmarkFixture, nights: int) -> None:
    stay = WholeNights(StayLaw.exactly(nights))
    model = a_queue(400, rate=1.5, stay=stay, days=3_000, warm_up_days=100)

    runs = run(benchmark, model)

    held_against(benchmark, 1.5 * nights, estimate(runs.means["occupied"], level=0.99), within=0.01)
