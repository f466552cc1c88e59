"""Sites, units and beds added and stated anew on the pages; addresses; two people who change one site."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from beds.database import connect, writing
from beds.roles import OPERATOR, Role
from beds.services.stock import change_site
from beds.settings import Settings
from tests.builders import (
    CLOCK,
    a_person,
    a_placement,
)
from tests.demonstrations import a_demonstration
from tests.integration.dashboard_pages import markup_of, opened, text_of
from tests.integration.houses import copied, day, house, press, stored, two_houses
from tests.integration.live import the_policy


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of a demonstration of two houses."""
    folder = tmp_path_factory.mktemp("two_houses")
    a_demonstration(folder, two_houses(), CLOCK)
    return folder


@pytest.fixture
def houses(built: Path, tmp_path: Path) -> str:
    """Give a demonstration of two houses, for a test alone."""
    return copied(built, tmp_path)


@pytest.fixture
def beside(houses: str) -> Iterator[Engine]:
    """Give a way to the database of the two houses beside the page: somebody else's."""
    engine = connect(Settings(database_url=houses, demo=True))
    yield engine
    engine.dispose()


def test_stock_is_for_those_who_manage_it(monkeypatch: pytest.MonkeyPatch, houses: str) -> None:
    assert "Stock" in [tab.label for tab in house(monkeypatch, houses).tabs]
    assert "Stock" not in [tab.label for tab in house(monkeypatch, houses, role=Role.PROVIDER).tabs]


def test_a_site_is_added_with_its_units_and_beds(
    monkeypatch: pytest.MonkeyPatch, houses: str, beside: Engine
) -> None:
    app = opened(monkeypatch, houses, "beds")
    app.text_input(key="add a site · name").input("New house")
    app.text_input(key="add a site · provider_id").input("P9")
    app.selectbox(key="add a site · region").select("S92000003")
    app.multiselect(key="add a site · admits").select("male")
    assert "Added: site site-" in text_of(press(app, "Add the site"))
    (site_id,) = set(stored(beside, "site", "site_id")) - {"S1", "S2"}

    app = house(monkeypatch, houses, site_id)
    assert "Added: unit unit-" in text_of(press(app, "Add the unit"))
    assert "Added: bed bed-" in text_of(press(app, "Add the bed"))

    assert "1 vacant tonight" in text_of(app)
    assert "Scotland" in stored(beside, "site", "nation")


def test_a_new_site_without_an_answer_is_refused_beside_it_and_keeps_the_others(
    monkeypatch: pytest.MonkeyPatch, houses: str
) -> None:
    app = opened(monkeypatch, houses, "beds")

    app.text_input(key="add a site · name").input("New house")
    press(app, "Add the site")
    assert 'role="alert">Choose one.</p>' in markup_of(app)
    app.selectbox(key="add a site · region").select("S92000003")
    press(app, "Add the site")

    assert app.text_input(key="add a site · name").value == "New house"
    assert 'role="alert">' in markup_of(app)
    assert app.expander[0].proto.expanded


def test_a_site_is_stated_anew_and_what_was_not_touched_stays(
    monkeypatch: pytest.MonkeyPatch, houses: str, beside: Engine
) -> None:
    app = house(monkeypatch, houses)

    assert "Nothing was changed." in text_of(press(app, "Save the site"))
    app.text_input(key="site S1 · name · 1").input("Another name")
    assert "Saved." in text_of(press(app, "Save the site"))

    assert "Another name" in stored(beside, "site", "name")
    assert stored(beside, "site", "version") == [2, 1]


def test_two_who_change_one_site_collide_in_words_and_nobody_is_overwritten(
    monkeypatch: pytest.MonkeyPatch, houses: str, beside: Engine
) -> None:
    app = house(monkeypatch, houses)
    with writing(beside) as session:
        change_site(session, OPERATOR, "S1", {"name": "Theirs"}, version=1, clock=CLOCK, policy=the_policy())
    assert "S1 · Theirs" in text_of(app.run())

    app.text_input(key="site S1 · name").input("Mine")
    press(app, "Save the site")

    assert "Somebody else has changed this since you read it" in app.error[0].value
    assert app.text_input(key="site S1 · name").value == "Mine"
    assert "Theirs" in stored(beside, "site", "name")
    press(app, "Show it as it is now")
    assert app.text_input(key="site S1 · name · 1").value == "Theirs"
    assert not app.error


def test_whom_a_house_takes_is_refused_in_words_while_somebody_needs_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    child = a_person("C2", "R2", is_lead=False, age=4)
    estate = two_houses(
        people=(a_person(), a_person("A2", "R2"), child, a_person("A3", "R3"), a_person("A4", "R4"))
    )
    stays = (a_placement("R2", "B4", starts_on=day(-9)),)
    app = house(monkeypatch, a_demonstration(tmp_path, estate.with_rows(placements=stays), CLOCK))

    app.checkbox(key="site S1 · accepts_children").uncheck()
    press(app, "Save the site")

    assert "Cannot be changed so while somebody who is there" in markup_of(app)
    assert app.checkbox(key="site S1 · accepts_children").value is False


def test_own_changes_of_units_and_beds_are_no_collision(monkeypatch: pytest.MonkeyPatch, houses: str) -> None:
    app = house(monkeypatch, houses)

    app.selectbox(key="chosen unit of S1").select("U2").run()
    app.checkbox(key="unit of S1 · step_free U2").uncheck()
    assert "Saved." in text_of(press(app, "Save the unit"))
    app.selectbox(key="chosen bed of S1").select("B4").run()
    app.selectbox(key="bed of S1 · kind B4").select("cot")
    assert "Saved." in text_of(press(app, "Save the bed"))
    press(app, "What is shown is so: confirm it")
    app.text_input(key="site S1 · name").input("Mine")
    assert "Saved." in text_of(press(app, "Save the site"))

    assert not app.error
    assert "S1 · Mine" in text_of(app)


def test_an_address_is_shown_once_asked_for_and_that_is_on_record(
    monkeypatch: pytest.MonkeyPatch, houses: str
) -> None:
    app = house(monkeypatch, houses)
    app.text_input(key="address of S1 · address").input("12 MARKER Street *bold*")
    press(app, "Save the address")
    assert "MARKER" not in text_of(app)

    assert "12 MARKER Street *bold*" in text_of(press(app, "Show the address"))
    assert "MARKER" not in text_of(app.run())
    reads = text_of(opened(monkeypatch, houses, "audit", role=Role.AUDITOR))
    assert "demonstration coordinator address S1" in reads.replace("Address", "address")
