"""Why a household was not placed: outcome, earliest date and barriers, the slow and plain way.

Source: `allocation.md` §5.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from beds.checking.households import Household, outcome_without_a_round
from beds.checking.room import has_room
from beds.checking.rules import BARRIER_RULES, breaks_nothing, is_askable
from beds.checking.situation import Situation
from beds.domain.accommodation import Unit
from beds.domain.terms import Outcome, UnitRef


@dataclass(frozen=True, slots=True)
class Barrier:
    """A minimal set of rules in the way, and how many units would open without it."""

    rules: frozenset[str]
    units: int
    askable: bool


@dataclass(frozen=True, slots=True)
class Explanation:
    """What is right to say of a household that was not placed.

    `outcome` is `None` where a unit was free for it before the round (`free_units`): then it was outranked,
    or the round was cut short, which is a matter of the round and not of the situation.
    """

    outcome: Outcome | None
    free_on: date | None = None
    barriers: frozenset[Barrier] = frozenset()
    free_units: tuple[UnitRef, ...] = ()


def expected_explanation(situation: Situation, household: Household) -> Explanation:
    """Return the explanation that a household is owed if the round does not place it."""
    kind = outcome_without_a_round(household)
    if kind is not None:
        return Explanation(kind)
    eligible = situation.eligible_units(household)
    free = tuple(unit.unit_id for unit in eligible if situation.had_room(household, unit))
    if free:
        return Explanation(None, free_units=free)
    found = frozenset(barriers(situation, household))
    if not eligible:
        return Explanation(Outcome.NO_ELIGIBLE_UNIT, barriers=found)
    free_on = earliest_free_on(situation, household, eligible)
    return Explanation(Outcome.NO_FREE_UNIT, free_on=free_on, barriers=found)


def barriers(situation: Situation, household: Household) -> list[Barrier]:
    """Return every inclusion-minimal set of rules between the household and a unit that had room."""
    broken = situation.broken_by_unit(household)
    in_the_way = {
        unit.unit_id: broken[unit.unit_id]
        for unit in situation.estate.units
        if broken[unit.unit_id] <= BARRIER_RULES and situation.had_room(household, unit)
    }
    sets = set(in_the_way.values())
    minimal = [rules for rules in sets if not any(other < rules for other in sets)]
    found = []
    for rules in minimal:
        opened = [unit_id for unit_id, unit_broken in in_the_way.items() if unit_broken <= rules]
        askable = all(_is_askable_in(situation, household, unit_id, rules) for unit_id in opened)
        found.append(Barrier(rules, len(opened), askable))
    return found


def _is_askable_in(
    situation: Situation, household: Household, unit_id: UnitRef, rules: Iterable[str]
) -> bool:
    visit = situation.visit(household, situation.estate.unit_by_id[unit_id])
    return all(is_askable(rule, visit) for rule in rules)


def earliest_free_on(situation: Situation, household: Household, eligible: Iterable[Unit]) -> date | None:
    """Return the earliest date after today from which one of these units could take the stay, if any.

    A unit can only become possible when somebody leaves or a closure ends: with every later day its own
    closing and the births to come only get nearer. So tomorrow and those days are all that need trying.
    """
    best: int | None = None
    for unit in eligible:
        for day in _days_to_try(situation, unit):
            if best is not None and day >= best:
                break
            if could_take_from(situation, household, unit, day):
                best = day
                break
    return None if best is None else date.fromordinal(best)


def _days_to_try(situation: Situation, unit: Unit) -> list[int]:
    tomorrow = situation.today.toordinal() + 1
    ends = situation.standing_if_overdue_stay_on.ends_that_matter(unit.unit_id, unit.site_id)
    return sorted({tomorrow} | {end for end in ends if end > tomorrow})


def could_take_from(situation: Situation, household: Household, unit: Unit, day: int) -> bool:
    """Return whether a unit could take the household's stay from a later day, under every rule.

    Ages, declines and n are as at today; whoever is overdue today is counted as staying.
    """
    visit = situation.visit(household, unit, day)
    return breaks_nothing(visit) and has_room(situation.standing_if_overdue_stay_on, visit)
