"""The pages as a person meets them: Chromium, at a desk and on a phone, by day and by night.

Chromium is Debian's. Where it is missing these tests fail: what nobody looked at is not known to work.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.e2e.browsing import (
    LOOKS,
    a_page,
    broken_rules,
    fits_the_screen,
    show,
)

PAGES = (
    ("round", "Round"),
    ("find_a_place", "Find a place"),
    ("who_could_have_a_unit", "Who could have a unit"),
    ("night_pack", "Night pack"),
)


@pytest.mark.parametrize(("screen", "scheme"), LOOKS)
@pytest.mark.parametrize(("path", "title"), PAGES)
def test_a_page_breaks_no_accessibility_rule_and_fits_the_screen(
    browser: Browser, shipped: str, path: str, title: str, screen: str, scheme: str
) -> None:
    with a_page(browser, screen, scheme) as page:
        show(page, shipped, path, title)

        assert broken_rules(page) == []
        assert page.locator("html").get_attribute("lang") == "en"
        assert fits_the_screen(page)
