"""What is assumed of demand is what the files that each row names come to."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import lognorm

from beds.demand_assumptions import assumption, find_assumption, region_groups
from beds.domain.terms import REGIONS, SERVED_NATIONS, Nation
from beds.reference import read_rows


def adult_grounds(quarters: list[tuple[str, str]]) -> int:
    """Return positive reasonable grounds of adults in some quarters."""
    return sum(
        int(row["positive"])
        for row in read_rows("nrm_decisions_quarterly")
        if row["stage"] == "reasonable_grounds"
        and row["age_group"] == "adult"
        and (row["year"], row["quarter"]) in quarters
    )


def test_the_range_of_those_who_enter_support_is_that_of_three_published_years() -> None:
    entered = {row["period"]: int(row["entered"]) for row in read_rows("msvcc_support")}

    shares = [
        entered[f"Jul {year}-Jun {year + 1}"]
        / adult_grounds([(str(year), "Q3"), (str(year), "Q4"), (str(year + 1), "Q1"), (str(year + 1), "Q2")])
        for year in (2020, 2021, 2022)
    ]

    row = assumption("entering_support", Nation.ENGLAND)
    assert (row.low, row.high) == (
        pytest.approx(min(shares), abs=0.005),
        pytest.approx(max(shares), abs=0.005),
    )
    assert row.assumed


def test_the_scottish_share_who_need_a_bed_is_that_of_four_published_years() -> None:
    rows = {(row["fy"], row["measure"]): float(row["value"]) for row in read_rows("scotland_support")}
    years = [fy for fy, measure in rows if measure == "women in crisis accommodation"]

    housed = [rows[fy, "women in crisis accommodation"] for fy in years]
    supported = [rows[fy, "women supported"] for fy in years]

    row = assumption("needing_bed", Nation.SCOTLAND)
    shares = [a / b for a, b in zip(housed, supported, strict=True)]
    assert (row.low, row.high) == (
        pytest.approx(min(shares), abs=0.005),
        pytest.approx(max(shares), abs=0.005),
    )
    assert row.likely == pytest.approx(sum(housed) / sum(supported), abs=0.001)
    assert not row.assumed


def test_the_scottish_range_of_those_who_enter_support_is_that_of_2019() -> None:
    nrm = {row["type"]: int(row["female_adult"]) for row in read_rows("scotland_nrm_2019")}
    new = next(
        float(row["value"])
        for row in read_rows("scotland_support")
        if (row["fy"], row["measure"]) == ("2019-20", "newly identified")
    )

    row = assumption("entering_support", Nation.SCOTLAND)

    assert row.low == pytest.approx(new / (nrm["Total"] * 0.906), abs=0.005)
    assert row.high == pytest.approx(new / (nrm["Sexual exploitation"] * 0.906), abs=0.005)


def test_the_time_to_a_decision_is_what_the_backlog_and_its_age_say() -> None:
    waiting = {row["date"]: int(row["cases_awaiting_cg"]) for row in read_rows("nrm_cg_backlog")}
    decided = next(
        int(row["total"])
        for row in read_rows("nrm_decisions_quarterly")
        if (row["year"], row["quarter"], row["stage"]) == ("2025", "Q4", "conclusive_grounds")
    )
    age = next(
        row for row in read_rows("nrm_decision_times") if row["measure"] == "mean age of undecided cases"
    )

    row = assumption("decision_median")

    assert row.low == pytest.approx(waiting["end-Dec-2025"] / decided * 92, abs=0.6)
    assert row.likely == float(age["days"])
    assert f"({row.high:.0f} " in age["detail"]


def test_the_spread_of_decision_times_is_that_of_the_only_published_distribution() -> None:
    """2009: of 132 decisions 24 within 45 days, 89 within three months, 128 within six."""
    sigma = assumption("decision_sigma").likely

    shares = lognorm.cdf([45, 91, 182], s=sigma, scale=91 * np.exp(-sigma * 0.451))

    assert shares == pytest.approx([24 / 132, 89 / 132, 128 / 132], abs=0.02)


def test_women_and_adults_are_those_of_the_published_tables() -> None:
    scotland = next(row for row in read_rows("scotland_nrm_2019") if row["type"] == "Total")
    women, men = int(scotland["female_adult"]), int(scotland["male_adult"])
    minors = int(scotland["male_minor"]) + int(scotland["female_minor"])
    year_12 = next(row for row in read_rows("msvcc_support") if row["contract_year"] == "12")

    assert assumption("women", Nation.SCOTLAND).likely == pytest.approx(women / (women + men), abs=0.001)
    assert assumption("adult", Nation.SCOTLAND).likely == pytest.approx(
        (women + men) / (women + men + minors), abs=0.001
    )
    assert assumption("women", Nation.ENGLAND).likely == float(year_12["female_pct"]) / 100


def test_a_row_that_there_is_not_is_named() -> None:
    assert find_assumption("adult", Nation.ENGLAND) is None
    with pytest.raises(KeyError, match="adult of England"):
        assumption("adult", Nation.ENGLAND)


def test_every_region_with_sites_is_in_one_group_and_the_shares_of_a_nation_sum_to_one() -> None:
    groups = region_groups()

    regions = [region for group in groups for region in group.regions]
    served = {code for code in REGIONS if code.startswith("E") or REGIONS[code] == "Scotland"}
    assert sorted(regions) == sorted(served)
    for nation in SERVED_NATIONS:
        assert sum(group.share for group in groups if group.nation is nation) == pytest.approx(1.0)
    london = next(group for group in groups if group.code == "london")
    assert london.share == pytest.approx(1582 / 3533, abs=0.001)
