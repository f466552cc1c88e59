"""How many places would do for a household that is being written down: a draft that is never kept.

What was not asked is read with caution, as everywhere; and for each such need it is said how many units there
would be if it were answered the other way, so that it is known what is worth asking next.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final

from sqlmodel import Session

from beds.domain.estate import Exchange
from beds.domain.households import not_for_a_round
from beds.domain.next_free import calendar
from beds.domain.referral import KeepApart, Person, Referral
from beds.domain.terms import Outcome, ReferralRef, ReferralStatus, RiskToOthers
from beds.roles import Actor, Permission, require
from beds.services.freezing import Ground, judge, why_not
from beds.services.households import NewHousehold, amended, new_case
from beds.services.live_ground import ground_after
from beds.services.options import not_yet_asked
from beds.services.policy import Policy
from beds.services.visibility import require_case
from optimiser.result import BarrierJson, barriers_json

OTHERWISE: Final[Mapping[str, object]] = MappingProxyType(
    {
        "needs_step_free": False,
        "accepts_sharing": True,
        "cross_border": True,
        "min_security_level": 1,
        "risk_to_others": RiskToOthers.LOW,
    }
)
"""For each need that is read with caution until it is asked, the answer that would open most places."""


@dataclass(frozen=True, slots=True)
class Places:
    """How many units would do now.

    `units` is None where no round would place the household: `outcome` says why. `if_answered` has, for each
    need not yet asked, how many there would be with the answer that opens most; only where that is more.
    Without any unit, `free_on` is the earliest date, no promise, and `barriers` what stands in the way.
    """

    units: int | None
    outcome: Outcome | None = None
    if_answered: Mapping[str, int] = field(default_factory=dict)
    free_on: str | None = None
    barriers: tuple[BarrierJson, ...] = ()


def places_for_draft(
    session: Session,
    actor: Actor,
    ground: Ground,
    household: NewHousehold,
    *,
    policy: Policy,
    keep_apart: Sequence[str] = (),
) -> Places:
    """Return how many units would do for a household that is not recorded, and is not by this.

    Raises
    ------
    NotPermitted
        The actor may not record cases.
    NotFound
        There is no such case to be kept apart from, for this actor.
    BadInput
        A value is not accepted; the message names the field and what is.
    """
    require(actor, Permission.RECORD_CASES)
    for other in keep_apart:
        require_case(session, actor, other)
    draft, people = new_case(household, clock=ground.clock, status=ReferralStatus.WAITING)
    outcome = not_for_a_round(people)
    if outcome is not None:
        return Places(None, outcome)
    asked = [need for need in not_yet_asked(draft, people) if need in OTHERWISE]
    variants = [draft, *(_answered(draft, need) for need in asked)]
    with_draft = ground_after(ground, _drafted(variants, people, keep_apart), ground.clock)
    verdicts = judge(with_draft, variants, policy.periods)
    units, *otherwise = verdicts.free.sum(axis=1).tolist()
    more = {need: count for need, count in zip(asked, otherwise, strict=True) if count > units}
    if units:
        return Places(units, if_answered=more)
    dates = calendar(with_draft.estate, verdicts.pairing, verdicts.suitable[0])
    why = why_not(verdicts, 0, dates, ground.clock)
    return Places(0, why.outcome, more, why.free_on, tuple(barriers_json(why.near_misses)))


def _answered(draft: Referral, need: str) -> Referral:
    answered = amended(draft, {need: OTHERWISE[need]})
    return replace(answered, referral_id=ReferralRef(f"{draft.referral_id}-{need}"))


def _drafted(variants: Sequence[Referral], people: Sequence[Person], keep_apart: Sequence[str]) -> Exchange:
    """Return the draft in each variant, with its people; all are one survivor's and share her safety."""
    of_each = [replace(person, referral_id=variant.referral_id) for variant in variants for person in people]
    pairs = [KeepApart(variants[0].referral_id, ReferralRef(other)) for other in keep_apart]
    return Exchange({}, {"referrals": tuple(variants), "people": tuple(of_each), "keep_apart": tuple(pairs)})
