"""Improvements so plain that a round which calls itself optimal cannot have missed them.

This proves nothing about the best answer; it catches a claim of optimality that one household in one unit
disproves: somebody could be added, moved to a better unit, or put in the place of somebody who counts less.
Whoever a person has kept where they are is not moved and makes no place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from beds.checking.households import Household, outcome_without_a_round
from beds.checking.mismatch import mismatch
from beds.checking.placements import Placed, expected_mismatch
from beds.checking.room import has_room
from beds.checking.situation import Situation
from beds.checking.stays import Occupancy
from beds.domain.accommodation import Unit
from beds.domain.terms import Priority, ReferralRef

Worth = tuple[int, ...]
"""What one placed household adds to the five levels, the greater the better."""


def plain_improvements(
    situation: Situation, after: Occupancy, placed: Sequence[Placed], points: Mapping[str, int]
) -> list[str]:
    """Return a sentence for each household by which a round claimed optimal is seen not to be."""
    in_unit = {one.visit.household.reference: one for one in placed}
    faults = []
    for household in situation.taking_part:
        if outcome_without_a_round(household) is not None:
            continue
        units = situation.eligible_units(household)
        now = in_unit.get(household.reference)
        if now is None:
            fault = _addition(situation, after, household, units)
            fault = fault or _replacement(situation, after, (household, units), in_unit, points)
        else:
            fault = None if now.claim.kept else _move(situation, after, now, units, points)
        if fault:
            faults.append(fault)
    return faults


def _addition(
    situation: Situation, after: Occupancy, household: Household, units: Iterable[Unit]
) -> str | None:
    for unit in units:
        if has_room(after, situation.visit(household, unit)):
            return f"status: not optimal, {household.reference} could be added in {unit.unit_id}"
    return None


def _move(
    situation: Situation,
    after: Occupancy,
    now: Placed,
    units: Iterable[Unit],
    points: Mapping[str, int],
) -> str | None:
    household = now.visit.household
    itself = household.reference
    total = sum(expected_mismatch(after, now, points).values())
    for unit in units:
        visit = situation.visit(household, unit)
        if not has_room(after, visit, itself):
            continue
        if sum(mismatch(after, visit, points, without=itself).values()) < total:
            return f"status: not optimal, {itself} would have less mismatch in {unit.unit_id}"
    return None


def _replacement(
    situation: Situation,
    after: Occupancy,
    waiting: tuple[Household, Sequence[Unit]],
    in_unit: Mapping[ReferralRef, Placed],
    points: Mapping[str, int],
) -> str | None:
    household, units = waiting
    for unit in units:
        for rival in after.newly_in_unit(unit.unit_id):
            if in_unit[rival].claim.kept:
                continue
            visit = situation.visit(household, unit)
            if not has_room(after, visit, rival):
                continue
            cost = sum(mismatch(after, visit, points, without=rival).values())
            rival_cost = sum(expected_mismatch(after, in_unit[rival], points).values())
            if _worth(household, cost) > _worth(in_unit[rival].visit.household, rival_cost):
                return f"status: not optimal, {household.reference} goes before {rival} in {unit.unit_id}"
    return None


def _worth(household: Household, cost: int) -> Worth:
    return (
        *(int(household.counts_as is priority) for priority in Priority),
        household.days_waited,
        -cost,
    )
