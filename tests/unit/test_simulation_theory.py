"""The engine that serves users against queueing theory, inside its own 99 % intervals.

Tighter intervals, on longer runs: `tests/benchmarks/test_simulation_against_theory.py`.
"""

from __future__ import annotations

import numpy as np
import pytest

from optimiser.simulation import Exponential, Law, Runs, WholeNights, estimate, simulate
from optimiser.stays import StayLaw
from tests.models import a_model, a_queue
from tests.queueing import erlang_a, erlang_b, erlang_c, mean_wait

ONE_DAY = Exponential(1.0)
AT_ONCE = Exponential(0.0)
"""The patience of those who go away when there is no bed."""


def loss(offered: float, servers: int, stay: Law, *, days: int, replications: int = 20) -> Runs:
    """Run a service in which nobody waits."""
    model = a_queue(
        servers,
        rate=offered / stay.mean,
        stay=stay,
        days=days + int(10 * stay.mean),
        warm_up_days=int(10 * stay.mean),
        patience=AT_ONCE,
    )
    return simulate(model, replications=replications, seed=1)


@pytest.mark.parametrize(
    ("offered", "servers", "days", "published"),
    [(10, 15, 600, 0.036497), (45, 50, 150, 0.054104), (90, 100, 100, 0.026957)],
)
def test_the_share_turned_away_is_erlangs_first_formula(
    offered: float, servers: int, days: int, published: float
) -> None:
    blocked = loss(offered, servers, ONE_DAY, days=days).share_that_gives_up(level=0.99)

    assert erlang_b(offered, servers) == pytest.approx(published, abs=5e-7)
    assert blocked.holds(published)
    assert blocked.high - blocked.low < 0.3 * published


@pytest.mark.parametrize(
    "stay",
    [
        WholeNights(StayLaw.exactly(10)),
        WholeNights(StayLaw.log_normal(6.0, 1.0)),
        WholeNights(StayLaw.geometric(10.0)),
    ],
    ids=["always the same", "a few very long", "whole nights without memory"],
)
def test_the_share_turned_away_does_not_depend_on_how_stays_spread(stay: Law) -> None:
    blocked = loss(10, 15, stay, days=3_000).share_that_gives_up(level=0.99)

    assert blocked.holds(erlang_b(10, 15))
    assert blocked.high - blocked.low < 0.3 * erlang_b(10, 15)


@pytest.mark.parametrize(
    ("offered", "servers", "days", "published"), [(10, 15, 400, 0.102042), (45, 50, 300, 0.363864)]
)
def test_the_share_that_waits_and_how_long_are_erlangs_second_formula(
    offered: float, servers: int, days: int, published: float
) -> None:
    model = a_queue(servers, rate=offered, stay=ONE_DAY, days=days, warm_up_days=40)

    runs = simulate(model, replications=20, seed=1)

    assert erlang_c(offered, servers) == pytest.approx(published, abs=5e-7)
    waits = runs.share_that_waits(level=0.99)
    assert waits.holds(published)
    assert waits.high - waits.low < 0.35 * published
    assert runs.mean_wait(level=0.99).holds(mean_wait(offered, servers, 1.0))


def test_the_share_that_gives_up_is_palms_formula() -> None:
    model = a_queue(
        45, rate=1.0, stay=Exponential(45.0), days=6_000, warm_up_days=500, patience=Exponential(7.0)
    )
    theory = erlang_a(1.0, 45.0, 7.0, 45)

    runs = simulate(model, replications=20, seed=1)

    assert theory.gives_up == pytest.approx(0.08487, abs=5e-6)
    gives_up = runs.share_that_gives_up(level=0.99)
    assert gives_up.holds(theory.gives_up)
    assert gives_up.high - gives_up.low < 0.2 * theory.gives_up
    assert runs.share_that_waits(level=0.99).holds((theory.waits - theory.gives_up) / (1 - theory.gives_up))
    assert estimate(runs.means["waiting"], level=0.99).holds(theory.waiting)


def test_those_who_wait_are_as_many_as_come_in_a_mean_wait() -> None:
    """Little's law, between figures that are counted apart: nights counted, and waits measured."""
    model = a_queue(50, rate=45.0, stay=ONE_DAY, days=300, warm_up_days=40)

    runs = simulate(model, replications=20, seed=2)

    counted = runs.days - runs.warm_up_days
    by_nights = runs.total("waiting")[:, 0] / counted
    by_waits = runs.wait_days[:, 0] / counted
    assert estimate(by_nights - by_waits, level=0.99).holds(0.0)
    assert estimate(runs.means["waiting"], level=0.99).holds(45.0 * mean_wait(45, 50, 1.0))


def test_beds_in_use_are_arrivals_times_the_mean_stay() -> None:
    stay = WholeNights(StayLaw.log_normal(20.0, 0.8))
    model = a_queue(120, rate=2.0, stay=stay, days=2_000, warm_up_days=600)

    runs = simulate(model, replications=10, seed=2)

    expected = 2.0 * stay.mean
    assert estimate(runs.means["occupied"], level=0.99).holds(expected)
    by_nights = runs.total("occupied")[:, 0] / (runs.days - runs.warm_up_days)
    assert estimate(by_nights, level=0.99).holds(expected)


def test_two_houses_apart_turn_more_away_than_the_same_beds_together() -> None:
    own = np.kron(np.eye(2), np.ones((1, 20)))
    law = {"stay": ONE_DAY, "days": 300, "warm_up_days": 10, "patience": AT_ONCE}
    apart = a_model(own, rates=(18.0, 18.0), **law)
    pooled = a_model(np.ones((2, 40)), rates=(18.0, 18.0), **law)

    lost = [simulate(model, replications=20, seed=1) for model in (apart, pooled)]

    shares = [runs.total("gave_up").sum(axis=1) / runs.total("arrivals").sum(axis=1) for runs in lost]
    assert estimate(shares[0], level=0.99).holds(erlang_b(18, 20))
    assert estimate(shares[1], level=0.99).holds(erlang_b(36, 40))
    assert (erlang_b(18, 20), erlang_b(36, 40)) == pytest.approx((0.1092, 0.0654), abs=5e-5)


def test_doubling_the_stay_doubles_the_beds_in_use_where_nobody_waits() -> None:
    """30, 45 and 90 nights in the ratio 1 : 1.5 : 3, and the same households in each."""
    in_use = []
    for nights in (30, 45, 90):
        model = a_queue(
            400, rate=1.5, stay=WholeNights(StayLaw.exactly(nights)), days=1_000, warm_up_days=100
        )
        in_use.append(simulate(model, replications=10, seed=3).means["occupied"])

    means = [float(beds.mean()) for beds in in_use]
    assert estimate(in_use[0] * 1.5 - in_use[1], level=0.99).holds(0.0)
    assert estimate(in_use[0] * 3.0 - in_use[2], level=0.99).holds(0.0)
    assert means == pytest.approx([45.0, 67.5, 135.0], rel=0.02)
