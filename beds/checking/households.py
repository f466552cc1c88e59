"""A household as the checker sees it: its people, its stay, and the safety facts its survivor carries.

Written from `allocation.md` §1–§3 alone. It must not read the compiled rules or the optimiser: two readings
of the same page are worth something only while they are independent.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from beds.domain.accommodation import ADULT_AGE
from beds.domain.clock import Clock, london_date
from beds.domain.estate import Estate
from beds.domain.periods import RecoveryPeriod, recovery_nights
from beds.domain.referral import Decline, Person, Referral
from beds.domain.terms import OPEN_STATUSES, AgeStatus, Gender, Outcome, Priority, ReferralRef


@dataclass(frozen=True, slots=True)
class Household:
    """One referral with everything that decides where it may go.

    `nights` is n of `allocation.md` §2; `declines` are those in force today, and like `excluded_areas` and
    `kept_apart_from` they come from every referral of the same survivor.
    """

    referral: Referral
    people: tuple[Person, ...]
    lead: Person
    adults: tuple[Person, ...]
    children: tuple[Person, ...]
    genders: frozenset[Gender]
    counts_as: Priority
    nights: int
    days_waited: int
    excluded_areas: frozenset[str]
    declines: tuple[Decline, ...]
    kept_apart_from: frozenset[ReferralRef]

    @property
    def reference(self) -> ReferralRef:
        """Its referral's identifier."""
        return self.referral.referral_id


def outcome_without_a_round(household: Household) -> Outcome | None:
    """Return which of the four kinds that a round never places this household is, the first that applies.

    Source: `allocation.md` §3, last paragraph.
    """
    others = [adult for adult in household.adults if not adult.is_lead]
    if any(person.age is None for person in household.people):
        return Outcome.INFORMATION_MISSING
    if not household.adults:
        return Outcome.UNACCOMPANIED_CHILD
    if any(adult.age_status is AgeStatus.DISPUTED for adult in household.adults):
        return Outcome.AGE_UNRESOLVED
    if any(adult.together_confirmed is not True for adult in others):
        return Outcome.TOGETHER_UNCONFIRMED
    return None


def takes_part(referral: Referral, estate: Estate, clock: Clock) -> bool:
    """Return whether a referral takes part in the round (`allocation.md` §2)."""
    if referral.status not in OPEN_STATUSES:
        return False
    if any(hold.referral_id == referral.referral_id and hold.in_force(clock.as_at) for hold in estate.holds):
        return False
    return referral.needed_from <= clock.calendar_date


def days_waited(referral: Referral, clock: Clock) -> int:
    """Return the whole days waited: today less the London date of receipt, never below 0."""
    return max(0, (clock.today - london_date(referral.received_at)).days)


def households_by_reference(
    estate: Estate, clock: Clock, periods: Iterable[RecoveryPeriod]
) -> Mapping[ReferralRef, Household]:
    """Return the household of every referral, whatever its status.

    Raises
    ------
    LookupError
        A stay is as long as the recovery period of a nation that has none on record.
    """
    facts = _SurvivorFacts(estate, clock)
    known_periods = tuple(periods)
    return {
        referral.referral_id: _household(referral, estate, clock, known_periods, facts)
        for referral in estate.referrals
    }


def _household(
    referral: Referral,
    estate: Estate,
    clock: Clock,
    periods: tuple[RecoveryPeriod, ...],
    facts: _SurvivorFacts,
) -> Household:
    people = estate.people_of[referral.referral_id]
    nights = referral.expected_stay_days
    if nights is None:
        nights = recovery_nights(referral.nation, clock.today, periods)
    return Household(
        referral=referral,
        people=people,
        lead=next(person for person in people if person.is_lead),
        adults=tuple(p for p in people if p.age is not None and p.age >= ADULT_AGE),
        children=tuple(p for p in people if p.age is not None and p.age < ADULT_AGE),
        genders=frozenset(person.gender for person in people),
        counts_as=referral.counts_as,
        nights=nights,
        days_waited=days_waited(referral, clock),
        excluded_areas=frozenset(facts.excluded_areas[referral.survivor]),
        declines=tuple(facts.declines[referral.survivor]),
        kept_apart_from=frozenset(facts.kept_apart_from[referral.survivor]),
    )


class _SurvivorFacts:
    """The safety facts that outlive a referral, gathered by survivor (`allocation.md` §1, last paragraph)."""

    def __init__(self, estate: Estate, clock: Clock) -> None:
        survivor_of = {referral.referral_id: referral.survivor for referral in estate.referrals}
        self.excluded_areas: dict[str, set[str]] = defaultdict(set)
        self.declines: dict[str, list[Decline]] = defaultdict(list)
        self.kept_apart_from: dict[str, set[ReferralRef]] = defaultdict(set)
        referrals_of: dict[str, set[ReferralRef]] = defaultdict(set)
        for referral in estate.referrals:
            referrals_of[referral.survivor].add(referral.referral_id)
            self.excluded_areas[referral.survivor] |= referral.excluded_areas
        for decline in estate.declines:
            if decline.in_force(clock.today):
                self.declines[survivor_of[decline.referral_id]].append(decline)
        for pair in estate.keep_apart:
            one, other = survivor_of[pair.referral_id_a], survivor_of[pair.referral_id_b]
            self.kept_apart_from[one] |= referrals_of[other]
            self.kept_apart_from[other] |= referrals_of[one]
