"""How good forecasts of referrals would have been: methods by score, and what was said beside what came."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import streamlit as st

from beds.errors import BedsError
from beds.services.tried_forecasts import Coverage, Row, TriedForecasts, titles_of_series, try_methods
from dashboard.charts import Band, lines_with_bands
from dashboard.components import (
    SELECT_WIDTH,
    Column,
    empty_state,
    plain_table,
    say,
    section,
    source_caption,
)
from dashboard.language import counted, spoken, t
from dashboard.refusals import show_refusal
from dashboard.session import desk, turn

FOUND: Final = "forecasts tried"
PERCENT: Final = 100


def show_tried() -> None:
    """Let a published series be chosen and the methods be tried on it; show what came of it."""
    section(
        t("How good are the forecasts?"),
        t("Each method is given what was known at a time in the past, and held against what then came."),
    )
    titles = titles_of_series()
    name = st.selectbox(
        t("Published series"),
        list(titles),
        format_func=spoken(titles),
        key="tried series",
        width=SELECT_WIDTH,
    )
    found: dict[str, TriedForecasts] = st.session_state.setdefault(FOUND, {})
    all_of_them = st.checkbox(
        t("Also the models that are fitted anew each time: some ten seconds instead of one"),
        key="tried all of them",
    )
    if st.button(t("Try the methods on it")):
        try:
            with st.spinner(t("Trying them from every quarter.")):
                with turn() as now:
                    actor = now.actor
                found[name] = try_methods(
                    actor, name, all_of_them=all_of_them, where=desk().forecaster.elsewhere
                )
        except BedsError as refusal:
            show_refusal(refusal)
    if name not in found:
        empty_state(t("They were not tried in this visit."), t("Try them: it takes some seconds."))
        return
    _show(found[name])


def _show(tried: TriedForecasts) -> None:
    found = tried.found
    say(t(found.sentence()))
    if tried.nothing_beats:
        say(t(tried.nothing_beats))
    horizon = st.segmented_control(
        t("Quarters ahead"),
        list(range(1, found.horizons + 1)),
        default=1,
        required=True,
        key="tried horizon",
    )
    ahead = int(horizon or 1)
    _show_scores(tried, ahead)
    _show_beside_what_came(tried, ahead)
    if tried.series.breaks:
        say(
            t(
                "Known breaks, which each origin sees only once they have happened: {breaks}.",
                breaks="; ".join(
                    t("{period}: {what}", period=b.period, what=t(b.what)) for b in tried.series.breaks
                ),
            )
        )


def _show_scores(tried: TriedForecasts, ahead: int) -> None:
    rows = sorted((row for row in tried.found.rows if row.horizon == ahead), key=lambda row: row.crps)
    plain_table(
        t("Methods, the lowest CRPS at this distance first"),
        [
            Column(t("Method")),
            Column(t("MASE"), number=True),
            Column(t("CRPS"), number=True),
            Column(t("Pinball loss"), number=True),
            Column(t("50 % held"), number=True),
            Column(t("80 % held"), number=True),
            Column(t("95 % held"), number=True),
        ],
        [_cells(row) for row in rows],
    )
    source_caption(
        as_at=tried.series.vintage,
        definition=t(
            "Means over {origins}. MASE: absolute error over that of “as a year ago” within the history; "
            "CRPS and pinball loss in referrals, lower is better. Held: the share of intervals, in per cent, "
            "that held what came, with its binomial 95 % interval.",
            origins=counted(rows[0].origins, "{n} origin", "{n} origins"),
        ),
        source=t("; ").join(map(t, tried.series.sources)),
    )


def _cells(row: Row) -> Sequence[str]:
    return (
        t(row.label),
        f"{row.mase:.2f}",
        f"{row.crps:,.0f}",
        f"{row.pinball:,.0f}",
        *(_held(one) for one in row.coverage),
    )


def _held(one: Coverage) -> str:
    return t(
        "{share} ({low}–{high})",
        share=round(PERCENT * one.share),
        low=round(PERCENT * one.low),
        high=round(PERCENT * one.high),
    )


def _show_beside_what_came(tried: TriedForecasts, ahead: int) -> None:
    labels = {row.method: t(row.label) for row in tried.found.rows}
    by_score = sorted(tried.found.methods, key=tried.found.score)
    method = st.selectbox(
        t("Method to draw"), by_score, format_func=spoken(labels), key="tried method", width=SELECT_WIDTH
    )
    shown = tried.found.plotted(str(method), ahead)
    dates = [tried.first_day(one.period) for one in shown]
    came = [one.actual for one in shown]
    held = sum(one.low <= one.actual <= one.high for one in shown)
    lines_with_bands(
        [
            Band(
                labels[str(method)],
                dates,
                [one.median for one in shown],
                [one.low for one in shown],
                [one.high for one in shown],
            ),
            Band(t("What came"), dates, came, came, came),
        ],
        of_what=t("a quarter"),
        alt_text=t(
            "{method}, {n} quarters ahead, from {first} to {last}: the 80 % interval held what came {held} "
            "times of {of}.",
            method=labels[str(method)],
            n=ahead,
            first=tried.series.periods[shown[0].period],
            last=tried.series.periods[shown[-1].period],
            held=held,
            of=len(shown),
        ),
    )
