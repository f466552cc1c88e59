"""A coordinator's clicks: hold, a "no", another hold, taking it up; two who race; a round run and stopped."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from beds.domain.clock import Clock
from beds.domain.estate import Estate
from beds.synthesis import SYNTHETIC_AS_AT, synthesise
from tests.builders import CLOCK, a_bed, a_person, a_referral, a_site, a_unit
from tests.demonstrations import a_demonstration
from tests.e2e.browsing import (
    a_page,
    broken_rules,
    choose_option,
    fits_the_screen,
    go_to,
    serving,
    show,
    wait_until_still,
)

HOUSEHOLDS, HOUSES = 6, 5
"""A household for each test that does something."""


def houses() -> Estate:
    """Return women who wait, each as urgent as the others, and five houses of two units."""
    refs = [f"R{n}" for n in range(1, HOUSEHOLDS + 1)]
    sites = [a_site(f"S{n}", region=f"E1200000{n}") for n in range(1, HOUSES + 1)]
    units = [a_unit(f"{site.site_id}-U{m}", site.site_id) for site in sites for m in (1, 2)]
    return Estate(
        sites=tuple(sites),
        units=tuple(units),
        beds=tuple(a_bed(f"{unit.unit_id}-B1", unit.unit_id) for unit in units),
        referrals=tuple(a_referral(ref) for ref in refs),
        people=tuple(a_person(f"A-{ref}", ref) for ref in refs),
    )


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of the dashboard on a few houses."""
    folder = tmp_path_factory.mktemp("houses")
    with serving(folder, a_demonstration(folder, houses(), CLOCK)) as found:
        yield found


@pytest.fixture(scope="module")
def page(browser: Browser, address: str) -> Iterator[Page]:
    """Give a page at a desk, signed in as a coordinator."""
    with a_page(browser) as found:
        show(found, address, "", "Today")
        yield found


def choose(page: Page, household: str) -> None:
    """Choose a household on Find a place."""
    choose_option(page, "Household, by priority and then the longest wait", f"{household} ·")
    choice = page.get_by_role("combobox", name="Household")
    expect(choice).to_have_value(f"{household} · standard · waited 2 days")


def press(page: Page, label: str) -> None:
    """Press a button."""
    page.get_by_role("button", name=label, exact=True).click()


def said(page: Page, words: str) -> None:
    """Wait until a sentence is there."""
    expect(page.get_by_text(words).first).to_be_visible()


def open_up(page: Page, label: str) -> None:
    """Open a part that is folded up, by keyboard."""
    page.locator("summary", has_text=label).focus()
    page.keyboard.press("Enter")
    expect(page.locator("details", has_text=label).last).to_have_attribute("open", "")
    page.wait_for_timeout(400)  # it slides open: what is in it moves until then


def test_a_hold_a_no_another_hold_and_taking_it_up(page: Page) -> None:
    go_to(page, "Find a place")
    choose(page, "R1")

    press(page, "Hold S1-U1")
    said(page, "S1-U1 is held for R1 until")
    wait_until_still(page)
    open_up(page, "Record a “no”")
    choose_option(page, "Why", "Sharing")
    said(page, "The site is not offered to her for a week")
    assert broken_rules(page) == []
    press(page, "Record the “no”")
    said(page, "The “no” to S1 is on record.")
    expect(page.get_by_role("button", name="Hold S1-U1")).to_have_count(0)
    press(page, "Hold S2-U1")
    said(page, "S2-U1 is held for R1 until")
    press(page, "Take it up: she is coming")

    said(page, "R1 is expected in S2-U1, until 2 Apr 2026.")
    next_in_line = page.get_by_role("combobox", name="Household")
    expect(next_in_line).to_have_value(re.compile("^R[2-6] · standard"))
    whose = next_in_line.input_value().partition(" · ")[0]
    expect(page.get_by_role("heading", name=f"{whose}: 9 units would do now")).to_be_visible()


def test_two_who_race_for_one_bed_get_it_once_and_the_other_hears_the_next_best(
    browser: Browser, address: str
) -> None:
    with a_page(browser) as one, a_page(browser) as other:
        for who, household in ((one, "R2"), (other, "R3")):
            show(who, address, "find_a_place", "Find a place")
            choose(who, household)
        press(one, "Hold S3-U1")
        press(other, "Hold S3-U1")

        said(one, "S3-U1 is held for R2 until")
        said(other, "The bed has just been taken, or there is no room there now. The next best is S")


def test_one_click_after_another_places_one_hold(page: Page) -> None:
    go_to(page, "Find a place")
    choose(page, "R4")

    page.get_by_role("button", name="Hold S4-U1", exact=True).dblclick()

    said(page, "S4-U1 is held for R4 until")
    wait_until_still(page)
    expect(page.get_by_role("heading", name="S4-U1 is held")).to_have_count(1)
    expect(page.get_by_text("no place can be claimed")).to_have_count(0)


def test_everything_is_done_by_keyboard_on_a_phone_at_night(browser: Browser, address: str) -> None:
    with a_page(browser, "phone", "dark") as page:
        show(page, address, "find_a_place", "Find a place")
        choose(page, "R5")

        best = page.get_by_role("button", name=re.compile("^Hold S")).first
        unit = best.inner_text().removeprefix("Hold ")
        best.focus()
        page.keyboard.press("Enter")
        said(page, f"{unit} is held for R5 until")
        wait_until_still(page)
        open_up(page, "Give it back")
        page.get_by_role("button", name="Give the hold back").focus()
        page.keyboard.press("Space")
        said(page, f"{unit} is free again; R5 waits, in the same place in line.")

        wait_until_still(page)
        assert broken_rules(page) == []
        assert fits_the_screen(page)


def test_proposals_are_accepted_and_a_round_is_run_again(page: Page) -> None:
    go_to(page, "Round")
    choose_option(page, "Or choose some", "R6 in ")
    page.keyboard.press("Escape")
    press(page, "Accept 1 chosen")
    said(page, "1 bed is held: R6 S")

    press(page, "Run a round")
    said(page, "The round is done, after")

    tab = page.get_by_role("tab", name="Changes")
    tab.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("table", name="Households whose answer is another one")).to_contain_text("R6")
    wait_until_still(page)
    assert broken_rules(page) == []
    assert fits_the_screen(page)


def test_a_round_is_stopped_and_the_night_is_printed_without_its_buttons(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("shipped")
    many = synthesise(200, 500, 1)  # its round takes long enough to be stopped
    url = a_demonstration(folder, many, Clock(SYNTHETIC_AS_AT), time_limit_s=1)
    with serving(folder, url) as address, a_page(browser) as page:
        show(page, address, "round", "Round")
        press(page, "Run a round")
        press(page, "Stop the round")
        said(page, "The round was stopped; nothing was changed.")
        expect(page.get_by_role("button", name="Run a round")).to_be_visible()

        show(page, address, "night_pack", "Night pack")
        page.emulate_media(media="print")

        expect(page.get_by_role("button", name="Print this page")).to_be_hidden()
        expect(page.get_by_role("table", name="Phone in this order")).to_be_visible()
