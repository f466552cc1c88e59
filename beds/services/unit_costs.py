"""What a night of a bed costs: by site where it is on record, else by type, else what is supposed.

Money is whole pence. A place is paid for whether or not somebody is in it; a cot counts as a bed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from functools import cache
from typing import Final

import numpy as np

from beds.domain.accommodation import Site
from beds.domain.estate import Estate
from beds.domain.scenario import Scenario
from beds.domain.terms import SERVED_NATIONS, Nation, SiteRef, SiteType
from beds.reference import read_rows
from optimiser.stays import Floats, Ints

NIGHTS_A_YEAR: Final = 365
RECORDED: Final = "the sites' own records"


@dataclass(frozen=True, slots=True)
class UnitCost:
    """Pence for a bed-night, with the range it may lie in, the year of its prices, and where it is from."""

    low: int
    likely: int
    high: int
    price_year: str
    source: str
    assumed: bool


@dataclass(frozen=True, slots=True)
class CostLine:
    """What the costs of some beds rest on, and how many they are; 0: of beds that are not there yet."""

    nation: Nation
    beds: int
    cost: UnitCost


@dataclass(frozen=True)
class UnitCosts:
    """Costs of an estate: of each site, and by nation of a bed that is not there yet."""

    of_site: Mapping[SiteRef, UnitCost]
    of_new_bed: Mapping[Nation, UnitCost]
    beds: Mapping[SiteRef, int]
    nation_of: Mapping[SiteRef, Nation]

    def lines(self) -> tuple[CostLine, ...]:
        """Return what the costs rest on, by nation, the most beds first."""
        counted: dict[tuple[Nation, str], list[SiteRef]] = defaultdict(list)
        for site, cost in self.of_site.items():
            counted[self.nation_of[site], cost.source].append(site)
        lines = [
            CostLine(nation, sum(self.beds[site] for site in sites), self._together(sites))
            for (nation, _), sites in counted.items()
        ]
        lines += [CostLine(nation, 0, cost) for nation, cost in self.of_new_bed.items()]
        return tuple(sorted(lines, key=lambda line: (line.nation, -line.beds)))

    def _together(self, sites: list[SiteRef]) -> UnitCost:
        return _mean_of([(self.of_site[site], self.beds[site]) for site in sites])


def unit_costs(estate: Estate, scenario: Scenario) -> UnitCosts:
    """Return what a night of each bed costs.

    A site without a cost on record costs what those of its type in its nation do in the mean; without any
    such, what the scenario says; without that, the assumption of `unit_costs.csv`. A bed that is not there
    yet costs what the scenario says; else the mean of all on record in the nation; else the assumption.
    """
    beds: dict[SiteRef, int] = defaultdict(int)
    for bed in estate.beds:
        beds[estate.unit_by_id[bed.unit_id].site_id] += 1
    supposed = _supposed(scenario)
    of_type = {
        (nation, kind): _recorded(estate, beds, nation, kind)
        for nation in SERVED_NATIONS
        for kind in SiteType
    }
    of_site = {
        site.site_id: _own(site)
        or of_type[site.nation, site.site_type]
        or supposed
        or assumed_cost(site.nation)
        for site in estate.sites
    }
    return UnitCosts(
        of_site=of_site,
        of_new_bed={
            nation: supposed or _recorded(estate, beds, nation, None) or assumed_cost(nation)
            for nation in SERVED_NATIONS
        },
        beds={site: beds[site] for site in of_site},
        nation_of={site.site_id: site.nation for site in estate.sites},
    )


def stock_nights(estate: Estate, nation: Nation, *, starts_on: date, nights: int) -> Mapping[SiteRef, int]:
    """Return the bed-nights that are paid for in each site of a nation, over some nights.

    A bed is paid for while its site is open, closed for a while or not; Assumption (ours): one that is closed
    until further notice costs nothing from then on.
    """
    gone: dict[str, date] = {}
    for closure in estate.closures:
        if closure.ends_on is None:
            gone[closure.bed_id] = min(gone.get(closure.bed_id, date.max), closure.starts_on)
    paid: dict[SiteRef, int] = defaultdict(int)
    for bed in estate.beds:
        site = estate.site_by_id[estate.unit_by_id[bed.unit_id].site_id]
        if site.nation is nation:
            paid[site.site_id] += _nights_open(site, gone.get(bed.bed_id), starts_on, nights)
    return paid


def pence_drawn(cost: UnitCost, chances: Floats) -> Floats:
    """Return the cost of a bed-night in each draw: triangular over its range, at these chances (0 to 1).

    The same chances give the same place in every range, so that scenarios differ by what they suppose alone.
    """
    low, likely, high = float(cost.low), float(cost.likely), float(cost.high)
    if high == low:
        return np.full(chances.shape, likely)
    turn = (likely - low) / (high - low)
    rising = low + np.sqrt(chances * (high - low) * (likely - low))
    falling = high - np.sqrt((1 - chances) * (high - low) * (high - likely))
    return np.where(chances < turn, rising, falling)


def yearly_pence(bed_nights: Floats, pence: Floats, nights: int) -> Ints:
    """Return what bed-nights over some nights come to in a year, in whole pence, draw by draw."""
    return np.rint(bed_nights * pence * (NIGHTS_A_YEAR / nights)).astype(np.int64)


@cache
def assumed_cost(nation: Nation) -> UnitCost:
    """Return what a bed-night is taken to cost in a nation where nothing better is known."""
    row = next(row for row in read_rows("unit_costs") if row["nation"] == nation)
    return UnitCost(
        _pence(Decimal(row["low"])),
        _pence(Decimal(row["gbp_per_bed_night"])),
        _pence(Decimal(row["high"])),
        row["price_year"],
        row["source"],
        assumed=row["assumption"] == "true",
    )


def _own(site: Site) -> UnitCost | None:
    if site.cost_per_bed_night is None:
        return None
    pence = _pence(site.cost_per_bed_night)
    return UnitCost(pence, pence, pence, "as recorded", RECORDED, assumed=False)


def _supposed(scenario: Scenario) -> UnitCost | None:
    if scenario.cost_per_bed_night is None:
        return None
    pence = _pence(scenario.cost_per_bed_night)
    return UnitCost(
        pence,
        pence,
        pence,
        scenario.price_year or "not stated",
        f"the scenario {scenario.name}",
        assumed=True,
    )


def _recorded(
    estate: Estate, beds: Mapping[SiteRef, int], nation: Nation, kind: SiteType | None
) -> UnitCost | None:
    """Return the mean cost on record in a nation, of a type or of all, weighted by beds, with its range."""
    found = [
        (cost, beds[site.site_id])
        for site in estate.sites
        if site.nation is nation and kind in (None, site.site_type) and beds[site.site_id]
        if (cost := _own(site)) is not None
    ]
    if not found:
        return None
    mean = _mean_of(found)
    of = "all types" if kind is None else kind.replace("_", " ")
    low, high = min(cost.low for cost, _ in found), max(cost.high for cost, _ in found)
    return UnitCost(low, mean.likely, high, mean.price_year, f"{RECORDED}: the mean of {of}", assumed=False)


def _mean_of(costs: Iterable[tuple[UnitCost, int]]) -> UnitCost:
    weighed = [(cost, max(beds, 1)) for cost, beds in costs]
    beds = sum(weight for _, weight in weighed)
    first = weighed[0][0]
    low, likely, high = (
        round(sum(getattr(cost, end) * weight for cost, weight in weighed) / beds)
        for end in ("low", "likely", "high")
    )
    return UnitCost(low, likely, high, first.price_year, first.source, first.assumed)


def _nights_open(site: Site, gone: date | None, starts_on: date, nights: int) -> int:
    first = 0 if site.opens_on is None else max(0, (site.opens_on - starts_on).days)
    ends = [end for end in (site.closes_on, gone) if end is not None]
    last = min([nights, *((end - starts_on).days for end in ends)])
    return max(0, last - first)


def _pence(pounds: Decimal) -> int:
    return int((pounds * 100).quantize(Decimal(1), ROUND_HALF_EVEN))
