"""A round is run: ordered with choices kept, watched with its progress, stopped. It is solved elsewhere."""

from __future__ import annotations

from html import escape
from typing import Final

import streamlit as st

from beds.errors import BedsError
from beds.services.answers import household_options
from beds.services.in_line import households_in_line
from beds.services.kept_rounds import keep_run
from beds.services.round_orders import order_of_round
from beds.services.round_pictures import RoundPicture
from beds.services.solving import Run, RunState
from dashboard.components import card, card_head, say
from dashboard.language import counted, spoken, t, worded
from dashboard.place_words import household_label
from dashboard.refusals import show_refusal
from dashboard.round_words import progress_words, run_words
from dashboard.session import change_later, desk, refreshing, turn
from dashboard.told import tell

Choice = tuple[str, str]

KEPT: Final = "choices to keep"
OWN: Final = "own choices"
ADDED: Final = "choice added"
SHOWN: Final = "round shown"
WATCHING: Final = "run watched"
LOOKS_EVERY_S: Final = 1
WIDTH: Final = 480
"""In pixels."""
LIMITS: Final[dict[str, float | None]] = {
    "Until it is proven": None,
    "At most half a minute": 30.0,
    "At most two minutes": 120.0,
}


def show_running() -> bool:
    """Show the round that is being run, if one is, and say once what came of the one that was watched."""
    run = desk().solver.run
    if run is not None and not run.is_over:
        st.session_state[WATCHING] = id(run)
        with card("running"):
            _watch(run)
        return True
    if run is not None and st.session_state.pop(WATCHING, None) == id(run):
        tell(run_words(run), "success" if run.state is RunState.KEPT else "warning")
        if run.line is not None:
            st.session_state[SHOWN] = run.line.run_id
    return False


@refreshing(LOOKS_EVERY_S)
def _watch(run: Run) -> None:
    if run.is_over:
        st.rerun()
    card_head(
        t("A round is being run"),
        lines=[counted(int(run.seconds), "For {n} second so far.", "For {n} seconds so far.")],
    )
    steps = [progress_words(step) for step in run.progress] or [progress_words("reading the estate")]
    items = "".join(f"<li>{escape(step)}</li>" for step in steps)
    st.html(f'<ol class="beds-steps" role="status">{items}</ol>')
    if run.state is RunState.SOLVING and st.button(t("Stop the round"), key="stop"):
        run.stop()
        st.rerun()


def show_order(picture: RoundPicture | None) -> None:
    """Let a round be ordered: with choices kept or without, until it is proven or not longer than so."""
    choices = _choices(picture)
    kept = [choice for choice in st.session_state.get(KEPT, []) if choice in choices]
    added = st.session_state.pop(ADDED, None)
    if added is not None:
        kept = [*(choice for choice in kept if choice[0] != added[0]), added]
    st.session_state[KEPT] = kept
    if choices:
        st.multiselect(
            t("Choices to keep, if any: the round is run around them"),
            choices,
            format_func=worded({choice: _choice_words(choice) for choice in choices}),
            key=KEPT,
            placeholder=t("None: the round decides"),
            filter_mode="contains",
        )
    _own_choice()
    limit, button = st.columns([2, 1], vertical_alignment="bottom")
    with limit:
        allowed = st.selectbox(
            t("How long it may take"),
            list(LIMITS),
            format_func=spoken({words: words for words in LIMITS}),
            key="time limit",
            width=WIDTH,
        )
    with button:
        words = t("Run again with these kept") if st.session_state.get(KEPT) else t("Run a round")
        asked = st.button(words, type="primary", key="run")
    if asked:
        _begin(list(st.session_state.get(KEPT, [])), LIMITS[str(allowed)])


def _begin(choices: list[Choice], time_limit_s: float | None) -> None:
    kept = dict(choices)
    if len(kept) < len(choices):
        st.error(t("A household is kept in two units: choose one of them."))
        return
    keep_later = change_later()
    try:
        with turn() as now:
            by = now.actor.user_id
            order = order_of_round(
                now.session, now.actor, now.ground, policy=now.policy, kept=kept, time_limit_s=time_limit_s
            )
        desk().solver.begin(
            order,
            by=by,
            keep=lambda held: keep_later(
                lambda then: keep_run(then.session, then.actor, held, clock=then.clock)
            ),
        )
    except BedsError as refusal:
        show_refusal(refusal)
        return
    st.rerun()


def _choices(picture: RoundPicture | None) -> list[Choice]:
    """Return what can be kept: proposals that are still open, and choices of one's own."""
    proposed = [] if picture is None else [one.proposal for one in picture.proposed if one.is_open]
    found = [(one.referral_id, one.unit_id) for one in proposed]
    return [*found, *(choice for choice in st.session_state.get(OWN, []) if choice not in found)]


def _choice_words(choice: Choice) -> str:
    return t("{household} in {unit}", household=choice[0], unit=choice[1])


@st.fragment
def _own_choice() -> None:
    """Let a household and a unit be chosen that no round proposes; looked up when that is asked for."""
    if not st.toggle(t("Add a choice of your own"), key="own choice"):
        return
    with turn() as now:
        lines = households_in_line(now.session, now.actor, now.ground)
    waiting = {line.referral_id: line for line in lines if not line.is_held}
    if not waiting:
        say(t("Nobody is waiting."))
        return
    household, unit = st.columns(2)
    with household:
        chosen = st.selectbox(
            t("Household"),
            list(waiting),
            index=None,
            placeholder=t("Choose a household"),
            format_func=worded({ref: household_label(line) for ref, line in waiting.items()}),
            key="own household",
            filter_mode="contains",
        )
    units: list[str] = []
    if chosen is not None:
        with turn() as now:
            answer = household_options(
                now.session, now.actor, now.ground, str(chosen), policy=now.policy, log=now.log
            )
        units = [option["unit_id"] for option in answer["options"]]
    with unit:
        place = st.selectbox(
            t("Unit, the best fit first"),
            units,
            index=None,
            placeholder=t("Choose a unit") if units or chosen is None else t("Nowhere now"),
            key=f"own unit {chosen}",
            filter_mode="contains",
        )
    if st.button(t("Keep this choice"), key="add choice", disabled=chosen is None or place is None):
        _add((str(chosen), str(place)))
        st.rerun()


def _add(choice: Choice) -> None:
    """Keep a choice, in place of another one for the same household."""
    own = [one for one in st.session_state.get(OWN, []) if one[0] != choice[0]]
    st.session_state[OWN] = [*own, choice]
    st.session_state[ADDED] = choice
