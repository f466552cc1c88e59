"""The night pack and who could have a unit: tables that print, and the way on to Find a place."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from beds.domain.estate import Estate
from beds.domain.terms import Gender, Priority, ReferralStatus
from beds.roles import Role
from tests.builders import CLOCK, NOON, a_bed, a_hold, a_person, a_referral, a_site, a_small_estate, a_unit
from tests.demonstrations import a_demonstration, an_empty_database, the_shipped_demonstration
from tests.integration.dashboard_pages import has_page, markup_of, opened, pseudo, text_of, untranslated
from tests.integration.pages_at_work import press

NIGHT, UNIT = "night_pack", "who_could_have_a_unit"


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Give the shipped demonstration, which these pages only read."""
    return the_shipped_demonstration(tmp_path_factory.mktemp("shipped"))


def a_night() -> Estate:
    """Return one who waits, one who is held, a man who has nowhere, and two units."""
    return a_small_estate(
        sites=(a_site(name="Rose House"),),
        units=(a_unit(), a_unit("U2")),
        beds=(a_bed(), a_bed("B2", "U2")),
        referrals=(
            a_referral(no_shelter_tonight=True),
            a_referral("R2", status=ReferralStatus.HELD),
            a_referral("R3", priority=Priority.URGENT),
        ),
        people=(a_person(), a_person("A2", "R2"), a_person("A3", "R3", gender=Gender.MALE)),
        holds=(a_hold("R2", "B2", expires_at=NOON + timedelta(hours=3)),),
    )


def test_the_night_is_on_one_page(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    text = text_of(opened(monkeypatch, a_demonstration(tmp_path, a_night(), CLOCK), NIGHT))

    assert "The night of 3 Mar 2026" in text
    assert "R1 Emergency 2 days U1 U1* London (25) No shelter tonight." in text
    assert "R3 Urgent 2 days No unit anywhere meets every need" in text
    assert "S1 London Not on record 1 1 emergency Never" in text
    assert re.search(r"HR-2B2|R-?2\S* U2 London R2 3 Mar 2026, 15:00 London", text)
    assert "As at 3 Mar 2026, 12:0" in text


def test_the_night_pack_names_nobody_and_no_house(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    app = opened(monkeypatch, a_demonstration(tmp_path, a_night(), CLOCK), NIGHT)

    assert "Rose House" not in markup_of(app)
    assert "Print this page" in markup_of(app)


def test_how_many_are_listed_can_be_chosen(monkeypatch: pytest.MonkeyPatch, shipped: str) -> None:
    app = opened(monkeypatch, shipped, NIGHT)
    rows = r'<th role="rowheader"[^>]*><span>R\d'
    assert len(re.findall(rows, markup_of(app))) == 20
    assert re.search(r"\d+ more wait behind them\.", text_of(app))

    app.selectbox(key="how many").select(200).run()

    assert len(re.findall(rows, markup_of(app))) > 100
    assert "behind them" not in text_of(app)


def test_a_unit_shows_who_could_have_it_and_why_not_the_others(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    app = opened(monkeypatch, a_demonstration(tmp_path, a_night(), CLOCK), UNIT)

    assert app.selectbox(key="unit").options == ["U1 · London · own door · 1 bed · step-free"]
    text = text_of(app)
    assert "1 household could have it now" in text
    assert "R1 Emergency 2 2 Apr 2026 25 More security than needed (10 points)" in text
    assert "R3 Urgent 2 Does not admit everybody" in text


def test_a_unit_that_is_not_vacant_can_be_asked_about_too(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    app = opened(monkeypatch, a_demonstration(tmp_path, a_night(), CLOCK), UNIT)

    app.toggle(key="all units").set_value(True).run()
    app.selectbox(key="unit").select("U2").run()

    assert "Nobody who waits could have U2 now" in text_of(app)
    assert "No room over the stay" in text_of(app)


def test_from_a_unit_the_way_leads_to_a_household(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    app = opened(monkeypatch, a_demonstration(tmp_path, a_night(), CLOCK), UNIT)

    app = press(app, "Find a place for R1")

    assert app.title[0].value == "Find a place"
    assert app.selectbox(key="household").value == "R1"


def test_many_candidates_are_counted_beyond_the_first(monkeypatch: pytest.MonkeyPatch, shipped: str) -> None:
    app = opened(monkeypatch, shipped, UNIT)

    text = text_of(app.toggle(key="all units").set_value(True).run())

    assert re.search(r"And \d+ more\.", text)


@pytest.mark.parametrize(
    ("page", "sentence"),
    [(NIGHT, "Nobody waits for a place tonight."), (UNIT, "There is no unit yet.")],
)
def test_nothing_at_all_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, page: str, sentence: str
) -> None:
    assert sentence in text_of(opened(monkeypatch, an_empty_database(tmp_path), page))


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.COORDINATOR])
@pytest.mark.parametrize("page", [NIGHT, UNIT])
def test_who_sees_no_case_has_no_such_page(
    monkeypatch: pytest.MonkeyPatch, shipped: str, role: Role, page: str
) -> None:
    assert not has_page(opened(monkeypatch, shipped, role=role), page)


@pytest.mark.parametrize("page", [NIGHT, UNIT])
def test_every_word_goes_through_the_table_of_languages(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, page: str
) -> None:
    app = pseudo(monkeypatch, a_demonstration(tmp_path, a_night(), CLOCK), page)

    assert untranslated(app) == []
