"""One unit's candidates: who could have it now, in priority order, and why not the others."""

import streamlit as st

from beds.roles import Permission
from beds.services.answers import UnitCandidatesJson, unit_candidates
from beds.services.choosing import UnitOfEstate, units_seen
from beds.wording import OUTCOMES, counted, day, mismatch
from dashboard.components import (
    SELECT_WIDTH,
    Column,
    empty_state,
    page_head,
    plain_table,
    source_caption,
    source_of_records,
)
from dashboard.language import t
from dashboard.phrases import kind_of, rules_in_words
from dashboard.session import turn, visitor


def show_page() -> None:
    """Let a unit be chosen, and show who could have it."""
    visitor(Permission.SEE_CASES)
    page_head(
        t("Who could have a unit"),
        t("One unit: the households that could have it tonight, first in line first."),
    )
    with turn() as now:
        units = units_seen(now.session, now.actor, now.ground)
    if not units:
        empty_state(t("There is no unit yet."), t("Sites and their units are added under Beds."))
        return
    chosen = st.selectbox(
        t("Unit"),
        list(units),
        format_func=lambda ref: _label(units[ref]),
        key="unit",
        width=SELECT_WIDTH,
        filter_mode="contains",
    )
    with turn() as now:
        answer = unit_candidates(now.session, now.actor, now.ground, chosen, policy=now.policy)
    show_households(answer)


def show_households(answer: UnitCandidatesJson) -> None:
    """Show who could have a unit, in priority order, and why not the others."""
    able = answer["candidates"]
    how_many = counted(len(able), "household") if able else "Nobody"
    st.subheader(f"{how_many} could have it now", anchor=False)
    if able:
        plain_table(
            "Could have it, in priority order",
            [
                Column("Household"),
                Column("Priority", priority=True),
                Column("Days waited", number=True),
                Column("Until", short=True),
                Column("Points", number=True),
                Column("What is not ideal"),
            ],
            [
                (
                    row["referral_id"],
                    row["priority"],
                    str(row["days_waited"]),
                    day(row["expected_end_on"]),
                    str(row["points"]),
                    mismatch(row["mismatch"]),
                )
                for row in able
            ],
        )
    if answer["others"]:
        plain_table(
            "Could not, in priority order",
            [
                Column("Household"),
                Column("Priority", priority=True),
                Column("Days waited", number=True),
                Column("Why not"),
            ],
            [
                (
                    row["referral_id"],
                    row["priority"],
                    str(row["days_waited"]),
                    OUTCOMES[row["outcome"]] if row["outcome"] else rules_in_words(row["rules"]),
                )
                for row in answer["others"]
            ],
        )
    source_caption(
        as_at=answer["as_at"],
        definition="Every household that takes part now: by priority, then the longest wait.",
        source=source_of_records(),
    )


def _label(unit: UnitOfEstate) -> str:
    return f"{unit.unit_id} · {unit.region} · {kind_of(unit)}"


show_page()
