"""One unit's candidates: who could have it now, in priority order, and why not the others."""

import streamlit as st

from beds.services.demonstration import (
    UnitOfEstate,
    demonstration,
    ground_of_latest_round,
    households_for,
    units_of,
)
from beds.services.options import CandidatesJson
from beds.wording import OUTCOMES, counted, day, mismatch
from dashboard.components import (
    FILL_IT,
    NO_ROUND,
    RECORDS,
    SELECT_WIDTH,
    Column,
    page_head,
    plain_table,
    source_caption,
)
from dashboard.phrases import kind_of, rules_in_words


def show_page() -> None:
    """Let a unit be chosen, and show who could have it."""
    with demonstration() as engine:
        ground = ground_of_latest_round(engine)
    page_head(
        "Who could have a unit", "One unit: the households that could have it tonight, first in line first."
    )
    if ground is None:
        st.info(NO_ROUND)
        return
    units = units_of(ground)
    if not units:
        st.info(f"There is no unit yet. {FILL_IT}")
        return
    chosen = st.selectbox(
        "Unit",
        list(units),
        format_func=lambda ref: _label(units[ref]),
        key="unit",
        width=SELECT_WIDTH,
        filter_mode="contains",
    )
    show_households(households_for(ground, chosen))


def show_households(answer: CandidatesJson) -> None:
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
        source=RECORDS,
    )


def _label(unit: UnitOfEstate) -> str:
    return f"{unit.unit_id} · {unit.region} · {kind_of(unit)}"


show_page()
