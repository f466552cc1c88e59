"""One browser, one server and page of the shipped demonstration, and a live one for each module of tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.builders import a_small_estate
from tests.demonstrations import Live, a_live_database, the_shipped_demonstration
from tests.e2e.browsing import LOOKS, a_page, chromium, serving, show


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Give Debian's Chromium."""
    with chromium() as found:
        yield found


@pytest.fixture(scope="session")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of the shipped demonstration: what is there stays, whatever is added."""
    folder = tmp_path_factory.mktemp("shipped")
    with serving(folder, the_shipped_demonstration(folder)) as found:
        yield found


@pytest.fixture(scope="session", params=LOOKS, ids="-".join)
def tour(request: pytest.FixtureRequest, browser: Browser, shipped: str) -> Iterator[Page]:
    """Give a page of the shipped demonstration in each look; to open it costs more than to go through it."""
    with a_page(browser, *request.param) as page:
        show(page, shipped, "today", "Today")
        yield page


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Live]]:
    """Give the address of the dashboard on a live database, and its people."""
    folder = tmp_path_factory.mktemp("live")
    found = a_live_database(folder, a_small_estate())
    with serving(folder, found.url) as address:
        yield address, found
