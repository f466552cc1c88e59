"""Who may be at a page: signing in, being signed out, idle visits, and roles in a demonstration only."""

from __future__ import annotations

import csv
import sys
import time
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from beds.database import connect, writing
from beds.errors import NotPermitted
from beds.roles import OPERATOR, Role
from beds.services.desk import open_desk
from beds.services.people import revoke_user
from beds.services.signing_in import Shown, turn_of
from beds.settings import Settings
from dashboard.session import SEEN_AT
from tests.builders import CLOCK, a_small_estate
from tests.demonstrations import Live, a_demonstration, a_live_database
from tests.integration.dashboard_pages import (
    APP,
    MOST_SECONDS,
    has_page,
    opened,
    pseudo,
    text_of,
    untranslated,
)

SIGN_IN = "Sign in"
VIEWS = sorted(file.stem for file in (APP.parent / "views").glob("[a-z]*.py"))


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Live:
    """Give a live database that is only read."""
    return a_live_database(tmp_path_factory.mktemp("live"), a_small_estate())


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Give a demonstration that is only read."""
    return a_demonstration(tmp_path_factory.mktemp("demo"), a_small_estate(), CLOCK)


def titles(app: AppTest) -> list[str]:
    """Return the titles of a page."""
    return [title.value for title in app.title]


def labels(app: AppTest) -> list[str]:
    """Return the labels of what can be chosen."""
    return [choice.label for choice in app.selectbox]


def revoke(live: Live, role: Role) -> None:
    """Let an operator revoke somebody."""
    engine = connect(Settings(database_url=live.url, demo=True))
    with writing(engine) as session:
        revoke_user(session, OPERATOR, live.user_ids[role], clock=CLOCK)
    engine.dispose()


def idle_for(app: AppTest, *, minutes: float) -> AppTest:
    """Return the page after nobody has touched it for so long, and somebody then does."""
    app.session_state[SEEN_AT] = time.monotonic() - minutes * 60
    return app.run()


def test_a_live_database_asks_who_is_there(monkeypatch: pytest.MonkeyPatch, live: Live) -> None:
    app = opened(monkeypatch, live.url)

    assert titles(app) == [SIGN_IN]
    assert "SYNTHETIC" not in text_of(app)
    assert labels(app) == []


def test_a_token_signs_in_and_the_page_greets_by_name(monkeypatch: pytest.MonkeyPatch, live: Live) -> None:
    app = opened(monkeypatch, live.url)

    app.text_input[0].input(f" {live.tokens[Role.COORDINATOR]} ")
    app.button[0].click().run()

    assert SIGN_IN not in titles(app)
    assert "Somebody, coordinator" in text_of(app)
    assert live.tokens[Role.COORDINATOR] not in str(app.get("text_input"))


def test_a_wrong_token_is_a_sentence_and_says_nothing_else(
    monkeypatch: pytest.MonkeyPatch, live: Live
) -> None:
    app = opened(monkeypatch, live.url)

    app.text_input[0].input("beds_no-such-token")
    app.button[0].click().run()

    assert titles(app) == [SIGN_IN]
    assert "not known, has expired or was revoked" in app.error[0].value


@pytest.mark.parametrize("role", [Role.PROVIDER, Role.COMMISSIONER, Role.ANALYST, Role.AUDITOR, Role.ADMIN])
def test_the_page_of_another_role_is_refused_at_its_own_address(
    monkeypatch: pytest.MonkeyPatch, live: Live, role: Role
) -> None:
    app = opened(monkeypatch, live.url, token=live.tokens[role])

    assert not has_page(app, "round")
    assert SIGN_IN not in titles(app)


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_that_is_run_by_itself_asks_who_is_there_too(
    monkeypatch: pytest.MonkeyPatch, live: Live, view: str
) -> None:
    monkeypatch.setenv("BEDS_DATABASE_URL", live.url)

    app = AppTest.from_file(str(APP.parent / "views" / f"{view}.py"), default_timeout=MOST_SECONDS).run()

    assert titles(app) == [SIGN_IN]


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_that_is_run_by_itself_refuses_whom_it_is_not_for(
    monkeypatch: pytest.MonkeyPatch, live: Live, view: str
) -> None:
    monkeypatch.setenv("BEDS_DATABASE_URL", live.url)
    nobody_s = [role for role in Role if not _is_for(view, role)]
    app = AppTest.from_file(str(APP.parent / "views" / f"{view}.py"), default_timeout=MOST_SECONDS)
    app.session_state["token"] = live.tokens[nobody_s[0]]

    app.run()

    assert titles(app) == []
    assert app.error[0].value == "This page is not for your role."


def _is_for(view: str, role: Role) -> bool:
    from beds.roles import actor_of
    from dashboard.pages import pages_for

    return any(row.path == view for row in pages_for(actor_of("user", role)))


def test_a_token_that_is_revoked_signs_out_at_the_next_run(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    live = a_live_database(tmp_path, a_small_estate())
    app = opened(monkeypatch, live.url, token=live.tokens[Role.COORDINATOR])
    assert SIGN_IN not in titles(app)

    revoke(live, Role.COORDINATOR)
    app.run()

    assert titles(app) == [SIGN_IN]
    assert "revoked" in app.info[0].value
    assert "token" not in app.session_state


def test_an_idle_visit_ends_by_itself_and_says_so(monkeypatch: pytest.MonkeyPatch, live: Live) -> None:
    app = opened(monkeypatch, live.url, token=live.tokens[Role.COORDINATOR], idle_minutes="10")
    app.session_state["something typed"] = "of a case"

    idle_for(app, minutes=11)

    assert titles(app) == [SIGN_IN]
    assert app.info[0].value == "Your visit ended by itself after 10 minutes without use."
    assert "token" not in app.session_state
    assert "something typed" not in app.session_state


def test_a_visit_that_is_used_does_not_end(monkeypatch: pytest.MonkeyPatch, live: Live) -> None:
    app = opened(monkeypatch, live.url, token=live.tokens[Role.COORDINATOR], idle_minutes="10")

    idle_for(app, minutes=9)
    idle_for(app, minutes=9)

    assert SIGN_IN not in titles(app)


def test_signing_out_forgets_everything(monkeypatch: pytest.MonkeyPatch, live: Live) -> None:
    app = opened(monkeypatch, live.url, token=live.tokens[Role.ADMIN])

    next(button for button in app.button if button.label == "Sign out").click().run()

    assert titles(app) == [SIGN_IN]
    assert "token" not in app.session_state


def test_an_idle_demonstration_goes_on_at_a_click(monkeypatch: pytest.MonkeyPatch, demo: str) -> None:
    app = opened(monkeypatch, demo, idle_minutes="10")

    idle_for(app, minutes=11)
    assert titles(app) == [SIGN_IN]
    app.button[0].click().run()

    assert SIGN_IN not in titles(app)


def test_roles_are_tried_in_a_demonstration(monkeypatch: pytest.MonkeyPatch, demo: str) -> None:
    app = opened(monkeypatch, demo)
    assert "Try another role" in labels(app)

    app.selectbox(key="role switch").select(Role.ANALYST).run()

    assert not has_page(app, "round")


def test_a_live_database_has_no_roles_to_try(monkeypatch: pytest.MonkeyPatch, live: Live) -> None:
    app = opened(monkeypatch, live.url, token=live.tokens[Role.ANALYST], role=Role.COORDINATOR)

    assert "Try another role" not in labels(app)
    assert not has_page(app, "round")


def test_the_services_refuse_a_role_on_a_live_database(live: Live) -> None:
    desk = open_desk(Settings(database_url=live.url, demo=True))

    with desk.reading() as session, pytest.raises(NotPermitted, match="for demonstrations"):
        turn_of(desk, session, Shown(role=Role.COORDINATOR))
    desk.close()


def test_a_demonstration_says_what_time_it_is_in_it(monkeypatch: pytest.MonkeyPatch, demo: str) -> None:
    text = text_of(opened(monkeypatch, demo))

    assert "SYNTHETIC DATA" in text
    assert "In it, it is 3 Mar 2026, 12:0" in text


def test_who_is_signed_in_at_an_organisation_is_looked_up_by_the_address(
    monkeypatch: pytest.MonkeyPatch, live: Live, tmp_path: Path
) -> None:
    file = tmp_path / "people.csv"
    with file.open("w", newline="") as lines:
        csv.writer(lines).writerows(
            [["email", "user_id"], ["Maria@example.org", live.user_ids[Role.COORDINATOR]]]
        )
    monkeypatch.setenv("BEDS_OIDC_USERS_FILE", str(file))
    st.cache_resource.clear()  # what is held for a database has the settings it was opened with

    known = signed_in_as(monkeypatch, live.url, "maria@example.org")
    strange = signed_in_as(monkeypatch, live.url, "eve@example.org")
    stale = signed_in_as(monkeypatch, live.url, "maria@example.org", issued_s_ago=31 * 60)

    assert SIGN_IN not in titles(known)
    assert "Somebody, coordinator" in text_of(known)
    assert titles(strange) == [SIGN_IN]
    assert "nobody here is on record" in text_of(strange)
    assert titles(stale) == [SIGN_IN]


@pytest.mark.parametrize(("installed", "offered"), [(True, True), (False, False)])
def test_without_what_asks_a_provider_a_sentence_says_so_and_a_token_still_works(
    monkeypatch: pytest.MonkeyPatch, live: Live, installed: bool, offered: bool
) -> None:
    if not installed:
        monkeypatch.setitem(sys.modules, "authlib", None)
    monkeypatch.setenv("BEDS_DATABASE_URL", live.url)
    monkeypatch.setenv("BEDS_LANGUAGE", "")
    app = AppTest.from_file(str(APP), default_timeout=MOST_SECONDS)
    app.user = {"is_logged_in": False}
    app.run()

    assert ("Sign in at your organisation" in [button.label for button in app.button]) is offered
    assert ("beds[oidc]" in text_of(app)) is not offered
    assert "Your token" in [field.label for field in app.text_input]


def signed_in_as(
    monkeypatch: pytest.MonkeyPatch, url: str, email: str, *, issued_s_ago: float = 5
) -> AppTest:
    """Return the dashboard as a provider of identities hands somebody to it."""
    monkeypatch.setenv("BEDS_DATABASE_URL", url)
    monkeypatch.setenv("BEDS_LANGUAGE", "")
    app = AppTest.from_file(str(APP), default_timeout=MOST_SECONDS)
    app.user = {
        "is_logged_in": True,
        "email": email,
        "email_verified": True,
        "iss": "https://id.example.org",
        "sub": f"{email} {issued_s_ago}",
        "iat": time.time() - issued_s_ago,
    }
    return app.run()


def test_signing_in_is_in_the_language_of_the_settings(monkeypatch: pytest.MonkeyPatch, live: Live) -> None:
    assert untranslated(pseudo(monkeypatch, live.url)) == []
