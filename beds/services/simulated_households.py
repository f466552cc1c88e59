"""The households of a simulation as arrays: prototypes of those to come, who waits, who lives there.

Whoever may need a place has a row of verdicts. Those who live where they can stay share rows that have none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from beds.domain.estate import Estate
from beds.domain.households import Bools, gender_bits
from beds.domain.needs import NEEDS, Need
from beds.domain.referral import Referral
from beds.domain.terms import SERVED_NATIONS, BedKind, Nation
from beds.services.demand import Demand
from beds.services.simulated_estate import ENDLESS, Stock
from beds.services.simulated_people import InLine, Living
from beds.services.simulated_rules import Bench
from optimiser.simulation import Profiles, Residents, Stream, Waiting, WholeNights
from optimiser.simulation.model import SHARES_WITH_NOBODY

Group = tuple[Nation, Need]
NOBODYS_TIER = 2
"""Of rows that are never offered anything: the last."""


@dataclass(frozen=True, slots=True)
class Household:
    """What a row counts as, and the household that the rules judge; None where nothing is offered to it."""

    nation: Nation
    needs: frozenset[Need]
    referral: Referral | None
    singles: int = 1
    sharing_class: int = SHARES_WITH_NOBODY


@dataclass
class Rows:
    """Rows of profiles while they are put together; the same household is the same row."""

    row_of: dict[Household, int] = field(default_factory=dict)

    def add(self, household: Household) -> int:
        """Return the row of a household, a new one if need be."""
        return self.row_of.setdefault(household, len(self.row_of))

    @property
    def others(self) -> tuple[Group, ...]:
        """All households of each further nation in which rows count."""
        counted = {household.nation for household in self.row_of}
        return tuple((one, Need.ALL) for one in Nation if one in counted and one not in SERVED_NATIONS)


def streams_of(demand: Demand, rows: Rows, days: int) -> tuple[Stream, ...]:
    """Return the new households of each nation, and give their prototypes rows."""
    mix = demand.mix
    needs = [frozenset(need for need, has in zip(NEEDS, row, strict=True) if has) for row in mix.needs]
    streams = []
    for nation in (nation for nation in SERVED_NATIONS if nation in demand.rates):
        weights = mix.weights[nation]
        likely = np.flatnonzero(weights > 0)
        profiles = [rows.add(Household(nation, needs[at], mix.referrals[at])) for at in likely.tolist()]
        streams.append(
            Stream(
                label=str(nation),
                rates=demand.rates[nation][:, :days],
                profiles=np.array(profiles, dtype=np.int64),
                weights=weights[likely],
                stays=tuple(WholeNights(law) for law in demand.laws[nation]),
                law_of=demand.law_of_draw % len(demand.laws[nation]),
            )
        )
    return tuple(streams)


def waiting_of(estate: Estate, in_line: Sequence[InLine], rows: Rows, nations: Sequence[Nation]) -> Waiting:
    """Return who waits or is known to come, and give them rows."""
    profiles = []
    for one in in_line:
        referral, people = estate.referral_by_id[one.referral_id], estate.people_of.get(one.referral_id, ())
        has_a_lead = any(person.is_lead for person in people)
        profiles.append(
            rows.add(
                Household(one.nation, one.needs, referral)
                if has_a_lead
                else Household(one.nation, one.needs, None, max(len(people), 1))
            )
        )
    return Waiting(
        profile=np.array(profiles, dtype=np.int64),
        stream=np.array([_stream(one.nation, nations) for one in in_line], dtype=np.int64),
        waited=np.array([one.waited for one in in_line], dtype=np.float64),
        joins=np.array([one.joins for one in in_line], dtype=np.float64),
    )


def residents_of(
    estate: Estate, living: Sequence[Living], rows: Rows, stock: Stock, nations: Sequence[Nation], days: int
) -> Residents:
    """Return who lives there or is to, one row a household and unit, and give them profiles."""
    table: list[tuple[int, int, int, int, int, int, int, bool, float, int]] = []
    for one in living:
        units = [stock.row_of[unit] for unit in one.beds]
        may_move = any(stock.closes[unit] <= days or stock.limits[unit] < ENDLESS for unit in units)
        profile, first = rows.add(_living_as(estate, one, may_move=may_move)), len(table)
        for unit, beds in zip(units, one.beds.values(), strict=True):
            cots = sum(estate.bed_by_id[bed].kind is BedKind.COT for bed in beds)
            at = _stream(one.nation, nations)
            table.append(
                (
                    *(profile, unit, len(beds) - cots, cots, at),
                    *(one.so_far, one.arrives, one.held, one.leaves, first),
                )
            )
    columns = list(zip(*table, strict=True)) if table else [()] * 10
    kinds = (*[np.int64] * 5, *[np.float64] * 2, np.bool_, np.float64, np.int64)
    return Residents(*(np.array(column, dtype=kind) for column, kind in zip(columns, kinds, strict=True)))


def profiles_of(bench: Bench, rows: Rows) -> tuple[Profiles, tuple[Group, ...]]:
    """Return every row with its verdicts, and the groups in which rows count."""
    households = list(rows.row_of)
    judged = bench.judge([one.referral for one in households if one.referral is not None])
    places = np.array([row for row, one in enumerate(households) if one.referral is not None], dtype=np.int64)
    groups = (*((nation, need) for nation in SERVED_NATIONS for need in NEEDS), *rows.others)
    flags = [[one.nation is nation and need in one.needs for nation, need in groups] for one in households]
    columns = _unjudged(households, judged.suitable.shape[1])
    for name, column in columns.items():
        column[places] = getattr(judged, name)
    counts_in = np.array(flags, dtype=np.bool_).reshape(-1, len(groups))
    return Profiles(**columns, groups=counts_in), groups


def unit_groups(
    profiles: Profiles, streams: Sequence[Stream], stock: Stock, groups: Sequence[Group]
) -> Bools:
    """Return in which groups each unit counts: of its nation, and where it would suit somebody to come."""
    counts = np.zeros((len(stock.nations), len(groups)), dtype=np.bool_)
    come = np.concatenate([np.zeros(0, dtype=np.int64), *(stream.profiles for stream in streams)])
    for column, (nation, need) in enumerate(groups):
        there = np.array([one is nation for one in stock.nations], dtype=np.bool_)
        having_it = come[profiles.groups[come, column]]
        suits = np.ones(len(there), dtype=np.bool_) if need is Need.ALL else False
        counts[:, column] = there & (suits | profiles.suitable[having_it].any(axis=0))
    return counts


def _unjudged(households: Sequence[Household], units: int) -> dict[str, Any]:
    """Return the columns of rows to which nothing is offered."""
    many = len(households)
    return {
        "singles": np.array([one.singles for one in households], dtype=np.int64),
        "under_twos": np.zeros(many, dtype=np.int64),
        "sharing_class": np.array([one.sharing_class for one in households], dtype=np.int64),
        "tier": np.full(many, NOBODYS_TIER, dtype=np.int64),
        "nights": np.ones(many, dtype=np.int64),
        "notice": np.ones(many, dtype=np.int64),
        "suitable": np.zeros((many, units), dtype=np.bool_),
        "mismatch": np.zeros((many, units), dtype=np.int32),
    }


def _living_as(estate: Estate, one: Living, *, may_move: bool) -> Household:
    people = estate.people_of.get(one.referral_id, ())
    if may_move and any(person.is_lead for person in people):
        return Household(one.nation, one.needs, estate.referral_by_id[one.referral_id])
    bits = gender_bits(person.gender for person in people)
    of_one = bits & (bits - 1) == 0
    return Household(one.nation, one.needs, None, sharing_class=bits if of_one else SHARES_WITH_NOBODY)


def _stream(nation: Nation, nations: Sequence[Nation]) -> int:
    """Return whose law of stay a household has; Assumption (ours): from another nation, the first's."""
    return nations.index(nation) if nation in nations else 0
