"""Who comes and goes in a house, recorded by whoever runs it: arrivals, no arrivals, departures.

Stays are shown by reference. A button is sent with the version that was shown; nothing here decides anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

import streamlit as st

from beds.domain.terms import MoveOn, PlacementState
from beds.roles import Permission
from beds.services.pages import MOST_ROWS
from beds.services.placements import (
    PlacementView,
    list_placements,
    record_arrival,
    record_no_arrival,
)
from beds.services.stays import end_stay, move_out
from beds.wording import sentence_case
from dashboard.components import (
    SELECT_WIDTH,
    Column,
    Tag,
    call_out,
    card,
    card_head,
    empty_state,
    plain_table,
    section,
)
from dashboard.fields import beside, key, send, show_outcome, typed, typed_day
from dashboard.house_words import MOVE_ON
from dashboard.language import counted, day, t
from dashboard.session import change, turn
from dashboard.stay_ends import choose_stay, is_overdue, show_new_end

COMING: Final = "coming"
LEAVING: Final = "leaving"
LABELS: Final = {"the date": "Day of the departure", "who leaves": "Who leaves"}


def show_stays(site_id: str, *, may_record: bool) -> None:
    """Show the stays of a house that are not over, and let what happened be recorded."""
    with turn() as now:
        if not now.actor.may(Permission.SEE_STAYS):
            return
        tonight, today = now.clock.today, now.clock.calendar_date
        stays = list_placements(
            now.session, now.actor, site_id=site_id, current_only=True, limit=MOST_ROWS
        ).rows
    show_outcome(COMING)
    # A stay out of a folder is kept as arrived, even one that is yet to begin.
    coming = [stay for stay in stays if stay.state is PlacementState.EXPECTED or stay.starts_on > tonight]
    here = [stay for stay in stays if stay not in coming]
    if not stays:
        empty_state(
            t("Nobody whose stay you may see is here or expected."),
            t("A hold that is confirmed is expected here."),
        )
    _show_what_needs_doing(coming, here, tonight)
    if coming:
        section(t("To come"))
        for stay in coming:
            _show_coming(stay, tonight, may_record=may_record)
    if here:
        _show_here(here, tonight)
    show_outcome(LEAVING, ("the date", "who leaves"))
    if here and may_record:
        _show_departure(here, tonight, today)
    show_new_end(here, tonight)


def _show_what_needs_doing(
    coming: Sequence[PlacementView], here: Sequence[PlacementView], tonight: date
) -> None:
    """Show who has stayed on, and who is to come to a bed that such a person is still in."""
    overdue = [stay for stay in here if is_overdue(stay, tonight)]
    if not overdue:
        return
    sentences = [
        t(
            "{who} should have left by {day}: record the departure, or have the stay extended.",
            who=stay.referral_id,
            day=day(stay.expected_end_on),
        )
        for stay in overdue
    ]
    sentences += [
        t(
            "{who} comes on {day} to a bed that {other} is still in: settle this first.",
            who=one.referral_id,
            day=day(one.starts_on),
            other=stay.referral_id,
        )
        for stay in overdue
        for one in coming
        if stay.bed_ids & one.bed_ids
    ]
    call_out(counted(len(overdue), "{n} stay should be over", "{n} stays should be over"), sentences)


def _show_coming(stay: PlacementView, tonight: date, *, may_record: bool) -> None:
    late = stay.starts_on < tonight
    mark = Tag(t("late"), "warning") if late else Tag(t("expected"), "quiet")
    with card(f"expected-{stay.placement_id}"):
        lines = [
            t("Unit {unit}, beds {beds}", unit=stay.unit_id, beds=", ".join(sorted(stay.bed_ids))),
            t("From {first} until {last}", first=day(stay.starts_on), last=day(stay.expected_end_on)),
        ]
        card_head(stay.referral_id, tags=[mark], lines=lines)
        if may_record and stay.state is PlacementState.EXPECTED:
            with st.container(horizontal=True):
                about = (stay.placement_id, stay.version)
                st.button(
                    t("{who} has arrived", who=stay.referral_id),
                    key=f"arrived {stay.placement_id}",
                    on_click=_arrived,
                    args=about,
                )
                st.button(
                    t("{who} has not come", who=stay.referral_id),
                    key=f"not arrived {stay.placement_id}",
                    on_click=_not_arrived,
                    args=about,
                )


def _arrived(placement_id: str, version: int) -> None:
    def work() -> str:
        stay = change(
            lambda now: record_arrival(now.session, now.actor, placement_id, version=version, clock=now.clock)
        )
        return t("Recorded: {who} has arrived.", who=stay.referral_id)

    send(COMING, work)


def _not_arrived(placement_id: str, version: int) -> None:
    def work() -> str:
        stay = change(
            lambda now: record_no_arrival(
                now.session, now.actor, placement_id, version=version, clock=now.clock
            )
        )
        return t(
            "Recorded: {who} has not come. The beds are free; the household waits again, in its place.",
            who=stay.referral_id,
        )

    send(COMING, work)


def _show_here(here: Sequence[PlacementView], tonight: date) -> None:
    plain_table(
        t("Here now"),
        [
            Column(t("Household"), exact=True),
            Column(t("Unit"), exact=True),
            Column(t("Beds"), number=True),
            Column(t("Since"), short=True),
            Column(t("Until"), short=True),
            Column(t("Note")),
        ],
        [
            [
                stay.referral_id,
                stay.unit_id,
                str(len(stay.bed_ids)),
                day(stay.starts_on),
                day(stay.expected_end_on),
                t("stayed on, overdue") if is_overdue(stay, tonight) else "",
            ]
            for stay in here
        ],
    )


def _show_departure(here: Sequence[PlacementView], tonight: date, today: date) -> None:
    section(t("Record a departure"), t("The bed is free from the day that they left."))
    stay = choose_stay(t("Household, those overdue first"), here, tonight, form=LEAVING)
    if stay is None:
        return
    chosen = stay.placement_id
    # One form a stay: what was typed about one household is never sent about another.
    with st.form(f"departure {chosen}", width=SELECT_WIDTH):
        people = {bed.person_id: bed.bed_id for bed in stay.beds if bed.person_id and bed.ended_on is None}
        if len(people) > 1:
            st.multiselect(
                t("Who leaves"),
                list(people),
                default=list(people),
                format_func=lambda person: t("{person} in {bed}", person=person, bed=people[person]),
                key=key(LEAVING, f"people {chosen}"),
            )
            beside(LEAVING, "who leaves")
        st.date_input(
            t("Day of the departure"),
            today,
            min_value=min(stay.starts_on, today),
            max_value=today,
            format="DD/MM/YYYY",
            key=key(LEAVING, f"on {chosen}"),
        )
        beside(LEAVING, "the date")
        st.selectbox(
            t("Where to"),
            list(MoveOn),
            format_func=lambda where: sentence_case(t(MOVE_ON[where])),
            key=key(LEAVING, f"where {chosen}"),
        )
        st.form_submit_button(
            t("Record the departure"),
            type="primary",
            on_click=_left,
            args=(chosen, stay.version, len(people)),
        )


def _left(placement_id: str, version: int, people_there: int) -> None:
    who, where = (
        typed(LEAVING, f"people {placement_id}"),
        MoveOn(str(typed(LEAVING, f"where {placement_id}"))),
    )

    def work() -> str:
        on = typed_day(LEAVING, f"on {placement_id}", "the date")
        if people_there > 1 and isinstance(who, list):
            stay = change(
                lambda now: move_out(
                    now.session,
                    now.actor,
                    placement_id,
                    version=version,
                    person_ids=who,
                    on=on,
                    move_on=where,
                    clock=now.clock,
                )
            )
        else:
            stay = change(
                lambda now: end_stay(
                    now.session,
                    now.actor,
                    placement_id,
                    version=version,
                    on=on,
                    move_on=where,
                    clock=now.clock,
                )
            )
        return t("Recorded: the departure of {who}.", who=stay.referral_id)

    send(LEAVING, work, LABELS)
