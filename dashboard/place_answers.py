"""What is said of a household before any place: what is held, who said no, what to ask, what would help."""

from __future__ import annotations

import streamlit as st

from beds.domain.terms import HoldState, Nation
from beds.services.in_line import CaseStands, InLine
from beds.services.places import FoundPlaces
from beds.wording import OUTCOMES
from dashboard.components import call_out, say, section
from dashboard.hold_steps import TAKEN, show_hold
from dashboard.language import counted, moment, t
from dashboard.place_words import barrier_words, day_of, decline_words, unasked_words, where


def show_taken(referral_id: str, found: FoundPlaces) -> None:
    """Show that a bed has just been taken by somebody else, and the next best."""
    told = st.session_state.pop(TAKEN, None)
    if told is None or told[0] != referral_id:
        return
    next_step = t("There is no other place for this household now.")
    if found.best:
        best = found.best[0].place
        next_step = t("The next best is {unit} in {area}.", unit=best.unit_id, area=where(best.region))
    st.error(f"{told[1]} {next_step}")


def show_standing(stands: CaseStands) -> None:
    """Show what is held for the household, and each "no" that still stands."""
    last = stands.last_hold
    if stands.hold is not None:
        show_hold(stands.hold)
    elif last is not None and last.state is HoldState.EXPIRED:
        st.warning(
            t(
                "The hold on {unit} ran out at {time}. Place another if she still needs it.",
                unit=last.unit_id,
                time=moment(last.expires_at),
            )
        )
    if stands.declines:
        call_out(t("A “no” that still stands"), [decline_words(no) for no in stands.declines])


def show_answer(found: FoundPlaces, line: InLine) -> None:
    """Show how many places there are, what was not asked, and what would open more."""
    answer = found.answer
    if answer["outcome"]:
        _head(line, t("nowhere now: {why}", why=t(OUTCOMES[answer["outcome"]])))
        if answer["free_on"]:
            say(t("Not before {day}; that is no promise.", day=day_of(answer["free_on"])))
    elif line.is_held:
        _head(
            line,
            counted(answer["options_in_all"], "{n} other unit would do now", "{n} other units would do now"),
        )
    else:
        _head(line, counted(answer["options_in_all"], "{n} unit would do now", "{n} units would do now"))
    if answer["standing"] and not line.is_held:
        say(t("It does not take part in a round now: {why}.", why=t(answer["standing"])))
    if answer["not_yet_asked"]:
        call_out(t("Not yet asked, and read with caution until then"), unasked_words(answer["not_yet_asked"]))
    _show_barriers(found, line.nation)


def _head(line: InLine, words: str) -> None:
    """Begin the answer with whose it is: a bed is held for nobody else than who is named above it."""
    section(t("{household}: {answer}", household=line.referral_id, answer=words))


def _show_barriers(found: FoundPlaces, nation: Nation) -> None:
    unasked = found.answer["not_yet_asked"]
    headings = {
        True: t("To talk over with them"),
        False: t("Gaps in the estate: nobody is asked to waive these"),
    }
    for askable, heading in headings.items():
        of_this_kind = [one for one in found.barriers if one["askable"] is askable]
        if of_this_kind:
            call_out(heading, [barrier_words(one, nation, unasked) for one in of_this_kind])
