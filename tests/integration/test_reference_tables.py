"""Reference files as tables for screens and forecasts: with pandas, and with their provenance."""

from __future__ import annotations

import pytest

from beds.reference import data_folder, figures

REFERENCE_FILES = sorted(path.stem for path in (data_folder() / "reference").glob("*.csv"))


def test_namibia_is_a_country_and_not_a_missing_value() -> None:
    languages = figures("languages")

    namibian = languages[languages["nationality"] == "Namibian"]
    assert namibian["iso2"].tolist() == ["NA"]


@pytest.mark.parametrize("name", REFERENCE_FILES)
def test_every_table_for_a_screen_says_where_each_row_comes_from(name: str) -> None:
    table = figures(name)

    assert table["source"].notna().all()
    assert table["confidence"].notna().all()
    assert table["assumption"].dtype == bool


def test_a_number_that_was_not_published_is_missing_and_the_others_are_numbers() -> None:
    quarters = figures("nrm_quarterly_referrals")

    latest = quarters[quarters["year"] == 2025]
    assert latest["adult"].isna().all()
    assert int(latest["total"].sum()) == 23_411
