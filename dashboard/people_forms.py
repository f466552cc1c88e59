"""Forms for people: somebody added, a further token, somebody revoked. A token is shown once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from html import escape
from typing import Final

import streamlit as st

from beds.domain.terms import Nation
from beds.errors import BadInput
from beds.roles import Role
from beds.services.people import MOST_DAYS, UserView, add_user, issue_token, revoke_user
from beds.wording import sentence_case
from dashboard.components import SELECT_WIDTH, Column, empty_state, plain_table, say, section, source_caption
from dashboard.fields import beside, key, send, show_outcome, typed
from dashboard.language import day, t, unmarked
from dashboard.session import change, desk

ADDING: Final = "add a person"
ONE: Final = "one person"
SHOWN_ONCE: Final = "a token to be shown once"
LABELS: Final = {
    "name": "Name",
    "role": "Role",
    "nations": "Nations",
    "provider_id": "Provider",
    "days": "Days",
}
ROLES: Final = {
    Role.COORDINATOR: "cases of their nations, holds, placements, rounds, stock",
    Role.PROVIDER: "their own sites: availability, closures, arrivals, departures",
    Role.COMMISSIONER: "occupancy, forecasts, scenarios; no case",
    Role.ANALYST: "released tables only",
    Role.AUDITOR: "the audit and the log of reads",
    Role.ADMIN: "people and settings; no case",
}


def show_token() -> None:
    """Show a token that was just made, this once: it is forgotten before the page is shown again."""
    made = st.session_state.pop(SHOWN_ONCE, None)
    if made is None:
        return
    whose, token = made
    with st.container(border=True):
        words = escape(t("The token, this once. Copy it now and pass it on safely."))
        st.html(f'<p class="beds-done" role="status">{words}</p>')
        st.code(token, language=None, wrap_lines=True)
        say(
            t(
                "It is for {person}. It is not shown again, and it is not on record: a lost one is replaced.",
                person=whose,
            )
        )


def show_people(users: Sequence[UserView], as_at: datetime) -> None:
    """Show everybody who uses or used the service."""
    if not users:
        empty_state(t("Nobody is on record yet."), t("Add the first person below."))
        return
    names = ("Name", "Role", "Sees", "Signs in until", "Added", "Reference")
    plain_table(
        t("Who uses the service"),
        [
            Column(t(name), short=name in ("Signs in until", "Added"), exact=name in ("Name", "Reference"))
            for name in names
        ],
        [
            [
                user.name,
                sentence_case(t(user.role.value)),
                _sees(user),
                _signs_in(user),
                day(user.created_at.date()),
                user.user_id,
            ]
            for user in users
        ],
    )
    source_caption(
        as_at=as_at,
        definition=t("Names are kept encrypted; the audit and the logs hold references."),
        source=t("the people on record"),
    )


def _sees(user: UserView) -> str:
    if user.provider_id is not None:
        return user.provider_id
    return ", ".join(t(nation.value) for nation in Nation if nation in user.nations)


def _signs_in(user: UserView) -> str:
    if user.revoked_at is not None:
        return t("revoked {day}", day=day(user.revoked_at.date()))
    return t("no good token") if user.token_expires_at is None else day(user.token_expires_at.date())


def show_new_person(providers: Sequence[str]) -> None:
    """Show the form that adds a person; what it asks follows from the role."""
    section(t("Add a person"))
    show_outcome(ADDING, tuple(LABELS))
    role = st.selectbox(
        t("Role"),
        list(Role),
        format_func=lambda one: sentence_case(t(one.value)),
        key=key(ADDING, "role"),
        width=SELECT_WIDTH,
    )
    if role is not None:
        say(t("Sees and does: {what}.", what=t(ROLES[role])))
    beside(ADDING, "role")
    with st.form("form of a person", width=SELECT_WIDTH):
        st.text_input(t("Name"), key=key(ADDING, "name"), autocomplete="off", max_chars=200)
        beside(ADDING, "name")
        if role is Role.COORDINATOR:
            st.multiselect(
                t("Nations whose cases they see"),
                list(Nation),
                format_func=lambda nation: t(nation.value),
                key=key(ADDING, "nations"),
                placeholder=t("All four, if none is chosen"),
            )
            beside(ADDING, "nations")
        if role is Role.PROVIDER:
            st.selectbox(
                t("Provider"),
                providers,
                index=None,
                key=key(ADDING, "provider_id"),
                placeholder=t("Choose one"),
            )
            beside(ADDING, "provider_id")
        st.number_input(
            t("The token is good for so many days"),
            1,
            MOST_DAYS,
            desk().settings.token_days,
            key=key(ADDING, "days"),
        )
        beside(ADDING, "days")
        st.form_submit_button(t("Add and show the token"), type="primary", on_click=_add)


def _add() -> None:
    role, name, days = (typed(ADDING, field) for field in ("role", "name", "days"))
    nations, provider = typed(ADDING, "nations"), typed(ADDING, "provider_id")

    def work() -> str:
        user, token = change(
            lambda now: add_user(
                now.session,
                now.actor,
                name=str(name or ""),
                role=str(role),
                days=int(str(days)),
                nations=[str(nation) for nation in nations] if isinstance(nations, list) else (),
                provider_id=str(provider) if provider is not None else None,
                clock=now.clock,
            )
        )
        st.session_state[SHOWN_ONCE] = (user.user_id, token)
        return t("Added: {person}.", person=user.user_id)

    send(ADDING, work, {name: t(label) for name, label in LABELS.items()})


def show_one_person(users: Sequence[UserView], own_id: str) -> None:
    """Show what can be done about one person: a further token, or revoking them; never oneself."""
    active = {user.user_id: user for user in users if user.revoked_at is None}
    section(t("Somebody on record"))
    show_outcome(ONE)
    if not active:
        empty_state(t("There is nobody to change."), t("Whoever is added is found here."))
        return
    chosen = st.selectbox(
        t("Person"),
        list(active),
        format_func=lambda user_id: f"{active[user_id].name} · {t(active[user_id].role.value)} · {user_id}",
        key=key(ONE, "person"),
        filter_mode="contains",
    )
    with st.form("form of a token", width=SELECT_WIDTH):
        st.number_input(
            t("A further token, for so many days"),
            1,
            MOST_DAYS,
            desk().settings.token_days,
            key=key(ONE, "days"),
        )
        st.form_submit_button(t("Make and show it"), on_click=_issue, args=(chosen,))
    if chosen == own_id:
        say(t("You cannot revoke yourself: another who manages people can."))
        return
    with st.form("form of revoking", width=SELECT_WIDTH):
        st.checkbox(
            t("Revoke {person} and every token of theirs, from now on", person=unmarked(active[chosen].name)),
            key=key(ONE, f"sure {chosen}"),
        )
        st.form_submit_button(t("Revoke"), on_click=_revoke, args=(chosen,))


def _issue(user_id: str) -> None:
    days = typed(ONE, "days")

    def work() -> str:
        token = change(
            lambda now: issue_token(now.session, now.actor, user_id, clock=now.clock, days=int(str(days)))
        )
        st.session_state[SHOWN_ONCE] = (user_id, token)
        return t("Made: a further token of {person}.", person=user_id)

    send(ONE, work)


def _revoke(user_id: str) -> None:
    sure = typed(ONE, f"sure {user_id}")

    def work() -> str:
        if not sure:
            raise BadInput("tick the box first: revoking cannot be undone, only added anew")
        change(lambda now: revoke_user(now.session, now.actor, user_id, clock=now.clock))
        return t("Revoked: {person}, and every token of theirs.", person=user_id)

    send(ONE, work)
