"""`allocate`, `check`, `options` and `candidates` on a folder: answers, faults, where they are written."""

from __future__ import annotations

import json
import stat
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from beds.folder import write_folder
from tests.builders import a_bed, a_closure, a_person, a_referral, a_small_estate, a_unit
from tests.integration.commands import AS_AT, Said, beds

Result = dict[str, Any]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder where R1 needs U1, R2 can have U2 too, R3 can go nowhere, and U3 has no bed."""
    estate = a_small_estate(
        units=(a_unit("U1"), a_unit("U2", step_free=False), a_unit("U3")),
        beds=(a_bed("B1", "U1"), a_bed("B2", "U2")),
        referrals=(
            a_referral("R1", needs_step_free=True),
            a_referral("R2"),
            a_referral("R3", min_security_level=3),
        ),
        people=tuple(a_person(f"A{n}", f"R{n}") for n in (1, 2, 3)),
    )
    write_folder(estate, tmp_path / "folder")
    return tmp_path / "folder"


def _round(folder: Path) -> Result:
    result: Result = json.loads(beds("allocate", "--from", folder, "--as-at", AS_AT, "--json", "-").out)
    return result


def _checked(tmp_path: Path, folder: Path, content: str | bytes) -> Said:
    file = tmp_path / "result.json"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return beds("check", file, "--from", folder)


def test_json_on_standard_output_is_nothing_but_json_and_passes_the_check(
    tmp_path: Path, folder: Path
) -> None:
    said = beds("allocate", "--from", folder, "--as-at", AS_AT, "--json", "-")

    assert said.code == 0
    assert said.err == ""
    assert json.loads(said.out)["schema_version"] == 1
    assert len(json.loads(said.out)["placements"]) == 2
    assert _checked(tmp_path, folder, said.out).code == 0


def test_json_in_a_file_is_the_same_and_for_its_owner_only(tmp_path: Path, folder: Path) -> None:
    file = tmp_path / "round.json"

    said = beds("allocate", "--from", folder, "--as-at", AS_AT, "--json", file)

    assert said.code == 0
    assert "2 placed, 1 not" in said.out
    assert json.loads(file.read_text()) == _round(folder)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert {path.name for path in tmp_path.iterdir()} == {"folder", "round.json"}


def test_json_goes_where_a_link_leads_and_the_link_stays(tmp_path: Path, folder: Path) -> None:
    link, target = tmp_path / "link.json", tmp_path / "target.json"
    link.symlink_to(target)

    beds("allocate", "--from", folder, "--as-at", AS_AT, "--json", link)

    assert link.is_symlink()
    assert json.loads(target.read_text()) == _round(folder)


def test_a_device_is_written_to_and_not_replaced(folder: Path) -> None:
    said = beds("allocate", "--from", folder, "--as-at", AS_AT, "--json", "/dev/null")

    assert said.code == 0
    assert Path("/dev/null").is_char_device()


@pytest.mark.parametrize("target", ["missing/round.json", ".", "loop.json", "x" * 300])
def test_json_that_cannot_be_written_is_refused(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, target: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("loop.json").symlink_to("loop.json")
    before = sorted(path.name for path in tmp_path.iterdir())

    said = beds("allocate", "--from", folder, "--as-at", AS_AT, "--json", target)

    assert said.code == 2
    assert said.err.startswith("beds: --json: the file cannot be written (")
    assert sorted(path.name for path in tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    "as_at",
    [
        "",
        "now",
        "MARKER",
        "2026-03-03",
        "2026-03-03T12:00:00",
        "2026-02-30T12:00:00Z",
        "2026-03-03T25:00:00Z",
        "2026-03-03T12:00:00+99:00",
        "0001-01-01T00:00:00+00:00",
        "9999-12-31T23:59:59-12:00",
    ],
)
def test_an_instant_that_is_none_is_refused(folder: Path, as_at: str) -> None:
    said = beds("allocate", "--from", folder, "--as-at", as_at)

    assert said.code == 2
    assert said.err.startswith("beds: --as-at: ")
    assert "MARKER" not in said.err
    assert said.out == ""


@pytest.mark.parametrize("as_at", ["1900-01-01T00:00:00+14:00", "2999-12-31T23:59:59-12:00"])
def test_the_first_and_the_last_instant_have_a_round_that_passes_the_check(
    tmp_path: Path, folder: Path, as_at: str
) -> None:
    said = beds("allocate", "--from", folder, "--as-at", as_at, "--json", "-")

    assert said.code == 0
    assert _checked(tmp_path, folder, said.out).code == 0


@pytest.mark.parametrize("seconds", ["0", "-1", "nan", "inf", "soon", ""])
def test_a_time_limit_that_is_none_is_refused(folder: Path, seconds: str) -> None:
    said = beds("allocate", "--from", folder, "--as-at", AS_AT, "--time-limit", seconds)

    assert said.code == 2
    assert "time-limit" in said.err
    assert said.out == ""


def test_a_round_with_hardly_any_time_passes_the_check(tmp_path: Path, folder: Path) -> None:
    said = beds("allocate", "--from", folder, "--as-at", AS_AT, "--time-limit", "0.0001", "--json", "-")

    assert said.code == 0
    assert _checked(tmp_path, folder, said.out).code == 0


@pytest.mark.parametrize("last", ["9999-12-31", "9999-12-15"])
def test_a_bed_closed_to_the_end_of_the_calendar_is_free_from_then_and_the_check_agrees(
    tmp_path: Path, last: str
) -> None:
    estate = a_small_estate(closures=(a_closure(ends_on=date.fromisoformat(last)),))
    write_folder(estate, tmp_path / "folder")

    said = beds("allocate", "--from", tmp_path / "folder", "--as-at", AS_AT, "--json", "-")

    assert [one["free_on"] for one in json.loads(said.out)["unplaced"]] == [last]
    assert _checked(tmp_path, tmp_path / "folder", said.out).code == 0


def _other_unit(result: Result) -> None:
    one, other = result["placements"]
    for name in ("site_id", "unit_id", "bed_ids"):
        one[name], other[name] = other[name], one[name]


def _left_out(result: Result) -> None:
    del result["placements"][0]


def _twice(result: Result) -> None:
    result["placements"].append(result["placements"][0])


def _longer(result: Result) -> None:
    result["placements"][0]["expected_end_on"] = "2027-01-01"


def _boast(result: Result) -> None:
    result["objective"]["days_waited"] += 1


def _another_time(result: Result) -> None:
    result["as_at"] = "2026-03-09T12:00:00+00:00"


def _no_mismatch(result: Result) -> None:
    result["placements"][0]["mismatch"] = {"beds": 10**30}


@pytest.mark.parametrize(
    "mutate", [_other_unit, _left_out, _twice, _longer, _boast, _another_time, _no_mismatch]
)
def test_a_result_that_was_changed_does_not_pass(tmp_path: Path, folder: Path, mutate: Any) -> None:
    result = _round(folder)
    mutate(result)

    said = _checked(tmp_path, folder, json.dumps(result))

    assert said.code == 1
    assert said.out.startswith("fault: ")
    assert said.err == ""


@pytest.mark.parametrize("part", ["schema_version", "as_at", "status", "objective", "placements", "unplaced"])
@pytest.mark.parametrize("value", [None, True, -1, 1.5, "MARKER", {"MARKER": 1}, [None], [[]], [{}]])
def test_a_part_of_a_wrong_kind_is_a_fault_and_not_echoed(
    tmp_path: Path, folder: Path, part: str, value: object
) -> None:
    said = _checked(tmp_path, folder, json.dumps({**_round(folder), part: value}))

    assert said.code == 1
    assert f"fault: {part}" in said.out
    assert "MARKER" not in said.out + said.err


@pytest.mark.parametrize("as_at", ["0001-01-01T00:00:00+00:00", "9999-12-31T23:59:59-12:00"])
def test_a_result_at_the_ends_of_the_calendar_is_a_fault(tmp_path: Path, folder: Path, as_at: str) -> None:
    said = _checked(tmp_path, folder, json.dumps({**_round(folder), "as_at": as_at}))

    assert said.code == 1
    assert "fault: as_at: must be" in said.out


def test_a_result_for_another_instant_than_asked_for_does_not_pass(tmp_path: Path, folder: Path) -> None:
    file = tmp_path / "result.json"
    file.write_text(json.dumps(_round(folder)))

    said = beds("check", file, "--from", folder, "--as-at", "2026-03-03T12:00:01+00:00")

    assert said.code == 1


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"MARKER",
        b"null",
        b"[]",
        b'"MARKER"',
        b"\xff\xfe{}",
        bytes(range(256)),
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"schema_version": NaN}',
        b'{"schema_version": ' + b"9" * 5_000 + b"}",
        b'{"schema_version": 2, "schema_version": 1}',
    ],
)
def test_what_is_no_result_is_bad_input(tmp_path: Path, folder: Path, content: bytes) -> None:
    said = _checked(tmp_path, folder, content)

    assert said.code == 2
    assert said.err.startswith("beds: RESULT.json: ")
    assert "MARKER" not in said.err
    assert said.out == ""


def test_a_file_without_end_is_not_read_to_its_end(folder: Path) -> None:
    said = beds("check", "/dev/zero", "--from", folder)

    assert said.code == 2
    assert "up to 20 MB" in said.err


def test_options_say_where_she_could_go(folder: Path) -> None:
    said = beds("options", "R1", "--from", folder, "--as-at", AS_AT, "--json", "-")

    assert said.code == 0
    assert [option["unit_id"] for option in json.loads(said.out)["options"]] == ["U1"]
    assert "U1" in beds("options", "R1", "--from", folder, "--as-at", AS_AT).out


def test_options_of_somebody_who_can_go_nowhere_end_with_1(folder: Path) -> None:
    said = beds("options", "R3", "--from", folder, "--as-at", AS_AT)

    assert said.code == 1
    assert "Nowhere now" in said.out
    assert said.err == ""


def test_candidates_say_who_could_have_a_unit(folder: Path) -> None:
    said = beds("candidates", "U1", "--from", folder, "--as-at", AS_AT, "--json", "-")

    assert said.code == 0
    assert [one["referral_id"] for one in json.loads(said.out)["candidates"]] == ["R1", "R2"]


def test_candidates_of_a_unit_that_nobody_could_have_end_with_1(folder: Path) -> None:
    said = beds("candidates", "U3", "--from", folder, "--as-at", AS_AT)

    assert said.code == 1


@pytest.mark.parametrize("command", ["options", "candidates"])
@pytest.mark.parametrize("reference", ["", "MARKER Jane", "R\x1b[31m", "r1", "R1 "])
def test_a_reference_that_is_unknown_is_refused_and_not_echoed(
    folder: Path, command: str, reference: str
) -> None:
    said = beds(command, reference, "--from", folder, "--as-at", AS_AT)

    assert said.code == 2
    assert "there is no such" in said.err
    assert "MARKER" not in said.err
    assert "\x1b" not in said.err
    assert said.out == ""
