"""The links of the chain from referrals to beds as they are told: what is drawn, and from where."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from beds.demand_assumptions import Assumption
from beds.domain.terms import Nation
from optimiser.chain import points
from optimiser.stays import Floats


class Basis(StrEnum):
    """What a link of the chain rests on in this forecast."""

    OWN_RECORDS = "own_records"
    PUBLISHED = "published"
    STATED = "stated"
    ASSUMPTION = "assumption"
    SCENARIO = "scenario"


@dataclass(frozen=True, slots=True)
class Link:
    """One link of the chain as it is used: its distribution, where it is from, and what it rests on.

    Attributes
    ----------
    code : str
        `referrals`, `adult`, `nation`, `positive_grounds`, `entering_support`, `needing_bed`, `arrivals`,
        `mix`, `decision`, `positive_conclusive`, `move_on` or `stay`.
    nation : Nation or None
        None where it is of the whole UK.
    low, likely, high : float
        The 5 per cent, 50 per cent and 95 per cent points of what is drawn.
    unit : str
        `share`, `households a year`, `referrals a year` or `nights`.
    basis, assumed :
        What is in use; `assumed` where it is not, or not only, a published figure or an own record.
    """

    code: str
    label: str
    nation: Nation | None
    low: float
    likely: float
    high: float
    unit: str
    distribution: str
    source: str
    basis: Basis
    assumed: bool
    note: str = ""


def link_of(
    row: Assumption, values: Floats, *, label: str, unit: str = "share", distribution: str = "triangular"
) -> Link:
    """Return a link that is drawn as a row of the reference data says."""
    low, likely, high = points(values)
    return Link(
        code=row.code,
        label=label,
        nation=row.nation,
        low=low,
        likely=likely,
        high=high,
        unit=unit,
        distribution=distribution,
        source=row.source,
        basis=Basis.ASSUMPTION if row.assumed else Basis.PUBLISHED,
        assumed=row.assumed,
        note=row.note,
    )
