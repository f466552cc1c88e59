"""Occupancy as it is released: each bed-night in its month and region, small counts hidden."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from beds.disclosure import Origin
from beds.domain.clock import Clock
from beds.domain.estate import Estate
from beds.domain.referral import Placement
from beds.domain.terms import Nation
from beds.services.released_occupancy import released_occupancy, whole_months
from beds.synthesis import SYNTHETIC_AS_AT, synthesise
from tests.builders import CLOCK, a_bed, a_closure, a_placement, a_site, a_unit

NAMES = ("bed_nights", "closed", "occupied", "stays")


def cells(estate: Estate, clock: Clock = CLOCK) -> dict[tuple[str, str, str], tuple[int | None, ...]]:
    """Return the counts of the released table by nation, region and month."""
    (table,) = released_occupancy(estate, clock, Origin.SYNTHETIC)
    assert tuple(column.name for column in table.columns[3:]) == NAMES
    return {row[:3]: row[3:] for row in table.rows}  # type: ignore[misc]


def a_house(**tables: object) -> Estate:
    """Return a house of seven beds in London, with what happened in them."""
    house = Estate(sites=(a_site(),), units=(a_unit(),), beds=tuple(a_bed(f"B{n}") for n in range(1, 8)))
    return house.with_rows(**tables)  # type: ignore[arg-type]


def test_the_months_are_the_last_twelve_that_are_over() -> None:
    months = list(whole_months(date(2026, 3, 31)))

    assert months[0] == (date(2025, 3, 1), date(2025, 4, 1))
    assert months[-1] == (date(2026, 2, 1), date(2026, 3, 1))
    assert [after for _, after in months[:-1]] == [first for first, _ in months[1:]]


def test_a_stay_a_closure_and_what_they_leave_are_counted_in_their_months() -> None:
    closed = a_closure("B7", starts_on=date(2026, 2, 1), ends_on=date(2026, 2, 21))

    found = cells(a_house(placements=six(ended_on=date(2026, 1, 11)), closures=(closed,)))

    assert found["England", "all", "2025-12-01"] == (215, 0, 125, 5)  # 217, 126 and 6, rounded
    assert found["England", "all", "2026-01-01"] == (215, 0, 60, 5)
    assert found["England", "all", "2026-02-01"] == (195, 20, 0, 0)
    assert found["Scotland", "all", "2026-02-01"] == (0, 0, 0, 0)


def test_the_nights_of_few_households_are_hidden_however_many_they_are() -> None:
    found = cells(a_house(placements=six(ended_on=date(2026, 1, 11))[:4]))

    assert found["England", "all", "2025-12-01"] == (215, 0, None, None)
    assert found["England", "all", "2026-02-01"] == (195, 0, 0, 0)


def test_somebody_who_stayed_on_is_counted_until_they_are_gone() -> None:
    found = cells(a_house(placements=six(ended_on=None)))

    assert found["England", "all", "2026-02-01"][2] == 170  # 6 x 28, rounded


def six(ended_on: date | None) -> tuple[Placement, ...]:
    """Return six households' stays of one bed each, from 11 December, expected to end with the year."""
    return tuple(
        a_placement(
            f"R{n}",
            f"B{n}",
            placement_id=f"P{n}",
            starts_on=date(2025, 12, 11),
            expected_end_on=date(2026, 1, 1),
            ended_on=ended_on,
        )
        for n in range(1, 7)
    )


@pytest.mark.parametrize("nation", [Nation.ENGLAND, Nation.SCOTLAND])
def test_a_month_is_the_sum_of_its_nights(nation: Nation) -> None:
    estate, clock = synthesise(40, 60, 5), Clock(SYNTHETIC_AS_AT)
    first, after = list(whole_months(clock.today))[-1]
    beds = {
        bed.bed_id
        for bed in estate.beds
        if estate.site_by_id[estate.unit_by_id[bed.unit_id].site_id].nation is nation
    }

    latest = clock.today + timedelta(days=1)
    occupied = 0
    for ahead in range((after - first).days):
        night = first + timedelta(days=ahead)
        occupied += len(
            {
                stay.bed_id
                for stay in estate.placements
                if stay.bed_id in beds
                and stay.starts_on <= night < (stay.ended_on or max(stay.expected_end_on, latest))
            }
        )
    shown = cells(estate, clock)[str(nation), "all", first.isoformat()][2]
    there = {
        stay.placement_id
        for stay in estate.placements
        if stay.bed_id in beds and stay.starts_on < after and (stay.ended_on or latest) > first
    }
    assert shown == (None if 0 < len(there) < 5 else 5 * round(occupied / 5))
