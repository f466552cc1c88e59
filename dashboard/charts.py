"""Charts in one style: told apart by place, lightness and dash, never by hue alone, and readable in grey.

Every chart goes through `drawn`, which gives it the theme and its words. Each kind of chart is a function of
numbers that it is given; none asks a service anything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache, partial, wraps
from typing import Any, Final, ParamSpec, TypeVar

import altair as alt
import streamlit as st

from beds.wording import sentence_case
from dashboard.language import language

Part = TypeVar("Part", bound=str)
P = ParamSpec("P")

LATELY: Final = 64
"""Drawings of one kind that are kept."""
ROW_HEIGHT: Final = 50
LEGEND_HEIGHT: Final = 30
LINE_HEIGHT: Final = 280
FONT: Final = "Source Sans, sans-serif"
SMALLEST_LABELLED: Final = 0.035
"""A part narrower than this share of the longest bar has no number in it; the table beside has them all."""
WIDEST_LABEL: Final = 320
"""Of a legend, in pixels."""
DASHES: Final = ((1, 0), (6, 3), (2, 2), (8, 3, 2, 3))


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours for parts in order, from the one to look at first, with the ink of the number in each.

    Neighbours differ in lightness by enough to be told apart in grey; the outline is the text's colour.
    `lines` are for curves, which also differ by dash; `rule` is for grids and axes.
    """

    text: str
    parts: tuple[str, ...]
    inks: tuple[str, ...]
    lines: tuple[str, ...]
    rule: str


LIGHT: Final = Palette(
    "#1b282b",
    ("#0b3f4a", "#4b8d9a", "#e2f0f1"),
    ("#ffffff", "#0b1a1d", "#0b1a1d"),
    ("#0b5563", "#8a5a00", "#6b3d7a", "#4a5558"),
    "#c9c5b9",
)
DARK: Final = Palette(
    "#e8eded",
    ("#e6f6f7", "#5095a1", "#1a424b"),
    ("#0b1a1d", "#0b1a1d", "#ffffff"),
    ("#8fd0d7", "#f0bd62", "#d2a6e0", "#b5c0c2"),
    "#3f4d51",
)


@dataclass(frozen=True, slots=True)
class Band:
    """A curve over dates with one interval around it, such as the middle 80 % of what may come."""

    label: str
    dates: Sequence[date]
    middle: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]


def palette() -> Palette:
    """Return the colours for the theme that the visitor sees."""
    return DARK if st.context.theme.type == "dark" else LIGHT


@dataclass(frozen=True, slots=True)
class Drawing:
    """What a chart is of: marks without sizes, fonts and colours of text; its height in pixels; its words.

    `alt_text` says what the chart shows; the numbers are in a table beside it.
    """

    marks: Any
    height: int
    alt_text: str


def drawn(draw: Callable[P, Drawing]) -> Callable[P, None]:
    """Return what shows a drawing in the style of the house, as wide as there is room.

    What was asked for lately is not worked out anew: it takes a tenth of a second, and pages are shown again
    and again with the same numbers.
    """
    lately = lru_cache(maxsize=LATELY)(partial(_in_our_style, draw))

    @wraps(draw)
    def shown(*args: P.args, **kwargs: P.kwargs) -> None:
        spec, alt_text = lately(_Asked(args, kwargs, f"{palette()} {language()} {args} {kwargs}"))
        st.vega_lite_chart(spec=deepcopy(spec), width="stretch", theme=None, alt=alt_text)

    return shown


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is to be drawn; the same if it reads the same, in the same theme and language."""

    args: tuple[Any, ...] = field(compare=False)
    kwargs: Mapping[str, Any] = field(compare=False)
    reads: str


def _in_our_style(draw: Callable[..., Drawing], asked: _Asked) -> tuple[dict[str, Any], str]:
    colours = palette()
    drawing = draw(*asked.args, **asked.kwargs)
    chart = (
        drawing.marks.properties(height=drawing.height, background="transparent")
        .configure(font=FONT)
        .configure_view(stroke=None)
        .configure_legend(labelColor=colours.text, labelFontSize=13, titleColor=colours.text)
        .configure_axis(
            labelColor=colours.text,
            titleColor=colours.text,
            labelFontSize=12,
            titleFontSize=12,
            titleFontWeight="normal",
            gridColor=colours.rule,
            gridOpacity=0.6,
            domainColor=colours.rule,
            tickColor=colours.rule,
        )
    )
    return chart.to_dict(), drawing.alt_text


@drawn
def bars_in_parts(
    rows: Mapping[str, Mapping[Part, int]], parts: Sequence[Part], *, noun: str, alt_text: str
) -> Drawing:
    """Draw a bar a row, made of parts in a fixed order, each with its number.

    Parameters
    ----------
    rows : mapping of str to mapping of str to int
        Numbers by part, by the label of the row, in the order of showing.
    noun : str
        What is counted, such as `households`.
    alt_text : str
        What the chart shows, in words.
    """
    colours = palette()
    longest = max(sum(row.values()) for row in rows.values())
    values = [part for label, row in rows.items() for part in _parts(label, row, parts, longest)]
    base = alt.Chart({"values": values}).encode(
        y=alt.Y("row:N", sort=list(rows), axis=None, scale=alt.Scale(paddingInner=0.6, paddingOuter=0.3))
    )
    bars = base.mark_bar(aria=False, stroke=colours.text, strokeWidth=1).encode(
        x=alt.X("from:Q", axis=None, scale=alt.Scale(domain=[0, longest])),
        x2="to:Q",
        color=alt.Color(
            "part:N",
            sort=list(parts),
            scale=alt.Scale(domain=list(parts), range=list(colours.parts)),
            legend=alt.Legend(
                aria=False, orient="top", title=None, symbolStrokeColor=colours.text, symbolStrokeWidth=1
            ),
        ),
        tooltip=[alt.Tooltip("title:N", title=noun), alt.Tooltip("part:N"), alt.Tooltip("count:Q")],
    )
    inks = alt.Scale(domain=list(parts), range=list(colours.inks))
    numbers = (
        base.transform_filter("datum.labelled")
        .mark_text(aria=False, fontSize=12, fontWeight="bold")
        .encode(x="middle:Q", text="count:Q", color=alt.Color("part:N", scale=inks, legend=None))
    )
    titles = (
        base.transform_filter("datum.first")
        .mark_text(aria=False, align="left", dy=-22, fontSize=13, color=colours.text)
        .encode(x=alt.value(0), text="title:N")
    )
    drawing = alt.layer(bars, numbers, titles).resolve_scale(color="independent")
    return Drawing(drawing, ROW_HEIGHT * len(rows) + LEGEND_HEIGHT, alt_text)


@drawn
def lines_with_bands(
    curves: Sequence[Band],
    *,
    of_what: str,
    alt_text: str,
    split_on: date | None = None,
) -> Drawing:
    """Draw curves over dates, each with its interval as a band; they differ in dash as well as in colour.

    Parameters
    ----------
    curves : at most four
    of_what : str
        What is on the upright axis, such as `beds`.
    split_on : date, optional
        Where what was ends and what may come begins: an upright line.
    """
    colours = palette()
    names = [curve.label for curve in curves]
    values = [
        {"curve": curve.label, "on": on.isoformat(), "middle": middle, "low": low, "high": high}
        for curve in curves
        for on, middle, low, high in zip(curve.dates, curve.middle, curve.low, curve.high, strict=True)
    ]
    hue = alt.Color(
        "curve:N",
        sort=names,
        scale=alt.Scale(domain=names, range=list(colours.lines[: len(names)])),
        legend=alt.Legend(aria=False, orient="top", title=None, labelLimit=WIDEST_LABEL)
        if len(names) > 1
        else None,
    )
    base = alt.Chart({"values": values}).encode(
        x=alt.X("on:T", title=None, axis=alt.Axis(format="%-d %b %y", labelOverlap=True, aria=False))
    )
    upright = alt.Axis(aria=False, tickMinStep=1)
    bands = base.mark_area(aria=False, opacity=0.22).encode(
        y=alt.Y("low:Q", title=of_what, axis=upright), y2="high:Q", color=hue
    )
    dashes = alt.StrokeDash(
        "curve:N",
        sort=names,
        scale=alt.Scale(domain=names, range=[list(dash) for dash in DASHES[: len(names)]]),
        legend=None,
    )
    lines = base.mark_line(aria=False, strokeWidth=2).encode(
        y=alt.Y("middle:Q", title=of_what, axis=upright),
        color=hue,
        strokeDash=dashes,
        tooltip=[
            alt.Tooltip("curve:N"),
            alt.Tooltip("on:T"),
            *(alt.Tooltip(f"{field}:Q", format=".1f") for field in ("low", "middle", "high")),
        ],
    )
    layers = [bands, lines]
    if split_on is not None:
        here = alt.Chart({"values": [{"on": split_on.isoformat()}]})
        layers.append(here.mark_rule(aria=False, color=colours.text, strokeDash=[2, 2]).encode(x="on:T"))
    return Drawing(alt.layer(*layers), LINE_HEIGHT, alt_text)


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
