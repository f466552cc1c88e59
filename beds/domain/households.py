"""The waiting list as arrays: one row a household, in the order of `referral_id`.

Unknown needs are already in their cautious reading here (`allocation.md` §1), so that the rules compare
plain values. `R` households, `S` sites, `L` languages, `K` services, `A` areas.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
from numpy.typing import NDArray

from beds.domain.accommodation import ADULT_AGE, COT_AGE
from beds.domain.clock import Clock, london_date
from beds.domain.estate import Estate
from beds.domain.periods import RecoveryPeriod, recovery_nights
from beds.domain.referral import Person, Referral
from beds.domain.terms import (
    OPEN_STATUSES,
    AgeStatus,
    Gender,
    Nation,
    Outcome,
    Priority,
    ReferralRef,
    RiskToOthers,
)

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

NEVER = np.int64(2**40)
"""An offset in nights later than any date."""
GENDER_BIT = {gender: 1 << position for position, gender in enumerate(Gender)}
PRIORITY_RANK = {priority: rank for rank, priority in enumerate(Priority)}
NATION_CODE = {nation: code for code, nation in enumerate(Nation)}
NO_CHILD = -1


@dataclass(frozen=True, slots=True)
class Households:
    """Arrays over `R` households; offsets are nights from today.

    `gender_bits` has the genders of everybody, `adult_gender_bits` of the adults; `oldest_*` is an age in
    years or `NO_CHILD`; `births` is (R, D) offsets of due dates, sorted, filled up with `NEVER`;
    `languages` (R, L), `services` (R, K), `excluded` (R, A) and `preferred` (R, A) are memberships.
    """

    refs: tuple[ReferralRef, ...]
    survivors: tuple[str, ...]
    rank: Ints
    days_waited: Ints
    nights: Ints
    nation: Ints
    cross_border: Bools
    security_needed: Ints
    step_free_needed: Bools
    language_required: Bools
    accepts_sharing: Bools
    risk_low: Bools
    risk_high: Bools
    acceptable_bits: Ints
    gender_bits: Ints
    adult_gender_bits: Ints
    oldest_girl: Ints
    oldest_boy: Ints
    oldest_non_binary_child: Ints
    singles: Ints
    under_twos: Ints
    births: Ints
    languages: Bools
    speaks_english: Bools
    services: Bools
    excluded: Bools
    preferred: Bools
    has_preference: Bools

    def __len__(self) -> int:
        """Return the number of households."""
        return len(self.refs)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The column of each language, service and area in membership arrays."""

    languages: dict[str, int]
    services: dict[str, int]
    areas: dict[str, int]

    @classmethod
    def of(cls, estate: Estate) -> Vocabulary:
        """Return every language, service and area that the estate or a referral names."""
        sites, referrals = estate.sites, estate.referrals
        areas: set[str] = {site.region for site in sites} | {site.local_authority for site in sites}
        areas = areas.union(*(r.excluded_areas | r.preferred_regions for r in referrals)) - {""}
        languages = {"en"}.union(*(s.staff_languages for s in sites), *(p.languages for p in estate.people))
        services = set[str]().union(*(s.services for s in sites), *(r.services_required for r in referrals))
        return cls(_columns(languages), _columns(services), _columns(areas))

    def covers(self, other: Vocabulary) -> bool:
        """Return whether every word of another vocabulary has its column here."""
        return (
            other.languages.keys() <= self.languages.keys()
            and other.services.keys() <= self.services.keys()
            and other.areas.keys() <= self.areas.keys()
        )


def taking_part(estate: Estate, clock: Clock) -> tuple[Referral, ...]:
    """Return the referrals that take part in a round at this instant (`allocation.md` §2)."""
    held = {hold.referral_id for hold in estate.holds if hold.in_force(clock.as_at)}
    return tuple(
        referral
        for referral in estate.referrals
        if referral.status in OPEN_STATUSES
        and referral.referral_id not in held
        and referral.needed_from <= clock.calendar_date
    )


def not_for_a_round(people: Sequence[Person]) -> Outcome | None:
    """Return why a household is not placed by a round at all, or None (`allocation.md` §3, in order)."""
    if any(person.age is None for person in people):
        return Outcome.INFORMATION_MISSING
    adults = [person for person in people if person.age is not None and person.age >= ADULT_AGE]
    if not adults:
        return Outcome.UNACCOMPANIED_CHILD
    if any(person.age_status is AgeStatus.DISPUTED for person in adults):
        return Outcome.AGE_UNRESOLVED
    if any(not person.is_lead and not person.together_confirmed for person in adults):
        return Outcome.TOGETHER_UNCONFIRMED
    return None


def days_waited(received_at: datetime, today: date) -> int:
    """Return whole days from the London date of receipt to today, at least 0."""
    return max((today - london_date(received_at)).days, 0)


def place_in_line(referral: Referral, today: date) -> tuple[int, int, ReferralRef]:
    """Return what orders the queue: the priority it counts as, then the longest wait, then the reference."""
    waited = days_waited(referral.received_at, today)
    return PRIORITY_RANK[referral.counts_as], -waited, referral.referral_id


def stay_nights(referral: Referral, today: date, periods: Iterable[RecoveryPeriod]) -> int:
    """Return the nights asked for: as expected, else the nation's recovery period today."""
    if referral.expected_stay_days is not None:
        return referral.expected_stay_days
    return recovery_nights(referral.nation, today, periods)


def compile_households(
    estate: Estate,
    referrals: Sequence[Referral],
    clock: Clock,
    periods: Iterable[RecoveryPeriod],
    words: Vocabulary,
) -> Households:
    """Return the households of `referrals` as arrays; every age must be known."""
    today, periods = clock.today, tuple(periods)
    people = [estate.people_of[referral.referral_id] for referral in referrals]
    leads = [next(person for person in group if person.is_lead) for group in people]
    languages = _members([lead.languages for lead in leads], words.languages)
    births = [[(p.due_on - today).days for p in group if p.due_on is not None] for group in people]
    return Households(
        refs=tuple(referral.referral_id for referral in referrals),
        survivors=tuple(referral.survivor for referral in referrals),
        rank=_ints(PRIORITY_RANK[r.counts_as] for r in referrals),
        days_waited=_ints(days_waited(r.received_at, today) for r in referrals),
        nights=_ints(stay_nights(r, today, periods) for r in referrals),
        nation=_ints(NATION_CODE[r.nation] for r in referrals),
        cross_border=_bools(r.cross_border is True for r in referrals),
        security_needed=_ints(r.security_needed for r in referrals),
        step_free_needed=_bools(r.step_free_needed for r in referrals),
        language_required=_bools(r.language_required is True for r in referrals),
        accepts_sharing=_bools(r.accepts_sharing is True for r in referrals),
        risk_low=_bools(r.risk_to_others is RiskToOthers.LOW for r in referrals),
        risk_high=_bools(r.risk_to_others is RiskToOthers.HIGH for r in referrals),
        acceptable_bits=_ints(gender_bits(r.acceptable_site_genders) for r in referrals),
        gender_bits=_ints(gender_bits(p.gender for p in group) for group in people),
        adult_gender_bits=_ints(gender_bits(p.gender for p in group if not _is_child(p)) for group in people),
        oldest_girl=_ints(_oldest_child(group, Gender.FEMALE) for group in people),
        oldest_boy=_ints(_oldest_child(group, Gender.MALE) for group in people),
        oldest_non_binary_child=_ints(_oldest_child(group, Gender.NON_BINARY) for group in people),
        singles=_ints(sum(_age(p) >= COT_AGE for p in group) for group in people),
        under_twos=_ints(sum(_age(p) < COT_AGE for p in group) for group in people),
        births=_padded(births),
        languages=languages,
        speaks_english=languages[:, words.languages["en"]],
        services=_members([r.services_required for r in referrals], words.services),
        excluded=_members([estate.excluded_areas_of[r.survivor] for r in referrals], words.areas),
        preferred=_members([r.preferred_regions for r in referrals], words.areas),
        has_preference=_bools(bool(r.preferred_regions) for r in referrals),
    )


def gender_bits(genders: Iterable[Gender]) -> int:
    """Return a set of genders as bits."""
    bits = 0
    for gender in genders:
        bits |= GENDER_BIT[gender]
    return bits


def _age(person: Person) -> int:
    if person.age is None:
        raise ValueError("a household with an age not yet asked is not compiled")
    return person.age


def _is_child(person: Person) -> bool:
    return _age(person) < ADULT_AGE


def _oldest_child(people: Sequence[Person], gender: Gender) -> int:
    ages = [_age(p) for p in people if p.gender is gender and _is_child(p)]
    return max(ages, default=NO_CHILD)


def _columns(names: Iterable[str]) -> dict[str, int]:
    return {name: column for column, name in enumerate(sorted(names))}


def _members(sets: Sequence[frozenset[str]], columns: dict[str, int]) -> Bools:
    members = np.zeros((len(sets), len(columns)), dtype=np.bool_)
    for row, names in enumerate(sets):
        for name in names:
            members[row, columns[name]] = True
    return members


def _padded(offsets: Sequence[Sequence[int]]) -> Ints:
    width = max((len(row) for row in offsets), default=0)
    filled = [sorted(row) + [int(NEVER)] * (width - len(row)) for row in offsets]
    return np.array(filled, dtype=np.int64).reshape(len(offsets), width)


def _ints(values: Iterable[int]) -> Ints:
    return np.fromiter(values, dtype=np.int64)


def _bools(values: Iterable[bool]) -> Bools:
    return np.fromiter(values, dtype=np.bool_)
