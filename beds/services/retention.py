"""Retention: cases that have been over for long are anonymised, for good and in every copy there is.

First the database, then the keys: whatever stops in between is finished by the next run. What was sealed with
a destroyed key (people, notes, frozen rounds, details of the audit) cannot be read in any backup either, and
what a restore brings back of such a case is taken out again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from beds.domain.clock import Clock
from beds.errors import BadInput
from beds.roles import Actor, Permission, require

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from sqlmodel import Session

MOST_DAYS = 36_500


@dataclass(frozen=True, slots=True)
class AnonymiseReport:
    """What was anonymised, or would be.

    `kept_back` are survivors whose cases are old enough and stay all the same, by reason; `again` are cases
    that a restore had brought back, `finished` those whose keys an earlier run had left.
    """

    dry_run: bool
    cases: int
    survivors: int
    people: int
    again: int
    finished: int
    kept_back: Mapping[str, int] = field(default_factory=dict)


def anonymise_cases(
    engine: Engine, actor: Actor, *, clock: Clock, retention_days: int, dry_run: bool = False
) -> AnonymiseReport:
    """Anonymise the cases that are due and destroy their keys; return what was done.

    Raises
    ------
    NotPermitted
        The actor may not.
    BadInput
        `retention_days` is out of range.
    DatabaseUnavailable
        The database or the store of case keys is busy, missing, or cannot be used.
    """
    from beds.database import reading, writing

    with (reading if dry_run else writing)(engine) as session:
        report = anonymise(session, actor, clock=clock, retention_days=retention_days, dry_run=dry_run)
    if not dry_run:
        with reading(engine) as session:
            destroy_keys(session, actor, clock=clock)
    return report


def anonymise(
    session: Session, actor: Actor, *, clock: Clock, retention_days: int, dry_run: bool = False
) -> AnonymiseReport:
    """Take the cases that are due out of the database and return what was done; their keys come after.

    A survivor's cases are due when all of them have been over for longer than the period; with `dry_run`
    nothing is changed, and the report says what would be. `destroy_keys` follows the commit.

    Raises
    ------
    NotPermitted
        The actor may not.
    BadInput
        `retention_days` is out of range.
    DatabaseUnavailable
        The store of case keys is missing, another database's, or cannot be used.
    """
    from beds.audit import record
    from beds.sealing import require_own_store
    from beds.store.anonymising import (
        anonymised_with_keys,
        destroyed_here,
        due_cases,
        people_of,
        take_out,
    )
    from beds.store.reencrypting import to_case_keys

    require(actor, Permission.MAINTAIN)
    if not 1 <= retention_days <= MOST_DAYS:
        raise BadInput(f"retention_days: 1 to {MOST_DAYS} are accepted")
    require_own_store(session)
    finished = len(anonymised_with_keys(session))
    if dry_run:
        again = sum(len(refs) for found in destroyed_here(session) for refs in found.values())
    else:
        again = reapply_destructions(session, actor, at=clock.as_at)
        # A destroyed key makes unreadable what is under it, and nothing else.
        to_case_keys(session)
    due = due_cases(session, clock.as_at - timedelta(days=retention_days))
    cases = sum(map(len, due.cases.values()))
    people = people_of(session, due.cases) if dry_run else take_out(session, due.cases, at=clock.as_at)
    if cases and not dry_run:
        kept = sum(due.kept_back.values())
        counts = {"cases": cases, "survivors": len(due.cases), "people": people, "kept_back": kept}
        record(session, actor.user_id, "cases_anonymised", "cases", counts, at=clock.as_at)
    return AnonymiseReport(dry_run, cases, len(due.cases), people, again, finished, due.kept_back)


def destroy_keys(session: Session, actor: Actor, *, clock: Clock) -> int:
    """Destroy the keys of the cases that are anonymised in the database; return how many there were.

    The session must not be the one that anonymised them: what is not committed may yet be undone, and a key
    that is destroyed cannot.

    Raises
    ------
    NotPermitted
        The actor may not.
    DatabaseUnavailable
        The store of case keys cannot be written.
    """
    from beds.sealing import case_keys
    from beds.store.anonymising import anonymised_with_keys

    require(actor, Permission.MAINTAIN)
    left = anonymised_with_keys(session)
    if left:
        case_keys(session).destroy(left, at=clock.as_at)
    return len(left)


def reapply_destructions(session: Session, actor: Actor, *, at: datetime) -> int:
    """Anonymise again what a restore brought back of cases whose keys were destroyed; return how many.

    Raises
    ------
    NotPermitted
        The actor may not.
    DatabaseUnavailable
        The store of case keys cannot be read.
    """
    from beds.audit import record
    from beds.store.anonymising import destroyed_here, take_out

    require(actor, Permission.MAINTAIN)
    whole, partly = destroyed_here(session)
    people = take_out(session, whole, at=at) + take_out(session, partly, at=at, whole=False)
    cases = sum(len(refs) for found in (whole, partly) for refs in found.values())
    if cases:
        counts = {"cases": cases, "people": people}
        record(session, actor.user_id, "cases_anonymised_again", "cases", counts, at=at)
    return cases
