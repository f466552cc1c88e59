"""Who is in a result, and whether everybody left without a place was told the right thing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from beds.checking.explanation import Barrier, Explanation, expected_explanation
from beds.checking.households import Household
from beds.checking.placements import Placed
from beds.checking.shape import ClaimedRound, ClaimedUnplaced
from beds.checking.situation import Situation
from beds.domain.terms import Outcome


def faults_of_roster(situation: Situation, claims: ClaimedRound) -> list[str]:
    """Return a fault for every household that is not in the result exactly once, or should not be in it."""
    named = Counter(claim.referral_id for claim in claims.placements)
    named.update(claim.referral_id for claim in claims.unplaced)
    taking_part = {str(household.reference) for household in situation.taking_part}
    known = {str(reference) for reference in situation.households}
    faults = [
        f"{reference}: takes part and is not in the result" for reference in sorted(taking_part - set(named))
    ]
    faults += [
        f"{reference}: is in the result {times} times"
        for reference, times in sorted(named.items())
        if reference in taking_part and times > 1
    ]
    strangers = set(named) - taking_part
    faults += [f"{reference}: does not take part in this round" for reference in sorted(strangers & known)]
    if strangers - known:
        faults.append(f"{len(strangers - known)} referrals in the result are unknown to the estate")
    return faults


def faults_of_unplaced(situation: Situation, claims: ClaimedRound, placed: Iterable[Placed]) -> list[str]:
    """Return everything wrong in the explanations of those who take part and are said to be unplaced."""
    taking_part = {str(household.reference): household for household in situation.taking_part}
    placed_in = [(one.visit.unit.unit_id, one.visit.household) for one in placed]
    faults = []
    for claim in claims.unplaced:
        household = taking_part.get(claim.referral_id)
        if household is not None:
            expected = expected_explanation(situation, household)
            rivals = [other for unit_id, other in placed_in if unit_id in expected.free_units]
            faults += _faults_of_explanation(claim, expected, rivals, is_optimal=claims.is_optimal)
    return faults


def _faults_of_explanation(
    claim: ClaimedUnplaced, expected: Explanation, rivals: Iterable[Household], *, is_optimal: bool
) -> list[str]:
    name = claim.referral_id
    outcome = expected.outcome
    if outcome is None:
        outcome = Outcome.OUTRANKED if is_optimal else Outcome.NOT_PROVEN
    faults = []
    if claim.outcome is not outcome:
        faults.append(f"{name}: outcome must be {outcome}")
    if claim.free_on != expected.free_on:
        faults.append(f"{name}: free_on must be {expected.free_on or 'null'}")
    counts = _count_by_priority(rivals) if outcome is Outcome.OUTRANKED else {}
    if {priority: count for priority, count in claim.outranked_by.items() if count} != counts:
        faults.append(f"{name}: outranked_by must be {_in_words(counts)}")
    return faults + _faults_of_barriers(claim, expected.barriers)


def _count_by_priority(rivals: Iterable[Household]) -> dict[str, int]:
    by_reference = {rival.reference: rival for rival in rivals}
    return dict(Counter(str(rival.counts_as) for rival in by_reference.values()))


def _in_words(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {priority}" for priority, count in sorted(counts.items())) or "empty"


def _faults_of_barriers(claim: ClaimedUnplaced, expected: Iterable[Barrier]) -> list[str]:
    claimed = {frozenset(barrier.rules): barrier for barrier in claim.barriers}
    right = {barrier.rules: barrier for barrier in expected}
    name, faults = claim.referral_id, []
    rules_named_once = all(len(set(barrier.rules)) == len(barrier.rules) for barrier in claim.barriers)
    if len(claimed) != len(claim.barriers) or not rules_named_once:
        faults.append(f"{name}: a barrier, or a rule in one, is named twice")
    for rules in sorted(set(claimed) | set(right), key=sorted):
        label = f"{name}: barrier {'+'.join(sorted(rules)) or '(none)'}"
        if rules not in claimed:
            faults.append(f"{label} is missing")
        elif rules not in right:
            faults.append(f"{label} does not stand in the way, or is not minimal")
        else:
            if claimed[rules].units != right[rules].units:
                faults.append(f"{label} opens {right[rules].units} units")
            if claimed[rules].askable != right[rules].askable:
                faults.append(f"{label} askable must be {str(right[rules].askable).lower()}")
    return faults
