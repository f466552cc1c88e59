"""`demo`, `synth` and `intake`: a first answer without data, made-up folders, and a form from outside."""

from __future__ import annotations

import json
import stat
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.integration.commands import AS_AT, a_folder, beds

FORM = {
    "fr-location": "england",
    "user-organisation": "The Salvation Army",
    "pv-under-age": "no",
    "pv-dob": "1996-03-02",
    "pv-gender": "female",
    "pv-want-to-submit-nrm": "yes",
    "does-pv-need-support": "yes",
    "does-pv-have-children": "yes",
    "does-pv-have-children-yes-amount": "1",
    "pv-interpreter-requirements": "yes",
    "pv-interpreter-requirements-language": "Albanian",
    "where-exploitation-happened": "uk",
    "where-exploitation-happened-uk-city-1": "Manchester",
    "pv-name-first-name": "MARKER first",
    "pv-name-last-name": "MARKER last",
    "who-exploited-pv": "MARKER exploiter",
    "what-happened": "MARKER story",
    "pv-phone-number-yes": "MARKER 07700 900000",
}


def _form(tmp_path: Path, changes: Mapping[str, object] | None = None) -> Path:
    file = tmp_path / "MARKER Jane Doe.json"
    file.write_text(json.dumps({**FORM, **(changes or {})}))
    return file


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the file of a database with the good folder in it."""
    file = tmp_path / "data" / "beds.db"
    monkeypatch.setenv("BEDS_DATABASE_URL", f"sqlite:///{file}")
    assert beds("db", "upgrade").code == 0
    assert beds("import", a_folder(tmp_path / "folder")).code == 0
    return file


def test_the_demonstration_shows_a_round_and_keeps_it(tmp_path: Path) -> None:
    said = beds("demo", "--no-serve", "--dir", tmp_path / "demo")

    assert said.code == 0
    assert "SYNTHETIC" in said.out
    assert "Proof: optimal" in said.out
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "demo").iterdir()} == {0o600}


def test_the_demonstration_can_be_shown_again(tmp_path: Path) -> None:
    first = beds("demo", "--no-serve", "--dir", tmp_path)

    second = beds("demo", "--no-serve", "--dir", tmp_path)

    assert (first.code, second.code) == (0, 0)


def test_the_demonstration_leaves_a_live_database_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = tmp_path / "demo.db"
    monkeypatch.setenv("BEDS_DATABASE_URL", f"sqlite:///{live}")
    beds("db", "upgrade")
    before = live.read_bytes()

    said = beds("demo", "--no-serve", "--dir", tmp_path)

    assert said.code == 3
    assert said.err == "beds: the database in that folder is a live one: choose another folder with --dir\n"
    assert live.read_bytes() == before


def test_the_demonstration_is_not_kept_where_the_live_database_is(tmp_path: Path, database: Path) -> None:
    before = database.read_bytes()

    assert beds("demo", "--no-serve", "--dir", tmp_path / "demo").code == 0

    assert database.read_bytes() == before


def test_the_same_seed_gives_the_same_bytes_and_another_gives_others(tmp_path: Path) -> None:
    for name, seed in (("one", 7), ("same", 7), ("other", 8)):
        said = beds("synth", tmp_path / name, "--sites", "3", "--referrals", "4", "--seed", seed)
        assert said.code == 0
        assert said.out.startswith("SYNTHETIC")

    content = {
        folder.name: {file.name: file.read_bytes() for file in folder.iterdir()}
        for folder in tmp_path.iterdir()
    }
    assert content["one"] == content["same"]
    assert content["one"] != content["other"]


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--sites", "0"),
        ("--sites", "-1"),
        ("--sites", "1000000000000"),
        ("--sites", "many"),
        ("--referrals", "-1"),
        ("--referrals", "1000000000000"),
        ("--referrals", "1.5"),
        ("--seed", "-1"),
        ("--seed", "9" * 40),
        ("--seed", ""),
    ],
)
def test_a_number_that_cannot_be_meant_is_refused(tmp_path: Path, option: str, value: str) -> None:
    numbers = {"--sites": "3", "--referrals": "4", "--seed": "1", option: value}

    said = beds("synth", tmp_path / "out", *(text for pair in numbers.items() for text in pair))

    assert said.code == 2
    assert option in said.err
    assert said.out == ""
    assert list(tmp_path.iterdir()) == []


def test_a_synthetic_folder_is_not_written_over_a_file(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")

    said = beds("synth", tmp_path / "out", "--sites", "3", "--referrals", "4", "--seed", "1")

    assert said.code == 2
    assert (tmp_path / "out").read_text() == "mine"


def test_a_form_is_read_without_a_word_of_it_being_shown(tmp_path: Path) -> None:
    said = beds("intake", _form(tmp_path), "--referral-id", "N1")

    assert said.code == 0
    assert "Still to ask:" in said.out
    assert "E08000003" in said.out
    assert "MARKER" not in said.out + said.err


@pytest.mark.parametrize(
    "changes", [{"pv-gender": "MARKER"}, {"fr-location": ["MARKER"]}, {"fr-location": None}]
)
def test_a_form_that_cannot_be_used_is_refused_without_a_word_of_it(
    tmp_path: Path, changes: Mapping[str, object]
) -> None:
    said = beds("intake", _form(tmp_path, changes), "--referral-id", "N1")

    assert said.code == 2
    assert said.err.startswith("NRM form, ")
    assert "MARKER" not in said.err
    assert said.out == ""


@pytest.mark.parametrize("form", ["/dev/zero", "/nowhere/MARKER.json", "/"])
def test_what_is_no_form_is_refused(form: str) -> None:
    said = beds("intake", form, "--referral-id", "N1")

    assert said.code == 2
    assert "MARKER" not in said.err


@pytest.mark.parametrize("reference", ["", "MARKER Jane Doe", "=1", "R;1"])
def test_a_reference_that_is_none_is_refused(tmp_path: Path, reference: str) -> None:
    said = beds("intake", _form(tmp_path), "--referral-id", reference)

    assert said.code == 2
    assert "MARKER" not in said.err


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--child", "girl:7"),
        ("--child", "female:18"),
        ("--child", "female:"),
        ("--child", "MARKER"),
        ("--child", "female:7", "--no-children"),
        ("--no-children", "--exclude", "MARKER"),
        ("--no-children", "--received-at", "yesterday"),
    ],
)
def test_a_household_that_is_not_known_is_not_saved(
    tmp_path: Path, database: Path, options: tuple[str, ...]
) -> None:
    said = beds("intake", _form(tmp_path), "--referral-id", "N1", "--save", *options)

    assert said.code == 2
    assert "MARKER" not in said.out + said.err
    assert beds("options", "N1", "--as-at", AS_AT).code == 2


@pytest.mark.parametrize(
    ("options", "outcome"),
    [(("--child", "female:?"), "information_missing"), (("--no-children",), "no_free_unit")],
)
def test_a_household_from_a_form_takes_part_in_the_next_round(
    tmp_path: Path, database: Path, options: tuple[str, ...], outcome: str
) -> None:
    received = ("--received-at", "2026-03-02T12:00:00+00:00")

    saved = beds(
        "intake", _form(tmp_path), "--referral-id", "N1", *received, "--save", "--no-exclude", *options
    )
    said = beds("allocate", "--as-at", AS_AT, "--json", "-")

    assert saved.code == 0
    told = {one["referral_id"]: one["outcome"] for one in json.loads(said.out)["unplaced"]}
    assert told["N1"] == outcome
    assert not any(b"MARKER" in file.read_bytes() for file in database.parent.iterdir())


def test_a_form_under_a_reference_that_is_taken_is_refused(tmp_path: Path, database: Path) -> None:
    before = database.read_bytes()

    said = beds("intake", _form(tmp_path), "--referral-id", "R1", "--no-children", "--no-exclude", "--save")

    assert said.code == 2
    assert "a referral of this reference is recorded already" in said.err
    assert database.read_bytes() == before


def test_a_second_form_never_takes_the_place_of_the_first(tmp_path: Path, database: Path) -> None:
    first = ("--no-children", "--exclude", "E08000003", "--save")
    assert beds("intake", _form(tmp_path), "--referral-id", "N1", *first).code == 0
    before = database.read_bytes()

    said = beds("intake", _form(tmp_path), "--referral-id", "N1", "--no-children", "--no-exclude", "--save")

    assert said.code == 2
    assert database.read_bytes() == before


@pytest.mark.parametrize(
    ("options", "needed"),
    [
        (("--no-exclude",), "--child for each child who comes, or --no-children"),
        (("--no-children",), "--exclude for each area to avoid, or --no-exclude"),
        (("--no-children", "--exclude", "E99999999"), "the ONS (GSS) code of a region or council"),
        (("--no-children", "--exclude", "E08000003", "--no-exclude"), "one of the two"),
    ],
)
def test_a_form_is_not_saved_before_children_and_areas_were_decided(
    tmp_path: Path, database: Path, options: tuple[str, ...], needed: str
) -> None:
    before = database.read_bytes()

    said = beds("intake", _form(tmp_path), "--referral-id", "N1", "--save", *options)

    assert said.code == 2
    assert needed in said.err
    assert database.read_bytes() == before
