"""The verdicts of the rules for a simulation: which household may ever go into which unit, and how well.

The rules are those of every round (`beds.domain.eligibility`), compiled against the estate with nobody in it;
what depends on the day, on who is there and on closures is the simulation's to keep.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from beds.domain import eligibility
from beds.domain.accommodation import ADULT_AGE, COT_AGE
from beds.domain.clock import Clock
from beds.domain.eligibility import BIT, CLOSING_NOTICE_NIGHTS, ELIGIBLE_BITS
from beds.domain.estate import Estate
from beds.domain.households import Bools, Ints
from beds.domain.mismatch import mismatch_points
from beds.domain.periods import RecoveryPeriod
from beds.domain.points import MismatchPoints
from beds.domain.referral import Referral
from beds.services.freezing import Ground, Verdicts, judge
from beds.services.need_mix import NeedMix
from optimiser.simulation.model import SHARES_WITH_NOBODY

AT_A_TIME = 256
"""Households judged together: what the rules hold meanwhile grows with households × units."""
LASTING_BITS = ELIGIBLE_BITS & ~BIT["open"]
"""`interim` … `house_mix`: what does not depend on the day either, declines in force apart."""


@dataclass(frozen=True, slots=True)
class Judged:
    """Households as the rules see them, one row each, and their verdict on each unit."""

    singles: Ints
    under_twos: Ints
    sharing_class: Ints
    tier: Ints
    nights: Ints
    notice: Ints
    suitable: Bools
    mismatch: NDArray[np.int32]

    @classmethod
    def of(cls, parts: Sequence[Judged]) -> Judged:
        """Return several one after another."""
        return cls(*(np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(cls)))


@dataclass(frozen=True)
class Bench:
    """An estate with nobody in it, against which households are judged."""

    ground: Ground
    as_it_is: Estate
    periods: tuple[RecoveryPeriod, ...]
    points: MismatchPoints

    @classmethod
    def of(
        cls,
        estate: Estate,
        clock: Clock,
        mix: NeedMix,
        *,
        periods: Iterable[RecoveryPeriod],
        points: MismatchPoints,
    ) -> Bench:
        """Return the bench for the households of an estate, and for prototypes that are not in it."""
        empty = estate.with_rows(
            referrals=(*estate.referrals, *mix.referrals),
            people=(*estate.people, *mix.people),
            placements=(),
            holds=(),
            closures=(),
        )
        return cls(Ground.of(empty, clock), estate, tuple(periods), points)

    def judge(self, referrals: Sequence[Referral]) -> Judged:
        """Return the verdicts on households whose ages are known."""
        firsts = range(0, max(len(referrals), 1), AT_A_TIME)
        judged = Judged.of([self._judged(referrals[first : first + AT_A_TIME]) for first in firsts])
        return replace(judged, suitable=judged.suitable & ~self._kept_apart(referrals))

    def _kept_apart(self, referrals: Sequence[Referral]) -> Bools:
        """Return the units in sites where somebody lives tonight that each must not meet (R, U).

        Assumption (ours): a household does not come to such a site later either.
        """
        apart = np.zeros((len(referrals), len(self.ground.standing.units.refs)), dtype=np.bool_)
        concerned = [
            row
            for row, referral in enumerate(referrals)
            if self.as_it_is.kept_apart_from.get(referral.survivor)
        ]
        if concerned:
            ground = Ground.of(self.as_it_is, self.ground.clock)
            verdicts = judge(ground, [referrals[row] for row in concerned], self.periods)
            apart[concerned] = (verdicts.broken & np.uint16(BIT["keep_apart"])) != 0
        return apart

    def _judged(self, referrals: Sequence[Referral]) -> Judged:
        verdicts = judge(self.ground, referrals, self.periods)
        h = verdicts.pairing.households
        suitable = _suitable(verdicts)
        rows, units = np.nonzero(suitable)
        mismatch = np.zeros(suitable.shape, dtype=np.int32)
        mismatch[rows, units] = mismatch_points(verdicts.pairing, rows, units, self.points).sum(axis=1)
        one_gender = (h.gender_bits & (h.gender_bits - 1)) == 0
        return Judged(
            singles=h.singles,
            under_twos=h.under_twos + (h.births < h.nights[:, None]).sum(axis=1),
            sharing_class=np.where(one_gender, h.gender_bits, SHARES_WITH_NOBODY),
            tier=h.rank,
            nights=h.nights,
            notice=np.minimum(h.nights, CLOSING_NOTICE_NIGHTS),
            suitable=suitable,
            mismatch=mismatch,
        )


def with_ages_read(estate: Estate) -> Estate:
    """Return an estate in which every age is known, for figures only: nobody is placed by it.

    As `needs_of` reads them: the lead's is an adult's, another's a child's; it takes a single bed and is
    within every age limit. Assumption (ours): what is not settled about a household is settled as recorded.
    """
    if all(person.age is not None for person in estate.people):
        return estate
    people = (
        replace(person, age=ADULT_AGE if person.is_lead else COT_AGE) if person.age is None else person
        for person in estate.people
    )
    return estate.with_rows(people=people)


def _suitable(verdicts: Verdicts) -> Bools:
    lasting = (verdicts.broken & np.uint16(LASTING_BITS)) == 0
    return np.asarray(lasting & eligibility.could_ever_hold(verdicts.pairing), dtype=np.bool_)
