"""The dates that a case turns on while somebody waits or stays: shown to people, acted on by nobody but them.

None of them ends a stay, opens a bed or changes a priority.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from beds.domain.accommodation import ADULT_AGE, Site
from beds.domain.periods import RecoveryPeriod, recovery_nights
from beds.domain.referral import Person
from beds.domain.terms import ConclusiveGrounds, Gender, Nation

SECONDS_AN_HOUR = 3_600


class Until(StrEnum):
    """How a recovery period and the conclusive grounds decision go together."""

    AT_LEAST_UNTIL_DECISION = "at_least_until_decision"
    UNTIL_DECISION_AT_MOST = "until_decision_at_most"


@dataclass(frozen=True, slots=True)
class RecoveryClock:
    """How the period of a nation ends, for positive reasonable grounds on or after `in_force_from`."""

    nation: Nation
    in_force_from: date
    until: Until


@dataclass(frozen=True, slots=True)
class MoveOnPeriod:
    """Nights of support after a positive conclusive decision; `assumed` where none is published there."""

    nation: Nation
    nights: int
    assumed: bool


class ClockKind(StrEnum):
    """What a date is about."""

    RECOVERY = "recovery"
    MOVE_ON = "move_on"


@dataclass(frozen=True, slots=True)
class CaseClock:
    """A period of a case: `ends_on` is its first day after, None while that is open.

    `period_ends_on` is what the nights alone give; `assumed` says that they are not published for the nation.
    """

    kind: ClockKind
    starts_on: date
    period_ends_on: date
    ends_on: date | None
    assumed: bool = False


@dataclass(frozen=True, slots=True)
class Decisions:
    """What was decided about a survivor, and when; None where nothing was yet."""

    reasonable_grounds_on: date | None = None
    conclusive_grounds_on: date | None = None
    conclusive_grounds: ConclusiveGrounds | None = None


class EventKind(StrEnum):
    """What changes in a household during a stay."""

    BIRTH_DUE = "birth_due"
    TURNS_18 = "turns_18"
    OUTGROWS_SITE = "outgrows_site"


@dataclass(frozen=True, slots=True)
class ComingEvent:
    """Something that will change what a household needs; `on` is None where only "within a year" is known."""

    kind: EventKind
    person_id: str
    on: date | None

    @property
    def words(self) -> str:
        """Return it as a sentence; ages are recorded in whole years, so a birthday is not known."""
        return {
            EventKind.BIRTH_DUE: "a birth is due during the stay",
            EventKind.TURNS_18: "17: turns 18 within a year; the day is not recorded",
            EventKind.OUTGROWS_SITE: "at the site's age limit: past it within a year; no day is recorded",
        }[self.kind]


def hours_waited(received_at: datetime, as_at: datetime) -> int:
    """Return the whole hours since a referral was received, at least 0.

    Examples
    --------
    >>> from datetime import UTC
    >>> hours_waited(datetime(2026, 3, 1, 9, tzinfo=UTC), datetime(2026, 3, 1, 11, 59, tzinfo=UTC))
    2
    """
    return max(0, int((as_at - received_at).total_seconds() // SECONDS_AN_HOUR))


def recovery_clock(
    nation: Nation,
    decisions: Decisions,
    *,
    periods: Iterable[RecoveryPeriod],
    clocks: Iterable[RecoveryClock],
) -> CaseClock | None:
    """Return the recovery period of a case, or None before positive reasonable grounds.

    The period and how it ends are those in force on the day of that decision. Where it runs at least until
    the conclusive decision, its end is the later of the two, and open while undecided; where it runs until
    that decision at most, the earlier. Sources: by row in `recovery_periods.csv` and `recovery_clocks.csv`.

    Raises
    ------
    LookupError
        Nothing is on record for the nation.
    """
    starts_on, decided_on = decisions.reasonable_grounds_on, decisions.conclusive_grounds_on
    if starts_on is None:
        return None
    period_ends_on = starts_on + timedelta(days=recovery_nights(nation, starts_on, periods))
    ends_on: date | None
    if _until(nation, starts_on, clocks) is Until.UNTIL_DECISION_AT_MOST:
        ends_on = min(period_ends_on, decided_on or period_ends_on)
    else:
        ends_on = None if decided_on is None else max(period_ends_on, decided_on)
    return CaseClock(ClockKind.RECOVERY, starts_on, period_ends_on, ends_on)


def move_on_clock(nation: Nation, decisions: Decisions, periods: Iterable[MoveOnPeriod]) -> CaseClock | None:
    """Return the move-on period of a case, or None without a positive conclusive decision.

    Raises
    ------
    LookupError
        Nothing is on record for the nation.
    """
    starts_on = decisions.conclusive_grounds_on
    if starts_on is None or decisions.conclusive_grounds is not ConclusiveGrounds.POSITIVE:
        return None
    found = next((period for period in periods if period.nation is nation), None)
    if found is None:
        raise LookupError(f"no move-on period on record for {nation}")
    ends_on = starts_on + timedelta(days=found.nights)
    return CaseClock(ClockKind.MOVE_ON, starts_on, ends_on, ends_on, assumed=found.assumed)


def coming_events(people: Iterable[Person], site: Site, *, expected_end_on: date) -> tuple[ComingEvent, ...]:
    """Return what changes in a household while it stays in a site until `expected_end_on`.

    A birth that is overdue counts as coming (`allocation.md` §3). Ages are in whole years: of somebody of 17,
    or at the age limit that the site has for children of that gender, it is known only that the birthday
    comes within a year, which is said whatever the length of the stay.
    """
    found = [event for person in people for event in _events(person, site, expected_end_on)]
    return tuple(sorted(found, key=lambda event: (event.on or date.max, event.person_id, event.kind)))


def _events(person: Person, site: Site, expected_end_on: date) -> Iterator[ComingEvent]:
    if person.due_on is not None and person.due_on < expected_end_on:
        yield ComingEvent(EventKind.BIRTH_DUE, person.person_id, person.due_on)
    if person.age is None or person.age >= ADULT_AGE:
        return
    if person.age == ADULT_AGE - 1:
        yield ComingEvent(EventKind.TURNS_18, person.person_id, None)
    elif person.age == _age_limit(site, person.gender):
        yield ComingEvent(EventKind.OUTGROWS_SITE, person.person_id, None)


def _age_limit(site: Site, gender: Gender) -> int:
    limits = {Gender.FEMALE: site.max_age_girls, Gender.MALE: site.max_age_boys}
    return limits.get(gender, min(limits.values()))


def _until(nation: Nation, on: date, clocks: Iterable[RecoveryClock]) -> Until:
    """Return how a period that begins on a date ends; before the first row on record, as in that row."""
    known = sorted((clock.in_force_from, clock.until) for clock in clocks if clock.nation is nation)
    if not known:
        raise LookupError(f"nothing on record about how the recovery period ends in {nation}")
    in_force = [until for start, until in known if start <= on]
    return in_force[-1] if in_force else known[0][1]
