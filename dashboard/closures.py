"""Beds of a house out of service: closed for a reason over some nights, and opened again sooner."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

import streamlit as st

from beds.errors import BadInput
from beds.services.closures import ClosureView, close_bed, list_closures, reopen_bed
from beds.services.house_view import House
from beds.services.pages import MOST_ROWS
from dashboard.components import SELECT_WIDTH, Column, empty_state, plain_table, section
from dashboard.fields import beside, key, send, show_outcome, typed, typed_day
from dashboard.language import counted, day, t
from dashboard.session import change, turn

CLOSING: Final = "close a bed"
OPENING: Final = "open a bed"
REASONS: Final = (
    *("repairs", "deep_clean", "pest_control", "fire_safety", "refurbishment", "staffing", "kept_free"),
)
"""What is offered; any lower_snake word is accepted, and nothing personal belongs there."""
LABELS: Final = {
    "beds": "Beds",
    "starts_on": "First night closed",
    "ends_on": "First night open again",
    "reason": "Reason",
}


def show_closures(house: House) -> None:
    """Show the closures of a house tonight or to come, and let beds be closed and opened."""
    with turn() as now:
        tonight = now.clock.today
        found = list_closures(
            now.session, now.actor, clock=now.clock, site_id=house.line.site_id, limit=MOST_ROWS
        ).rows
    show_outcome(OPENING, ("ends_on",))
    if found:
        plain_table(
            t("Closed tonight or to be closed"),
            [
                Column(t("Bed"), exact=True),
                Column(t("From"), short=True),
                Column(t("Open again"), short=True),
                Column(t("Why")),
            ],
            [[one.bed_id, day(one.starts_on), _until(one), one.reason.replace("_", " ")] for one in found],
        )
        _show_opening(found, tonight)
    else:
        empty_state(t("No bed of this house is closed."), t("A bed that cannot be used is closed below."))
    show_outcome(CLOSING, tuple(LABELS))
    _show_closing(house, tonight)


def _until(closure: ClosureView) -> str:
    return t("until further notice") if closure.ends_on is None else day(closure.ends_on)


def _show_closing(house: House, tonight: date) -> None:
    section(
        t("Close beds"),
        t("Nobody is turned out: a bed that somebody is in or comes to, or that is held, is not closed."),
    )
    beds = [bed.bed_id for unit in house.units for bed in unit.beds]
    with st.form(f"close beds of {house.line.site_id}", width=SELECT_WIDTH):
        st.multiselect(t("Beds"), beds, key=key(CLOSING, "beds"), placeholder=t("Choose one or more"))
        beside(CLOSING, "beds")
        st.date_input(
            t("First night closed"),
            tonight,
            min_value=tonight,
            format="DD/MM/YYYY",
            key=key(CLOSING, "starts_on"),
        )
        beside(CLOSING, "starts_on")
        st.date_input(
            t("First night open again"),
            None,
            min_value=tonight + timedelta(days=1),
            format="DD/MM/YYYY",
            key=key(CLOSING, "ends_on"),
            help=t("Leave it empty for until further notice."),
        )
        beside(CLOSING, "ends_on")
        st.selectbox(
            t("Reason"),
            REASONS,
            index=None,
            format_func=lambda reason: t(reason.replace("_", " ")),
            key=key(CLOSING, "reason"),
            accept_new_options=True,
            placeholder=t("Choose, or write a word"),
            help=t("A word or two about the bed. Nothing about a person."),
        )
        beside(CLOSING, "reason")
        st.form_submit_button(t("Close the beds"), type="primary", on_click=_close)


def _close() -> None:
    beds, ends_on, reason = (typed(CLOSING, name) for name in ("beds", "ends_on", "reason"))

    def work() -> str:
        if not isinstance(beds, list) or not beds:
            raise BadInput("beds: choose at least one")
        starts_on = typed_day(CLOSING, "starts_on", "starts_on")
        if not isinstance(reason, str):
            raise BadInput("reason: a reason is needed")
        change(
            lambda now: [
                close_bed(
                    now.session,
                    now.actor,
                    bed_id,
                    starts_on=starts_on,
                    ends_on=ends_on if isinstance(ends_on, date) else None,
                    reason=as_word(reason),
                    clock=now.clock,
                )
                for bed_id in beds
            ]
        )
        return counted(len(beds), "Closed: {n} bed.", "Closed: {n} beds.")

    send(CLOSING, work, LABELS)


def as_word(text: str) -> str:
    """Return a few written words as the services keep a reason: lower case, joined by underscores.

    Examples
    --------
    >>> as_word("Broken window, ground floor")
    'broken_window_ground_floor'
    """
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")


def _show_opening(found: Sequence[ClosureView], tonight: date) -> None:
    closures = {one.closure_id: one for one in found}
    section(t("Open a bed again"))
    with st.form("open a bed again", width=SELECT_WIDTH):
        st.selectbox(
            t("Closed bed"),
            list(closures),
            format_func=lambda closure_id: f"{closures[closure_id].bed_id} · {_until(closures[closure_id])}",
            key=key(OPENING, "closure"),
            filter_mode="contains",
        )
        st.date_input(
            t("First night open again"),
            tonight,
            format="DD/MM/YYYY",
            key=key(OPENING, "ends_on"),
            help=t("On the day on which it would begin: the closure never was."),
        )
        beside(OPENING, "ends_on")
        st.form_submit_button(t("Open it again"), on_click=_open)


def _open() -> None:
    closure_id = typed(OPENING, "closure")

    def work() -> str:
        ends_on = typed_day(OPENING, "ends_on", "ends_on")
        closed = change(
            lambda now: reopen_bed(now.session, now.actor, str(closure_id), ends_on=ends_on, clock=now.clock)
        )
        return t("{bed} is open again from {day}.", bed=closed.bed_id, day=day(ends_on))

    send(OPENING, work, LABELS)
