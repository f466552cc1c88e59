"""A round: run with choices kept, its proof, its proposals to accept, the others, what has changed."""

import streamlit as st

from beds.roles import Actor, Permission
from beds.services.kept_rounds import RoundLine
from beds.services.round_changes import RoundChanges, compare_rounds, round_before
from beds.services.round_pictures import RoundPicture, newest_rounds, round_picture
from dashboard.components import SELECT_WIDTH, card, empty_state, page_head
from dashboard.language import t, worded
from dashboard.links import find_a_place_for
from dashboard.proposal_steps import show_steps
from dashboard.round_running import SHOWN, show_order, show_running
from dashboard.round_summary import show_levels, show_numbers, show_proof
from dashboard.round_tables import show_changes, show_not_placed, show_proposals
from dashboard.round_words import name_of_round
from dashboard.session import turn, visitor
from dashboard.told import show_told


def show_page() -> None:
    """Show the newest round or another one, and let one be run."""
    who = visitor(Permission.SEE_CASES)
    page_head(t("Round"), t("Who could go where tonight, proposed all at once. People decide."))
    running = who.actor.may(Permission.RUN_ROUNDS) and show_running()
    show_told()
    with turn() as now:
        lines = {line.run_id: line for line in newest_rounds(now.session, now.actor)}
    picture = show_choice(lines) if lines else None
    if who.actor.may(Permission.RUN_ROUNDS) and not running:
        with card("order"):
            show_order(picture)
    if picture is None:
        empty_state(t("There is no round yet."), t("Run one: it takes no bed, and people decide."))
        return
    show_round(picture, who.actor)


def show_choice(lines: dict[str, RoundLine]) -> RoundPicture:
    """Let one of the newest rounds be chosen, and return it."""
    chosen = st.selectbox(
        t("Which round, the newest first"),
        list(lines),
        format_func=worded({run_id: name_of_round(line) for run_id, line in lines.items()}),
        key=SHOWN,
        width=SELECT_WIDTH,
    )
    with turn() as now:
        return round_picture(now.session, now.actor, str(chosen))


def show_round(picture: RoundPicture, actor: Actor) -> None:
    """Show one round: its proof, its proposals, the others, and what has changed since the one before."""
    show_proof(picture)
    if not picture.proposed and not picture.not_placed:
        st.info(t("Nobody was waiting at the time of this round."))
        return
    changes = _changes(picture)
    proposed, others, changed, figures = st.tabs(
        [
            t("Proposed ({n})", n=len(picture.proposed)),
            t("Not placed ({n})", n=len(picture.not_placed)),
            t("Changes ({n})", n=0 if changes is None else sum(changes.counts.values())),
            t("Figures"),
        ]
    )
    with proposed:
        if actor.may(Permission.CLAIM_BEDS):
            show_steps(picture)
        show_proposals(picture)
    with others:
        show_not_placed(picture)
        _way_on(picture, actor)
    with changed:
        if changes is None:
            empty_state(t("This is the first round."), t("Run another one to see what changes."))
        else:
            show_changes(picture, changes)
    with figures:
        show_numbers(picture)
        show_levels(picture)


def _changes(picture: RoundPicture) -> RoundChanges | None:
    run_id = picture.line.run_id
    with turn() as now:
        before = round_before(now.session, now.actor, run_id)
        return None if before is None else compare_rounds(now.session, now.actor, run_id, before)


@st.fragment
def _way_on(picture: RoundPicture, actor: Actor) -> None:
    """Let one of those without a place be looked at closely."""
    if not picture.not_placed:
        return
    chosen = st.selectbox(
        t("Look closely at one of them"),
        [one.row["referral_id"] for one in picture.not_placed],
        key="without a place",
        width=SELECT_WIDTH,
        filter_mode="contains",
    )
    find_a_place_for(actor, str(chosen), key="find a place for one")


show_page()
