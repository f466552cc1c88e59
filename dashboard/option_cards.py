"""A place as a card: what it is, the needs that it meets, what is not ideal, what it would cost others.

Only what is shown; the steps that can be taken from a card are in `dashboard.hold_steps`.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from beds.services.costs import CostToOthers
from beds.services.places import PlaceOption, Side
from dashboard.components import Column, Tag, card_head, plain_table, say
from dashboard.language import counted, t
from dashboard.place_words import (
    cost_sentences,
    day_of,
    kind_of_place,
    languages_of,
    needs_met,
    not_ideal,
    services_of,
    where,
    who_loses,
)

Lines = Sequence[str]


def show_option(one: PlaceOption) -> None:
    """Show a place that a household could have now."""
    place, option = one.place, one.option
    tags = [Tag(t("Best fit"), "good")] if one.rank == 1 else []
    if place.phone_first:
        tags.append(Tag(t("Phone first"), "warning"))
    tags.append(Tag(counted(option["points"], "{n} point", "{n} points"), "quiet"))
    card_head(
        t("{rank}. {unit} in {area}", rank=one.rank, unit=place.unit_id, area=where(place.region)),
        tags=tags,
        lines=[kind_of_place(place)],
    )
    unmet = not_ideal(option["mismatch"])
    definitions(
        [
            (t("Until"), [day_of(option["expected_end_on"])], "plain"),
            (t("Needs met"), needs_met(one.needs_met), "ticks"),
            (t("Not ideal"), unmet or [t("nothing: ideal")], "dashes" if unmet else "plain"),
        ]
    )


def show_cost(cost: CostToOthers) -> None:
    """Show what a choice would cost others, and whom."""
    lines = cost_sentences(cost)
    who = who_loses(cost)
    if who:
        lines = [*lines, t("Households: {who}.", who=who)]
    definitions([(t("Others in line"), lines, "plain")])


def definitions(rows: Sequence[tuple[str, Lines, str]]) -> None:
    """Show a few facts, each with its name before it.

    Parameters
    ----------
    rows : the name, the lines, and how these are marked: `plain`, `ticks` or `dashes`
    """
    items = "".join(
        f'<div><dt>{escape(name)}</dt><dd><ul class="{kind}">'
        f"{''.join(f'<li>{escape(line)}</li>' for line in lines)}</ul></dd></div>"
        for name, lines, kind in rows
    )
    st.html(f'<dl class="beds-facts-of">{items}</dl>')


def show_side_by_side(one: Side, other: Side) -> None:
    """Show two places: row by row where they differ, and in a sentence what is the same in both."""
    rows = list(zip(_rows(), _column(one), _column(other), strict=True))
    plain_table(
        t("Where the two differ"),
        [Column(t("What")), Column(one.place.place.unit_id), Column(other.place.place.unit_id)],
        [row for row in rows if row[1] != row[2]],
    )
    same = [f"{name.lower()}: {first.rstrip('.')}" for name, first, second in rows if first == second]
    if same:
        say(t("The same in both: {what}.", what="; ".join(same)))


def _rows() -> list[str]:
    return [
        t("Fits"),
        t("Where"),
        t("Kind"),
        t("Until"),
        t("Not ideal"),
        t("Services"),
        t("Staff speak"),
        t("Longest stay there"),
        t("Vacancy confirmed"),
        t("Others in line"),
    ]


def _column(side: Side) -> list[str]:
    place, option = side.place.place, side.place.option
    limit = place.max_stay_nights
    return [
        t("number {rank}, {points} points", rank=side.place.rank, points=option["points"]),
        where(place.region),
        kind_of_place(place),
        day_of(option["expected_end_on"]),
        ", ".join(not_ideal(option["mismatch"])) or t("nothing: ideal"),
        services_of(place),
        languages_of(place),
        t("no limit") if limit is None else counted(limit, "{n} night", "{n} nights"),
        t("phone first") if place.phone_first else t("lately"),
        " ".join(cost_sentences(side.cost)),
    ]
