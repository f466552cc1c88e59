"""The published series: as they are, and as they were known."""

from __future__ import annotations

import re

import pytest

from beds.domain.terms import Nation
from beds.errors import BadInput
from beds.nrm_series import (
    annual_referrals,
    quarterly_positive_grounds,
    quarterly_referrals,
    revisions,
)
from beds.reference import read_rows


def test_the_latest_series_ends_with_the_latest_bulletin() -> None:
    series = quarterly_referrals()

    assert (series.first_period, series.periods[-1], len(series.values)) == ("2009-Q2", "2025-Q4", 67)
    assert series.values[-4:].sum() == 23_411
    assert series.vintage.isoformat() == "2026-02-19"
    assert not series.assumed


def test_a_revised_quarter_is_read_as_it_was_known() -> None:
    first, latest = quarterly_referrals(vintage="2024-11-07"), quarterly_referrals()

    at = latest.periods.index("2024-Q3")
    assert (first.periods[-1], first.values[-1]) == ("2024-Q3", 4758)
    assert latest.values[at] == 4752


@pytest.mark.parametrize(
    ("vintage", "last"),
    [
        ("2024-03-07", "2023-Q4"),
        ("2024-05", "2024-Q1"),
        ("2024-08-07", "2024-Q1"),
        ("2024-08-08", "2024-Q2"),
        ("2024", "2024-Q3"),
        ("2025-05", "2025-Q1"),
        ("2026-02-18", "2025-Q3"),
        ("2026-02-19", "2025-Q4"),
    ],
)
def test_what_was_not_yet_published_is_not_known(vintage: str, last: str) -> None:
    assert quarterly_referrals(vintage=vintage).periods[-1] == last


def test_a_value_that_is_only_recalled_is_said_to_be() -> None:
    assert quarterly_referrals(vintage="2025-06").assumed


@pytest.mark.parametrize("group", ["adult", "child"])
def test_adults_and_children_end_with_the_tables(group: str) -> None:
    series = quarterly_referrals(group=group)

    assert (series.first_period, series.periods[-1], len(series.values)) == ("2009-Q2", "2023-Q4", 59)


@pytest.mark.parametrize("vintage", ["2023-12-31", "2024-03-06", "soon", "2024-13", "2024-02-30"])
def test_a_day_before_the_first_vintage_or_no_day_is_refused(vintage: str) -> None:
    with pytest.raises(BadInput, match="vintage: "):
        quarterly_referrals(vintage=vintage)


def test_an_unknown_group_is_refused() -> None:
    with pytest.raises(BadInput, match="group: all, adult, child"):
        quarterly_referrals(group="women")


def test_the_breaks_of_a_series_are_named_and_placed() -> None:
    referrals, grounds = quarterly_referrals(), quarterly_positive_grounds()

    assert [referrals.periods[at] for at in referrals.break_indices] == ["2020-Q2"]
    assert [grounds.periods[at] for at in grounds.break_indices] == ["2020-Q2", "2023-Q1"]
    assert "reasonable grounds test" in grounds.breaks[1].what


def test_positive_grounds_of_all_ages_are_the_sum_and_go_on_until_a_bulletin_is_missing() -> None:
    everybody = quarterly_positive_grounds(group="all")
    adults, children = quarterly_positive_grounds(), quarterly_positive_grounds(group="child")

    assert everybody.periods[-1] == "2024-Q3"
    assert everybody.values[-1] == 2500
    assert everybody.values[0] == adults.values[0] + children.values[0]
    assert "55 % of 5,161 decisions" in everybody.notes[0]


def test_scotland_is_by_year_partly_recalled_and_says_so() -> None:
    series = annual_referrals(Nation.SCOTLAND)

    assert (series.first_period, series.periods[-1], series.season) == ("2016", "2023", 1)
    assert series.assumed
    assert "by year" in series.notes[0]


def test_revisions_are_small() -> None:
    changes = {one.period: one.change for one in revisions() if one.period != "2009"}

    assert len(changes) == 14
    assert all(abs(change) < 0.003 for change in changes.values())


def test_the_vintages_and_the_quarters_agree_where_both_have_the_latest() -> None:
    latest = quarterly_referrals()

    for row in read_rows("nrm_quarterly_referrals"):
        revised = re.search(r"later revised to ([\d,]+)", row["note"])
        said = revised.group(1).replace(",", "") if revised else row["total"]
        assert latest.values[latest.periods.index(f"{row['year']}-{row['quarter']}")] == float(said)
