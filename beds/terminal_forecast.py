"""Forecasts, comparisons and simulations as people read them in a terminal, from their documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from beds.terminal import a_table, the_console
from beds.wording import counted, day, moment

Json = Mapping[str, Any]

HEADLINES: Final = (
    "needed",
    "short",
    "stock",
    "cost_of_stock",
    "cost_of_need",
    "cost_of_shortfall",
    "cost_in_full",
)
BASES: Final = {
    "own_records": "own records",
    "published": "published",
    "stated": "a stated history",
    "assumption": "ASSUMPTION",
    "scenario": "the scenario",
}
MOST_DATES: Final = 5


def show(document: Json) -> None:
    """Print a document of any kind."""
    {"forecast": show_forecast, "comparison": show_comparison, "simulation": show_simulation}[
        document["kind"]
    ](document)


def show_simulation(document: Json) -> None:
    """Print scenarios simulated side by side, and what became of the households of each need."""
    out = the_console()
    _print_heading(out, document, "Simulated")
    made, asked = document["replications"], document["asked_for"]
    out.print(f"{made} replications" + (f" of {asked} asked for: it was stopped" if made < asked else ""))
    for note in document["notes"]:
        out.print(note, soft_wrap=True)
    _print_sides(out, document)
    for name, groups in document["groups"].items():
        found = a_table(
            f"{name}: what became of them",
            "nation",
            "need",
            ">beds in use",
            ">short",
            ">wait at all",
            ">days, mean",
            ">give up",
        )
        for group in groups:
            found.add_row(
                group["nation"],
                group["label"],
                *(_decimal(group["average"][measure]) for measure in ("occupied", "short")),
                _percent(group["share_that_waits"]["mean"]),
                _decimal(group["mean_wait_days"]["mean"]),
                _percent(group["share_that_gives_up"]["mean"]),
            )
        out.print(found)
    _print_what_it_rests_on(out, document)


def show_forecast(document: Json) -> None:
    """Print a forecast: by nation over time, by need at the end, and the chain that it rests on."""
    out = the_console()
    _print_heading(out, document, "Forecast")
    out.print(document["method"], soft_wrap=True)
    nights = _chosen(document["nights"])
    for line in document["lines"]:
        if line["breakdown"] == "nation":
            out.print(_over_time(line, document["nights"], nights))
    last = document["nights"][-1]
    _print_at_the_end(out, document, "region_group", f"By region, on {day(last)}")
    _print_at_the_end(out, document, "need", f"By need, on {day(last)}: a household may have several")
    for found in document.get("tables", ()):
        _print_released(out, found, last)
    if document["waiting_elsewhere"]:
        out.print(
            f"In no line: {counted(document['waiting_elsewhere'], 'household')} of other nations who wait."
        )
    _print_links(out, document["links"])
    show_comparison(document["comparison"], heading=False)


def show_comparison(document: Json, *, heading: bool = True) -> None:
    """Print scenarios side by side, their differences, and what moved the number."""
    out = the_console()
    if heading:
        _print_heading(out, document, "Side by side")
    _print_sides(out, document)
    for scenario in document["scenarios"]:
        _print_falls(out, document, scenario["name"])
    _print_what_it_rests_on(out, document)


def _print_sides(out: Console, document: Json) -> None:
    for nation in dict.fromkeys(line["nation"] for line in document["lines"]):
        out.print(_side_by_side(document, nation))


def _print_what_it_rests_on(out: Console, document: Json) -> None:
    for assumed, names in _assumed(document["scenarios"]).items():
        out.print(f"Assumed ({', '.join(names)}): {assumed}", soft_wrap=True)
    _print_costs(out, document)


def _assumed(scenarios: Sequence[Json]) -> dict[str, list[str]]:
    """Return what is assumed, and by which scenarios."""
    found: dict[str, list[str]] = {}
    for scenario in scenarios:
        for sentence in scenario.get("assumes", ()):
            found.setdefault(sentence, []).append(scenario["name"])
    return found


def _side_by_side(document: Json, nation: str | None) -> Table:
    percent = f"{document['level']:.0%}"
    names = [scenario["name"] for scenario in document["scenarios"]]
    found = a_table(
        f"{nation or 'England and Scotland'}: the average night, and a year; {percent} of futures from … to",
        "",
        "scenario",
        ">mean",
        ">from",
        ">to",
        *((f">against {names[0]}", ">from", ">to") if len(names) > 1 else ()),
    )
    for line in document["lines"]:
        if line["nation"] != nation:
            continue
        for place, name in enumerate(names):
            cells = _cells(line["values"][place], line["unit"])
            apart = _cells(line["differences"][place], line["unit"], sign=True) if place else ()
            found.add_row("" if place else line["label"], name, *cells, *apart)
    return found


def _print_falls(out: Console, document: Json, name: str) -> None:
    falls = [
        fall
        for fall in document["waterfalls"]
        if fall["to"] == name and fall["nation"] is None and fall["measure"] in HEADLINES
        if any(float(step["moved"]["mean"]) for step in fall["steps"])
    ]
    if not falls:
        return
    found = a_table(
        f"England and Scotland: what moved the numbers, to {name}, one thing after the other",
        "",
        "what",
        ">by",
        ">from",
        ">to",
    )
    for fall in falls:
        found.add_row(fall["label"], "before", *_cells(fall["start"], fall["unit"]))
        for step in fall["steps"]:
            found.add_row("", step["label"], *_cells(step["moved"], fall["unit"], sign=True))
        found.add_row("", "after", *_cells(fall["end"], fall["unit"]))
    out.print(found)


def _print_costs(out: Console, document: Json) -> None:
    rows: dict[tuple[str, ...], list[str]] = {}
    for name, rests_on in document["rests_on"].items():
        for cost in rests_on["costs"]:
            rows.setdefault(_cost(cost), []).append(name)
    found = a_table("What a night of a bed costs", "nation", ">beds", ">pounds", "prices of", "from", "in")
    for row, names in rows.items():
        everywhere = len(names) == len(document["rests_on"])
        found.add_row(*row, "all scenarios" if everywhere else ", ".join(names))
    out.print(found)


def _cost(cost: Json) -> tuple[str, ...]:
    pounds = cost["per_bed_night"]
    between = "" if pounds["low"] == pounds["high"] else f" ({pounds['low']}-{pounds['high']})"
    source = f"{'ASSUMPTION: ' if cost['assumed'] else ''}{cost['source']}"
    beds = str(cost["beds"] or "new")
    return cost["nation"], beds, f"{pounds['likely']}{between}", cost["price_year"], source


def _print_heading(out: Console, document: Json, what: str) -> None:
    if document["made_from"] == "synthetic":
        out.print("SYNTHETIC DATA: nobody in it exists", style="bold reverse")
    scenarios = ", ".join(scenario.get("title", scenario["name"]) for scenario in document["scenarios"])
    out.print(f"{what} as at {moment(document['as_at'])}: {scenarios}", soft_wrap=True)
    out.print(
        f"Model version {document['model_version']}, {document['draws']} draws, seed {document['seed']}."
    )


def _over_time(line: Json, every: Sequence[str], nights: Sequence[int]) -> Table:
    waiting = "" if line["waiting_now"] is None else f", {line['waiting_now']} wanted by those who wait"
    found = a_table(
        f"{line['label']}: {line['beds_now']} beds tonight, {line['occupied_now']} in use{waiting}",
        "night",
        ">beds",
        ">needed: 90 %: at least",
        ">70 %: at least",
        ">likely",
        ">90 %: enough",
        ">short: mean",
        ">90 %: at most",
        ">came so far",
    )
    for night in nights:
        needed, short = line["needed"], line["short"]
        found.add_row(
            day(every[night]),
            _number(line["stock"][night]),
            *(_number(needed[name][night]) for name in ("p10", "p30", "p50", "p90")),
            *(_number(short[name][night]) for name in ("mean", "p90")),
            _number(line["arrivals"]["mean"][night]),
        )
    return found


def _print_at_the_end(out: Console, document: Json, breakdown: str, title: str) -> None:
    lines = [line for line in document["lines"] if line["breakdown"] == breakdown]
    if not lines:
        return
    found = a_table(
        title,
        "nation",
        "",
        ">beds",
        ">needed: at least (9 in 10)",
        ">likely",
        ">enough in 9 of 10",
        ">short: mean",
    )
    for line in lines:
        needed = line["needed"]
        found.add_row(
            line["nation"],
            line["label"],
            _number(line["stock"][-1]),
            *(_number(needed[name][-1]) for name in ("p10", "p50", "p90")),
            _number(line["short"]["mean"][-1]),
        )
    out.print(found)


def _print_released(out: Console, released: Json, last: str) -> None:
    """Print of a released table the rows of now, or of the last night."""
    columns = released["columns"]
    night = next(place for place, column in enumerate(columns) if column["name"] == "night")
    latest = max(row[night] for row in released["rows"])
    found = a_table(
        f"{released['title']} ({day(min(latest, last))})",
        *(f"{'' if place < 3 else '>'}{column['label']}" for place, column in enumerate(columns)),
    )
    for row in released["rows"]:
        if row[night] == latest:
            found.add_row(*map(str, row))
    out.print(found)


def _print_links(out: Console, links: Sequence[Json]) -> None:
    found = a_table(
        "The chain: what each number rests on", "link", "nation", ">likely", ">from", ">to", "", "rests on"
    )
    for link in links:
        assumed = " (assumed)" if link["assumed"] and link["basis"] in ("own_records", "published") else ""
        found.add_row(
            link["label"],
            link["nation"] or "UK",
            *(_of_link(link[name], link["unit"]) for name in ("likely", "low", "high")),
            link["unit"],
            f"{BASES[link['basis']]}{assumed}: {link['source']}",
        )
    out.print(found)


def _of_link(value: float, unit: str) -> str:
    return f"{value:.1%}" if unit == "share" else f"{value:,.0f}"


def _cells(value: Json, unit: str, *, sign: bool = False) -> tuple[str, str, str]:
    plus, places = "+" if sign else "", 0 if unit == "pounds a year" else 1
    mean, low, high = (f"{float(value[name]):{plus},.{places}f}" for name in ("mean", "low", "high"))
    return mean, low, high


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:,.0f}"


def _percent(value: float | None) -> str:
    return "" if value is None else f"{value:.0%}"


def _decimal(value: float | None) -> str:
    return "" if value is None else f"{value:,.1f}"


def _chosen(nights: Sequence[str]) -> list[int]:
    """Return the first night, the last, and some between."""
    last = len(nights) - 1
    return sorted({round(last * part / (MOST_DATES - 1)) for part in range(MOST_DATES)})
