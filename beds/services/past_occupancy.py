"""How full the estate was, week by week: beds in use on the average night, by nation."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from sqlmodel import Session

from beds.domain.clock import Clock
from beds.domain.measures import BedHistory, bed_nights
from beds.errors import BadInput
from beds.roles import Actor, Permission, require
from beds.store.histories import load_histories

DAYS_A_WEEK: Final = 7
MOST_WEEKS: Final = 104


@dataclass(frozen=True, slots=True)
class Week:
    """One week that is over: `in_use` and `usable` beds (stock − closed) on its average night."""

    starts_on: date
    in_use: float
    usable: float


def past_weeks(session: Session, actor: Actor, *, weeks: int, clock: Clock) -> dict[str, tuple[Week, ...]]:
    """Return the last so many weeks by nation, the oldest first; the last ends with the night before tonight.

    Raises
    ------
    NotPermitted
        The actor may not see occupancy.
    BadInput
        The number of weeks is out of range.
    """
    require(actor, Permission.SEE_OCCUPANCY)
    if not 1 <= weeks <= MOST_WEEKS:
        raise BadInput(f"weeks: 1 to {MOST_WEEKS} are accepted")
    first = clock.today - timedelta(days=DAYS_A_WEEK * weeks)
    beds: dict[str, list[BedHistory]] = defaultdict(list)
    for bed in load_histories(session, first, clock.today, clock=clock):
        beds[bed.nation].append(bed.history)
    starts = [first + timedelta(days=DAYS_A_WEEK * week) for week in range(weeks)]
    return {nation: tuple(_week(found, start) for start in starts) for nation, found in sorted(beds.items())}


def _week(beds: list[BedHistory], starts_on: date) -> Week:
    nights = bed_nights(beds, starts_on, starts_on + timedelta(days=DAYS_A_WEEK))
    return Week(starts_on, nights.occupied / DAYS_A_WEEK, (nights.stock - nights.closed) / DAYS_A_WEEK)
