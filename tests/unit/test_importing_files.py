"""Files as they come: missing, double, torn, in other encodings, far too large."""

from __future__ import annotations

from pathlib import Path

import pytest

from beds.errors import BadInput, Fault
from beds.folder import write_folder
from beds.importing import read_folder, unread
from beds.importing.columns import TABLES
from beds.importing.faults import MOST_FAULTS_KEPT
from tests.builders import a_small_estate
from tests.csv_folders import faults_of, good_tables, places, write_tables

REQUIRED = [table.name for table in TABLES if table.must_be_there]
MARKER = b"MARKER"


def _edit(folder: Path, name: str, old: bytes, new: bytes) -> Path:
    content = (folder / name).read_bytes()
    assert old in content
    (folder / name).write_bytes(content.replace(old, new))
    return folder


@pytest.fixture
def good(tmp_path: Path) -> Path:
    """Return a folder that is accepted."""
    return write_tables(tmp_path / "good", good_tables())


def test_a_good_folder_is_read_whole(good: Path) -> None:
    estate = read_folder(good)

    counts = {table.name: len(getattr(estate, table.name)) for table in TABLES}
    assert counts == {name: len(rows) for name, rows in good_tables().items()}


def test_a_folder_that_is_not_there_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no such folder"):
        read_folder(tmp_path / "nowhere")


def test_a_file_in_place_of_the_folder_is_bad_input(good: Path) -> None:
    with pytest.raises(BadInput, match="no such folder"):
        read_folder(good / "sites.csv")


def test_an_empty_folder_lacks_every_required_file(tmp_path: Path) -> None:
    faults = faults_of(tmp_path)

    assert places(faults) == [(f"{name}.csv", None, None) for name in REQUIRED]


@pytest.mark.parametrize("name", ["closures", "keep_apart", "holds", "declines", "placements"])
def test_the_other_files_may_be_left_out(good: Path, name: str) -> None:
    (good / f"{name}.csv").unlink()

    estate = read_folder(good)

    assert getattr(estate, name) == ()


def test_a_file_name_in_other_letters_is_the_same_table(good: Path) -> None:
    (good / "closures.csv").rename(good / "Closures.CSV")

    estate = read_folder(good)

    assert len(estate.closures) == 1


def test_two_spellings_of_one_file_name_are_refused(good: Path) -> None:
    (good / "Closures.CSV").write_bytes((good / "closures.csv").read_bytes())

    faults = faults_of(good)

    assert places(faults) == [("closures.csv", None, None)]


def test_a_folder_in_place_of_a_file_is_a_fault(good: Path) -> None:
    (good / "holds.csv").unlink()
    (good / "holds.csv").mkdir()

    faults = faults_of(good)

    assert places(faults) == [("holds.csv", None, None)]


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf"])
def test_a_file_without_a_header_is_a_fault(good: Path, content: bytes) -> None:
    (good / "units.csv").write_bytes(content)

    faults = faults_of(good)

    assert places(faults) == [("units.csv", 1, None)]


def test_a_file_of_a_header_alone_is_an_empty_table(good: Path) -> None:
    (good / "holds.csv").write_bytes((good / "holds.csv").read_bytes().splitlines()[0])

    estate = read_folder(good)

    assert estate.holds == ()


def test_a_byte_order_mark_crlf_and_spaces_around_headers_do_no_harm(good: Path) -> None:
    expected = read_folder(good)
    for path in good.iterdir():
        lines = path.read_bytes().splitlines()
        header = b" , ".join(lines[0].split(b","))
        path.write_bytes(b"\xef\xbb\xbf" + b"\r\n".join([header, *lines[1:]]) + b"\r\n")

    estate = read_folder(good)

    assert estate == expected


def test_extra_columns_are_ignored_whatever_they_hold(good: Path) -> None:
    expected = read_folder(good)
    lines = (good / "units.csv").read_text().splitlines()
    (good / "units.csv").write_text("\n".join(["note," + lines[0], *(f"=1+1,{line}" for line in lines[1:])]))

    estate = read_folder(good)

    assert estate == expected


def test_the_order_of_columns_and_rows_is_free(good: Path) -> None:
    expected = read_folder(good)
    for path in good.iterdir():
        header, *rows = path.read_text().splitlines()
        if '"' not in "".join(rows):
            flipped = [",".join(reversed(line.split(","))) for line in (header, *reversed(rows))]
            path.write_text("\n".join(flipped))

    estate = read_folder(good)

    assert estate == expected


def test_a_repeated_column_is_refused(good: Path) -> None:
    (good / "units.csv").write_text(
        "unit_id,site_id,sharing,step_free, sharing\nU1,S1,household,true,shared\n"
    )

    faults = faults_of(good)

    assert ("units.csv", 1, "sharing") in places(faults)


def test_a_row_with_more_cells_than_the_header_is_refused(good: Path) -> None:
    _edit(good, "units.csv", b"U2,S2,shared,false", b"U2,S2,shared,false,MARKER")

    faults = faults_of(good)

    assert places(faults) == [("units.csv", 3, None)]
    assert "MARKER" not in str(faults)


def test_a_row_that_is_torn_off_is_refused(good: Path) -> None:
    _edit(good, "people.csv", b"A3,R3,true,female,30,known,,,sq;en-GB", b"A3,R3,true,female,3")

    faults = faults_of(good)

    assert places(faults) == [("people.csv", 4, None)]


def test_blank_lines_are_ignored_and_counted_in_line_numbers(good: Path) -> None:
    _edit(good, "units.csv", b"U2,S2,shared,false", b"\n,,,\nU2,S2,MARKER,false")

    faults = faults_of(good)

    assert places(faults) == [("units.csv", 5, "sharing")]


def test_lines_are_counted_through_quoted_cells_with_line_breaks(good: Path) -> None:
    _edit(good, "sites.csv", b"S1,P1,Rose House", b'S1,P1,"Rose\r\nHouse,\n""upper"""')
    _edit(good, "sites.csv", b"S2,P1,Rose House,Scotland", b"S2,P1,Rose House,MARKER")

    faults = faults_of(good)

    assert places(faults) == [("sites.csv", 5, "nation")]


def test_line_breaks_in_a_name_become_spaces(good: Path) -> None:
    _edit(good, "sites.csv", b"S1,P1,Rose House", b'S1,P1,"Rose\r\nHouse"')

    estate = read_folder(good)

    assert estate.sites[0].name == "Rose House"


def test_a_quote_that_is_never_closed_is_refused_where_it_opens(good: Path) -> None:
    _edit(good, "sites.csv", b"S1,P1,Rose House", b'S1,P1,"Rose House')

    faults = faults_of(good)

    assert ("sites.csv", 2, None) in places(faults)


def test_semicolons_between_cells_are_refused_with_the_separator_named(good: Path) -> None:
    content = (good / "units.csv").read_bytes()
    (good / "units.csv").write_bytes(content.replace(b",", b";"))

    faults = faults_of(good)

    assert places(faults) == [("units.csv", 1, c) for c in ("unit_id", "site_id", "sharing", "step_free")]
    assert "separated by commas" in faults[0].message


def test_a_line_that_is_not_utf8_is_named_and_not_echoed(good: Path) -> None:
    _edit(good, "sites.csv", b"S2,P1,Rose House", b"S2,P1,MARKER caf\xe9")

    faults = faults_of(good)

    assert faults == (Fault("sites.csv", 3, None, "must be UTF-8: save the file as CSV UTF-8"),)


def test_a_file_in_utf16_is_one_fault(good: Path) -> None:
    content = (good / "sites.csv").read_text()
    (good / "sites.csv").write_bytes(content.encode("utf-16"))

    faults = faults_of(good)

    assert {fault.file for fault in faults} == {"sites.csv"}
    assert faults[0].line == 1
    assert "UTF-8" in faults[-1].message


def test_a_null_byte_is_refused_where_it_is(good: Path) -> None:
    _edit(good, "units.csv", b"U2,S2", b"U2\0,S2")

    faults = faults_of(good)

    assert ("units.csv", 3, None) in places(faults)
    assert "null bytes" in faults[0].message


def test_a_row_that_is_refused_does_not_make_its_references_dangle(good: Path) -> None:
    _edit(good, "sites.csv", b"S2,P1,Rose House", b"S2,P1,Rose, House")
    _edit(good, "beds.csv", b"B4,U2,single", b"B4,U2,caf\xe9")

    faults = faults_of(good)

    assert places(faults) == [("sites.csv", 3, None), ("beds.csv", 5, None)]


def test_faults_in_several_files_are_all_reported_in_order(good: Path) -> None:
    _edit(good, "referrals.csv", b"urgent", b"MARKER")
    _edit(good, "sites.csv", b"safe_house", b"MARKER")
    _edit(good, "units.csv", b"U2,S2", b"U2,S9")
    (good / "people.csv").unlink()

    faults = faults_of(good)

    assert places(faults) == [
        ("people.csv", None, None),
        ("sites.csv", 2, "site_type"),
        ("sites.csv", 3, "site_type"),
        ("units.csv", 3, "site_id"),
        *[("referrals.csv", line, "priority") for line in (2, 3, 4)],
    ]
    assert "MARKER" not in str(faults)


def test_a_file_with_too_many_faults_is_not_read_to_its_end(good: Path) -> None:
    with (good / "units.csv").open("ab") as stream:
        stream.write(b"MARKER!,S1,MARKER,MARKER\n" * 5_000)

    faults = faults_of(good)

    assert len(faults) == MOST_FAULTS_KEPT + 1
    assert faults[-1].file == "all files"
    assert "MARKER" not in str(faults)


def test_a_file_and_a_column_of_another_name_are_noted_by_what_is_missing(tmp_path: Path) -> None:
    write_folder(a_small_estate(), tmp_path)
    (tmp_path / "closures.csv").rename(tmp_path / "MARKER (1).csv")
    referrals = tmp_path / "referrals.csv"
    referrals.write_text(referrals.read_text().replace("excluded_areas", "MARKER", 1))

    notes = unread(tmp_path)

    assert notes == [
        "1 file is not read, having no table's name; there is no file for: closures",
        "referrals.csv: 1 column is not read; not there, so not yet asked: excluded_areas",
    ]


def test_a_folder_that_is_read_whole_is_without_notes(tmp_path: Path) -> None:
    write_folder(a_small_estate(), tmp_path)

    assert unread(tmp_path) == []
