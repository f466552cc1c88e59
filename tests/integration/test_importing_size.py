"""Junk by the megabyte is refused quickly and with little memory."""

from __future__ import annotations

import tracemalloc
import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook

from tests.csv_folders import faults_of, good_tables, places, write_tables


@pytest.fixture
def good(tmp_path: Path) -> Path:
    """Return a folder that is accepted."""
    return write_tables(tmp_path / "good", good_tables())


@pytest.mark.parametrize("line", [b"x" * 1_000_000, b"junk,\xff\x00\n" * 100_000, b'"' * 999 + b"\n"])
def test_a_hundred_megabytes_of_junk_are_refused_with_little_memory(good: Path, line: bytes) -> None:
    with (good / "sites.csv").open("wb") as stream:
        for _ in range(100_000_000 // len(line)):
            stream.write(line)
    tracemalloc.start()

    faults = faults_of(good)

    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert places(faults) == [("sites.csv", None, None)]
    assert peak < 20_000_000


@pytest.mark.parametrize(
    "junk", [b"x" * 40_000_000, b"a\n" * 2_000_000, b"," * 40_000_000, b'"' + b"a\n" * 2_000_000]
)
def test_junk_under_the_limit_is_refused_without_holding_it(good: Path, junk: bytes) -> None:
    (good / "sites.csv").write_bytes(junk)
    del junk
    tracemalloc.start()

    faults = faults_of(good)

    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert faults[0].file == "sites.csv"
    assert peak < 20_000_000


def test_a_workbook_that_unpacks_to_too_much_is_refused_unopened(good: Path) -> None:
    (good / "sites.csv").unlink()
    with (
        zipfile.ZipFile(good / "sites.xlsx", "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/workbook.xml", "w") as part,
    ):
        for _ in range(150):
            part.write(b"0" * 1_000_000)

    faults = faults_of(good)

    assert places(faults) == [("sites.xlsx", None, None)]
    assert "too large" in faults[0].message


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="999999999"><c r="A999999999"/></row>',
        "".join(f'<row r="{line}"><c r="XFD{line}"/></row>' for line in range(2, 400)),
    ],
)
def test_a_sheet_of_endless_empty_cells_is_refused(good: Path, rows: str) -> None:
    (good / "units.csv").unlink()
    book = Workbook()
    book.active.append(["unit_id", "site_id", "sharing", "step_free"])
    book.save(good / "units.xlsx")
    with zipfile.ZipFile(good / "units.xlsx") as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    parts[sheet] = parts[sheet].replace(b"</sheetData>", rows.encode() + b"</sheetData>")
    with zipfile.ZipFile(good / "units.xlsx", "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)

    faults = faults_of(good)

    assert [(fault.file, fault.column) for fault in faults] == [("units.xlsx", None)]
    assert "too large" in faults[0].message
