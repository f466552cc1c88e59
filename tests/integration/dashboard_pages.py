"""The dashboard without a browser: opened on a database as a role, and what a page then says.

Pages are known by the names of their files in `dashboard/views`. `AppTest` runs no timers: a part that
refreshes itself runs once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any, Final

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from beds.roles import Role
from dashboard.language import CHOSEN, PSEUDO

APP: Final = Path(__file__).resolve().parents[2] / "dashboard" / "app.py"
MOST_SECONDS: Final = 30
SPOKEN: Final = ("title", "subheader", "info", "error", "warning", "success")
LABELLED: Final = (
    *("text_input", "text_area", "number_input", "selectbox", "multiselect", "radio", "checkbox", "toggle"),
    *("date_input", "button", "button_group", "slider", "select_slider"),
)
"""The widgets whose labels are looked at."""


def opened(
    monkeypatch: pytest.MonkeyPatch,
    url: str,
    page: str = "",
    *,
    role: Role | None = None,
    token: str | None = None,
    language: str = "",
    **settings: str,
) -> AppTest:
    """Return the dashboard on a database, at a page (`round`); where a visitor starts if none is named.

    Parameters
    ----------
    role : in a demonstration, the role to be in; a coordinator if not stated
    token : on a live database, the token to be signed in with; without it the page is the one that signs in
    settings : `BEDS_…` by name, such as `idle_minutes="1"`
    """
    monkeypatch.setenv("BEDS_DATABASE_URL", url)
    monkeypatch.setenv("BEDS_DEMO", "true")
    monkeypatch.setenv("BEDS_LANGUAGE", language)
    for name, value in settings.items():
        monkeypatch.setenv(f"BEDS_{name.upper()}", value)
    app = AppTest.from_file(str(APP), default_timeout=MOST_SECONDS)
    if role is not None:
        app.session_state["demonstration role"] = role
    if token is not None:
        app.session_state["token"] = token
    if page:
        app.switch_page(f"views/{page}.py")
    app.run()
    assert not app.exception
    return app


def text_of(app: AppTest) -> str:
    """Return what a page says, without its markup."""
    spoken = [
        *(
            e.value
            for kind in ("title", "subheader", "info", "error", "warning", "success")
            for e in app.get(kind)
        )
    ]
    text = " ".join([*spoken, *(tab.label for tab in app.tabs), *_blocks(app)])
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text)))


def markup_of(app: AppTest) -> str:
    """Return the markup of a page, without its style."""
    return "".join(_blocks(app))


def untranslated(app: AppTest) -> list[str]:
    """Return the titles, labels, headings and captions of a page in the pseudo-language that are not in it.

    A text is in it when some of it is in its brackets: the rest may be data.
    """
    return [text for text in _words(app) if text.strip() and "⟦" not in text]


def pseudo(monkeypatch: pytest.MonkeyPatch, url: str, page: str = "", **more: Any) -> AppTest:
    """Return the dashboard at a page, in the language that shows what does not go through `t`."""
    # Between two runs a choice is asked for its words outside the page: the same language is found there.
    monkeypatch.setitem(st.session_state, CHOSEN, PSEUDO)
    return opened(monkeypatch, url, page, language=PSEUDO, **more)


def _blocks(app: AppTest) -> list[str]:
    return [element.proto.body for element in app.get("html") if "<style>" not in element.proto.body]


def _words(app: AppTest) -> Iterator[str]:
    for kind in ("title", "subheader", "header"):
        yield from (element.value for element in app.get(kind))
    for kind in LABELLED:
        yield from (element.label for element in app.get(kind))
    yield from (tab.label for tab in app.tabs)
    for block in _blocks(app):
        for name in ("caption", "th", "p"):
            for cell in re.findall(rf"<{name}[ >].*?</{name}>", block, re.DOTALL):
                if 'role="rowheader"' not in cell:
                    yield unescape(re.sub(r"<[^>]+>", "", cell))


def has_page(app: AppTest, view: str) -> bool:
    """Return whether a page is among those that this visitor can go to."""
    try:
        app.switch_page(f"views/{view}.py")
    except ValueError:
        return False
    return True
