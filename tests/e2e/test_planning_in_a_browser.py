"""Shortfall, Plan and Figures as a person meets them: in Chromium, on two screens, by day and by night."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.browsing import (
    LOOKS,
    a_page,
    choose_role,
    close_navigation,
    go_to,
    open_tab,
    show,
    sound,
    wait_for_page,
    wait_until_still,
)

TABS = ("By need and region", "30, 45 or 90 days", "In the way", "Sources", "How good")


@pytest.fixture(scope="module")
def address(browser: Browser, shipped: str) -> str:
    """Give the address of the shipped demonstration, once a forecast and a comparison are kept in it."""
    with a_page(browser) as page:
        as_role(page, shipped, "Commissioner", "Shortfall")
        press(page, "Make a new forecast")
        open_tab(page, "30, 45 or 90 days")
        press(page, "Compare 30, 45 and 90 days in 2008")
    return shipped


def as_role(page: Page, address: str, role: str, title: str) -> None:
    """Open the dashboard in a role, at the page where it starts."""
    show(page, address, "", "Today")
    choose_role(page, role)
    wait_for_page(page, title)
    close_navigation(page)


def press(page: Page, label: str) -> None:
    """Press a button, and wait for what it begins."""
    page.get_by_role("button", name=label, exact=True).click()
    page.wait_for_timeout(300)
    wait_until_still(page)
    expect(page.get_by_test_id("stAlert")).to_have_count(0)


@pytest.mark.parametrize(("screen", "scheme"), LOOKS)
def test_a_commissioners_pages_break_no_rule_and_fit_the_screen(
    browser: Browser, address: str, screen: str, scheme: str
) -> None:
    with a_page(browser, screen, scheme) as page:
        as_role(page, address, "Commissioner", "Shortfall")
        expect(page.get_by_role("table", name="At least so many beds")).to_be_visible()
        sound(page)
        for tab in TABS:
            open_tab(page, tab)
            if tab == "How good":
                press(page, "Try the methods on it")
                table = page.get_by_role("table", name="Methods, the lowest CRPS")
                expect(table).to_be_visible()
            sound(page)


@pytest.mark.parametrize(("screen", "scheme"), LOOKS)
def test_a_plan_and_figures_break_no_rule_and_fit_the_screen(
    browser: Browser, address: str, screen: str, scheme: str
) -> None:
    with a_page(browser, screen, scheme) as page:
        as_role(page, address, "Commissioner", "Shortfall")
        go_to(page, "Plan")
        expect(page.get_by_role("heading", name="What moved the number")).to_be_visible()
        sound(page)
        open_tab(page, "Sketch a scenario")
        sound(page)
    with a_page(browser, screen, scheme) as page:
        as_role(page, address, "Analyst", "Figures")
        press(page, "Make the tables from the records as they are")
        expect(page.get_by_role("button", name="Download shortfall.xlsx")).to_be_visible()
        sound(page)
