"""The time of a demonstration: it begins at the instant that its data is of, and ticks on from there.

So a demonstration works in any year: what is vacant "tonight" is vacant on the night of its data. When it was
made is kept in the database itself, among what that says about itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sqlmodel import Session

MADE_AT: Final = "demonstration made at"
BEGINS_AT: Final = "demonstration begins at"


@dataclass(frozen=True, slots=True)
class DemoClock:
    """When a demonstration was made, and the instant that its data is of."""

    made_at: datetime
    begins_at: datetime

    def time_in_it(self, now: datetime) -> datetime:
        """Return the time in the demonstration; it does not go back, should the machine's clock do so.

        Examples
        --------
        >>> from datetime import UTC
        >>> made, begins = datetime(2031, 1, 1, tzinfo=UTC), datetime(2026, 11, 23, 18, tzinfo=UTC)
        >>> DemoClock(made, begins).time_in_it(datetime(2031, 1, 1, 2, 30, tzinfo=UTC)).isoformat()
        '2026-11-23T20:30:00+00:00'
        """
        return max(self.begins_at, self.begins_at + (now - self.made_at))


def start_demo_clock(session: Session, begins_at: datetime, *, made_at: datetime) -> DemoClock:
    """Return the clock of a demonstration, started now unless it runs already."""
    from beds.domain.records import METADATA

    found = demo_clock(session)
    if found is not None:
        return found
    marks = METADATA.tables["database_mark"]
    stated = {MADE_AT: made_at, BEGINS_AT: begins_at}
    session.execute(
        marks.insert(), [{"name": name, "value": instant.isoformat()} for name, instant in stated.items()]
    )
    return DemoClock(made_at, begins_at)


def demo_clock(session: Session) -> DemoClock | None:
    """Return the clock of a demonstration; None where it was never started, and time is what it is."""
    from sqlalchemy import select

    from beds.domain.records import METADATA

    marks = METADATA.tables["database_mark"]
    rows = session.execute(select(marks.c.name, marks.c.value).where(marks.c.name.in_([MADE_AT, BEGINS_AT])))
    found = {row.name: datetime.fromisoformat(row.value) for row in rows}
    return DemoClock(found[MADE_AT], found[BEGINS_AT]) if len(found) == 2 else None
