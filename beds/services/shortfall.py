"""Beds needed, occupied and short, day by day, with their spread: the closed form over an estate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from beds.domain.terms import Nation
from beds.services.demand import Link
from optimiser.stays import Floats


class Breakdown(StrEnum):
    """What a line is about; lines of needs overlap, the other two add up."""

    NATION = "nation"
    NEED = "need"
    REGION_GROUP = "region_group"


@dataclass(frozen=True, slots=True)
class Bands:
    """A mean and quantiles for each of the dates, shape (days + 1,).

    At most `p90` with 90 per cent probability; at least `p10` with 90 per cent, at least `p30` with 70.
    """

    mean: Floats
    p05: Floats
    p10: Floats
    p25: Floats
    p30: Floats
    p50: Floats
    p70: Floats
    p75: Floats
    p90: Floats
    p95: Floats


@dataclass(frozen=True)
class Line:
    """One nation, need or region group. Day 0 is the census: who is here and who waits, by the records.

    Attributes
    ----------
    item, label : str
        The code of the nation, need or region group, and its words.
    beds_now, occupied_now : int
        Beds that could be used tonight, and beds with somebody in them. For a need: beds of units that could
        serve it, which is an upper bound, for the same unit may serve several needs.
    waiting_now : int
        Beds for the households that wait; `waiting_households` counts the households.
    stock : ndarray, shape (days + 1,)
        Beds that could be used each night: sites that are open, less closures.
    needed, occupied, short : Bands
        Beds: for everybody who needs one; in use if every free bed could be; needed beyond all stock.
    arrivals : Bands
        Households that have come since the census.
    """

    nation: Nation
    breakdown: Breakdown
    item: str
    label: str
    beds_now: int
    occupied_now: int
    waiting_now: int
    waiting_households: int
    stock: Floats
    needed: Bands
    occupied: Bands
    short: Bands
    arrivals: Bands


@dataclass(frozen=True)
class ShortfallForecast:
    """Beds needed and short from tonight to the horizon; `dates` has days + 1 nights, the first the census.

    `waiting_elsewhere` counts households that wait from nations without sites of the service: in no line.
    """

    as_at: datetime
    starts_on: date
    dates: tuple[date, ...]
    lines: tuple[Line, ...]
    links: tuple[Link, ...]
    waiting_elsewhere: int
    method: str
    model_version: int
