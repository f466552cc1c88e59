"""What is around every page: that a demonstration is one, who is here, how to leave, which language."""

from __future__ import annotations

from html import escape

import streamlit as st
from streamlit.navigation.page import Page

from beds.roles import Role
from beds.wording import sentence_case
from dashboard.language import language, languages, moment, speak, spoken, t
from dashboard.session import (
    Visitor,
    act_as,
    desk,
    end_visit,
    is_idle,
    refreshing,
)

Sections = dict[str, list[Page]]

LOOKS_EVERY_S = 20
_MAKES_ROOM_ON_A_PHONE = """
<script>
  const list = document.querySelector('[data-testid="stSidebar"]');
  if (list && !list.dataset.makesRoom) {
    list.dataset.makesRoom = "yes";
    list.addEventListener("click", (event) => {
      if (event.target.closest("a") && window.innerWidth < 768) {
        list.querySelector('[data-testid="stSidebarCollapseButton"] button')?.click();
      }
    });
  }
</script>
"""
"""On a phone the list of pages lies over the page: once one is chosen, it goes away."""


def show_frame(who: Visitor, sections: Sections, page: Page) -> None:
    """Show what is around a page."""
    with st.sidebar:
        _show_navigation(sections, page)
        _show_visitor(who)
    if who.demo:
        show_banner()
    _watch()


@refreshing(LOOKS_EVERY_S)
def show_banner() -> None:
    """Show that nobody here is real, and what time it is in the demonstration."""
    time_there = t("In it, it is {time}.", time=moment(desk().now()))
    st.html(
        f'<div class="beds-banner" role="note"><strong>{escape(t("SYNTHETIC DATA"))}</strong>'
        f"<span>{escape(t('A demonstration: nobody in it exists.'))} {escape(time_there)}</span></div>"
    )


@refreshing(LOOKS_EVERY_S)
def _watch() -> None:
    """End a visit that has been left open: the page that signs in takes its place."""
    if is_idle():
        st.rerun()


def _show_navigation(sections: Sections, page: Page) -> None:
    """Show the pages by section; the one that is shown is marked, under whichever of its addresses."""
    for place, (section, pages) in enumerate(sections.items()):
        with st.container(key=f"pages-{place}", gap=None):
            if section:
                st.html(f'<h2 class="beds-section">{escape(section)}</h2>')
            for one in pages:
                st.page_link(page if one.title == page.title else one, label=one.title, width="stretch")
    st.html(_MAKES_ROOM_ON_A_PHONE, unsafe_allow_javascript=True)


def _show_visitor(who: Visitor) -> None:
    if who.demo:
        roles = list(Role)
        chosen = st.selectbox(
            t("Try another role"),
            roles,
            index=roles.index(who.role or Role.COORDINATOR),
            format_func=spoken({role: sentence_case(role) for role in roles}),
            key="role switch",
            help=t("Only in a demonstration: there is no such switch on a live database."),
        )
        if chosen is not None and chosen != who.role:
            act_as(chosen)
            st.rerun()
    else:
        st.html(
            f'<p class="beds-visitor"><span>{escape(t("Signed in"))}</span> <b>{escape(who.name)}</b> '
            f"<span>{escape(t(sentence_case(who.role or '')))}</span></p>"
        )
    if len(languages()) > 1:
        codes = list(languages())
        now = language() if language() in codes else codes[0]
        code = st.selectbox(t("Language"), codes, index=codes.index(now), format_func=languages().__getitem__)
        if code is not None and code != now:
            speak(code, again=True)
            st.rerun()
    if not who.demo and st.button(t("Sign out")):
        end_visit(t("You signed out."))
        st.rerun()
