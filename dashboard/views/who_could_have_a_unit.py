"""One unit's candidates: who could have it now, in priority order, and why not the others."""

import streamlit as st

from beds.roles import Actor, Permission
from beds.services.answers import unit_candidates
from beds.services.choosing import UnitOfEstate, units_seen, vacant_tonight
from dashboard.candidate_tables import show_able, show_others
from dashboard.components import (
    SELECT_WIDTH,
    empty_state,
    page_head,
    say,
    section,
    source_caption,
    source_of_records,
)
from dashboard.language import counted, t, worded
from dashboard.links import find_a_place_for
from dashboard.place_words import kind_of_unit
from dashboard.session import turn, visitor

MOST_SHOWN = 50


def show_page() -> None:
    """Let a unit be chosen, and show who could have it."""
    who = visitor(Permission.SEE_CASES)
    page_head(
        t("Who could have a unit"),
        t("One unit: the households that could have it tonight, first in line first."),
    )
    with turn() as now:
        units, vacant = units_seen(now.session, now.actor, now.ground), vacant_tonight(now.ground)
    if not units:
        empty_state(t("There is no unit yet."), t("Sites and their units are added under Beds."))
        return
    everything = st.toggle(
        t("Units that are not vacant tonight too"), key="all units", value=not vacant & units.keys()
    )
    chosen = st.selectbox(
        t("Unit"),
        [ref for ref in units if everything or ref in vacant],
        format_func=worded({ref: kind_of_unit(unit) for ref, unit in units.items()}),
        key="unit",
        width=SELECT_WIDTH,
        filter_mode="contains",
    )
    if chosen is None:
        say(t("No unit is vacant tonight."))
        return
    show_unit(units[chosen], who.actor)


def show_unit(unit: UnitOfEstate, actor: Actor) -> None:
    """Show who could have a unit, and why not the others; the first of each."""
    with turn() as now:
        answer = unit_candidates(
            now.session, now.actor, now.ground, unit.unit_id, policy=now.policy, top=MOST_SHOWN
        )
    able = answer["candidates"]
    if answer["candidates_in_all"]:
        section(
            counted(
                answer["candidates_in_all"],
                "{n} household could have it now",
                "{n} households could have it now",
            )
        )
    else:
        section(t("Nobody who waits could have {unit} now", unit=unit.unit_id))
    show_able(answer)
    if able:
        _way_on([row["referral_id"] for row in able], actor)
    show_others(answer)
    source_caption(
        as_at=answer["as_at"],
        definition=t("Every household that takes part now: by priority, then the longest wait."),
        source=source_of_records(),
    )


@st.fragment
def _way_on(able: list[str], actor: Actor) -> None:
    """Let one of those who could have it be looked at closely."""
    chosen = st.selectbox(
        t("Look closely at one of them"),
        able,
        key="candidate",
        width=SELECT_WIDTH,
        filter_mode="contains",
    )
    find_a_place_for(actor, str(chosen), key="find a place for a candidate")


show_page()
