"""One household's options, and one unit's candidates: who can go where now, why, why not, what would help.

A household that must be kept apart from somebody is never shown so: it reads as no room (`allocation.md` §5).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import cache
from typing import TypedDict

import numpy as np

from beds.domain.accommodation import ADULT_AGE
from beds.domain.clock import Clock
from beds.domain.eligibility import BIT, RULES, Bits
from beds.domain.estate import Estate
from beds.domain.households import Ints, days_waited, not_for_a_round, place_in_line, taking_part
from beds.domain.mismatch import mismatch_points
from beds.domain.next_free import calendar
from beds.domain.periods import RecoveryPeriod
from beds.domain.points import MISMATCH_KINDS, MismatchPoints
from beds.domain.referral import Person, Referral
from beds.domain.terms import OPEN_STATUSES, Priority, ReferralRef, SiteRef, UnitRef
from beds.errors import NotFound
from beds.services.freezing import Ground, Verdicts, judge, rule_codes, why_not
from optimiser.result import SCHEMA_VERSION, BarrierJson, barriers_json

Periods = Iterable[RecoveryPeriod]


class OptionJson(TypedDict):
    """A unit that a household could have now."""

    site_id: str
    unit_id: str
    starts_on: str
    expected_end_on: str
    mismatch: dict[str, int]
    points: int


class OtherUnitJson(TypedDict):
    """A unit that a household could not have now, and the rules it would break."""

    site_id: str
    unit_id: str
    rules: list[str]


class RuleJson(TypedDict):
    """How many units a rule keeps a household out of, and of how many it is the only one that does."""

    rule: str
    label: str
    source: str
    units: int
    only_this: int


class OptionsJson(TypedDict):
    """The answer to "where could this household go?"."""

    schema_version: int
    as_at: str
    referral_id: str
    priority: str
    days_waited: int
    takes_part: bool
    standing: str | None
    outcome: str | None
    free_on: str | None
    not_yet_asked: list[str]
    options: list[OptionJson]
    options_in_all: int
    why_not: list[RuleJson]
    barriers: list[BarrierJson]
    others: list[OtherUnitJson]


class CandidateJson(TypedDict):
    """A household that could have the unit now."""

    referral_id: str
    priority: str
    days_waited: int
    starts_on: str
    expected_end_on: str
    mismatch: dict[str, int]
    points: int


class NotCandidateJson(TypedDict):
    """A household that could not have the unit now: the rules it would break, or why no round places it."""

    referral_id: str
    priority: str
    days_waited: int
    outcome: str | None
    rules: list[str]


class CandidatesJson(TypedDict):
    """The answer to "who could have this unit?"."""

    schema_version: int
    as_at: str
    unit_id: str
    site_id: str
    candidates: list[CandidateJson]
    candidates_in_all: int
    others: list[NotCandidateJson]


def options(
    ground: Ground,
    referral_id: str,
    *,
    periods: Periods,
    points: MismatchPoints,
    top: int | None = None,
    with_others: bool = True,
) -> OptionsJson:
    """Return the units that one household could have now, best first, then why not the others.

    Parameters
    ----------
    ground : Ground
        The estate, compiled at an instant.
    top : int, optional
        How many options to give; all if not stated.
    with_others : bool
        Whether to list every other unit with the rules it breaks: of 3,000 units that is most of the answer.

    Raises
    ------
    NotFound
        There is no such referral.
    """
    estate, clock = ground.estate, ground.clock
    referral = estate.referral_by_id.get(ReferralRef(referral_id))
    if referral is None:
        raise NotFound("there is no such referral in this estate")
    people = estate.people_of[referral.referral_id]
    outcome = not_for_a_round(people)
    answer = _about(ground, referral, people)
    if outcome is not None:
        answer["outcome"] = outcome
        return answer
    verdicts = judge(ground, [referral], periods)
    shown = keep_apart_as_no_room(verdicts.broken)[0]
    answer["options"], answer["options_in_all"] = _options(verdicts, clock, points, top)
    answer["why_not"] = _rule_by_rule(shown)
    if with_others:
        answer["others"] = _other_units(verdicts, shown)
    if not answer["options_in_all"]:
        why = why_not(verdicts, 0, calendar(estate, verdicts.pairing, verdicts.suitable[0]), clock)
        answer["outcome"], answer["free_on"] = why.outcome, why.free_on
        answer["barriers"] = barriers_json(why.near_misses)
    return answer


def candidates(
    ground: Ground,
    unit_id: str,
    *,
    periods: Periods,
    points: MismatchPoints,
    top: int | None = None,
) -> CandidatesJson:
    """Return the households that take part and could have a unit now, in priority order, then the others.

    Raises
    ------
    NotFound
        There is no such unit.
    """
    estate, clock = ground.estate, ground.clock
    unit = estate.unit_by_id.get(UnitRef(unit_id))
    if unit is None:
        raise NotFound("there is no such unit in this estate")
    waiting = sorted(taking_part(estate, clock), key=lambda r: place_in_line(r, clock.today))
    settled = {r.referral_id: not_for_a_round(estate.people_of[r.referral_id]) for r in waiting}
    placeable = [r for r in waiting if settled[r.referral_id] is None]
    verdicts = judge(in_site(ground, unit.site_id), placeable, periods)
    column = verdicts.pairing.units.refs.index(unit.unit_id)
    shown = keep_apart_as_no_room(verdicts.broken)[:, column]
    able = _candidates(verdicts, np.flatnonzero(shown == 0), column, clock, points)
    row_of = {ref: row for row, ref in enumerate(verdicts.pairing.households.refs)}
    return {
        "schema_version": SCHEMA_VERSION,
        "as_at": clock.as_at.isoformat(),
        "unit_id": unit.unit_id,
        "site_id": unit.site_id,
        "candidates": able[:top],
        "candidates_in_all": len(able),
        "others": [
            {
                "referral_id": r.referral_id,
                "priority": r.counts_as,
                "days_waited": days_waited(r.received_at, clock.today),
                "outcome": settled[r.referral_id],
                "rules": _codes_at(shown, row_of.get(r.referral_id)),
            }
            for r in waiting
            if r.referral_id not in row_of or shown[row_of[r.referral_id]]
        ],
    }


def in_site(ground: Ground, site_id: SiteRef) -> Ground:
    """Return the ground of one site alone: the rules say the same of its units."""
    row = ground.standing.sites.refs.index(site_id)
    return replace(ground, standing=ground.standing.within(np.array([row])))


def _about(ground: Ground, referral: Referral, people: Sequence[Person]) -> OptionsJson:
    """Return what is known of the household before any rule is asked."""
    clock = ground.clock
    standing = why_not_taking_part(ground.estate, referral, clock)
    return {
        "schema_version": SCHEMA_VERSION,
        "as_at": clock.as_at.isoformat(),
        "referral_id": referral.referral_id,
        "priority": referral.counts_as,
        "days_waited": days_waited(referral.received_at, clock.today),
        "takes_part": standing is None,
        "standing": standing,
        "outcome": None,
        "free_on": None,
        "not_yet_asked": not_yet_asked(referral, people),
        "options": [],
        "options_in_all": 0,
        "why_not": [],
        "barriers": [],
        "others": [],
    }


def not_yet_asked(referral: Referral, people: Sequence[Person]) -> list[str]:
    """Return the needs that were not asked yet and are read with caution until they are."""
    needs = ("min_security_level", "needs_step_free", "accepts_sharing", "cross_border", "risk_to_others")
    asked = [need for need in needs if getattr(referral, need) is None]
    if any(person.age is None for person in people):
        asked.append("age")
    if any(
        not p.is_lead and p.together_confirmed is None and (p.age is None or p.age >= ADULT_AGE)
        for p in people
    ):
        asked.append("together_confirmed")
    if not any(person.languages for person in people if person.is_lead):
        asked.append("languages")
    return asked


def why_not_taking_part(estate: Estate, referral: Referral, clock: Clock) -> str | None:
    """Return why a referral does not take part in a round now, or None if it does."""
    if referral.status not in OPEN_STATUSES:
        return f"the referral is {referral.status}"
    holds = [h for h in estate.holds if h.referral_id == referral.referral_id and h.in_force(clock.as_at)]
    if holds:
        return f"a hold is in force until {max(h.expires_at for h in holds).isoformat()}"
    if referral.needed_from > clock.calendar_date:
        return f"a place is needed from {referral.needed_from.isoformat()}"
    return None


def keep_apart_as_no_room(broken: Bits) -> Bits:
    """Return the bits with `keep_apart` shown as `capacity`."""
    apart = (broken & np.uint16(BIT["keep_apart"])) > 0
    shown = broken & np.uint16(0xFFFF & ~BIT["keep_apart"])
    return np.where(apart, shown | np.uint16(BIT["capacity"]), shown).astype(np.uint16)


def _end_after(clock: Clock) -> Callable[[int], str]:
    """Return what gives the end of a stay from tonight of so many nights, each worked out once."""
    today = clock.today
    return cache(lambda nights: (today + timedelta(days=nights)).isoformat())


def _options(
    verdicts: Verdicts, clock: Clock, points: MismatchPoints, top: int | None
) -> tuple[list[OptionJson], int]:
    """Return the best units, the fewest points first, then by reference; and how many there are in all."""
    units = np.flatnonzero(verdicts.free[0])
    pairing = verdicts.pairing
    mismatch = mismatch_points(pairing, np.zeros_like(units), units, points)
    # Units are in the order of their references already.
    best = np.argsort(mismatch.sum(axis=1), kind="stable")[:top]
    starts_on, ends_on = clock.today.isoformat(), _end_after(clock)
    nights, site = pairing.unit_nights[0], pairing.units.site
    found: list[OptionJson] = [
        {
            "site_id": pairing.sites.refs[site[unit]],
            "unit_id": pairing.units.refs[unit],
            "starts_on": starts_on,
            "expected_end_on": ends_on(int(nights[unit])),
            "mismatch": _nonzero(row),
            "points": sum(row),
        }
        for unit, row in zip(units[best].tolist(), mismatch[best].tolist(), strict=True)
    ]
    return found, len(units)


def _candidates(
    verdicts: Verdicts, rows: Ints, unit: int, clock: Clock, points: MismatchPoints
) -> list[CandidateJson]:
    h = verdicts.pairing.households
    mismatch = mismatch_points(verdicts.pairing, rows, np.full_like(rows, unit), points)
    starts_on, ends_on = clock.today.isoformat(), _end_after(clock)
    nights, tiers = verdicts.pairing.unit_nights[:, unit], tuple(Priority)
    return [
        {
            "referral_id": h.refs[row],
            "priority": tiers[int(h.rank[row])],
            "days_waited": int(h.days_waited[row]),
            "starts_on": starts_on,
            "expected_end_on": ends_on(int(nights[row])),
            "mismatch": _nonzero(worth),
            "points": sum(worth),
        }
        for row, worth in zip(rows.tolist(), mismatch.tolist(), strict=True)
    ]


def _codes_at(shown: Bits, row: int | None) -> list[str]:
    return [] if row is None else list(rule_codes(int(shown[row])))


def _nonzero(points: Sequence[int]) -> dict[str, int]:
    return {kind: value for kind, value in zip(MISMATCH_KINDS, points, strict=True) if value}


def _rule_by_rule(shown: Bits) -> list[RuleJson]:
    rows: list[RuleJson] = [
        {
            "rule": rule.code,
            "label": rule.label,
            "source": rule.source,
            "units": int(((shown & BIT[rule.code]) > 0).sum()),
            "only_this": int((shown == BIT[rule.code]).sum()),
        }
        for rule in RULES
    ]
    return [row for row in rows if row["units"]]


def _other_units(verdicts: Verdicts, shown: Bits) -> list[OtherUnitJson]:
    pairing = verdicts.pairing
    return [
        {
            "site_id": pairing.sites.refs[pairing.units.site[unit]],
            "unit_id": pairing.units.refs[unit],
            "rules": list(rule_codes(int(shown[unit]))),
        }
        for unit in np.flatnonzero(shown).tolist()
    ]
