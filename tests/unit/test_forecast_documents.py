"""Forecasts as documents: what those are told who see no case, and that small queues are not among it."""

from __future__ import annotations

from typing import Any

import pytest

from beds.disclosure import Origin
from beds.domain.scenario import Scenario
from beds.domain.terms import Nation
from beds.services.forecast_documents import forecast_document
from beds.services.released import released_shortfall
from beds.services.shortfall import shortfall
from tests.builders import CLOCK, a_bed, a_person, a_referral, a_site, a_small_estate, a_unit
from tests.demand_builders import a_demand

PLAIN = Scenario("as_it_is", horizon_days=200)


def england_where(*, waiting: int, released: bool) -> dict[str, Any]:
    """Return what is told of England, where so many women wait alone for one bed, and one in Wales."""
    refs = [f"R{n}" for n in range(waiting)]
    elsewhere = a_referral("W1", nation=Nation.WALES)
    estate = a_small_estate(
        sites=(a_site(),),
        units=(a_unit(),),
        beds=(a_bed(),),
        referrals=(*map(a_referral, refs), elsewhere),
        people=(*(a_person(f"{ref}-1", ref) for ref in refs), a_person("W1-1", "W1")),
    )
    made = shortfall(estate, CLOCK, PLAIN, a_demand())
    tables = released_shortfall(made, Origin.REAL_CASES) if released else ()
    document = forecast_document(made, PLAIN, seed=0, draws=1, every=7, released=tables)
    lines: Any = document["lines"]
    england = next(line for line in lines if (line["nation"], line["breakdown"]) == ("England", "nation"))
    return {**england, "elsewhere": document["waiting_elsewhere"], "tables": document.get("tables")}


@pytest.mark.parametrize(("waiting", "told"), [(0, 0), (1, None), (4, None), (5, 5), (8, 10)])
def test_who_sees_no_case_is_told_a_queue_as_it_is_released(waiting: int, told: int | None) -> None:
    line = england_where(waiting=waiting, released=True)

    assert (line["waiting_now"], line["waiting_households"]) == (told, told)
    assert line["elsewhere"] is None


@pytest.mark.parametrize("band", ["needed", "occupied", "short", "arrivals"])
def test_who_sees_no_case_is_not_told_the_first_night_which_counts_the_queue(band: str) -> None:
    line = england_where(waiting=3, released=True)

    told = line[band]["mean"]
    assert told[0] is None
    assert None not in told[1:]


def test_who_has_the_records_is_told_all_of_it() -> None:
    line = england_where(waiting=3, released=False)

    assert (line["waiting_now"], line["waiting_households"], line["elsewhere"]) == (3, 3, 1)
    assert line["needed"]["p50"][0] == 3
    assert line["tables"] is None
