"""What choosing a unit for one household would cost others who wait: counts for all, references for some.

It is a picture of this moment, one unit at a time, and decides nothing: nobody's choice is weighed against
another household here, a round does that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from beds.domain.terms import Priority
from beds.roles import Actor
from beds.services.answers import require_household, seen_waiting
from beds.services.contention import Loss, losses
from beds.services.freezing import Ground
from beds.services.policy import Policy
from beds.services.visibility import require_case, require_unit


@dataclass(frozen=True, slots=True)
class CostToOthers:
    """Who else could have had a unit now, by priority; no empty counts.

    `only` would have no other unit at all, `best` none that suits them as well. `only_ahead` counts those of
    `only` who are ahead of her in line. `losing` are the households of `only` and `best` whose case the actor
    may see, in line; `not_shown` counts the others of them.
    """

    could_have_it: Mapping[Priority, int]
    only: Mapping[Priority, int]
    best: Mapping[Priority, int]
    only_ahead: int
    losing: tuple[Loss, ...]
    not_shown: int

    @property
    def is_nothing(self) -> bool:
        """Whether nobody would lose anything."""
        return not self.only and not self.best


def costs_to_others(
    session: Session,
    actor: Actor,
    ground: Ground,
    referral_id: str,
    unit_ids: Sequence[str],
    *,
    policy: Policy,
) -> dict[str, CostToOthers]:
    """Return what each of some units would cost others if it went to a household, by reference of the unit.

    Raises
    ------
    NotPermitted
        The actor sees no cases, or no sites.
    NotFound
        There is no such case or unit for this actor.
    NotAllowedNow
        The case is over, or has no lead on record.
    """
    her = require_household(ground.estate, require_case(session, actor, referral_id))
    for unit_id in unit_ids:
        require_unit(session, actor, unit_id)
    seen = seen_waiting(session, actor)
    found = losses(ground, her, unit_ids, periods=policy.periods, points=policy.points)
    return {unit_id: _cost(others, seen) for unit_id, others in found.items()}


def _cost(others: Sequence[Loss], seen: frozenset[str]) -> CostToOthers:
    losing = [one for one in others if one.is_only or one.is_best]
    return CostToOthers(
        could_have_it=_by_priority(others),
        only=_by_priority(one for one in others if one.is_only),
        best=_by_priority(one for one in others if one.is_best),
        only_ahead=sum(one.is_only and one.ahead for one in others),
        losing=tuple(one for one in losing if one.referral_id in seen),
        not_shown=sum(one.referral_id not in seen for one in losing),
    )


def _by_priority(found: Iterable[Loss]) -> dict[Priority, int]:
    counts = Counter(one.priority for one in found)
    return {priority: counts[priority] for priority in Priority if counts[priority]}
