"""Every page on a full demonstration, on small ones, on an empty one, and on a live database."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest

from beds.domain.estate import Estate
from beds.domain.terms import Priority
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


def test_the_round_shows_its_proof_its_levels_and_everybody(
    monkeypatch: pytest.MonkeyPatch, shipped: str
) -> None:
    app = opened(monkeypatch, shipped, PAGES[0])

    text = text_of(app)
    assert "SYNTHETIC DATA" in text
    assert "Optimal: proven at all five levels." in text
    assert "5. Mismatch points (fewer is better)" in text
    proposed, not_placed = (int(re.sub(r"\D", "", tab.label)) for tab in app.tabs)
    assert f"{proposed} households can be placed {not_placed} cannot yet" in text
    assert text.count(" Emergency ") >= 10
    assert len(re.findall(r'<th role="rowheader"[^>]*><span>R\d', markup_of(app))) == proposed + not_placed


def test_the_round_says_in_plain_words_what_would_help(monkeypatch: pytest.MonkeyPatch, shipped: str) -> None:
    text = text_of(opened(monkeypatch, shipped, PAGES[0]))

    assert re.search(r"\d+ units open up if they agree to crossing the border\.", text)
    assert re.search(r"have room but are ruled out by ", text)


def test_the_chart_has_words_for_those_who_do_not_see_it(
    monkeypatch: pytest.MonkeyPatch, shipped: str
) -> None:
    app = opened(monkeypatch, shipped, PAGES[0])

    (chart,) = app.get("vega_lite_chart")
    assert "Households by what became of them" in str(chart.proto)
    assert "The same in numbers" in text_of(app)


@pytest.mark.parametrize("page", PAGES)
def test_every_table_is_followed_by_as_at_and_source(
    monkeypatch: pytest.MonkeyPatch, shipped: str, page: str
) -> None:
    text = text_of(opened(monkeypatch, shipped, page))

    assert "As at 23 Nov 2026, 18:00 London." in text
    assert re.search(r"Source: .* synthetic", text)


def test_a_household_sees_its_options_and_why_not_elsewhere(
    monkeypatch: pytest.MonkeyPatch, shipped: str
) -> None:
    app = opened(monkeypatch, shipped, PAGES[1])

    assert app.selectbox(key="household").options[0].split(" · ")[1] == Priority.EMERGENCY
    text = text_of(app.selectbox(key="household").select("R0003").run())
    assert re.search(r"\d+ units would do now", text)
    assert "How secure the place must be: read as enhanced (level 2)." in text
    assert "Why not elsewhere, rule by rule" in text


def test_a_household_with_nowhere_to_go_sees_what_to_talk_over(
    monkeypatch: pytest.MonkeyPatch, shipped: str
) -> None:
    app = opened(monkeypatch, shipped, PAGES[1])

    text = text_of(app.selectbox(key="household").select("R0082").run())
    assert "Nowhere now: units that would do are all taken" in text
    assert "Not before 12 Dec 2026; that is no promise." in text
    assert (
        "To talk over with them 1 unit opens up if they agree to a place without a service asked for." in text
    )
    assert "Gaps in the estate: nobody is asked to waive these" in text


def test_a_need_that_was_not_asked_is_named_where_asking_it_would_help(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    abroad = one_each(nation="Scotland", cross_border=None)
    url = a_demonstration(tmp_path, abroad, CLOCK)

    text = text_of(opened(monkeypatch, url, PAGES[1]))

    assert "1 unit opens up if they agree to crossing the border. This was not yet asked." in text


def test_keeping_apart_is_never_given_as_a_reason(monkeypatch: pytest.MonkeyPatch, shipped: str) -> None:
    app = opened(monkeypatch, shipped, PAGES[1])

    text = text_of(app.selectbox(key="household").select("R0010").run())
    assert "apart" not in text.lower()


def test_a_unit_shows_who_could_have_it_and_why_not_the_others(
    monkeypatch: pytest.MonkeyPatch, shipped: str
) -> None:
    app = opened(monkeypatch, shipped, PAGES[2])

    text = text_of(app.selectbox(key="unit").select("S014-U03").run())
    assert re.search(r"\d+ households? could have it now", text)
    assert "Could have it, in priority order" in text
    assert "Could not, in priority order" in text


def test_a_round_that_places_one_household_says_that_everybody_has_a_place(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    url = a_demonstration(tmp_path, one_each(), CLOCK)

    text = text_of(opened(monkeypatch, url, PAGES[0]))

    assert "1 household can be placed 0 cannot yet" in text
    assert "Everybody who took part has a place in this round." in text


def test_a_round_that_places_nobody_says_where_to_read_why(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    url = a_demonstration(tmp_path, alone(), CLOCK)

    text = text_of(opened(monkeypatch, url, PAGES[0]))

    assert "Nobody can be placed in this round." in text
    assert "No unit anywhere meets every need" in text


def test_a_round_of_nobody_at_all_is_two_sentences(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    url = a_demonstration(tmp_path, Estate(), CLOCK)

    text = text_of(opened(monkeypatch, url, PAGES[0]))

    assert "Nobody was waiting at the time of this round." in text


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
