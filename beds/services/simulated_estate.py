"""The stock of a simulation: units with the nights on which they open and close, and beds out of service."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from beds.domain.accommodation import Bed
from beds.domain.clock import Clock
from beds.domain.estate import Estate
from beds.domain.households import Bools
from beds.domain.terms import BedKind, BedRef, Nation, Sharing, UnitRef
from optimiser.simulation import Closures, Units

ENDLESS = float("inf")
Span = tuple[float, float]
"""Nights `[first, first again in use)` from tonight."""


@dataclass(frozen=True)
class Stock:
    """The units of an estate, in its order; `closes` is the first night without each."""

    row_of: Mapping[UnitRef, int]
    nations: tuple[Nation, ...]
    closes: tuple[float, ...]
    limits: tuple[float, ...]
    closures: Closures


def stock_of(estate: Estate, clock: Clock) -> Stock:
    """Return the units of an estate with their closures.

    A unit of which every bed goes out of service for good on a later day closes on it, as a house does: who
    is still there then moves. Other beds wait until they are empty.
    """
    closed = _spans_by_bed(estate, clock)
    closes, limits, rows = [], [], []
    for place, unit in enumerate(estate.units):
        site = estate.site_by_id[unit.site_id]
        beds = estate.beds_of.get(unit.unit_id, ())
        gone = _gone_from(beds, closed)
        ends = min(_offset(site.closes_on, clock, ENDLESS), gone)
        closes.append(ends)
        limits.append(ENDLESS if site.max_stay_nights is None else float(site.max_stay_nights))
        rows += [
            (place, bed.kind is BedKind.COT, first, last)
            for bed in beds
            for first, last in closed.get(bed.bed_id, ())
            if first < gone
        ]
    return Stock(
        row_of={unit.unit_id: place for place, unit in enumerate(estate.units)},
        nations=tuple(estate.site_by_id[unit.site_id].nation for unit in estate.units),
        closes=tuple(closes),
        limits=tuple(limits),
        closures=Closures(
            unit=np.array([row[0] for row in rows], dtype=np.int64),
            is_cot=np.array([row[1] for row in rows], dtype=np.bool_),
            starts=np.array([row[2] for row in rows], dtype=np.float64),
            ends=np.array([row[3] for row in rows], dtype=np.float64),
        ),
    )


def units_of(estate: Estate, clock: Clock, stock: Stock, groups: Bools) -> Units:
    """Return the units as arrays, with the groups in which each counts (U, G)."""
    beds = [estate.beds_of.get(unit.unit_id, ()) for unit in estate.units]
    sites = [estate.site_by_id[unit.site_id] for unit in estate.units]
    return Units(
        singles=np.array([sum(b.kind is BedKind.SINGLE for b in group) for group in beds], dtype=np.int64),
        cots=np.array([sum(b.kind is BedKind.COT for b in group) for group in beds], dtype=np.int64),
        shared=np.array([unit.sharing is Sharing.SHARED for unit in estate.units], dtype=np.bool_),
        opens=np.array([_offset(site.opens_on, clock, -ENDLESS) for site in sites], dtype=np.float64),
        closes=np.array(stock.closes, dtype=np.float64),
        max_stay=np.array(stock.limits, dtype=np.float64),
        groups=groups,
    )


def _offset(on: date | None, clock: Clock, otherwise: float) -> float:
    return otherwise if on is None else float((on - clock.today).days)


def _spans_by_bed(estate: Estate, clock: Clock) -> dict[BedRef, list[Span]]:
    """Return the nights on which each bed is out of service from tonight on, those that meet made one."""
    spans: dict[BedRef, list[Span]] = defaultdict(list)
    for closure in estate.closures:
        first = _offset(closure.starts_on, clock, 0.0)
        last = _offset(closure.ends_on, clock, ENDLESS)
        if max(first, 0.0) < last:
            spans[closure.bed_id].append((max(first, 0.0), last))
    return {bed: _merged(found) for bed, found in spans.items()}


def _merged(spans: Iterable[Span]) -> list[Span]:
    merged: list[Span] = []
    for first, last in sorted(spans):
        if merged and first <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return merged


def _gone_from(beds: Iterable[Bed], closed: Mapping[BedRef, list[Span]]) -> float:
    """Return the later night from which every bed is out of service for good, endless if there is none."""
    for_good = [
        next((first for first, last in closed.get(bed.bed_id, ()) if last == ENDLESS), ENDLESS)
        for bed in beds
    ]
    gone = max(for_good, default=ENDLESS)
    return gone if gone > 0 else ENDLESS
