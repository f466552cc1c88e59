"""`forecast`, `simulate` and `export` as people run them: on a folder, on a database, and on bad files."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest

from beds.disclosure import HIDDEN
from beds.scenario_files import preset_names
from tests.csv_folders import good_tables, write_tables
from tests.integration.commands import AS_AT, Said, a_folder, beds

FEW = ("--draws", "20", "--horizon-days", "60")
MARKER = "MARKER"
WHEN = ("--as-at", AS_AT)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give the small good folder."""
    return a_folder(tmp_path / "folder")


@pytest.fixture
def history(tmp_path: Path) -> Path:
    """Give a history of twelve quarters."""
    file = tmp_path / "own.csv"
    rows = [f"{2023 + n // 4}-Q{n % 4 + 1},{4_000 + 50 * n}" for n in range(12)]
    file.write_text("\n".join(["period,value", *rows, ""]))
    return file


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the file of a live database with nothing in it."""
    file = tmp_path / "data" / "beds.db"
    monkeypatch.setenv("BEDS_DATABASE_URL", f"sqlite:///{file}")
    for name in ("BEDS_TOKEN", "BEDS_AS_USER"):
        monkeypatch.delenv(name, raising=False)
    assert beds("db", "upgrade").code == 0
    return file


def refused(code: int, *arguments: str | Path) -> Said:
    """Run a command that is refused with words on standard error, and nothing else."""
    said = beds(*arguments)
    assert said.code == code, said.err
    assert said.out == ""
    assert said.last_error.startswith("beds: ")
    assert MARKER not in said.err
    return said


def test_a_forecast_says_how_many_beds_for_whom_and_what_it_rests_on_the_same_to_the_byte(
    folder: Path, tmp_path: Path
) -> None:
    one, two = tmp_path / "one.json", tmp_path / "two.json"

    said = beds("forecast", "--from", folder, *WHEN, *FEW, "--seed", "1", "--json", one)
    beds("forecast", "--from", folder, *WHEN, *FEW, "--seed", "1", "--json", two)

    assert said.code == 0, said.err
    for words in (
        "Forecast as at",
        "England: 2 beds tonight",
        "By region",
        "By need",
        "The chain",
        "Step-free",
    ):
        assert words in said.out
    assert one.read_bytes() == two.read_bytes()
    document = json.loads(one.read_text())
    assert (document["schema_version"], document["kind"], document["seed"]) == (1, "forecast", 1)
    assert (document["as_at"], document["made_from"]) == (AS_AT, "folder")
    assert len(document["nights"]) == 61
    assert document["model_version"]
    assert document["sources"]
    english = document["lines"][0]
    assert (english["nation"], english["breakdown"], english["beds_now"]) == ("England", "nation", 2)
    assert len(english["needed"]["p90"]) == 61
    costs = {line["measure"] for line in document["comparison"]["lines"]}
    assert {"cost_of_stock", "cost_of_need", "cost_of_shortfall"} <= costs


def test_a_stated_history_takes_the_place_of_the_published_one(folder: Path, history: Path) -> None:
    options = ("--history", history, "--seed", "2", "--json", "-")

    document = json.loads(beds("forecast", "--from", folder, *WHEN, *FEW, *options).out)

    link = next(link for link in document["links"] if link["code"] == "referrals")
    assert (link["basis"], link["assumed"]) == ("stated", True)
    assert link["source"].startswith("12 quarters up to 2025-12-31. Forecast: ")
    assert 10_000 < link["likely"] < 30_000


def test_scenarios_are_set_side_by_side_with_what_moved_the_number_and_what_it_costs(
    folder: Path, tmp_path: Path
) -> None:
    file = tmp_path / "beside.json"
    options = ("--scenario", "recovery_30", "--scenario", "recovery_90", "--json", file)

    said = beds("forecast", "--from", folder, *WHEN, *FEW, *options)
    document = json.loads(file.read_text())

    for words in (
        "against recovery_30",
        "what moved the numbers",
        "the recovery period",
        "What a night of a bed costs",
    ):
        assert words in " ".join(said.out.split())
    beside = document["comparison"]
    assert [scenario["name"] for scenario in beside["scenarios"]] == ["recovery_30", "recovery_90"]
    assert document["scenarios"][0]["name"] == "recovery_90"
    assert {fall["to"] for fall in beside["waterfalls"]} == {"recovery_90"}
    costs = next(line for line in beside["lines"] if line["measure"] == "cost_of_need")
    assert costs["unit"] == "pounds a year"
    assert costs["values"][0]["mean"].count(".") == 1


def test_one_scenario_is_set_against_things_as_they_stand(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "More growth.toml"
    file.write_text('title = "More"\ngrowth_per_year = 0.5\n')

    document = json.loads(
        beds("forecast", "--from", folder, *WHEN, *FEW, "--scenario", file, "--json", "-").out
    )

    names = [scenario["name"] for scenario in document["comparison"]["scenarios"]]
    assert names == ["as_on_record", "more_growth"]


def test_a_simulation_is_the_same_to_the_byte_for_the_same_seed_whoever_makes_it(folder: Path) -> None:
    short = ("--replications", "3", "--seed", "4")
    one, two = folder.parent / "one.json", folder.parent / "two.json"
    file = folder.parent / "short.toml"
    file.write_text("horizon_days = 40\n")

    beds("simulate", file, "--from", folder, *WHEN, *short, "--workers", "2", "--json", two)
    shown = beds("simulate", file, "--from", folder, *WHEN, *short, "--json", one)

    assert one.read_bytes() == two.read_bytes()
    document = json.loads(one.read_text())
    assert (document["kind"], document["replications"], document["asked_for"]) == ("simulation", 3, 3)
    assert set(document["digests"]) == {"short"}
    assert "Simulated as at" in shown.out
    assert "what became of them" in shown.out


def test_an_export_has_its_metadata_the_same_bytes_each_time_and_nothing_of_anybody(tmp_path: Path) -> None:
    tables = good_tables()
    for site in tables["sites"]:
        site["name"] = f"{MARKER} House"
    text = json.dumps(tables).replace("R1", f"{MARKER}-R1").replace("A1", f"{MARKER}-A1")
    folder = write_tables(tmp_path / "folder", json.loads(text))
    out = tmp_path / "out"

    said = beds("export", "shortfall", "--from", folder, *WHEN, *FEW, "--out", out)
    first = {path.name: path.read_bytes() for path in out.iterdir()}
    again = beds("export", "shortfall", "--from", folder, *WHEN, *FEW, "--out", tmp_path / "again")
    book = beds("export", "shortfall", "--from", folder, *WHEN, *FEW, "--out", out, "--format", "xlsx")

    assert (said.code, again.code, book.code) == (0, 0, 0), said.err + book.err
    assert first == {path.name: path.read_bytes() for path in (tmp_path / "again").iterdir()}
    files = sorted(path.name for path in out.iterdir())
    assert len(files) == 9
    assert "shortfall_now_by_need.csv-metadata.json" in files
    with zipfile.ZipFile(io.BytesIO((out / "shortfall.xlsx").read_bytes())) as archive:
        written = [archive.read(part) for part in archive.namelist()]
    written += [path.read_bytes() for path in out.iterdir()]
    assert not any(MARKER.encode() in content for content in written)
    now = (out / "shortfall_now_by_need.csv").read_text().splitlines()
    assert now[0] == "nation,need,night,beds,in_use,waiting"
    assert {cell for line in now[1:] for cell in line.split(",")[3:]} <= {"0", HIDDEN}
    metadata = json.loads((out / "shortfall_now_by_need.csv-metadata.json").read_text())
    assert "stay inside your service" in metadata["dc:description"]


def test_on_a_database_a_forecast_is_kept_and_needs_are_released_tables(
    database: Path, folder: Path, tmp_path: Path
) -> None:
    tables = good_tables()
    del tables["holds"]
    assert beds("import", write_tables(tmp_path / "own", tables)).code == 0

    file = tmp_path / "kept.json"
    said = beds("forecast", *WHEN, *FEW, "--scenario", "recovery_90", "--json", file)

    document = json.loads(file.read_text())
    assert said.err.startswith("kept as forecast-")
    assert {line["breakdown"] for line in document["lines"]} == {"nation"}
    for line in document["lines"]:
        assert line["needed"]["mean"][0] is None
        told = [line["beds_now"], line["occupied_now"], *line["stock"]]
        told += [one for band in ("needed", "occupied", "short") for one in line[band]["p50"][1:]]
        assert all(number % 5 == 0 for number in told)
    assert {table["origin"] for table in document["tables"]} == {"real_cases"}
    assert "stays inside this service" in json.dumps(document["tables"])
    assert HIDDEN in said.out


def test_who_sees_no_site_closes_none_by_its_reference(
    database: Path, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables = good_tables()
    del tables["holds"]
    assert beds("import", write_tables(tmp_path / "own", tables)).code == 0
    file = tmp_path / "closing.toml"
    file.write_text("[[closures]]\nsite_id = 'S1'\ncloses_on = 2026-04-01\n")
    token = beds("user", "add", "Somebody", "--role", "commissioner").out.strip()
    assert beds("forecast", *WHEN, *FEW, "--scenario", file).code != 0  # no token, and there are people
    monkeypatch.setenv("BEDS_TOKEN", token)

    for command in (("forecast", "--scenario", file, *FEW), ("simulate", file)):
        said = refused(3, *command, *WHEN)
        assert "a share of the beds of a nation or region is accepted" in said.err


def test_what_comes_from_real_cases_is_not_exported(database: Path, folder: Path, tmp_path: Path) -> None:
    tables = good_tables()
    del tables["holds"]
    assert beds("import", write_tables(tmp_path / "own", tables)).code == 0

    said = refused(3, "export", "shortfall", *WHEN, "--out", tmp_path / "out")

    assert "these figures come from real cases and stay inside this service" in said.err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("role", "forecasts", "exports"), [("analyst", 3, 0), ("coordinator", 3, 3)])
def test_who_may_forecast_and_who_may_export(
    database: Path,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    role: str,
    forecasts: int,
    exports: int,
) -> None:
    token = beds("user", "add", "Somebody", "--role", role).out.strip()
    monkeypatch.setenv("BEDS_TOKEN", token)

    assert beds("forecast", *WHEN, *FEW).code == forecasts
    assert beds("export", "shortfall", *WHEN, *FEW, "--out", tmp_path / "out").code == exports
    for file in (tmp_path / "out").glob("*.json"):  # an empty database: published figures alone
        assert "no case is in it" in file.read_text()


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("growth_per_yer = 1", "bad.toml line 1, growth_per_yer: is not known here; growth_per_year is"),
        ("growth_per_year = -2", "bad.toml line 1, growth_per_year: is -2; a number of more than -1"),
        ("needing_bed.England = 1.2", "bad.toml line 1, needing_bed.England: is 1.2; a share from 0 to 1"),
        ("starts_on = 2001-01-01", "bad.toml line 1, starts_on: is 2001-01-01; a date from 2009-04-01"),
        (
            f"horizon_days = 0x{'f' * 5_000}",
            "bad.toml line 1, horizon_days: is a number; a whole number from 1",
        ),
        (
            "households_per_year = {England = 1e300}",
            "bad.toml line 1, households_per_year.England: is 1E+300; a number from 0 to 1,000,000",
        ),
        (f"policy = '{MARKER}'", "bad.toml line 1, policy: is text; one of first_come_first_served"),
        ("x = = 1", "bad.toml line 1: cannot be read as TOML"),
    ],
)
@pytest.mark.parametrize("command", ["forecast", "simulate", "export"])
def test_a_bad_scenario_ends_with_2_and_a_sentence_a_fault(
    folder: Path, tmp_path: Path, command: str, content: str, fault: str
) -> None:
    file = tmp_path / "bad.toml"
    file.write_text(content)
    arguments: dict[str, tuple[str | Path, ...]] = {
        "forecast": ("forecast", "--scenario", file),
        "simulate": ("simulate", file),
        "export": ("export", "shortfall", "--out", tmp_path / "out", "--scenario", file),
    }

    said = refused(2, *arguments[command], "--from", folder, *WHEN)

    assert fault in said.err.splitlines()[0]
    assert said.last_error == "beds: 1 fault in the scenario; nothing was run"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("forecast", "--scenario", "nothing"), "scenario: a TOML file that can be read, or the name of"),
        (("forecast", "--horizon-days", "0"), "--horizon-days: a whole number from 1 to 3,660 is accepted"),
        (("forecast", "--draws", "1"), "draws: 20 to 5,000 are accepted"),
        (("forecast", "--seed", "-1"), "seed: 0 to 2,147,483,647 is accepted"),
        (("forecast", "--history", "/nothing"), "--history: a CSV file that can be read is accepted"),
        (
            ("forecast", "--scenario", "centres_2008_30", "--horizon-days", "30"),
            "--horizon-days: the scenario does not fit it (warm_up_days",
        ),
        (("simulate", "recovery_90", "--replications", "1"), "--replications: a whole number from 2"),
        (("simulate", "recovery_90", "--workers", "0"), "--workers: a whole number from 1 to 64"),
        (("export", "nothing", "--out", "out"), "NAME: one of shortfall, occupancy is accepted"),
        (
            ("export", "shortfall", "--out", "out", "--format", "pdf"),
            "--format: one of csv, xlsx, parquet is accepted",
        ),
    ],
)
def test_wrong_options_are_one_sentence(folder: Path, arguments: tuple[str, ...], sentence: str) -> None:
    said = refused(2, *arguments, "--from", folder, *WHEN)

    assert sentence in said.last_error


def test_a_scenario_that_does_not_fit_the_records_is_refused(folder: Path, tmp_path: Path) -> None:
    closing, early, late, many = (tmp_path / f"{name}.toml" for name in ("closing", "early", "late", "many"))
    late.write_text("starts_on = 2999-12-31\n")
    many.write_text("growth_per_year = 10\nhorizon_days = 3650\n")
    closing.write_text("[[closures]]\nsite_id = 'S9'\ncloses_on = 2026-04-01\n")
    early.write_text("starts_on = 2026-03-02\n")

    no_site = refused(2, "forecast", "--from", folder, *WHEN, *FEW, "--scenario", closing)
    before = refused(2, "forecast", "--from", folder, *WHEN, *FEW, "--scenario", early)

    assert "closures: a site_id of the estate" in no_site.err
    assert "starts_on: 2026-03-03, the night of the census, or later is accepted" in before.err
    for file, sentence in (
        (late, "a last night within 80 quarters of 20"),
        (many, "up to 200,000 households in a nation by the last night are accepted"),
    ):
        assert (
            sentence
            in refused(2, "forecast", "--from", folder, *WHEN, "--draws", "20", "--scenario", file).err
        )


def test_a_bad_history_ends_with_2_and_a_sentence_a_fault(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "own.csv"
    file.write_text(f"period,value\n2024-Q1,{MARKER}\nx,1\n")

    said = refused(2, "forecast", "--from", folder, *WHEN, "--history", file)

    assert [line.partition(":")[0] for line in said.err.splitlines()] == [
        "own.csv line 2, value",
        "own.csv line 3, period",
        "beds",
    ]


def test_help_names_what_there_is() -> None:
    assert "forecast" in beds("--help").out
    assert len(preset_names()) >= 18
