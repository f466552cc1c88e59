"""Answers found the slow and obvious way, against which the fast way is judged.

`best_round` tries every way of giving every household a unit or none; beds are matched by backtracking. It
reads the record-by-record rules of `beds.checking` and none of the arrays.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import combinations
from typing import Any

from beds.checking.explanation import could_take_from, expected_explanation
from beds.checking.households import Household, outcome_without_a_round
from beds.checking.mismatch import mismatch
from beds.checking.rules import RULES, sleepers
from beds.checking.shape import LEVELS
from beds.checking.situation import Situation
from beds.domain.accommodation import Bed, Unit
from beds.domain.estate import Estate
from beds.domain.periods import RecoveryPeriod
from beds.domain.terms import BedKind, BedRef, Nation, ReferralRef, Sharing, UnitRef

PERIODS = (
    RecoveryPeriod(Nation.ENGLAND, date(2009, 4, 1), 45),
    RecoveryPeriod(Nation.ENGLAND, date(2022, 12, 13), 30),
    RecoveryPeriod(Nation.WALES, date(2009, 4, 1), 45),
    RecoveryPeriod(Nation.WALES, date(2022, 12, 13), 30),
    RecoveryPeriod(Nation.SCOTLAND, date(2009, 4, 1), 45),
    RecoveryPeriod(Nation.SCOTLAND, date(2018, 4, 1), 90),
    RecoveryPeriod(Nation.NORTHERN_IRELAND, date(2009, 4, 1), 45),
)
"""`allocation.md` §1, typed from the page."""

POINTS = {
    "interim": 40,
    "language": 30,
    "region": 20,
    "security": 10,
    "step_free": 15,
    "services": 2,
    "beds": 8,
}
"""`allocation.md` §4, typed from the page."""

Levels = tuple[int, int, int, int, int]
Given = dict[ReferralRef, UnitRef]


@dataclass(frozen=True)
class BestRound:
    """The best five levels and one way to reach them."""

    levels: Levels
    units: Given


def best_by_brute_force(
    estate: Estate,
    as_at: datetime,
    periods: Iterable[RecoveryPeriod] = PERIODS,
    points: Mapping[str, int] = POINTS,
) -> Levels:
    """Return the true best of the five levels: emergency, urgent, standard, days waited, mismatch."""
    return best_round(estate, as_at, periods, points).levels


def best_round(
    estate: Estate,
    as_at: datetime,
    periods: Iterable[RecoveryPeriod] = PERIODS,
    points: Mapping[str, int] = POINTS,
) -> BestRound:
    """Return the best round by exhaustive search, for about six households and six units."""
    situation = Situation.at(estate, as_at, periods)
    placeable = [one for one in situation.taking_part if outcome_without_a_round(one) is None]
    allowed = {one.reference: _units_alone(situation, one) for one in placeable}
    best: tuple[Levels, Given] | None = None

    def search(index: int, given: Given) -> None:
        nonlocal best
        if index == len(placeable):
            reached = levels_of(situation, given, points)
            if best is None or _better(reached, best[0]):
                best = (reached, dict(given))
            return
        household = placeable[index]
        search(index + 1, given)
        for unit in allowed[household.reference]:
            if _fits_with(situation, given, household, unit):
                given[household.reference] = unit.unit_id
                search(index + 1, given)
                del given[household.reference]

    search(0, {})
    assert best is not None
    return BestRound(*best)


def levels_of(situation: Situation, given: Given, points: Mapping[str, int]) -> Levels:
    """Return the five levels of one way of placing households."""
    households = [situation.households[reference] for reference in given]
    counts = [one.counts_as.value for one in households]
    return (
        counts.count("emergency"),
        counts.count("urgent"),
        counts.count("standard"),
        sum(one.days_waited for one in households),
        sum(sum(mismatch_of(situation, reference, given, points).values()) for reference in given),
    )


def mismatch_of(
    situation: Situation, reference: ReferralRef, given: Given, points: Mapping[str, int]
) -> dict[str, int]:
    """Return the mismatch of one placed household; where spare beds count, nobody else is new."""
    visit = situation.visit(situation.households[reference], situation.estate.unit_by_id[given[reference]])
    return mismatch(situation.standing, visit, points)


def beds_for(
    situation: Situation, unit_id: UnitRef, references: Sequence[ReferralRef]
) -> dict[ReferralRef, list[BedRef]] | None:
    """Return a bed for everybody of these households in one unit, found by backtracking, or `None`."""
    unit = situation.estate.unit_by_id[unit_id]
    wanted: list[tuple[ReferralRef, list[Bed]]] = []
    for reference in references:
        visit = situation.visit(situation.households[reference], unit)
        free = [
            bed
            for bed in situation.estate.beds_of.get(unit_id, ())
            if situation.standing.is_free(bed, visit.stay)
        ]
        singles = [bed for bed in free if bed.kind is BedKind.SINGLE]
        cots = [bed for bed in free if bed.kind is BedKind.COT]
        older, babies = sleepers(visit)
        wanted += [(reference, singles)] * older
        wanted += [(reference, cots)] * min(babies, len(cots))
        wanted += [(reference, singles)] * max(0, babies - len(cots))
    chosen = _matched(wanted, frozenset())
    if chosen is None:
        return None
    found: dict[ReferralRef, list[BedRef]] = {reference: [] for reference in references}
    for (reference, _), bed_id in zip(wanted, chosen, strict=True):
        found[reference].append(bed_id)
    return found


def first_free_day(situation: Situation, household: Household, *, horizon_days: int) -> date | None:
    """Return the earliest day after today on which an eligible unit could take the stay, trying every day."""
    eligible = [
        unit
        for unit in situation.estate.units
        if all(rule(situation.visit(household, unit)) for rule in RULES.values())
        and _fits_an_empty_unit(situation, household, unit)
    ]
    for days in range(1, horizon_days + 1):
        day = situation.today + timedelta(days=days)
        if any(could_take_from(situation, household, unit, day.toordinal()) for unit in eligible):
            return day
    return None


def minimal_barriers(situation: Situation, household: Household) -> dict[frozenset[str], int]:
    """Return every minimal set of rules in the way with the units it opens, trying every set of ten."""
    ten = sorted(set(RULES) - {"open", "interim"})
    walls = []
    for unit in situation.estate.units:
        visit = situation.visit(household, unit)
        has_room = all(
            situation.rule_holds(rule, household.reference, unit.unit_id)
            for rule in ("open", "interim", "capacity", "sharing", "keep_apart")
        )
        if has_room:
            walls.append({name for name in ten if not RULES[name](visit)})
    found: dict[frozenset[str], int] = {}
    for size in range(len(ten) + 1):
        for some in map(frozenset, combinations(ten, size)):
            opened = sum(1 for wall in walls if wall <= some)
            if opened and not any(smaller < some for smaller in found):
                found[some] = opened
    return found


def as_json(
    estate: Estate,
    as_at: datetime,
    best: BestRound,
    periods: Iterable[RecoveryPeriod] = PERIODS,
    points: Mapping[str, int] = POINTS,
) -> dict[str, Any]:
    """Return a best round as the JSON of `allocation.md` §6, optimal and explained."""
    situation = Situation.at(estate, as_at, periods)
    levels = dict(zip(LEVELS, best.levels, strict=True))
    return {
        "schema_version": 1,
        "as_at": as_at.isoformat(),
        "status": "optimal",
        "objective": dict(levels),
        "bound": dict(levels),
        "placements": [_placement(situation, reference, best.units, points) for reference in best.units],
        "unplaced": [
            _unplaced(situation, household, best.units)
            for household in situation.taking_part
            if household.reference not in best.units
        ],
    }


def _placement(
    situation: Situation, reference: ReferralRef, given: Given, points: Mapping[str, int]
) -> dict[str, Any]:
    unit = situation.estate.unit_by_id[given[reference]]
    together = sorted(other for other in given if given[other] == unit.unit_id)
    beds = beds_for(situation, unit.unit_id, together)
    assert beds is not None
    stay = situation.visit(situation.households[reference], unit).stay
    return {
        "referral_id": str(reference),
        "site_id": str(unit.site_id),
        "unit_id": str(unit.unit_id),
        "bed_ids": sorted(beds[reference]),
        "starts_on": date.fromordinal(stay.start).isoformat(),
        "expected_end_on": date.fromordinal(stay.end).isoformat(),
        "mismatch": mismatch_of(situation, reference, given, points),
    }


def _unplaced(situation: Situation, household: Household, given: Given) -> dict[str, Any]:
    explained = expected_explanation(situation, household)
    rivals: dict[str, int] = {}
    for reference, unit_id in given.items():
        if unit_id in explained.free_units:
            counts_as = situation.households[reference].counts_as.value
            rivals[counts_as] = rivals.get(counts_as, 0) + 1
    return {
        "referral_id": str(household.reference),
        "outcome": (explained.outcome or "outranked"),
        "free_on": explained.free_on.isoformat() if explained.free_on else None,
        "outranked_by": rivals,
        "barriers": [
            {"rules": sorted(barrier.rules), "units": barrier.units, "askable": barrier.askable}
            for barrier in sorted(explained.barriers, key=lambda one: sorted(one.rules))
        ],
    }


def _units_alone(situation: Situation, household: Household) -> list[Unit]:
    """Return the units the household could have if it were the only one placed, by the fifteen rules."""
    names = (*RULES, "capacity", "sharing", "keep_apart")
    return [
        unit
        for unit in situation.estate.units
        if all(situation.rule_holds(name, household.reference, unit.unit_id) for name in names)
    ]


def _fits_with(situation: Situation, given: Given, household: Household, unit: Unit) -> bool:
    """Return whether a household may join those already given a unit: sharing, keep-apart and beds together.

    All new stays begin tonight, so any two of them overlap.
    """
    for reference, other_id in given.items():
        other = situation.estate.unit_by_id[other_id]
        if other.site_id == unit.site_id and reference in household.kept_apart_from:
            return False
        if other_id != unit.unit_id:
            continue
        if unit.sharing is Sharing.HOUSEHOLD:
            return False
        if situation.households[reference].genders != household.genders:
            return False
    together = [reference for reference in given if given[reference] == unit.unit_id]
    return beds_for(situation, unit.unit_id, [*together, household.reference]) is not None


def _fits_an_empty_unit(situation: Situation, household: Household, unit: Unit) -> bool:
    empty = situation.estate.with_rows(placements=(), holds=(), closures=())
    nobody = Situation(empty, situation.clock, situation.periods)
    return all(nobody.rule_holds(rule, household.reference, unit.unit_id) for rule in ("capacity", "sharing"))


def _matched(wanted: Sequence[tuple[ReferralRef, list[Bed]]], used: frozenset[BedRef]) -> list[BedRef] | None:
    if not wanted:
        return []
    for bed in wanted[0][1]:
        if bed.bed_id not in used:
            rest = _matched(wanted[1:], used | {bed.bed_id})
            if rest is not None:
                return [bed.bed_id, *rest]
    return None


def _better(one: Levels, other: Levels) -> bool:
    return (*one[:4], -one[4]) > (*other[:4], -other[4])
