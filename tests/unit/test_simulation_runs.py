"""Many replications: repeatable to the byte wherever they are made, comparable, stoppable, and consistent."""

from __future__ import annotations

from typing import Any

import distributed
import numpy as np
import pytest

from optimiser.simulation import (
    LOCAL,
    Exponential,
    Model,
    Policy,
    Stream,
    WholeNights,
    estimate,
    estimate_ratio,
    simulate,
)
from optimiser.simulation.draws import draw_cast
from optimiser.stays import StayLaw
from tests.models import (
    MEN,
    WOMEN,
    a_model,
    closures,
    flags,
    floats,
    ints,
    profiles,
    residents,
    units,
    waiting,
)


def a_service(*, flats: int = 12, days: int = 120, rates: Any = (0.3, 0.2), **changes: Any) -> Model:
    """Return a service with a bit of everything: two nations, a shared house, limits, openings, closures."""
    count = flats + 4
    suits = np.ones((2, count))
    suits[0, flats:] = False
    suits[1, : flats // 2] = False
    both = profiles(suits, sharing_class=ints([WOMEN, MEN]), under_twos=ints([1, 0]))
    kinds = units(
        count,
        2,
        singles=ints([2] * flats + [3] * 4),
        shared=flags([False] * flats + [True] * 4),
        opens=floats([-np.inf] * (count - 1) + [40]),
        closes=floats([70] + [np.inf] * (count - 1)),
        max_stay=floats([np.inf, 5] + [np.inf] * (count - 2)),
    )
    return a_model(
        suits,
        rates=rates,
        days=days,
        **{
            "stay": WholeNights(StayLaw.log_normal(25.0, 0.7)),
            "profiles": both,
            "units": kinds,
            "residents": residents(0, 3, 12, profile=ints([0, 0, 1]), singles=ints([1, 2, 1])),
            "waiting": waiting(4.0, 2.0, 0.0, profile=ints([0, 1, 1]), joins=floats([0, 0, 7])),
            "closures": closures((4, 0.0, 20.0), (13, 10.0, 30.0)),
            "hold_days": 0.5,
            "decline_share": 0.2,
            "patience": Exponential(30.0),
            **changes,
        },
    )


@pytest.mark.parametrize("policy", Policy)
def test_the_same_seed_gives_the_same_bytes_and_another_others(policy: Policy) -> None:
    model = a_service(policy=policy)

    digests = [simulate(model, replications=3, seed=seed).digest() for seed in (7, 7, 8)]

    assert digests[0] == digests[1] != digests[2]


def test_a_replication_is_the_same_however_many_there_are() -> None:
    few, many = (simulate(a_service(), replications=count, seed=7) for count in (2, 5))

    assert (few.by_day["occupied"] == many.by_day["occupied"][:2]).all()


@pytest.mark.parametrize("policy", [Policy.FIRST_COME_FIRST_SERVED, Policy.ALLOCATOR])
def test_processes_beside_change_no_byte(policy: Policy) -> None:
    model = a_service(policy=policy)

    here, beside = (simulate(model, replications=7, seed=7, workers=workers) for workers in (1, 2))

    assert beside.digest() == here.digest()


def test_a_dask_cluster_of_this_machine_changes_no_byte() -> None:
    model = a_service()

    here = simulate(model, replications=3, seed=7)
    there = simulate(model, replications=3, seed=7, dask=LOCAL)

    assert there.digest() == here.digest()


def test_a_dask_cluster_at_an_address_changes_no_byte_and_is_left_running() -> None:
    model = a_service()

    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None
    ) as cluster:
        first, again = (
            simulate(model, replications=5, seed=7, dask=cluster.scheduler_address) for _ in range(2)
        )

    assert first.digest() == again.digest() == simulate(model, replications=5, seed=7).digest()


def test_progress_is_told_and_a_wish_to_stop_is_heard() -> None:
    told: list[tuple[int, int]] = []

    runs = simulate(
        a_service(),
        replications=20,
        seed=7,
        on_progress=lambda done, of: told.append((done, of)),
        stop=lambda: len(told) >= 3,
    )

    assert told == [(1, 20), (2, 20), (3, 20)]
    assert (len(runs), runs.asked_for) == (3, 20)


def test_processes_beside_stop_too() -> None:
    told: list[int] = []

    runs = simulate(
        a_service(),
        replications=200,
        seed=7,
        workers=2,
        on_progress=lambda done, _: told.append(done),
        stop=lambda: len(told) >= 4,
    )

    assert len(runs) == 4


def test_being_stopped_before_there_is_anything_is_said() -> None:
    with pytest.raises(ValueError, match="replications: at least one"):
        simulate(a_service(), replications=200, seed=7, workers=2, stop=lambda: True)


@pytest.mark.parametrize(
    ("name", "changes"),
    [("replications", {"replications": 0}), ("workers", {"workers": 0}), ("seed", {"seed": -1})],
)
def test_numbers_out_of_range_are_refused_by_name(name: str, changes: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=f"{name}: . or more is accepted"):
        simulate(a_service(), **{"replications": 2, "seed": 1, **changes})


@pytest.mark.parametrize("policy", Policy)
def test_households_and_beds_add_up_every_day(policy: Policy) -> None:
    runs = simulate(a_service(policy=policy), replications=10, seed=7)
    figures = {name: table.astype(int) for name, table in runs.by_day.items()}

    change = np.diff(figures["waiting"], axis=1)
    come = figures["arrivals"] + figures["returned"]
    gone = figures["placed"] + figures["gave_up"]
    assert (change == (come - gone)[:, 1:]).all()
    assert figures["returned"].any()
    # A unit counts in both groups here, a household in one: beds are the sum over groups of what is used.
    used = figures["occupied"].sum(axis=2) + figures["held"].sum(axis=2) + figures["closed"][..., 0]
    assert (used <= figures["stock"][..., 0] + 2).all()
    assert (figures["occupied"] >= 0).all()


def test_longer_stays_and_more_beds_meet_the_same_households() -> None:
    seed = np.random.SeedSequence(5)
    plain = draw_cast(a_service(), seed)
    more_beds = draw_cast(a_service(flats=20), seed)
    longer = draw_cast(a_service(stay=WholeNights(StayLaw.log_normal(50.0, 0.7))), seed)

    for cast in (more_beds, longer):
        assert (cast.joins == plain.joins).all()
        assert (cast.profile == plain.profile).all()
        assert (cast.patience == plain.patience).all()
        assert (cast.declines == plain.declines).all()
    assert (more_beds.stay == plain.stay).all()
    assert (longer.stay >= plain.stay).all()


def test_a_higher_rate_brings_the_same_households_sooner() -> None:
    seed = np.random.SeedSequence(5)
    known = 6
    few, many = (draw_cast(a_service(rates=rates), seed) for rates in ((0.3, 0.2), (0.6, 0.4)))

    again = len(few.joins) - known
    assert len(many.joins) > len(few.joins)
    assert many.joins[known : known + again] == pytest.approx(few.joins[known:] / 2)
    assert (many.stay[known : known + again] == few.stay[known:]).all()


def test_more_beds_lower_the_mean_shortfall() -> None:
    few, many = (
        simulate(a_service(flats=flats, rates=(0.6, 0.6)), replications=30, seed=9) for flats in (12, 18)
    )

    fewer_short = estimate(few.total("short") - many.total("short"), level=0.99)

    assert (fewer_short.low[0] > 0).all()
    assert (few.more_than(many, "short").mean[-1] > 0).any()


def test_each_replication_has_one_of_the_possible_futures() -> None:
    model = a_service(days=400)
    futures = np.stack([np.full(400, rate) for rate in (0.0, 2.0)])
    stream = Stream("all", futures, np.arange(2), floats([1, 1]), (Exponential(3.0),), ints([0, 0]))
    uncertain = Model(**{**vars(model), "streams": (stream,)})

    arrivals = simulate(uncertain, replications=20, seed=3).total("arrivals").sum(axis=1)

    assert set(np.round(arrivals / 800)) == {0.0, 1.0}


def test_an_interval_is_students() -> None:
    values = np.array([3.0, 5.0, 4.0, 8.0])

    found = estimate(values, level=0.95)

    assert float(found.mean) == 5.0
    assert float(found.high) == pytest.approx(5.0 + 3.182446 * 2.160247 / 2, abs=1e-5)
    assert found.holds(7.0)
    assert not found.holds(9.0)


def test_a_ratio_of_sums_has_an_interval_that_narrows_when_both_move_together() -> None:
    below = np.array([10.0, 20.0, 30.0])

    found = estimate_ratio(below * 0.5, below)

    assert float(found.mean) == 0.5
    assert float(found.high - found.low) == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("decline_share", {"decline_share": 1.0}),
        ("hold_days", {"hold_days": -1.0}),
        ("warm_up_days", {"warm_up_days": 120}),
        ("residents", {"residents": residents(99)}),
        ("waiting", {"waiting": waiting(1.0, profile=ints([9]))}),
        ("groups", {"group_labels": ("one",)}),
        ("closures", {"closures": closures((99, 0.0, 1.0))}),
        ("rates", {"rates": (-0.5, 0.2)}),
        ("weights", {"rates": (-0.1, 0.2)}),
    ],
)
def test_a_model_whose_parts_do_not_fit_is_refused(field: str, changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=field):
        a_service(**changes)
