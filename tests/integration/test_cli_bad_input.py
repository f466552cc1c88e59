"""Bad folders through the command itself: a sentence a fault on standard error, exit 2, nothing else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.integration.commands import AS_AT, Said, a_folder, beds


def _refused(folder: Path) -> Said:
    """Run a round on a folder and make sure that it is refused properly."""
    said = beds("allocate", "--from", folder, "--as-at", AS_AT, "--json", "-")
    assert said.code == 2
    assert said.out == ""
    assert said.last_error.startswith("beds: ")
    assert "MARKER" not in said.err
    return said


def _no_folder(tmp_path: Path) -> Path:
    return tmp_path / "missing"


def _a_file(tmp_path: Path) -> Path:
    (tmp_path / "file").write_text("MARKER")
    return tmp_path / "file"


def _links_in_a_circle(tmp_path: Path) -> Path:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    return tmp_path / "loop"


def _too_long_a_name(tmp_path: Path) -> Path:
    return tmp_path / ("x" * 5_000)


@pytest.mark.parametrize("make", [_no_folder, _a_file, _links_in_a_circle, _too_long_a_name])
def test_what_is_no_folder_is_one_sentence(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    said = _refused(make(tmp_path))

    assert said.err.splitlines() == [
        "beds: no such folder: a folder with sites, units, beds, referrals and people is needed"
    ]


def test_an_empty_folder_lists_the_files_that_must_be_there(tmp_path: Path) -> None:
    said = _refused(tmp_path)

    assert [line.split(":")[0] for line in said.err.splitlines()[:-1]] == [
        "sites.csv",
        "units.csv",
        "beds.csv",
        "referrals.csv",
        "people.csv",
    ]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "sites.csv line 1: must begin with a header row"),
        (b"MARKER\0MARKER\n", "sites.csv line 1: must not hold null bytes"),
        (b"\xff\xfeMARKER\n", "sites.csv line 1: must be UTF-8"),
        (b"MARKER,MARKER\n" * 5, "sites.csv line 1, site_id: this column must be there"),
        (b"x" * 1_000_000, "sites.csv line 1: is too long"),
        (b"MARKER\n" * 8_000_000, "sites.csv: is too large"),
        (b'"MARKER\n', "sites.csv line 1: cells must be separated by commas"),
    ],
)
def test_junk_in_a_file_is_named_by_its_place(tmp_path: Path, content: bytes, sentence: str) -> None:
    folder = a_folder(tmp_path)
    (folder / "sites.csv").write_bytes(content)

    said = _refused(folder)

    assert sentence in said.err


def test_a_folder_in_the_place_of_a_file_is_named(tmp_path: Path) -> None:
    folder = a_folder(tmp_path)
    (folder / "sites.csv").unlink()
    (folder / "sites.csv").mkdir()

    said = _refused(folder)

    assert "sites.csv: cannot be read" in said.err


@pytest.mark.parametrize(
    ("file", "before", "after", "place"),
    [
        ("sites.csv", "Rose House", "=MARKER()", "sites.csv line 2, name"),
        ("people.csv", "A2,R2,true,female,30", "A2,R2,true,female,MARKER", "people.csv line 3, age"),
        (
            "people.csv",
            "A2,R2,true,female,30",
            "A2,R2,true,female,1000000000000000000",
            "people.csv line 3, age",
        ),
        ("people.csv", "A2,R2,true", "A2,R9,true", "people.csv line 3, referral_id"),
        ("people.csv", "A2,R2,true", "A2,R2,false", "people.csv line 3, is_lead"),
        ("people.csv", "A2,R2,true", "A2,R1,true", "people.csv line 3, is_lead"),
        ("people.csv", "A2,R2,true", "A1,R2,true", "people.csv line 3, person_id"),
        ("units.csv", "U2,S2", "U2,MARKER", "units.csv line 3, site_id"),
        ("beds.csv", "B4,U2,single", "B4,U2,MARKER", "beds.csv line 5, kind"),
        (
            "placements.csv",
            "2026-02-01,2026-04-01",
            "2026-02-30,2026-04-01",
            "placements.csv line 2, starts_on",
        ),
        (
            "placements.csv",
            "2026-02-01,2026-04-01",
            "0001-01-01,2026-04-01",
            "placements.csv line 2, starts_on",
        ),
        ("keep_apart.csv", "R1,R2", "R1,R1", "keep_apart.csv line 2, referral_id_b"),
    ],
)
def test_a_bad_cell_is_named_by_file_line_and_column(
    tmp_path: Path, file: str, before: str, after: str, place: str
) -> None:
    folder = a_folder(tmp_path)
    text = (folder / file).read_text()
    assert before in text
    (folder / file).write_text(text.replace(before, after, 1))

    said = _refused(folder)

    assert any(line.startswith(f"{place}: ") for line in said.err.splitlines())


def test_a_bed_that_is_taken_twice_for_a_night_is_refused(tmp_path: Path) -> None:
    folder = a_folder(tmp_path)
    with (folder / "placements.csv").open("a") as file:
        file.write("PL2,R2,B3,2026-03-01,2026-03-10,\n")

    said = _refused(folder)

    assert said.err.startswith("placements.csv line 3, bed_id: must not be taken twice")


def test_what_a_spreadsheet_adds_does_no_harm(tmp_path: Path) -> None:
    plain, saved = a_folder(tmp_path / "plain"), a_folder(tmp_path / "saved")
    for file in saved.iterdir():
        file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))

    said = beds("allocate", "--from", saved, "--as-at", AS_AT, "--json", "-")

    assert said.code == 0
    assert said.out == beds("allocate", "--from", plain, "--as-at", AS_AT, "--json", "-").out


def test_emoji_and_brackets_in_references_do_no_harm(tmp_path: Path) -> None:
    folder = a_folder(tmp_path)
    for file in folder.iterdir():
        file.write_text(file.read_text().replace("R1", "🌹[red]1"))

    said = beds("allocate", "--from", folder, "--as-at", AS_AT)

    assert said.code == 0
    assert "🌹[red]1" in said.out


def test_the_last_day_of_the_calendar_overflows_nowhere(tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "folder")
    for file in folder.iterdir():
        text = file.read_text().replace("2026-04-01", "9999-12-31").replace("2026-04-02", "9999-12-31")
        file.write_text(text.replace("2026-02-02", "9999-12-31"))
    result = tmp_path / "round.json"

    said = beds("allocate", "--from", folder, "--as-at", AS_AT, "--json", result)

    assert said.code == 0
    assert beds("check", result, "--from", folder).code == 0
    assert beds("options", "R1", "--from", folder, "--as-at", AS_AT).code == 1
    assert beds("candidates", "U2", "--from", folder, "--as-at", AS_AT).code == 1
