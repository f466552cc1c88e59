"""What has changed since a number of the audit, and the rows to read again because of it.

Every change writes its event in its own transaction, with the case and the site that it changed: who keeps
the estate in memory reads those again and nothing else. What cannot be told so is `None`: read everything.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Select, or_, select, union
from sqlmodel import Session

from beds.domain.estate import Exchange
from beds.domain.records import METADATA
from beds.store.loading import (
    BED,
    CLOSURE,
    CURRENT_STATUSES,
    HOLD,
    HOLD_BED,
    PLACEMENT,
    PLACEMENT_BED,
    REFERRAL,
    SITE,
    UNIT,
    Records,
    Scope,
    holds_of,
    records_within,
    stays_of,
)
from beds.store.rounds import ROUND_SAVED

EVENTS = METADATA.tables["audit_event"]

MOST_EVENTS: Final = 300
"""With more to catch up on than this, reading everything is not slower."""
LEAVES_THE_ESTATE: Final = frozenset(
    {
        ROUND_SAVED,
        "database_backed_up",
        "forecast_kept",
        "keys_dropped",
        "keys_rotated",
        "provider_contact_set",
        "scenario_changed",
        "scenario_saved",
        "scenario_withdrawn",
        "token_issued",
        "user_added",
        "user_revoked",
    }
)
"""Actions without a case or a site that change nothing of the estate; after any other, all of it is read."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in the audit: the number of an event and its code, which stands for all before it."""

    sequence: int = 0
    mac: str = ""


@dataclass(frozen=True, slots=True)
class Changes:
    """What happened up to a place in the audit: the cases and the sites that were changed."""

    until: Mark
    referrals: frozenset[str] = frozenset()
    sites: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        """Whether there is anything to read again."""
        return bool(self.referrals or self.sites)


def newest_mark(session: Session) -> Mark:
    """Return the place in the audit that this transaction sees as its end."""
    columns = (EVENTS.c.sequence, EVENTS.c.mac)
    newest = session.execute(select(*columns).order_by(EVENTS.c.sequence.desc()).limit(1)).one_or_none()
    return Mark(newest.sequence, newest.mac) if newest else Mark()


def changes_since(session: Session, mark: Mark) -> Changes | None:
    """Return what has changed since a place in the audit, or None where everything has to be read.

    None: the place is not in this audit (a backup was restored, or the transaction began before it), there is
    too much, or an event does not say what it changed.
    """
    columns = (EVENTS.c[name] for name in ("sequence", "mac", "action", "referral_id", "site_id"))
    found = session.execute(
        select(*columns)
        .where(EVENTS.c.sequence >= mark.sequence)
        .order_by(EVENTS.c.sequence)
        .limit(MOST_EVENTS + 2)
    ).all()
    if mark.sequence and (not found or (found[0].sequence, found[0].mac) != (mark.sequence, mark.mac)):
        return None
    since = found[1:] if mark.sequence else found
    if len(since) > MOST_EVENTS or any(map(_says_not_what, since)):
        return None
    return Changes(
        until=Mark(since[-1].sequence, since[-1].mac) if since else mark,
        referrals=frozenset(event.referral_id for event in since if event.referral_id),
        sites=frozenset(event.site_id for event in since if event.site_id),
    )


def read_again(session: Session, records: Records, changes: Changes, *, day: date) -> Exchange:
    """Bring records up to date, in place, and return the rows that are gone from them and new in them.

    Parameters
    ----------
    records : what matters from `day` on, as it was before the changes
    changes : the cases and sites to read again; of a case, everything about its survivor
    """
    survivors = _survivors_of(session, records, changes, day)
    part = records_within(session, _Changed(survivors, changes.sites, day))
    _leave_out_what_is_over(part, survivors)
    stale = _records_about(records, part, survivors.keys(), changes.sites)
    kept_referrals = (records.referrals.keys() - stale["referrals"]) | part.referrals.keys()
    part.keep_apart = {
        pair_id: pair
        for pair_id, pair in part.keep_apart.items()
        # With somebody who is nowhere and waits for nothing there is nobody to meet.
        if pair.referral_id_a in kept_referrals and pair.referral_id_b in kept_referrals
    }
    gone: dict[str, tuple[object, ...]] = {}
    new: dict[str, tuple[object, ...]] = {}
    for table, record_ids in stale.items():
        gone[table], new[table] = _exchange(getattr(records, table), record_ids, getattr(part, table))
    return Exchange(gone, new)


class _Changed(Scope):
    """The rows about some survivors and some sites that can matter from a day on."""

    def __init__(self, survivors: Mapping[str, str], sites: Iterable[str], day: date) -> None:
        super().__init__(day)
        self._survivor_ids = sorted(set(survivors.values()))
        referrals, in_sites = sorted(survivors), sorted(sites)
        self.sites = SITE.c.site_id.in_(in_sites)
        self.units = UNIT.c.site_id.in_(in_sites)
        beds = _beds_in(in_sites)
        self.beds = BED.c.bed_id.in_(beds)
        self.closures &= CLOSURE.c.bed_id.in_(beds)
        self.holds &= holds_of(referrals, beds)
        self.stays &= stays_of(referrals, beds)

    def about(self, *survivors: ColumnElement[str]) -> ColumnElement[bool]:
        """Say that one of these survivors is one whose case has changed."""
        return or_(*(survivor.in_(self._survivor_ids) for survivor in survivors))


def _says_not_what(event: Row[Any]) -> bool:
    return not event.referral_id and not event.site_id and event.action not in LEAVES_THE_ESTATE


def _beds_in(sites: Iterable[str]) -> Select[Any]:
    return select(BED.c.bed_id).join(UNIT).where(UNIT.c.site_id.in_(sorted(sites)))


def _survivors_of(session: Session, records: Records, changes: Changes, day: date) -> dict[str, str]:
    """Return every referral of the survivors whose cases have changed, with the survivor that it now has.

    A referral may have been found to be another survivor's: those of the former one are among them. So are
    those of whoever is in one of the sites and is not in the records yet.
    """
    named = set(changes.referrals)
    if changes.sites:
        scope = Scope(day)
        beds = _beds_in(changes.sites)
        held = select(HOLD.c.referral_id).join(HOLD_BED).where(scope.holds, HOLD_BED.c.bed_id.in_(beds))
        placed = (
            select(PLACEMENT.c.referral_id)
            .join(PLACEMENT_BED)
            .where(scope.stays, PLACEMENT_BED.c.bed_id.in_(beds))
        )
        named.update(set(session.scalars(union(held, placed))) - records.referrals.keys())
    before = {records.referrals[ref].survivor for ref in named if ref in records.referrals}
    named.update(ref for ref, referral in records.referrals.items() if referral.survivor in before)
    now = set(
        session.scalars(select(REFERRAL.c.survivor_id).where(REFERRAL.c.referral_id.in_(sorted(named))))
    )
    columns = (REFERRAL.c.referral_id, REFERRAL.c.survivor_id)
    found = session.execute(select(*columns).where(REFERRAL.c.survivor_id.in_(sorted(now))))
    return {row.referral_id: row.survivor_id for row in found}


def _leave_out_what_is_over(part: Records, survivors: Mapping[str, str]) -> None:
    """Leave out survivors who neither wait nor are in a bed, as `load_records` does of a day."""
    present = {hold.referral_id for hold in part.holds.values()}
    present |= {placement.referral_id for placement in part.placements.values()}
    matter = {
        survivors[ref]
        for ref, referral in part.referrals.items()
        if referral.status in CURRENT_STATUSES or ref in present
    }
    for table in ("referrals", "people", "declines"):
        rows = getattr(part, table)
        kept = {
            key: row for key, row in rows.items() if survivors.get(row.referral_id, row.referral_id) in matter
        }
        setattr(part, table, kept)


def _records_about(
    records: Records, part: Records, referrals: Collection[str], sites: Collection[str]
) -> dict[str, set[str]]:
    """Return the identifiers of what is known so far of some cases and sites, and of what was read again."""
    units = {key for key, unit in records.units.items() if unit.site_id in sites} | part.units.keys()
    beds = {key for key, bed in records.beds.items() if bed.unit_id in units} | part.beds.keys()

    def of_them(table: str) -> set[str]:
        rows = getattr(records, table)
        return {key for key, row in rows.items() if row.referral_id in referrals}

    def in_them(table: str) -> set[str]:
        return {key for key, row in getattr(records, table).items() if row.bed_id in beds}

    return {
        "sites": set(sites),
        "units": units,
        "beds": beds,
        "referrals": set(referrals),
        "people": of_them("people"),
        "closures": in_them("closures"),
        "keep_apart": {
            key
            for key, pair in records.keep_apart.items()
            if pair.referral_id_a in referrals or pair.referral_id_b in referrals
        },
        "declines": of_them("declines"),
        "holds": of_them("holds") | in_them("holds"),
        "placements": of_them("placements") | in_them("placements"),
    }


def _exchange(
    rows: dict[str, Any], stale: Collection[str], read: Mapping[str, Any]
) -> tuple[tuple[object, ...], tuple[object, ...]]:
    """Put what was read in the place of what is stale, and return the rows that are gone and those new."""
    before = {key: rows[key] for key in {*stale, *read} if key in rows}
    for key in before:
        del rows[key]
    rows.update(read)
    gone = tuple(row for key, row in before.items() if read.get(key) != row)
    new = tuple(row for key, row in read.items() if before.get(key) != row)
    return gone, new
