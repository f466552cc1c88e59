"""Why not: the smallest sets of rules that stand between a household and a unit with room."""

from __future__ import annotations

from collections.abc import Iterable

from optimiser.problem import NearMiss


def barriers(near_misses: Iterable[NearMiss]) -> list[NearMiss]:
    """Return the inclusion-minimal sets of rules, with the units that each would open (`allocation.md` §5).

    What can be talked over with the survivor comes first, then fewer rules, then more units.

    Examples
    --------
    >>> misses = [NearMiss(("nation",), 2, True), NearMiss(("nation", "gender"), 5, False)]
    >>> [barrier.rules for barrier in barriers(misses)]
    [('nation',)]
    """
    misses = list(near_misses)
    sets = {frozenset(miss.rules) for miss in misses}
    minimal = {rules for rules in sets if not any(other < rules for other in sets)}
    found = [miss for miss in misses if frozenset(miss.rules) in minimal]
    return sorted(found, key=lambda miss: (not miss.askable, len(miss.rules), -miss.units, miss.rules))
