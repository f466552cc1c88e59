"""Beds needed, occupied and short, night by night, with their spread: the closed form over an estate.

Exact where there is room for everybody. It counts beds, not rooms: it does not know that a household's own
unit keeps its other beds empty, who may live where, keep-apart, declines, holds or who gives up waiting. What
is short by this count is short by any; what is not may still be, and the simulation says.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

import numpy as np

from beds.demand_assumptions import RegionGroup, group_of_region, region_groups
from beds.domain.census import Census, Resident, Waiting, census
from beds.domain.clock import Clock
from beds.domain.estate import Estate
from beds.domain.households import Bools
from beds.domain.needs import NEED_LABELS, NEEDS, Need
from beds.domain.scenario import Scenario
from beds.domain.terms import SERVED_NATIONS, Nation
from beds.reference import recovery_periods
from beds.services.demand import Demand, Link, nights_ahead
from beds.services.forecast_lines import Bands, Breakdown, Line, Part, Population, line_of
from beds.services.need_mix import NeedMix
from beds.services.supposed_estate import supposed_estate
from beds.services.usable_beds import UsableBeds, usable_beds
from optimiser.beds_needed import (
    Future,
    Present,
    chance_after_coming,
    chance_of_staying,
    expected_coming,
    nights_looked_at,
)
from optimiser.stays import Floats, Ints, StayLaw

__all__ = ["Bands", "Breakdown", "KnownHouseholds", "Line", "ShortfallForecast", "shortfall"]

MODEL_VERSION: Final = 1
"""Goes up when the same records and the same seed come to other numbers."""
METHOD: Final = (
    "Beds needed with room for everybody: who is here leaves by what is left of the length of stay, who "
    "waits begins to stay tonight, who comes is a Poisson stream; over {draws} draws of the chain. Beds are "
    "counted, not rooms and rules: the beds that a household leaves over in its own unit are nobody else's, "
    "so that more may be short than is said here, and the simulation says how many."
)


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


def shortfall(estate: Estate, clock: Clock, scenario: Scenario, demand: Demand) -> ShortfallForecast:
    """Return beds needed, occupied and short in the estate that a scenario supposes.

    Night 0 is the census; afterwards everybody who needs beds has them, and `occupied` is what of that there
    are beds for. Lines: each nation; each need of a nation but `all`, which is the nation; each region group.
    Where the scenario starts on a later night, the nights before it are left out.

    Parameters
    ----------
    demand : of the same scenario at the same instant (`beds.services.demand`)

    Raises
    ------
    BadInput
        The scenario closes a site that there is not, or starts before tonight.
    """
    first, days = nights_ahead(scenario, clock)
    supposed = supposed_estate(estate, scenario)
    now = census(supposed, clock)
    occupied = frozenset(bed for one in now.residents for bed in one.beds)
    stock = usable_beds(supposed, clock, demand.mix, days=days, occupied=occupied, periods=recovery_periods())
    lines = [
        line
        for nation in SERVED_NATIONS
        for line in _lines(nation, KnownHouseholds.of(nation, now, supposed), demand, stock)
    ]
    dates = tuple(clock.today + timedelta(days=night) for night in range(first, days + 1))
    return ShortfallForecast(
        as_at=clock.as_at,
        starts_on=dates[0],
        dates=dates,
        lines=tuple(line.since(first) for line in lines),
        links=demand.links,
        waiting_elsewhere=sum(one.nation not in SERVED_NATIONS for one in now.waiting),
        method=METHOD.format(draws=len(demand.law_of_draw)),
        model_version=MODEL_VERSION,
    )


@dataclass(frozen=True)
class KnownHouseholds:
    """The households of a nation that are known tonight: residents first, then those who wait."""

    residents: tuple[Resident, ...]
    waiting: tuple[Waiting, ...]
    beds: Ints
    needs: Bools
    group: tuple[str, ...]

    @classmethod
    def of(cls, nation: Nation, now: Census, estate: Estate) -> KnownHouseholds:
        """Return those who are in sites of the nation, and those who wait there or for there."""
        sites = estate.site_by_id
        residents = tuple(one for one in now.residents if sites[one.site_id].nation is nation)
        waiting = tuple(one for one in now.waiting if one.nation is nation)
        groups = [group for group in region_groups() if group.nation is nation]
        group_of = group_of_region()
        everybody: list[Resident | Waiting] = [*residents, *waiting]
        return cls(
            residents=residents,
            waiting=waiting,
            beds=np.array(
                [*(len(one.beds) for one in residents), *(one.beds for one in waiting)], dtype=np.int64
            ),
            needs=np.array(
                [[need in one.needs for need in NEEDS] for one in everybody], dtype=np.bool_
            ).reshape(len(everybody), len(NEEDS)),
            group=(*(group_of[sites[one.site_id].region] for one in residents), *_dealt(waiting, groups)),
        )

    def population(self, demand: Demand, nation: Nation, parts: Sequence[Part]) -> Population:
        """Return them with those to come, over the laws of stays."""
        rates, laws = demand.rates[nation], demand.laws[nation]
        every, nights = np.arange(demand.days + 1), nights_looked_at(demand.days)
        beds_of_part = np.array([part.known * self.beds for part in parts], dtype=np.float64)
        kept, coming, futures = [], [], []
        for place, law in enumerate(laws):
            draws = rates[demand.law_of_draw % len(laws) == place]
            if not len(draws):
                continue
            staying = self.staying(every, law)
            there = np.c_[np.zeros(len(draws)), expected_coming(draws, law)]
            kept.append(beds_of_part @ staying)
            coming.append(there.mean(axis=0))
            present = Present(self.beds, staying[:, nights])
            futures.append(Future(len(draws) / len(rates), present, there[:, nights]))
        arrived = np.c_[np.zeros(len(rates)), np.cumsum(rates, axis=1)]
        nobody = Present(np.zeros(0, dtype=np.int64), np.zeros((0, len(nights))))
        comes_in = np.array([one.comes_in for one in self.waiting], dtype=np.int64)
        return Population(
            beds=self.beds,
            resident=np.arange(len(self.beds)) < len(self.residents),
            waiting_now=np.r_[np.zeros(len(self.residents), dtype=np.bool_), comes_in == 0],
            kept=tuple(kept),
            coming=tuple(coming),
            nights=nights,
            futures=tuple(futures),
            arrived=Future(1.0, nobody, arrived[:, nights]),
            arrived_mean=arrived.mean(axis=0),
        )

    def staying(self, nights: Ints, law: StayLaw) -> Floats:
        """Return the probability that each needs its beds in each of some nights, shape (known, nights)."""
        so_far = np.array([one.nights_so_far for one in self.residents], dtype=np.int64)
        leaves_in = np.array([one.leaves_in or 0 for one in self.residents], dtype=np.int64)[:, None]
        comes_in = np.array([one.comes_in for one in self.waiting], dtype=np.int64)
        staying = chance_of_staying(so_far, nights, law)
        # a departure that is on record already is not a matter of chance
        staying = np.where(leaves_in > 0, nights[None, :] < leaves_in, staying)
        return np.concatenate([staying, chance_after_coming(comes_in, nights, law)])


def _lines(nation: Nation, known: KnownHouseholds, demand: Demand, stock: UsableBeds) -> Iterator[Line]:
    parts = tuple(_parts(nation, known, demand.mix, stock))
    population = known.population(demand, nation, parts)
    whole: Line | None = None
    for place, part in enumerate(parts):
        if whole is not None and part.is_the_nation:
            yield replace(whole, breakdown=part.breakdown, item=part.item, label=part.label)
            continue
        line = line_of(nation, population, part, place)
        whole = whole or line
        yield line


def _parts(nation: Nation, known: KnownHouseholds, mix: NeedMix, stock: UsableBeds) -> Iterator[Part]:
    here = stock.nation == nation
    everybody = np.ones(len(known.beds), dtype=np.bool_)
    sizes = mix.size_shares(nation)
    beds = stock.in_units(here)
    yield Part(Breakdown.NATION, nation, nation, everybody, 1.0, sizes, beds)
    for column, need in enumerate(NEEDS):
        if need is not Need.ALL:
            served = stock.in_units(stock.serves[nation][column])
            share, of_need = mix.share(nation, need), mix.size_shares(nation, need)
            yield Part(
                Breakdown.NEED, need, NEED_LABELS[need], known.needs[:, column], share, of_need, served
            )
    for group in region_groups():
        if group.nation is nation:
            within = here & np.isin(stock.region, sorted(group.regions))
            in_group = np.array([code == group.code for code in known.group], dtype=np.bool_)
            yield Part(
                Breakdown.REGION_GROUP,
                group.code,
                group.label,
                in_group,
                group.share,
                sizes,
                stock.in_units(within),
            )


def _dealt(waiting: Sequence[Waiting], groups: Sequence[RegionGroup]) -> list[str]:
    """Return a region group for each household that waits.

    Assumption (ours): the group of a region that she would rather be in; of several such, and where she named
    none, the one that is furthest behind its share of households so far, in the order of references.
    """
    dealt = dict.fromkeys((group.code for group in groups), 0)
    found = []
    for count, one in enumerate(waiting, 1):
        wanted = [group for group in groups if group.regions & one.preferred_regions] or groups
        behind = max(wanted, key=lambda group: group.share * count - dealt[group.code])
        dealt[behind.code] += 1
        found.append(behind.code)
    return found
