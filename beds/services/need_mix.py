"""Who comes: weighted prototypes of households by nation, from own referrals or from published margins.

A prototype has no reference of a case and no survivor's: it stands for households like it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import Final

import numpy as np

from beds.demand_assumptions import assumption
from beds.domain.clock import Clock, london_date
from beds.domain.households import Bools, not_for_a_round
from beds.domain.needs import NEED_LABELS, NEEDS, Need, beds_for, needs_of
from beds.domain.referral import Person, Referral
from beds.domain.terms import SERVED_NATIONS, Gender, Nation, PersonRef, ReferralRef, ReferralStatus
from beds.services.own_history import LEAST_HOUSEHOLDS, OwnHistory
from beds.synthesis.draws import Draws, Weighted
from beds.synthesis.scene import scene_at
from beds.synthesis.waiting import draw_waiting
from optimiser.stays import Floats, Ints

__all__ = ["NEEDS", "NEED_LABELS", "Need", "NeedMix", "need_mix"]

PROTOTYPES: Final = 360
"""Ours: drawn for each nation of which own records are not enough; a need of 5 per cent has some 18."""
POOL_SEED: Final = 20_260_101
MOST_OWN: Final = 400
"""Of more own households than this, the latest are prototypes."""

Household = tuple[Referral, tuple[Person, ...]]


@dataclass(frozen=True)
class NeedMix:
    """Prototypes of the households that come to need a bed.

    Attributes
    ----------
    referrals, people :
        The prototypes; every age is known and a round would place each. Their dates mean nothing.
    weights : by nation, shape (len(referrals),)
        How likely the next household of the nation is like each prototype; sums to 1.
    beds : ndarray of int64, shape (len(referrals),)
        The beds, cots among them, that each needs.
    needs : ndarray of bool, shape (len(referrals), len(NEEDS))
        Which needs each has; they overlap.
    source : str
        A sentence for screens: where the mix is from.
    assumed : bool
        Whether it rests on assumptions rather than on own records or published figures alone.
    own : frozenset of Nation
        The nations whose prototypes are own referrals.
    """

    referrals: tuple[Referral, ...]
    people: tuple[Person, ...]
    weights: Mapping[Nation, Floats]
    beds: Ints
    needs: Bools
    source: str
    assumed: bool
    own: frozenset[Nation]

    def share(self, nation: Nation, need: Need) -> float:
        """Return the share of the nation's households that have a need."""
        return float(self.weights[nation] @ self.needs[:, NEEDS.index(need)])

    def size_shares(self, nation: Nation, need: Need = Need.ALL) -> Floats:
        """Return the shares of 0, 1, 2 … beds among households with a need; of one bed if there are none."""
        weights = self.weights[nation] * self.needs[:, NEEDS.index(need)]
        if not weights.sum():
            return np.array([0.0, 1.0])
        return np.asarray(np.bincount(self.beds, weights=weights) / weights.sum(), dtype=np.float64)


def need_mix(clock: Clock, history: OwnHistory | None = None) -> NeedMix:
    """Return the mix of households to come: own referrals of a nation if there are enough, else drawn ones.

    Drawn ones are leads of the published cross-table (nationality, gender, exploitation) with companions and
    needs in assumed shares, the same ones every time, weighted to the published share of women.
    """
    today = clock.today
    own = {nation: _own(nation, history, today) for nation in SERVED_NATIONS if history is not None}
    pools = {nation: own.get(nation) or _drawn(nation, today) for nation in SERVED_NATIONS}
    return _mix(pools, frozenset(nation for nation, found in own.items() if found))


def _mix(pools: Mapping[Nation, tuple[Household, ...]], own: frozenset[Nation]) -> NeedMix:
    households = [household for pool in pools.values() for household in pool]
    needs = [needs_of(referral, people) for referral, people in households]
    weights, start = {}, 0
    for nation, pool in pools.items():
        of_all = np.zeros(len(households))
        of_all[start : start + len(pool)] = _weights(nation, pool, nation in own)
        weights[nation] = of_all
        start += len(pool)
    return NeedMix(
        referrals=tuple(referral for referral, _ in households),
        people=tuple(person for _, people in households for person in people),
        weights=weights,
        beds=np.array([beds_for(people) for _, people in households], dtype=np.int64),
        needs=np.array([[need in has for need in NEEDS] for has in needs], dtype=np.bool_),
        source=_source(pools, own),
        assumed=own != frozenset(pools),
        own=own,
    )


def _weights(nation: Nation, pool: Sequence[Household], is_own: bool) -> Floats:
    if is_own:
        return np.full(len(pool), 1.0 / len(pool))
    women = assumption("women", nation).likely
    genders = [next(person.gender for person in people if person.is_lead) for _, people in pool]
    count = {gender: max(genders.count(gender), 1) for gender in Gender}
    rest = genders.count(Gender.NON_BINARY) / len(pool)
    share = {
        Gender.FEMALE: women * (1.0 - rest),
        Gender.MALE: (1.0 - women) * (1.0 - rest),
        Gender.NON_BINARY: rest,
    }
    return np.array([share[gender] / count[gender] for gender in genders])


def _own(nation: Nation, history: OwnHistory, today: date) -> tuple[Household, ...]:
    """Return own households as prototypes; none if there are too few."""
    known = history.nations[nation]
    placeable = [household for household in known.households if not_for_a_round(household[1]) is None]
    if known.mix_wanting or len(placeable) < LEAST_HOUSEHOLDS:
        return ()
    latest = sorted(placeable, key=lambda one: (one[0].received_at, one[0].referral_id))[-MOST_OWN:]
    return tuple(_as_prototype(one, nation, number, today) for number, one in enumerate(latest, 1))


@lru_cache(maxsize=8)
def _drawn(nation: Nation, today: date) -> tuple[Household, ...]:
    scene = replace(scene_at(datetime.combine(today, time(18), UTC)), nations=Weighted((nation,), (1.0,)))
    draws = Draws(POOL_SEED + SERVED_NATIONS.index(nation))
    found: list[Household] = []
    while len(found) < PROTOTYPES:
        # a few cannot be placed until something is settled: they are drawn too many at once
        drawn = draw_waiting([ReferralRef("M")] * (PROTOTYPES * 9 // 8), scene, draws)
        found.extend((one.referral, one.people) for one in drawn if not_for_a_round(one.people) is None)
    return tuple(_as_prototype(one, nation, n, today) for n, one in enumerate(found[:PROTOTYPES], 1))


def _as_prototype(household: Household, nation: Nation, number: int, today: date) -> Household:
    """Return the household as if it had been referred today, with references that lead to nobody."""
    referral, people = household
    ref = ReferralRef(f"mix-{nation.lower()}-{number:03d}")
    later = today - london_date(referral.received_at)
    as_if_today = replace(
        referral,
        referral_id=ref,
        survivor_ref="",
        status=ReferralStatus.WAITING,
        received_at=referral.received_at + later,
        needed_from=referral.needed_from + later,
    )
    persons = (
        replace(
            person,
            referral_id=ref,
            person_id=PersonRef(f"{ref}-{place}"),
            due_on=None if person.due_on is None else person.due_on + later,
        )
        for place, person in enumerate(people, 1)
    )
    return as_if_today, tuple(persons)


def _source(pools: Mapping[Nation, Sequence[Household]], own: frozenset[Nation]) -> str:
    of_own = [
        f"{nation} from the service's last {len(pools[nation])} referrals"
        for nation in pools
        if nation in own
    ]
    drawn = [str(nation) for nation in pools if nation not in own]
    of_drawn = (
        f"{' and '.join(drawn)} drawn from the Home Office's cross-table of adults referred (April 2022 to "
        "December 2023), with needs, children and partners in assumed shares, weighted to the published "
        "share of women"
    )
    parts = [*of_own, *([of_drawn] if drawn else [])]
    return f"{'; '.join(parts)}."
