"""Charts of what may come: a fan of beds needed, scenarios side by side, what moved a number.

Told apart by lightness, dash and sign, never by hue alone; each has its numbers in a table beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from textwrap import wrap
from typing import Any, Final

import altair as alt

from dashboard.charts import DASHES, LINE_HEIGHT, Drawing, drawn, palette
from dashboard.language import t

ROW: Final = 58
FRAME: Final = 60
FALL_HEIGHT: Final = 300
LETTERS_A_LINE: Final = 16
NEW_LINE: Final = "|"


@dataclass(frozen=True, slots=True)
class Fan:
    """Numbers of beds over dates: the middle, and between what half and nine in ten futures lie."""

    dates: Sequence[date]
    middle: Sequence[float]
    half: tuple[Sequence[float], Sequence[float]]
    nine_in_ten: tuple[Sequence[float], Sequence[float]]


@dataclass(frozen=True, slots=True)
class Curve:
    """A plain curve over dates, such as the beds there are."""

    label: str
    dates: Sequence[date]
    values: Sequence[float]
    in_steps: bool = False


@dataclass(frozen=True, slots=True)
class Interval:
    """A value with the range that nine in ten futures lie in; `shown` is how it is written."""

    label: str
    value: float
    low: float
    high: float
    shown: str


@dataclass(frozen=True, slots=True)
class Move:
    """One bar of a waterfall, from `start` to `end`; `whole` bars stand on the ground."""

    label: str
    start: float
    end: float
    shown: str
    whole: bool = False


@drawn
def fan(of: Fan, curves: Sequence[Curve], *, of_what: str, alt_text: str, tonight: date) -> Drawing:
    """Draw a fan of what may come, with curves beside it and an upright line at tonight."""
    colours = palette()
    rows = [
        {"on": on.isoformat(), "middle": mid, "l50": l5, "h50": h5, "l90": l9, "h90": h9}
        for on, mid, l5, h5, l9, h9 in zip(of.dates, of.middle, *of.half, *of.nine_in_ten, strict=True)
    ]
    upright = alt.Axis(aria=False, tickMinStep=1)
    along = alt.X("on:T", title=None, axis=alt.Axis(format="%-d %b %y", labelOverlap=True, aria=False))
    base = alt.Chart({"values": rows}).encode(x=along)
    hue = colours.lines[0]
    layers: list[Any] = [
        base.mark_area(aria=False, color=hue, opacity=opacity).encode(
            y=alt.Y(f"{low}:Q", title=of_what, axis=upright, scale=alt.Scale(zero=True)), y2=f"{high}:Q"
        )
        for low, high, opacity in (("l90", "h90", 0.16), ("l50", "h50", 0.26))
    ]
    needed = Curve(t("Needed, in the middle"), of.dates, of.middle)
    layers += _curves([needed, *curves], along)
    here = alt.Chart({"values": [{"on": tonight.isoformat()}]})
    layers.append(here.mark_rule(aria=False, color=colours.text, strokeDash=[2, 2]).encode(x="on:T"))
    return Drawing(alt.layer(*layers), LINE_HEIGHT, alt_text)


def _curves(curves: Sequence[Curve], along: Any) -> list[Any]:
    colours = palette()
    names = [curve.label for curve in curves]
    dashes = [list(dash) for dash in DASHES[: len(names)]]
    hue = alt.Color(
        "curve:N",
        sort=names,
        scale=alt.Scale(domain=names, range=list(colours.lines[: len(names)])),
        legend=alt.Legend(aria=False, orient="top", title=None, columns=2, symbolType="stroke"),
    )
    dash = alt.StrokeDash("curve:N", sort=names, scale=alt.Scale(domain=names, range=dashes), legend=None)
    shown = []
    for curve in curves:
        values = [
            {"curve": curve.label, "on": on.isoformat(), "value": value}
            for on, value in zip(curve.dates, curve.values, strict=True)
        ]
        shown.append(
            alt.Chart({"values": values})
            .mark_line(aria=False, strokeWidth=2, interpolate="step-after" if curve.in_steps else "linear")
            .encode(
                x=along,
                y=alt.Y("value:Q", axis=alt.Axis(aria=False)),
                color=hue,
                strokeDash=dash,
                tooltip=[alt.Tooltip("curve:N"), alt.Tooltip("on:T"), alt.Tooltip("value:Q", format=".1f")],
            )
        )
    return shown


@drawn
def intervals(rows: Sequence[Interval], *, of_what: str, alt_text: str) -> Drawing:
    """Draw a dot a row on the line of its interval, its name and number above it."""
    colours = palette()
    values = [
        {
            "row": row.label,
            "value": row.value,
            "low": row.low,
            "high": row.high,
            "shown": row.shown,
            "title": t("{label}: {shown}", label=row.label, shown=row.shown),
        }
        for row in rows
    ]
    names = [row.label for row in rows]
    base = alt.Chart({"values": values}).encode(
        y=alt.Y("row:N", sort=names, axis=None, scale=alt.Scale(paddingInner=0.5, paddingOuter=0.5))
    )
    lines = base.mark_rule(aria=False, strokeWidth=3, color=colours.lines[0], opacity=0.55).encode(
        x=alt.X("low:Q", title=of_what, axis=alt.Axis(aria=False), scale=alt.Scale(zero=True)), x2="high:Q"
    )
    dots = base.mark_point(aria=False, filled=True, size=110, color=colours.lines[0], opacity=1).encode(
        x="value:Q",
        tooltip=[alt.Tooltip("row:N", title=" "), alt.Tooltip("shown:N", title=of_what)],
    )
    titles = base.mark_text(aria=False, align="left", dy=-17, fontSize=13, color=colours.text).encode(
        x=alt.value(0), text="title:N"
    )
    return Drawing(alt.layer(lines, dots, titles), ROW * len(rows) + FRAME, alt_text)


@drawn
def waterfall(moves: Sequence[Move], *, of_what: str, alt_text: str) -> Drawing:
    """Draw from what to what a number went, bar by bar; what lowers it is lighter and has a minus sign."""
    colours = palette()
    kinds = (t("In all"), t("More"), t("Less"))
    values = [
        {
            "bar": _lines(move.label),
            "from": move.start,
            "to": move.end,
            "top": max(move.start, move.end),
            "shown": move.shown,
            "kind": kinds[0] if move.whole else kinds[1] if move.end >= move.start else kinds[2],
        }
        for move in moves
    ]
    base = alt.Chart({"values": values}).encode(
        x=alt.X(
            "bar:N",
            sort=[_lines(move.label) for move in moves],
            title=None,
            axis=alt.Axis(
                aria=False,
                labelAngle=0,
                labelOverlap=False,
                labelExpr=f"split(datum.value, '{NEW_LINE}')",
            ),
        )
    )
    bars = base.mark_bar(aria=False, stroke=colours.text, strokeWidth=1).encode(
        y=alt.Y("from:Q", title=of_what, axis=alt.Axis(aria=False)),
        y2="to:Q",
        color=alt.Color(
            "kind:N",
            sort=list(kinds),
            scale=alt.Scale(domain=list(kinds), range=list(colours.parts)),
            legend=alt.Legend(
                aria=False, orient="top", title=None, symbolStrokeColor=colours.text, symbolStrokeWidth=1
            ),
        ),
    )
    numbers = base.mark_text(aria=False, dy=-9, fontSize=12, fontWeight="bold", color=colours.text).encode(
        y="top:Q", text="shown:N"
    )
    return Drawing(alt.layer(bars, numbers), FALL_HEIGHT, alt_text)


def _lines(label: str) -> str:
    return NEW_LINE.join(wrap(label.replace(NEW_LINE, " "), LETTERS_A_LINE))
