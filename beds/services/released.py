"""The shortfall as released tables: what is here now, and month by month what will be needed and short.

The only way from a forecast to anything that leaves the service, and what commissioners see on their screens.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Final

from beds.disclosure import ALL, About, Breakdown, Column, Counts, Origin, ReleasedTable, release
from beds.domain.needs import NEED_LABELS, Need
from beds.errors import BadInput
from beds.services.demand import Link
from beds.services.released_occupancy import OCCUPANCY
from beds.services.shortfall import Breakdown as LineBreakdown
from beds.services.shortfall import Line, ShortfallForecast
from beds.suppression import Rule

SHORTFALL: Final = "shortfall"
EXPORTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        SHORTFALL: "Beds needed, in use and short, by nation and need and by region: now and month by month.",
        OCCUPANCY: "Bed-nights by nation and region: all, closed and occupied, month by month for a year.",
    }
)
"""What can be exported, by name."""

_BY_REGION: Final = (Breakdown.REGION,)
NOW: Final = (
    Column(
        "beds",
        "Beds",
        "Beds that could be used on that night; for a need, those that could serve it.",
        adds_up=_BY_REGION,
    ),
    Column("in_use", "In use", "Beds with somebody in them on that night, by the records."),
    Column("waiting", "Waiting", "Beds for the households that wait on that night, by the records."),
)
TO_COME: Final = (
    Column(
        "beds",
        "Beds",
        "Beds that could be used on that night, with what is planned on record.",
        adds_up=_BY_REGION,
    ),
    Column("needed", "Needed", "Beds for everybody who needs one: the mean of what may happen."),
    Column(
        "needed_70",
        "Enough, 70 %",
        "So many beds are enough with a probability of 70 per cent.",
        adds_up=(),
    ),
    Column(
        "needed_90",
        "Enough, 90 %",
        "So many beds are enough with a probability of 90 per cent.",
        adds_up=(),
    ),
    Column("in_use", "In use", "Beds in use if every free bed could be: the mean.", adds_up=()),
    Column("short", "Short", "Beds needed and not there: the mean of what may happen.", adds_up=()),
    Column(
        "short_90",
        "Short at most, 90 %",
        "At most so many beds are short with a probability of 90 per cent.",
        adds_up=(),
    ),
    Column(
        "arrivals", "Arrivals", "Households that have come to need a bed since the first night: the mean."
    ),
)
VOCABULARY: Final = tuple((str(need), NEED_LABELS[need]) for need in Need)


def require_export(name: str) -> None:
    """Refuse the name of what cannot be exported.

    Raises
    ------
    BadInput
        There is no export of that name.
    """
    if name not in EXPORTS:
        raise BadInput(f"NAME: one of {', '.join(EXPORTS)} is accepted")


def released_shortfall(
    forecast: ShortfallForecast, origin: Origin, rule: Rule | None = None
) -> tuple[ReleasedTable, ...]:
    """Return the tables of a forecast, by need and by region: now, then month by month."""
    about = About(
        as_at=forecast.as_at,
        origin=origin,
        method=forecast.method,
        model_version=str(forecast.model_version),
        sources=tuple(dict.fromkeys(map(_source, forecast.links))),
        vocabulary=(*VOCABULARY, *_regions(forecast)),
    )
    months = tuple(month_nights(forecast.dates))
    return (
        *_tables(forecast, "now", "on the night of the forecast", NOW, (0,), _now, about, rule),
        *_tables(forecast, "to_come", "month by month", TO_COME, months, _to_come, about, rule),
    )


def _regions(forecast: ShortfallForecast) -> tuple[tuple[str, str], ...]:
    return tuple(
        dict.fromkeys(
            (line.item, line.label)
            for line in forecast.lines
            if line.breakdown is LineBreakdown.REGION_GROUP and line.item != ALL
        )
    )


def month_nights(dates: Sequence[date]) -> Iterator[int]:
    """Yield the places of the nights a month apart after the first, and of the last one."""
    first, last = dates[0], dates[-1]
    for month in range(1, 12 * (last.year - first.year) + last.month - first.month + 1):
        years, months = divmod(first.month - 1 + month, 12)
        night = date(first.year + years, months + 1, min(first.day, 28))
        if night < last:
            yield (night - first).days
    if last > first:
        yield len(dates) - 1


def _tables(  # noqa: PLR0913, PLR0917 one argument a part of what both tables have in common
    forecast: ShortfallForecast,
    name: str,
    when: str,
    columns: tuple[Column, ...],
    nights: Sequence[int],
    values: Callable[[Line, int], tuple[float, ...]],
    about: About,
    rule: Rule | None,
) -> tuple[ReleasedTable, ...]:
    def counts(of: str, title: str, breakdown: Breakdown, kind: LineBreakdown) -> Counts:
        rows = [
            ((str(line.nation), item, forecast.dates[night].isoformat()), values(line, night))
            for line, item in _lines(forecast, kind)
            for night in nights
        ]
        return Counts(
            f"{SHORTFALL}_{name}_by_{of}",
            f"{title}, {when}",
            breakdown,
            columns,
            tuple(keys for keys, _ in rows),
            tuple(cells for _, cells in rows),
        )

    return release(
        [
            counts("need", "Beds by nation and need", Breakdown.NATION_AND_NEED, LineBreakdown.NEED),
            counts("region", "Beds by region", Breakdown.REGION, LineBreakdown.REGION_GROUP),
        ],
        about,
        rule,
    )


def _lines(forecast: ShortfallForecast, kind: LineBreakdown) -> Iterator[tuple[Line, str]]:
    """Yield the lines of a breakdown nation by nation, that of all first."""
    for whole in forecast.lines:
        if whole.breakdown is LineBreakdown.NATION:
            yield whole, ALL
            for line in forecast.lines:
                if line.breakdown is kind and line.nation is whole.nation and line.item != ALL:
                    yield line, line.item


def _now(line: Line, _: int) -> tuple[float, ...]:
    return float(line.beds_now), float(line.occupied_now), float(line.waiting_now)


def _to_come(line: Line, night: int) -> tuple[float, ...]:
    bands = (
        line.stock,
        line.needed.mean,
        line.needed.p70,
        line.needed.p90,
        line.occupied.mean,
        line.short.mean,
        line.short.p90,
        line.arrivals.mean,
    )
    # a difference of two means may be nothing but its own rounding, on either side of 0
    return tuple(max(float(band[night]), 0.0) for band in bands)


def _source(link: Link) -> str:
    assumed = " (an assumption)" if link.assumed else ""
    return f"{link.label}: {link.source}{assumed}"
