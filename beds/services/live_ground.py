"""The estate as it is now, compiled and kept in memory by a process that answers many.

Reading the whole estate takes a second or two and compiling it tens of milliseconds; a change takes a few. So
the audit is asked at each answer whether anything has changed, and only what has is read and compiled again.
The answers are those of an estate that was read afresh.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Final

from beds.domain.availability import patched_standing
from beds.domain.clock import Clock
from beds.domain.estate import Estate, Exchange
from beds.domain.households import Vocabulary
from beds.domain.terms import BedRef
from beds.services.freezing import Ground
from beds.store.changes import Mark, changes_since, newest_mark, read_again
from beds.store.loading import Records, load_records
from beds.transactions import WRITER

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlmodel import Session

TRUSTED_FOR: Final = timedelta(seconds=5).total_seconds()
"""A reader who began before the last change sees an audit that ends earlier; so does everybody once an older
backup was restored. What was found current so lately is not an older backup's."""
EVER: Final = (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class _Kept:
    """What is in memory: the records by identifier, the ground made of them, and their place in the audit.

    `since`, `until`: between these instants no hold runs out.
    """

    mark: Mark
    records: Records
    ground: Ground
    since: datetime
    until: datetime

    def is_good_at(self, clock: Clock) -> bool:
        """Return whether nothing has changed by the clock alone."""
        return self.ground.clock.today == clock.today and self.since <= clock.as_at < self.until


class LiveGround:
    """The live estate of one database; any number of threads may ask for it."""

    def __init__(self) -> None:
        """Begin with nothing in memory: the first to ask reads everything."""
        self._lock = Lock()
        self._kept: _Kept | None = None
        self._found_current_at = 0.0

    def ground(self, session: Session, clock: Clock) -> Ground:
        """Return the estate compiled at an instant, as the session sees it or as it is since.

        Parameters
        ----------
        session : one that reads (`beds.database.reading`); what a writer has not committed is not kept

        Raises
        ------
        ValueError
            The session is a writer's.
        """
        if _may_have_changed_something(session):
            raise ValueError("the live ground is read in a reading session, before or after a change")
        kept = self._kept
        if kept is None or not kept.is_good_at(clock) or not self._is_current(session, kept):
            # One refreshes; who waits for it finds it done.
            with self._lock:
                kept = self._refreshed(session, clock)
        return replace(kept.ground, clock=clock)

    def _is_current(self, session: Session, kept: _Kept) -> bool:
        changes = changes_since(session, kept.mark)
        if changes is None or changes.until != kept.mark:
            return False
        self._found_current_at = monotonic()
        return True

    def _refreshed(self, session: Session, clock: Clock) -> _Kept:
        kept = self._kept
        if kept is None or kept.ground.clock.today != clock.today:
            return self._keep(*_read_everything(session, clock))
        changes = changes_since(session, kept.mark)
        if changes is None:
            lately = monotonic() - self._found_current_at < TRUSTED_FOR
            if not lately or newest_mark(session).sequence >= kept.mark.sequence:
                return self._keep(*_read_everything(session, clock))
            mark, exchange = kept.mark, Exchange({}, {})
        else:
            mark, exchange = changes.until, Exchange({}, {})
            if changes:
                exchange = read_again(session, kept.records, changes, day=clock.today)
        # Should this fail, the records would be ahead of the ground: the next to ask reads everything.
        self._kept = None
        return self._keep(mark, kept.records, ground_after(kept.ground, exchange, clock))

    def _keep(self, mark: Mark, records: Records, ground: Ground) -> _Kept:
        since, until = _no_hold_runs_out(ground.estate, ground.clock)
        kept = _Kept(mark, records, ground, since, until)
        self._found_current_at = monotonic()
        self._kept = kept
        return kept


def ground_after(ground: Ground, exchange: Exchange, clock: Clock) -> Ground:
    """Return a ground after some rows have changed and time has passed within one night.

    It says what `Ground.of` would of the whole estate; `ground` stays as it is.
    """
    estate = ground.estate.exchanged(exchange) if exchange else ground.estate
    people = exchange.new.get("people", ())
    words = Vocabulary.of(Estate().with_rows(referrals=exchange.new.get("referrals", ()), people=people))
    if any(exchange.rows("sites", "units", "beds")) or not ground.words.covers(words):
        return Ground.of(estate, clock)
    beds = {row.bed_id for row in exchange.rows("closures", "holds", "placements")}  # type: ignore[attr-defined]
    beds.update(_runs_out_between(estate, ground.clock, clock))
    referrals = {row.referral_id for row in exchange.rows("people")}  # type: ignore[attr-defined]
    stands = ground.standing
    if beds or referrals:
        stands = patched_standing(stands, estate, clock, beds=beds, referrals=referrals)
    return replace(ground, estate=estate, clock=clock, standing=stands)


def _may_have_changed_something(session: Session) -> bool:
    options = session.connection().get_execution_options()
    return bool(options.get(WRITER)) or options.get("isolation_level") == "SERIALIZABLE"


def _read_everything(session: Session, clock: Clock) -> tuple[Mark, Records, Ground]:
    mark = newest_mark(session)
    records = load_records(session, current_only_from=clock.today)
    return mark, records, Ground.of(records.estate(), clock)


def _runs_out_between(estate: Estate, one: Clock, other: Clock) -> Iterable[BedRef]:
    return (hold.bed_id for hold in estate.holds if hold.in_force(one.as_at) != hold.in_force(other.as_at))


def _no_hold_runs_out(estate: Estate, clock: Clock) -> tuple[datetime, datetime]:
    """Return the last end of a hold by now, and the next one."""
    ends = [*EVER, *(hold.expires_at for hold in estate.holds)]
    return max(e for e in ends if e <= clock.as_at), min(e for e in ends if e > clock.as_at)
