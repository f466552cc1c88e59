"""What can be done with proposals: accept some or all, set some aside. The service judges each again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import streamlit as st

from beds.errors import BedsError
from beds.services.proposals import ProposalAnswer, accept_all, set_aside
from beds.services.round_pictures import Proposed, RoundPicture
from beds.wording import sentence_case
from dashboard.language import counted, spoken, t, worded
from dashboard.place_words import where
from dashboard.refusals import show_refusal
from dashboard.round_words import SET_ASIDE_REASONS
from dashboard.session import change
from dashboard.told import tell

CHOSEN: Final = "proposals chosen"
MOST_TOLD: Final = 5
"""So many refusals are told one by one; the others are counted."""


def show_steps(picture: RoundPicture) -> None:
    """Let open proposals be accepted, some or all, or be set aside for a reason."""
    open_ones = [one for one in picture.proposed if one.is_open]
    if not open_ones:
        return
    run_id = picture.line.run_id
    by_id = {one.proposal.proposal_id: one for one in open_ones}
    if st.button(
        counted(len(open_ones), "Accept the one open proposal", "Accept all {n} open proposals"),
        type="primary",
        key="accept all",
    ):
        _accept(run_id, list(by_id))
    _some(run_id, by_id)


@st.fragment
def _some(run_id: str, by_id: dict[str, Proposed]) -> None:
    chosen = st.multiselect(
        t("Or choose some"),
        list(by_id),
        format_func=worded({name: _words(one) for name, one in by_id.items()}),
        key=f"{CHOSEN} {run_id}",
        placeholder=t("Type a household or a unit"),
        filter_mode="contains",
    )
    if not chosen:
        return
    accept, reasons, aside = st.columns([1, 2, 1], vertical_alignment="bottom")
    with accept:
        accepted = st.button(t("Accept {n} chosen", n=len(chosen)), key="accept some")
    with reasons:
        reason = st.selectbox(
            t("Why they are set aside"),
            list(SET_ASIDE_REASONS),
            format_func=spoken(SET_ASIDE_REASONS),
            key="set aside reason",
        )
    with aside:
        put_aside = st.button(t("Set {n} aside", n=len(chosen)), key="set aside")
    names = [str(name) for name in chosen]
    if accepted:
        _accept(run_id, names)
    if put_aside:
        _set_aside(run_id, names, str(reason))


def _accept(run_id: str, names: Sequence[str]) -> None:
    try:
        answers = change(
            lambda now: accept_all(
                now.session, now.actor, run_id, clock=now.clock, policy=now.policy, only=set(names)
            )
        )
    except BedsError as refusal:
        show_refusal(refusal)
        return
    _tell(answers)
    st.rerun()


def _set_aside(run_id: str, names: Sequence[str], reason: str) -> None:
    try:
        done = change(
            lambda now: [
                set_aside(now.session, now.actor, run_id, name, reason=reason, clock=now.clock)
                for name in names
            ]
        )
    except BedsError as refusal:
        show_refusal(refusal)
        return
    tell(counted(len(done), "{n} proposal is set aside.", "{n} proposals are set aside."))
    st.rerun()


def _tell(answers: Sequence[ProposalAnswer]) -> None:
    held = [answer.hold for answer in answers if answer.hold is not None]
    if held:
        codes = ", ".join(f"{hold.referral_id} {hold.unit_id} ({hold.code})" for hold in held[:MOST_TOLD])
        more = len(held) - MOST_TOLD
        rest = f" {counted(more, 'And {n} more.', 'And {n} more.')}" if more > 0 else ""
        held_words = counted(len(held), "{n} bed is held", "{n} places are held")
        tell(f"{held_words}: {codes}.{rest}")
    refused = [answer for answer in answers if answer.hold is None]
    for answer in refused[:MOST_TOLD]:
        tell(sentence_case(f"{t(answer.message or '')}."), "warning")
    if len(refused) > MOST_TOLD:
        tell(counted(len(refused) - MOST_TOLD, "{n} more was refused.", "{n} more were refused."), "warning")


def _words(one: Proposed) -> str:
    return t(
        "{household} in {unit}, {area} · {priority}",
        household=one.proposal.referral_id,
        unit=one.proposal.unit_id,
        area=where(one.region),
        priority=t(one.priority.value),
    )
