"""The page Find a place: cards, a hold with one click, a "no", taking it up, and why not elsewhere."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from beds.domain.estate import Estate
from beds.domain.terms import Nation, Priority, ReferralStatus
from beds.roles import Role
from beds.services.claims import PREFERENCES
from beds.services.keyed_holds import place_hold_once
from dashboard.place_words import (
    DECLINE_REASONS,
    HOLD_REASONS,
    NEEDS_MET,
    OVERRIDE_REASONS,
    RELEASE_REASONS,
    WHO_SAID_NO,
    WHY_NOT,
)
from tests.builders import CLOCK, a_bed, a_person, a_referral, a_site, a_small_estate, a_unit
from tests.demonstrations import a_demonstration, an_empty_database, the_shipped_demonstration
from tests.integration.dashboard_pages import has_page, markup_of, opened, pseudo, text_of, untranslated
from tests.integration.live import ALL_NATIONS, change, count, status_of, stored, the_policy
from tests.integration.pages_at_work import engine_of, press, pressed
from tests.truth_case import another_site, with_sites

PAGE = "find_a_place"
HOUSEHOLD = "household"


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Give the shipped demonstration, which these pages only read."""
    return the_shipped_demonstration(tmp_path_factory.mktemp("shipped"))


def two_places(**referral: Any) -> Estate:
    """Return R1, who could have U1 or U2 of another site, and R2, who could have U1 or U2 too."""
    estate = a_small_estate(
        referrals=(a_referral(**referral), a_referral("R2", priority=Priority.URGENT)),
        people=(a_person(), a_person("A2", "R2")),
    )
    return with_sites(estate, another_site("S2", region="E12000002", security_level=3))


def at_work(
    monkeypatch: pytest.MonkeyPatch, folder: Path, estate: Estate | None = None, who: str = "R1"
) -> AppTest:
    """Return the page on a demonstration of two places, at a household."""
    url = a_demonstration(folder, estate or two_places(), CLOCK)
    app = opened(monkeypatch, url, PAGE)
    return app.selectbox(key=HOUSEHOLD).select(who).run()


def test_places_are_cards_with_what_they_meet_lack_and_cost(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    text = text_of(at_work(monkeypatch, tmp_path, two_places(min_security_level=2)))

    assert "2 units would do now" in text
    first, second = text.index("1. U1 in London"), text.index("2. U2 in North West")
    assert first < second
    assert "Best fit Phone first 15 points" in text
    assert "Needs met in the nation of the referral admits everybody in the household secure enough" in text
    assert "Not ideal step-free not needed (15 points)" in text
    assert "Others in line Left with a place that suits less: 1 urgent. Households: R2." in text
    assert "1 other who waits could have it and loses nothing." in text


def test_one_click_holds_and_says_until_when_and_which_code(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    app = at_work(monkeypatch, tmp_path)

    app = press(app, "Hold U1")

    said = app.success[0].value
    assert re.search(r"U1 is held for R1 until 3 Mar 2026, 14:0\d London\. The code is [\w-]{7}\.", said)
    assert "U1 is held" in text_of(app)
    assert "1 other unit would do now" in text_of(app)
    assert not pressed(app, "Hold U2")
    with engine_of(tmp_path) as engine:
        assert stored(engine, "hold", "reason") == ["offer_accepted"]


def test_the_reason_that_was_chosen_is_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    app = at_work(monkeypatch, tmp_path)

    app.selectbox(key="hold reason").select("no_shelter_tonight").run()
    press(app, "Hold U2")

    with engine_of(tmp_path) as engine:
        assert stored(engine, "hold", "reason") == ["no_shelter_tonight"]


def test_a_preference_that_is_not_met_needs_a_reason_of_its_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    app = at_work(monkeypatch, tmp_path, two_places(preferred_regions=frozenset({"E12000002"})))

    app = press(app, "Hold U1")

    assert "preferences are not met: region" in app.error[0].value.lower()
    with engine_of(tmp_path) as engine:
        assert count(engine, "hold") == 0
    app = press(app.selectbox(key="override R1 U1 region").select("she_agrees").run(), "Hold U1")
    assert "U1 is held for R1" in app.success[0].value


def test_a_bed_that_somebody_else_took_names_the_next_best(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    app = at_work(monkeypatch, tmp_path)
    with engine_of(tmp_path) as engine:
        change(
            engine,
            place_hold_once,
            ALL_NATIONS,
            "another-desk",
            "R2",
            "U1",
            reason="offer_accepted",
            policy=the_policy(),
        )

    app = press(app, "Hold U1")

    assert app.error[0].value == (
        "The bed has just been taken, or there is no room there now. The next best is U2 in North West."
    )
    assert pressed(app, "Hold U2")


@pytest.mark.parametrize("held", ["U1", "U2"])
def test_who_asks_for_what_is_held_for_her_already_hears_that_it_is_held(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, held: str
) -> None:
    app = at_work(monkeypatch, tmp_path)
    with engine_of(tmp_path) as engine:
        terms = {"reason": "offer_accepted", "policy": the_policy()}
        overrides = dict.fromkeys(PREFERENCES, "she_agrees")
        change(engine, place_hold_once, ALL_NATIONS, "k", "R1", held, overrides=overrides, **terms)

    app = press(app, "Hold U1")

    if held == "U1":
        assert "U1 is held for R1 until" in app.success[0].value
        assert not app.error
    else:
        assert "no place can be claimed for this household now" in app.error[0].value.lower()
    with engine_of(tmp_path) as engine:
        assert count(engine, "hold") == 1


def test_a_hold_is_taken_up_and_the_household_waits_no_more(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    app = press(at_work(monkeypatch, tmp_path), "Hold U1")

    app = press(app, "Take it up: she is coming")

    assert "R1 is expected in U1, until 2 Apr 2026." in app.success[0].value
    assert app.selectbox(key=HOUSEHOLD).options == ["R2 · urgent · waited 2 days"]
    with engine_of(tmp_path) as engine:
        assert status_of(engine) is ReferralStatus.PLACED


def test_a_hold_is_given_back(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    app = press(at_work(monkeypatch, tmp_path), "Hold U1")

    app = press(app, "Give the hold back")

    assert "U1 is free again; R1 waits, in the same place in line." in app.success[0].value
    assert pressed(app, "Hold U1")


def test_a_no_says_what_follows_before_it_is_recorded_and_after(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    app = press(at_work(monkeypatch, tmp_path), "Hold U1")
    app.selectbox(key="why declined hold survivor").select("too_near").run()
    assert "The site is never offered to her again" in text_of(app)

    app = press(app, "Record the “no”")

    assert "The “no” to S1 is on record." in app.success[0].value
    text = text_of(app)
    assert "A “no” that still stands S1: she said no, too near to danger; for good." in text
    assert "There was a “no” to it that still stands" in text
    assert not pressed(app, "Hold U1")


def test_a_providers_no_to_a_site_is_recorded_without_a_hold(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    app = at_work(monkeypatch, tmp_path)
    app.selectbox(key="declined site").select("S2").run()
    app.radio(key="who declines site").set_value("provider").run()
    app.selectbox(key="why declined site provider").select("staffing").run()

    app = press(app, "Record the “no”")

    assert "not proposed for this household for two nights" in app.success[0].value
    assert "1 unit would do now" in text_of(app)


def test_two_places_are_put_side_by_side_where_they_differ(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    app = at_work(monkeypatch, tmp_path, two_places(min_security_level=2))

    app.toggle(key="compare R1").set_value(True).run()

    text = text_of(app)
    assert "Where the two differ" in text
    assert "Fits Number 1, 15 points Number 2, 25 points" in text
    assert "The same in both: until: 2 Apr 2026" in text
    app.selectbox(key="other side R1").select("U1").run()
    assert "Choose two different places." in app.info[0].value


def test_what_would_open_more_places_names_the_other_nation(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    abroad = with_sites(
        a_small_estate(referrals=(a_referral(cross_border=None),)),
        another_site("S2", nation=Nation.SCOTLAND, region="S92000003"),
    )

    text = text_of(at_work(monkeypatch, tmp_path, abroad))

    assert (
        "To talk over with them 1 unit opens up if they agree to a place in Scotland. "
        "This was not yet asked." in text
    )
    assert "S2 Scotland Across the border, which was not agreed" in text


def test_a_household_with_nowhere_to_go_is_told_why_and_when(
    monkeypatch: pytest.MonkeyPatch, shipped: str
) -> None:
    app = opened(monkeypatch, shipped, PAGE)

    text = text_of(app.selectbox(key=HOUSEHOLD).select("R0082").run())

    assert "nowhere now: units that would do are all taken" in text
    assert "Not before 12 Dec 2026; that is no promise." in text
    assert "1 unit opens up if they agree to a place without a service asked for." in text
    assert "Gaps in the estate: nobody is asked to waive these" in text


def test_a_household_that_no_round_places_is_told_what_to_ask(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    unknown = a_small_estate(people=(a_person(age=None),))

    text = text_of(at_work(monkeypatch, tmp_path, unknown))

    assert "nowhere now: an age is not yet asked" in text
    assert "An age: nobody is placed until it is known." in text


def test_every_other_site_says_why_not_and_all_can_be_shown(
    monkeypatch: pytest.MonkeyPatch, shipped: str
) -> None:
    app = opened(monkeypatch, shipped, PAGE)
    rows = r'<th role="rowheader"[^>]*><span>S\d'
    assert len(re.findall(rows, markup_of(app))) == 10

    (everything,) = [toggle for toggle in app.toggle if toggle.label.startswith("Show all")]
    app = everything.set_value(True).run()

    in_all = int(everything.label.split()[2])
    assert len(re.findall(rows, markup_of(app))) == in_all
    assert in_all > 40


def test_one_further_down_the_list_is_looked_at_closely(
    monkeypatch: pytest.MonkeyPatch, shipped: str
) -> None:
    app = opened(monkeypatch, shipped, PAGE)
    app = app.selectbox(key=HOUSEHOLD).select("R0089").run()
    another = app.selectbox(key="another place R0089")

    app = another.select(another.options[10]).run()

    assert f"17. {another.options[10]} in " in text_of(app)


def test_keeping_apart_is_never_given_as_a_reason(monkeypatch: pytest.MonkeyPatch, shipped: str) -> None:
    app = opened(monkeypatch, shipped, PAGE)

    text = text_of(app.selectbox(key=HOUSEHOLD).select("R0010").run())

    assert "apart" not in text.lower()


def test_who_was_asked_for_and_waits_no_more_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    url = a_demonstration(tmp_path, two_places(), CLOCK)
    app = opened(monkeypatch, url, "today")
    app.session_state[HOUSEHOLD] = "R9"

    app.switch_page(f"views/{PAGE}.py").run()

    assert app.info[0].value == "R9 does not wait for a place any more."


def test_nobody_who_waits_is_a_sentence_with_the_next_step(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    app = opened(monkeypatch, an_empty_database(tmp_path), PAGE)

    assert "Nobody is waiting. When a household is referred, it is found here." in text_of(app)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.COORDINATOR])
def test_who_sees_no_case_has_no_such_page(monkeypatch: pytest.MonkeyPatch, shipped: str, role: Role) -> None:
    app = opened(monkeypatch, shipped, role=role)

    assert not has_page(app, PAGE)


def test_every_word_goes_through_the_table_of_languages(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    app = pseudo(monkeypatch, a_demonstration(tmp_path, two_places(cross_border=None), CLOCK), PAGE)
    assert untranslated(app) == []

    (button,) = [button for button in app.button if "Hold" in button.label and "U2" not in str(button.key)]
    app = button.click().run()

    assert untranslated(app) == []


def test_every_code_has_its_words() -> None:
    from beds.domain.declining import reasons_of
    from beds.domain.eligibility import RULES
    from beds.domain.needs_asked import NEED_RULES
    from beds.services.steps import require_word

    assert set(NEEDS_MET) == set(NEED_RULES)
    assert set(WHY_NOT) == {rule.code for rule in RULES} - {"keep_apart"}
    assert {reason for side in WHO_SAID_NO for reason in reasons_of(side)} == set(DECLINE_REASONS)
    assert set(PREFERENCES) == {"interim", "language", "region"}
    for reason in (*HOLD_REASONS, *OVERRIDE_REASONS, *RELEASE_REASONS):
        require_word("reason", reason)


def test_what_a_record_says_is_never_markup(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    named = "<b onclick=x>U1</b>"
    estate = Estate(
        sites=(a_site(),),
        units=(a_unit(named),),
        beds=(a_bed("B1", named),),
        referrals=(a_referral(),),
        people=(a_person(),),
    )

    app = at_work(monkeypatch, tmp_path, estate)

    assert named not in markup_of(app)
    assert named in text_of(app)
