"""A round at a glance: what is proven, what it achieves, and how many were placed or not."""

import streamlit as st

from beds.domain.terms import Priority
from beds.services.rounds import KeptRound
from beds.wording import LEVEL_DEFINITIONS, LEVELS, OUTCOMES, proof, sentence_case
from dashboard.charts import bars_in_parts
from dashboard.components import Column, facts, plain_table, say, source_caption, source_of_records
from dashboard.language import t

ROW_LABELS = {"placed": "placed", **OUTCOMES}


def show_proof(kept: KeptRound) -> None:
    """Show what is proven, and the five levels with what each means."""
    result = kept.result
    placed, waiting = len(result["placements"]), len(result["unplaced"])
    st.subheader(proof(result), anchor=False)
    emergencies = [
        row["referral_id"]
        for row in result["unplaced"]
        if kept.priority_of[row["referral_id"]] is Priority.EMERGENCY
    ]
    facts(
        [
            (placed, "household can be placed" if placed == 1 else "households can be placed"),
            (waiting, "cannot yet"),
            (len(emergencies), "of them emergency" if len(emergencies) == 1 else "of them emergencies"),
        ]
    )
    if emergencies:
        say(f"Emergencies without a place tonight: {', '.join(emergencies)}.")
    plain_table(
        "What it achieves, in strict order",
        [
            Column("Level"),
            Column("Result", number=True),
            Column("At best", number=True),
            Column("What it means"),
        ],
        [
            (
                f"{place}. {sentence_case(label)}",
                f"{result['objective'][level]:,}",
                "not known" if (bound := result["bound"][level]) is None else f"{bound:,}",
                LEVEL_DEFINITIONS[level],
            )
            for place, (level, label) in enumerate(LEVELS.items(), start=1)
        ],
    )
    source_caption(
        as_at=result["as_at"],
        definition="A level counts only between rounds equal above it. At best: what could be reached.",
        source=source_of(kept),
    )


def show_numbers(kept: KeptRound) -> None:
    """Show how many were placed or not and why, as a chart with the same numbers in a table beside it."""
    rows = {ROW_LABELS[outcome]: row for outcome, row in kept.households_by_outcome().items()}
    if not rows:
        return
    st.subheader("Placed and not placed", anchor=False)
    chart, numbers = st.columns([1, 1], gap="large")
    sentences = [f"{label}: {sum(row.values())}" for label, row in rows.items()]
    with chart:
        bars_in_parts(
            rows,
            list(Priority),
            noun="households",
            alt_text=f"Households by what became of them, in parts by priority. {'; '.join(sentences)}.",
        )
    with numbers:
        plain_table(
            "The same in numbers",
            [
                Column("Households"),
                *(Column(sentence_case(p), number=True) for p in Priority),
                Column("All", number=True),
            ],
            [
                (label, *(str(row[p]) for p in Priority), str(sum(row.values())))
                for label, row in rows.items()
            ],
            stacks=False,
        )
    source_caption(
        as_at=kept.result["as_at"],
        definition="Every household that took part, by the priority it counts as and what became of it.",
        source=source_of(kept),
    )


def source_of(kept: KeptRound) -> str:
    """Return what to name as the source of a round's figures."""
    return t("round {run}, on {records}", run=kept.run_id, records=source_of_records())
