"""A provider's night: who is coming to their houses, who is there, what is vacant, and whether that is so.

Households are opaque references here; a provider sees no case.
"""

from __future__ import annotations

from datetime import date
from typing import Final

import streamlit as st

from beds.domain.terms import DeclinedBy, PlacementState
from beds.errors import BedsError
from beds.services.declines import decline_hold, provider_reasons
from beds.services.desk import Turn
from beds.services.holds import HoldView, list_holds
from beds.services.next_decisions import decisions_of_provider
from beds.services.outlook import outlook
from beds.services.pages import MOST_ROWS
from beds.services.placements import (
    PlacementView,
    list_placements,
    record_arrival,
    record_no_arrival,
)
from beds.services.sites import SiteLine, confirm_availability, list_sites
from dashboard.components import (
    Column,
    Fact,
    Tag,
    card,
    card_head,
    empty_state,
    facts,
    plain_table,
    row,
    section,
    source_caption,
    source_of_records,
)
from dashboard.language import day, spoken, t
from dashboard.refusals import show_refusal
from dashboard.session import change, refreshing, turn
from dashboard.today_coordinator import show_vacancies
from dashboard.today_words import confirmed, decision_sentence, time_left

OFTEN_S: Final = 20
HOUSE_WIDTH: Final = 340
REASONS: Final = {
    "needs": "We cannot meet their needs",
    "mix_of_house": "Who lives there now",
    "staffing": "Not enough staff tonight",
    "building": "Something is broken",
    "other": "Another reason",
}


def show_providers_night() -> None:
    """Show the night of a provider's own houses; each part refreshes itself, but for what is being typed."""
    _show_numbers()
    _show_holds()
    _show_stays()
    _show_houses()


@refreshing(OFTEN_S)
def _show_numbers() -> None:
    with turn() as now:
        seen = outlook(now.session, now.actor, now.ground, policy=now.policy)
        stays = list_placements(now.session, now.actor, limit=MOST_ROWS, current_only=True).rows
        holds = list_holds(
            now.session, now.actor, clock=now.clock, policy=now.policy, in_force_only=True
        ).rows
        decisions = decisions_of_provider(now.session, now.actor, now.ground, policy=now.policy)
    vacant = sum(one.now for one in seen.by_region.values())
    facts(
        [
            Fact(f"{len(holds):,}", t("held for somebody")),
            Fact(f"{sum(s.state is PlacementState.EXPECTED for s in stays):,}", t("expected to arrive")),
            Fact(f"{sum(s.state is PlacementState.ARRIVED for s in stays):,}", t("households there")),
            Fact(f"{vacant:,}", t("units vacant")),
        ]
    )
    source_caption(
        as_at=now.clock.as_at, definition=t("Your own houses, as recorded."), source=source_of_records()
    )
    for decision in decisions:
        st.html(f'<p class="beds-say"><b>{decision_sentence(decision)}.</b></p>')


@st.fragment
def _show_holds() -> None:
    with turn() as now:
        holds = list_holds(
            now.session, now.actor, clock=now.clock, policy=now.policy, in_force_only=True
        ).rows
    section(t("Held in your houses"), t("Somebody may come here. Say so at once if it cannot be."))
    if not holds:
        empty_state(t("No bed of yours is held."), t("When one is, it stands here with the time left."))
    for hold in holds:
        with card(hold.hold_id):
            _show_hold(hold)


def _show_hold(hold: HoldView) -> None:
    left = Tag(t("{time} left", time=time_left(hold.minutes_left)), "warning" if hold.warn else "quiet")
    card_head(
        t("Unit {unit}", unit=hold.unit_id),
        tags=[left],
        lines=[
            t(
                "Household {ref}, from {start} until {end}.",
                ref=hold.referral_id,
                start=day(hold.starts_on),
                end=day(hold.expected_end_on),
            )
        ],
    )
    with st.popover(t("We cannot take them"), key=f"no-{hold.hold_id}"):
        reason = st.radio(
            t("Why not"),
            provider_reasons(),
            index=None,
            format_func=spoken(REASONS),
            key=f"why-{hold.hold_id}",
        )
        if st.button(t("Give the bed back"), key=f"decline-{hold.hold_id}", type="primary"):
            if reason is None:
                st.error(t("Choose why not: it decides when this house is proposed to them again."))
            else:
                _decline(hold, reason)


def _decline(hold: HoldView, reason: str) -> None:
    def work(now: Turn) -> str:
        view = decline_hold(
            now.session,
            now.actor,
            hold.hold_id,
            version=hold.version,
            declined_by=DeclinedBy.PROVIDER,
            reason=reason,
            clock=now.clock,
        )
        return view.consequence

    try:
        consequence = change(work)
    except BedsError as refusal:
        show_refusal(refusal)
    else:
        st.toast(t(consequence))
        st.rerun()


@refreshing(OFTEN_S)
def _show_stays() -> None:
    with turn() as now:
        stays = list_placements(now.session, now.actor, limit=MOST_ROWS, current_only=True).rows
        today = now.clock.today
    coming = [stay for stay in stays if stay.state is PlacementState.EXPECTED]
    section(t("Expected to arrive"))
    if not coming:
        empty_state(t("Nobody is expected."), t("When a hold is taken up, the household stands here."))
    for stay in coming:
        with card(stay.placement_id):
            _show_arrival(stay)
    there = [stay for stay in stays if stay.state is PlacementState.ARRIVED]
    section(t("Staying with you"))
    if not there:
        empty_state(t("Nobody is staying."), t("Arrivals are recorded above."))
        return
    plain_table(
        t("Stays, the next to end first"),
        [
            Column(t("Household")),
            Column(t("Unit"), short=True),
            Column(t("Since"), short=True),
            Column(t("Expected to end"), short=True),
            Column(t("Stands at")),
        ],
        [
            (
                stay.referral_id,
                stay.unit_id,
                day(stay.starts_on),
                day(stay.expected_end_on),
                _standing(stay, today),
            )
            for stay in sorted(there, key=lambda stay: (stay.expected_end_on, stay.placement_id))
        ],
    )
    source_caption(
        as_at=now.clock.as_at,
        definition=t("No stay ends by itself: it goes on until somebody records who left."),
        source=source_of_records(),
    )


def _standing(stay: PlacementView, today: date) -> Tag:
    if stay.expected_end_on <= today:
        return Tag(t("past its end"), "warning")
    return Tag(t("staying"), "quiet")


def _show_arrival(stay: PlacementView) -> None:
    card_head(
        t("Unit {unit}", unit=stay.unit_id),
        lines=[
            t("Household {ref}, from {start}.", ref=stay.referral_id, start=day(stay.starts_on)),
        ],
    )
    with st.container(horizontal=True):
        if st.button(t("They have arrived"), key=f"came-{stay.placement_id}", type="primary"):
            _record(stay, came=True)
        if st.button(t("They did not come"), key=f"not-{stay.placement_id}"):
            _record(stay, came=False)


def _record(stay: PlacementView, *, came: bool) -> None:
    service = record_arrival if came else record_no_arrival
    try:
        change(
            lambda now: service(
                now.session, now.actor, stay.placement_id, version=stay.version, clock=now.clock
            )
        )
    except BedsError as refusal:
        show_refusal(refusal)
    else:
        st.rerun()


@refreshing(OFTEN_S * 3)
def _show_houses() -> None:
    with turn() as now:
        houses = list_sites(now.session, now.actor, clock=now.clock, policy=now.policy, limit=MOST_ROWS).rows
        seen = outlook(now.session, now.actor, now.ground, policy=now.policy)
    section(t("Is it as shown?"), t("Coordinators phone first where nobody has said so lately."))
    with row("houses"):
        for house in houses:
            with card(house.site_id, width=HOUSE_WIDTH):
                _show_house(house, now)
    show_vacancies(now, seen)


def _show_house(house: SiteLine, now: Turn) -> None:
    said = t("Confirmed: {when}.", when=confirmed(house.availability_confirmed_at, now.clock.as_at))
    state = Tag(t("to confirm"), "warning") if house.phone_first else Tag(t("confirmed"), "good")
    card_head(house.name or house.site_id, tags=[state], lines=[said])
    if st.button(t("What is shown as vacant is vacant"), key=f"so-{house.site_id}"):
        try:
            change(
                lambda turn_: confirm_availability(
                    turn_.session,
                    turn_.actor,
                    house.site_id,
                    version=house.version,
                    clock=turn_.clock,
                    policy=turn_.policy,
                )
            )
        except BedsError as refusal:
            show_refusal(refusal)
        else:
            st.rerun()
