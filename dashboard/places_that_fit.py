"""How many places would do for what is typed so far, and which answer would open more."""

from __future__ import annotations

from datetime import date, datetime
from html import escape
from typing import Final

import streamlit as st

from beds.services.drafting import Places
from beds.wording import OUTCOMES, barrier_sentence, sentence_case
from dashboard.components import call_out, say, source_caption, source_of_records
from dashboard.language import counted, day, t

IF_ANSWERED: Final = {
    "needs_step_free": "{n} if step-free is not needed",
    "accepts_sharing": "{n} if they agree to share",
    "cross_border": "{n} if they agree to cross the border",
    "min_security_level": "{n} if standard security is enough",
    "risk_to_others": "{n} if the risk to others is low",
}
MOST_BARRIERS: Final = 3


def show_places(found: Places | None, *, as_at: datetime | None) -> None:
    """Show how many units would do now; None: not enough is known to count."""
    st.subheader(t("Places that fit"), anchor=False)
    if found is None or as_at is None:
        say(t("Say where they are and who is asking, and the places that fit are counted here."))
        return
    if found.units is None:
        say(f"{sentence_case(t(OUTCOMES[found.outcome or '']))}.")
        say(t("Nobody is placed until that is settled; it can be recorded meanwhile."))
        return
    words = counted(found.units, "{n} unit", "{n} units").split(" ", 1)
    st.html(
        f'<div class="beds-facts" aria-live="polite"><p><b>{escape(words[0])}</b> '
        f"{escape(t('{units} would do now', units=words[-1]))}</p></div>"
    )
    if found.if_answered:
        call_out(
            t("Not yet known, and read with caution"),
            [t(IF_ANSWERED[need], n=f"{count:,}") + "." for need, count in found.if_answered.items()],
        )
    if found.free_on:
        say(t("Not before {day}; that is no promise.", day=day(date.fromisoformat(found.free_on))))
    if found.barriers:
        call_out(
            t("What stands in the way"),
            [t(barrier_sentence(barrier)) for barrier in found.barriers[:MOST_BARRIERS]],
        )
    source_caption(
        as_at=as_at,
        definition=t("Units that break no rule for this household tonight; nothing is kept of a draft."),
        source=source_of_records(),
    )
