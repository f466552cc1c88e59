"""The shipped figures: registered, unaltered, and saying which of them are assumptions."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from beds.domain.periods import recovery_nights
from beds.domain.terms import Nation
from beds.errors import BadInput
from beds.reference import (
    data_folder,
    read_rows,
    recovery_periods,
    sources,
    verify_sources,
)

REFERENCE_FILES = sorted(path.stem for path in (data_folder() / "reference").glob("*.csv"))
CONSTANT_PROVENANCE = ("local_authorities", "nrm_crosstab", "scottish_councils")


@pytest.fixture
def copied_data(tmp_path: Path) -> Path:
    """A copy of the shipped data that a test may damage."""
    folder = tmp_path / "data"
    shutil.copytree(data_folder(), folder)
    return folder


def test_every_shipped_file_is_registered_with_the_checksum_it_has() -> None:
    faults = verify_sources()

    assert faults == []


def test_an_altered_figure_is_found_and_its_checksum_is_stated(copied_data: Path) -> None:
    periods = copied_data / "reference" / "recovery_periods.csv"
    periods.write_text(periods.read_text(encoding="utf-8").replace(",90,", ",9,"), encoding="utf-8")

    faults = verify_sources(copied_data)

    assert [fault.file for fault in faults] == ["reference/recovery_periods.csv"]
    assert "sha256 is " in faults[0].message


def test_a_file_without_an_entry_and_an_entry_without_a_file_are_found(copied_data: Path) -> None:
    (copied_data / "reference" / "regions.csv").rename(copied_data / "reference" / "areas.csv")

    faults = verify_sources(copied_data)

    assert [(fault.file, fault.column) for fault in faults] == [
        ("reference/areas.csv", None),
        ("sources.toml", "reference/regions.csv"),
    ]


@pytest.mark.parametrize("damage", ["title =", 'surprise = "x"\n', '["a.csv"]\ntitle = "only"\n'])
def test_a_damaged_register_is_a_fault_not_a_crash(copied_data: Path, damage: str) -> None:
    register = copied_data / "sources.toml"
    register.write_text(damage + register.read_text(encoding="utf-8"), encoding="utf-8")

    faults = verify_sources(copied_data)

    assert [fault.file for fault in faults] == ["sources.toml"]


@pytest.mark.parametrize(
    ("nation", "on", "nights"),
    [
        (Nation.ENGLAND, date(2022, 12, 12), 45),
        (Nation.ENGLAND, date(2022, 12, 13), 30),
        (Nation.WALES, date(2022, 12, 12), 45),
        (Nation.WALES, date(2022, 12, 13), 30),
        (Nation.SCOTLAND, date(2018, 3, 31), 45),
        (Nation.SCOTLAND, date(2018, 4, 1), 90),
        (Nation.NORTHERN_IRELAND, date(2009, 4, 1), 45),
        (Nation.NORTHERN_IRELAND, date(2026, 11, 23), 45),
    ],
)
def test_the_recovery_period_is_the_one_in_force_in_the_nation(nation: Nation, on: date, nights: int) -> None:
    assert recovery_nights(nation, on, recovery_periods()) == nights


def test_the_cross_table_adds_up_to_the_published_total() -> None:
    rows = read_rows("nrm_crosstab")

    assert sum(int(row["referrals"]) for row in rows) == 30_197


def test_a_dual_national_is_counted_under_the_nationality_that_is_not_british() -> None:
    rows = read_rows("nrm_crosstab")

    british_too = {row["nationality"] for row in rows if row["second_nationality"] == "UK"}
    assert {"Pakistani", "Vietnamese", "Zimbabwean"} <= british_too
    assert not any(row["nationality"] == "UK" and row["second_nationality"] for row in rows)
    assert not any(row["nationality"].endswith((" UK", " Unknown")) for row in rows)


def test_the_quarters_of_2025_add_up_to_the_year() -> None:
    quarters = [int(row["total"]) for row in read_rows("nrm_quarterly_referrals") if row["year"] == "2025"]

    assert sum(quarters) == 23_411


@pytest.mark.parametrize("name", sorted(set(REFERENCE_FILES) - set(CONSTANT_PROVENANCE)))
def test_a_row_that_rests_on_background_knowledge_is_marked_as_an_assumption(name: str) -> None:
    unmarked = [row for row in read_rows(name) if _is_background(row) and row["assumption"] != "true"]

    assert unmarked == []


def _is_background(row: Mapping[str, str]) -> bool:
    return row["confidence"].startswith(("background", "assumption"))


def test_a_figure_that_nobody_publishes_is_empty_and_not_recalled() -> None:
    bed_spaces = [row for row in read_rows("accommodation_facts") if "bed spaces" in row["metric"]]

    assert [(row["value"], row["confidence"]) for row in bed_spaces] == [("", "not found")]


def test_every_entry_names_its_licence_vintage_and_transformation() -> None:
    register = sources(data_folder())

    for entry in register.values():
        assert entry.title
        assert entry.publisher
        assert entry.licence
        assert entry.vintage
        assert entry.transformation


def test_no_reference_file_of_a_name_is_refused_naming_those_there_are() -> None:
    with pytest.raises(BadInput, match="recovery_periods"):
        read_rows("../sources")
