"""A claim: may this household have beds in this unit now? Asked inside the transaction that takes them.

Every hard rule is judged again, by the same compiled rules as in a round, on the small estate that decides
(`beds.store.situation`), with the site locked first: gender and keep-apart are rules across beds. There is no
parameter by which a hard rule could be passed over. That somebody must be kept apart reads as no room.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from types import MappingProxyType
from typing import Final

import numpy as np
from sqlalchemy import select
from sqlmodel import Session

from beds.domain.clock import Clock
from beds.domain.eligibility import BIT, RULES
from beds.domain.estate import Estate
from beds.domain.households import not_for_a_round
from beds.domain.mismatch import mismatch_points
from beds.domain.points import MISMATCH_KINDS, MismatchPoints
from beds.domain.records import METADATA
from beds.domain.referral import Referral
from beds.domain.terms import Outcome, ReferralRef, UnitRef
from beds.errors import BadInput, BedJustTaken, HardRuleBroken, NotAllowedNow, PreferenceUnmet
from beds.roles import Actor, Permission
from beds.services.freezing import Ground, Verdicts, bed_slots, judge, request_of, rule_codes
from beds.services.options import keep_apart_as_no_room, why_not_taking_part
from beds.services.policy import Policy
from beds.services.steps import require_word
from beds.store.held import release_expired
from beds.store.situation import load_situation
from optimiser.result import own_beds

SITE = METADATA.tables["site"]

NO_ROOM: Final = "the bed has just been taken, or there is no room there now"
ABOUT_ROOM: Final = BIT["capacity"] | BIT["sharing"] | BIT["keep_apart"]
PREFERENCES: Final = ("interim", "language", "region")
"""The mismatches that somebody must answer for; the others only order what is equal in all else."""
_LABELS: Final = {rule.code: rule.label for rule in RULES}
_EACH_ONE: Final = MismatchPoints(**dict.fromkeys(MISMATCH_KINDS, 1))
_WORDS: Final = MappingProxyType(
    {
        Outcome.INFORMATION_MISSING: "an age has not been asked yet",
        Outcome.UNACCOMPANIED_CHILD: "a child without an adult is for the local authority to look after",
        Outcome.AGE_UNRESOLVED: "an age is disputed: treated as a child until it is settled",
        Outcome.TOGETHER_UNCONFIRMED: "another adult has not confirmed, asked alone, that they come together",
    }
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for: a unit for a household.

    `nights` is how many, where not those that the household needs; they are cut to the site's limit. `end_on`
    is an end that the site's limit does not cut, and `in_all` the nights that the limit is then asked about.
    `instead_of` is the household's own hold or placement that this takes the place of, `beds` what it has
    there: these come first. `is_waiting` is false for a household that has a stay already.
    """

    referral_id: str
    site_id: str
    unit_id: str
    nights: int | None = None
    end_on: date | None = None
    in_all: int | None = None
    instead_of: str | None = None
    beds: frozenset[str] = frozenset()
    is_waiting: bool = True


@dataclass(frozen=True, slots=True)
class Room:
    """Beds that a household may have: no rule is broken, and the transaction that found so may take them.

    `free` are all beds of the unit that are free over the stay; `mismatch` the kinds there are; `situation`
    what it was judged on, without what it takes the place of.
    """

    asked: Asked
    bed_ids: tuple[str, ...]
    starts_on: date
    expected_end_on: date
    free: frozenset[str]
    mismatch: tuple[str, ...]
    situation: Estate


def lock_sites(session: Session, *site_ids: str) -> None:
    """Let nobody else judge or change who is in these sites until the transaction ends.

    On SQLite a writer is alone anyway. Sites are locked in one order, so that two transfers cannot wait for
    each other.
    """
    ordered = select(SITE.c.site_id).where(SITE.c.site_id.in_(site_ids)).order_by(SITE.c.site_id)
    session.execute(ordered.with_for_update()).all()


def judge_claim(session: Session, asked: Asked, *, clock: Clock, policy: Policy) -> Room:
    """Return the beds that a household may have in a unit now, chosen as a round chooses them.

    The caller is in a writing transaction and has seen to permissions; it takes the beds in the same one.

    Raises
    ------
    NotAllowedNow
        The household does not wait for a place now.
    HardRuleBroken
        A rule other than about room is broken, or it is a household that nobody may place.
    BedJustTaken
        There is no room: beds, who else is in the unit, or in the site.
    """
    lock_sites(session, asked.site_id)
    release_expired(session, clock.as_at)
    situation = load_situation(session, asked.referral_id, asked.site_id, today=clock.today)
    situation = _without(situation, asked.instead_of)
    referral = situation.referral_by_id[ReferralRef(asked.referral_id)]
    if asked.is_waiting:
        why = why_not_taking_part(situation, referral, clock)
        if why is not None:
            raise NotAllowedNow(f"no place can be claimed for this household now: {why}")
    outcome = not_for_a_round(situation.people_of[referral.referral_id])
    if outcome is not None:
        raise HardRuleBroken(f"this household cannot be placed: {_WORDS[outcome]}", (outcome,))
    verdicts = _verdicts(situation, referral, asked, clock, policy)
    unit = verdicts.pairing.units.refs.index(UnitRef(asked.unit_id))
    broken = int(verdicts.broken[0, unit])
    if asked.end_on is not None:
        broken = _with_the_limit(broken, situation, referral, asked, clock, policy)
    _refuse(broken)
    return _room(asked, situation, verdicts, unit, clock)


def require_overrides(overrides: Mapping[str, str]) -> None:
    """Refuse overrides that nobody can give.

    Raises
    ------
    BadInput
        One is not of a preference, or its reason is not a lower_snake word.
    """
    for kind, reason in overrides.items():
        if kind not in PREFERENCES:
            raise BadInput(f"overrides: only {', '.join(PREFERENCES)} can be overridden, hard rules never")
        require_word(f"overrides, {kind}", reason)


def require_preferences(
    actor: Actor,
    unmet: tuple[str, ...],
    overrides: Mapping[str, str],
    *,
    stated: frozenset[str] = frozenset(),
) -> dict[str, str]:
    """Return the overrides that are used, by kind; `stated` kinds were stated and accepted before.

    Raises
    ------
    PreferenceUnmet
        A preference is not met and there is no reason, or the actor may not override it.
    """
    asked = [kind for kind in unmet if kind in PREFERENCES and kind not in stated]
    lacking = (
        [kind for kind in asked if kind not in overrides]
        if actor.may(Permission.OVERRIDE_PREFERENCES)
        else asked
    )
    if lacking:
        raise PreferenceUnmet(
            f"preferences are not met: {', '.join(lacking)}; each needs a reason, from somebody who may",
            lacking,
        )
    return {kind: overrides[kind] for kind in asked}


def _without(situation: Estate, own: str | None) -> Estate:
    if own is None:
        return situation
    return situation.with_rows(
        holds=[hold for hold in situation.holds if hold.hold_id != own],
        placements=[stay for stay in situation.placements if stay.placement_id != own],
    )


def _verdicts(situation: Estate, referral: Referral, asked: Asked, clock: Clock, policy: Policy) -> Verdicts:
    """Judge the nights that are asked for; up to a stated end the site's limit is not in the way of them."""
    if asked.end_on is not None:
        referral = replace(referral, expected_stay_days=(asked.end_on - clock.today).days)
        unlimited = [replace(site, max_stay_nights=None) for site in situation.sites]
        situation = situation.with_rows(sites=unlimited)
    elif asked.nights is not None:
        referral = replace(referral, expected_stay_days=asked.nights)
    return judge(Ground.of(situation, clock), [referral], policy.periods)


def _with_the_limit(
    broken: int, situation: Estate, referral: Referral, asked: Asked, clock: Clock, policy: Policy
) -> int:
    """Ask the rule about the length of the whole stay: its limit counts from the first night, not tonight."""
    if asked.in_all is not None:
        referral = replace(referral, expected_stay_days=asked.in_all)
    verdicts = judge(Ground.of(situation, clock), [referral], policy.periods)
    unit = verdicts.pairing.units.refs.index(UnitRef(asked.unit_id))
    return broken | (int(verdicts.broken[0, unit]) & BIT["interim"])


def _refuse(broken: int) -> None:
    if not broken:
        return
    if not broken & ~ABOUT_ROOM:
        raise BedJustTaken(NO_ROOM)
    shown = rule_codes(int(keep_apart_as_no_room(np.array(broken, dtype=np.uint16))))
    labels = "; ".join(_LABELS[code] for code in shown)
    raise HardRuleBroken(f"hard rules stand in the way, which nobody can override: {labels}", shown)


def _room(asked: Asked, situation: Estate, verdicts: Verdicts, unit: int, clock: Clock) -> Room:
    nights = int(verdicts.pairing.unit_nights[0, unit])
    slots = bed_slots(verdicts.pairing.units, unit)
    free = [slot for slot in slots if slot.free_nights is None or slot.free_nights >= nights]
    request = request_of(verdicts, 0)
    had = own_beds(request, nights, [slot for slot in free if slot.ref in asked.beds])
    enough = len(had) == request.singles + request.babies_by(nights)
    points = mismatch_points(verdicts.pairing, np.array([0]), np.array([unit]), _EACH_ONE)[0]
    return Room(
        asked=asked,
        bed_ids=tuple(had if enough else own_beds(request, nights, free)),
        starts_on=clock.today,
        expected_end_on=clock.today + timedelta(days=nights),
        free=frozenset(slot.ref for slot in free),
        mismatch=tuple(kind for kind, worth in zip(MISMATCH_KINDS, points, strict=True) if worth),
        situation=situation,
    )
