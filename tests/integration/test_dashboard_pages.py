"""Every page on a full demonstration, on small ones, on an empty one, and on a live database."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest

from beds.domain.estate import Estate
from tests.builders import CLOCK, a_bed, a_person, a_referral, a_site, a_unit
from tests.demonstrations import a_demonstration, an_empty_database, the_shipped_demonstration
from tests.integration.dashboard_pages import markup_of, opened, text_of

PAGES = ("round", "find_a_place", "who_could_have_a_unit")


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Give the shipped demonstration, which the pages only read."""
    return the_shipped_demonstration(tmp_path_factory.mktemp("shipped"))


def alone(**changes: object) -> Estate:
    """Return one household that is waiting, and nowhere to go."""
    return Estate(referrals=(a_referral(**changes),), people=(a_person(),))


def one_each(**changes: object) -> Estate:
    """Return one household that is waiting, and one unit with a bed."""
    return alone(**changes).with_rows(sites=[a_site()], units=[a_unit()], beds=[a_bed()])


@pytest.mark.parametrize("page", PAGES)
def test_every_table_is_followed_by_as_at_and_source(
    monkeypatch: pytest.MonkeyPatch, shipped: str, page: str
) -> None:
    text = text_of(opened(monkeypatch, shipped, page))

    assert re.search(r"As at 23 Nov 2026, 18:\d\d London\.", text)
    assert re.search(r"Source: .* synthetic", text)


@pytest.mark.parametrize(
    ("page", "sentence"),
    [
        (PAGES[0], "There is no round yet."),
        (PAGES[1], "Nobody is waiting."),
        (PAGES[2], "There is no unit yet."),
    ],
)
def test_an_empty_database_is_a_sentence_with_the_next_step(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, page: str, sentence: str
) -> None:
    url = an_empty_database(tmp_path)

    app = opened(monkeypatch, url, page)

    assert sentence in text_of(app)
    assert not app.get("vega_lite_chart")


def test_what_a_record_says_is_never_markup(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    named = "<b onclick=x>R1</b>"
    url = a_demonstration(
        tmp_path, one_each(referral_id=named).with_rows(people=[a_person(referral_id=named)]), CLOCK
    )

    app = opened(monkeypatch, url, PAGES[0])

    assert named not in markup_of(app)
    assert named in unescape(markup_of(app))
