"""The page Round: proof, proposals accepted or set aside, a round run around choices, what has changed."""

from __future__ import annotations

import re
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from beds.domain.clock import Clock
from beds.domain.estate import Estate
from beds.domain.records.rounds import ProposalState
from beds.domain.terms import Nation, Priority
from beds.roles import Role
from beds.services.round_changes import Change
from beds.synthesis import SYNTHETIC_AS_AT, synthesise
from dashboard.round_words import CHANGES, NEXT_STEPS, SET_ASIDE_REASONS, STATES
from tests.builders import CLOCK, NOON, a_bed, a_person, a_referral, a_site, a_small_estate, a_unit
from tests.demonstrations import a_demonstration, an_empty_database, the_shipped_demonstration
from tests.integration.dashboard_pages import has_page, markup_of, opened, pseudo, text_of, untranslated
from tests.integration.live import count, stored
from tests.integration.pages_at_work import engine_of, press, pressed

PAGE = "round"
MOST_SECONDS = 120


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Give the shipped demonstration, which these pages only read."""
    return the_shipped_demonstration(tmp_path_factory.mktemp("shipped"))


def three_for_two(**tables: Any) -> Estate:
    """Return three women who wait, R3 an emergency and R1 the longest, for two units of one bed."""
    return a_small_estate(
        **{
            "units": (a_unit(), a_unit("U2")),
            "beds": (a_bed(), a_bed("B2", "U2")),
            "referrals": (
                a_referral(received_at=NOON - timedelta(days=9)),
                a_referral("R2"),
                a_referral("R3", priority=Priority.EMERGENCY),
            ),
            "people": (a_person(), a_person("A2", "R2"), a_person("A3", "R3")),
            **tables,
        }
    )


def at_work(monkeypatch: pytest.MonkeyPatch, folder: Path, estate: Estate | None = None) -> AppTest:
    """Return the page on a demonstration with a round."""
    return opened(monkeypatch, a_demonstration(folder, estate or three_for_two(), CLOCK), PAGE)


def until_done(app: AppTest) -> AppTest:
    """Look at the page again and again until the round that is being run is done."""
    deadline = time.monotonic() + MOST_SECONDS
    while pressed(app, "Stop the round") or "A round is being run" in text_of(app):
        assert time.monotonic() < deadline
        time.sleep(0.1)
        app = app.run()
    return app


def test_the_proof_the_levels_and_everybody_are_shown(monkeypatch: pytest.MonkeyPatch, shipped: str) -> None:
    app = opened(monkeypatch, shipped, PAGE)

    text = text_of(app)
    assert "Optimal: proven at all five levels." in text
    assert "5. Mismatch points (fewer is better)" in text
    proposed, others = (int(re.sub(r"\D", "", tab.label)) for tab in app.tabs[:2])
    assert f"{proposed} households can be placed {others} cannot yet" in text
    assert len(re.findall(r'<th role="rowheader"[^>]*><span>R\d', markup_of(app))) == proposed + others
    assert re.search(r"\d+ units open up if they agree to a place in \w+\.", text)
    assert re.search(r"have room but are ruled out by ", text)
    (chart,) = app.get("vega_lite_chart")
    assert "Households by what became of them" in str(chart.proto)
    assert "The same in numbers" in text


def test_a_round_cut_short_says_how_far_from_the_best_it_may_be(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    url = a_demonstration(tmp_path, three_for_two(), CLOCK)
    with engine_of(tmp_path) as engine:
        weaken(engine)

    text = text_of(opened(monkeypatch, url, PAGE))

    assert (
        "Not proven, the time was up: within 2 of the best possible at level 1, emergency households placed."
        in text
    )
    assert re.search(r"Mismatch points \(fewer is better\) \d+ Not known", text)


def weaken(engine: Any) -> None:
    """Let the stored round look like one that was cut short, two emergencies from its bound."""
    import json

    from beds.database import METADATA, writing

    table = METADATA.tables["allocation_round"]
    with writing(engine) as session:
        row = session.execute(table.select()).one()
        result = json.loads(row.result)
        levels = result["objective"]
        result |= {
            "status": "feasible",
            "bound": {**dict.fromkeys(levels), "emergency": levels["emergency"] + 2},
        }
        session.execute(table.update().values(status="feasible", result=json.dumps(result)))


def test_some_proposals_are_accepted_and_become_holds(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    app = at_work(monkeypatch, tmp_path)
    (some,) = [one for one in app.multiselect if one.label == "Or choose some"]
    (of_r3,) = [words for words in some.options if words.startswith("R3 in ")]

    app = press(some.select(of_r3).run(), "Accept 1 chosen")

    assert re.search(r"1 bed is held: R3 U\d \([\w-]{7}\)\.", app.success[0].value)
    assert "2 April" not in text_of(app)
    assert "Accepted" in text_of(app)
    assert pressed(app, "Accept the one open proposal")
    with engine_of(tmp_path) as engine:
        assert stored(engine, "hold", "referral_id") == ["R3"]


def test_all_are_accepted_at_once_and_what_is_refused_is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    app = at_work(monkeypatch, tmp_path)
    with engine_of(tmp_path) as engine:
        spoil(engine)

    app = press(app, "Accept all 2 open proposals")

    assert "1 bed is held: " in app.success[0].value
    assert "This has changed since the round: " in app.warning[0].value
    with engine_of(tmp_path) as engine:
        assert count(engine, "hold") == 1


def spoil(engine: Any) -> None:
    """Let R3 need a security that no house has."""
    from sqlalchemy import text

    from beds.database import writing

    with writing(engine) as session:
        session.execute(text("UPDATE site SET security_level = 1"))
        session.execute(text("UPDATE referral SET needed_from = '2026-04-09' WHERE referral_id = 'R3'"))


def test_a_proposal_is_set_aside_for_a_reason(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    app = at_work(monkeypatch, tmp_path)
    (some,) = [one for one in app.multiselect if one.label == "Or choose some"]

    app = press(some.select(some.options[0]).run(), "Set 1 aside")

    assert app.success[0].value == "1 proposal is set aside."
    with engine_of(tmp_path) as engine:
        assert sorted(stored(engine, "proposal", "state")) == ["proposed", "set_aside"]


def test_a_round_is_run_around_a_choice_and_says_what_has_changed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    app = at_work(monkeypatch, tmp_path)
    app.toggle(key="own choice").set_value(True).run()
    (waiting,) = [words for words in app.selectbox(key="own household").options if words.startswith("R2")]
    app.selectbox(key="own household").select_index(
        app.selectbox(key="own household").options.index(waiting)
    ).run()
    app.selectbox(key="own unit R2").select("U1").run()
    app = press(app, "Keep this choice")
    assert app.multiselect(key="choices to keep").value == [("R2", "U1")]

    app = until_done(press(app, "Run again with these kept"))

    assert re.match(r"The round is done, after \d+ seconds: 2 proposals\.", app.success[0].value)
    text = text_of(app)
    assert "Optimal around 1 choice that was kept: proven at all five levels." in text
    assert "Open, kept by choice" in text
    assert "Against the round of 3 Mar 2026, 12:0" in text
    assert "R2 Placed now Free units went to others first in line U1" in text
    with engine_of(tmp_path) as engine:
        assert count(engine, "allocation_round") == 2


def test_a_choice_that_breaks_a_rule_is_refused_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    app = at_work(monkeypatch, tmp_path)
    app.session_state["own choices"] = [("R1", "U1"), ("R2", "U1")]
    app.run()
    app.multiselect(key="choices to keep").select("R1 in U1").select("R2 in U1").run()

    app = until_done(press(app, "Run again with these kept"))

    assert "R2 cannot be kept in U1 beside the others that are kept" in app.warning[0].value
    with engine_of(tmp_path) as engine:
        assert count(engine, "allocation_round") == 1


def test_a_round_that_is_stopped_changes_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    many = synthesise(150, 400, 2)  # its round takes long enough to be stopped
    url = a_demonstration(tmp_path, many, Clock(SYNTHETIC_AS_AT), time_limit_s=1)
    app = press(opened(monkeypatch, url, PAGE), "Run a round")
    assert "A round is being run" in text_of(app)

    app = press(app, "Stop the round")

    assert app.warning[0].value == "The round was stopped; nothing was changed."
    with engine_of(tmp_path) as engine:
        assert count(engine, "allocation_round") == 1
        assert set(stored(engine, "proposal", "state")) == {"proposed"}


def test_one_round_that_places_everybody_and_has_none_before_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    text = text_of(at_work(monkeypatch, tmp_path, a_small_estate()))

    assert "1 household can be placed 0 cannot yet" in text
    assert "Everybody who took part has a place in this round." in text
    assert "This is the first round." in text


def test_a_round_that_places_nobody_says_where_to_read_why(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    nowhere = Estate(referrals=(a_referral(),), people=(a_person(),))

    text = text_of(at_work(monkeypatch, tmp_path, nowhere))

    assert "Nobody can be placed in this round." in text
    assert "No unit anywhere meets every need" in text


def test_a_round_of_nobody_at_all_is_a_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    text = text_of(at_work(monkeypatch, tmp_path, Estate()))

    assert "Nobody was waiting at the time of this round." in text


def test_no_round_at_all_is_a_sentence_and_one_can_be_run(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    app = opened(monkeypatch, an_empty_database(tmp_path), PAGE)

    assert "There is no round yet. Run one: it takes no bed, and people decide." in text_of(app)
    assert pressed(app, "Run a round")
    assert not app.get("vega_lite_chart")


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.COORDINATOR])
def test_who_sees_no_case_has_no_such_page(monkeypatch: pytest.MonkeyPatch, shipped: str, role: Role) -> None:
    assert not has_page(opened(monkeypatch, shipped, role=role), PAGE)


def test_every_word_goes_through_the_table_of_languages(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    estate = three_for_two(sites=(a_site(), a_site("S2", nation=Nation.SCOTLAND, region="S92000003")))

    app = pseudo(monkeypatch, a_demonstration(tmp_path, estate, CLOCK), PAGE)

    assert untranslated(app) == []


def test_every_code_has_its_words() -> None:
    from beds.services.steps import require_word

    assert set(STATES) == set(ProposalState)
    assert set(CHANGES) == set(Change)
    assert len(NEXT_STEPS) == 4
    for reason in SET_ASIDE_REASONS:
        require_word("reason", reason)
