"""Scenarios that commissioners save: versions that collide loudly, words nobody reads in the database."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text

from beds.database import reading
from beds.domain.scenario import Scenario, SupposedSite
from beds.domain.terms import Nation, Role
from beds.errors import BadInput, ChangedMeanwhile, NotAllowedNow, NotFound, NotPermitted
from beds.roles import actor_of
from beds.scenario_files import preset_names
from beds.services.scenarios import (
    ScenarioView,
    change_scenario,
    list_scenarios,
    read_scenario,
    save_scenario,
    shipped_scenarios,
    withdraw_scenario,
)
from beds.settings import Settings
from beds.store.integrity import check_database
from tests.builders import NOON
from tests.integration.api_client import COMMISSIONER as COMMISSIONER_BY_TOKEN
from tests.integration.api_client import an_api, both_nations, done, refused
from tests.integration.live import COMMISSIONER, ask, change, events

CANARY = "canary-marigold"
OTHERS = [actor_of(f"user-{role}", role) for role in Role if role is not Role.COMMISSIONER]


def a_scenario(name: str = "mine", **what: Any) -> Scenario:
    """Return a scenario with somebody's own words in it."""
    return Scenario(name, **{"title": f"For {CANARY}", "growth_per_year": 0.1, **what})


def saved(engine: Engine, scenario: Scenario | None = None, **options: Any) -> ScenarioView:
    """Return a scenario that was saved."""
    return change(engine, save_scenario, COMMISSIONER, scenario or a_scenario(), **options)


def test_a_scenario_is_saved_and_read_as_it_was(engine: Engine) -> None:
    mine = a_scenario(
        sites=(SupposedSite(Nation.SCOTLAND, "S92000003", 3),), recovery_nights={Nation.ENGLAND: 90}
    )

    view = saved(engine, mine)

    found = ask(engine, read_scenario, COMMISSIONER, view.scenario_id)
    assert found == view
    assert (found.scenario, found.version, found.shipped) == (mine, 1, False)
    assert [event["subject"] for event in events(engine, "scenario_saved")] == [view.scenario_id]
    assert check_database(engine) == []


def test_whoever_changes_it_names_the_version_that_was_seen(engine: Engine) -> None:
    view = saved(engine)

    changed = change(
        engine, change_scenario, COMMISSIONER, view.scenario_id, a_scenario(growth_per_year=0.2), version=1
    )

    assert (changed.version, changed.scenario.growth_per_year) == (2, 0.2)
    with pytest.raises(ChangedMeanwhile):
        change(engine, change_scenario, COMMISSIONER, view.scenario_id, a_scenario(), version=1)


def test_what_was_withdrawn_is_in_no_list_and_can_still_be_read(engine: Engine) -> None:
    view, other = saved(engine), saved(engine, a_scenario("other"))

    gone = change(engine, withdraw_scenario, COMMISSIONER, view.scenario_id, version=1)

    listed = ask(engine, list_scenarios, COMMISSIONER).rows
    assert [one.scenario_id for one in listed] == [other.scenario_id]
    assert ask(engine, read_scenario, COMMISSIONER, view.scenario_id) == gone
    with pytest.raises(NotAllowedNow, match="was withdrawn"):
        change(engine, withdraw_scenario, COMMISSIONER, view.scenario_id, version=2)


def test_the_list_comes_in_pages_the_last_changed_first(engine: Engine) -> None:
    views = [saved(engine, a_scenario(f"s{n}"), at=NOON + timedelta(minutes=n)) for n in range(5)]

    first = ask(engine, list_scenarios, COMMISSIONER, limit=3)
    rest = ask(engine, list_scenarios, COMMISSIONER, limit=3, after=first.next_after)

    assert [view.scenario.name for view in (*first.rows, *rest.rows)] == ["s4", "s3", "s2", "s1", "s0"]
    assert rest.next_after is None
    assert views[0].scenario_id == rest.rows[-1].scenario_id
    with pytest.raises(BadInput, match="cursor"):
        ask(engine, list_scenarios, COMMISSIONER, after="nobody")


def test_those_that_are_shipped_are_read_by_name_and_their_names_are_taken(engine: Engine) -> None:
    shipped = shipped_scenarios(COMMISSIONER)

    assert tuple(view.scenario_id for view in shipped) == preset_names()
    assert ask(engine, read_scenario, COMMISSIONER, "recovery_90") in shipped
    with pytest.raises(BadInput, match="name: one that no shipped scenario has"):
        saved(engine, a_scenario("recovery_90"))
    with pytest.raises(NotFound):
        ask(engine, read_scenario, COMMISSIONER, "nothing")


@pytest.mark.parametrize("actor", OTHERS, ids=lambda actor: actor.user_id)
def test_nobody_but_a_commissioner_has_anything_to_do_with_scenarios(
    sqlite_engine: Engine, actor: Any
) -> None:
    view = saved(sqlite_engine)

    for service, arguments in (
        (save_scenario, (a_scenario(),)),
        (change_scenario, (view.scenario_id, a_scenario())),
        (withdraw_scenario, (view.scenario_id,)),
    ):
        versions = {} if service is save_scenario else {"version": 1}
        with pytest.raises(NotPermitted, match="save_scenarios"):
            change(sqlite_engine, service, actor, *arguments, **versions)
    for service, arguments in ((list_scenarios, ()), (read_scenario, ("recovery_90",))):
        with pytest.raises(NotPermitted, match="see_scenarios"):
            ask(sqlite_engine, service, actor, *arguments)


def test_nobodys_words_are_readable_in_the_database_nor_in_the_audit(engine: Engine) -> None:
    view = saved(engine)
    change(engine, change_scenario, COMMISSIONER, view.scenario_id, a_scenario("next"), version=1)

    with reading(engine) as session:
        stored = [
            str(row)
            for table in ("scenario", "audit_event")
            for row in session.execute(text(f"SELECT * FROM {table}"))
        ]

    assert len(stored) >= 3
    assert not any(CANARY in row or "growth" in row for row in stored)


def test_the_api_saves_changes_and_withdraws_and_keeps_no_word_of_it(
    settings: Settings, engine: Engine
) -> None:
    body = {
        "name": "mine",
        "title": f"For {CANARY}",
        "needing_bed": {"England": {"low": 0.1, "likely": 0.2, "high": 0.3}},
    }
    with an_api(settings, engine, both_nations()) as api:
        made = api.post("/v1/scenarios", body, COMMISSIONER_BY_TOKEN, key="key-of-mine")
        again = api.post("/v1/scenarios", body, COMMISSIONER_BY_TOKEN, key="key-of-mine")
        path = f"/v1/scenarios/{done(made, 201)['scenario_id']}"
        read = api.get(path, COMMISSIONER_BY_TOKEN)
        unseen = api.ask(COMMISSIONER_BY_TOKEN, "PUT", path, body=body)
        changed = api.ask(COMMISSIONER_BY_TOKEN, "PUT", path, body={**body, "horizon_days": 30}, seen=1)
        stale = api.ask(COMMISSIONER_BY_TOKEN, "PUT", path, body=body, seen=1)
        listed = api.get("/v1/scenarios", COMMISSIONER_BY_TOKEN)
        withdrawn = api.post(f"{path}/withdraw", None, COMMISSIONER_BY_TOKEN, seen=2)
        shipped = api.get("/v1/scenarios?shipped=true", COMMISSIONER_BY_TOKEN)
        with reading(engine) as session:
            kept = str(session.execute(text("SELECT * FROM idempotency")).all())

    assert again.text == made.text
    assert made.headers["ETag"] == read.headers["ETag"] == '"1"'
    assert done(read)["supposes"] == body
    assert done(read)["changes"] == ["needing_bed"]
    refused(unseen, 428, "if_match_needed")
    refused(stale, 412, "changed_meanwhile")
    assert done(changed)["version"] == 2
    assert [row["title"] for row in done(listed)["items"]] == [f"For {CANARY}"]
    assert done(withdrawn)["version"] == 3
    assert [row["name"] for row in done(shipped)["items"]] == list(preset_names())
    assert CANARY not in kept


@pytest.mark.parametrize(
    ("field", "value", "where"),
    [
        ("growth_per_year", -2, "body.growth_per_year"),
        ("needing_bed", {"England": 1.5}, "body.needing_bed.England"),
        ("recovery_nights", {"England": 0}, "body.recovery_nights.England"),
        ("starts_on", "2001-01-01", "body.starts_on"),
        ("closures", [{"closes_on": "2027-01-01"}], "body.closures[1]"),
        ("sites", [{"nation": "England", "region": "S92000003", "units": 1}], "body.sites[1].region"),
    ],
)
def test_what_the_api_does_not_accept_is_named_and_not_repeated(
    sqlite_settings: Settings, sqlite_engine: Engine, field: str, value: object, where: str
) -> None:
    with an_api(sqlite_settings, sqlite_engine, both_nations(households=1, units=1)) as api:
        answer = api.post("/v1/scenarios", {"name": "mine", field: value}, COMMISSIONER_BY_TOKEN)

    problem = refused(answer, 422, "bad_input")
    (fault,) = problem["errors"]
    assert fault["where"] == where
    assert "accepted" in fault["accepted"]
    assert "is -2" not in answer.text
    assert "is 1.5" not in answer.text
