"""The parts of the page about the shortfall: the fan, the sentences, needs, periods, gaps and the chain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

import streamlit as st

from beds.services.past_occupancy import Week
from beds.services.unmet_nights import Unmet
from dashboard.components import (
    Column,
    Fact,
    empty_state,
    facts,
    plain_table,
    section,
    source_caption,
)
from dashboard.forecast_charts import Curve, Fan, fan
from dashboard.forecast_reading import (
    caption_released,
    lines_of,
    link_rows,
    nights_in,
    nights_of,
    number,
    show_released,
)
from dashboard.language import day, t

HORIZONS: Final = (30, 90, 180, 365)
QUANTILES: Final = ("p05", "p25", "p50", "p75", "p95")


def show_nation(document: Mapping[str, Any], nation: str, weeks: Sequence[Week]) -> None:
    """Show one nation: tonight, what may come as a fan and as sentences, and the table behind them."""
    line = next(line for line in lines_of(document, "nation") if line["nation"] == nation)
    nights = nights_of(document)
    last = len(nights) - 1
    facts(
        [
            Fact(f"{line['beds_now']:,}", t("beds that can be used")),
            Fact(f"{line['occupied_now']:,}", t("beds in use")),
            Fact(_count(line["waiting_now"]), t("beds for those who wait"), "urgent"),
            Fact(
                number(line["short"]["mean"][last]),
                t("beds short by {night}, on average", night=day(nights[last])),
                "urgent",
            ),
        ]
    )
    _show_fan(line, nights, weeks)
    _show_at_least(line, nights)
    source_caption(
        as_at=document["as_at"],
        definition=t(
            "Needed: beds for everybody who needs one, whether there is one or not. In use, past: mean of "
            "each week, of the stays on record here. Half of what may come lies in the dark band, nine in "
            "ten in the light one. {method}",
            method=t(document["method"]),
        ),
        source=t("the service’s forecast, version {version}", version=document["model_version"]),
    )


def _show_fan(line: Mapping[str, Any], nights: Sequence[date], weeks: Sequence[Week]) -> None:
    needed = line["needed"]
    # The first night counts who waits: it is not told to those who see no case.
    told = [place for place, value in enumerate(needed["p50"]) if value is not None]
    p05, p25, p50, p75, p95 = ([needed[name][place] for place in told] for name in QUANTILES)
    curves = [Curve(t("Beds that can be used"), nights, line["stock"], in_steps=True)]
    if weeks:
        curves.append(Curve(t("In use, past"), [week.starts_on for week in weeks], [w.in_use for w in weeks]))
    fan(
        Fan([nights[place] for place in told], p50, (p25, p75), (p05, p95)),
        curves,
        of_what=t("beds"),
        tonight=nights[0],
        alt_text=t(
            "Beds needed in {nation} from {first} to {last}: {now} at first, between {low} and {high} at the "
            "end in nine of ten futures, beside {stock} beds that can be used.",
            nation=t(line["label"]),
            first=day(nights[0]),
            last=day(nights[-1]),
            now=number(p50[0]),
            low=number(p05[-1]),
            high=number(p95[-1]),
            stock=number(line["stock"][-1]),
        ),
    )


def _show_at_least(line: Mapping[str, Any], nights: Sequence[date]) -> None:
    places = [_nearest(nights, days) for days in HORIZONS if days <= (nights[-1] - nights[0]).days + 7]
    rows = [
        (
            day(nights[place]),
            number(line["needed"]["p10"][place]),
            number(line["needed"]["p30"][place]),
            number(line["needed"]["p50"][place]),
            number(line["stock"][place]),
            number(line["short"]["p10"][place]),
            number(line["short"]["p30"][place]),
        )
        for place in dict.fromkeys(places)
    ]
    plain_table(
        t("At least so many beds"),
        [
            Column(t("Night"), short=True),
            Column(t("Needed at least, 90 %"), number=True),
            Column(t("Needed at least, 70 %"), number=True),
            Column(t("Needed, the middle"), number=True),
            Column(t("Beds there are"), number=True),
            Column(t("Short at least, 90 %"), number=True),
            Column(t("Short at least, 70 %"), number=True),
        ],
        rows,
    )


def _nearest(nights: Sequence[date], days: int) -> int:
    return min(range(len(nights)), key=lambda place: abs((nights[place] - nights[0]).days - days))


def show_tables(document: Mapping[str, Any], nation: str) -> None:
    """Show the released tables of a nation: by need and by region, tonight and on a night to come."""
    found = {table["name"]: table for table in document["tables"]}
    by_need, by_region = found["shortfall_to_come_by_need"], found["shortfall_to_come_by_region"]
    nights = nights_in(by_need)
    night = st.select_slider(
        t("Night"), nights, value=nights[-1], format_func=lambda text: day(date.fromisoformat(text))
    )
    show_released(by_need, nation=nation, night=night)
    if any(row[0] == nation and row[1] != "all" for row in by_region["rows"]):
        show_released(by_region, nation=nation, night=night)
    caption_released(by_need)


def show_unmet(unmet: Unmet | None) -> None:
    """Show the nights waited so far by what stood in the way."""
    section(
        t("What stood in the way"), t("Nights that households have waited so far, by the rule in the way.")
    )
    if unmet is None or not unmet.lines:
        empty_state(
            t("There is no round yet in which somebody was left without a place."),
            t("A coordinator runs one under Round."),
        )
        return
    plain_table(
        t("Unmet nights in the latest round"),
        [
            Column(t("In the way")),
            Column(t("Households"), number=True),
            Column(t("Nights so far"), number=True),
        ],
        [(t(line.label), _count(line.households), _count(line.nights)) for line in unmet.lines],
    )
    source_caption(
        as_at=unmet.as_at,
        definition=t(
            "A household counts at every rule that no place meets for it, so the lines do not add up. Counts "
            "of 1 to 4 are hidden ([c]), the others rounded to 5. These are gaps of the estate: nobody is "
            "asked to waive a need."
        ),
        source=t("the latest round"),
    )


def _count(value: int | None) -> str:
    return "[c]" if value is None else f"{value:,}"


def show_chain(document: Mapping[str, Any]) -> None:
    """Show the chain from referrals to beds, link by link."""
    section(
        t("What the forecast rests on"), t("From a referral to a bed, link by link, each with its source.")
    )
    plain_table(
        t("The chain"),
        [
            Column(t("Link")),
            Column(t("Where"), short=True),
            Column(t("Likely, and range"), number=True),
            Column(t("Unit"), short=True),
            Column(t("Rests on")),
            Column(t("Source")),
        ],
        list(link_rows(document["links"])),
    )
    source_caption(
        as_at=document["as_at"],
        definition=t("The range holds nine in ten of the values that are drawn."),
        source=t("as each row says"),
    )
