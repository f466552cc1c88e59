"""When a stay is to end, and another end for it, by whoever may claim beds: a later one is judged anew."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

import streamlit as st

from beds.roles import Permission
from beds.services.placements import PlacementView
from beds.services.stays import extend_stay
from dashboard.components import SELECT_WIDTH, section
from dashboard.fields import beside, key, send, show_outcome, typed_day
from dashboard.language import day, t
from dashboard.session import change, visitor

ENDING: Final = "another end"
LABELS: Final = {"the new end": "New end"}


def is_overdue(stay: PlacementView, tonight: date) -> bool:
    """Return whether somebody should have left and has not."""
    return stay.expected_end_on <= tonight


def choose_stay(
    label: str, stays: Sequence[PlacementView], tonight: date, *, form: str
) -> PlacementView | None:
    """Let one of some stays be chosen, those past their end first.

    Parameters
    ----------
    form : the form that it belongs to
    """
    by_id = {
        stay.placement_id: stay
        for stay in sorted(stays, key=lambda stay: (not is_overdue(stay, tonight), stay.referral_id))
    }
    chosen = st.selectbox(
        label,
        list(by_id),
        format_func=lambda placement_id: _called(by_id[placement_id], tonight),
        key=key(form, "stay"),
        width=SELECT_WIDTH,
        filter_mode="contains",
    )
    return None if chosen is None else by_id[chosen]


def _called(stay: PlacementView, tonight: date) -> str:
    words = t("overdue") if is_overdue(stay, tonight) else t("until {day}", day=day(stay.expected_end_on))
    return f"{stay.referral_id} · {stay.unit_id} · {words}"


def show_new_end(here: Sequence[PlacementView], tonight: date) -> None:
    """Let another end be stated for a stay, for whoever may claim beds; a later one is a claim."""
    if not visitor().actor.may(Permission.CLAIM_BEDS):
        return
    show_outcome(ENDING, LABELS)
    if not here:
        return
    section(
        t("Extend a stay, or bring its end forward"),
        t("A later end is judged by every rule, and takes no bed that is promised to somebody else."),
    )
    stay = choose_stay(t("Whose stay, those overdue first"), here, tonight, form=ENDING)
    if stay is None:
        return
    # One form a stay: what was typed about one household is never sent about another.
    with st.form(f"another end {stay.placement_id}", width=SELECT_WIDTH):
        st.date_input(
            t("New end"),
            None,
            min_value=tonight + timedelta(days=1),
            format="DD/MM/YYYY",
            key=key(ENDING, f"on {stay.placement_id}"),
            help=t("The day of leaving: the bed is free from then on."),
        )
        beside(ENDING, "the new end")
        st.form_submit_button(
            t("Keep the new end"), on_click=_keep_end, args=(stay.placement_id, stay.version)
        )


def _keep_end(placement_id: str, version: int) -> None:
    def work() -> str:
        on = typed_day(ENDING, f"on {placement_id}", "the new end")
        stay = change(
            lambda now: extend_stay(
                now.session,
                now.actor,
                placement_id,
                version=version,
                new_end_on=on,
                clock=now.clock,
                policy=now.policy,
            )
        )
        return t("Recorded: {who} stays until {day}.", who=stay.referral_id, day=day(stay.expected_end_on))

    send(ENDING, work, LABELS)
