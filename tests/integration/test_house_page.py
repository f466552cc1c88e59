"""The page of a house without a browser: its nights, closures, arrivals and departures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import DateInput

from beds.database import connect, writing
from beds.roles import OPERATOR, Role
from beds.services.placements import confirm_hold
from beds.settings import Settings
from tests.builders import (
    CLOCK,
    a_small_estate,
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


def test_one_house_of_one_bed_is_a_page(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    text = text_of(opened(monkeypatch, a_demonstration(tmp_path, a_small_estate(), CLOCK), "site"))

    assert "Vacant, nights of 24 Feb 2026 to 30 Mar 2026" in text
    assert "35 void of 35 nights shown" in text
    assert "As at 3 Mar 2026" in text


def test_a_house_without_a_bed_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    url = a_demonstration(tmp_path, a_small_estate(units=(), beds=()), CLOCK)

    assert "This house has no bed yet. Add its units and beds under" in text_of(
        opened(monkeypatch, url, "site")
    )


def test_a_house_is_shown_night_by_night(monkeypatch: pytest.MonkeyPatch, houses: str) -> None:
    text = text_of(house(monkeypatch, houses))

    assert (
        "Occupied, stayed on: should have left by 2 Mar 2026, R2, nights of 24 Feb 2026 to 3 Mar 2026" in text
    )
    assert "Held, R3, nights of 3 Mar 2026 to 30 Mar 2026" in text
    assert "Closed, works, nights of 6 Mar 2026 to 11 Mar 2026" in text
    assert "1 bed overdue" in text
    assert "U1 shared, step-free · 43 of 105 nights void" in text


def test_somebody_who_comes_to_a_bed_that_is_not_free_is_flagged(
    monkeypatch: pytest.MonkeyPatch, houses: str
) -> None:
    text = text_of(house(monkeypatch, houses))

    assert "R4 comes on 5 Mar 2026 to a bed that R2 is still in: settle this first." in text


def test_the_nights_shown_are_moved_and_moved_back(monkeypatch: pytest.MonkeyPatch, houses: str) -> None:
    app = house(monkeypatch, houses)

    later = text_of(press(press(app, "A week later"), "A week later"))
    back = text_of(press(app, "Around tonight, 3 Mar 2026"))
    app.selectbox(key="weeks shown").select(13).run()

    assert "nights of 10 Mar 2026 to 13 Apr 2026" in later
    assert "nights of 24 Feb 2026 to 30 Mar 2026" in back
    assert "nights of 24 Feb 2026 to 25 May 2026" in text_of(app)


def test_a_house_of_another_provider_is_not_opened_by_its_address(
    monkeypatch: pytest.MonkeyPatch, houses: str
) -> None:
    app = opened(monkeypatch, houses, "site", role=Role.PROVIDER)

    app.query_params["site"] = "S2"
    app.run()

    assert app.selectbox(key="house").options == ["S1 · Höfð <b>Haus</b>"]
    assert "S2" not in text_of(app)


def test_confirming_says_that_it_was_done_and_takes_the_mark_away(
    monkeypatch: pytest.MonkeyPatch, houses: str
) -> None:
    app = house(monkeypatch, houses, role=Role.PROVIDER)
    assert "Phone first" in text_of(app)

    text = text_of(press(app, "What is shown is so: confirm it"))

    assert "Confirmed: what is vacant here counts as vacant." in text
    assert "Phone first" not in text


def test_beds_are_closed_and_opened_again(
    monkeypatch: pytest.MonkeyPatch, houses: str, beside: Engine
) -> None:
    app = house(monkeypatch, houses, role=Role.PROVIDER)

    app.multiselect(key="close a bed · beds").select("B4")
    app.selectbox(key="close a bed · reason").select("kept_free")
    text = text_of(press(app, "Close the beds"))

    assert "Closed: 1 bed." in text
    assert "Closed, kept free, nights of 3 Mar 2026 to 30 Mar 2026" in text
    assert app.multiselect(key="close a bed · beds · 1").value == []
    opening = app.selectbox(key="open a bed · closure")
    opening.select(next(one for one in stored(beside, "closure", "closure_id") if one.startswith("closure-")))
    text = text_of(press(app, "Open it again"))
    assert "B4 is open again from 3 Mar 2026." in text
    assert "Closed, kept free" not in text


def test_a_bed_that_somebody_is_in_stays_open_and_what_was_typed_stays_too(
    monkeypatch: pytest.MonkeyPatch, houses: str
) -> None:
    app = house(monkeypatch, houses, role=Role.PROVIDER)

    app.multiselect(key="close a bed · beds").select("B1").select("B4")
    app.selectbox(key="close a bed · reason").select("repairs")
    press(app, "Close the beds")

    assert "Somebody is in the bed" in app.error[0].value
    assert app.multiselect(key="close a bed · beds").value == ["B1", "B4"]
    assert app.selectbox(key="close a bed · reason").value == "repairs"
    assert "Closed, repairs" not in text_of(app)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [({}, "Choose at least one."), ({"beds": "B4"}, "A reason is needed.")],
)
def test_what_is_missing_is_said_beside_its_field(
    monkeypatch: pytest.MonkeyPatch, houses: str, typed: dict[str, str], sentence: str
) -> None:
    app = house(monkeypatch, houses)

    if typed:
        app.multiselect(key="close a bed · beds").select(typed["beds"])
    press(app, "Close the beds")

    assert f'role="alert">{sentence}</p>' in markup_of(app)
    assert not app.error


def test_an_arrival_is_recorded_once_and_who_is_late_is_told(
    monkeypatch: pytest.MonkeyPatch, houses: str, beside: Engine
) -> None:
    with writing(beside) as session:
        confirm_hold(session, OPERATOR, "H3", version=1, clock=CLOCK, policy=the_policy())
    one, other = (house(monkeypatch, houses, role=Role.PROVIDER) for _ in range(2))

    text = text_of(press(one, "R3 has arrived"))
    late = press(other, "R3 has not come")

    assert "Recorded: R3 has arrived." in text
    assert "look at it again" in late.error[0].value
    assert "R3 has arrived" not in [button.label for button in late.button]


def test_who_did_not_come_waits_again(monkeypatch: pytest.MonkeyPatch, houses: str, beside: Engine) -> None:
    with writing(beside) as session:
        confirm_hold(session, OPERATOR, "H3", version=1, clock=CLOCK, policy=the_policy())
    app = house(monkeypatch, houses, role=Role.PROVIDER)

    text = text_of(press(app, "R3 has not come"))

    assert "The beds are free; the household waits again, in its place." in text


def test_a_departure_is_recorded_and_the_bed_is_vacant(monkeypatch: pytest.MonkeyPatch, houses: str) -> None:
    app = house(monkeypatch, houses, role=Role.PROVIDER)
    assert app.selectbox(key="leaving · stay").options[0] == "R2 · U1 · overdue"

    text = text_of(press(app, "Record the departure"))

    assert "Recorded: the departure of R2." in text
    assert "1 bed overdue" not in text
    assert "should be over" not in text
    assert "Vacant, nights of 3 Mar 2026 to 4 Mar 2026" in text


def test_a_stay_is_extended_until_somebody_else_comes_and_not_beyond(
    monkeypatch: pytest.MonkeyPatch, houses: str, beside: Engine
) -> None:
    app = house(monkeypatch, houses)
    press(app, "Keep the new end")
    assert 'role="alert">A day is needed.</p>' in markup_of(app)

    _new_end(app).set_value(day(20))
    assert "just been taken" in press(app, "Keep the new end").error[0].value
    assert _new_end(app).value == day(20)
    _new_end(app).set_value(day(2))
    text = text_of(press(app, "Keep the new end"))

    assert "Recorded: R2 stays until 5 Mar 2026." in text
    assert "should be over" not in text
    assert day(2) in stored(beside, "placement_bed", "expected_end_on")


def test_who_runs_a_house_does_not_extend_a_stay(monkeypatch: pytest.MonkeyPatch, houses: str) -> None:
    app = house(monkeypatch, houses, role=Role.PROVIDER)

    assert "Keep the new end" not in [button.label for button in app.button]
    assert "Extend a stay" not in text_of(app)


def _new_end(app: AppTest) -> DateInput:
    (found,) = (one for one in app.date_input if one.label == "New end")
    return found
