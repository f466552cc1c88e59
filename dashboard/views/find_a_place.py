"""One household: where it could go tonight, best first; what that costs others; and the steps that follow."""

from collections.abc import Mapping

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from beds.roles import Permission
from beds.services.costs import costs_to_others
from beds.services.in_line import InLine, households_in_line, where_it_stands
from beds.services.places import FoundPlaces, PlaceOption, find_places
from dashboard.components import (
    SELECT_WIDTH,
    card,
    empty_state,
    page_head,
    source_caption,
    source_of_records,
)
from dashboard.elsewhere import show_comparison, show_elsewhere
from dashboard.hold_steps import choose_reason, decline_step, hold_step
from dashboard.language import t, worded
from dashboard.links import CASE
from dashboard.option_cards import show_cost, show_option
from dashboard.place_answers import show_answer, show_standing, show_taken
from dashboard.place_words import PARTS, household_label
from dashboard.session import turn, visitor
from dashboard.told import show_told

FIRST_SHOWN = 6
IN_A_ROW = 2


def show_page() -> None:
    """Let a household be chosen, and show where it could go."""
    who = visitor(Permission.SEE_CASES)
    page_head(
        t("Find a place"), t("Where one household could go tonight, best first, and why not elsewhere.")
    )
    show_told()
    with turn() as now:
        lines = {line.referral_id: line for line in households_in_line(now.session, now.actor, now.ground)}
    if not lines:
        empty_state(t("Nobody is waiting."), t("When a household is referred, it is found here."))
        return
    _keep_the_choice(lines)
    chosen = st.selectbox(
        t("Household, by priority and then the longest wait"),
        list(lines),
        format_func=worded({ref: household_label(line) for ref, line in lines.items()}),
        key=CASE,
        width=SELECT_WIDTH,
        filter_mode="contains",
    )
    show_household(lines[str(chosen)], may_claim=who.actor.may(Permission.CLAIM_BEDS))


def _keep_the_choice(lines: Mapping[str, InLine]) -> None:
    """Keep to the household that was chosen, though its words change; say so where it waits no more.

    The browser is told of another choice: what it shows is always whose places are below.
    """
    asked_for = st.session_state.get(CASE)
    if asked_for is None or asked_for in lines:
        return
    ref = str(asked_for).partition(PARTS)[0]
    if ref not in lines:
        st.info(t("{household} does not wait for a place any more.", household=ref))
    st.session_state[CASE] = ref if ref in lines else next(iter(lines))


def show_household(line: InLine, *, may_claim: bool) -> None:
    """Show where one household stands, where it could go, and why not elsewhere."""
    another = st.session_state.get(_another(line))
    with turn() as now:
        stands = where_it_stands(now.session, now.actor, now.ground, line.referral_id, policy=now.policy)
        found = find_places(
            now.session,
            now.actor,
            now.ground,
            line.referral_id,
            policy=now.policy,
            log=now.log,
            top=FIRST_SHOWN,
            also=[another] if another else [],
        )
    show_taken(line.referral_id, found)
    show_standing(stands)
    show_answer(found, line)
    may_hold = may_claim and found.answer["takes_part"]
    slots = show_places(found, line, may_hold=may_hold) if found.best else []
    show_elsewhere(found)
    sites = sorted({o["site_id"] for o in found.answer["options"]} | {s.site_id for s in found.elsewhere})
    if may_claim and sites and stands.hold is None:
        with st.expander(t("Record a “no” to a site that nothing is held in")):
            decline_step(line.referral_id, sites)
    if slots:
        show_costs(found, line, slots)


def show_places(found: FoundPlaces, line: InLine, *, may_hold: bool) -> list[DeltaGenerator]:
    """Show each place as a card with what can be done; return where the cost of each is to be shown."""
    if may_hold:
        choose_reason()
    slots = []
    for first in range(0, len(found.best), IN_A_ROW):
        in_row = found.best[first : first + IN_A_ROW]
        for one, column in zip(in_row, st.columns(IN_A_ROW), strict=False):
            with column:
                slots.append(_show_card(one, line, may_hold=may_hold))
    more = [option["unit_id"] for option in found.answer["options"][FIRST_SHOWN:]]
    if more:
        st.selectbox(
            t("Look at another of the {n} that would do, the next best first", n=len(more)),
            more,
            index=None,
            placeholder=t("Choose a unit"),
            key=_another(line),
            width=SELECT_WIDTH,
            filter_mode="contains",
        )
    source_caption(
        as_at=found.answer["as_at"],
        definition=t("Units that break no rule for this household; the fewest points first."),
        source=source_of_records(),
    )
    show_comparison(line.referral_id, [option["unit_id"] for option in found.answer["options"]])
    return slots


def _show_card(one: PlaceOption, line: InLine, *, may_hold: bool) -> DeltaGenerator:
    with card(f"place-{one.place.unit_id}"):
        show_option(one)
        cost = st.empty()
        if may_hold:
            hold_step(line.referral_id, one)
    return cost


def show_costs(found: FoundPlaces, line: InLine, slots: list[DeltaGenerator]) -> None:
    """Show what each place would cost others: last, because it looks at everybody who waits."""
    units = [one.place.unit_id for one in found.best]
    with turn() as now:
        costs = costs_to_others(
            now.session, now.actor, now.ground, line.referral_id, units, policy=now.policy
        )
    for unit, slot in zip(units, slots, strict=True):
        with slot:
            show_cost(costs[unit])


def _another(line: InLine) -> str:
    return f"another place {line.referral_id}"


show_page()
