"""Who else could have had a unit: whom it affects when the unit goes to one household."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from beds.domain.households import Ints, days_waited, not_for_a_round, place_in_line, taking_part
from beds.domain.mismatch import mismatch_points
from beds.domain.periods import RecoveryPeriod
from beds.domain.points import MismatchPoints
from beds.domain.referral import Referral
from beds.domain.terms import Priority, ReferralRef, UnitRef
from beds.services.freezing import Ground, Verdicts, judge, rule_codes
from beds.services.options import in_site, keep_apart_as_no_room

SITES_AT_FIRST: Final = 40
"""Most households have another unit in the first sites that are looked at; whoever is left is few."""
NO_PLACE: Final = 2**40
"""More points than any place has."""


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


@dataclass(frozen=True, slots=True)
class Loss:
    """A household that takes part and could have had the unit now, and what it would lose.

    `points_more`: how much worse the next best unit suits it that it could have now, None where there is no
    other at all. Nothing is lost where it is 0.
    """

    referral_id: ReferralRef
    priority: Priority
    days_waited: int
    ahead: bool
    points_more: int | None

    @property
    def is_only(self) -> bool:
        """Whether it could have no other unit now."""
        return self.points_more is None

    @property
    def is_best(self) -> bool:
        """Whether it could have others now, none that suits it as well."""
        return bool(self.points_more)


def losses(
    ground: Ground,
    her: Referral,
    unit_ids: Sequence[str],
    *,
    periods: Iterable[RecoveryPeriod],
    points: MismatchPoints,
) -> dict[str, list[Loss]]:
    """Return for each of some units who else could have had it now, in line, and what each would lose.

    Each unit is asked about alone, as if the others were still there for everybody.
    """
    periods, today = tuple(periods), ground.clock.today
    others = sorted(_others(ground, her), key=lambda one: place_in_line(one, today))
    wanted = [UnitRef(unit_id) for unit_id in unit_ids]
    able = _able_in_any(ground, others, wanted, periods)
    if not able:
        return {unit_id: [] for unit_id in unit_ids}
    rows = np.unique(np.concatenate([_rows_with_a_free_bed(ground), _rows_of(ground, wanted)]))
    verdicts = judge(replace(ground, standing=ground.standing.within(rows)), able, periods)
    totals, column = _totals(verdicts, points), {u: n for n, u in enumerate(verdicts.pairing.units.refs)}
    ahead = place_in_line(her, today)
    return {
        unit_id: [
            Loss(
                referral_id=one.referral_id,
                priority=one.counts_as,
                days_waited=days_waited(one.received_at, today),
                ahead=place_in_line(one, today) < ahead,
                points_more=more,
            )
            for one, more in _would_lose(able, totals, column[UnitRef(unit_id)])
        ]
        for unit_id in unit_ids
    }


def rivals(ground: Ground, her: Referral, unit_id: str, periods: Iterable[RecoveryPeriod]) -> list[Rival]:
    """Return the other households that take part and could have a unit now, in line."""
    periods, today = tuple(periods), ground.clock.today
    others = _others(ground, her)
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


def _others(ground: Ground, her: Referral) -> list[Referral]:
    """Return the other households that a round could place."""
    return [
        referral
        for referral in taking_part(ground.estate, ground.clock)
        if referral.referral_id != her.referral_id
        and not_for_a_round(ground.estate.people_of[referral.referral_id]) is None
    ]


def _able_in_any(
    ground: Ground,
    referrals: Sequence[Referral],
    unit_ids: Sequence[UnitRef],
    periods: tuple[RecoveryPeriod, ...],
) -> list[Referral]:
    """Return who could have one of some units now; most who wait could have none of a few."""
    near = replace(ground, standing=ground.standing.within(_rows_of(ground, unit_ids)))
    free = judge(near, referrals, periods).free[:, np.isin(near.standing.units.refs, unit_ids)]
    return [referral for referral, row in zip(referrals, free, strict=True) if row.any()]


def _totals(verdicts: Verdicts, points: MismatchPoints) -> Ints:
    """Return the points of every pair that breaks no rule, and `NO_PLACE` elsewhere (R, U)."""
    rows, units = (index.astype(np.int64) for index in np.nonzero(verdicts.free))
    totals = np.full(verdicts.free.shape, NO_PLACE, dtype=np.int64)
    totals[rows, units] = mismatch_points(verdicts.pairing, rows, units, points).sum(axis=1)
    return totals


def _would_lose(able: Sequence[Referral], totals: Ints, column: int) -> Iterator[tuple[Referral, int | None]]:
    """Yield who could have the unit of a column, with how much worse the best of the others is."""
    here = totals[:, column]
    elsewhere = np.delete(totals, column, axis=1).min(axis=1, initial=NO_PLACE)
    for referral, own, other in zip(able, here.tolist(), elsewhere.tolist(), strict=True):
        if own < NO_PLACE:
            yield referral, None if other == NO_PLACE else max(other - own, 0)


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


def _rows_of(ground: Ground, unit_ids: Sequence[UnitRef]) -> Ints:
    """Return the rows of the sites of some units, in ascending order."""
    units = ground.standing.units
    return np.unique(units.site[np.isin(units.refs, unit_ids)])


def _rows_with_a_free_bed(ground: Ground) -> Ints:
    """Return the rows of the sites where a bed is free tonight, in ascending order."""
    units = ground.standing.units
    free = ((units.free_nights > 0) & (units.is_single | units.is_cot)).any(axis=1)
    return np.unique(units.site[free])


def _sites_with_a_free_bed(ground: Ground) -> Iterator[Ints]:
    """Yield the rows of the sites where a bed is free tonight, a few at first, then more and more."""
    sites, begin, size = _rows_with_a_free_bed(ground), 0, SITES_AT_FIRST
    while begin < len(sites):
        yield sites[begin : begin + size]
        begin, size = begin + size, 2 * size
