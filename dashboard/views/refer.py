"""Record a household that asks for a place, in two minutes, and see meanwhile how many places would do."""

import streamlit as st

from beds.errors import BedsError
from beds.roles import Permission
from beds.services.asking import services_offered
from beds.services.cases import NOT_OVER, ReferralLine, list_referrals
from beds.services.desk import Turn
from beds.services.drafting import places_for_draft
from beds.services.pages import MOST_ROWS
from beds.services.protection import record_keep_apart
from beds.services.referrals import record_referral
from dashboard.components import page_head, say
from dashboard.draft import begin_again, errors, labels, say_what_is_wrong
from dashboard.language import t
from dashboard.links import find_a_place_for
from dashboard.places_that_fit import show_places
from dashboard.referral_answers import beside_its_field, household, keep_apart, missing
from dashboard.referral_form import (
    ask_about_lead,
    ask_about_tonight,
    ask_for_the_record,
    ask_what_keeps_them_safe,
    ask_what_they_need,
    ask_who_comes_along,
)
from dashboard.refusals import sentence
from dashboard.session import change, turn, visitor

RECORDED = "referral recorded"


def show_page() -> None:
    """Show the form, or what was recorded."""
    who = visitor(Permission.RECORD_CASES)
    page_head(t("Refer"), t("Two minutes. What is not known yet stays open, and can be added later."))
    recorded = st.session_state.get(RECORDED)
    if recorded is None:
        show_form()
        return
    st.success(t("Recorded under {ref}. It waits in line from now.", ref=recorded))
    with st.container(horizontal=True):
        find_a_place_for(who.actor, recorded, key="place recorded")
        if st.button(t("Record another")):
            del st.session_state[RECORDED]
            st.rerun()


@st.fragment
def show_form() -> None:
    """Ask, and show beside it how many places would do; only this part runs again while it is filled in."""
    with turn() as now:
        services = services_offered(now.ground)
        cases = [line.referral_id for line in _cases(now)]
    questions, fit = st.columns([5, 3], gap="large")
    with questions:
        ask_about_tonight(now.actor)
        ask_about_lead()
        ask_who_comes_along()
        ask_what_keeps_them_safe(cases)
        ask_what_they_need(services)
        ask_for_the_record()
        _show_save()
    with fit, st.container(key="places-that-fit"):
        _show_fit()


def _cases(now: Turn) -> tuple[ReferralLine, ...]:
    return list_referrals(now.session, now.actor, clock=now.clock, statuses=NOT_OVER, limit=MOST_ROWS).rows


def _show_fit() -> None:
    asked = household()
    if asked is None:
        show_places(None, as_at=None)
        return
    try:
        with turn() as now:
            found = places_for_draft(
                now.session, now.actor, now.ground, asked, policy=now.policy, keep_apart=keep_apart()
            )
    except BedsError as refusal:
        st.info(sentence(refusal))
    else:
        show_places(found, as_at=now.clock.as_at)
        if missing():
            say(t("Not counted yet: who comes along and whose gender is not said."))


def _show_save() -> None:
    if errors():
        wrong = [f"{labels()[name]}: {said}" if name in labels() else said for name, said in errors().items()]
        st.error("  \n".join([t("Not recorded yet; nothing that you typed is lost."), *wrong]))
    st.button(t("Record this referral"), type="primary", on_click=_save)
    if RECORDED in st.session_state:
        st.rerun()


def _save() -> None:
    say_what_is_wrong(missing() or _record())


def _record() -> dict[str, str]:
    """Record what is typed, and return what is wrong with it, by the name of the answer."""
    asked = household()
    if asked is None:
        return missing()
    apart = keep_apart()

    def work(now: Turn) -> ReferralLine:
        line = record_referral(now.session, now.actor, asked, clock=now.clock)
        for other in apart:
            record_keep_apart(now.session, now.actor, line.referral_id, other, clock=now.clock)
        return line

    try:
        line = change(work)
    except BedsError as refusal:
        return beside_its_field(refusal)
    begin_again()
    st.session_state[RECORDED] = line.referral_id
    return {}


show_page()
