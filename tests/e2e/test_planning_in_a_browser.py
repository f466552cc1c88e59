"""Shortfall, Plan and Figures as a person meets them: in Chromium, on two screens, by day and by night."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.browsing import a_page, open_tab, show, sound, visit, wait_until_still

TABS = ("By need and region", "30, 45 or 90 days", "In the way", "Sources")


@pytest.fixture(scope="module", autouse=True)
def _kept(browser: Browser, shipped: str) -> None:
    """Keep a forecast and a comparison."""
    with a_page(browser) as page:
        show(page, shipped, "", "Today")
        visit(page, "Shortfall", "Commissioner")
        press(page, "Make a new forecast")
        open_tab(page, "30, 45 or 90 days")
        press(page, "Compare 30, 45 and 90 days in 2008")


def press(page: Page, label: str) -> None:
    """Press a button, and wait for what it begins."""
    page.get_by_role("button", name=label, exact=True).click()
    wait_until_still(page)
    expect(page.get_by_test_id("stAlert")).to_have_count(0)


def test_the_shortfall_breaks_no_rule_and_fits_the_screen(tour: Page) -> None:
    visit(tour, "Shortfall", "Commissioner")
    expect(tour.get_by_role("table", name="At least so many beds")).to_be_visible()
    sound(tour)
    for tab in TABS:
        open_tab(tour, tab)
        sound(tour)
    open_tab(tour, "How good")
    press(tour, "Try the methods on it")
    expect(tour.get_by_role("table", name="Methods, the lowest CRPS")).to_be_visible()
    wait_until_still(tour)
    sound(tour)


def test_a_plan_breaks_no_rule_and_fits_the_screen(tour: Page) -> None:
    visit(tour, "Plan", "Commissioner")
    expect(tour.get_by_role("heading", name="What moved the number")).to_be_visible()
    sound(tour)
    open_tab(tour, "Sketch a scenario")
    sound(tour)


def test_figures_break_no_rule_and_fit_the_screen(tour: Page) -> None:
    visit(tour, "Figures", "Analyst")
    press(tour, "Make the tables from the records as they are")
    expect(tour.get_by_role("button", name="Download shortfall.xlsx")).to_be_visible()
    sound(tour)
