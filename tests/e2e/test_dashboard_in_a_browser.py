"""The pages as a person meets them: Chromium, at a desk and on a phone, by day and by night.

Chromium is Debian's. Where it is missing these tests fail: what nobody looked at is not known to work.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Request, WebSocket, expect, sync_playwright

from tests.demonstrations import the_shipped_demonstration

CHROMIUM = Path("/usr/bin/chromium")
CHROMIUM_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)
LOCAL = "127.0.0.1"
SERVE = (
    "import sys; from beds.commands.dashboard import serve_dashboard as s; s(sys.argv[1], int(sys.argv[2]))"
)
WCAG_AA = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "resultTypes": ["violations"],
}
PAGES = (("", "Round"), ("find_a_place", "Find a place"), ("who_could_have_a_unit", "Who could have a unit"))
SCREENS = {"desk": (1280, 900), "phone": (390, 844)}
MOST_SECONDS_TO_START = 60
MOST_MS_TO_SHOW = 20_000


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of the dashboard on the shipped demonstration, started as `beds demo` starts it."""
    folder = tmp_path_factory.mktemp("dashboard")
    url, port = the_shipped_demonstration(folder), _free_port()
    log = folder / "server.log"
    with log.open("wb") as output:
        # From another folder: the theme and the settings must be found beside the pages.
        server = subprocess.Popen(
            [sys.executable, "-c", SERVE, url, str(port)],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait_until_healthy(server, port, log)
            yield f"http://{LOCAL}:{port}"
        finally:
            server.terminate()
            server.wait(timeout=20)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Give Debian's Chromium."""
    assert CHROMIUM.is_file(), "apt-get install --no-install-recommends chromium"
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=list(CHROMIUM_ARGUMENTS))
        yield found
        found.close()


@pytest.fixture(params=SCREENS)
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    """Give an empty page on each screen in turn; it must ask for nothing outside this machine."""
    width, height = SCREENS[request.param]
    context = browser.new_context(viewport={"width": width, "height": height}, locale="en-GB")
    outside: list[str] = []
    context.on("request", lambda asked: _note_outside(asked, outside))
    opened = context.new_page()
    opened.on("websocket", lambda asked: _note_outside(asked, outside))
    yield opened
    context.close()
    assert outside == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("path", "title"), PAGES)
def test_a_page_breaks_no_accessibility_rule_and_fits_the_screen(
    page: Page, address: str, path: str, title: str, scheme: str
) -> None:
    page.emulate_media(color_scheme=scheme)

    show(page, address, path, title)

    broken = Axe().run(page, options=WCAG_AA).response["violations"]
    assert [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in broken] == []
    assert page.locator("html").get_attribute("lang") == "en"
    main = page.get_by_test_id("stMain")
    assert main.evaluate("main => main.scrollWidth <= main.clientWidth")


def test_the_round_is_read_by_keyboard(page: Page, address: str) -> None:
    show(page, address, "", "Round")

    page.get_by_role("tab", name="Proposed").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")

    expect(page.get_by_role("tab", name="Not placed")).to_have_attribute("aria-selected", "true")
    table = page.get_by_role("table", name="Not placed, the most urgent first")
    expect(table).to_be_visible()
    expect(table.get_by_text("if they agree to crossing the border").first).to_be_visible()


def test_the_chart_is_drawn_and_has_words(page: Page, address: str) -> None:
    show(page, address, "", "Round")

    chart = page.get_by_test_id("stVegaLiteChart")
    expect(chart.locator("canvas, svg").first).to_be_visible(timeout=MOST_MS_TO_SHOW)
    expect(page.get_by_label("Households by what became of them").first).to_be_attached()


def test_a_household_is_found_by_keyboard_and_by_what_its_reference_contains(
    page: Page, address: str
) -> None:
    show(page, address, "find_a_place", "Find a place")

    choice = page.get_by_role("combobox")
    choice.focus()
    choice.fill("R0082")
    expect(page.get_by_role("option")).to_have_count(1)
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Nowhere now")).to_be_visible(timeout=MOST_MS_TO_SHOW)
    expect(page.get_by_text("1 unit opens up if they agree")).to_be_visible()


def show(page: Page, address: str, path: str, title: str) -> None:
    """Open a page and wait until it has been shown whole."""
    page.goto(f"{address}/{path}")
    expect(page.get_by_role("heading", level=1, name=title)).to_be_visible(timeout=MOST_MS_TO_SHOW)
    expect(page.locator(".beds-caption").first).to_be_visible(timeout=MOST_MS_TO_SHOW)
    expect(page.get_by_test_id("stApp")).to_have_attribute(
        "data-test-script-state", "notRunning", timeout=MOST_MS_TO_SHOW
    )
    expect(page.get_by_role("note")).to_contain_text("SYNTHETIC DATA")


def _note_outside(asked: Request | WebSocket, outside: list[str]) -> None:
    if not asked.url.startswith((f"http://{LOCAL}:", f"ws://{LOCAL}:", "data:", "blob:")):
        outside.append(asked.url)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOCAL, 0))
        port: int = probe.getsockname()[1]
    return port


def _wait_until_healthy(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    until = time.monotonic() + MOST_SECONDS_TO_START
    while time.monotonic() < until and server.poll() is None:
        try:
            with urlopen(f"http://{LOCAL}:{port}/_stcore/health", timeout=2) as answer:
                if answer.read() == b"ok":
                    return
        except OSError:
            time.sleep(0.3)
    pytest.fail(f"the dashboard did not start:\n{log.read_text(errors='replace')}")
