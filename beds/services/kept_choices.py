"""Choices that a person has settled before a round: this household stays proposed for that unit.

Every hard rule holds for them as for anybody. What cannot be kept is refused in words; whom somebody must be
kept apart from reads as no room.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from beds.domain.clock import Clock
from beds.domain.eligibility import RULES
from beds.domain.estate import Estate
from beds.domain.periods import RecoveryPeriod
from beds.domain.terms import Outcome, ReferralRef, UnitRef
from beds.errors import HardRuleBroken, NotAllowedNow, NotFound
from beds.services.contention import rules_broken
from beds.services.freezing import Ground
from optimiser.kept import faults_of_kept, kept_pairs, with_kept
from optimiser.problem import Problem

NOBODY_KEPT: Final[Mapping[str, str]] = MappingProxyType({})
_LABELS: Final = {rule.code: rule.label for rule in RULES}
_JUDGED: Final = (None, Outcome.NO_ELIGIBLE_UNIT, Outcome.NO_FREE_UNIT)
"""The outcomes before a round of a household that the rules were asked about."""


def keep(
    problem: Problem, kept: Mapping[str, str], estate: Estate, clock: Clock, periods: Iterable[RecoveryPeriod]
) -> Problem:
    """Return a frozen problem in which households are kept in units, by reference.

    Parameters
    ----------
    estate, clock, periods : what the problem was frozen from

    Raises
    ------
    NotFound
        There is no such unit.
    NotAllowedNow
        A household does not take part, or is not one that a round places.
    HardRuleBroken
        A household may not go where it is to be kept, or not all of them can be kept together.
    """
    ground: Ground | None = None
    requests = {request.ref: request for request in problem.requests}
    allowed = {(problem.requests[r].ref, problem.units[u].ref) for r, u in problem.pairs.tolist()}
    for referral_id, unit_id in kept.items():
        request = requests.get(referral_id)
        if request is None:
            raise NotAllowedNow(f"{referral_id} does not take part in a round now and cannot be kept")
        if UnitRef(unit_id) not in estate.unit_by_id:
            raise NotFound("there is no such unit")
        if (referral_id, unit_id) not in allowed:
            ground = ground or Ground.of(estate, clock)
            raise _refusal(ground, referral_id, unit_id, request.outcome, periods)
    _require_together(problem, kept)
    return with_kept(problem, kept)


def _refusal(
    ground: Ground, referral_id: str, unit_id: str, outcome: str | None, periods: Iterable[RecoveryPeriod]
) -> NotAllowedNow | HardRuleBroken:
    referral = ground.estate.referral_by_id[ReferralRef(referral_id)]
    if outcome not in _JUDGED:
        return NotAllowedNow(f"{referral_id} is not a household that a round places now: it cannot be kept")
    rules = rules_broken(ground, referral, unit_id, periods)
    labels = "; ".join(dict.fromkeys(_LABELS[code] for code in rules))
    return HardRuleBroken(
        f"{referral_id} cannot be kept in {unit_id}, hard rules stand in the way: {labels}", rules
    )


def _require_together(problem: Problem, kept: Mapping[str, str]) -> None:
    """Refuse the first choice that does not fit beside those before it."""
    so_far: dict[str, str] = {}
    for referral_id, unit_id in kept.items():
        so_far[referral_id] = unit_id
        settled = with_kept(problem, so_far)
        if faults_of_kept(settled, kept_pairs(settled)):
            raise HardRuleBroken(
                f"{referral_id} cannot be kept in {unit_id} beside the others that are kept: "
                "there is no room for all of them",
                ("capacity",),
            )
