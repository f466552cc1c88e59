"""What is assumed about demand, as the rows of `demand_assumptions.csv` and `region_groups.csv` say it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Final

from beds.domain.terms import Nation
from beds.reference import read_rows

WHOLE_UK: Final = "United Kingdom"


@dataclass(frozen=True, slots=True)
class Assumption:
    """One row: a range, or one value where low, likely and high are the same; None for the whole UK."""

    code: str
    nation: Nation | None
    low: float
    likely: float
    high: float
    source: str
    note: str
    assumed: bool


@dataclass(frozen=True, slots=True)
class RegionGroup:
    """Regions (ONS codes) that are told together, with their share of the nation's households to come."""

    code: str
    label: str
    nation: Nation
    regions: frozenset[str]
    share: float


@cache
def assumption(code: str, nation: Nation | None = None) -> Assumption:
    """Return the row of a link, of a nation or of the whole UK.

    Raises
    ------
    KeyError
        There is no such row.
    """
    found = find_assumption(code, nation)
    if found is None:
        raise KeyError(f"demand_assumptions.csv has no row {code} of {nation or WHOLE_UK}")
    return found


@cache
def find_assumption(code: str, nation: Nation | None = None) -> Assumption | None:
    """Return the row of a link, of a nation or of the whole UK, None if there is none."""
    wanted = WHOLE_UK if nation is None else nation
    for row in read_rows("demand_assumptions"):
        if (row["code"], row["nation"]) == (code, wanted):
            likely = float(row["likely"])
            return Assumption(
                code=code,
                nation=nation,
                low=float(row["low"] or likely),
                likely=likely,
                high=float(row["high"] or likely),
                source=row["source"],
                note=row["note"],
                assumed=row["assumption"] == "true",
            )
    return None


@cache
def region_groups() -> tuple[RegionGroup, ...]:
    """Return the groups in the order of the file, each with its share of its nation.

    England's by where people entered support from July 2022 to June 2023, three regions of which are
    published (`region_entering_support` of `synthesis_assumptions.csv`); a nation of one group is all of it.
    """
    entered = {
        row["item"]: float(row["value"])
        for row in read_rows("synthesis_assumptions")
        if row["topic"] == "region_entering_support"
    }
    rows = read_rows("region_groups")
    regions = {
        row["group"]: frozenset(r["region"] for r in rows if r["group"] == row["group"]) for row in rows
    }
    nation_of = {row["group"]: Nation(row["nation"]) for row in rows}
    label_of = {row["group"]: row["label"] for row in rows}
    weight = {code: sum(entered.get(region, 0.0) for region in here) or 1.0 for code, here in regions.items()}
    in_all = {nation: sum(weight[c] for c, n in nation_of.items() if n is nation) for nation in Nation}
    return tuple(
        RegionGroup(code, label_of[code], nation, regions[code], weight[code] / in_all[nation])
        for code, nation in nation_of.items()
    )


@cache
def group_of_region() -> Mapping[str, str]:
    """Return the code of the group that each region is in."""
    return MappingProxyType({region: group.code for group in region_groups() for region in group.regions})
