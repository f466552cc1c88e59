"""The dashboard in a real browser: a server on a database, Chromium at a desk and on a phone, axe.

Chromium is Debian's. Where it is missing these tests fail: what nobody looked at is not known to work. Every
page fails its test when it asks for anything outside this machine.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any, Final
from urllib.request import urlopen

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Request, WebSocket, expect, sync_playwright
from playwright.sync_api import TimeoutError as PlaywrightTimeout

CHROMIUM: Final = Path("/usr/bin/chromium")
CHROMIUM_ARGUMENTS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)
LOCAL: Final = "127.0.0.1"
SERVE: Final = (
    "import sys; from beds.commands.dashboard import serve_dashboard as s; s(sys.argv[1], int(sys.argv[2]))"
)
WCAG_AA: Final = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "resultTypes": ["violations"],
}
SCREENS: Final = {"desk": (1280, 900), "phone": (390, 844)}
SCHEMES: Final = ("light", "dark")
LOOKS: Final = (
    tuple((screen, scheme) for scheme in SCHEMES for screen in SCREENS)
    if "BEDS_TEST_EVERY_LOOK" in os.environ
    else (("desk", "light"), ("phone", "dark"))
)
"""Both widths and both schemes in two looks; `BEDS_TEST_EVERY_LOOK` crosses them."""
MOST_SECONDS_TO_START: Final = 60
LOOKS_AGAIN: Final = 3
MOST_MS_TO_SHOW: Final = 60_000
"""How long anything is waited for: a busy machine is slow, not wrong."""
STILL_MS: Final = 200
"""A click begins a run only once the server has heard of it."""
LOOKS_EVERY_MS: Final = 40
"""Not at each frame: a browser that draws no more than it must is twice as fast."""
STAYS_STILL: Final = """
    ([most, call]) => {
        const app = document.querySelector('[data-testid="stApp"]')
        const still = app !== null && app.dataset.testScriptState === 'notRunning'
            && app.querySelector('[data-testid="stSkeleton"]') === null
        if (window.bedsWaiting?.call !== call) window.bedsWaiting = { call, since: null }
        const waiting = window.bedsWaiting
        waiting.since = still ? waiting.since ?? performance.now() : null
        return still && performance.now() - waiting.since >= most
    }
"""
ROLES: Final = "Try another role"
ROOT: Final = Path(__file__).resolve().parents[2]
_calls = count()

expect.set_options(timeout=MOST_MS_TO_SHOW)


@contextmanager
def serving(folder: Path, url: str, *, port: int | None = None, **settings: str) -> Iterator[str]:
    """Give the address of the dashboard on a database, started as `beds dashboard` starts it.

    Parameters
    ----------
    folder : where the server's log is kept
    port : where it listens; a free one if none is stated
    settings : `BEDS_…` by name, such as `idle_minutes="1"`
    """
    port, log = port or free_port(), folder / "server.log"
    named = {f"BEDS_{name.upper()}": value for name, value in settings.items()}
    with log.open("ab") as output:
        # From another folder: the theme and the settings must be found beside the pages.
        server = subprocess.Popen(
            [sys.executable, "-c", SERVE, url, str(port)],
            cwd=folder,
            env={**os.environ, "BEDS_DEMO": "true", "PYTHONPATH": str(ROOT), **named},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            wait_until_healthy(server, port, log)
            yield f"http://{LOCAL}:{port}"
        finally:
            server.terminate()
            server.wait(timeout=20)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Give Debian's Chromium."""
    assert CHROMIUM.is_file(), "apt-get install --no-install-recommends chromium"
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=list(CHROMIUM_ARGUMENTS))
        yield found
        found.close()


@contextmanager
def a_page(browser: Browser, screen: str = "desk", scheme: str = "light") -> Iterator[Page]:
    """Give an empty page on a screen (`desk`, `phone`), by day or by night, that asks for nothing outside."""
    width, height = SCREENS[screen]
    context = browser.new_context(
        viewport={"width": width, "height": height}, locale="en-GB", reduced_motion="reduce"
    )
    context.set_default_timeout(MOST_MS_TO_SHOW)
    outside: list[str] = []
    context.on("request", lambda asked: _note_outside(asked, outside))
    opened = context.new_page()
    opened.on("websocket", lambda asked: _note_outside(asked, outside))
    opened.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    yield opened
    context.close()
    assert outside == []


def show(page: Page, address: str, path: str, title: str) -> None:
    """Open a page by its address and wait until it has been shown whole."""
    page.goto(f"{address}/{path}")
    wait_for_page(page, title)


def wait_for_page(page: Page, title: str) -> None:
    """Wait until a page has been shown whole: its title, and nothing of it is still being run."""
    expect(page.get_by_role("heading", level=1, name=title)).to_be_visible()
    wait_until_still(page)


def wait_until_still(page: Page, stays_ms: int = STILL_MS) -> None:
    """Wait until the page is made whole, charts too, and for so long no other is begun."""
    page.wait_for_function(STAYS_STILL, arg=[stays_ms, next(_calls)], polling=LOOKS_EVERY_MS)


def choose_role(page: Page, role: str) -> None:
    """Take another role in a demonstration, as its sidebar lets one."""
    open_navigation(page)
    choose_option(page, ROLES, role)


def choose_option(page: Page, question: str, begins: str) -> None:
    """Choose one of a list by the keyboard and a click, by what it is called at its beginning.

    A list that is opened in the moment a page is made anew closes again: it is opened again, as people do.
    """
    list_of_them = page.get_by_role("combobox", name=question, exact=True)
    option = page.get_by_role("option", name=re.compile(f"^{re.escape(begins)}"))
    for _ in range(LOOKS_AGAIN):
        list_of_them.focus()
        page.keyboard.press("ArrowDown")
        try:
            option.first.wait_for(timeout=LOOKS_AGAIN * 1_000)
        except PlaywrightTimeout:
            continue
        break
    option.click()
    wait_until_still(page)


def open_tab(page: Page, name: str) -> None:
    """Open a tab and wait for what is in it."""
    page.get_by_role("tab", name=name).click()
    expect(page.get_by_role("tab", name=name)).to_have_attribute("aria-selected", "true")
    wait_until_still(page)


def sign_in(page: Page, address: str, token: str) -> None:
    """Sign in with a token."""
    show(page, address, "", "Sign in")
    give_the_token(page, token)


def give_the_token(page: Page, token: str) -> None:
    """Give a token to the page that asks for it."""
    page.get_by_role("textbox", name="Your token").fill(token)
    page.keyboard.press("Enter")


def answer(page: Page, question: str, reply: str) -> None:
    """Answer a question that is one of a few; where it is asked of several people, of the last."""
    page.get_by_role("radiogroup", name=question).last.get_by_role("radio", name=reply, exact=True).click()
    wait_until_still(page)


def open_navigation(page: Page) -> None:
    """Let the list of pages be seen: on a phone it lies beside the screen."""
    opens = page.get_by_test_id("stExpandSidebarButton")
    if opens.is_visible():
        opens.click()
        page.wait_for_timeout(500)


def close_navigation(page: Page) -> None:
    """Let the list of pages lie beside the screen, as it does on a phone until somebody opens it."""
    opens = page.get_by_test_id("stExpandSidebarButton")
    if not opens.is_visible():
        page.get_by_test_id("stSidebarHeader").hover()
        page.get_by_test_id("stSidebarCollapseButton").get_by_role("button").click()
        expect(opens).to_be_visible()


def go_to(page: Page, title: str) -> None:
    """Go to a page by the navigation."""
    open_navigation(page)
    page.get_by_test_id("stSidebar").get_by_role("link", name=title, exact=True).click()
    wait_for_page(page, title)


def visit(page: Page, title: str, role: str = "Coordinator") -> None:
    """Go to a page of a demonstration in a role; on a phone the list of pages is put aside again."""
    on_a_phone = page.get_by_test_id("stExpandSidebarButton").is_visible()
    open_navigation(page)
    if page.get_by_role("combobox", name=ROLES).input_value() != role:
        choose_role(page, role)
    go_to(page, title)
    if on_a_phone:
        close_navigation(page)


def sound(page: Page) -> None:
    """Hold a page to WCAG 2.2 AA and to the width of its screen."""
    found = broken_rules(page)
    assert found == [], found
    assert fits_the_screen(page)


def broken_rules(page: Page) -> list[tuple[str, list[str]]]:
    """Return which rules of WCAG 2.2 AA a page breaks by axe, and where.

    A part that is just being refreshed may be caught half faded: what is found is looked for again.
    """
    found = _violations(page)
    for _ in range(LOOKS_AGAIN):
        if not found:
            break
        page.wait_for_timeout(1_500)
        wait_until_still(page)
        found = _violations(page)
    return [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found]


def _violations(page: Page) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = Axe().run(page, options=WCAG_AA).response["violations"]
    return found


def fits_the_screen(page: Page) -> bool:
    """Return whether nothing of a page is wider than the screen."""
    main = page.get_by_test_id("stMain")
    return bool(main.evaluate("main => main.scrollWidth <= main.clientWidth"))


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((LOCAL, 0))
        port: int = probe.getsockname()[1]
    return port


def wait_until_healthy(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Wait until a server that was started answers."""
    until = time.monotonic() + MOST_SECONDS_TO_START
    while time.monotonic() < until and server.poll() is None:
        try:
            with urlopen(f"http://{LOCAL}:{port}/_stcore/health", timeout=2) as answer:
                if answer.read() == b"ok":
                    return
        except OSError:
            time.sleep(0.3)
    raise AssertionError(f"the dashboard did not start:\n{log.read_text(errors='replace')}")


def _note_outside(asked: Request | WebSocket, outside: list[str]) -> None:
    if not asked.url.startswith((f"http://{LOCAL}:", f"ws://{LOCAL}:", "data:", "blob:")):
        outside.append(asked.url)
