"""What a coordinator is told of places: for one household where, for one unit who, and whom a choice affects.

Each asks for the permission first, then whether the case or the site may be seen. Households whose case the
actor may not see are counts by priority, never references; whom somebody must be kept apart from reads as no
room. Nothing here writes, and nothing decides: a claim judges every rule again.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any, Final, TypedDict

from sqlalchemy import Row, select
from sqlmodel import Session

from beds.domain.estate import Estate
from beds.domain.households import not_for_a_round
from beds.domain.referral import Referral
from beds.domain.terms import OPEN_STATUSES, Priority, ReferralRef, ReferralStatus, UnitRef
from beds.errors import BadInput, NotAllowedNow, NotFound
from beds.roles import Actor, Permission, require
from beds.services.contention import Rival, rivals, rules_broken
from beds.services.freezing import Ground
from beds.services.offering import OfferJson, a_choice
from beds.services.options import CandidateJson, NotCandidateJson, OptionsJson, candidates, options
from beds.services.policy import Policy
from beds.services.reading import ReadLog
from beds.services.visibility import REFERRAL, cases_of, require_case, require_unit
from optimiser.result import SCHEMA_VERSION, BarrierJson

OVER: Final = (ReferralStatus.CLOSED, ReferralStatus.MOVED_ON)
MOST_OFFERS: Final = 10


class OffersJson(TypedDict):
    """The answer to "what can she choose from?"; without offers, why there are none."""

    schema_version: int
    as_at: str
    referral_id: str
    offers: list[OfferJson]
    options_in_all: int
    outcome: str | None
    free_on: str | None
    not_yet_asked: list[str]
    barriers: list[BarrierJson]


class UnitCandidatesJson(TypedDict):
    """The answer to "who could have this unit?" for somebody who may not see every case.

    `*_in_all` count everybody; `*_not_shown` those whose case the actor may not see, by priority.
    """

    schema_version: int
    as_at: str
    unit_id: str
    site_id: str
    candidates: list[CandidateJson]
    candidates_in_all: int
    candidates_not_shown: dict[str, int]
    others: list[NotCandidateJson]
    others_in_all: int
    others_not_shown: dict[str, int]


class AffectedCountJson(TypedDict):
    """How many could have had the unit, how many of them have no other, how many are ahead in the line."""

    could_have_it: int
    no_other_unit: int
    ahead: int


class AffectedHouseholdJson(TypedDict):
    """A household that could have had the unit."""

    referral_id: str
    priority: str
    days_waited: int
    ahead: bool
    no_other_unit: bool


class AffectedJson(TypedDict):
    """The answer to "who is affected if this bed goes to her?".

    `rules` are those that she would break there herself. `affected` and `not_shown` count by priority, the
    second those whose case the actor may not see; `households` are the others, in line.
    """

    schema_version: int
    as_at: str
    referral_id: str
    unit_id: str
    site_id: str
    outcome: str | None
    rules: list[str]
    affected: dict[str, AffectedCountJson]
    households: list[AffectedHouseholdJson]
    not_shown: dict[str, AffectedCountJson]


def household_options(  # noqa: PLR0913 who asks of what, and how much of it is wanted
    session: Session,
    actor: Actor,
    ground: Ground,
    referral_id: str,
    *,
    policy: Policy,
    log: ReadLog,
    top: int | None = None,
    with_others: bool = False,
) -> OptionsJson:
    """Return where a household could go now, best first, then why not elsewhere; that it was asked is kept.

    `others`, every other unit with the rules it breaks, is empty unless it is asked for: it is long.

    Raises
    ------
    NotPermitted
        The actor sees no cases.
    NotFound
        There is no such case for this actor.
    NotAllowedNow
        The case is over, or has no lead on record.
    BadInput
        `top` is below 0.
    """
    row = require_case(session, actor, referral_id)
    _require_count("top", top, least=0)
    _require_household(ground.estate, row)
    log.case_read(actor.user_id, referral_id, ground.clock.as_at)
    return options(
        ground, referral_id, periods=policy.periods, points=policy.points, top=top, with_others=with_others
    )


def offers(  # noqa: PLR0913 who asks of what, and how many are wanted
    session: Session,
    actor: Actor,
    ground: Ground,
    referral_id: str,
    *,
    policy: Policy,
    log: ReadLog,
    k: int = 3,
) -> OffersJson:
    """Return up to `k` units for her to choose one of: good ones, and different; that it was asked is kept.

    One a site. The first has the fewest points; for each of the others, a region or a provider that is among
    the offers already counts like a region that she did not ask for. Assumption: a choice is worth that much;
    to be asked of coordinators.

    Raises
    ------
    NotPermitted, NotFound, NotAllowedNow
        As for `household_options`.
    BadInput
        `k` is not from 1 to 10.
    """
    _require_count("k", k, least=1, most=MOST_OFFERS)
    answer = household_options(session, actor, ground, referral_id, policy=policy, log=log)
    return {
        "schema_version": SCHEMA_VERSION,
        "as_at": answer["as_at"],
        "referral_id": answer["referral_id"],
        "offers": a_choice(answer["options"], ground.estate, k, policy.points.region),
        "options_in_all": answer["options_in_all"],
        "outcome": answer["outcome"],
        "free_on": answer["free_on"],
        "not_yet_asked": answer["not_yet_asked"],
        "barriers": answer["barriers"],
    }


def unit_candidates(
    session: Session,
    actor: Actor,
    ground: Ground,
    unit_id: str,
    *,
    policy: Policy,
    top: int | None = None,
) -> UnitCandidatesJson:
    """Return who could have a unit now, in priority order, then who could not and why; up to `top` of each.

    Raises
    ------
    NotPermitted
        The actor sees no cases, or no sites.
    NotFound
        There is no such unit for this actor.
    BadInput
        `top` is below 0.
    """
    require(actor, Permission.SEE_CASES)
    require_unit(session, actor, unit_id)
    _require_count("top", top, least=0)
    found = candidates(ground, unit_id, periods=policy.periods, points=policy.points)
    seen = _cases_seen(session, actor)
    able = [row for row in found["candidates"] if row["referral_id"] in seen]
    others = [row for row in found["others"] if row["referral_id"] in seen]
    return {
        "schema_version": SCHEMA_VERSION,
        "as_at": found["as_at"],
        "unit_id": found["unit_id"],
        "site_id": found["site_id"],
        "candidates": able[:top],
        "candidates_in_all": found["candidates_in_all"],
        "candidates_not_shown": _by_priority(
            row["priority"] for row in found["candidates"] if row["referral_id"] not in seen
        ),
        "others": others[:top],
        "others_in_all": len(found["others"]),
        "others_not_shown": _by_priority(
            row["priority"] for row in found["others"] if row["referral_id"] not in seen
        ),
    }


def affected(
    session: Session, actor: Actor, ground: Ground, referral_id: str, unit_id: str, *, policy: Policy
) -> AffectedJson:
    """Return who else could have had a unit now that is to go to a household.

    Of them: who has no other unit now, and who is ahead of her in line.

    Raises
    ------
    NotPermitted, NotFound, NotAllowedNow
        As for `household_options` and `unit_candidates`.
    """
    row = require_case(session, actor, referral_id)
    require_unit(session, actor, unit_id)
    her = _require_household(ground.estate, row)
    unit = ground.estate.unit_by_id.get(UnitRef(unit_id))
    if unit is None:
        raise NotFound("there is no such unit")
    outcome = not_for_a_round(ground.estate.people_of[her.referral_id])
    found, seen = rivals(ground, her, unit_id, policy.periods), _cases_seen(session, actor)
    return {
        "schema_version": SCHEMA_VERSION,
        "as_at": ground.clock.as_at.isoformat(),
        "referral_id": her.referral_id,
        "unit_id": unit.unit_id,
        "site_id": unit.site_id,
        "outcome": outcome,
        "rules": rules_broken(ground, her, unit_id, policy.periods) if outcome is None else [],
        "affected": _affected_counts(found),
        "households": [
            {
                "referral_id": rival.referral_id,
                "priority": rival.priority,
                "days_waited": rival.days_waited,
                "ahead": rival.ahead,
                "no_other_unit": rival.no_other_unit,
            }
            for rival in found
            if rival.referral_id in seen
        ],
        "not_shown": _affected_counts(rival for rival in found if rival.referral_id not in seen),
    }


def _require_count(name: str, count: int | None, *, least: int, most: int | None = None) -> None:
    if count is not None and (count < least or (most is not None and count > most)):
        raise BadInput(f"{name}: {least} {'or more' if most is None else f'to {most}'} is accepted")


def _require_household(estate: Estate, row: Row[Any]) -> Referral:
    """Return the referral of a case for which a place may be looked for."""
    referral = estate.referral_by_id.get(ReferralRef(row.referral_id))
    if row.status in OVER or referral is None:
        raise NotAllowedNow(f"the referral is {row.status}: no place is looked for")
    if not any(person.is_lead for person in estate.people_of.get(referral.referral_id, ())):
        raise NotAllowedNow("nobody of the household is on record as its lead: no place is looked for")
    return referral


def _cases_seen(session: Session, actor: Actor) -> frozenset[str]:
    """Return the references of the cases that may take part and that the actor may see."""
    refs = select(REFERRAL.c.referral_id).where(REFERRAL.c.status.in_(OPEN_STATUSES), cases_of(actor))
    return frozenset(session.scalars(refs))


def _by_priority(priorities: Iterable[str]) -> dict[str, int]:
    counts = Counter(priorities)
    return {priority: counts[priority] for priority in Priority if counts[priority]}


def _affected_counts(found: Iterable[Rival]) -> dict[str, AffectedCountJson]:
    by_priority: dict[str, list[Rival]] = defaultdict(list)
    for rival in found:
        by_priority[rival.priority].append(rival)
    return {
        priority: {
            "could_have_it": len(by_priority[priority]),
            "no_other_unit": sum(rival.no_other_unit for rival in by_priority[priority]),
            "ahead": sum(rival.ahead for rival in by_priority[priority]),
        }
        for priority in Priority
        if by_priority[priority]
    }
