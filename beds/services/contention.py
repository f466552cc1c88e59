"""Who else could have had a unit: whom it affects when the unit goes to one household."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from beds.domain.households import Ints, days_waited, not_for_a_round, place_in_line, taking_part
from beds.domain.periods import RecoveryPeriod
from beds.domain.referral import Referral
from beds.domain.terms import Priority, ReferralRef, UnitRef
from beds.services.freezing import Ground, judge, rule_codes
from beds.services.options import in_site, keep_apart_as_no_room

SITES_AT_FIRST: Final = 40
"""Most households have another unit in the first sites that are looked at; whoever is left is few."""


@dataclass(frozen=True, slots=True)
class Rival:
    """A household that takes part and could have had the unit now.

    `ahead` of the other household in line; `no_other_unit` that it could have now.
    """

    referral_id: ReferralRef
    priority: Priority
    days_waited: int
    ahead: bool
    no_other_unit: bool


def rivals(ground: Ground, her: Referral, unit_id: str, periods: Iterable[RecoveryPeriod]) -> list[Rival]:
    """Return the other households that take part and could have a unit now, in line."""
    periods, today = tuple(periods), ground.clock.today
    others = [
        referral
        for referral in taking_part(ground.estate, ground.clock)
        if referral.referral_id != her.referral_id
        and not_for_a_round(ground.estate.people_of[referral.referral_id]) is None
    ]
    able = _able(ground, others, unit_id, periods)
    alone = _without_another(ground, able, unit_id, periods)
    return [
        Rival(
            referral_id=referral.referral_id,
            priority=referral.counts_as,
            days_waited=days_waited(referral.received_at, today),
            ahead=place_in_line(referral, today) < place_in_line(her, today),
            no_other_unit=referral.referral_id in alone,
        )
        for referral in sorted(able, key=lambda one: place_in_line(one, today))
    ]


def rules_broken(
    ground: Ground, referral: Referral, unit_id: str, periods: Iterable[RecoveryPeriod]
) -> list[str]:
    """Return the rules that a household would break in a unit now, keep-apart read as no room."""
    near = in_site(ground, ground.estate.unit_by_id[UnitRef(unit_id)].site_id)
    verdicts = judge(near, [referral], periods)
    column = near.standing.units.refs.index(UnitRef(unit_id))
    return list(rule_codes(int(keep_apart_as_no_room(verdicts.broken)[0, column])))


def _able(
    ground: Ground, referrals: Sequence[Referral], unit_id: str, periods: tuple[RecoveryPeriod, ...]
) -> list[Referral]:
    near = in_site(ground, ground.estate.unit_by_id[UnitRef(unit_id)].site_id)
    free = judge(near, referrals, periods).free[:, near.standing.units.refs.index(UnitRef(unit_id))]
    return [referral for referral, could in zip(referrals, free.tolist(), strict=True) if could]


def _without_another(
    ground: Ground, referrals: Sequence[Referral], unit_id: str, periods: tuple[RecoveryPeriod, ...]
) -> frozenset[str]:
    """Return who of these households could have no other unit now."""
    left = list(referrals)
    for rows in _sites_with_a_free_bed(ground):
        if not left:
            break
        part = replace(ground, standing=ground.standing.within(rows))
        free = judge(part, left, periods).free
        free[:, [place for place, ref in enumerate(part.standing.units.refs) if ref == unit_id]] = False
        left = [referral for row, referral in enumerate(left) if not free[row].any()]
    return frozenset(referral.referral_id for referral in left)


def _sites_with_a_free_bed(ground: Ground) -> Iterator[Ints]:
    """Yield the rows of the sites where a bed is free tonight, a few at first, then more and more."""
    units = ground.standing.units
    free = ((units.free_nights > 0) & (units.is_single | units.is_cot)).any(axis=1)
    sites, begin, size = np.unique(units.site[free]), 0, SITES_AT_FIRST
    while begin < len(sites):
        yield sites[begin : begin + size]
        begin, size = begin + size, 2 * size
