"""Forecasts, comparisons and simulations as JSON documents: rounded, the same bytes for the same seed.

Every document has `schema_version`, `kind`, `as_at`, `model_version`, `seed`, `scenarios` (as scenario files
have them) and `sources`. Fields are added, never renamed. Beds have one decimal at the least, pounds are text
with pence, intervals say their `level`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from decimal import Decimal
from typing import Final

from pydantic import JsonValue

from beds.disclosure import HIDDEN, ReleasedTable
from beds.domain.scenario import Scenario
from beds.scenario_documents import document_of
from beds.services.demand import Link
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
from beds.services.shortfall import Bands, Line, ShortfallForecast
from beds.services.unit_costs import CostLine
from optimiser.stays import Floats

SCHEMA_VERSION: Final = 1
DECIMALS: Final = 3
Json = dict[str, JsonValue]


def forecast_document(
    forecast: ShortfallForecast, scenario: Scenario, *, seed: int, draws: int, every: int = 1
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
    """
    nights = [night for night in range(len(forecast.dates)) if night % every == 0]
    if nights[-1] != len(forecast.dates) - 1:
        nights.append(len(forecast.dates) - 1)
    return {
        **_heading("forecast", forecast, [scenario], seed),
        "draws": draws,
        "starts_on": forecast.starts_on.isoformat(),
        "method": forecast.method,
        "nights": [forecast.dates[night].isoformat() for night in nights],
        "lines": [_line(line, nights) for line in forecast.lines],
        "links": [_link(link) for link in forecast.links],
        "waiting_elsewhere": forecast.waiting_elsewhere,
    }


def comparison_document(
    comparison: Comparison,
    waterfalls: Iterable[Waterfall],
    costs: Mapping[str, Sequence[CostLine]],
    forecast: ShortfallForecast,
    *,
    seed: int,
) -> Json:
    """Return scenarios side by side as a document.

    `lines`: one measure of one nation (null: all) each, with `values` in the order of `scenarios` and
    `differences` from the first: `mean`, `low`, `middle`, `high`, nine in ten futures between low and high.
    `waterfalls`: from the first scenario to the last, `start`, `steps` (field, label, moved), `end`. `costs`:
    by scenario, what a bed-night costs and how that is known.
    """
    return {
        **_heading("comparison", forecast, comparison.scenarios, seed),
        "draws": comparison.draws,
        "level": LEVEL,
        "lines": [_compared(line) for line in comparison.lines],
        "waterfalls": [_waterfall(fall) for fall in waterfalls],
        "costs": {name: [_cost(line) for line in lines] for name, lines in costs.items()},
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


def _heading(kind: str, forecast: ShortfallForecast, scenarios: Sequence[Scenario], seed: int) -> Json:
    sources = dict.fromkeys(link.source for link in forecast.links)
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": kind,
        "as_at": forecast.as_at.isoformat(),
        "model_version": forecast.model_version,
        "seed": seed,
        "scenarios": [document_of(scenario) for scenario in scenarios],
        "sources": list(sources),
    }


def _line(line: Line, nights: Sequence[int]) -> Json:
    bands: dict[str, Bands] = {
        "needed": line.needed,
        "occupied": line.occupied,
        "short": line.short,
        "arrivals": line.arrivals,
    }
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
        **{
            name: {column.name: series(getattr(band, column.name), nights) for column in fields(Bands)}
            for name, band in bands.items()
        },
    }


def series(values: Floats, nights: Sequence[int]) -> JsonValue:
    """Return the values of some nights, rounded; a whole number without a fraction."""
    return [_plain(float(values[night])) for night in nights]


def _plain(value: float) -> int | float:
    rounded = round(value, DECIMALS)
    return int(rounded) if rounded == int(rounded) else rounded


def _link(link: Link) -> Json:
    return {
        "code": link.code,
        "label": link.label,
        "nation": None if link.nation is None else str(link.nation),
        "low": _plain(link.low),
        "likely": _plain(link.likely),
        "high": _plain(link.high),
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
        name: format(value, ".2f") if isinstance(value, Decimal) else _plain(value)
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
