"""From the estate at an instant to the frozen problem that the optimiser is given."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache, cached_property

import numpy as np

from beds.domain import eligibility
from beds.domain.availability import UNLIMITED, Standing, Units, standing
from beds.domain.clock import Clock
from beds.domain.eligibility import BARRIER_BITS, BIT, ELIGIBLE_BITS, ROOM_BITS, RULES, Bits, Pairing
from beds.domain.estate import Estate
from beds.domain.households import (
    PRIORITY_RANK,
    Bools,
    Vocabulary,
    compile_households,
    not_for_a_round,
    taking_part,
)
from beds.domain.mismatch import mismatch_points
from beds.domain.next_free import Calendar, calendar, first_free
from beds.domain.periods import RecoveryPeriod
from beds.domain.points import MISMATCH_KINDS, MismatchPoints
from beds.domain.referral import Referral
from beds.domain.terms import Outcome
from optimiser.problem import BedSlot, NearMiss, Problem, Request, UnitSlot


@dataclass(frozen=True)
class Verdicts:
    """What the rules say of every household in every unit, before the round (all (R, U)).

    What only an explanation needs is worked out when it is asked for.
    """

    pairing: Pairing
    broken: Bits

    @cached_property
    def free(self) -> Bools:
        """Where every rule holds."""
        return np.asarray(self.broken == 0, dtype=np.bool_)

    @cached_property
    def suitable(self) -> Bools:
        """Where `open` … `house_mix` hold and the unit could ever hold the household."""
        eligible = (self.broken & np.uint16(ELIGIBLE_BITS)) == 0
        return np.asarray(eligible & eligibility.could_ever_hold(self.pairing), dtype=np.bool_)

    @cached_property
    def askable(self) -> Bools:
        """Where all that is broken may be talked over with her."""
        return eligibility.askable_pairs(self.pairing, self.broken)


@dataclass(frozen=True, slots=True)
class WhyNot:
    """An outcome settled before the round, and what goes with it; None where a unit was free."""

    outcome: Outcome | None
    free_on: str | None
    near_misses: tuple[NearMiss, ...]


NOTHING_IN_THE_WAY = WhyNot(None, None, ())


@dataclass(frozen=True)
class Ground:
    """An estate compiled at an instant: what every household is set against."""

    estate: Estate
    clock: Clock
    words: Vocabulary
    standing: Standing

    @classmethod
    def of(cls, estate: Estate, clock: Clock) -> Ground:
        """Return the estate compiled at an instant."""
        words = Vocabulary.of(estate)
        return cls(estate, clock, words, standing(estate, clock, words))


def judge(ground: Ground, referrals: Sequence[Referral], periods: Iterable[RecoveryPeriod]) -> Verdicts:
    """Return the verdict of every rule on every pair; ages of all `referrals` must be known."""
    households = compile_households(ground.estate, referrals, ground.clock, periods, ground.words)
    pairing = eligibility.pair(ground.estate, households, ground.standing, ground.clock)
    return Verdicts(pairing, eligibility.broken_rules(pairing))


def freeze(
    estate: Estate, clock: Clock, periods: Iterable[RecoveryPeriod], points: MismatchPoints
) -> Problem:
    """Return the problem of the round at this instant, in the canonical order of references."""
    referrals = taking_part(estate, clock)
    settled = [not_for_a_round(estate.people_of[r.referral_id]) for r in referrals]
    placeable = [r for r, outcome in zip(referrals, settled, strict=True) if outcome is None]
    verdicts = judge(Ground.of(estate, clock), placeable, periods)
    compiled = iter(_requests(estate, verdicts, clock))
    requests = tuple(
        next(compiled) if outcome is None else _settled_request(referral, outcome)
        for referral, outcome in zip(referrals, settled, strict=True)
    )
    place = np.array([n for n, outcome in enumerate(settled) if outcome is None], dtype=np.int64)
    rows, units = (index.astype(np.int64) for index in np.nonzero(verdicts.free))
    return Problem(
        as_at=clock.as_at.isoformat(),
        today=clock.today.isoformat(),
        requests=requests,
        units=_unit_slots(verdicts.pairing),
        pairs=np.stack([place[rows], units], axis=1),
        mismatch=mismatch_points(verdicts.pairing, rows, units, points),
        mismatch_kinds=MISMATCH_KINDS,
        conflicts=_conflicts(estate, referrals),
    )


def near_misses(verdicts: Verdicts, row: int) -> tuple[NearMiss, ...]:
    """Return what stands between a household and the units that had room, by set of rules broken.

    Parameters
    ----------
    row : int
        The household's row in `verdicts`.
    """
    broken = verdicts.broken[row]
    had_room = (broken & np.uint16(ROOM_BITS)) == 0
    masks = broken[had_room] & np.uint16(BARRIER_BITS)
    askable = verdicts.askable[row][had_room]
    sets, inverse, counts = np.unique(masks, return_inverse=True, return_counts=True)
    all_askable = np.bincount(inverse, weights=askable, minlength=len(sets)) == counts
    return tuple(
        NearMiss(rule_codes(int(mask)), int(count), bool(asks))
        for mask, count, asks in zip(sets, counts, all_askable, strict=True)
        if mask
    )


@cache
def rule_codes(mask: int) -> tuple[str, ...]:
    """Return the codes of the rules whose bits are set, in the order of `RULES`."""
    return tuple(rule.code for rule in RULES if mask & BIT[rule.code])


def _requests(estate: Estate, verdicts: Verdicts, clock: Clock) -> list[Request]:
    any_free = np.asarray(verdicts.free.any(axis=1), dtype=np.bool_)
    wanted = np.asarray(verdicts.suitable[~any_free].any(axis=0), dtype=np.bool_)
    dates = None if any_free.all() else calendar(estate, verdicts.pairing, wanted)
    return [
        request_of(
            verdicts,
            row,
            NOTHING_IN_THE_WAY if dates is None or free else why_not(verdicts, row, dates, clock),
        )
        for row, free in enumerate(any_free)
    ]


def why_not(verdicts: Verdicts, row: int, dates: Calendar, clock: Clock) -> WhyNot:
    """Return what stands in the way of a household for which no unit was free (`allocation.md` §5)."""
    suitable = np.flatnonzero(verdicts.suitable[row])
    nights = first_free(verdicts.pairing, dates, row, suitable) if len(suitable) else None
    return WhyNot(
        outcome=Outcome.NO_FREE_UNIT if len(suitable) else Outcome.NO_ELIGIBLE_UNIT,
        free_on=None if nights is None else (clock.today + timedelta(days=nights)).isoformat(),
        near_misses=near_misses(verdicts, row),
    )


def request_of(verdicts: Verdicts, row: int, why: WhyNot = NOTHING_IN_THE_WAY) -> Request:
    """Return a household as the optimiser is given it: counts and offsets, and what was settled before."""
    h = verdicts.pairing.households
    bits = int(h.gender_bits[row])
    return Request(
        ref=h.refs[row],
        tier=int(h.rank[row]),
        days_waited=int(h.days_waited[row]),
        nights=int(h.nights[row]),
        singles=int(h.singles[row]),
        under_twos=int(h.under_twos[row]),
        births=tuple(int(due) for due in h.births[row] if due < UNLIMITED),
        sharing_class=bits if bits & (bits - 1) == 0 else None,
        outcome=why.outcome,
        free_on=why.free_on,
        near_misses=why.near_misses,
    )


def _settled_request(referral: Referral, outcome: Outcome) -> Request:
    """Return a household that no round places: nothing about it is needed but its reference and outcome."""
    return Request(
        ref=referral.referral_id,
        tier=PRIORITY_RANK[referral.counts_as],
        days_waited=0,
        nights=1,
        singles=0,
        under_twos=0,
        births=(),
        sharing_class=None,
        outcome=outcome,
    )


def _unit_slots(pairing: Pairing) -> tuple[UnitSlot, ...]:
    units, sites = pairing.units, pairing.sites
    return tuple(
        UnitSlot(
            ref=ref,
            site=sites.refs[units.site[row]],
            shared=bool(units.shared[row]),
            max_stay=_limit(int(sites.max_stay[units.site[row]])),
            beds=bed_slots(units, row),
        )
        for row, ref in enumerate(units.refs)
    )


def bed_slots(units: Units, row: int) -> tuple[BedSlot, ...]:
    """Return the beds of a unit as the optimiser is given them."""
    return tuple(
        BedSlot(ref, bool(units.is_cot[row, column]), _limit(int(units.free_nights[row, column])))
        for column, ref in enumerate(units.bed_refs[row])
    )


def _limit(nights: int) -> int | None:
    return None if nights >= UNLIMITED else nights


def _conflicts(estate: Estate, referrals: Sequence[Referral]) -> tuple[tuple[int, int], ...]:
    place = {referral.survivor: n for n, referral in enumerate(referrals)}
    found = {
        (min(a, b), max(a, b))
        for survivor, a in place.items()
        for b in (place[other] for other in estate.kept_apart_from.get(survivor, ()) if other in place)
    }
    return tuple(sorted(found))
