"""For whoever manages people: who may sign in, their tokens, and what the service is set to."""

import streamlit as st

from beds.roles import Permission
from beds.services.people import list_users
from beds.services.stated_settings import About, providers_on_record, stated_settings
from dashboard.components import Column, page_head, plain_table, section
from dashboard.houses_style import houses_style
from dashboard.language import t
from dashboard.people_forms import show_new_person, show_one_person, show_people, show_token
from dashboard.session import turn, visitor


def show_page() -> None:
    """Show the people and the settings."""
    who = visitor(Permission.MANAGE_PEOPLE)
    houses_style()
    page_head(
        t("People and settings"), t("Who may sign in, and what the service is set to. No case is seen here.")
    )
    show_token()
    people, settings = st.tabs([t("People"), t("Settings")])
    with turn() as now:
        users = list_users(now.session, now.actor, clock=now.clock)
        providers = providers_on_record(now.session, now.actor)
        as_at = now.clock.as_at
    with people:
        show_people(users, as_at)
        left, right = st.columns(2, gap="large")
        with left:
            show_new_person(providers)
        with right:
            show_one_person(users, who.actor.user_id)
    with settings:
        show_settings()


def show_settings() -> None:
    """Show the settings by what they are about, each with what it is for."""
    section(
        t("Settings"),
        t("Changed where the service is started, by the names shown. Keys and files are never shown."),
    )
    with turn() as now:
        stated = stated_settings(now.actor, now.desk.settings)
    for about in About:
        plain_table(
            t(about.value),
            [
                Column(t("What it is for")),
                Column(t("Value"), exact=True),
                Column(t("Set"), short=True),
                Column(t("Name"), exact=True),
            ],
            [
                [t(one.meaning), one.value, t("set") if one.is_set else t("as shipped"), one.name]
                for one in stated
                if one.about is about
            ],
        )


show_page()
