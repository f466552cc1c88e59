"""The pages as a person meets them: Chromium, at a desk and on a phone, by day and by night.

Chromium is Debian's. Where it is missing these tests fail: what nobody looked at is not known to work.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.demonstrations import the_shipped_demonstration
from tests.e2e.browsing import (
    LOOKS,
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
    ("night_pack", "Night pack"),
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


@pytest.mark.parametrize(("screen", "scheme"), LOOKS)
@pytest.mark.parametrize(("path", "title"), PAGES)
def test_a_page_breaks_no_accessibility_rule_and_fits_the_screen(
    browser: Browser, address: str, path: str, title: str, screen: str, scheme: str
) -> None:
    with a_page(browser, screen, scheme) as page:
        show(page, address, path, title)

        assert broken_rules(page) == []
        assert page.locator("html").get_attribute("lang") == "en"
        assert fits_the_screen(page)
