"""The instant of a round and the night it is about (`allocation.md` §2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
NIGHT_ENDS_AFTER = timedelta(hours=6)
"""At 02:00 it is still last night: a bed that empties this morning is not free yet."""
INSTANTS_REMEMBERED = 8192


@dataclass(frozen=True, slots=True)
class Clock:
    """One instant, and the dates that follow from it."""

    as_at: datetime

    def __post_init__(self) -> None:
        """Refuse an instant without an offset.

        Raises
        ------
        ValueError
            `as_at` has no offset.
        """
        if self.as_at.tzinfo is None:
            raise ValueError("as_at: a date-time with an offset is needed, such as 2026-03-03T02:00:00+00:00")

    @property
    def today(self) -> date:
        """The night being filled: the date in London six hours before the instant."""
        return _night(self.as_at)

    @property
    def calendar_date(self) -> date:
        """The date in London at the instant itself; a referral needed by then takes part."""
        return london_date(self.as_at)


@lru_cache(maxsize=INSTANTS_REMEMBERED)
def _night(instant: datetime) -> date:
    return (instant - NIGHT_ENDS_AFTER).astimezone(LONDON).date()


@lru_cache(maxsize=INSTANTS_REMEMBERED)
def london_date(instant: datetime) -> date:
    """Return the date in London at an instant that has an offset.

    Remembered, because it is asked of the same few instants for every stay and every household.
    """
    return instant.astimezone(LONDON).date()
