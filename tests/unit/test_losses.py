"""What others would lose if a unit went to one household: their only place, their best one, or nothing."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from beds.domain.estate import Estate
from beds.domain.households import not_for_a_round, place_in_line, taking_part
from beds.domain.points import MismatchPoints
from beds.domain.terms import Priority, ReferralRef
from beds.services.contention import Loss, losses
from beds.services.freezing import Ground
from beds.services.options import options
from tests.builders import CLOCK, NOON, a_bed, a_person, a_referral, a_small_estate, a_unit
from tests.oracles import PERIODS
from tests.strategies import random_estate
from tests.truth_case import another_site, with_sites

POINTS = MismatchPoints()


def lost(estate: Estate, *unit_ids: str, her: str = "R1") -> dict[str, list[Loss]]:
    """Return what others would lose if each of some units went to a household."""
    ground = Ground.of(estate, CLOCK)
    referral = estate.referral_by_id[ReferralRef(her)]
    return losses(ground, referral, unit_ids, periods=PERIODS, points=POINTS)


def two_women(**tables: Any) -> Estate:
    """Return R1, and R2 who is an emergency, before the one unit of one site."""
    return a_small_estate(
        **{
            "referrals": (a_referral(), a_referral("R2", priority=Priority.EMERGENCY)),
            "people": (a_person(), a_person("A2", "R2")),
            **tables,
        }
    )


def test_the_only_unit_that_somebody_could_have_is_all_that_is_lost() -> None:
    (loss,) = lost(two_women(), "U1")["U1"]

    assert (loss.referral_id, loss.priority, loss.ahead) == ("R2", Priority.EMERGENCY, True)
    assert loss.is_only
    assert not loss.is_best


def test_the_best_unit_is_lost_where_the_next_one_suits_less() -> None:
    """U2 has a spare bed: eight points."""
    estate = two_women(units=(a_unit(), a_unit("U2")), beds=(a_bed(), a_bed("B2", "U2"), a_bed("B3", "U2")))

    found = lost(estate, "U1", "U2")

    (best,), (other,) = found["U1"], found["U2"]
    assert (best.points_more, best.is_best, best.is_only) == (POINTS.beds, True, False)
    assert (other.points_more, other.is_best, other.is_only) == (0, False, False)


def test_nothing_is_lost_where_another_unit_is_as_good() -> None:
    estate = with_sites(two_women(), another_site("S2"))

    (loss,) = lost(estate, "U1")["U1"]

    assert loss.points_more == 0


def test_whoever_could_not_have_it_loses_nothing() -> None:
    estate = two_women(referrals=(a_referral(), a_referral("R2", min_security_level=3)))

    assert lost(estate, "U1") == {"U1": []}


@pytest.mark.parametrize("seed", range(30))
def test_losses_are_what_the_options_of_everybody_else_say(seed: int) -> None:
    estate = random_estate(Random(seed), households=6, units=6, as_at=NOON)
    ground, today = Ground.of(estate, CLOCK), CLOCK.today
    placeable = [
        r for r in taking_part(estate, CLOCK) if not_for_a_round(estate.people_of[r.referral_id]) is None
    ]
    in_line = sorted(placeable, key=lambda one: place_in_line(one, today))
    units = [unit.unit_id for unit in estate.units]

    for her in in_line[:2]:
        found = losses(ground, her, units, periods=PERIODS, points=POINTS)

        for unit_id in units:
            expected = [
                (one.referral_id, in_line.index(one) < in_line.index(her), more)
                for one in in_line
                if one is not her
                for more in expected_loss(ground, one.referral_id, unit_id)
            ]
            assert [(loss.referral_id, loss.ahead, loss.points_more) for loss in found[unit_id]] == expected


def expected_loss(ground: Ground, referral_id: str, unit_id: str) -> list[int | None]:
    """Return how much worse its best other option is (None: none), or nothing where it could not have it."""
    answer = options(ground, referral_id, periods=PERIODS, points=POINTS, with_others=False)
    points = {option["unit_id"]: option["points"] for option in answer["options"]}
    here = points.pop(unit_id, None)
    if here is None:
        return []
    return [max(min(points.values()) - here, 0) if points else None]
