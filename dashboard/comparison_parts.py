"""Scenarios side by side on a page: dots with their intervals, differences, what moved the number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import streamlit as st

from dashboard.components import Column, call_out, empty_state, plain_table, section, source_caption
from dashboard.forecast_charts import Interval, Move, intervals, waterfall
from dashboard.forecast_reading import POUNDS, amount, difference, in_range
from dashboard.language import t

SHOWN_FIRST: Final = ("needed", "short", "cost_in_full")


def titles_of(document: Mapping[str, Any]) -> list[str]:
    """Return what each scenario is called, in order."""
    return [one.get("title") or one["name"] for one in document["scenarios"]]


def show_comparison(document: Mapping[str, Any], *, key: str) -> None:
    """Show a kept comparison for the nation and measure that the visitor chooses."""
    lines = document["lines"]
    nations = list(dict.fromkeys(line["nation"] for line in lines))
    measures = list(dict.fromkeys(line["measure"] for line in lines))
    words = {line["measure"]: line for line in lines}
    left, right = st.columns(2)
    nation = left.selectbox(t("Nation"), nations, format_func=_nation, key=f"{key}-nation")
    measure = right.selectbox(
        t("What is compared"),
        [*(m for m in SHOWN_FIRST if m in measures), *(m for m in measures if m not in SHOWN_FIRST)],
        format_func=lambda code: t(words[code]["label"]),
        key=f"{key}-measure",
    )
    line = next(one for one in lines if one["nation"] == nation and one["measure"] == measure)
    _show_side_by_side(document, line)
    _show_falls(document, nation, measure, key)
    _show_assumptions(document)


def _nation(nation: str | None) -> str:
    return t(nation) if nation else t("Both nations")


def _show_side_by_side(document: Mapping[str, Any], line: Mapping[str, Any]) -> None:
    titles, unit = titles_of(document), line["unit"]
    rows = [
        Interval(title, _plain(v["mean"]), _plain(v["low"]), _plain(v["high"]), amount(v["mean"], unit))
        for title, v in zip(titles, line["values"], strict=True)
    ]
    intervals(
        rows,
        of_what=t(unit),
        alt_text=t(
            "{label}, {nation}: {rows}.",
            label=t(line["label"]),
            nation=_nation(line["nation"]),
            rows="; ".join(f"{row.label} {row.shown}" for row in rows),
        ),
    )
    plain_table(
        t("{label}, {nation}", label=t(line["label"]), nation=_nation(line["nation"])),
        [
            Column(t("Scenario")),
            Column(t("{unit}, and nine in ten futures", unit=t(unit)), number=True),
            Column(t("Difference from the first"), number=True),
        ],
        [
            (title, in_range(value, unit), difference(moved, unit) if place else "–")
            for place, (title, value, moved) in enumerate(
                zip(titles, line["values"], line["differences"], strict=True)
            )
        ],
    )
    source_caption(
        as_at=document["as_at"],
        definition=t(
            "{definition} A difference is taken future by future: the same futures are drawn for every "
            "scenario. {prices}",
            definition=t(line["definition"]),
            prices=_prices(document) if unit == POUNDS else "",
        ).strip(),
        source=t("the service’s forecast, version {version}", version=document["model_version"]),
    )


def _prices(document: Mapping[str, Any]) -> str:
    first = next(iter(document["rests_on"].values()))
    told = dict.fromkeys(
        t(
            "{nation}: £{likely} a bed-night (£{low} to £{high}), prices of {year}: {source}.",
            nation=t(cost["nation"]),
            year=cost["price_year"],
            source=t(cost["source"]),
            **cost["per_bed_night"],
        )
        for cost in first["costs"]
    )
    return " ".join(told)


def _show_falls(document: Mapping[str, Any], nation: str | None, measure: str, key: str) -> None:
    falls = [f for f in document["waterfalls"] if f["nation"] == nation and f["measure"] == measure]
    if not falls:
        return
    section(t("What moved the number"), t("From the first scenario, one change after another."))
    names = dict(zip([one["name"] for one in document["scenarios"]], titles_of(document), strict=True))
    chosen = st.selectbox(
        t("To"), [fall["to"] for fall in falls], format_func=lambda name: names[name], key=f"{key}-to"
    )
    fall = next(one for one in falls if one["to"] == chosen)
    if not fall["steps"]:
        empty_state(t("Nothing differs between these two."), t("Choose another scenario."))
        return
    unit = fall["unit"]
    moves = _moves(fall, names, unit)
    waterfall(
        moves,
        of_what=t(unit),
        alt_text=t(
            "From {first} to {last}: {steps}.",
            first=moves[0].shown,
            last=moves[-1].shown,
            steps="; ".join(f"{move.label} {move.shown}" for move in moves[1:-1]),
        ),
    )
    plain_table(
        t("What moved it"),
        [Column(t("Change")), Column(t("Moved it by"), number=True)],
        [(t(step["label"]), difference(step["moved"], unit)) for step in fall["steps"]],
        stacks=False,
    )
    source_caption(
        as_at=document["as_at"],
        definition=t("Each step is taken with the steps before it taken already; they add up."),
        source=t("the service’s forecast, version {version}", version=document["model_version"]),
    )


def _moves(fall: Mapping[str, Any], names: Mapping[str, str], unit: str) -> list[Move]:
    at = _plain(fall["start"]["mean"])
    first = next(iter(names.values()))
    moves = [Move(first, 0.0, at, amount(fall["start"]["mean"], unit), whole=True)]
    for step in fall["steps"]:
        by = _plain(step["moved"]["mean"])
        shown = amount(step["moved"]["mean"], unit)
        moves.append(Move(t(step["label"]), at, at + by, f"+{shown}" if by > 0 else shown))
        at += by
    end = fall["end"]["mean"]
    moves.append(Move(names[fall["to"]], 0.0, _plain(end), amount(end, unit), whole=True))
    return moves


def _show_assumptions(document: Mapping[str, Any]) -> None:
    """Show what the scenarios assume: what all of them do once, then what each does besides."""
    assumed: list[list[str]] = [list(one.get("assumes") or ()) for one in document["scenarios"]]
    shared = [words for words in assumed[0] if all(words in others for others in assumed)]
    if shared:
        call_out(t("Each of them assumes"), list(map(t, shared)))
    for title, all_of_it in zip(titles_of(document), assumed, strict=True):
        own = [words for words in all_of_it if words not in shared]
        if own:
            call_out(t("{title} assumes", title=title), list(map(t, own)))


def _plain(value: object) -> float:
    return float(str(value))
