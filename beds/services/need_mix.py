"""Who comes: weighted prototypes of households by nation, from own referrals or from published margins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from beds.domain.needs import NEED_LABELS, NEEDS, Need
from beds.domain.referral import Person, Referral
from beds.domain.terms import Nation
from optimiser.stays import Floats

__all__ = ["NEEDS", "NEED_LABELS", "Need", "NeedMix"]


@dataclass(frozen=True)
class NeedMix:
    """Prototypes of the households that come to need a bed.

    Attributes
    ----------
    referrals, people :
        The prototypes; every age is known and a round would place each. Their dates mean nothing.
    weights : by nation, shape (len(referrals),)
        How likely the next household of the nation is like each prototype; sums to 1.
    source : str
        A sentence for screens: where the mix is from.
    assumed : bool
        Whether it rests on assumptions rather than on own records or published figures alone.
    """

    referrals: tuple[Referral, ...]
    people: tuple[Person, ...]
    weights: Mapping[Nation, Floats]
    source: str
    assumed: bool
