"""Each cell by the form of its column: what is accepted, what is refused, and that nothing is echoed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest

from beds.domain.terms import Gender
from beds.importing import read_folder
from beds.importing.columns import TABLES
from tests.csv_folders import faults_of, good_tables, places, write_tables

MARKER = "Marker Person!"

EVERY_COLUMN = [(table.name, column.name) for table in TABLES for column in table.columns]
OPTIONAL = [(t.name, c.name) for t in TABLES for c in t.columns if c.may_be_empty]
REQUIRED = [(t.name, c.name) for t in TABLES for c in t.columns if not c.may_be_empty]


def _refused(tmp_path: Path, table: str, column: str, text: str) -> None:
    tables = good_tables()
    tables[table][0][column] = text

    faults = faults_of(write_tables(tmp_path, tables))

    assert (f"{table}.csv", 2, column) in places(faults)
    assert not any(MARKER in str(fault) or "Marker" in str(fault) for fault in faults)


@pytest.mark.parametrize(("table", "column"), EVERY_COLUMN)
def test_a_formula_is_refused_in_every_column(tmp_path: Path, table: str, column: str) -> None:
    _refused(tmp_path, table, column, f'=HYPERLINK("{MARKER}")')


@pytest.mark.parametrize(("table", "column"), [pair for pair in EVERY_COLUMN if pair[1] != "name"])
def test_free_text_is_refused_where_it_does_not_belong_and_never_echoed(
    tmp_path: Path, table: str, column: str
) -> None:
    _refused(tmp_path, table, column, MARKER)


@pytest.mark.parametrize(("table", "column"), REQUIRED)
def test_a_cell_that_must_be_asked_may_not_be_empty(tmp_path: Path, table: str, column: str) -> None:
    _refused(tmp_path, table, column, "  ")


@pytest.mark.parametrize(("table", "column"), OPTIONAL)
def test_a_column_that_may_be_empty_may_be_left_out(tmp_path: Path, table: str, column: str) -> None:
    tables = good_tables()
    emptied = good_tables()
    for row in tables[table]:
        del row[column]
    for row in emptied[table]:
        row[column] = ""

    without = read_folder(write_tables(tmp_path / "without", tables))
    empty = read_folder(write_tables(tmp_path / "empty", emptied))

    assert without == empty


@pytest.mark.parametrize(("table", "column"), REQUIRED)
def test_a_column_that_may_not_be_empty_must_be_there(tmp_path: Path, table: str, column: str) -> None:
    tables = good_tables()
    for row in tables[table]:
        del row[column]

    faults = faults_of(write_tables(tmp_path, tables))

    assert (f"{table}.csv", 1, column) in places(faults)


@pytest.mark.parametrize(
    ("table", "column", "text"),
    [
        ("sites", "site_id", "-S1"),
        ("sites", "site_id", "+S1"),
        ("sites", "site_id", "@S1"),
        ("sites", "site_id", "S;1"),
        ("sites", "site_id", "S 1"),
        ("sites", "site_id", "S\u200b1"),
        ("sites", "site_id", "S" * 65),
        ("sites", "name", "x" * 201),
        ("sites", "name", "red \x1b[31m house"),
        ("sites", "nation", "Wales"),
        ("sites", "nation", "Northern Ireland"),
        ("sites", "nation", "england"),
        ("sites", "region", "S92000003"),
        ("sites", "region", "E12000010"),
        ("sites", "local_authority", "E0900007"),
        ("sites", "site_type", "hotel"),
        ("sites", "admits", ";"),
        ("sites", "admits", "female;women"),
        ("sites", "accepts_children", "TRUE"),
        ("sites", "accepts_children", "yes"),
        ("sites", "accepts_children", "1"),
        ("sites", "max_age_girls", "18"),
        ("sites", "max_age_boys", "-1"),
        ("sites", "security_level", "0"),
        ("sites", "security_level", "4"),
        ("sites", "security_level", "2.0"),
        ("sites", "security_level", "٢"),
        ("sites", "staff_languages", "english"),
        ("sites", "services", "Legal Advice"),
        ("sites", "opens_on", "2026-02-30"),
        ("sites", "opens_on", "01/02/2026"),
        ("sites", "opens_on", "20260201"),
        ("sites", "opens_on", "2026-W06-1"),
        ("sites", "opens_on", "0001-01-01"),
        ("sites", "opens_on", "1899-12-31"),
        ("sites", "opens_on", "10000-01-01"),
        ("sites", "closes_on", "2020-01-01"),
        ("sites", "max_stay_nights", "0"),
        ("sites", "cost_per_bed_night", "-1"),
        ("sites", "cost_per_bed_night", "NaN"),
        ("sites", "cost_per_bed_night", "Infinity"),
        ("sites", "cost_per_bed_night", "1e3"),
        ("sites", "cost_per_bed_night", "£102"),
        ("units", "sharing", "private"),
        ("beds", "kind", "double"),
        ("closures", "ends_on", "2026-02-01"),
        ("closures", "reason", "Broken boiler"),
        ("referrals", "received_at", "2026-03-01T09:00:00"),
        ("referrals", "received_at", "2026-03-01"),
        ("referrals", "received_at", "2026-03-01T25:00:00Z"),
        ("referrals", "received_at", "2026-03-01T09:00:00+99:00"),
        ("referrals", "received_at", "9999-12-31T23:00:00-05:00"),
        ("referrals", "received_at", "0001-01-01T00:00:00+05:00"),
        ("referrals", "priority", "high"),
        ("referrals", "expected_stay_days", "0"),
        ("referrals", "expected_stay_days", "9" * 5_000),
        ("referrals", "min_security_level", "4"),
        ("referrals", "risk_to_others", "medium"),
        ("referrals", "preferred_regions", "E09000007"),
        ("referrals", "excluded_areas", "London"),
        ("referrals", "status", "Waiting"),
        ("people", "gender", "unknown"),
        ("people", "age", "-1"),
        ("people", "age", "121"),
        ("people", "age", "30.5"),
        ("people", "age", "thirty"),
        ("people", "age_status", "unsure"),
        ("people", "languages", "en_GB"),
        ("holds", "expected_end_on", "2026-03-03"),
        ("holds", "expires_at", "2026-03-03 14:00"),
        ("declines", "declined_by", "police"),
        ("placements", "expected_end_on", "2026-02-01"),
        ("placements", "ended_on", "2026-01-31"),
    ],
)
def test_an_impossible_value_is_refused_with_its_place(
    tmp_path: Path, table: str, column: str, text: str
) -> None:
    _refused(tmp_path, table, column, text)


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("sites", "closes_on"),
        ("closures", "ends_on"),
        ("referrals", "needed_from"),
        ("people", "due_on"),
        ("holds", "expected_end_on"),
        ("declines", "until"),
        ("placements", "expected_end_on"),
    ],
)
def test_the_last_day_of_the_calendar_is_a_date(tmp_path: Path, table: str, column: str) -> None:
    tables = good_tables()
    tables[table][0][column] = "9999-12-31"

    estate = read_folder(write_tables(tmp_path, tables))

    assert date.max in {getattr(row, column) for row in getattr(estate, table)}


def test_the_message_says_what_is_accepted(tmp_path: Path) -> None:
    tables = good_tables()
    tables["referrals"][1]["priority"] = "asap"

    faults = faults_of(write_tables(tmp_path, tables))

    assert [str(fault) for fault in faults] == [
        "referrals.csv line 3, priority: must be one of emergency, urgent, standard"
    ]


def test_every_fault_of_a_row_is_reported_and_not_only_the_first(tmp_path: Path) -> None:
    tables = good_tables()
    tables["people"][0] |= {"is_lead": "maybe", "gender": "f", "age": "999"}

    faults = faults_of(write_tables(tmp_path, tables))

    assert places(faults) == [("people.csv", 2, column) for column in ("is_lead", "gender", "age")]


def test_languages_are_reduced_to_their_primary_subtag_in_lower_case(tmp_path: Path) -> None:
    tables = good_tables()
    tables["people"][0]["languages"] = " SQ ; en-GB;zh-Hant-TW; ckb "

    estate = read_folder(write_tables(tmp_path, tables))

    assert estate.people_of[estate.people[0].referral_id][0].languages == {"sq", "en", "zh", "ckb"}


def test_items_of_a_list_are_trimmed_and_empty_ones_dropped(tmp_path: Path) -> None:
    tables = good_tables()
    tables["sites"][0]["admits"] = "female ;; male;"

    estate = read_folder(write_tables(tmp_path, tables))

    assert estate.sites[0].admits == {Gender.FEMALE, Gender.MALE}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-01T09:00Z", datetime(2026, 3, 1, 9, tzinfo=UTC)),
        ("2026-03-01 09:00:00.5+00:00", datetime(2026, 3, 1, 9, 0, 0, 500_000, tzinfo=UTC)),
        ("2026-07-01T09:00:00+01:00", datetime(2026, 7, 1, 9, tzinfo=timezone(timedelta(hours=1)))),
    ],
)
def test_an_instant_with_any_offset_is_read(tmp_path: Path, text: str, expected: datetime) -> None:
    tables = good_tables()
    tables["referrals"][0]["received_at"] = text

    estate = read_folder(write_tables(tmp_path, tables))

    assert estate.referrals[0].received_at == expected


def test_an_empty_need_is_not_yet_asked_and_never_no(tmp_path: Path) -> None:
    tables = good_tables()
    asked = ("min_security_level", "needs_step_free", "accepts_sharing", "cross_border", "risk_to_others")
    for column in asked:
        tables["referrals"][0][column] = ""

    referral = read_folder(write_tables(tmp_path, tables)).referrals[0]

    assert [getattr(referral, column) for column in asked] == [None] * len(asked)


def test_empty_age_limits_are_seventeen_and_an_empty_limit_of_stay_is_none(tmp_path: Path) -> None:
    tables = good_tables()
    tables["sites"][0] |= {"max_age_girls": "", "max_age_boys": "", "max_stay_nights": ""}

    site = read_folder(write_tables(tmp_path, tables)).sites[0]

    assert (site.max_age_girls, site.max_age_boys, site.max_stay_nights) == (17, 17, None)


def test_a_cost_is_an_exact_decimal(tmp_path: Path) -> None:
    tables = good_tables()
    tables["sites"][0]["cost_per_bed_night"] = "0.10"

    estate = read_folder(write_tables(tmp_path, tables))

    assert estate.sites[0].cost_per_bed_night == Decimal("0.10")


def test_emoji_in_a_name_do_no_harm(tmp_path: Path) -> None:
    tables = good_tables()
    tables["sites"][0]["name"] = "Rose 🌹 House 👩‍👧"

    estate = read_folder(write_tables(tmp_path, tables))

    assert estate.sites[0].name == "Rose 🌹 House 👩‍👧"


def test_a_stay_that_ended_on_the_day_it_began_is_accepted(tmp_path: Path) -> None:
    tables = good_tables()
    tables["placements"][0]["ended_on"] = tables["placements"][0]["starts_on"]

    estate = read_folder(write_tables(tmp_path, tables))

    assert estate.placements[0].ended_on == estate.placements[0].starts_on
