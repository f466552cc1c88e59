"""Which beds can be used in each night to come, and which units could serve which need by the real rules."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from beds.domain.accommodation import Closure
from beds.domain.clock import Clock
from beds.domain.eligibility import BIT, ELIGIBLE_BITS, RULES, could_ever_hold, pair
from beds.domain.estate import Estate
from beds.domain.households import Bools, compile_households
from beds.domain.needs import NEEDS
from beds.domain.periods import RecoveryPeriod
from beds.domain.terms import BedRef, Nation
from beds.services.freezing import Ground
from beds.services.need_mix import NeedMix
from optimiser.stays import Floats, Ints


@dataclass(frozen=True)
class UsableBeds:
    """The beds that can be used, as changes from night to night.

    Attributes
    ----------
    nation, region : arrays of text, shape (units,)
        Where each unit is.
    unit, night, change : ndarray of int64, shape (changes,)
        In that unit, from that night on (0 tonight), there are so many more or fewer beds, cots among them.
    nights : int
        Nights looked at.
    serves : by nation, ndarray of bool, shape (len(NEEDS), units)
        Whether a unit in the nation could take some household with the need that the nation's mix has.
    """

    nation: np.ndarray[tuple[int], np.dtype[np.str_]]
    region: np.ndarray[tuple[int], np.dtype[np.str_]]
    unit: Ints
    night: Ints
    change: Ints
    nights: int
    serves: Mapping[Nation, Bools]

    def in_units(self, chosen: Bools) -> Floats:
        """Return the beds of some units (a mask) that can be used each night, shape (nights,)."""
        here = chosen[self.unit]
        changes = np.bincount(self.night[here], weights=self.change[here], minlength=self.nights)
        return np.asarray(np.cumsum(changes), dtype=np.float64)


def usable_beds(
    estate: Estate,
    clock: Clock,
    mix: NeedMix,
    *,
    days: int,
    occupied: Collection[BedRef],
    periods: tuple[RecoveryPeriod, ...],
) -> UsableBeds:
    """Return the beds of an estate that can be used tonight and in so many days after.

    A bed can be used while its site is open and it is not out of service; tonight, also if somebody is in it.
    A unit serves a need when every rule from `interim` to `house_mix` lets in some prototype with the need,
    and the unit could hold it were all its beds free; whether its site is open yet is told by the nights.

    Parameters
    ----------
    occupied : beds with somebody in them tonight
    """
    unit_row = {unit.unit_id: row for row, unit in enumerate(estate.units)}
    closures: dict[BedRef, list[Closure]] = defaultdict(list)
    for closure in estate.closures:
        closures[closure.bed_id].append(closure)
    changes: list[tuple[int, int, int]] = []
    for bed in estate.beds:
        row = unit_row[bed.unit_id]
        site = estate.site_by_id[estate.unit_by_id[bed.unit_id].site_id]
        spans = list(_spans((site.opens_on, site.closes_on), closures[bed.bed_id], clock.today, days + 1))
        if bed.bed_id in occupied and not (spans and spans[0][0] == 0):
            spans.append((0, 1))
        changes += [(row, night, sign) for span in spans for night, sign in zip(span, (1, -1), strict=True)]
    columns = np.array(changes, dtype=np.int64).reshape(len(changes), 3)
    columns = columns[columns[:, 1] <= days]
    sites = [estate.site_by_id[unit.site_id] for unit in estate.units]
    nation = np.array([site.nation for site in sites], dtype=np.str_)
    return UsableBeds(
        nation=nation,
        region=np.array([site.region for site in sites], dtype=np.str_),
        unit=columns[:, 0],
        night=columns[:, 1],
        change=columns[:, 2],
        nights=days + 1,
        serves=_serves(estate, clock, mix, nation, periods),
    )


def _spans(
    exists: tuple[date | None, date | None], closures: list[Closure], today: date, nights: int
) -> Iterator[tuple[int, int]]:
    """Yield the nights `[start, end)` in which a bed can be used, within the nights looked at."""

    def night(day: date | None, otherwise: int) -> int:
        return otherwise if day is None else min(max((day - today).days, 0), nights)

    start, end = night(exists[0], 0), night(exists[1], nights)
    for closure in sorted(closures, key=lambda one: one.starts_on):
        shut = min(night(closure.starts_on, 0), end)
        if start < shut:
            yield start, shut
        start = max(start, night(closure.ends_on, nights))
    if start < end:
        yield start, end


def _serves(
    estate: Estate,
    clock: Clock,
    mix: NeedMix,
    nation: np.ndarray[tuple[int], np.dtype[np.str_]],
    periods: tuple[RecoveryPeriod, ...],
) -> dict[Nation, Bools]:
    always_open = (replace(site, opens_on=None, closes_on=None) for site in estate.sites)
    empty = Estate(
        sites=tuple(always_open),
        units=estate.units,
        beds=estate.beds,
        referrals=mix.referrals,
        people=mix.people,
    )
    if not estate.units:
        return {one: np.zeros((len(NEEDS), 0), dtype=np.bool_) for one in mix.weights}
    ground = Ground.of(empty, clock)
    return {
        one: _served(ground, mix, weights > 0, nation == one, periods) for one, weights in mix.weights.items()
    }


def _served(
    ground: Ground, mix: NeedMix, of_nation: Bools, in_nation: Bools, periods: tuple[RecoveryPeriod, ...]
) -> Bools:
    """Return which units of a nation could take some prototype of it with each need."""
    site_rows = np.unique(ground.standing.units.site[in_nation])
    served = np.zeros((len(NEEDS), len(in_nation)), dtype=np.bool_)
    rows = np.flatnonzero(of_nation)
    households = compile_households(
        ground.estate, [mix.referrals[row] for row in rows], ground.clock, periods, ground.words
    )
    pairing = pair(ground.estate, households, ground.standing.within(site_rows), ground.clock)
    suitable = could_ever_hold(pairing)
    for rule in RULES:
        if BIT[rule.code] & ELIGIBLE_BITS:
            holds = rule.holds(pairing)
            suitable &= holds if rule.per_unit else holds[:, pairing.units.site]
    served[:, in_nation] = (mix.needs[rows].T.astype(np.float32) @ suitable.astype(np.float32)) > 0
    return served
