"""The pages as a person meets them: Chromium, at a desk and on a phone, by day and by night.

Chromium is Debian's. Where it is missing these tests fail: what nobody looked at is not known to work.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.demonstrations import the_shipped_demonstration
from tests.e2e.browsing import (
    MOST_MS_TO_SHOW,
    SCREENS,
    a_page,
    broken_rules,
    chromium,
    fits_the_screen,
    serving,
    show,
)

PAGES = (
    ("round", "Round"),
    ("find_a_place", "Find a place"),
    ("who_could_have_a_unit", "Who could have a unit"),
)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of the dashboard on the shipped demonstration."""
    folder = tmp_path_factory.mktemp("dashboard")
    with serving(folder, the_shipped_demonstration(folder)) as found:
        yield found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Give Debian's Chromium."""
    with chromium() as found:
        yield found


@pytest.fixture(params=SCREENS)
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    """Give an empty page on each screen in turn."""
    with a_page(browser, request.param) as found:
        yield found


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("path", "title"), PAGES)
def test_a_page_breaks_no_accessibility_rule_and_fits_the_screen(
    page: Page, address: str, path: str, title: str, scheme: str
) -> None:
    page.emulate_media(color_scheme=scheme)

    show(page, address, path, title)

    assert broken_rules(page) == []
    assert page.locator("html").get_attribute("lang") == "en"
    assert fits_the_screen(page)


def test_the_round_is_read_by_keyboard(page: Page, address: str) -> None:
    show(page, address, "round", "Round")

    page.get_by_role("tab", name="Proposed").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")

    expect(page.get_by_role("tab", name="Not placed")).to_have_attribute("aria-selected", "true")
    table = page.get_by_role("table", name="Not placed, the most urgent first")
    expect(table).to_be_visible()
    expect(table.get_by_text("if they agree to crossing the border").first).to_be_visible()


def test_the_chart_is_drawn_and_has_words(page: Page, address: str) -> None:
    show(page, address, "round", "Round")

    chart = page.get_by_test_id("stVegaLiteChart")
    expect(chart.locator("canvas, svg").first).to_be_visible(timeout=MOST_MS_TO_SHOW)
    expect(page.get_by_label("Households by what became of them").first).to_be_attached()


def test_a_household_is_found_by_keyboard_and_by_what_its_reference_contains(
    page: Page, address: str
) -> None:
    show(page, address, "find_a_place", "Find a place")

    choice = page.get_by_role("combobox", name="Household")
    choice.focus()
    choice.fill("R0082")
    expect(page.get_by_role("option")).to_have_count(1)
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Nowhere now")).to_be_visible(timeout=MOST_MS_TO_SHOW)
    expect(page.get_by_text("1 unit opens up if they agree")).to_be_visible()
