"""Audit, and people and settings, without a browser: to whom, by which conditions, and no secret anywhere."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text as statement
from streamlit.testing.v1 import AppTest

from beds.audit import record
from beds.audit_anchor import Head, anchor_of
from beds.database import connect, reading, writing
from beds.read_log import read_log_of
from beds.roles import OPERATOR, Role
from beds.services.people import actor_of_token, list_users
from beds.settings import Settings
from dashboard.people_forms import SHOWN_ONCE
from tests.builders import CLOCK, NOON, a_small_estate
from tests.demonstrations import Live, a_demonstration, a_live_database, an_empty_database
from tests.integration.dashboard_pages import has_page, markup_of, opened, pseudo, text_of, untranslated
from tests.integration.houses import copied, press

PAGES = {"audit": Role.AUDITOR, "people": Role.ADMIN}
MANY = 120
TOKEN = re.compile(r"beds_[\w-]{20,}")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of a demonstration of one site."""
    folder = tmp_path_factory.mktemp("one_site")
    a_demonstration(folder, a_small_estate(), CLOCK)
    return folder


@pytest.fixture
def demo(built: Path, tmp_path: Path) -> str:
    """Give a demonstration of one site, for a test alone."""
    return copied(built, tmp_path)


@pytest.fixture(scope="module")
def built_live(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Live]:
    """Give the folder of a live database with somebody in each role."""
    folder = tmp_path_factory.mktemp("live")
    return folder, a_live_database(folder, a_small_estate())


@pytest.fixture
def live(built_live: tuple[Path, Live], tmp_path: Path) -> Live:
    """Give a live database with somebody in each role, for a test alone."""
    folder, found = built_live
    return replace(found, url=copied(folder, tmp_path))


def many_events(url: str) -> None:
    """Add many events, an hour apart, and a few reads."""
    engine = connect(Settings(database_url=url, demo=True))
    with writing(engine) as session:
        for number in range(MANY):
            record(
                session,
                f"user-{number % 2}",
                "bed_closed" if number % 3 else "site_changed",
                f"bed-{number}",
                {"reason": "works", "beds": ["B1", "B2"], "<b>": True},
                at=NOON + timedelta(hours=number),
                site_id="S1",
            )
    log = read_log_of(engine.dialect)
    log.case_read("user-1", "R1", NOON)
    log.address_read("user-2", "S1", NOON + timedelta(days=2))
    engine.dispose()


def numbers(app: AppTest) -> list[int]:
    """Return the numbers of the rows of the tables of a page."""
    found = re.findall(r'<th role="rowheader"[^>]*><span>([\d,]+)</span>', markup_of(app))
    return [int(number.replace(",", "")) for number in found]


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_for_one_role_alone(
    monkeypatch: pytest.MonkeyPatch, demo: str, page: str, role: Role
) -> None:
    assert has_page(opened(monkeypatch, demo, role=role), page) == (role is PAGES[page])


@pytest.mark.parametrize("page", PAGES)
def test_every_word_goes_through_the_table_of_languages(
    monkeypatch: pytest.MonkeyPatch, demo: str, page: str
) -> None:
    assert untranslated(pseudo(monkeypatch, demo, page, role=PAGES[page])) == []


def test_an_empty_audit_and_nobody_on_record_are_sentences(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    url = an_empty_database(tmp_path)

    audit = text_of(opened(monkeypatch, url, "audit", role=Role.AUDITOR))
    people = text_of(opened(monkeypatch, url, "people", role=Role.ADMIN))

    assert "No event is like that. Leave out one of the conditions." in audit
    assert "No read is like that." in audit
    assert "Nobody is on record yet. Add the first person below." in people


def test_events_say_who_did_what_about_which_reference(monkeypatch: pytest.MonkeyPatch, demo: str) -> None:
    many_events(demo)

    app = opened(monkeypatch, demo, "audit", role=Role.AUDITOR)

    assert "user-1 Bed closed bed-119 S1 <b>: yes; beds: B1, B2; reason: works" in text_of(app)
    assert "<b>:" not in markup_of(app)
    assert "As at" in text_of(app)


def test_many_events_come_newest_first_a_page_at_a_time(monkeypatch: pytest.MonkeyPatch, demo: str) -> None:
    many_events(demo)
    app = opened(monkeypatch, demo, "audit", role=Role.AUDITOR)
    first = numbers(app)[:50]

    second = numbers(press(app, "Older"))[:50]
    back = numbers(press(app, "Newer"))[:50]

    assert first == list(range(first[0], first[0] - 50, -1))
    assert second[0] == first[-1] - 1
    assert back == first


def test_events_are_found_by_who_what_which_and_when(monkeypatch: pytest.MonkeyPatch, demo: str) -> None:
    many_events(demo)
    app = opened(monkeypatch, demo, "audit", role=Role.AUDITOR)
    press(app, "Older")

    app.text_input(key="event who").input(" user-1 ").run()
    app.selectbox(key="event what").select("site_changed").run()
    app.date_input(key="event from").set_value((NOON + timedelta(days=1)).date()).run()
    app.date_input(key="event to").set_value((NOON + timedelta(days=1)).date()).run()
    both = text_of(app)
    app.text_input(key="event about").input("bed-15").run()

    assert both.count("Site stated anew") == 4
    assert "user-0" not in both
    assert text_of(app).count("Site stated anew") == 1


def test_who_read_what_is_found_too(monkeypatch: pytest.MonkeyPatch, demo: str) -> None:
    many_events(demo)
    app = opened(monkeypatch, demo, "audit", role=Role.AUDITOR)
    assert "user-2 Address S1" in text_of(app)
    assert "user-1 Case R1" in text_of(app)

    app.selectbox(key="read what").select("address").run()

    assert "user-1 Case R1" not in text_of(app)
    app.text_input(key="read ref").input("S9").run()
    assert "No read is like that." in text_of(app)


def test_books_are_checked_when_asked_and_said_to_be_whole(
    monkeypatch: pytest.MonkeyPatch, demo: str
) -> None:
    many_events(demo)
    app = opened(monkeypatch, demo, "audit", role=Role.AUDITOR)
    assert "Not checked in this visit." in text_of(app)

    text = text_of(press(app, "Check every link now"))

    assert f"Whole every link fits {MANY + 2} events 2 reads 0 reads not yet sealed" in text


def test_what_does_not_fit_is_said_with_what_to_do(monkeypatch: pytest.MonkeyPatch, demo: str) -> None:
    engine = connect(Settings(database_url=demo, demo=True))
    with reading(engine):
        anchor_of(engine.dialect).reset(Head(99, "of no event"))
    engine.dispose()

    text = text_of(press(opened(monkeypatch, demo, "audit", role=Role.AUDITOR), "Check every link now"))

    assert "What does not fit. Keep everything as it is, and tell whoever runs the service:" in text
    assert "event 99 was there once and is gone" in text
    assert "Whole" not in text.replace("Whole:", "")


def test_a_person_is_added_and_their_token_is_shown_this_once(
    monkeypatch: pytest.MonkeyPatch, live: Live
) -> None:
    app = opened(monkeypatch, live.url, "people", token=live.tokens[Role.ADMIN])

    app.text_input(key="add a person · name").input("Ada *MARKER*")
    app.multiselect(key="add a person · nations").select("Scotland")
    press(app, "Add and show the token")

    token = app.code[0].value
    assert TOKEN.fullmatch(token)
    engine = connect(Settings(database_url=live.url, demo=True))
    with reading(engine) as session:
        assert actor_of_token(session, token, CLOCK.as_at).nations == {"Scotland"}
        assert "MARKER" not in str(session.execute(statement("SELECT * FROM audit_event")).all())
    engine.dispose()
    assert "Ada *MARKER* Coordinator Scotland" in text_of(app)
    app.run()
    assert not app.code
    assert token not in str(app.main)
    assert SHOWN_ONCE not in app.session_state


def test_what_is_asked_of_a_person_follows_from_the_role(monkeypatch: pytest.MonkeyPatch, demo: str) -> None:
    app = opened(monkeypatch, demo, "people", role=Role.ADMIN)

    app.selectbox(key="add a person · role").select(Role.PROVIDER).run()
    assert "Nations whose cases they see" not in [one.label for one in app.multiselect]
    app.text_input(key="add a person · name").input("Somebody")
    press(app, "Add and show the token")

    assert 'role="alert">The identifier of a provider on record is needed' in markup_of(app)
    assert not app.code
    assert app.text_input(key="add a person · name").value == "Somebody"
    app.selectbox(key="add a person · provider_id").select("P1")
    press(app, "Add and show the token")
    assert "Somebody Provider P1" in text_of(app)


def test_a_name_that_is_missing_is_refused_beside_it(monkeypatch: pytest.MonkeyPatch, demo: str) -> None:
    app = press(opened(monkeypatch, demo, "people", role=Role.ADMIN), "Add and show the token")

    assert 'role="alert">Text of at most 200 characters' in markup_of(app)


def test_somebody_is_revoked_once_the_box_is_ticked_and_can_sign_in_no_more(
    monkeypatch: pytest.MonkeyPatch, live: Live
) -> None:
    app = opened(monkeypatch, live.url, "people", token=live.tokens[Role.ADMIN])
    auditor = live.user_ids[Role.AUDITOR]
    app.selectbox(key="one person · person").select(auditor).run()

    press(app, "Revoke")
    assert "Tick the box first" in app.error[0].value
    app.checkbox(key=f"one person · sure {auditor}").check()
    text = text_of(press(app, "Revoke"))

    assert f"Revoked: {auditor}, and every token of theirs." in text
    assert auditor not in app.selectbox(key="one person · person · 1").options
    out = opened(monkeypatch, live.url, token=live.tokens[Role.AUDITOR])
    assert [title.value for title in out.title] == ["Sign in"]


def test_a_further_token_is_shown_once_and_the_first_stays_good(
    monkeypatch: pytest.MonkeyPatch, live: Live
) -> None:
    app = opened(monkeypatch, live.url, "people", token=live.tokens[Role.ADMIN])
    app.selectbox(key="one person · person").select(live.user_ids[Role.PROVIDER]).run()

    press(app, "Make and show it")

    engine = connect(Settings(database_url=live.url, demo=True))
    with reading(engine) as session:
        for token in (app.code[0].value, live.tokens[Role.PROVIDER]):
            assert actor_of_token(session, token, CLOCK.as_at).user_id == live.user_ids[Role.PROVIDER]
    engine.dispose()


def test_nobody_revokes_themselves_by_a_slip(monkeypatch: pytest.MonkeyPatch, live: Live) -> None:
    app = opened(monkeypatch, live.url, "people", token=live.tokens[Role.ADMIN])

    app.selectbox(key="one person · person").select(live.user_ids[Role.ADMIN]).run()

    assert "Revoke" not in [button.label for button in app.button]


def test_settings_are_shown_with_their_meaning_and_no_secret(
    monkeypatch: pytest.MonkeyPatch, demo: str
) -> None:
    monkeypatch.setenv("BEDS_TOKEN", "beds_MARKER")

    app = opened(monkeypatch, demo, "people", role=Role.ADMIN, hold_minutes="45")

    text = text_of(app)
    assert "unless somebody asks for another. 45 Set BEDS_HOLD_MINUTES" in text
    assert "BEDS_RETENTION_DAYS" in text
    for secret in ("MARKER", "BEDS_DATABASE_URL", "BEDS_ENCRYPTION_KEY", "BEDS_TOKEN ", "sqlite:"):
        assert secret not in text


def test_many_people_are_one_list(monkeypatch: pytest.MonkeyPatch, live: Live) -> None:
    text = text_of(opened(monkeypatch, live.url, "people", token=live.tokens[Role.ADMIN]))

    engine = connect(Settings(database_url=live.url, demo=True))
    with reading(engine) as session:
        users = list_users(session, OPERATOR, clock=CLOCK)
    engine.dispose()
    assert all(user.user_id in text for user in users)
    assert len(users) == len(Role)
