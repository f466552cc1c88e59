"""The steps of a hold: place it, take it up, give it back, record a "no". Each says at once what came of it.

Every step is a service's; the page only asks, and shows a refusal as a sentence.
"""

from __future__ import annotations

import secrets
from typing import Final

import streamlit as st

from beds.domain.terms import DeclinedBy
from beds.errors import BedJustTaken, NotAllowedNow
from beds.services.claims import PREFERENCES
from beds.services.declines import DeclineView, decline_hold, decline_site, reasons_for_a_no
from beds.services.holds import HoldView, release_hold
from beds.services.in_line import where_it_stands
from beds.services.keyed_holds import place_hold_once
from beds.services.placements import PlacementView, confirm_hold
from beds.services.places import PlaceOption
from beds.wording import MISMATCHES
from dashboard.components import Tag, card, card_head, say
from dashboard.language import day, moment, spoken, t
from dashboard.place_words import (
    DECLINE_REASONS,
    HOLD_REASONS,
    OVERRIDE_REASONS,
    RELEASE_REASONS,
    WHO_SAID_NO,
    time_left,
)
from dashboard.refusals import sentence
from dashboard.session import change, refreshing, turn
from dashboard.told import show_outcome, take

TAKEN: Final = "bed just taken"
REASON: Final = "hold reason"
KEYS: Final = "keys of claims"
LOOKS_EVERY_S: Final = 30
WIDTH: Final = 480
"""In pixels."""


def choose_reason() -> None:
    """Let the reason be chosen for which a bed is held; it goes with whichever is held next."""
    st.selectbox(
        t("Why a bed is held"), list(HOLD_REASONS), format_func=spoken(HOLD_REASONS), key=REASON, width=WIDTH
    )


@st.fragment
def hold_step(referral_id: str, one: PlaceOption) -> None:
    """Let a bed be held with one click; a preference that is not met needs a reason first."""
    unit_id = one.place.unit_id
    show_outcome(f"hold {unit_id}")
    unmet = [kind for kind in PREFERENCES if kind in one.option["mismatch"]]
    for kind in unmet:
        st.selectbox(
            t("Why in spite of this: {what}", what=t(MISMATCHES[kind])),
            list(OVERRIDE_REASONS),
            index=None,
            placeholder=t("Choose a reason"),
            format_func=spoken(OVERRIDE_REASONS),
            key=_override(referral_id, unit_id, kind),
        )
    st.button(
        t("Hold {unit}", unit=unit_id),
        type="primary" if one.rank == 1 else "secondary",
        key=f"hold {unit_id}",
        on_click=_hold,
        args=(referral_id, unit_id, unmet),
    )


def _override(referral_id: str, unit_id: str, kind: str) -> str:
    return f"override {referral_id} {unit_id} {kind}"


def _hold(referral_id: str, unit_id: str, unmet: list[str]) -> None:
    state = st.session_state
    reason = str(state.get(REASON, next(iter(HOLD_REASONS))))
    given = {kind: state.get(_override(referral_id, unit_id, kind)) for kind in unmet}
    overrides = {kind: str(why) for kind, why in given.items() if why is not None}
    terms = (referral_id, unit_id, reason, *sorted(overrides.items()))
    # The same click sent twice has the same key: it places one hold.
    key = state.setdefault(KEYS, {}).setdefault(terms, secrets.token_hex(16))

    def place() -> HoldView:
        try:
            hold = change(
                lambda now: place_hold_once(
                    now.session,
                    now.actor,
                    key,
                    referral_id,
                    unit_id,
                    reason=reason,
                    clock=now.clock,
                    policy=now.policy,
                    overrides=overrides,
                )
            )
        except NotAllowedNow:
            # The second of two quick clicks: what it asks for has been done.
            already = _held_for(referral_id)
            if already is None or already.unit_id != unit_id:
                raise
            return already
        del state[KEYS][terms]
        return hold

    def note_taken(refusal: BedJustTaken) -> None:
        state[TAKEN] = (referral_id, sentence(refusal))

    take(place, _held, about=f"hold {unit_id}", taken=note_taken)


def _held_for(referral_id: str) -> HoldView | None:
    with turn() as now:
        return where_it_stands(now.session, now.actor, now.ground, referral_id, policy=now.policy).hold


def show_hold(hold: HoldView) -> None:
    """Show what is held, how long for, and the steps that can follow."""
    with card("hold"):
        _show_time_left(hold)
        _take_up(hold)
        with st.expander(t("Give it back")):
            _give_back(hold)
        with st.expander(t("Record a “no”")):
            _decline(hold)


@refreshing(LOOKS_EVERY_S)
def _show_time_left(hold: HoldView) -> None:
    with turn() as now:
        left = int((hold.expires_at - now.clock.as_at).total_seconds() // 60)
        warning = left <= now.policy.hold_warning.total_seconds() // 60
    if left < 0:
        st.rerun()
    card_head(
        t("{unit} is held", unit=hold.unit_id),
        tags=[Tag(time_left(left), "warning" if warning else "quiet")],
        lines=[
            t("Code {code}. It runs out by itself at {time}.", code=hold.code, time=moment(hold.expires_at)),
            t(
                "{beds}, until {day} if it is taken up.",
                beds=", ".join(hold.bed_ids),
                day=day(hold.expected_end_on),
            ),
        ],
    )


@st.fragment
def _take_up(hold: HoldView) -> None:
    show_outcome("take up")

    def confirm() -> PlacementView:
        return change(
            lambda now: confirm_hold(
                now.session,
                now.actor,
                hold.hold_id,
                version=hold.version,
                clock=now.clock,
                policy=now.policy,
            )
        )

    st.button(
        t("Take it up: she is coming"),
        type="primary",
        key="take up",
        on_click=take,
        args=(confirm, _expected),
        kwargs={"about": "take up"},
    )


@st.fragment
def _give_back(hold: HoldView) -> None:
    show_outcome("give back")
    reason = st.selectbox(
        t("Why it is given back"),
        list(RELEASE_REASONS),
        format_func=spoken(RELEASE_REASONS),
        key="release reason",
        width=WIDTH,
    )

    def release() -> HoldView:
        return change(
            lambda now: release_hold(
                now.session,
                now.actor,
                hold.hold_id,
                version=hold.version,
                reason=str(reason),
                clock=now.clock,
            )
        )

    st.button(
        t("Give the hold back"),
        key="give back",
        on_click=take,
        args=(release, _given_back),
        kwargs={"about": "give back"},
    )


@st.fragment
def _decline(hold: HoldView) -> None:
    show_outcome("decline hold")
    who, reason = _ask_who_and_why("hold")

    def decline() -> DeclineView:
        return change(
            lambda now: decline_hold(
                now.session,
                now.actor,
                hold.hold_id,
                version=hold.version,
                declined_by=who,
                reason=reason,
                clock=now.clock,
            )
        )

    st.button(
        t("Record the “no”"),
        key="decline hold",
        on_click=take,
        args=(decline, _said_no),
        kwargs={"about": "decline hold"},
    )


@st.fragment
def decline_step(referral_id: str, site_ids: list[str]) -> None:
    """Let a "no" to a site be recorded that nothing is held in."""
    show_outcome("decline site")
    site = st.selectbox(t("Which site"), site_ids, key="declined site", width=WIDTH, filter_mode="contains")
    who, reason = _ask_who_and_why("site")

    def decline() -> DeclineView:
        return change(
            lambda now: decline_site(
                now.session,
                now.actor,
                referral_id,
                str(site),
                declined_by=who,
                reason=reason,
                clock=now.clock,
            )
        )

    st.button(
        t("Record the “no”"),
        key="decline site",
        on_click=take,
        args=(decline, _said_no),
        kwargs={"about": "decline site"},
    )


def _ask_who_and_why(about: str) -> tuple[DeclinedBy, str]:
    """Ask who says no and why, and say at once what follows from it."""
    who = st.radio(
        t("Who says no"),
        list(WHO_SAID_NO),
        format_func=spoken(WHO_SAID_NO),
        key=f"who declines {about}",
        horizontal=True,
    )
    side = DeclinedBy(who or DeclinedBy.SURVIVOR)
    reasons = reasons_for_a_no(side)
    reason = st.selectbox(
        t("Why"),
        list(reasons),
        format_func=spoken(DECLINE_REASONS),
        key=f"why declined {about} {side}",
        width=WIDTH,
    )
    code = str(reason or next(iter(reasons)))
    say(t(reasons[code]))
    return side, code


def _held(hold: HoldView) -> str:
    return t(
        "{unit} is held for {household} until {time}. The code is {code}.",
        unit=hold.unit_id,
        household=hold.referral_id,
        time=moment(hold.expires_at),
        code=hold.code,
    )


def _expected(stay: PlacementView) -> str:
    return t(
        "{household} is expected in {unit}, until {day}.",
        household=stay.referral_id,
        unit=stay.unit_id,
        day=day(stay.expected_end_on),
    )


def _given_back(hold: HoldView) -> str:
    return t(
        "{unit} is free again; {household} waits, in the same place in line.",
        unit=hold.unit_id,
        household=hold.referral_id,
    )


def _said_no(no: DeclineView) -> str:
    return t("The “no” to {site} is on record. {consequence}", site=no.site_id, consequence=t(no.consequence))
