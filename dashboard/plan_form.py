"""The form that sketches a scenario: each field says what "as on record" is and keeps what is typed."""

from __future__ import annotations

import streamlit as st

from beds.domain.terms import REGIONS, SERVED_NATIONS, Nation
from beds.services.scenario_sketch import (
    FOR_WHOM,
    LONGEST_TITLE,
    NATION_OF_REGION,
    STAY_RULES,
    NewHouse,
    Sketch,
)
from dashboard.language import t

PERIODS = (None, 30, 45, 60, 90, 180)
NOWHERE = ""


def sketch_form(before: Sketch, *, key: str, new: bool) -> Sketch:
    """Show the fields of a sketch, as they were before, and return what they say now."""
    title = st.text_input(
        t("Title"),
        value=t("{title}, changed", title=before.title) if new else before.title,
        max_chars=LONGEST_TITLE,
        key=f"{key}-title",
    )
    periods = {
        nation: _period(column, nation, before, key)
        for nation, column in zip(SERVED_NATIONS, st.columns(2), strict=True)
    }
    rules = list(STAY_RULES)
    rule = st.selectbox(
        t("How long a stay is"),
        rules,
        index=rules.index(before.stay_rule),
        format_func=lambda one: t(STAY_RULES[one]),
        key=f"{key}-rule",
    )
    left, right = st.columns(2)
    growth = left.slider(
        t("Growth of referrals, per cent a year"), -30, 60, before.growth_pct, step=1, key=f"{key}-growth"
    )
    days = right.number_input(
        t("Median days to a decision (0: as on record)"),
        0,
        2000,
        before.decision_days or 0,
        key=f"{key}-days",
    )
    needing = {
        nation: _needing(column, nation, before, key)
        for nation, column in zip(SERVED_NATIONS, st.columns(2), strict=True)
    }
    house = _new_house(key)
    closed = {
        nation: column.slider(
            t("Beds closed in {nation}, per cent", nation=t(nation)), 0, 100, 0, key=f"{key}-closed-{nation}"
        )
        for nation, column in zip(SERVED_NATIONS, st.columns(2), strict=True)
    }
    return Sketch(title, periods, rule, int(days) or None, growth, needing, house, closed)


def _period(
    column: st.delta_generator.DeltaGenerator, nation: Nation, before: Sketch, key: str
) -> int | None:
    stated = before.recovery_nights.get(nation)
    choices = sorted({*PERIODS, stated}, key=lambda nights: nights or 0)
    found: int | None = column.selectbox(
        t("Recovery period in {nation}", nation=t(nation)),
        choices,
        index=choices.index(stated),
        format_func=lambda nights: t("the law in force") if nights is None else t("{n} days", n=nights),
        key=f"{key}-period-{nation}",
    )
    return found


def _needing(
    column: st.delta_generator.DeltaGenerator, nation: Nation, before: Sketch, key: str
) -> int | None:
    stated = before.needing_bed_pct.get(nation)
    pct = column.slider(
        t("Of those in support in {nation}, per cent who need a bed (0: as on record)", nation=t(nation)),
        0,
        100,
        stated or 0,
        key=f"{key}-needing-{nation}",
    )
    return pct or None


def _new_house(key: str) -> NewHouse | None:
    where, units, whom = st.columns(3)
    region = where.selectbox(
        t("A new house in"),
        [NOWHERE, *NATION_OF_REGION],
        format_func=lambda code: t(REGIONS[code]) if code else t("nowhere"),
        key=f"{key}-region",
    )
    count = units.number_input(t("Rooms in it"), 1, 500, 6, key=f"{key}-units")
    admitted = whom.selectbox(t("For"), list(FOR_WHOM), format_func=t, key=f"{key}-whom")
    return NewHouse(region, int(count), admitted) if region else None
