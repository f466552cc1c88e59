"""The latest round: its proof, who is proposed where, and why not the others."""

import streamlit as st

from beds.domain.terms import Priority
from beds.roles import Permission
from beds.services.rounds import KeptRound, latest_round
from beds.wording import OUTCOMES, barrier_sentence, day, mismatch, next_step, short_beds
from dashboard.components import Column, empty_state, page_head, plain_table, source_caption
from dashboard.language import t
from dashboard.round_summary import show_numbers, show_proof, source_of
from dashboard.session import turn, visitor

MOST_BARRIERS = 3


def show_page() -> None:
    """Show the latest round."""
    visitor(Permission.SEE_CASES)
    page_head(t("Round"), t("Who could go where tonight, proposed all at once. People decide."))
    with turn() as now:
        kept = latest_round(now.session, now.actor)
    if kept is None:
        empty_state(t("There is no round yet."), t("Run one with `beds allocate` in a terminal."))
        return
    show_proof(kept)
    show_numbers(kept)
    placements, unplaced = kept.result["placements"], kept.result["unplaced"]
    if not placements and not unplaced:
        st.info("Nobody was waiting at the time of this round.")
        return
    proposed, others = st.tabs([f"Proposed ({len(placements)})", f"Not placed ({len(unplaced)})"])
    with proposed:
        show_proposals(kept)
    with others:
        show_unplaced(kept)


def show_proposals(kept: KeptRound) -> None:
    """Show who is proposed where, the most urgent first."""
    rows = sorted(kept.result["placements"], key=lambda row: _in_line(kept, row["referral_id"]))
    if not rows:
        st.info("Nobody can be placed in this round. “Not placed” says why, household by household.")
        return
    plain_table(
        "Proposals, the most urgent first",
        [
            Column("Household"),
            Column("Priority", priority=True),
            Column("Site", short=True),
            Column("Unit", short=True),
            Column("Beds", short=True),
            Column("Until", short=True),
            Column("What is not ideal, in points"),
        ],
        [
            (
                row["referral_id"],
                kept.priority_of[row["referral_id"]],
                row["site_id"],
                row["unit_id"],
                short_beds(row["unit_id"], row["bed_ids"]),
                day(row["expected_end_on"]),
                mismatch(row["mismatch"]),
            )
            for row in rows
        ],
    )
    source_caption(
        as_at=kept.result["as_at"],
        definition="A proposal holds nothing: every rule is checked again when a person accepts it.",
        source=source_of(kept),
    )


def show_unplaced(kept: KeptRound) -> None:
    """Show who is not placed, why, and what would help."""
    rows = sorted(kept.result["unplaced"], key=lambda row: _in_line(kept, row["referral_id"]))
    if not rows:
        st.info("Everybody who took part has a place in this round.")
        return
    plain_table(
        "Not placed, the most urgent first",
        [
            Column("Household"),
            Column("Priority", priority=True),
            Column("Why"),
            Column("Not before", short=True),
            Column("What would help, or stands in the way"),
        ],
        [
            (
                row["referral_id"],
                kept.priority_of[row["referral_id"]],
                OUTCOMES[row["outcome"]],
                day(row["free_on"]),
                " ".join(map(barrier_sentence, row["barriers"][:MOST_BARRIERS])) or next_step(row),
            )
            for row in rows
        ],
    )
    source_caption(
        as_at=kept.result["as_at"],
        definition=(
            "“Not before” is the earliest date on which a unit that would do could be free, no promise. "
            "What cannot be talked over is a gap in the estate: nobody is asked to waive it."
        ),
        source=source_of(kept),
    )


def _in_line(kept: KeptRound, referral_id: str) -> tuple[int, str]:
    return list(Priority).index(kept.priority_of[referral_id]), referral_id


show_page()
