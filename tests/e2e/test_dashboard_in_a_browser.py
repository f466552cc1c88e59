"""The pages as a person meets them: Chromium, at a desk and on a phone, by day and by night.

Chromium is Debian's. Where it is missing these tests fail: what nobody looked at is not known to work.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.e2e.browsing import sound, visit


@pytest.mark.parametrize("title", ["Round", "Find a place", "Who could have a unit", "Night pack"])
def test_a_page_breaks_no_accessibility_rule_and_fits_the_screen(tour: Page, title: str) -> None:
    visit(tour, title)

    sound(tour)
    assert tour.locator("html").get_attribute("lang") == "en"
