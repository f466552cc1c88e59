"""Who acts on the command line: its operator while a database is set up, then whoever BEDS_TOKEN says."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.csv_folders import good_tables, write_tables
from tests.integration.commands import AS_AT, Said, a_folder, beds
from tests.integration.test_cli_estates import FORM

READERS = (
    ("allocate", "--as-at", AS_AT),
    ("options", "R1", "--as-at", AS_AT),
    ("candidates", "U1", "--as-at", AS_AT),
    ("replay", "run-0000000000"),
)
NAME = "Zoë [bold]Marker"


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the file of a live database with two English households waiting and a Scottish one."""
    file = tmp_path / "data" / "beds.db"
    monkeypatch.setenv("BEDS_DATABASE_URL", f"sqlite:///{file}")
    for name in ("BEDS_TOKEN", "BEDS_AS_USER"):
        monkeypatch.delenv(name, raising=False)
    tables = good_tables()
    del tables["holds"]
    tables["referrals"].append({**tables["referrals"][1], "referral_id": "R4", "nation": "Scotland"})
    tables["people"].append({**tables["people"][1], "person_id": "A4", "referral_id": "R4"})
    assert beds("db", "upgrade").code == 0
    assert beds("import", write_tables(tmp_path / "folder", tables)).code == 0
    return file


def added(*options: str) -> str:
    """Add a person and return the token."""
    said = beds("user", "add", NAME, *options)
    assert said.code == 0, said.err
    return said.out.strip()


def references(said: Said) -> set[str]:
    """Return the households in the JSON of a round."""
    answer = json.loads(said.out)
    return {row["referral_id"] for row in [*answer["placements"], *answer["unplaced"]]}


def test_a_token_is_alone_on_standard_output_and_shown_this_once(database: Path) -> None:
    said = beds("user", "add", NAME, "--role", "coordinator", "--nation", "Scotland", "--days", "5")

    token = said.out.strip()
    assert said.out == f"{token}\n"
    assert token.startswith("beds_")
    assert "shown once" in said.err
    listed = beds("user", "list").out
    assert token not in listed
    assert "Zoë [bold]Marker" in listed
    assert "Scotland" in listed
    assert NAME not in database.read_bytes().decode("latin-1")


def test_a_revoked_person_is_refused_and_listed_as_revoked(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = beds("user", "add", NAME, "--role", "coordinator")
    user_id = said.err.partition(":")[0]

    assert beds("user", "revoke", user_id).code == 0

    assert "revoked" in beds("user", "list").out
    monkeypatch.setenv("BEDS_TOKEN", said.out.strip())
    refused = beds("allocate", "--as-at", AS_AT)
    assert refused.code == 3
    assert refused.out == ""


@pytest.mark.parametrize(
    "options",
    [
        ("--role", "MARKER"),
        ("--role", "provider"),
        ("--role", "provider", "--provider", "MARKER"),
        ("--role", "coordinator", "--nation", "MARKER"),
        ("--role", "auditor", "--nation", "England"),
        ("--role", "admin", "--days", "0"),
    ],
)
def test_what_is_not_accepted_of_a_person_is_said_and_not_repeated(
    database: Path, options: tuple[str, ...]
) -> None:
    said = beds("user", "add", NAME, *options)

    assert (said.code, said.out) == (2, "")
    assert "MARKER" not in said.err
    assert "accepted" in said.err or "leave" in said.err or "needed" in said.err


def test_somebody_who_is_not_there_cannot_be_revoked(database: Path) -> None:
    assert beds("user", "revoke", "user-0000000000").code == 2


@pytest.mark.parametrize("arguments", READERS)
def test_once_there_are_people_a_token_is_needed(database: Path, arguments: tuple[str, ...]) -> None:
    added("--role", "admin")

    said = beds(*arguments)

    assert (said.code, said.out) == (3, "")
    assert "set BEDS_TOKEN" in said.err


def test_once_there_are_people_no_case_is_filed_without_a_token(database: Path, tmp_path: Path) -> None:
    added("--role", "admin")
    form = tmp_path / "form.json"
    form.write_text(json.dumps(FORM))

    filed = beds("intake", form, "--referral-id", "N1", "--no-children", "--no-exclude", "--save")

    assert filed.code == 3
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute("SELECT count(*) FROM referral").fetchone() == (4,)


def test_the_machines_own_operator_brings_in_a_folder_again_and_no_token_of_a_person_does(
    database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = added("--role", "coordinator")
    folder = a_folder(tmp_path / "again")

    by_the_operator = beds("import", folder, "--as-at", AS_AT)
    monkeypatch.setenv("BEDS_TOKEN", token)
    by_a_person = beds("import", folder, "--as-at", AS_AT)

    assert (by_the_operator.code, by_a_person.code) == (0, 3)


def test_a_folder_needs_neither_database_nor_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BEDS_DATABASE_URL", "sqlite:////nowhere/beds.db")
    monkeypatch.setenv("BEDS_TOKEN", "beds_nobody")

    assert beds("allocate", "--from", a_folder(tmp_path / "folder"), "--as-at", AS_AT).code == 0


@pytest.mark.parametrize("role", ["commissioner", "analyst", "auditor", "admin"])
@pytest.mark.parametrize("arguments", READERS)
def test_a_role_without_cases_is_refused(
    database: Path, monkeypatch: pytest.MonkeyPatch, role: str, arguments: tuple[str, ...]
) -> None:
    monkeypatch.setenv("BEDS_TOKEN", added("--role", role))

    said = beds(*arguments)

    assert (said.code, said.out) == (3, "")


def test_a_coordinator_runs_a_round_and_is_shown_her_own_nations_of_it(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    everybody = references(beds("allocate", "--as-at", AS_AT, "--json", "-"))
    monkeypatch.setenv("BEDS_TOKEN", added("--role", "coordinator", "--nation", "Scotland"))

    said = beds("allocate", "--as-at", AS_AT, "--json", "-")

    assert everybody == {"R1", "R2", "R4"}
    assert references(said) == {"R4"}
    assert "not shown: 2 households" in said.err
    assert beds("replay", said.err.split()[-1]).code == 0


def test_the_case_of_another_nation_is_as_one_that_is_not_there(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BEDS_TOKEN", added("--role", "coordinator", "--nation", "Scotland"))

    other, none, own = (beds("options", ref, "--as-at", AS_AT) for ref in ("R1", "R99", "R4"))

    assert (other.code, other.out, other.err) == (none.code, none.out, none.err)
    assert other.code == 2
    assert own.code in (0, 1)
    assert "R4" in own.out


def test_candidates_of_another_nation_are_not_shown(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BEDS_TOKEN", added("--role", "coordinator", "--nation", "Scotland"))

    said = beds("candidates", "U1", "--as-at", AS_AT, "--json", "-")

    answer = json.loads(said.out)
    shown = {row["referral_id"] for row in [*answer["candidates"], *answer["others"]]}
    assert shown == {"R4"}
    assert "R1" not in said.out


def test_a_coordinator_files_a_form_of_her_own_nation_only(
    database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = tmp_path / "form.json"
    form.write_text(json.dumps(FORM))
    command = ("intake", form, "--referral-id", "N1", "--no-children", "--no-exclude", "--save")
    tokens = {
        nation: added("--role", "coordinator", "--nation", nation) for nation in ("England", "Scotland")
    }

    codes = []
    for nation in ("Scotland", "England"):
        monkeypatch.setenv("BEDS_TOKEN", tokens[nation])
        codes.append(beds(*command).code)

    assert sorted(codes) == [0, 3]


def test_people_are_managed_by_the_machines_operator_or_who_may(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin, coordinator = added("--role", "admin"), added("--role", "coordinator")
    commands = (("user", "list"), ("user", "add", "A", "--role", "analyst"), ("user", "revoke", "user-1"))

    assert beds("user", "list").code == 0
    monkeypatch.setenv("BEDS_TOKEN", admin)
    assert [beds(*command).code for command in commands] == [0, 0, 2]
    monkeypatch.setenv("BEDS_TOKEN", coordinator)
    assert [beds(*command).code for command in commands] == [3, 3, 3]


def test_a_live_database_is_not_worked_on_as_somebody_else(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BEDS_AS_USER", "coordinator")

    said = [beds(*arguments) for arguments in (*READERS, ("user", "list"))]

    assert {one.code for one in said} == {3}
    assert all("BEDS_AS_USER" in one.err for one in said)


def test_a_demonstration_is_worked_on_as_any_role(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert beds("demo", "--dir", tmp_path, "--no-serve").code == 0
    monkeypatch.setenv("BEDS_DATABASE_URL", f"sqlite:///{tmp_path / 'demo.db'}")
    monkeypatch.setenv("BEDS_DEMO", "true")

    codes = {}
    for role in ("coordinator", "provider", "commissioner", "auditor", "admin", "MARKER"):
        monkeypatch.setenv("BEDS_AS_USER", role)
        codes[role] = (beds("replay", "run-0").code, beds("user", "list").code)

    assert codes == {
        "coordinator": (2, 3),
        "provider": (3, 3),
        "commissioner": (3, 3),
        "auditor": (3, 3),
        "admin": (3, 0),
        "MARKER": (3, 3),
    }
    monkeypatch.delenv("BEDS_AS_USER")
    assert beds("replay", "run-0").code == 2
    assert beds("user", "add", NAME, "--role", "admin").code == 0
    assert beds("replay", "run-0").code == 2
