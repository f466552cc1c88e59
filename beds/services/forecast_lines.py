"""The lines of a forecast: distributions of some households' beds against the beds that could be theirs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Final

import numpy as np

from beds.domain.households import Bools
from beds.domain.terms import Nation
from optimiser.beds_needed import (
    LEVELS,
    Counts,
    Future,
    Present,
    distributions,
    distributions_by_law,
    mixture,
)
from optimiser.stays import Floats, Ints

NO_SIZE: Final = np.array([0.0, 1.0])
"""Households themselves are counted as of one each."""


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

    def since(self, first: int) -> Bands:
        """Return the bands from a night on."""
        return Bands(*(getattr(self, column.name)[first:] for column in fields(self)))


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
        Beds for the households that wait; `waiting_households` counts them.
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

    def since(self, first: int) -> Line:
        """Return the line from a night on; what is said of now stays what it is."""
        if not first:
            return self
        return replace(
            self,
            stock=self.stock[first:],
            needed=self.needed.since(first),
            occupied=self.occupied.since(first),
            short=self.short.since(first),
            arrivals=self.arrivals.since(first),
        )


@dataclass(frozen=True)
class Population:
    """The households of one nation: those known tonight, and those to come.

    Attributes
    ----------
    beds : ndarray of int64, shape (known,)
    resident, waiting_now : ndarray of bool, shape (known,)
        In beds of the service tonight; needing beds tonight and in none.
    kept : by law, each ndarray of shape (parts, days + 1)
        The expected beds of known households of each part in each night.
    coming : by law, each ndarray of shape (days + 1,)
        The expected number of those who came since and are there.
    nights : ndarray of int64, shape (looked at,)
        The nights whose distribution is worked out.
    futures : tuple of Future
        For those nights, law by law: all known households, and those who came.
    arrived : Future
        For those nights: households that have come since the census, whether there or not.
    arrived_mean : ndarray, shape (days + 1,)
        The expected number of those, for every night.
    """

    beds: Ints
    resident: Bools
    waiting_now: Bools
    kept: tuple[Floats, ...]
    coming: tuple[Floats, ...]
    nights: Ints
    futures: tuple[Future, ...]
    arrived: Future
    arrived_mean: Floats


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a nation's households: who of the known, what share of those to come and of what sizes.

    `stock` has the beds that could be theirs, night by night.
    """

    breakdown: Breakdown
    item: str
    label: str
    known: Bools
    share: float
    size_shares: Floats
    stock: Floats

    @property
    def is_the_nation(self) -> bool:
        """Whether it is all of the nation: a region group may be."""
        return self.breakdown is not Breakdown.NEED and self.share == 1.0


def line_of(nation: Nation, population: Population, part: Part, place: int) -> Line:
    """Return the line of a part of a nation's households, the one of that place among its parts."""
    known = part.known
    futures = [
        Future(
            future.weight,
            Present(future.present.beds[known], future.present.chance[known]),
            future.coming * part.share,
        )
        for future in population.futures
    ]
    weights = [future.weight for future in futures]
    by_law = distributions_by_law(futures, part.size_shares)
    to_come = part.share * float(part.size_shares @ np.arange(len(part.size_shares)))
    means = [
        kept[place] + coming * to_come
        for kept, coming in zip(population.kept, population.coming, strict=True)
    ]
    mean = np.average(means, axis=0, weights=weights)
    needed = _bands([mixture(night, weights) for night in by_law], population.nights, mean)
    excess = [
        _excess([night[law] for night in by_law], population.nights, of_law, part.stock)
        for law, of_law in enumerate(means)
    ]
    short_mean = np.average(excess, axis=0, weights=weights)
    occupied_now = int(population.beds[known & population.resident].sum())
    waiting = known & population.waiting_now
    occupied = _mapped(needed, mean - short_mean, lambda q: np.minimum(q, part.stock))
    return Line(
        nation=nation,
        breakdown=part.breakdown,
        item=part.item,
        label=part.label,
        beds_now=int(part.stock[0]),
        occupied_now=occupied_now,
        waiting_now=int(population.beds[waiting].sum()),
        waiting_households=int(waiting.sum()),
        stock=part.stock,
        needed=needed,
        occupied=_from_census(occupied, occupied_now),
        short=_mapped(needed, short_mean, lambda q: np.maximum(q - part.stock, 0.0)),
        arrivals=_arrivals(population, part.share),
    )


def _arrivals(population: Population, share: float) -> Bands:
    arrived = population.arrived
    counts = distributions([Future(1.0, arrived.present, arrived.coming * share)], NO_SIZE)
    return _bands(counts, population.nights, population.arrived_mean * share)


def _bands(counts: Sequence[Counts], nights: Ints, mean: Floats) -> Bands:
    """Return the mean and quantiles, in whole numbers, of every night.

    Between the nights looked at, how far a quantile is from the mean is interpolated; the mean is exact.
    """
    every, there = np.arange(len(mean)), mean[nights]
    apart = (np.array([float(one.quantile(level)) for one in counts]) - there for level in LEVELS)
    quantiles = (np.maximum(np.rint(mean + np.interp(every, nights, away)), 0.0) for away in apart)
    return Bands(mean, *quantiles)


def _excess(counts: Sequence[Counts], nights: Ints, mean: Floats, stock: Floats) -> Floats:
    """Return E[(needed - stock)⁺] for every night under one law.

    Between two nights looked at, by a mixture of their distributions, each moved to the mean of the night.
    """
    found, over = np.zeros(len(stock)), stock - mean
    for one, nearness in zip(counts, np.eye(len(nights)), strict=True):
        weight = np.interp(np.arange(len(stock)), nights, nearness)
        here = weight > 0
        found[here] += weight[here] * one.excess(over[here] + one.mean)
    return found


def _mapped(bands: Bands, mean: Floats, of: Callable[[Floats], Floats]) -> Bands:
    """Return the bands of a rising function of what is banded: its quantiles are those, mapped."""
    quantiles = (of(getattr(bands, column.name)) for column in fields(bands)[1:])
    return Bands(mean, *quantiles)


def _from_census(bands: Bands, tonight: float) -> Bands:
    """Return the bands with tonight's value as it is on record."""
    return Bands(*(np.r_[tonight, getattr(bands, column.name)[1:]] for column in fields(bands)))
