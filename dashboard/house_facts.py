"""What is on record about a house: facts that the rules turn on, and its address to whoever may read it."""

from __future__ import annotations

import streamlit as st

from beds.roles import Permission
from beds.services.sites import SiteView, read_address
from dashboard.components import Column, plain_table, section
from dashboard.fields import send, show_outcome
from dashboard.house_words import FIELDS, fact_in_words
from dashboard.language import t
from dashboard.session import Visitor, turn

ADDRESS = "address shown"


def show_facts(view: SiteView, who: Visitor) -> None:
    """Show the facts of a site, and let its address be read."""
    plain_table(
        t("What the rules turn on"),
        [Column(t("What")), Column(t("On record"))],
        [[t(FIELDS[name]), fact_in_words(name, view.facts[name])] for name in FIELDS if name in view.facts],
        stacks=False,
    )
    if who.actor.may(Permission.READ_ADDRESSES):
        section(t("Address"), t("That you read it is kept, with your reference and the time."))
        show_outcome(ADDRESS)
        st.button(t("Show the address"), on_click=_read, args=(view.line.site_id,))


def _read(site_id: str) -> None:
    def work() -> str:
        with turn() as now:
            return read_address(now.session, now.actor, site_id, clock=now.clock, log=now.log)

    send(ADDRESS, work)
