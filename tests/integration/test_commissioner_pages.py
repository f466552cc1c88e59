"""Shortfall, plan and figures: for whom they are, empty, made, kept and compared."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from beds.roles import Role, actor_of
from dashboard.pages import pages_for
from tests.demonstrations import an_empty_database, the_shipped_demonstration
from tests.integration.dashboard_pages import APP, opened, pseudo, text_of, untranslated

PAGES = {"shortfall": Role.COMMISSIONER, "plan": Role.COMMISSIONER, "figures": Role.ANALYST}
MOST_SECONDS = 120


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Give the shipped demonstration; runs are kept in it, and no test counts them."""
    return the_shipped_demonstration(tmp_path_factory.mktemp("shipped"))


def pressed(app: AppTest, label: str) -> AppTest:
    """Return a page after a button was pressed and what it begins is over."""
    button = next(one for one in app.button if one.label == label)
    button.click().run(timeout=MOST_SECONDS)
    assert not app.exception
    return app


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.PROVIDER, Role.AUDITOR, Role.ADMIN])
def test_who_may_not_see_scenarios_or_tables_sees_none(
    monkeypatch: pytest.MonkeyPatch, shipped: str, page: str, role: Role
) -> None:
    assert page not in {row.path for row in pages_for(actor_of("anybody", role))}
    opened(monkeypatch, shipped, role=role)  # it says which database
    app = AppTest.from_file(str(APP.parent / "views" / f"{page}.py"), default_timeout=MOST_SECONDS)
    app.session_state["demonstration role"] = role

    app.run()

    assert "not for your role" in text_of(app)
    assert "Make" not in "".join(button.label for button in app.button)


@pytest.mark.parametrize(("page", "role"), PAGES.items())
def test_with_nothing_on_record_a_sentence_says_what_to_do_next(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, page: str, role: Role
) -> None:
    text = text_of(opened(monkeypatch, an_empty_database(tmp_path), page, role=role))

    assert "Make one" in text or "Make them" in text or "compare them" in text


@pytest.mark.parametrize(("page", "role"), PAGES.items())
def test_every_word_goes_through_the_tables(
    monkeypatch: pytest.MonkeyPatch, shipped: str, page: str, role: Role
) -> None:
    assert untranslated(pseudo(monkeypatch, shipped, page, role=role)) == []


def test_a_forecast_is_made_kept_and_shown_with_its_sources(
    monkeypatch: pytest.MonkeyPatch, shipped: str
) -> None:
    app = pressed(opened(monkeypatch, shipped, "shortfall", role=Role.COMMISSIONER), "Make a new forecast")

    text = text_of(app)
    assert "beds that can be used" in text
    assert "At least so many beds" in text
    assert "Home Office referrals by quarter" in text
    assert "Assumption" in text
    again = text_of(opened(monkeypatch, shipped, "shortfall", role=Role.COMMISSIONER))
    assert "Forecast made" in again


def test_thirty_forty_five_and_ninety_days_are_set_side_by_side(
    monkeypatch: pytest.MonkeyPatch, shipped: str
) -> None:
    app = pressed(
        opened(monkeypatch, shipped, "shortfall", role=Role.COMMISSIONER), "Compare 30, 45 and 90 days"
    )

    text = text_of(app)
    assert "Recovery period of 30 days, and no longer" in text
    assert "What moved the number" in text


def test_a_scenario_is_sketched_saved_and_withdrawn(monkeypatch: pytest.MonkeyPatch, shipped: str) -> None:
    app = opened(monkeypatch, shipped, "plan", role=Role.COMMISSIONER)
    next(one for one in app.text_input if one.label == "Title").set_value("More beds in the north")

    pressed(app, "Save as a new scenario")

    assert "Saved: More beds in the north" in " ".join(one.value for one in app.success)
    begin = next(one for one in app.selectbox if one.label == "Begin with")
    begin.set_value(begin.options and _reference(app, "More beds in the north")).run()
    pressed(app, "Withdraw it")
    assert "Withdrawn" in " ".join(one.value for one in app.success)


def _reference(app: AppTest, title: str) -> str:
    begin = next(one for one in app.selectbox if one.label == "Begin with")
    return begin.options[[option == title for option in begin.options].index(True)]


def test_a_scenario_without_a_title_is_refused_and_what_was_typed_stays(
    monkeypatch: pytest.MonkeyPatch, shipped: str
) -> None:
    app = opened(monkeypatch, shipped, "plan", role=Role.COMMISSIONER)
    next(one for one in app.text_input if one.label == "Title").set_value("  ")
    next(one for one in app.slider if one.label.startswith("Growth")).set_value(7)

    pressed(app, "Save as a new scenario")

    assert "title" in text_of(app).lower()
    assert next(one for one in app.slider if one.label.startswith("Growth")).value == 7


def test_the_analysts_tables_are_released_and_can_be_downloaded(
    monkeypatch: pytest.MonkeyPatch, shipped: str
) -> None:
    app = pressed(
        opened(monkeypatch, shipped, "figures", role=Role.ANALYST),
        "Make the tables from the records as they are",
    )

    text = text_of(app)
    assert "SYNTHETIC" in text
    assert "Beds by nation and need, month by month" in text
    assert "Counts of 1 to 4 are hidden" in text
    assert any("xlsx" in one.label for one in app.get("download_button"))


def test_occupancy_is_released_month_by_month(monkeypatch: pytest.MonkeyPatch, shipped: str) -> None:
    app = opened(monkeypatch, shipped, "figures", role=Role.ANALYST)
    next(one for one in app.get("button_group") if one.label == "What").set_value("occupancy").run()

    app = pressed(app, "Make the tables from the records as they are")

    text = text_of(app)
    assert "Bed-nights by region, month by month" in text
    assert "Occupancy is occupied ÷ (all − closed)" in text
    assert next(one.label for one in app.get("download_button")) == "Download occupancy.xlsx"


def test_the_methods_are_tried_on_the_past_and_drawn_beside_what_came(
    monkeypatch: pytest.MonkeyPatch, shipped: str
) -> None:
    app = opened(monkeypatch, shipped, "shortfall", role=Role.COMMISSIONER)
    next(one for one in app.selectbox if one.label == "Published series").select(
        "positive_grounds_of_adults"
    ).run()

    text = text_of(pressed(app, "Try the methods on it"))

    assert "Nothing did better here than to say that it stays as it is." in text
    assert "Methods, the lowest CRPS at this distance first" in text
    assert "January 2023" in text or "2023-Q1" in text
    assert app.get("vega_lite_chart")
