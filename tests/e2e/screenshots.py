"""Pictures of pages, to be looked at: `python -m tests.e2e.screenshots OUT PAGE [PAGE …]`.

A page is the name of its view (`round`); each is taken at both widths, by day and by night, whole. Without
`--url` it is the shipped demonstration. Add `--only desk-light` for one picture of each.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from playwright.sync_api import Page

from dashboard.pages import PAGES
from tests.demonstrations import the_shipped_demonstration
from tests.e2e.browsing import (
    SCHEMES,
    SCREENS,
    a_page,
    choose_role,
    chromium,
    close_navigation,
    go_to,
    serving,
    wait_until_still,
)

TALLEST = 6_000


def whole(page: Page, file: Path) -> None:
    """Keep a picture of all of a page: its main part scrolls, so the window is made as tall as that."""
    width = page.viewport_size["width"] if page.viewport_size else SCREENS["desk"][0]
    tall = page.get_by_test_id("stMain").evaluate("main => main.scrollHeight")
    page.set_viewport_size({"width": width, "height": min(max(int(tall), 600), TALLEST)})
    page.wait_for_timeout(600)
    page.screenshot(path=file)


def open_as(page: Page, address: str, path: str, role: str) -> None:
    """Open a page in a role; what another role has not is reached by its own navigation."""
    page.goto(f"{address}/{'' if role else path}")
    page.get_by_role("heading", level=1).wait_for()
    wait_until_still(page)
    if role:
        choose_role(page, role)
        go_to(page, next(row.title for row in PAGES if row.path == path))
        if (page.viewport_size or {})["width"] == SCREENS["phone"][0]:
            close_navigation(page)


def take(out: Path, pages: list[str], *, role: str, url: str, only: str) -> None:
    """Keep pictures of pages in a folder."""
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name, chromium() as browser:
        folder = Path(name)
        with serving(folder, url or the_shipped_demonstration(folder)) as address:
            for screen in SCREENS:
                for scheme in SCHEMES:
                    if only and only != f"{screen}-{scheme}":
                        continue
                    for path in pages:
                        with a_page(browser, screen, scheme) as page:
                            open_as(page, address, path, role)
                            whole(page, out / f"{path or 'start'}-{screen}-{scheme}.png")


def main() -> None:
    """Read what is asked for, and take it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("pages", nargs="+")
    parser.add_argument("--role", default="", help="as the switch of the demonstration names it: Provider")
    parser.add_argument("--url", default="")
    parser.add_argument("--only", default="")
    asked = parser.parse_args()
    take(asked.out, asked.pages, role=asked.role, url=asked.url, only=asked.only)


if __name__ == "__main__":
    main()
