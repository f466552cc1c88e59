"""Charts in one style: told apart by place and lightness, never by hue alone, and readable in grey."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import altair as alt
import streamlit as st

from beds.wording import sentence_case

Part = TypeVar("Part", bound=str)

ROW_HEIGHT = 50
LEGEND_HEIGHT = 30
SMALLEST_LABELLED = 0.035
"""A part narrower than this share of the longest bar has no number in it; the table beside has them all."""


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours for parts in order, from the one to look at first, with the ink of the number in each.

    Neighbours differ in lightness by enough to be told apart in grey; the outline is the text's colour.
    """

    text: str
    parts: tuple[str, ...]
    inks: tuple[str, ...]


LIGHT = Palette("#1b282b", ("#0b3f4a", "#4b8d9a", "#e2f0f1"), ("#ffffff", "#0b1a1d", "#0b1a1d"))
DARK = Palette("#e8eded", ("#e6f6f7", "#5095a1", "#1a424b"), ("#0b1a1d", "#0b1a1d", "#ffffff"))


def bars_in_parts(
    rows: Mapping[str, Mapping[Part, int]], parts: Sequence[Part], *, noun: str, alt_text: str
) -> None:
    """Show a bar a row, made of parts in a fixed order, each with its number.

    Parameters
    ----------
    rows : mapping of str to mapping of str to int
        Numbers by part, by the label of the row, in the order of showing.
    noun : str
        What is counted, such as `households`.
    alt_text : str
        What the chart shows, in words.
    """
    palette = DARK if st.context.theme.type == "dark" else LIGHT
    longest = max(sum(row.values()) for row in rows.values())
    values = [part for label, row in rows.items() for part in _parts(label, row, parts, longest)]
    base = alt.Chart({"values": values}).encode(
        y=alt.Y("row:N", sort=list(rows), axis=None, scale=alt.Scale(paddingInner=0.6, paddingOuter=0.3))
    )
    bars = base.mark_bar(aria=False, stroke=palette.text, strokeWidth=1).encode(
        x=alt.X("from:Q", axis=None, scale=alt.Scale(domain=[0, longest])),
        x2="to:Q",
        color=alt.Color(
            "part:N",
            sort=list(parts),
            scale=alt.Scale(domain=list(parts), range=list(palette.parts)),
            legend=alt.Legend(
                aria=False, orient="top", title=None, symbolStrokeColor=palette.text, symbolStrokeWidth=1
            ),
        ),
        tooltip=[alt.Tooltip("title:N", title=noun), alt.Tooltip("part:N"), alt.Tooltip("count:Q")],
    )
    numbers = (
        base.transform_filter("datum.labelled")
        .mark_text(aria=False, fontSize=12, fontWeight="bold")
        .encode(
            x="middle:Q",
            text="count:Q",
            color=alt.Color(
                "part:N", scale=alt.Scale(domain=list(parts), range=list(palette.inks)), legend=None
            ),
        )
    )
    titles = (
        base.transform_filter("datum.first")
        .mark_text(aria=False, align="left", dy=-22, fontSize=13, color=palette.text)
        .encode(x=alt.value(0), text="title:N")
    )
    chart = (
        alt.layer(bars, numbers, titles)
        .resolve_scale(color="independent")
        .properties(height=ROW_HEIGHT * len(rows) + LEGEND_HEIGHT, background="transparent")
        .configure(font="Source Sans, sans-serif")
        .configure_view(stroke=None)
        .configure_legend(labelColor=palette.text, labelFontSize=13)
    )
    st.altair_chart(chart, width="stretch", theme=None, alt=alt_text)


def _parts(
    label: str, row: Mapping[Part, int], parts: Sequence[Part], longest: int
) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    start = 0
    for part in parts:
        end = start + row[part]
        if end > start:
            found.append(
                {
                    "row": label,
                    "title": f"{sentence_case(label)}: {sum(row.values())}",
                    "part": part,
                    "count": end - start,
                    "first": start == 0,
                    "from": start,
                    "to": end,
                    "middle": (start + end) / 2,
                    "labelled": (end - start) / longest >= SMALLEST_LABELLED,
                }
            )
        start = end
    return found
