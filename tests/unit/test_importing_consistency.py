"""What must hold between records, and what only looks odd and is accepted."""

from __future__ import annotations

from pathlib import Path

import pytest

from beds.importing import read_folder
from tests.csv_folders import Tables, faults_of, good_tables, places, write_tables


def _placement(tables: Tables, placement_id: str, **changes: str) -> None:
    tables["placements"].append({**tables["placements"][0], "placement_id": placement_id, **changes})


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("sites", "site_id"),
        ("units", "unit_id"),
        ("beds", "bed_id"),
        ("referrals", "referral_id"),
        ("people", "person_id"),
    ],
)
def test_an_identifier_used_twice_is_refused_at_the_second(tmp_path: Path, table: str, column: str) -> None:
    tables = good_tables()
    tables[table].append(dict(tables[table][0]))

    faults = faults_of(write_tables(tmp_path, tables))

    last = len(tables[table]) + 1
    assert (f"{table}.csv", last, column) in places(faults)
    assert "line 2" in next(fault for fault in faults if fault.line == last).message


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("units", "site_id"),
        ("beds", "unit_id"),
        ("closures", "bed_id"),
        ("people", "referral_id"),
        ("keep_apart", "referral_id_a"),
        ("keep_apart", "referral_id_b"),
        ("holds", "referral_id"),
        ("holds", "bed_id"),
        ("declines", "referral_id"),
        ("declines", "site_id"),
        ("placements", "referral_id"),
        ("placements", "bed_id"),
    ],
)
def test_a_reference_to_nothing_is_refused_and_not_echoed(tmp_path: Path, table: str, column: str) -> None:
    tables = good_tables()
    tables[table][0][column] = "MARKER1"

    faults = faults_of(write_tables(tmp_path, tables))

    assert (f"{table}.csv", 2, column) in places(faults)
    assert "MARKER" not in str(faults)


def test_a_row_with_a_bad_cell_is_still_judged_by_its_references(tmp_path: Path) -> None:
    tables = good_tables()
    tables["units"][0] |= {"site_id": "S9", "sharing": "MARKER"}

    faults = faults_of(write_tables(tmp_path, tables))

    assert sorted(places(faults)) == [("units.csv", 2, "sharing"), ("units.csv", 2, "site_id")]


def test_references_into_a_file_that_cannot_be_read_are_not_reported(tmp_path: Path) -> None:
    folder = write_tables(tmp_path, good_tables())
    (folder / "sites.csv").write_text("nonsense\n1\n")

    faults = faults_of(folder)

    assert {fault.file for fault in faults} == {"sites.csv"}


def test_two_leads_are_refused_at_the_second(tmp_path: Path) -> None:
    tables = good_tables()
    tables["people"].append({**tables["people"][0], "person_id": "A9"})

    faults = faults_of(write_tables(tmp_path, tables))

    assert places(faults) == [("people.csv", 5, "is_lead")]


def test_a_household_without_a_lead_is_refused(tmp_path: Path) -> None:
    tables = good_tables()
    tables["people"][1]["is_lead"] = "false"

    faults = faults_of(write_tables(tmp_path, tables))

    assert places(faults) == [("people.csv", 3, "is_lead")]


def test_a_referral_without_people_is_refused(tmp_path: Path) -> None:
    tables = good_tables()
    del tables["people"][2]

    faults = faults_of(write_tables(tmp_path, tables))

    assert places(faults) == [("referrals.csv", 4, "referral_id")]


def test_an_unreadable_lead_is_not_also_reported_as_no_lead(tmp_path: Path) -> None:
    tables = good_tables()
    tables["people"][1]["is_lead"] = "perhaps"

    faults = faults_of(write_tables(tmp_path, tables))

    assert places(faults) == [("people.csv", 3, "is_lead")]
    assert "true or false" in faults[0].message


def test_a_household_kept_apart_from_itself_is_refused(tmp_path: Path) -> None:
    tables = good_tables()
    tables["keep_apart"][0]["referral_id_b"] = "R1"

    faults = faults_of(write_tables(tmp_path, tables))

    assert places(faults) == [("keep_apart.csv", 2, "referral_id_b")]
    assert "itself" in faults[0].message


def test_a_keep_apart_pair_within_one_survivor_is_refused(tmp_path: Path) -> None:
    tables = good_tables()
    tables["referrals"][2]["survivor_ref"] = "V1"
    tables["keep_apart"][0]["referral_id_b"] = "R3"

    faults = faults_of(write_tables(tmp_path, tables))

    assert places(faults) == [("keep_apart.csv", 2, "referral_id_b")]
    assert "survivor" in faults[0].message


@pytest.mark.parametrize("again", [("R1", "R2"), ("R2", "R1")])
def test_a_keep_apart_pair_stated_twice_in_either_order_is_one_pair(
    tmp_path: Path, again: tuple[str, str]
) -> None:
    once = read_folder(write_tables(tmp_path / "once", good_tables()))
    tables = good_tables()
    tables["keep_apart"].append(dict(zip(("referral_id_a", "referral_id_b"), again, strict=True)))

    twice = read_folder(write_tables(tmp_path / "twice", tables))

    assert twice == once
    assert len(twice.keep_apart) == 1


def test_the_order_within_a_keep_apart_pair_says_nothing(tmp_path: Path) -> None:
    one_way = read_folder(write_tables(tmp_path / "one", good_tables()))
    tables = good_tables()
    tables["keep_apart"] = [{"referral_id_a": "R2", "referral_id_b": "R1"}]

    other_way = read_folder(write_tables(tmp_path / "other", tables))

    assert other_way == one_way


@pytest.mark.parametrize("status", ["waiting", "held"])
def test_two_open_referrals_of_one_survivor_are_refused(tmp_path: Path, status: str) -> None:
    tables = good_tables()
    tables["referrals"][1] |= {"survivor_ref": "V1", "status": status}
    tables["keep_apart"][0]["referral_id_b"] = "R3"

    faults = faults_of(write_tables(tmp_path, tables))

    assert places(faults) == [("referrals.csv", 3, "survivor_ref")]


@pytest.mark.parametrize("status", ["placed", "closed"])
def test_a_survivor_may_have_one_open_referral_and_earlier_ones(tmp_path: Path, status: str) -> None:
    tables = good_tables()
    tables["referrals"][2] |= {"survivor_ref": "V1", "status": status}

    estate = read_folder(write_tables(tmp_path, tables))

    assert estate.referrals[0].survivor == estate.referrals[2].survivor


@pytest.mark.parametrize(
    ("dates", "overlaps"),
    [
        (("2026-03-01", "2026-03-10", ""), True),
        (("2026-01-01", "2026-02-02", ""), True),
        (("2026-01-01", "2026-02-01", ""), False),
        (("2026-04-01", "2026-05-01", ""), False),
        (("2026-03-31", "2026-05-01", ""), True),
        (("2026-01-01", "2026-03-01", "2026-02-01"), False),
        (("2026-01-01", "2026-01-15", "2026-02-02"), True),
        (("2026-03-01", "2026-03-10", "2026-03-01"), False),
    ],
)
def test_a_bed_in_two_overlapping_stays_is_refused_on_recorded_dates(
    tmp_path: Path, dates: tuple[str, str, str], overlaps: bool
) -> None:
    tables = good_tables()
    starts_on, expected_end_on, ended_on = dates
    _placement(tables, "PL2", starts_on=starts_on, expected_end_on=expected_end_on, ended_on=ended_on)
    folder = write_tables(tmp_path, tables)

    if overlaps:
        assert places(faults_of(folder)) == [("placements.csv", 3, "bed_id")]
    else:
        assert len(read_folder(folder).placements) == 2


def test_a_stay_inside_a_longer_one_is_found_behind_a_short_one(tmp_path: Path) -> None:
    tables = good_tables()
    tables["placements"][0] |= {"starts_on": "2026-01-01", "expected_end_on": "2026-12-31"}
    _placement(tables, "PL2", starts_on="2026-02-01", expected_end_on="2026-02-02")
    _placement(tables, "PL3", starts_on="2026-03-01", expected_end_on="2026-03-02")

    faults = faults_of(write_tables(tmp_path, tables))

    assert places(faults) == [("placements.csv", 3, "bed_id"), ("placements.csv", 4, "bed_id")]


@pytest.mark.parametrize(("table", "key"), [("holds", "hold_id"), ("placements", "placement_id")])
def test_one_hold_or_placement_may_take_several_beds_of_one_household(
    tmp_path: Path, table: str, key: str
) -> None:
    tables = good_tables()
    tables[table].append({**tables[table][0], "bed_id": "B2"})

    estate = read_folder(write_tables(tmp_path, tables))

    assert len({getattr(row, key) for row in getattr(estate, table)}) == 1


@pytest.mark.parametrize(("table", "key"), [("holds", "hold_id"), ("placements", "placement_id")])
def test_one_hold_or_placement_takes_a_bed_once(tmp_path: Path, table: str, key: str) -> None:
    tables = good_tables()
    tables[table].append({**tables[table][0], "starts_on": "2030-01-01", "expected_end_on": "2030-02-01"})

    faults = faults_of(write_tables(tmp_path, tables))

    assert places(faults) == [(f"{table}.csv", 3, key)]


@pytest.mark.parametrize("table", ["holds", "placements"])
def test_one_hold_or_placement_belongs_to_one_household(tmp_path: Path, table: str) -> None:
    tables = good_tables()
    tables[table].append({**tables[table][0], "bed_id": "B2", "referral_id": "R1"})

    faults = faults_of(write_tables(tmp_path, tables))

    assert places(faults) == [(f"{table}.csv", 3, "referral_id")]


def test_odd_but_possible_records_are_accepted(tmp_path: Path) -> None:
    tables = good_tables()
    tables["sites"].append({**tables["sites"][0], "site_id": "S3"})  # a site without units
    tables["units"].append({**tables["units"][0], "unit_id": "U3"})  # a unit without beds
    tables["closures"].append({"bed_id": "B3", "starts_on": "2026-02-01", "ends_on": "", "reason": ""})
    tables["closures"].append({"bed_id": "B3", "starts_on": "2026-02-15", "ends_on": "", "reason": ""})
    tables["holds"][0]["bed_id"] = "B3"  # over a stay
    tables["declines"].append(dict(tables["declines"][0]))
    tables["declines"][0]["until"] = "2020-01-01"
    tables["people"][0] |= {"gender": "male", "due_on": "2020-01-01", "age": "17"}

    estate = read_folder(write_tables(tmp_path, tables))

    assert len(estate.closures) == 3
