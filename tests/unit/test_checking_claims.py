"""What a result may claim that is not the best, and points other than the usual ones."""

from __future__ import annotations

from typing import Any

import pytest

from beds.checking import check_result
from beds.domain.estate import Estate
from beds.domain.terms import ReferralRef, UnitRef
from tests.builders import NOON, a_bed, a_unit
from tests.checked_round import placement_of, the_answer, the_estate
from tests.oracles import PERIODS, POINTS, BestRound, as_json
from tests.truth_case import an_estate

TWO_UNITS = an_estate(units=(a_unit("U2", step_free=False),), beds=(a_bed("B1"), a_bed("B2", "U2")))


def _in_the_worse_unit(**changes: Any) -> dict[str, Any]:
    """Return a round that puts R1 in the step-free unit U1 (25 points) though U2 would do (10)."""
    answer = as_json(TWO_UNITS, NOON, BestRound((0, 0, 1, 2, 25), {ReferralRef("R1"): UnitRef("U1")}))
    return {**answer, **changes}


def _faults(answer: dict[str, Any], estate: Estate, points: dict[str, int]) -> list[str]:
    return check_result(answer, estate, as_at=NOON, periods=PERIODS, points=points)


def test_a_round_cut_short_may_leave_a_household_where_it_fits_less_well() -> None:
    answer = _in_the_worse_unit(status="feasible")
    answer["bound"]["mismatch"] = 10

    assert _faults(answer, TWO_UNITS, POINTS) == []


def test_a_round_cut_short_may_give_no_bound_of_its_last_level() -> None:
    answer = _in_the_worse_unit(status="feasible")
    answer["bound"]["mismatch"] = None

    assert _faults(answer, TWO_UNITS, POINTS) == []


def test_the_points_are_settings() -> None:
    answer = the_answer()
    placement_of(answer, "R3")["mismatch"] = {"beds": 1}
    answer["objective"]["mismatch"] = answer["bound"]["mismatch"] = 1

    assert _faults(answer, the_estate(), {**POINTS, "beds": 1}) == []
    assert "R3 in U1: mismatch beds must be 8" in _faults(answer, the_estate(), POINTS)


@pytest.mark.parametrize(
    ("told", "name", "right"), [({}, "beds", 1), ({"beds": 1, "region": 1}, "region", 0)]
)
def test_one_point_too_few_or_too_many_is_told(told: dict[str, int], name: str, right: int) -> None:
    answer = the_answer()
    placement_of(answer, "R3")["mismatch"] = told
    answer["objective"]["mismatch"] = answer["bound"]["mismatch"] = 1

    faults = _faults(answer, the_estate(), {**POINTS, "beds": 1})

    assert faults == [f"R3 in U1: mismatch {name} must be {right}"]


def test_a_mismatch_may_be_written_out_as_nothing() -> None:
    answer = the_answer()
    placement_of(answer, "R1")["mismatch"] = {"language": 0}

    assert _faults(answer, the_estate(), POINTS) == []
