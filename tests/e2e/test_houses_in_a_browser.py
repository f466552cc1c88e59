"""Beds, House, Audit and People as a person meets them: in Chromium, on two screens, by day and by night."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from beds.roles import Role
from tests.builders import CLOCK
from tests.demonstrations import Live, a_demonstration
from tests.e2e.browsing import (
    a_page,
    choose_option,
    open_tab,
    serving,
    show,
    sign_in,
    sound,
    visit,
    wait_for_page,
    wait_until_still,
)
from tests.integration.houses import two_houses

TOKEN = re.compile(r"beds_[\w-]{20,}")


@pytest.fixture(scope="module")
def houses(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of the dashboard on two houses, in which things are recorded."""
    folder = tmp_path_factory.mktemp("houses")
    with serving(folder, a_demonstration(folder, two_houses(), CLOCK)) as found:
        yield found


def bar(page: Page, words: str) -> Locator:
    """Return the bars of the timeline that say something."""
    return page.locator(".beds-bar", has_text=words)


def done(page: Page, words: str) -> None:
    """Wait until it is said that something was done."""
    expect(page.get_by_role("status").filter(has_text=words)).to_be_visible()
    wait_until_still(page)


def test_beds_and_a_house_break_no_rule_and_fit_the_screen(tour: Page) -> None:
    visit(tour, "Beds")
    expect(tour.get_by_role("list", name="Occupancy by region")).to_be_visible()
    expect(tour.locator(".beds-house")).to_have_count(20)
    sound(tour)
    visit(tour, "House")
    expect(tour.get_by_role("region", name="S001, night by night")).to_be_visible()
    sound(tour)
    for tab in ("Closures", "Stock"):
        open_tab(tour, tab)
        sound(tour)


@pytest.mark.parametrize(
    ("role", "title", "tab"),
    [("Auditor", "Audit", "Is it whole?"), ("Admin", "People and settings", "Settings")],
)
def test_audit_and_people_break_no_rule_and_fit_the_screen(
    tour: Page, role: str, title: str, tab: str
) -> None:
    visit(tour, title, role)
    sound(tour)
    open_tab(tour, tab)
    sound(tour)


def test_a_house_is_opened_from_the_list_and_its_nights_are_moved_by_keyboard(
    browser: Browser, shipped: str
) -> None:
    with a_page(browser, "phone") as page:
        show(page, shipped, "beds", "Beds")
        page.get_by_role("link", name="S003").focus()
        page.keyboard.press("Enter")
        wait_for_page(page, "House")

        page.get_by_role("region", name="S003, night by night").focus()
        for _ in range(6):
            page.keyboard.press("ArrowRight")

        page.wait_for_function("document.querySelector('.beds-nights').scrollLeft > 100")
        chosen = page.get_by_role("combobox", name="House, by reference or name")
        expect(chosen).to_have_value(re.compile("S003"))


def test_a_bed_is_closed_by_clicks_and_the_timeline_changes(browser: Browser, houses: str) -> None:
    with a_page(browser) as page:
        show(page, houses, "site?site=S1", "House")
        expect(bar(page, "Closed, broken window")).to_have_count(0)
        open_tab(page, "Closures")
        page.get_by_role("button", name="Close the beds").click()
        expect(page.get_by_role("alert").filter(has_text="Choose at least one.")).to_be_visible()
        choose_option(page, "Beds", "B4")
        page.keyboard.press("Escape")
        page.get_by_role("combobox", name="Reason").fill("Broken window")
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Close the beds").click()

        done(page, "Closed: 1 bed.")
        expect(bar(page, "Closed, broken window, nights of 3 Mar 2026")).to_have_count(1)
        expect(bar(page, "Closed, broken window")).to_contain_text("C")
        expect(page.get_by_role("combobox", name="Reason")).to_have_value("")
        expect(page.get_by_label("Remove B4")).to_have_count(0)


def test_who_left_is_recorded_and_the_bed_is_vacant(browser: Browser, houses: str) -> None:
    with a_page(browser) as page:
        show(page, houses, "site?site=S1", "House")
        expect(page.get_by_text("R4 comes on 5 Mar 2026 to a bed that R2 is still in")).to_be_visible()
        expect(bar(page, "stayed on")).to_have_count(1)

        page.get_by_role("button", name="Record the departure").click()

        done(page, "the departure of R2")
        expect(bar(page, "stayed on")).to_have_count(0)


def test_two_browsers_that_change_one_site_collide_in_words(browser: Browser, houses: str) -> None:
    with a_page(browser) as one, a_page(browser) as other:
        for page, name in ((one, "The first name"), (other, "The second name")):
            show(page, houses, "site?site=S2", "House")
            open_tab(page, "Stock")
            page.get_by_role("textbox", name="Name, for those who see the site").fill(name)
        one.get_by_role("button", name="Save the site").click()
        done(one, "Saved.")

        other.get_by_role("button", name="Save the site").click()

        late = other.get_by_text("Somebody else has changed this since you read it: look at it again.")
        expect(late).to_be_visible()
        typed = other.get_by_role("textbox", name="Name, for those who see the site")
        expect(typed).to_have_value("The second name")
        other.get_by_role("button", name="Show it as it is now").click()
        expect(late).to_have_count(0)
        wait_until_still(other)
        expect(typed).to_have_value("The first name")


def test_a_person_is_added_signs_in_with_the_token_and_is_revoked(
    browser: Browser, live: tuple[str, Live]
) -> None:
    address, people = live
    with a_page(browser) as admin, a_page(browser) as new:
        sign_in(admin, address, people.tokens[Role.ADMIN])
        wait_for_page(admin, "People and settings")
        admin.get_by_role("textbox", name="Name").fill("Ada New")
        admin.get_by_role("button", name="Add and show the token").click()
        shown = admin.get_by_test_id("stCode")
        expect(shown).to_contain_text("beds_")
        expect(admin.get_by_role("textbox", name="Name")).to_have_value("")
        sound(admin)
        found = TOKEN.search(shown.inner_text().replace("\n", ""))
        assert found is not None

        sign_in(new, address, found.group())
        expect(new.get_by_text("Ada New")).to_be_visible()
        choose_option(admin, "Person", "Ada New")
        expect(shown).to_have_count(0)
        admin.get_by_text("Revoke Ada New and every token of theirs").click()
        admin.get_by_role("button", name="Revoke", exact=True).click()
        done(admin, "Revoked:")

        new.reload()
        expect(new.get_by_role("heading", level=1, name="Sign in")).to_be_visible()
