"""Forecasts and scenarios side by side as JSON documents: rounded, the same bytes for the same seed.

Every document has `schema_version`, `kind`, `as_at`, `model_version`, `seed`, `scenarios` (as scenario files
have them) and `sources`. Fields are added, never renamed. Beds are numbers, pounds are text with pence,
intervals say their `level`. Simulations are in `beds.services.simulation_documents`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import datetime
from decimal import Decimal
from typing import Final

from pydantic import JsonValue

from beds.disclosure import ALL, HIDDEN, ReleasedTable
from beds.domain.scenario import Scenario
from beds.scenario_documents import document_of
from beds.services.links import Link
from beds.services.planning import (
    DEFINITIONS,
    LABELS,
    LEVEL,
    UNITS,
    ComparedLine,
    Comparison,
    Measure,
    Spread,
    Waterfall,
)
from beds.services.shortfall import Bands, Breakdown, Line, ShortfallForecast
from beds.services.unit_costs import CostLine
from beds.suppression import protect, rounded
from optimiser.stays import Floats

SCHEMA_VERSION: Final = 1
DECIMALS: Final = 3
QUEUE: Final = "waiting"
"""The column of released tables that counts who waits."""
Json = dict[str, JsonValue]


def forecast_document(
    forecast: ShortfallForecast,
    scenario: Scenario,
    *,
    seed: int,
    draws: int,
    every: int = 1,
    released: Sequence[ReleasedTable] = (),
) -> Json:
    """Return a forecast as a document.

    `nights` are the dates of all series; `lines` hold one nation, need or region group each: what is on
    record tonight (`beds_now`, `occupied_now`, `waiting_now` in beds, `waiting_households`), `stock` by
    night, and `needed`, `occupied`, `short` (beds) and `arrivals` (households so far) as `mean`, `p05` …
    `p95` by night.
    `links` are the chain with its sources. `waiting_elsewhere` counts households of nations without sites.

    Parameters
    ----------
    every : of so many nights one is told; the first and the last always are
    released : for those who see no case, the tables of this forecast: they stand in place of the lines of
        needs, who waits is told as they tell it or hidden (null), and so is the first night, which counts it
    """
    nights = [night for night in range(len(forecast.dates)) if night % every == 0]
    if nights[-1] != len(forecast.dates) - 1:
        nights.append(len(forecast.dates) - 1)
    document: Json = {
        **heading("forecast", forecast.as_at, forecast.model_version, [scenario], seed),
        "sources": list(dict.fromkeys(link.source for link in forecast.links)),
        "draws": draws,
        "starts_on": forecast.starts_on.isoformat(),
        "method": forecast.method,
        "nights": [forecast.dates[night].isoformat() for night in nights],
        "lines": [
            _line(line, nights) | (_as_released(line, nights, released) if released else {})
            for line in forecast.lines
            if not released or line.breakdown is Breakdown.NATION
        ],
        "links": [_link(link) for link in forecast.links],
        "waiting_elsewhere": forecast.waiting_elsewhere,
    }
    if released:
        (elsewhere,) = protect([forecast.waiting_elsewhere], [], released[0].rule)
        document["waiting_elsewhere"] = elsewhere
        document["tables"] = [table_document(table) for table in released]
    return document


def comparison_document(
    comparison: Comparison,
    waterfalls: Iterable[Sequence[Waterfall]],
    *,
    as_at: datetime,
    model_version: int,
    seed: int,
) -> Json:
    """Return scenarios side by side as a document.

    `lines`: one measure of one nation (null: all) each, with `values` in the order of `scenarios` and
    `differences` from the first: `mean`, `low`, `middle`, `high`, nine in ten futures between low and high.
    `waterfalls`: from the first scenario to each other one (`to`), `start`, `steps` (field, label, moved) and
    `end`. `rests_on`: by scenario, the chain as it was used and what a bed-night costs.
    """
    names = [scenario.name for scenario in comparison.scenarios[1:]]
    return {
        **heading("comparison", as_at, model_version, comparison.scenarios, seed),
        **compared(comparison),
        "waterfalls": [
            {"to": name, **_waterfall(fall)}
            for name, falls in zip(names, waterfalls, strict=True)
            for fall in falls
        ],
    }


def compared(comparison: Comparison) -> Json:
    """Return the part of a document that sets scenarios side by side."""
    names = [scenario.name for scenario in comparison.scenarios]
    sources = dict.fromkeys(link.source for links in comparison.links for link in links)
    return {
        "sources": list(sources),
        "draws": comparison.draws,
        "level": LEVEL,
        "lines": [_compared(line) for line in comparison.lines],
        "rests_on": {
            name: {"links": [_link(link) for link in links], "costs": [_cost(line) for line in costs]}
            for name, links, costs in zip(names, comparison.links, comparison.costs, strict=True)
        },
    }


def table_document(table: ReleasedTable) -> Json:
    """Return a released table as a document: a hidden count is `[c]`."""
    return {
        "name": table.name,
        "title": table.title,
        "columns": [
            {"name": column.name, "label": column.label, "definition": column.definition}
            for column in table.columns
        ],
        "rows": [[HIDDEN if cell is None else cell for cell in row] for row in table.rows],
        "as_at": table.about.as_at.isoformat(),
        "model_version": table.about.model_version,
        "origin": str(table.about.origin),
        "notes": list(table.notes),
        "sources": list(table.about.sources),
        "vocabulary": dict(table.about.vocabulary),
    }


def heading(kind: str, as_at: datetime, model_version: int, scenarios: Sequence[Scenario], seed: int) -> Json:
    """Return what every document begins with."""
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": kind,
        "as_at": as_at.isoformat(),
        "model_version": model_version,
        "seed": seed,
        "scenarios": [document_of(scenario) for scenario in scenarios],
    }


def _line(line: Line, nights: Sequence[int]) -> Json:
    return {
        "nation": str(line.nation),
        "breakdown": str(line.breakdown),
        "item": line.item,
        "label": line.label,
        "beds_now": line.beds_now,
        "occupied_now": line.occupied_now,
        "waiting_now": line.waiting_now,
        "waiting_households": line.waiting_households,
        "stock": series(line.stock, nights),
        **_bands(line, nights),
    }


def _bands(line: Line, nights: Sequence[int], *, first: bool = True, to: int | None = None) -> Json:
    bands: dict[str, Bands] = {
        "needed": line.needed,
        "occupied": line.occupied,
        "short": line.short,
        "arrivals": line.arrivals,
    }
    return {
        name: {
            column.name: series(getattr(band, column.name), nights, first=first, to=to)
            for column in fields(Bands)
        }
        for name, band in bands.items()
    }


def _as_released(line: Line, nights: Sequence[int], tables: Sequence[ReleasedTable]) -> Json:
    """Return what of a nation is told otherwise to those who see no case.

    Every number of beds is rounded like a released one: with few who come and nobody who leaves, a night to
    come is who is here now. Who waits is as released, and so is not told for the first night.
    """
    rule = tables[0].rule
    waiting = _released_queue(line, tables)
    beds_now, occupied_now = (rounded(n, rule.rounded_to) for n in (line.beds_now, line.occupied_now))
    return {
        "beds_now": beds_now,
        "occupied_now": occupied_now,
        "waiting_now": waiting,
        "waiting_households": None if waiting is None else protect([line.waiting_households], [], rule)[0],
        "stock": series(line.stock, nights, to=rule.rounded_to),
        **_bands(line, nights, first=False, to=rule.rounded_to),
    }


def _released_queue(line: Line, tables: Sequence[ReleasedTable]) -> int | None:
    """Return the beds for those who wait in a nation as they are released: rounded, or None where hidden."""
    for table in tables:
        names = [column.name for column in table.columns]
        if QUEUE in names:
            for row in table.rows:
                if row[:2] == (str(line.nation), ALL):
                    cell = row[names.index(QUEUE)]
                    return cell if isinstance(cell, int) else None
    return None


def series(values: Floats, nights: Sequence[int], *, first: bool = True, to: int | None = None) -> JsonValue:
    """Return the values of some nights, whole numbers without a fraction; the first if it may be told.

    Parameters
    ----------
    to : they are rounded to a multiple of this, where it is stated
    """
    told = [float(values[night]) if night or first else None for night in nights]
    return [None if one is None else plain(one) if to is None else rounded(one, to) for one in told]


def plain(value: float) -> int | float:
    """Return a number as documents have it."""
    rounded = round(value, DECIMALS)
    return int(rounded) if rounded == int(rounded) else rounded


def _link(link: Link) -> Json:
    return {
        "code": link.code,
        "label": link.label,
        "nation": None if link.nation is None else str(link.nation),
        "low": plain(link.low),
        "likely": plain(link.likely),
        "high": plain(link.high),
        "unit": link.unit,
        "distribution": link.distribution,
        "source": link.source,
        "basis": str(link.basis),
        "assumed": link.assumed,
        "note": link.note,
    }


def _compared(line: ComparedLine) -> Json:
    return {
        **_of_measure(line.nation, line.measure),
        "values": [spread_document(spread) for spread in line.values],
        "differences": [spread_document(spread) for spread in line.differences],
    }


def _waterfall(fall: Waterfall) -> Json:
    return {
        **_of_measure(fall.nation, fall.measure),
        "start": spread_document(fall.start),
        "steps": [
            {"field": step.field, "label": step.label, "moved": spread_document(step.moved)}
            for step in fall.steps
        ],
        "end": spread_document(fall.end),
    }


def _of_measure(nation: str | None, measure: Measure) -> Json:
    return {
        "nation": None if nation is None else str(nation),
        "measure": str(measure),
        "label": LABELS[measure],
        "definition": DEFINITIONS[measure],
        "unit": str(UNITS[measure]),
    }


def spread_document(spread: Spread) -> Json:
    """Return a spread: pounds as text with pence, beds as numbers."""
    return {
        name: format(value, ".2f") if isinstance(value, Decimal) else plain(value)
        for name in ("mean", "low", "middle", "high")
        for value in (getattr(spread, name),)
    }


def _cost(line: CostLine) -> Json:
    cost = line.cost
    return {
        "nation": str(line.nation),
        "beds": line.beds,
        "per_bed_night": {end: _pounds(getattr(cost, end)) for end in ("low", "likely", "high")},
        "price_year": cost.price_year,
        "source": cost.source,
        "assumed": cost.assumed,
    }


def _pounds(pence: int) -> str:
    return format(Decimal(pence) / 100, ".2f")
