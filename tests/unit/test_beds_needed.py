"""The closed form of beds needed: against Poisson laws, brute force, and a simulation told in ten lines."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import poisson

from optimiser.beds_needed import (
    LEVELS,
    Counts,
    Future,
    Present,
    chance_after_coming,
    chance_of_staying,
    distributions,
    expected_coming,
    nights_looked_at,
)
from optimiser.stays import Floats, StayLaw

ONE_BED = np.array([0.0, 1.0])
NOBODY = Present(np.zeros(0, dtype=np.int64), np.zeros((0, 1)))


def law_of(counts: Counts, most: int) -> Floats:
    """Return the probabilities of 0 … `most`."""
    whole = np.zeros(most + 1)
    for place, share in enumerate(counts.pmf):
        if counts.first + place <= most:
            whole[counts.first + place] = share
    return whole


def in_one_night(means: list[float], present: Present = NOBODY, sizes: Floats = ONE_BED) -> Counts:
    """Return the distribution for one night under one law of stays."""
    return distributions([Future(1.0, present, np.array(means)[:, None])], sizes)[0]


def brute_force(mean: float, present: Present, sizes: Floats, most: int) -> Floats:
    """Return the probabilities of 0 … `most` by convolving one household after the other."""
    coming = np.zeros(most + 1)
    so_many = np.zeros(most + 1)
    so_many[0] = 1.0
    for households in range(most + 60):
        coming += poisson.pmf(households, mean) * so_many
        so_many = np.convolve(so_many, sizes)[: most + 1]
    for beds, chance in zip(present.beds, present.chance[:, 0], strict=True):
        stays = np.zeros(beds + 1)
        stays[0], stays[beds] = 1 - chance, stays[beds] + chance
        coming = np.convolve(coming, stays)[: most + 1]
    return coming


@pytest.mark.parametrize("mean", [0.0, 0.3, 4.0, 45.0, 900.0])
def test_with_room_for_everybody_the_number_there_is_poisson(mean: float) -> None:
    counts = in_one_night([mean])

    values = np.arange(counts.first, counts.first + len(counts.pmf))
    assert counts.pmf == pytest.approx(poisson.pmf(values, mean), abs=1e-10)
    assert counts.mean == pytest.approx(mean, abs=1e-8)
    for level in LEVELS:
        assert counts.quantile(level) == poisson.ppf(level, mean)


@pytest.mark.parametrize(
    "law", [StayLaw.exactly(45), StayLaw.geometric(45), StayLaw.log_normal(30, 0.9)], ids=["45", "geo", "log"]
)
def test_a_steady_stream_comes_to_rate_times_mean_stay_whatever_the_law_of_stays(law: StayLaw) -> None:
    there = expected_coming(np.full((1, law.longest + 5), 1.7), law)

    assert there[0, -1] == pytest.approx(1.7 * law.mean, rel=1e-9)


def test_a_rate_that_varies_gives_the_sum_over_the_days_of_arrival() -> None:
    rng = np.random.default_rng(3)
    rates, law = rng.gamma(2.0, 1.0, (3, 80)), StayLaw.log_normal(12, 0.8)

    there = expected_coming(rates, law)

    survival = np.r_[law.survival, np.zeros(80)]
    by_hand = [[sum(row[u] * survival[t - u] for u in range(t + 1)) for t in range(80)] for row in rates]
    assert there == pytest.approx(np.array(by_hand), rel=1e-9)


def test_30_45_and_90_nights_need_beds_as_1_to_one_and_a_half_to_3() -> None:
    there = [expected_coming(np.full((1, 200), 0.8), StayLaw.exactly(n))[0, -1] for n in (30, 45, 90)]

    assert np.array(there) / there[0] == pytest.approx([1, 1.5, 3], rel=1e-12)


@settings(deadline=None, max_examples=30)
@given(
    st.lists(st.tuples(st.integers(1, 5), st.sampled_from([0.0, 0.001, 0.2, 0.5, 0.97, 1.0])), max_size=8),
    st.floats(0, 6),
)
def test_beds_of_households_of_several_sizes_are_those_of_brute_force(
    households: list[tuple[int, float]], mean: float
) -> None:
    beds = np.array([size for size, _ in households], dtype=np.int64)
    present = Present(beds, np.array([[chance] for _, chance in households]).reshape(len(beds), 1))
    sizes = np.array([0.05, 0.5, 0.2, 0.15, 0.1])

    counts = in_one_night([mean], present, sizes)

    assert law_of(counts, 60) == pytest.approx(brute_force(mean, present, sizes, 60), abs=1e-9)


def test_over_draws_and_laws_it_is_their_mixture() -> None:
    short, long = (
        Future(weight, NOBODY, np.array(means)[:, None])
        for weight, means in ((0.25, [3.0, 9.0]), (0.75, [20.0, 40.0]))
    )

    counts = distributions([short, long], ONE_BED)[0]

    values = np.arange(120)
    expected = sum(
        weight * poisson.pmf(values, mean)
        for weight, mean in ((0.125, 3), (0.125, 9), (0.375, 20), (0.375, 40))
    )
    assert law_of(counts, 119) == pytest.approx(expected, abs=1e-10)


def test_draws_that_are_put_together_keep_the_mean_and_nearly_the_quantiles() -> None:
    rng = np.random.default_rng(8)
    means = rng.gamma(25.0, 8.0, 500)

    counts = in_one_night(means.tolist())

    values = np.arange(1_000)
    exact = np.mean([poisson.pmf(values, mean) for mean in means], axis=0)
    assert counts.mean == pytest.approx(means.mean())
    for level in LEVELS:
        assert abs(counts.quantile(level) - np.searchsorted(np.cumsum(exact), level)) <= 1


def test_what_exceeds_a_limit_is_its_expectation() -> None:
    counts = in_one_night([12.0])

    limits = np.array([0.0, 5.0, 12.0, 30.5, 1e6])
    values = np.arange(200)
    expected = [(poisson.pmf(values, 12.0) * np.maximum(values - limit, 0)).sum() for limit in limits]
    assert counts.excess(limits) == pytest.approx(expected, abs=1e-9)


def test_who_is_here_stays_as_long_as_those_who_have_stayed_as_long() -> None:
    law = StayLaw(np.array([1.0, 0.8, 0.4, 0.2, 0.0]))

    chances = chance_of_staying(np.array([0, 1, 3, 9]), np.arange(4), law)

    assert chances == pytest.approx(
        np.array([[1, 0.8, 0.4, 0.2], [1, 0.5, 0.25, 0], [1, 0, 0, 0], [1, 0, 0, 0]])
    )


def test_who_comes_later_is_not_there_before() -> None:
    chances = chance_after_coming(np.array([0, 2]), np.arange(5), StayLaw.exactly(2))

    assert chances.tolist() == [[1, 1, 0, 0, 0], [0, 0, 1, 1, 0]]


@pytest.mark.parametrize("days", [1, 2, 5, 28, 29, 365, 3_660])
def test_the_nights_looked_at_begin_with_the_census_and_end_with_the_horizon(days: int) -> None:
    nights = nights_looked_at(days)

    assert (nights[0], nights[1], nights[-1]) == (0, 1, days)
    assert (np.diff(nights) > 0).all()
    assert len(nights) <= 23


def simulated(law: StayLaw, rates: Floats, so_far: list[int], beds: list[int], runs: int) -> Floats:
    """Return beds needed in the last night, run by run: nobody waits, everybody has a bed."""
    rng = np.random.default_rng(12)
    sizes, needed = np.array([1, 2, 3]), np.zeros(runs)
    for nights, size in zip(so_far, beds, strict=True):
        needed += size * (law.sample(rng, runs, nights) > len(rates))
    for day, rate in enumerate(rates):
        run = np.repeat(np.arange(runs), rng.poisson(rate, runs))
        there = law.sample(rng, len(run)) > len(rates) - 1 - day
        size = rng.choice(sizes, len(run), p=[0.6, 0.3, 0.1])
        needed += np.bincount(run, weights=size * there, minlength=runs)
    return needed


def test_a_plain_simulation_agrees_in_mean_and_quantiles() -> None:
    law, rates = StayLaw.log_normal(25, 0.6), np.linspace(0.3, 1.1, 40)
    so_far, beds = [3, 10, 10, 60, 200], [1, 2, 1, 1, 4]

    runs = simulated(law, rates, so_far, beds, 3_000)

    night = np.array([40])
    present = Present(np.array(beds), chance_of_staying(np.array(so_far), night, law))
    coming = expected_coming(rates[None, :], law)[:, -1:]
    counts = distributions([Future(1.0, present, coming)], np.array([0, 0.6, 0.3, 0.1]))[0]
    assert counts.mean == pytest.approx(runs.mean(), abs=3.5 * runs.std() / len(runs) ** 0.5)
    for level in LEVELS:
        share = (runs <= counts.quantile(level)).mean()
        assert share >= level - 3.5 * (level * (1 - level) / len(runs)) ** 0.5
        below = (runs <= counts.quantile(level) - 1).mean()
        assert below <= level + 3.5 * (level * (1 - level) / len(runs)) ** 0.5


def test_every_outcome_of_three_households_by_hand() -> None:
    beds, chances = np.array([1, 2, 4]), np.array([0.3, 0.6, 0.5])

    counts = in_one_night([0.0], Present(beds, chances[:, None]))

    expected = np.zeros(8)
    for stays in product((0, 1), repeat=3):
        expected[int(np.dot(stays, beds))] += np.prod(np.where(stays, chances, 1 - chances))
    assert law_of(counts, 7) == pytest.approx(expected, abs=1e-12)
