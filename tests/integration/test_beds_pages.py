"""The page of beds without a browser: the map, the list of houses, to whom, and where there is nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from beds.roles import Role
from tests.builders import (
    CLOCK,
)
from tests.demonstrations import a_demonstration, an_empty_database, the_shipped_demonstration
from tests.integration.dashboard_pages import has_page, markup_of, opened, pseudo, text_of, untranslated
from tests.integration.houses import DATA, copied, two_houses

PAGES = {
    "beds": (Role.COORDINATOR, Role.PROVIDER, Role.COMMISSIONER),
    "site": (Role.COORDINATOR, Role.PROVIDER),
}


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Give the shipped demonstration, which is only read."""
    return the_shipped_demonstration(tmp_path_factory.mktemp("shipped"))


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


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_for_those_whom_it_concerns(
    monkeypatch: pytest.MonkeyPatch, houses: str, page: str, role: Role
) -> None:
    app = opened(monkeypatch, houses, role=role)

    assert has_page(app, page) == (role in PAGES[page])


def test_the_map_and_its_table_say_the_same_numbers(monkeypatch: pytest.MonkeyPatch, houses: str) -> None:
    app = opened(monkeypatch, houses, "beds", role=Role.COMMISSIONER)

    text = text_of(app)
    assert "London 2 vacant 25% of 4 occupied" in text
    assert "Scotland 1 vacant 0% of 1 occupied" in text
    assert "North East no site" in text
    assert "London 4 1 1 0 2 25%" in text
    assert "All 5 1 1 0 3 20%" in text
    assert "House by house" not in text


def test_the_map_of_a_night_to_come_counts_what_is_arranged(
    monkeypatch: pytest.MonkeyPatch, houses: str
) -> None:
    app = opened(monkeypatch, houses, "beds")

    app.button_group[0].set_value(7).run()

    assert "beds on the night of 10 Mar 2026" in text_of(app)
    assert "London 4 1 1 1 1 33%" in text_of(app)


def test_each_house_says_its_beds_in_letters_and_words(monkeypatch: pytest.MonkeyPatch, houses: str) -> None:
    app = opened(monkeypatch, houses, "beds")

    text = text_of(app)
    assert "O H V V 4 beds: 1 occupied, 1 held, 2 vacant Phone first" in text
    assert "V 1 bed: 1 vacant Phone first" in text
    assert "London, safe house · never confirmed · void 92 of 112 nights" in text
    assert "<b>Haus</b>" not in markup_of(app)


def test_a_provider_sees_its_own_house_and_no_region(monkeypatch: pytest.MonkeyPatch, houses: str) -> None:
    app = opened(monkeypatch, houses, "beds", role=Role.PROVIDER)

    text = text_of(app)
    assert "1 house; its beds tonight:" in text
    assert "By region" not in text
    assert [choice.label for choice in app.selectbox] == [
        "Open a house, by reference or name",
        "Try another role",
    ]
    assert not app.expander


def test_many_houses_come_in_pages_and_are_filtered(monkeypatch: pytest.MonkeyPatch, shipped: str) -> None:
    app = opened(monkeypatch, shipped, "beds")
    assert "60 houses; their beds tonight:" in text_of(app)
    assert markup_of(app).count('class="beds-house"') == 20

    app.toggle[0].set_value(True).run()
    vacant = text_of(app)
    next(box for box in app.selectbox if box.label == "Region").select("S92000003").run()

    assert "60 houses" not in vacant
    scottish = text_of(app)
    assert "Scotland, safe house" in scottish
    assert "London, safe house" not in scottish


@pytest.mark.parametrize(("page", "role"), [(page, role) for page, roles in PAGES.items() for role in roles])
def test_nothing_on_record_is_a_sentence_with_the_next_step(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, page: str, role: Role
) -> None:
    text = text_of(opened(monkeypatch, an_empty_database(tmp_path), page, role=role))

    nothing = (
        "There is no bed on record yet." if role is Role.COMMISSIONER else "No house is on record for you."
    )
    assert nothing in text


@pytest.mark.parametrize(("page", "role"), [(page, role) for page, roles in PAGES.items() for role in roles])
def test_every_word_goes_through_the_table_of_languages(
    monkeypatch: pytest.MonkeyPatch, houses: str, page: str, role: Role
) -> None:
    found = untranslated(pseudo(monkeypatch, houses, page, role=role))

    assert [text for text in found if not DATA.fullmatch(text)] == []
