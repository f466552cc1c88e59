"""The night of the service's transcript, by clicks alone; the server is killed in the middle of it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from beds.roles import Role
from tests.demonstrations import (
    Live,
    a_live_database,
    a_token_of_a_provider,
    the_shipped_demonstration,
)
from tests.e2e.a_night import houses
from tests.e2e.browsing import (
    a_page,
    answer,
    choose_option,
    free_port,
    give_the_token,
    go_to,
    serving,
    show,
    sign_in,
    wait_for_page,
    wait_until_still,
)


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Live:
    """Give a live database of two houses in England and one in Scotland, and its people."""
    return a_live_database(tmp_path_factory.mktemp("night"), houses())


def sign_in_at_the_desk(page: Page, address: str, token: str) -> None:
    """Sign in where the navigation stands beside the page."""
    sign_in(page, address, token)
    wait_until_in(page)


def wait_until_in(page: Page) -> None:
    """Wait until somebody is signed in."""
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    wait_until_still(page)


def press(page: Page, label: str) -> None:
    """Press a button."""
    page.get_by_role("button", name=label, exact=True).click()
    wait_until_still(page)


def said(page: Page, words: str | re.Pattern[str]) -> None:
    """Wait until a sentence is there."""
    expect(page.get_by_text(words).first).to_be_visible()


def refer(page: Page) -> str:
    """Record a mother without shelter and her child, and return the reference of the case."""
    go_to(page, "Refer")
    answer(page, "Where are they now?", "England")
    answer(page, "Without shelter tonight?", "Yes")
    answer(page, "Gender", "Woman")
    page.get_by_label("Age in years").first.fill("29")
    languages = page.get_by_role("combobox", name="Languages they speak")
    languages.fill("alban")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    press(page, "Add a child")
    answer(page, "Gender", "Girl")
    page.get_by_label("Age in years").last.fill("4")
    page.keyboard.press("Tab")
    answer(page, "How secure must the place be?", "Enhanced")
    answer(page, "Risk to others, as assessed", "Low")
    answer(page, "Is a step-free place needed?", "No")
    said(page, re.compile("2 units would do now"))
    press(page, "Record this referral")
    said(page, "It waits in line from now.")
    found = re.search(r"ref-[0-9a-f]{10}", page.get_by_text("Recorded under").inner_text())
    assert found is not None
    return found.group()


def choose_household(page: Page, referral: str) -> None:
    """Choose a household on the page Find a place."""
    go_to(page, "Find a place")
    expect(page.get_by_role("combobox", name="Household, by")).to_have_value(re.compile(referral))


def test_from_referral_to_move_on_by_clicks_though_the_server_is_killed(
    browser: Browser, live: Live, tmp_path: Path
) -> None:
    port = free_port()
    second_house = a_token_of_a_provider(live.url, "P2")
    with a_page(browser) as desk, a_page(browser, "phone", "dark") as house, a_page(browser) as audit:
        with serving(tmp_path, live.url, port=port) as address:
            sign_in_at_the_desk(desk, address, live.tokens[Role.COORDINATOR])
            referral = refer(desk)
            press(desk, f"Find a place for {referral}")
            press(desk, "Hold U1")
            said(desk, f"U1 is held for {referral} until")

            sign_in_on_a_phone(house, address, live.tokens[Role.PROVIDER])
            press(house, "We cannot take them")
            house.get_by_text("Not enough staff tonight").click()
            press(house, "Give the bed back")
            said(house, "No bed of yours is held.")

            choose_household(desk, referral)
            said(desk, "U2")
            expect(desk.get_by_role("button", name="Hold U1")).to_have_count(0)
            press(desk, "Hold U2")
            said(desk, f"U2 is held for {referral} until")

        with serving(tmp_path, live.url, port=port) as address:
            wait_for_page(desk, "Sign in")
            give_the_token(desk, live.tokens[Role.COORDINATOR])
            wait_until_in(desk)
            choose_household(desk, referral)
            said(desk, "U2 is held")
            press(desk, "Take it up: she is coming")
            said(desk, f"{referral} is expected in U2, until")

            wait_for_page(house, "Sign in")
            sign_in_on_a_phone(house, address, second_house)
            press(house, "They have arrived")
            said(house, "Nobody is expected.")

            extend(desk)
            said(desk, f"Recorded: {referral} stays until")

            show_departure(house)
            said(house, f"Recorded: the departure of {referral}.")

            sign_in_at_the_desk(audit, address, live.tokens[Role.AUDITOR])
            said(audit, re.compile("departure recorded", re.IGNORECASE))
    assert_nothing_personal_is_in(tmp_path / "server.log", live, second_house)


def sign_in_on_a_phone(page: Page, address: str, token: str) -> None:
    """Sign in where the navigation lies beside the screen."""
    sign_in(page, address, token)
    wait_for_page(page, "Today")


def extend(page: Page) -> None:
    """State a later end for the stay in the second house."""
    go_to(page, "House")
    choose_option(page, "House, by reference or name", "S2")
    expect(page.get_by_role("region", name="S2, night by night")).to_be_visible()
    wait_until_still(page)
    end = datetime.now(UTC).date() + timedelta(days=60)
    page.get_by_role("spinbutton", name="day, New end").focus()
    page.keyboard.type(f"{end:%d%m%Y}")
    press(page, "Keep the new end")


def show_departure(page: Page) -> None:
    """Record, on a phone, that everybody has left."""
    go_to(page, "House")
    expect(page.get_by_test_id("stExpandSidebarButton")).to_be_visible()
    page.get_by_role("button", name="Record the departure").click()
    wait_until_still(page)


def assert_nothing_personal_is_in(log: Path, live: Live, token: str) -> None:
    """Require that no name and no token is in what the server wrote."""
    written = log.read_text(errors="replace")
    assert "Somebody" not in written
    assert not [secret for secret in (*live.tokens.values(), token) if secret in written]


def test_what_was_typed_is_still_there_after_the_server_was_started_anew(
    browser: Browser, tmp_path: Path
) -> None:
    url, port = the_shipped_demonstration(tmp_path), free_port()
    with a_page(browser) as page:
        with serving(tmp_path, url, port=port) as address:
            show(page, address, "refer", "Refer")
            answer(page, "Where are they now?", "England")
            answer(page, "Gender", "Woman")
            page.get_by_label("Age in years").first.fill("31")
            page.keyboard.press("Tab")
            wait_until_still(page)
        app = page.get_by_test_id("stApp")
        expect(app).not_to_have_attribute("data-test-connection-state", "CONNECTED")
        with serving(tmp_path, url, port=port):
            expect(app).to_have_attribute("data-test-connection-state", "CONNECTED")
            wait_until_still(page)
            expect(page.get_by_text(re.compile("would do now"))).to_be_visible()
            wait_until_still(page)

            expect(page.get_by_label("Age in years").first).to_have_value("31")
            press(page, "Record this referral")
            said(page, "It waits in line from now.")
