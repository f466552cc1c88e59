"""How many households come to need a bed, day by day, and how long they stay: the chain with its sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from beds.domain.terms import Nation
from beds.services.need_mix import NeedMix
from optimiser.stays import Floats, Ints, StayLaw


class Basis(StrEnum):
    """What a link of the chain rests on in this forecast."""

    OWN_RECORDS = "own_records"
    PUBLISHED = "published"
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


@dataclass(frozen=True)
class Demand:
    """Households that come to need a bed, in `draws` equally likely futures, and how long they stay.

    Attributes
    ----------
    starts_on : date
        The night of the census. Column d of `rates` is the day `starts_on` + d + 1: who came before waits or
        is resident, and is not in it.
    days : int
    rates : by nation, shape (draws, days)
        Expected households a day, ≥ 0. Given a row, arrivals are Poisson.
    stays : by nation
        The law of a stay, mixed over the draws; right in the mean whatever is drawn beside it.
    laws : by nation
        The laws that `stays` mixes: more than one where the length itself is uncertain.
    law_of_draw : shape (draws,)
        Which of `laws` goes with each draw.
    """

    starts_on: date
    days: int
    rates: Mapping[Nation, Floats]
    stays: Mapping[Nation, StayLaw]
    laws: Mapping[Nation, tuple[StayLaw, ...]]
    law_of_draw: Ints
    mix: NeedMix
    links: tuple[Link, ...]

    def law(self, nation: Nation, draw: int) -> StayLaw:
        """Return the law of stays that goes with a draw (0 to draws - 1) of `rates`."""
        return self.laws[nation][int(self.law_of_draw[draw])]
