"""What is served: who is here, the navigation made of what they may do, and the page."""

from collections.abc import Sequence
from itertools import chain
from pathlib import Path

import streamlit as st
from streamlit.navigation.page import Page

from beds.services.desk import settings_of_pages
from dashboard.components import empty_state, house_style, page_head
from dashboard.frame import Sections, show_frame
from dashboard.language import speak, t
from dashboard.pages import START, PageRow, pages_for
from dashboard.refusals import refusals_in_words
from dashboard.session import visitor

VIEWS = Path(__file__).parent / "views"


def show_nothing() -> None:
    """Say that there is no page for a role yet."""
    page_head(t("Nothing here yet"), t("There is no page for your role in this version."))
    empty_state(t("You are signed in."), t("Ask whoever manages people whether your role is the right one."))


def sections_of(rows: Sequence[PageRow]) -> Sections:
    """Return the pages of a visitor by section; the first, which is at `/`, is where they start."""
    found: Sections = {}
    for place, row in enumerate(rows):
        page = _page(row) if place else _page(row, url_path=START, default=True)
        found.setdefault(t(row.section), []).append(page)
    return found or {"": [st.Page(show_nothing, title=t("Start"), default=True)]}


def by_own_address(rows: Sequence[PageRow]) -> list[Page]:
    """Return the first page once more: it is at the address of its name too."""
    return [_page(row) for row in rows[:1]]


def _page(row: PageRow, *, url_path: str = "", default: bool = False) -> Page:
    return st.Page(VIEWS / row.view, title=t(row.title), url_path=url_path or row.path, default=default)


st.set_page_config(page_title="Beds", layout="wide")
house_style()
with refusals_in_words():
    speak(settings_of_pages().language)
    who = visitor()
    rows = pages_for(who.actor)
    sections = sections_of(rows)
    # Streamlit's own list of pages in sections is no list to a screen reader: the frame has ours.
    page = st.navigation([*chain(*sections.values()), *by_own_address(rows)], position="hidden")
    show_frame(who, sections, page)
    page.run()
