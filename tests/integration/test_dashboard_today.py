"""The page Today: for a coordinator the queue and the estate, for a provider their own houses."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from beds.domain.estate import Estate
from beds.domain.terms import ReferralStatus
from beds.roles import Role
from tests.builders import (
    CLOCK,
    NOON,
    TODAY,
    a_bed,
    a_hold,
    a_person,
    a_placement,
    a_referral,
    a_site,
    a_small_estate,
    a_unit,
)
from tests.demonstrations import a_demonstration, an_empty_database, the_shipped_demonstration
from tests.integration.dashboard_pages import has_page, markup_of, opened, pseudo, text_of, untranslated

PAGE = "today"
READING = (Role.COORDINATOR, Role.PROVIDER)


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Give the shipped demonstration, which these pages only read."""
    return the_shipped_demonstration(tmp_path_factory.mktemp("shipped"))


def one_each(**referral: object) -> Estate:
    """Return a household that waits, one that is held, one that stays past its end, and a unit left."""
    return a_small_estate(
        units=[a_unit(), a_unit("U2"), a_unit("U3")],
        beds=[a_bed(), a_bed("B2", "U2"), a_bed("B3", "U3")],
        referrals=[
            a_referral(**referral),
            a_referral("R2", status=ReferralStatus.HELD),
            a_referral("R3", status=ReferralStatus.PLACED),
        ],
        people=[a_person(), a_person("A2", "R2"), a_person("A3", "R3")],
        holds=[a_hold("R2", "B2", expires_at=NOON + timedelta(minutes=20))],
        placements=[a_placement("R3", "B3", starts_on=TODAY - timedelta(days=9), expected_end_on=TODAY)],
    )


def press(app: AppTest, label: str) -> AppTest:
    """Press a button."""
    return next(button for button in app.button if button.label == label).click().run()


def test_a_coordinator_sees_what_is_urgent_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    url = a_demonstration(tmp_path, one_each(no_shelter_tonight=True), CLOCK)

    text = text_of(opened(monkeypatch, url, PAGE))

    assert "1 household cannot wait and has no place held. R1." in text
    assert "1 hold runs out soon. R2. The first by 3 Mar 2026, 12:20 London." in text
    assert "1 stay is past its expected end" in text
    assert "1 waiting 1 of them emergencies 1 without shelter tonight 0 at risk of detention" in text
    assert "1 units vacant" in text
    assert text.index("cannot wait") < text.index("runs out soon") < text.index("past its expected end")


def test_holds_say_how_long_they_last(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    url = a_demonstration(tmp_path, one_each(), CLOCK)

    app = opened(monkeypatch, url, PAGE)

    assert '<span class="beds-tag warning">19 minutes</span>' in markup_of(app)
    assert "Held, 19 minutes left" in text_of(app)


def test_whom_to_phone_says_whom_it_could_help(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    url = a_demonstration(tmp_path, one_each(), CLOCK)

    text = text_of(opened(monkeypatch, url, PAGE))

    assert "S1 No number on record: P1 Never 1 1 standard" in text


def test_a_night_at_rest_is_sentences_with_the_next_step(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    text = text_of(opened(monkeypatch, an_empty_database(tmp_path), PAGE))

    for sentence in (
        "Nothing needs a decision now.",
        "Nobody is waiting.",
        "No bed is held.",
        "There is no site yet.",
        "Every house with room has confirmed it lately.",
    ):
        assert sentence in text


def test_many_are_in_line_and_the_first_come_first(monkeypatch: pytest.MonkeyPatch, shipped: str) -> None:
    app = opened(monkeypatch, shipped, PAGE)

    text = text_of(app)
    (everybody,) = (one for one in app.toggle if one.key == "all who wait")
    assert everybody.label == "Show all 150"
    assert markup_of(app).count("R0") < markup_of(everybody.set_value(True).run()).count("R0") - 100
    assert "Recovery period, open until the decision" in text
    assert "at risk of detention" in text
    assert "020 7946 0" in text
    (chart,) = app.get("vega_lite_chart")
    assert "London: " in str(chart.proto)


@pytest.mark.parametrize("role", READING)
def test_every_figure_says_when_it_holds_and_where_it_is_from(
    monkeypatch: pytest.MonkeyPatch, shipped: str, role: Role
) -> None:
    text = text_of(opened(monkeypatch, shipped, PAGE, role=role))

    assert text.count("As at 23 Nov 2026, 18:0") >= 3
    assert text.count("Source: the demonstration’s records, which are synthetic.") >= 3


def test_a_provider_sees_their_own_houses_and_no_case(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    estate = one_each(no_shelter_tonight=True).with_rows(
        sites=[a_site(name="Own house"), a_site("S2", provider_id="P2", name="Another house")]
    )
    url = a_demonstration(tmp_path, estate, CLOCK)

    text = text_of(opened(monkeypatch, url, PAGE, role=Role.PROVIDER))

    assert "Own house" in text
    assert "Another house" not in text
    assert "Household R2, from 3 Mar 2026 until 2 Apr 2026." in text
    assert "R3 U3 22 Feb 2026 3 Mar 2026 Past its end" in text
    assert "R1" not in text
    assert "shelter" not in text


def test_a_provider_confirms_what_is_vacant(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    url = a_demonstration(tmp_path, one_each(), CLOCK)
    app = opened(monkeypatch, url, PAGE, role=Role.PROVIDER)
    assert "Confirmed: never." in text_of(app)

    press(app, "What is shown as vacant is vacant")

    assert "Confirmed: within the hour." in text_of(app)


def test_a_provider_who_cannot_take_them_says_why(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    url = a_demonstration(tmp_path, one_each(), CLOCK)
    app = opened(monkeypatch, url, PAGE, role=Role.PROVIDER)

    press(app, "Give the bed back")
    assert "Choose why not" in text_of(app)
    app.radio[0].set_value("staffing").run()
    press(app, "Give the bed back")

    assert "No bed of yours is held." in text_of(app)
    assert [toast.value for toast in app.toast] == [
        "The site is not proposed for this household for two nights; then there is another rota."
    ]


def test_a_provider_records_who_came(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    estate = one_each().with_rows(
        placements=[a_placement("R3", "B3", starts_on=TODAY, expected_end_on=TODAY + timedelta(days=9))]
    )
    url = a_demonstration(tmp_path, estate, CLOCK)
    expect_arrival(url)
    app = opened(monkeypatch, url, PAGE, role=Role.PROVIDER)
    assert "1 household should have arrived: did they come?" in text_of(app)

    press(app, "They have arrived")

    assert "Nobody is expected." in text_of(app)


def expect_arrival(url: str) -> None:
    """Let the stay of an estate be one that is expected to begin."""
    from beds.database import METADATA, connect, writing
    from beds.settings import Settings

    engine = connect(Settings(database_url=url, demo=True))
    with writing(engine) as session:
        session.execute(METADATA.tables["placement"].update().values(state="expected"))
    engine.dispose()


@pytest.mark.parametrize("role", [role for role in Role if role not in READING])
def test_who_sees_neither_cases_nor_stays_has_no_such_page(
    monkeypatch: pytest.MonkeyPatch, shipped: str, role: Role
) -> None:
    assert not has_page(opened(monkeypatch, shipped, role=role), PAGE)


@pytest.mark.parametrize("role", READING)
def test_every_word_goes_through_the_tables_of_languages(
    monkeypatch: pytest.MonkeyPatch, shipped: str, role: Role
) -> None:
    assert untranslated(pseudo(monkeypatch, shipped, PAGE, role=role)) == []
