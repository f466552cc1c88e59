"""Forecasts, comparisons, simulations and exports through the door: made elsewhere, kept, and controlled."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from beds.database import DatabaseKind, connect, reading, upgrade
from tests.integration.api_client import (
    ANALYST,
    COMMISSIONER,
    ENGLAND,
    Api,
    an_api,
    both_nations,
    done,
    refused,
)
from tests.integration.conftest import settings_for

CANARY = "canary-marigold"
SOON = {"name": "soon", "title": f"For {CANARY}", "horizon_days": 30, "growth_per_year": 0.5}


@contextmanager
def on(kind: DatabaseKind, folder: Path) -> Iterator[Api]:
    """Give the API of a database of a kind, with households in it."""
    found = settings_for(f"sqlite:///{folder / 'beds.db'}")
    engine = connect(found, create=True)
    upgrade(engine, kind=kind)
    with an_api(found, engine, both_nations()) as made:
        yield made
    engine.dispose()


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """Give the API of a live database: one process makes the forecasts of all tests."""
    with on(DatabaseKind.LIVE, tmp_path_factory.mktemp("forecasts")) as found:
        yield found


@pytest.fixture(scope="module")
def soon(api: Api) -> str:
    """Give a scenario that was saved: a month ahead, so that it is quick."""
    return str(done(api.post("/v1/scenarios", SOON, COMMISSIONER), 201)["scenario_id"])


def make(api: Api, **body: Any) -> dict[str, Any]:
    """Return a run with its document, made and read again."""
    made = api.post("/v1/forecasts", {"draws": 20, **body}, COMMISSIONER)
    line = done(made, 201)
    assert made.headers["Location"] == f"/v1/forecasts/{line['run_id']}"
    return done(api.get(made.headers["Location"], COMMISSIONER))


def test_a_forecast_is_made_kept_and_read_and_counts_no_need_but_in_released_tables(
    api: Api, soon: str
) -> None:
    run = make(api, scenarios=[soon], seed=3)

    document = run["document"]
    assert (run["line"]["kind"], run["line"]["seed"]) == ("forecast", 3)
    assert run["line"]["scenarios"] == [{"name": "soon", "title": f"For {CANARY}"}]
    assert {line["breakdown"] for line in document["lines"]} == {"nation"}
    assert {line["needed"]["p50"][0] for line in document["lines"]} == {None}
    assert all(n % 5 == 0 for line in document["lines"] for n in line["needed"]["p50"][1:])
    assert {table["origin"] for table in document["tables"]} == {"real_cases"}
    cells = [cell for table in document["tables"] for row in table["rows"] for cell in row[3:]]
    assert all(cell == "[c]" or cell % 5 == 0 for cell in cells)
    latest = done(api.get("/v1/forecasts/latest?kind=forecast", COMMISSIONER))
    assert latest == run


def test_the_same_key_makes_one_run_and_the_same_seed_the_same_document(api: Api, soon: str) -> None:
    body = {"scenarios": [soon], "draws": 20, "seed": 9}

    one = api.post("/v1/forecasts", body, COMMISSIONER, key="key-of-a-forecast")
    same = api.post("/v1/forecasts", body, COMMISSIONER, key="key-of-a-forecast")
    other = api.post("/v1/forecasts", body, COMMISSIONER)

    assert one.text == same.text
    documents = [
        done(api.get(f"/v1/forecasts/{done(answer, 201)['run_id']}", COMMISSIONER))["document"]
        for answer in (one, other)
    ]
    assert documents[0] == documents[1]
    assert CANARY not in one.text
    with reading(api.engine) as session:
        assert CANARY not in str(session.execute(text("SELECT * FROM idempotency")).all())


def test_several_scenarios_are_compared_and_with_replications_simulated(api: Api, soon: str) -> None:
    compared = make(api, scenarios=["as_on_record", soon])
    simulated = make(api, scenarios=[soon], replications=2)

    assert compared["line"]["kind"] == "comparison"
    assert [one["name"] for one in compared["document"]["scenarios"]] == ["as_on_record", "soon"]
    assert {one["to"] for one in compared["document"]["waterfalls"]} == {"soon"}
    assert simulated["line"]["kind"] == "simulation"
    assert {group["need"] for group in simulated["document"]["groups"]["soon"]} == {"all"}
    listed = done(api.get("/v1/forecasts?kind=simulation", COMMISSIONER))["items"]
    assert listed[0] == simulated["line"]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"scenarios": []}, 422, "bad_input"),
        ({"scenarios": ["nothing"]}, 404, "not_found"),
        ({"draws": 19}, 422, "bad_input"),
        ({"seed": -1}, 422, "bad_input"),
        ({"replications": 1}, 422, "bad_input"),
        ({"scenarios": ["recovery_30", "recovery_30"], "draws": 20}, 422, "bad_input"),
        ({"until": 3}, 422, "bad_input"),
    ],
)
def test_what_cannot_be_asked_is_refused(api: Api, body: dict[str, Any], status: int, code: str) -> None:
    refused(api.post("/v1/forecasts", body, COMMISSIONER), status, code)


def test_a_run_that_is_not_there_is_not_found(api: Api) -> None:
    refused(api.get("/v1/forecasts/forecast-1", COMMISSIONER), 404, "not_found")


def test_what_comes_from_real_cases_stays_inside(api: Api) -> None:
    for who in (ANALYST, COMMISSIONER):
        problem = refused(api.get("/v1/exports/shortfall", who), 403, "stays_inside")
        assert "stay inside this service until full disclosure control exists" in problem["detail"]


def test_an_export_of_a_demonstration_is_for_analysts(tmp_path: Path) -> None:
    with on(DatabaseKind.DEMO, tmp_path) as api:
        tables = done(api.get("/v1/exports/shortfall?scenario=recovery_30", ANALYST))["tables"]
        for bad, status, code in (
            ("/v1/exports/nothing", 404, "not_found"),
            ("/v1/exports/shortfall?scenario=nothing", 422, "bad_input"),
        ):
            refused(api.get(bad, ANALYST), status, code)
        refused(api.get("/v1/exports/shortfall", ENGLAND), 403, "not_permitted")
        occupancy = done(api.get("/v1/exports/occupancy", ANALYST))["tables"]

    assert [table["name"] for table in occupancy] == ["occupancy_by_region"]
    assert [table["name"] for table in tables] == [
        "shortfall_now_by_need",
        "shortfall_now_by_region",
        "shortfall_to_come_by_need",
        "shortfall_to_come_by_region",
    ]
    assert all(table["origin"] == "synthetic" and table["sources"] for table in tables)
    assert all(
        cell == "[c]" or cell % 5 == 0
        for table in (*tables, *occupancy)
        for row in table["rows"]
        for cell in row[3:]
    )
