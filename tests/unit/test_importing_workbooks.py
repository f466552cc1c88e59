"""XLSX: typed cells read as a CSV file would, formulas refused, hostile workbooks refused early."""

from __future__ import annotations

import zipfile
from datetime import date, datetime
from pathlib import Path

import pytest
from openpyxl import Workbook

from beds.importing import read_folder
from tests.csv_folders import Tables, faults_of, good_tables, places, write_tables


def _fill(sheet: object, rows: list[dict[str, str]]) -> None:
    sheet.append(list(rows[0]))  # type: ignore[attr-defined]
    for row in rows:
        sheet.append([_typed(column, text) for column, text in row.items()])  # type: ignore[attr-defined]


def _typed(column: str, text: str) -> object:
    """Return a cell as a spreadsheet would store it: dates, numbers and booleans by their types."""
    if not text:
        return None
    if column.endswith(("_on", "_from")):
        return date.fromisoformat(text)
    if text in {"true", "false"}:
        return text == "true"
    try:
        return float(text)
    except ValueError:
        return text


def _as_one_workbook(folder: Path, tables: Tables) -> Path:
    folder.mkdir()
    book = Workbook()
    book.remove(book.active)
    for name, rows in tables.items():
        _fill(book.create_sheet(name), rows)
    book.save(folder / "estate.xlsx")
    return folder


def _as_workbooks(folder: Path, tables: Tables) -> Path:
    folder.mkdir()
    for name, rows in tables.items():
        book = Workbook()
        _fill(book.active, rows)
        book.create_sheet("Notes").append(["anything"])
        book.save(folder / f"{name}.xlsx")
    return folder


def _replace_with_workbook(folder: Path, name: str, rows: list[list[object]]) -> Path:
    (folder / f"{name}.csv").unlink()
    book = Workbook()
    for row in rows:
        book.active.append(row)
    book.save(folder / f"{name}.xlsx")
    return folder


@pytest.fixture
def good(tmp_path: Path) -> Path:
    """Return a folder of CSV files that is accepted."""
    return write_tables(tmp_path / "good", good_tables())


def test_a_workbook_a_table_reads_as_the_csv_files_do(good: Path, tmp_path: Path) -> None:
    folder = _as_workbooks(tmp_path / "books", good_tables())

    assert read_folder(folder) == read_folder(good)


def test_one_workbook_with_a_sheet_a_table_reads_as_the_csv_files_do(good: Path, tmp_path: Path) -> None:
    folder = _as_one_workbook(tmp_path / "book", good_tables())

    assert read_folder(folder) == read_folder(good)


def test_csv_files_and_workbooks_may_be_mixed(good: Path) -> None:
    expected = read_folder(good)
    _replace_with_workbook(
        good,
        "units",
        [
            ["unit_id", "site_id", "sharing", "step_free"],
            ["U1", "S1", "household", True],
            ["U2", "S2", "shared", False],
        ],
    )

    assert read_folder(good) == expected


def test_a_table_both_as_csv_and_as_xlsx_is_refused(good: Path) -> None:
    content = (good / "units.csv").read_bytes()
    _replace_with_workbook(good, "units", [["unit_id"]])
    (good / "units.csv").write_bytes(content)

    faults = faults_of(good)

    assert places(faults) == [("units.csv", None, None)]


def test_a_table_both_as_csv_and_as_a_sheet_is_refused(good: Path, tmp_path: Path) -> None:
    folder = _as_one_workbook(tmp_path / "book", {"units": good_tables()["units"]})
    (folder / "estate.xlsx").rename(good / "estate.xlsx")

    faults = faults_of(good)

    assert places(faults) == [("units.csv", None, None)]


def test_a_formula_cell_is_refused_with_its_row(good: Path) -> None:
    _replace_with_workbook(
        good,
        "units",
        [
            ["unit_id", "site_id", "sharing", "step_free"],
            [],
            ["U1", "S1", "household", "=TRUE()"],
            ["U2", "S2", "shared", "#REF!"],
        ],
    )

    faults = faults_of(good)

    assert places(faults) == [("units.xlsx", 3, "step_free"), ("units.xlsx", 4, "step_free")]
    assert "formula" in faults[0].message


def test_a_date_time_without_an_offset_is_refused_in_a_workbook_too(tmp_path: Path) -> None:
    tables = good_tables()
    folder = _as_one_workbook(tmp_path / "book", tables)
    book = Workbook()
    rows = tables["holds"]
    book.active.title = "holds"
    book.active.append(list(rows[0]))
    book.active.append([*list(rows[0].values())[:-1], datetime(2026, 3, 3, 14, 0)])  # noqa: DTZ001
    book.save(folder / "holds.xlsx")
    (folder / "estate.xlsx").unlink()
    write_tables(folder, {name: rows for name, rows in tables.items() if name != "holds"})

    faults = faults_of(folder)

    assert places(faults) == [("holds.xlsx", 2, "expires_at")]


def test_faults_of_a_sheet_name_the_sheet(tmp_path: Path) -> None:
    tables = good_tables()
    tables["people"][1]["gender"] = "MARKER"

    faults = faults_of(_as_one_workbook(tmp_path / "book", tables))

    assert places(faults) == [("estate.xlsx sheet people", 3, "gender")]
    assert "MARKER" not in str(faults)


def test_a_cell_beside_the_table_is_refused(good: Path) -> None:
    _replace_with_workbook(
        good,
        "units",
        [
            ["unit_id", "site_id", "sharing", "step_free"],
            ["U1", "S1", "household", True, None, "MARKER"],
            ["U2", "S2", "shared", False],
        ],
    )

    faults = faults_of(good)

    assert places(faults) == [("units.xlsx", 2, None)]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 torn", b"\xd0\xcf\x11\xe0 protected by a password"])
def test_a_file_that_is_no_workbook_is_refused(good: Path, content: bytes) -> None:
    (good / "sites.csv").unlink()
    (good / "sites.xlsx").write_bytes(content)

    faults = faults_of(good)

    assert places(faults) == [("sites.xlsx", None, None)]


def test_a_damaged_estate_workbook_is_one_fault(tmp_path: Path) -> None:
    (tmp_path / "estate.xlsx").write_bytes(b"not a workbook")

    faults = faults_of(tmp_path)

    assert places(faults) == [("estate.xlsx", None, None)]


def test_a_zip_without_a_workbook_in_it_is_refused(good: Path) -> None:
    (good / "sites.csv").unlink()
    with zipfile.ZipFile(good / "sites.xlsx", "w") as archive:
        archive.writestr("hello.txt", "hello")

    faults = faults_of(good)

    assert places(faults) == [("sites.xlsx", None, None)]


def test_xml_entities_in_a_workbook_are_refused(good: Path) -> None:
    _replace_with_workbook(good, "units", [["unit_id", "site_id", "sharing", "step_free"]])
    with zipfile.ZipFile(good / "units.xlsx") as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["xl/worksheets/sheet1.xml"] = b'<!DOCTYPE x [<!ENTITY a "MARKER">]><x>&a;</x>'
    with zipfile.ZipFile(good / "units.xlsx", "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)

    faults = faults_of(good)

    assert ("units.xlsx", None, None) in places(faults)
    assert "MARKER" not in str(faults)


def test_a_sheet_whose_xml_is_torn_is_refused(good: Path) -> None:
    _replace_with_workbook(good, "units", [["unit_id", "site_id", "sharing", "step_free"], ["U1"]])
    with zipfile.ZipFile(good / "units.xlsx") as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["xl/worksheets/sheet1.xml"] = parts["xl/worksheets/sheet1.xml"][:-60]
    with zipfile.ZipFile(good / "units.xlsx", "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)

    faults = faults_of(good)

    assert ("units.xlsx", None, None) in places(faults)
