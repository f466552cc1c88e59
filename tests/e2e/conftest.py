"""One browser, and one server of the shipped demonstration for tests that only read it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.demonstrations import the_shipped_demonstration
from tests.e2e.browsing import chromium, serving


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
