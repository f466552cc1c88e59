"""Stays on record: the product limit against hands and against stays whose law is known."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimiser.length_of_stay import (
    StayRecords,
    entitled_to,
    estimate,
    hazards_scaled,
    product_limit,
    spread_by_departures,
    until_decision,
)
from optimiser.stays import StayLaw


def records(*stays: tuple[int, bool, int]) -> StayRecords:
    """Return records of (nights, ended, watched after)."""
    nights, ended, after = zip(*stays, strict=True)
    return StayRecords(np.array(nights), np.array(ended, dtype=np.bool_), np.array(after))


def by_hand(stays: StayRecords) -> dict[int, Fraction]:
    """Return the product limit from its definition, one stay at a time, in exact fractions."""
    rows = list(zip(stays.nights.tolist(), stays.ended.tolist(), stays.watched_after.tolist(), strict=True))
    survival, found = Fraction(1), {}
    for night in sorted({nights for nights, ended, _ in rows if ended}):
        at_risk = sum(after < night <= nights for nights, _, after in rows)
        left = sum(ended and nights == night for nights, ended, _ in rows)
        survival *= 1 - Fraction(left, at_risk)
        found[night] = survival
    return found


def seen_by(law: StayLaw, rng: np.random.Generator, count: int, watched_nights: int) -> StayRecords:
    """Return what is seen by who began to watch some nights ago and knows of nobody who had left."""
    began = rng.integers(1, watched_nights * 2, count)
    nights = law.sample(rng, count)
    gone_before = began - nights >= watched_nights
    began, nights = began[~gone_before], nights[~gone_before]
    so_far = np.minimum(nights, began)
    return StayRecords(so_far, nights <= began, np.maximum(began - watched_nights, 0))


def test_six_stays_by_hand() -> None:
    stays = records(
        (6, True, 0), (6, True, 0), (6, True, 0), (6, False, 0), (7, True, 0), (10, True, 0), (9, False, 0)
    )

    limit = product_limit(stays)

    assert limit.nights.tolist() == [6, 7, 10]
    assert limit.at_risk.tolist() == [7, 3, 1]
    assert limit.survival == pytest.approx([4 / 7, 4 / 7 * 2 / 3, 0])


def test_a_stay_that_was_not_watched_from_its_arrival_is_at_risk_only_afterwards() -> None:
    stays = records((5, True, 0), (20, True, 10), (30, False, 10))

    limit = product_limit(stays)

    assert limit.at_risk.tolist() == [1, 2]
    assert limit.departures.tolist() == [1, 1]


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.integers(1, 12), st.booleans(), st.integers(0, 11)), min_size=1, max_size=25))
def test_the_product_limit_is_that_of_its_definition(rows: list[tuple[int, bool, int]]) -> None:
    stays = records(*((max(nights, after + 1), ended, after) for nights, ended, after in rows))

    limit = product_limit(stays)

    expected = by_hand(stays)
    assert limit.nights.tolist() == list(expected)
    assert limit.survival == pytest.approx([float(share) for share in expected.values()], abs=1e-9)


def test_censored_and_truncated_stays_give_the_law_they_were_drawn_from() -> None:
    law = StayLaw.log_normal(60, 0.7)
    stays = seen_by(law, np.random.default_rng(4), 6_000, watched_nights=400)

    found = estimate(stays).law

    naive = stays.nights[stays.ended].mean()
    assert found.mean == pytest.approx(law.mean, rel=0.04)
    assert [found.quantile(share) for share in (0.25, 0.5, 0.75, 0.9)] == pytest.approx(
        [law.quantile(share) for share in (0.25, 0.5, 0.75, 0.9)], rel=0.06
    )
    assert abs(naive - law.mean) > abs(found.mean - law.mean)


def test_beyond_the_last_departure_the_chance_of_leaving_stays_what_it_was() -> None:
    law = StayLaw.geometric(80)
    stays = seen_by(law, np.random.default_rng(1), 3_000, watched_nights=120)

    found = estimate(stays)

    assert found.tail_from < 240
    assert found.tail_hazard == pytest.approx(1 / 80, rel=0.15)
    assert found.law.mean == pytest.approx(80, rel=0.1)
    tail = found.law.survival[found.tail_from + 1 : found.tail_from + 200]
    assert tail[1:] / tail[:-1] == pytest.approx(np.full(len(tail) - 1, 1 - found.tail_hazard))


def test_nobody_having_left_is_no_proof_that_nobody_will() -> None:
    found = estimate(records(*[(40, False, 0)] * 20))

    assert found.departures == 0
    assert found.tail_hazard == pytest.approx(0.5 / 800)


def test_one_early_departure_of_few_who_were_watched_does_not_empty_the_house() -> None:
    """Watching began late: at night 2 there was one to watch, and the one left."""
    late = [(nights, True, 30) for nights in range(40, 80)]
    stays = records((2, True, 0), *late)

    found = estimate(stays)

    assert product_limit(stays).survival[0] == 0
    assert found.law.survival[2] > 0
    assert found.law.quantile(0.9) > 40


def test_a_stay_with_no_night_in_which_it_was_watched_is_refused() -> None:
    with pytest.raises(ValueError, match="watched_after"):
        records((10, True, 10))
    with pytest.raises(ValueError, match="one length"):
        StayRecords(np.array([1]), np.array([True, False]), np.array([0]))
    with pytest.raises(ValueError, match="at least one"):
        estimate(StayRecords(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.bool_), np.zeros(0, np.int64)))


def test_the_laws_around_an_estimate_are_closer_the_more_have_left() -> None:
    law = StayLaw.geometric(90)

    few, many = ([one.mean for one in spread_by_departures(law, departures, 5)] for departures in (25, 2_500))

    assert few == sorted(few, reverse=True)
    assert max(few) - min(few) > 5 * (max(many) - min(many))
    assert many[2] == pytest.approx(90, rel=1e-6)
    assert hazards_scaled(law, 2.0).mean == pytest.approx(45, rel=0.01)


def test_until_a_decision_the_entitlement_is_the_floor_and_the_move_on_comes_after_it() -> None:
    """With hardly any spread: decided after 20 nights, 30 are due; then 45 or 13, three to one."""
    law = until_decision(20, 1e-6, floor_nights=30, positive=0.75, move_on=(45, 13))

    assert law.mean == pytest.approx(30 + 0.75 * 45 + 0.25 * 13)
    assert law.survival[42] == pytest.approx(1.0)
    assert law.survival[43] == pytest.approx(0.75)
    assert law.longest == 75


def test_a_decision_after_the_entitlement_is_the_length_and_not_the_floor() -> None:
    short, long = (
        until_decision(400, 0.5, floor_nights=nights, positive=1.0, move_on=(45, 13)) for nights in (30, 45)
    )

    assert long.mean == pytest.approx(short.mean, rel=1e-4)


def test_a_longer_entitlement_keeps_whoever_used_all_of_the_shorter_one() -> None:
    law = StayLaw(np.r_[1.0, np.full(9, 0.8), np.full(20, 0.5), 0.0])

    longer = entitled_to(law, now=30, then=45)

    assert longer.survival[9] == law.survival[9]
    assert longer.survival[29:45] == pytest.approx(np.full(16, 0.5))
    assert longer.longest == 45
    assert entitled_to(law, now=30, then=20) is law
    assert entitled_to(law, now=60, then=90) is law


def test_a_mixture_of_laws_has_the_mixed_mean_and_a_longer_move_on_lengthens_every_stay() -> None:
    mixed = StayLaw.mixture([StayLaw.exactly(10), StayLaw.exactly(40)], [3, 1])

    assert mixed.mean == pytest.approx(17.5)
    assert mixed.longer_by(15).mean == pytest.approx(32.5)
    assert mixed.longer_by(15, than=20).mean == pytest.approx(17.5 + 15 / 4)
    assert StayLaw.exactly(10).longer_by(-4).mean == pytest.approx(6)
    assert StayLaw.exactly(3).longer_by(-9).mean == pytest.approx(1)
