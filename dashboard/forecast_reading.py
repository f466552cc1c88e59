"""The documents of kept forecasts as pages read them: lines, series and numbers in words.

Only reading: what a document holds is stated in `beds.services.forecast_documents`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

from dashboard.components import Column, plain_table, source_caption
from dashboard.language import day, t

BASES: Final = {
    "own_records": "own records",
    "published": "published",
    "stated": "a stated history",
    "assumption": "assumption",
    "scenario": "supposed here",
}
POUNDS: Final = "pounds a year"
KEYS: Final = 3
"""The first columns of a released table: nation, need or region, night."""


def lines_of(document: Mapping[str, Any], breakdown: str) -> list[Mapping[str, Any]]:
    """Return the lines of a breakdown (`nation`, `region_group`) of a forecast."""
    return [line for line in document["lines"] if line["breakdown"] == breakdown]


def nights_of(document: Mapping[str, Any]) -> list[date]:
    """Return the nights of a forecast's series."""
    return [date.fromisoformat(night) for night in document["nights"]]


def number(value: float) -> str:
    """Return a number of beds: whole, or with one decimal under ten.

    Examples
    --------
    >>> number(1234.4), number(3.25), number(4.0)
    ('1,234', '3.2', '4')
    """
    return f"{value:,.1f}".removesuffix(".0") if abs(value) < 10 else f"{value:,.0f}"


def amount(value: object, unit: str) -> str:
    """Return a value as it is written: pounds in thousands or millions, the rest as numbers.

    Examples
    --------
    >>> amount("1340000.00", "pounds a year"), amount(-12, "beds")
    ('£1.34m', '−12')
    """
    plain = float(str(value))
    sign = "−" if plain < 0 else ""
    size = abs(plain)
    if unit != POUNDS:
        return sign + number(size)
    if size >= 1e6:
        return f"{sign}£{size / 1e6:,.2f}m"
    return f"{sign}£{size / 1e3:,.0f}k" if size >= 1e4 else f"{sign}£{size:,.0f}"


def difference(spread: Mapping[str, Any], unit: str) -> str:
    """Return a difference with its sign and its range."""
    mean = amount(spread["mean"], unit)
    if float(str(spread["mean"])) > 0:
        mean = f"+{mean}"
    return t(
        "{mean} ({low} to {high})",
        mean=mean,
        low=amount(spread["low"], unit),
        high=amount(spread["high"], unit),
    )


def in_range(spread: Mapping[str, Any], unit: str) -> str:
    """Return a value and the range that nine in ten futures lie in."""
    return t(
        "{mean} ({low} to {high})",
        mean=amount(spread["mean"], unit),
        low=amount(spread["low"], unit),
        high=amount(spread["high"], unit),
    )


def show_released(table: Mapping[str, Any], *, nation: str, night: str | None = None) -> None:
    """Show the rows of a released table about a nation, on one night or on all."""
    columns, words = table["columns"], table["vocabulary"]
    keep = [place for place, column in enumerate(columns) if column["name"] not in _told(night)]
    rows = [
        tuple(_cell(words, row[place]) for place in keep)
        for row in table["rows"]
        if row[0] == nation and (night is None or row[2] == night)
    ]
    headings = [Column(t(columns[place]["label"]), number=place >= KEYS, short=True) for place in keep]
    plain_table(t(table["title"]), headings, rows)


def caption_released(table: Mapping[str, Any], *, source: str = "") -> None:
    """Show once what released tables of the same columns mean, when they hold and where they are from.

    Parameters
    ----------
    source : the service's forecast, where none is stated
    """
    told = " ".join(
        t("{label}: {definition}", label=t(column["label"]), definition=t(column["definition"]))
        for column in table["columns"][KEYS:]
    )
    source_caption(
        as_at=table["as_at"],
        definition=t("{what} {notes}", what=told, notes=" ".join(map(t, table["notes"]))),
        source=source or t("the service’s forecast, version {version}", version=table["model_version"]),
    )


def _told(night: str | None) -> Sequence[str]:
    return ("nation",) if night is None else ("nation", "night")


def _cell(words: Mapping[str, str], cell: object) -> str:
    if isinstance(cell, int):
        return f"{cell:,}"
    if not isinstance(cell, str):
        return ""
    if cell in words:
        return t(words[cell])
    try:
        return day(date.fromisoformat(cell))
    except ValueError:
        return t("all") if cell == "all" else t(cell)


def nights_in(table: Mapping[str, Any]) -> list[str]:
    """Return the nights of a released table, in order."""
    return sorted({row[2] for row in table["rows"]})


def link_rows(links: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, ...]]:
    """Yield the rows of the table of the chain: what, where, how much, from where."""
    for link in links:
        yield (
            t(link["label"]),
            t(link["nation"] or "UK"),
            t("{likely} ({low} to {high})", **{end: _size(link[end], link["unit"]) for end in _ENDS}),
            t(link["unit"]),
            t(BASES[link["basis"]])
            + (t(", assumed") if link["assumed"] and link["basis"] in ("own_records", "published") else ""),
            t(link["source"]),
        )


_ENDS: Final = ("low", "likely", "high")


def _size(value: float, unit: str) -> str:
    return f"{100 * value:.0f} %" if unit == "share" else number(value)
