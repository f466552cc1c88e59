"""Which cases are due to be anonymised, and what is taken out of the database when they are.

What stays is for statistics: that there was a referral, of which nation and priority, from when to when, and
the nights in which beds. What was sealed with the case's key is not touched here: it cannot be read anywhere,
backups included, once the key is destroyed (`beds.services.retention`).
"""

from __future__ import annotations

import secrets
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any, Final

from sqlalchemy import Column, Row, Table, and_, bindparam, func, select
from sqlmodel import Session

from beds.domain.records import METADATA
from beds.domain.terms import PlacementState, ReferralStatus
from beds.sealing import case_keys

_TABLES = METADATA.tables
REFERRAL, SURVIVOR, PERSON = (_TABLES[name] for name in ("referral", "survivor", "person"))
KEEP_APART, DECLINE, AREA = (_TABLES[name] for name in ("keep_apart", "decline", "exclusion_area"))
PLACEMENT, PLACEMENT_BED = _TABLES["placement"], _TABLES["placement_bed"]
ACCESS, FINGERPRINT = _TABLES["case_access"], _TABLES["import_fingerprint"]

OVER: Final = frozenset({ReferralStatus.CLOSED, ReferralStatus.MOVED_ON})
KEPT_APART, STILL_IN_A_BED = "kept_apart_from_a_case_still_kept", "still_in_a_bed"
FORGOTTEN: Final = "anonymised"
"""In place of a record's fingerprint: nothing can be tried against it, and no import brings it back."""
CLEARED: Final[Mapping[str, object]] = {
    "no_shelter_tonight": None,
    "detention_risk": None,
    "expected_stay_days": None,
    "min_security_level": None,
    "services_required": frozenset(),
    "needs_step_free": None,
    "language_required": None,
    "cross_border": None,
    "accepts_sharing": None,
    "risk_to_others": None,
    "acceptable_site_genders": frozenset(),
    "preferred_regions": frozenset(),
    "first_responder": "",
    "exploitation_type": "",
    "nrm_status": "",
    "notes": None,
    "reasonable_grounds_on": None,
    "conclusive_grounds_on": None,
    "conclusive_grounds": None,
    "close_reason": None,
}
"""What a referral says of a person, and what it says once it is anonymised."""

AT_ONCE: Final = 500
Cases = Mapping[str, tuple[str, ...]]
"""Referrals by survivor."""


@dataclass(frozen=True, slots=True)
class DueCases:
    """Whose cases are due, and how many survivors' are old enough and kept all the same, by reason."""

    cases: Cases
    kept_back: Mapping[str, int]


def due_cases(session: Session, before: datetime) -> DueCases:
    """Return the cases of survivors all of whose referrals were over before an instant.

    A referral is over when it is closed or moved on: since it was closed or, if later, its last stay ended;
    one that came with a folder and says neither, since it was received. A survivor who must be kept apart
    from somebody whose cases are still needed is kept: whom to keep apart would be forgotten otherwise.
    """
    stays, gone = _stays(session), case_keys(session).destroyed()
    cases: dict[str, list[str]] = defaultdict(list)
    reason: dict[str, str | None] = {}
    for row in session.execute(select(REFERRAL).where(REFERRAL.c.anonymised_at.is_(None))):
        if row.referral_id in gone:
            continue
        cases[row.survivor_id].append(row.referral_id)
        if row.status not in OVER or _over_since(row, stays) >= before:
            reason[row.survivor_id] = None
        elif stays.get(row.referral_id, (None, 0))[1]:
            reason.setdefault(row.survivor_id, STILL_IN_A_BED)
    due = cases.keys() - reason.keys()
    kept = Counter(why for why in reason.values() if why)
    apart = _kept_with_others(session, due)
    if apart:
        kept[KEPT_APART] = len(apart)
    return DueCases({survivor: tuple(sorted(cases[survivor])) for survivor in sorted(due - apart)}, kept)


def destroyed_here(session: Session) -> tuple[Cases, Cases]:
    """Return the cases whose keys were destroyed and which are not anonymised here: they were restored.

    First those of survivors all of whose cases are such, then those of the others.
    """
    gone = case_keys(session).destroyed()
    found: dict[str, list[str]] = defaultdict(list)
    others: set[str] = set()
    columns = (REFERRAL.c.survivor_id, REFERRAL.c.referral_id)
    for survivor, referral in session.execute(select(*columns).where(REFERRAL.c.anonymised_at.is_(None))):
        if referral in gone:
            found[survivor].append(referral)
        else:
            others.add(survivor)
    return (
        {survivor: tuple(sorted(refs)) for survivor, refs in found.items() if survivor not in others},
        {survivor: tuple(sorted(refs)) for survivor, refs in found.items() if survivor in others},
    )


def anonymised_with_keys(session: Session) -> frozenset[str]:
    """Return the cases that are anonymised in the database and whose keys are not destroyed yet."""
    found = session.scalars(select(REFERRAL.c.referral_id).where(REFERRAL.c.anonymised_at.is_not(None)))
    return frozenset(found) - case_keys(session).destroyed()


def take_out(session: Session, cases: Cases, *, at: datetime, whole: bool = True) -> int:
    """Take out of the database what these cases say of anybody; return how many people there were.

    Parameters
    ----------
    whole : these are all the cases of their survivors, so that what belongs to the survivor goes with them
    """
    if not cases:
        return 0
    if session.get_bind().dialect.name == "sqlite":
        # What is freed in the file is overwritten, not left for whoever looks at its bytes.
        session.connection().exec_driver_sql("PRAGMA secure_delete=ON")
    names = {survivor: f"anonymised:{secrets.token_hex(8)}" for survivor in cases}
    referrals = [referral for refs in cases.values() for referral in refs]
    people = _found(session, PERSON.c.person_id, PERSON.c.referral_id, referrals)
    _empty_referrals(session, cases, names, at)
    if whole:
        _forget_survivors(session, names)
    _forget_people(session, referrals)
    _forget_fingerprints(session, "people", people)
    _forget_fingerprints(session, "referrals", referrals)
    return len(people)


def people_of(session: Session, cases: Cases) -> int:
    """Return how many people there are in these cases."""
    referrals = [referral for refs in cases.values() for referral in refs]
    return len(_found(session, PERSON.c.person_id, PERSON.c.referral_id, referrals))


def _stays(session: Session) -> dict[str, tuple[Any, int]]:
    """Return, by referral, when its last stay ended, and how many beds it has not left."""
    present = and_(
        PLACEMENT_BED.c.ended_on.is_(None),
        PLACEMENT.c.state.in_([PlacementState.EXPECTED, PlacementState.ARRIVED]),
    )
    found = session.execute(
        select(
            PLACEMENT.c.referral_id,
            func.max(PLACEMENT_BED.c.ended_on),
            func.count().filter(present),
        )
        .join(PLACEMENT_BED)
        .group_by(PLACEMENT.c.referral_id)
    )
    return {referral: (ended_on, there) for referral, ended_on, there in found}


def _over_since(row: Row[Any], stays: Mapping[str, tuple[Any, int]]) -> datetime:
    ended_on, _ = stays.get(row.referral_id, (None, 0))
    known: list[datetime] = [] if row.closed_at is None else [row.closed_at]
    if ended_on is not None:
        known.append(datetime.combine(ended_on, time(), UTC))
    return max(known, default=row.received_at)


def _kept_with_others(session: Session, due: Iterable[str]) -> set[str]:
    """Return those who must be kept apart from somebody who is kept, be it for this very reason."""
    pairs = session.execute(select(KEEP_APART.c.survivor_id_a, KEEP_APART.c.survivor_id_b)).all()
    going, kept = set(due), set[str]()
    while True:
        more = {
            one for a, b in pairs for one, other in ((a, b), (b, a)) if one in going and other not in going
        }
        if not more:
            return kept
        going -= more
        kept |= more


def _empty_referrals(session: Session, cases: Cases, names: Mapping[str, str], at: datetime) -> None:
    """Clear what referrals say; those of one survivor stay together under a name that says nothing."""
    connection = session.connection()
    connection.execute(SURVIVOR.insert(), [{"survivor_id": name} for name in names.values()])
    connection.execute(
        REFERRAL.update()
        .where(REFERRAL.c.referral_id == bindparam("key"))
        .values(
            survivor_id=bindparam("name"), anonymised_at=at, version=REFERRAL.c.version + 1, **dict(CLEARED)
        ),
        [
            {"key": referral, "name": names[survivor]}
            for survivor, referrals in cases.items()
            for referral in referrals
        ],
    )


def _forget_survivors(session: Session, names: Mapping[str, str]) -> None:
    """Take out survivors: whom they must be kept apart from, where they are not safe, why they said no."""
    declines = _found(session, DECLINE.c.decline_id, DECLINE.c.survivor_id, names)
    pairs = {
        pair
        for column in (KEEP_APART.c.survivor_id_a, KEEP_APART.c.survivor_id_b)
        for pair in _found(session, KEEP_APART.c.keep_apart_id, column, names)
    }
    session.connection().execute(
        DECLINE.update()
        .where(DECLINE.c.survivor_id == bindparam("key"))
        .values(survivor_id=bindparam("name"), reason=""),
        [{"key": survivor, "name": name} for survivor, name in names.items()],
    )
    _delete(session, KEEP_APART, KEEP_APART.c.keep_apart_id, pairs)
    _delete(session, AREA, AREA.c.survivor_id, names)
    _delete(session, SURVIVOR, SURVIVOR.c.survivor_id, names)
    _forget_fingerprints(session, "declines", declines)
    _forget_fingerprints(session, "keep_apart", pairs)


def _forget_people(session: Session, referrals: Iterable[str]) -> None:
    """Take out the people of cases: the nights stay, and nobody slept in them."""
    placements = _found(session, PLACEMENT.c.placement_id, PLACEMENT.c.referral_id, referrals)
    if placements:
        session.connection().execute(
            PLACEMENT_BED.update()
            .where(PLACEMENT_BED.c.placement_id == bindparam("key"))
            .values(person_id=None),
            [{"key": placement} for placement in placements],
        )
    _delete(session, PERSON, PERSON.c.referral_id, referrals)
    _delete(session, ACCESS, ACCESS.c.referral_id, referrals)


def _forget_fingerprints(session: Session, table: str, records: Iterable[str]) -> None:
    rows = [{"key": record} for record in records]
    if rows:
        session.connection().execute(
            FINGERPRINT.update()
            .where(FINGERPRINT.c.table_name == table, FINGERPRINT.c.record_id == bindparam("key"))
            .values(fingerprint=FORGOTTEN),
            rows,
        )


def _found(session: Session, wanted: Column[str], column: Column[str], keys: Iterable[str]) -> list[str]:
    """Return a column of the rows in which another has one of these values."""
    stated = sorted(keys)
    batches = (stated[start : start + AT_ONCE] for start in range(0, len(stated), AT_ONCE))
    return [found for batch in batches for found in session.scalars(select(wanted).where(column.in_(batch)))]


def _delete(session: Session, table: Table, column: Column[str], keys: Iterable[str]) -> None:
    rows = [{"key": key} for key in keys]
    if rows:
        session.connection().execute(table.delete().where(column == bindparam("key")), rows)
