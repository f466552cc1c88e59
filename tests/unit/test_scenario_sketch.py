"""A scenario sketched on a page keeps what was not asked, and refuses what cannot be supposed."""

from __future__ import annotations

from datetime import date

import pytest

from beds.domain.scenario import Scenario, Share, StayRule
from beds.domain.terms import Nation
from beds.errors import BadInput
from beds.services.scenario_sketch import NewHouse, Sketch, sketch_of, sketched

DAY = date(2026, 3, 3)
BASE = Scenario("base", title="Base", hold_days=3.0, needing_bed={Nation.SCOTLAND: Share(0.26, 0.3, 0.34)})


def test_a_sketch_that_changes_nothing_is_the_scenario_under_its_name() -> None:
    assert sketched(BASE, sketch_of(BASE), from_day=DAY, name="base") == BASE


def test_what_is_sketched_is_supposed_and_the_rest_is_kept() -> None:
    sketch = Sketch(
        "Ninety days, and growth!",
        recovery_nights={Nation.ENGLAND: 90, Nation.SCOTLAND: None},
        stay_rule=StayRule.RECOVERY_PERIOD,
        growth_pct=-10,
        needing_bed_pct={Nation.ENGLAND: 2},
        new_house=NewHouse("S92000003", 6, "men"),
        closed_pct={Nation.ENGLAND: 10},
    )

    found = sketched(BASE, sketch, from_day=DAY)

    assert found.name == "ninety_days_and_growth"
    assert found.recovery_nights == {Nation.ENGLAND: 90}
    assert found.needing_bed == {Nation.ENGLAND: Share(0.0, 0.02, 0.07)}
    assert (found.growth_per_year, found.hold_days) == (-0.1, 3.0)
    assert (found.sites[0].nation, found.sites[0].units) == (Nation.SCOTLAND, 6)
    assert (found.closures[0].nation, found.closures[0].share) == (Nation.ENGLAND, 0.1)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"title": " "}, "title"),
        ({"title": "!!"}, "title"),
        ({"growth_pct": -100}, "growth_per_year"),
        ({"recovery_nights": {Nation.ENGLAND: 0}}, "recovery_nights"),
        ({"new_house": NewHouse("W92000004", 3)}, "new house"),
    ],
)
def test_what_cannot_be_supposed_is_refused_by_its_name(changes: dict[str, object], told: str) -> None:
    with pytest.raises(BadInput, match=told):
        sketched(BASE, Sketch(**{"title": "A title", **changes}), from_day=DAY)  # type: ignore[arg-type]
