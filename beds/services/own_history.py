"""What the service's own records say of arrivals and stays, and whether they are enough to go by.

Counts and lengths only: who anybody is does not leave this module but as the prototypes of a mix of needs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np

from beds.domain.clock import Clock, london_date
from beds.domain.estate import Estate
from beds.domain.needs import is_with_an_adult
from beds.domain.referral import Person, Placement, Referral
from beds.domain.terms import SERVED_NATIONS, BedRef, Nation, ReferralRef
from optimiser.length_of_stay import StayRecords
from optimiser.stays import Floats

LEAST_HOUSEHOLDS: Final = 100
LEAST_DAYS: Final = 180
LEAST_DEPARTURES: Final = 50
MOST_UNEVEN: Final = 3
"""Ours: what own records need, to be used in place of published figures. So many households over so many
days; for stays, so many departures; and the last 13 weeks with no more than so many times the households of
the 13 before, or else the records do not go back as far as they seem to."""
MOST_WEEKS: Final = 52
QUARTER_WEEKS: Final = 13
WATCHED_DAYS: Final = 730
"""Only what happened in the last two years counts for stays: they have become shorter since 2023."""
ONE_WEEK: Final = timedelta(days=7)


@dataclass(frozen=True)
class NationHistory:
    """The records of one nation.

    Attributes
    ----------
    weeks : ndarray, shape (k,)
        Households with an adult that asked for a place in each whole week up to `until`, the oldest first.
    until : date
        The first day after the last of those weeks.
    households : tuple of referrals with their people
        Those who asked in the last year, up to and without today.
    stays : StayRecords
        Households' stays in sites of the nation, moves between sites being part of one stay.
    watched_days : int
        Over how many days departures have been watched.
    """

    weeks: Floats
    until: date
    households: tuple[tuple[Referral, tuple[Person, ...]], ...]
    stays: StayRecords
    watched_days: int

    @property
    def mix_wanting(self) -> str:
        """Return why what households need is not gone by, as a sentence; nothing where it is."""
        count, days = int(self.weeks.sum()), 7 * len(self.weeks)
        if count >= LEAST_HOUSEHOLDS and days >= LEAST_DAYS:
            return ""
        return f"{count} households in {days} days on record: {LEAST_HOUSEHOLDS} in {LEAST_DAYS} are needed."

    @property
    def arrivals_wanting(self) -> str:
        """Return why arrivals are not gone by, as a sentence; nothing where they are."""
        if self.mix_wanting:
            return self.mix_wanting
        lately, before = (
            self.weeks[-QUARTER_WEEKS:].sum(),
            self.weeks[-2 * QUARTER_WEEKS : -QUARTER_WEEKS].sum(),
        )
        if lately > MOST_UNEVEN * before:
            return (
                f"The last {QUARTER_WEEKS} weeks have more than {MOST_UNEVEN} times the households of the "
                f"{QUARTER_WEEKS} before: the records do not seem to go back far enough."
            )
        return ""

    @property
    def stays_wanting(self) -> str:
        """Return why stays are not gone by, as a sentence; nothing where they are."""
        count, left = len(self.stays), int(self.stays.ended.sum())
        if count >= LEAST_HOUSEHOLDS and left >= LEAST_DEPARTURES and self.watched_days >= LEAST_DAYS:
            return ""
        return (
            f"{count} stays and {left} departures in {self.watched_days} days on record: {LEAST_HOUSEHOLDS} "
            f"and {LEAST_DEPARTURES} in {LEAST_DAYS} are needed."
        )


@dataclass(frozen=True)
class OwnHistory:
    """The records of the service, by nation."""

    nations: Mapping[Nation, NationHistory]


def own_history(estate: Estate, clock: Clock, *, watched_from: date | None = None) -> OwnHistory:
    """Return what the records of an estate say of arrivals and stays.

    Parameters
    ----------
    estate : all that is on record, those who have left among it
    watched_from : date, optional
        Since when departures are on record; if not stated, since the day before the first one. Of whoever
        left earlier nothing is known, and stays from before are counted from then on only.
    """
    watched_from = watched_from or _first_departure(estate.placements) or clock.today
    watched_from = max(watched_from, clock.today - timedelta(days=WATCHED_DAYS))
    arrivals = _arrivals(estate, clock.today)
    stays = _stays(estate, clock.today, watched_from)
    watched_days = (clock.today - watched_from).days
    return OwnHistory(
        {
            nation: NationHistory(
                weeks=_weeks(
                    [london_date(referral.received_at) for referral, _ in arrivals[nation]], clock.today
                ),
                until=clock.today,
                households=tuple(arrivals[nation]),
                stays=_records(stays[nation]),
                watched_days=watched_days,
            )
            for nation in SERVED_NATIONS
        }
    )


def _first_departure(placements: Sequence[Placement]) -> date | None:
    ended = (placement.ended_on for placement in placements if placement.ended_on is not None)
    first = min(ended, default=None)
    return None if first is None else first - timedelta(days=1)


def _arrivals(estate: Estate, today: date) -> dict[Nation, list[tuple[Referral, tuple[Person, ...]]]]:
    since = today - MOST_WEEKS * ONE_WEEK
    found: dict[Nation, list[tuple[Referral, tuple[Person, ...]]]] = defaultdict(list)
    for referral in estate.referrals:
        if since <= london_date(referral.received_at) < today:
            people = estate.people_of.get(referral.referral_id, ())
            if is_with_an_adult(people):
                found[referral.nation].append((referral, people))
    return found


def _weeks(days: Sequence[date], today: date) -> Floats:
    """Return the households of each whole week before today, from the first that has been recorded."""
    if not days:
        return np.zeros(0)
    ago = np.array([(today - day).days for day in days])
    counts = np.bincount((ago - 1) // 7, minlength=MOST_WEEKS).astype(np.float64)
    recorded = (today - min(days)).days // 7
    return counts[:recorded][::-1]


def _stays(estate: Estate, today: date, watched_from: date) -> dict[Nation, list[tuple[int, bool, int]]]:
    """Return (nights, ended, watched after) of every stay that was watched for a night or more."""
    by_household: dict[ReferralRef, list[Placement]] = defaultdict(list)
    for placement in estate.placements:
        if placement.starts_on < today and (
            placement.ended_on is None or placement.ended_on > placement.starts_on
        ):
            by_household[placement.referral_id].append(placement)
    site_of_bed = {bed.bed_id: estate.unit_by_id[bed.unit_id].site_id for bed in estate.beds}
    found: dict[Nation, list[tuple[int, bool, int]]] = defaultdict(list)
    for placements in by_household.values():
        for starts_on, ended_on, bed_id in _whole_stays(placements):
            ended = ended_on is not None and ended_on <= today
            nights = ((ended_on if ended and ended_on else today) - starts_on).days
            after = max((watched_from - starts_on).days, 0)
            if nights > after:
                found[estate.site_by_id[site_of_bed[bed_id]].nation].append((nights, ended, after))
    return found


def _whole_stays(placements: Sequence[Placement]) -> Iterator[tuple[date, date | None, BedRef]]:
    """Yield the stays of one household: beds at once, and beds one after the other, are one stay."""
    starts_on, ends_on, bed_id = date.min, date.min, placements[0].bed_id
    for placement in sorted(placements, key=lambda row: (row.starts_on, row.bed_id)):
        end = placement.ended_on or date.max
        if placement.starts_on > ends_on:
            if starts_on > date.min:
                yield starts_on, _known(ends_on), bed_id
            starts_on, ends_on, bed_id = placement.starts_on, end, placement.bed_id
        ends_on = max(ends_on, end)
    yield starts_on, _known(ends_on), bed_id


def _known(ends_on: date) -> date | None:
    return None if ends_on == date.max else ends_on


def _records(stays: Sequence[tuple[int, bool, int]]) -> StayRecords:
    columns = np.array(sorted(stays), dtype=np.int64).reshape(len(stays), 3)
    return StayRecords(columns[:, 0], columns[:, 1].astype(np.bool_), columns[:, 2])
