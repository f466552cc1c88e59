"""Ways from one page to another: only to pages that this visitor has."""

from __future__ import annotations

import streamlit as st

from beds.roles import Actor
from dashboard.language import t
from dashboard.pages import pages_for

CASE = "household"
"""The household that Find a place is about: set before going there."""


def can_go_to(actor: Actor, path: str) -> bool:
    """Return whether a page, named by its path, is among a visitor's."""
    return any(row.path == path for row in pages_for(actor))


def link_to(actor: Actor, path: str, label: str) -> None:
    """Show a link to a page, or nothing where this visitor has no such page."""
    if can_go_to(actor, path):
        st.page_link(f"views/{path}.py", label=label)


def find_a_place_for(actor: Actor, referral_id: str, *, key: str) -> None:
    """Show a button that opens Find a place on one household."""
    if can_go_to(actor, "find_a_place") and st.button(t("Find a place for {ref}", ref=referral_id), key=key):
        st.session_state[CASE] = referral_id
        st.switch_page("views/find_a_place.py")
