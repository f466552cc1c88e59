"""The five levels of the objective counted afresh, and what a result may claim about its bounds.

Source: `allocation.md` §4 and §6.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from beds.checking.households import Household
from beds.checking.shape import LEVELS, ClaimedRound
from beds.domain.terms import Priority


def expected_objective(households: Iterable[Household], mismatch_total: int) -> dict[str, int]:
    """Return the five levels that a set of placed households reaches."""
    placed = list(households)
    counts = Counter(household.counts_as for household in placed)
    return {
        **{priority.value: counts[priority] for priority in Priority},
        "days_waited": sum(household.days_waited for household in placed),
        "mismatch": mismatch_total,
    }


def faults_of_objective(claims: ClaimedRound, expected: Mapping[str, int]) -> list[str]:
    """Return a sentence for each level that is not what the placements add up to."""
    return [
        f"objective.{level}: must be {expected[level]}"
        for level in LEVELS
        if claims.objective[level] != expected[level]
    ]


def faults_of_bound(claims: ClaimedRound) -> list[str]:
    """Return what the bounds contradict.

    Every bound is at least as good as what was reached. Up to the first level that is not proven it equals
    it; from there on nothing is proven, because a level is solved with the ones before it fixed.
    """
    faults = [
        f"bound.{level}: is worse than the objective"
        for level in LEVELS
        if _is_worse(level, claims.bound[level], claims.objective[level])
    ]
    unproven = [level for level in LEVELS if claims.bound[level] != claims.objective[level]]
    if claims.is_optimal:
        return faults + [f"bound.{level}: must equal the objective of an optimal round" for level in unproven]
    if not unproven:
        return [*faults, "status: must be optimal, every level is proven"]
    if claims.bound[LEVELS[0]] is None:
        faults.append(f"bound.{LEVELS[0]}: the first level always has a bound")
    after_the_first = LEVELS[LEVELS.index(unproven[0]) + 1 :]
    return faults + [
        f"bound.{level}: must be null after a level that is not proven"
        for level in after_the_first
        if claims.bound[level] is not None
    ]


def _is_worse(level: str, bound: int | None, reached: int) -> bool:
    if bound is None:
        return False
    return bound > reached if level == "mismatch" else bound < reached
