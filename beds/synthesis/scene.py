"""What every part of a synthesis looks at: the instant, the shares, and the areas there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from beds.domain.clock import Clock
from beds.domain.referral import Person, Referral
from beds.domain.terms import Nation
from beds.reference import read_rows
from beds.synthesis.draws import Draws, Weighted
from beds.synthesis.shares import Shares, shipped_shares

REGION_OF_NATION = {
    Nation.SCOTLAND: "S92000003",
    Nation.WALES: "W92000004",
    Nation.NORTHERN_IRELAND: "N92000002",
}
"""The nations that are one region each; England has nine."""


@dataclass(frozen=True, slots=True)
class Household:
    """A referral and its people, the lead first."""

    referral: Referral
    people: tuple[Person, ...]


@dataclass(frozen=True, slots=True)
class Scene:
    """The instant of the estate, the night it is about, and the data to draw from."""

    as_at: datetime
    shares: Shares
    councils: Mapping[str, tuple[str, ...]]
    nations: Weighted[Nation]
    regions: Weighted[str]

    @property
    def today(self) -> date:
        """The night being filled."""
        return Clock(self.as_at).today

    def region(self, nation: Nation, draws: Draws) -> str:
        """Return a region of a nation; English ones by where people enter support."""
        return draws.weighted(self.regions) if nation is Nation.ENGLAND else REGION_OF_NATION[nation]


def scene_at(as_at: datetime) -> Scene:
    """Return the scene at an instant, read from the reference data."""
    shares = shipped_shares()
    councils: dict[str, list[str]] = defaultdict(list)
    for row in read_rows("local_authorities"):
        councils[row["region_gss"]].append(row["lad_gss"])
    entering = shares.values["region_entering_support"]
    return Scene(
        as_at=as_at,
        shares=shares,
        councils={region: tuple(sorted(codes)) for region, codes in councils.items()},
        nations=_nation_weights(shares),
        regions=Weighted(tuple(entering), tuple(entering.values())),
    )


def scotland_share(shares: Shares) -> float:
    """Return Scotland's share of UK referrals, 512 of 10,606 in 2019 (`nrm_by_nation`)."""
    return shares.value("nation_2019", "Scotland") / shares.value("nation_2019", "United Kingdom")


def _nation_weights(shares: Shares) -> Weighted[Nation]:
    """Scotland by its share in 2019, the other three by the last year that gives them all (2018)."""
    others = {Nation(name): count for name, count in shares.values["nation_2018"].items()}
    rest = (1 - scotland_share(shares)) / sum(others.values())
    weights = {nation: count * rest for nation, count in others.items()}
    weights[Nation.SCOTLAND] = scotland_share(shares)
    return Weighted(tuple(weights), tuple(weights.values()))
