"""A round at a glance: what is proven, what it achieves, and how many were placed or not."""

from __future__ import annotations

import streamlit as st

from beds.domain.terms import Priority
from beds.services.round_pictures import RoundPicture
from beds.wording import LEVEL_DEFINITIONS, LEVELS, sentence_case
from dashboard.charts import bars_in_parts
from dashboard.components import (
    Column,
    Fact,
    facts,
    plain_table,
    say,
    section,
    source_caption,
    source_of_records,
)
from dashboard.language import counted, t
from dashboard.round_words import outcome_words, proof


def show_proof(picture: RoundPicture) -> None:
    """Show what is proven, and how many can be placed."""
    section(proof(picture))
    without = [one.row["referral_id"] for one in picture.not_placed if one.priority is Priority.EMERGENCY]
    placed, others = len(picture.proposed), len(picture.not_placed)
    facts(
        [
            Fact(f"{placed:,}", _noun(placed, "household can be placed", "households can be placed")),
            Fact(f"{others:,}", t("cannot yet")),
            Fact(
                f"{len(without):,}",
                _noun(len(without), "of them emergency", "of them emergencies"),
                "emergency" if without else "",
            ),
        ]
    )
    if without:
        say(t("Emergencies without a place tonight: {who}.", who=", ".join(without)))
    hidden = sum(picture.others.values())
    if hidden:
        say(
            counted(
                hidden,
                "{n} household more took part whose case you may not see.",
                "{n} households more took part whose cases you may not see.",
            )
        )


def show_levels(picture: RoundPicture) -> None:
    """Show the five levels with what each means."""
    plain_table(
        t("What it achieves, in strict order"),
        [
            Column(t("Level")),
            Column(t("Result"), number=True),
            Column(t("At best"), number=True),
            Column(t("What it means")),
        ],
        [
            (
                f"{place}. {sentence_case(t(label))}",
                f"{picture.line.objective[level]:,}",
                t("not known") if (bound := picture.bound[level]) is None else f"{bound:,}",
                t(LEVEL_DEFINITIONS[level]),
            )
            for place, (level, label) in enumerate(LEVELS.items(), start=1)
        ],
    )
    source_caption(
        as_at=picture.line.as_at,
        definition=t("A level counts only between rounds equal above it. At best: what could be reached."),
        source=source_of(picture.line.run_id),
    )


def show_numbers(picture: RoundPicture) -> None:
    """Show how many were placed or not and why, as a chart with the same numbers in a table beside it."""
    rows = {outcome_words(outcome): row for outcome, row in picture.by_outcome().items()}
    if not rows:
        return
    section(t("Placed and not placed"))
    chart, numbers = st.columns([1, 1], gap="large")
    sentences = "; ".join(f"{label}: {sum(row.values())}" for label, row in rows.items())
    with chart:
        bars_in_parts(
            rows,
            list(Priority),
            noun=t("households"),
            alt_text=t(
                "Households by what became of them, in parts by priority. {numbers}.", numbers=sentences
            ),
        )
    with numbers:
        plain_table(
            t("The same in numbers"),
            [
                Column(t("Households")),
                *(Column(sentence_case(t(p.value)), number=True) for p in Priority),
                Column(t("All"), number=True),
            ],
            [
                (label, *(str(row[p]) for p in Priority), str(sum(row.values())))
                for label, row in rows.items()
            ],
            stacks=False,
        )
    source_caption(
        as_at=picture.line.as_at,
        definition=t("Every household shown, by the priority it counts as and what became of it."),
        source=source_of(picture.line.run_id),
    )


def source_of(run_id: str) -> str:
    """Return what to name as the source of a round's figures."""
    return t("round {run}, on {records}", run=run_id, records=source_of_records())


def _noun(number: int, one: str, many: str) -> str:
    return t(one if number == 1 else many)
