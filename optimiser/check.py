"""A judge of answers that knows nothing of how they were found: no solver, no rows, only the problem.

Every answer passes here before anybody sees it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from optimiser.problem import LEVELS, TIERS, Problem

Assignment = Sequence[tuple[int, int]]
"""Pairs of request and unit."""


def violations(problem: Problem, assignment: Assignment) -> list[str]:
    """Return what is wrong with an assignment, as sentences with opaque references; empty if nothing is."""
    allowed = set(map(tuple, problem.pairs.tolist()))
    faults = [
        f"{problem.requests[r].ref} may not go into {problem.units[u].ref}"
        for r, u in assignment
        if (r, u) not in allowed
    ]
    placed = [r for r, _ in assignment]
    faults += [
        f"{problem.requests[r].ref} is placed twice" for r in sorted(set(placed)) if placed.count(r) > 1
    ]
    return faults + unit_faults(problem, assignment) + _meetings(problem, assignment)


def objective(problem: Problem, assignment: Assignment) -> dict[str, int]:
    """Return the five levels of an assignment of allowed pairs, counted afresh."""
    points = {
        (r, u): sum(row)
        for (r, u), row in zip(problem.pairs.tolist(), problem.mismatch.tolist(), strict=True)
    }
    requests = [problem.requests[r] for r, _ in assignment]
    totals = {name: sum(request.tier == tier for request in requests) for tier, name in enumerate(TIERS)}
    totals["days_waited"] = sum(request.days_waited for request in requests)
    totals["mismatch"] = sum(points[pair] for pair in assignment)
    return {level: totals[level] for level in LEVELS}


def unit_faults(problem: Problem, assignment: Assignment) -> list[str]:
    """Return what is wrong within units: more than one household or gender, or too few beds."""
    households: dict[int, list[int]] = defaultdict(list)
    for request, unit in assignment:
        households[unit].append(request)
    faults = []
    for unit, requests in sorted(households.items()):
        slot = problem.units[unit]
        if not slot.shared and len(requests) > 1:
            faults.append(f"{slot.ref} is for one household and got {len(requests)}")
        classes = {problem.requests[r].sharing_class for r in requests}
        if slot.shared and (len(classes) > 1 or None in classes):
            faults.append(f"{slot.ref} is shared by people of more than one gender")
        if not _a_bed_each(problem, unit, requests):
            faults.append(f"{slot.ref} has too few free beds for those placed there")
    return faults


def _a_bed_each(problem: Problem, unit: int, requests: Sequence[int]) -> bool:
    """Give out beds to the longest stays first; with nested free nights this fails only if all else would."""
    slot = problem.units[unit]
    singles = [bed.free_nights for bed in slot.beds if not bed.is_cot]
    cots = [bed.free_nights for bed in slot.beds if bed.is_cot]
    stays = []
    for r in requests:
        request = problem.requests[r]
        nights = request.nights if slot.max_stay is None else min(request.nights, slot.max_stay)
        stays.append((nights, request.singles, request.babies_by(nights)))
    for nights, people, babies in sorted(stays, reverse=True):
        for _ in range(babies):
            if not _take(cots, nights) and not _take(singles, nights):
                return False
        if not all(_take(singles, nights) for _ in range(people)):
            return False
    return True


def _take(beds: list[int | None], nights: int) -> bool:
    fitting = [bed for bed in beds if bed is None or bed >= nights]
    if fitting:
        beds.remove(fitting[0])
    return bool(fitting)


def _meetings(problem: Problem, assignment: Assignment) -> list[str]:
    site = {request: problem.units[unit].site for request, unit in assignment}
    return [
        f"{problem.requests[a].ref} and {problem.requests[b].ref} must be kept apart"
        for a, b in problem.conflicts
        if a in site and site[a] == site.get(b)
    ]
