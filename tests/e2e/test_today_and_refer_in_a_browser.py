"""Today, Refer and signing in as a person meets them: in Chromium, on two screens, by day and by night."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from beds.roles import Role
from tests.demonstrations import Live
from tests.e2e.browsing import (
    LOOKS,
    a_page,
    answer,
    show,
    sound,
    visit,
    wait_for_page,
    wait_until_still,
)


def test_today_and_refer_break_no_rule_and_fit_the_screen(tour: Page) -> None:
    visit(tour, "Today")
    expect(tour.get_by_role("heading", name="What needs a decision next")).to_be_visible()
    expect(tour.get_by_role("heading", name="Phone first")).to_be_visible()
    sound(tour)
    visit(tour, "Refer")
    answer(tour, "Where are they now?", "England")
    answer(tour, "Gender", "Woman")
    tour.get_by_role("button", name="Add a child").click()
    expect(tour.get_by_role("heading", name="Child 1")).to_be_visible()
    wait_until_still(tour)
    tour.get_by_role("button", name="Record this referral").click()
    expect(tour.get_by_text("Choose one, or take them out.").first).to_be_visible()
    wait_until_still(tour)
    sound(tour)


def test_a_provider_s_night_breaks_no_rule_and_fits_the_screen(tour: Page) -> None:
    visit(tour, "Today", "Provider")
    expect(tour.get_by_text("Your houses tonight")).to_be_visible()
    sound(tour)


@pytest.mark.parametrize(("screen", "scheme"), LOOKS)
def test_signing_in_breaks_no_rule_and_fits_the_screen(
    browser: Browser, live: tuple[str, Live], screen: str, scheme: str
) -> None:
    with a_page(browser, screen, scheme) as page:
        show(page, live[0], "", "Sign in")
        sound(page)


def test_a_referral_is_recorded_by_keyboard_and_counted_as_it_is_typed(
    browser: Browser, shipped: str
) -> None:
    with a_page(browser) as page:
        show(page, shipped, "refer", "Refer")
        page.get_by_role("radiogroup", name="Where are they now?").get_by_role("radio").first.focus()
        page.keyboard.press("Space")
        answer(page, "Gender", "Woman")
        page.get_by_label("Age in years").first.fill("31")
        page.keyboard.press("Tab")
        expect(page.get_by_text(re.compile(r"would do now"))).to_be_visible()
        languages = page.get_by_role("combobox", name="Languages they speak")
        languages.focus()
        languages.fill("alban")
        page.keyboard.press("Enter")
        page.keyboard.press("Escape")
        expect(page.get_by_text("Albanian").first).to_be_visible()

        page.get_by_role("button", name="Record this referral").focus()
        page.keyboard.press("Enter")

        expect(page.get_by_text(re.compile(r"Recorded under ref-[0-9a-f]{10}"))).to_be_visible()
        page.get_by_role("button", name=re.compile("Find a place for ref-")).click()
        wait_for_page(page, "Find a place")


def test_what_is_typed_stays_while_the_page_refreshes_itself(browser: Browser, shipped: str) -> None:
    with a_page(browser) as page:
        show(page, shipped, "refer", "Refer")
        age = page.get_by_label("Age in years").first
        age.fill("4")

        page.wait_for_timeout(23_000)  # longer than the frame takes to look again

        expect(age).to_have_value("4")
        expect(age).to_be_focused()


def test_a_token_signs_in_and_the_visit_is_over_after_signing_out(
    browser: Browser, live: tuple[str, Live]
) -> None:
    address, database = live
    with a_page(browser) as page:
        show(page, address, "round", "Sign in")
        page.get_by_test_id("stTextInputField").fill(database.tokens[Role.COORDINATOR])
        page.keyboard.press("Enter")
        wait_for_page(page, "Round")
        expect(page.get_by_text("Somebody, coordinator")).to_be_visible()

        page.get_by_role("button", name="Sign out").click()

        wait_for_page(page, "Sign in")
        expect(page.get_by_text("You signed out.")).to_be_visible()
