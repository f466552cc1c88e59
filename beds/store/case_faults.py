"""Whether what is kept by case can be read, and whether what was anonymised is so everywhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import Session

from beds.audit import EVENT, EVENTS, sealed_detail
from beds.case_keys import CaseCipher
from beds.domain.records import METADATA
from beds.domain.records.columns import Keyring, keyring_of
from beds.errors import DatabaseUnavailable
from beds.sealing import case_keys, is_sealed, require_own_store
from beds.store.people import NOTES, details_of
from beds.store.rounds import ROUND, frozen_of

REFERRAL, PERSON = METADATA.tables["referral"], METADATA.tables["person"]
PUT_RIGHT = "run `beds db anonymise`"


@dataclass(frozen=True, slots=True)
class _Kept:
    """One value that is kept by case."""

    column: str
    referral_id: str
    purpose: str
    token: str


def case_faults(session: Session) -> list[str]:
    """Return what is wrong with what is kept by case, a fault a line; empty when all of it is sound.

    What was kept of an anonymised case is unreadable, which is no fault.
    """
    try:
        require_own_store(session)
    except DatabaseUnavailable as fault:
        return [f"case keys: {fault}"]
    kept = list(_all_kept(session))
    gone = case_keys(session).destroyed()
    keys = _keys(session, {one.referral_id for one in kept} - gone)
    keyring = keyring_of(session.get_bind().dialect)
    unreadable = Counter(
        one.column
        for one in kept
        if not (is_sealed(one.token) and one.referral_id in gone)
        and not _opens(one, keys.get(one.referral_id), keyring)
    )
    return [
        *(f"encryption: {count} values of {column} cannot be read" for column, count in unreadable.items()),
        *_halfway(session, gone),
    ]


def _halfway(session: Session, gone: frozenset[str]) -> Iterator[str]:
    """Give a fault where an anonymisation has come to one of the two, the database and the keys, only."""
    rows = session.execute(select(REFERRAL.c.referral_id, REFERRAL.c.anonymised_at)).all()
    anonymised = {row.referral_id for row in rows if row.anonymised_at is not None}
    again = sum(row.referral_id in gone for row in rows) - len(anonymised & gone)
    if again:
        yield f"cases: the keys of {again} were destroyed, and they are not anonymised here: {PUT_RIGHT}"
    left = len(anonymised - gone)
    if left:
        yield f"cases: {left} were anonymised and have their keys still: {PUT_RIGHT}"


def _keys(session: Session, referral_ids: set[str]) -> dict[str, CaseCipher]:
    try:
        return case_keys(session).ciphers(referral_ids)
    except DatabaseUnavailable:
        # Wrapped under another encryption key: then no value opens, and each is counted.
        return {}


def _opens(one: _Kept, cipher: CaseCipher | None, keyring: Keyring) -> bool:
    try:
        if not is_sealed(one.token):
            keyring.decrypt(one.token)
            return True
        if cipher is not None:
            cipher.decrypt(one.purpose, one.token)
    except DatabaseUnavailable:
        return False
    return cipher is not None


def _all_kept(session: Session) -> Iterator[_Kept]:
    for person in session.execute(select(PERSON.c.person_id, PERSON.c.referral_id, PERSON.c.details)):
        yield _Kept("person.details", person.referral_id, details_of(person.person_id), person.details)
    noted = select(REFERRAL.c.referral_id, REFERRAL.c.notes).where(REFERRAL.c.notes.is_not(None))
    for referral in session.execute(noted):
        yield _Kept("referral.notes", referral.referral_id, NOTES, referral.notes)
    frozen = select(ROUND.c.run_id, ROUND.c.frozen_cases).where(ROUND.c.frozen_cases.is_not(None))
    for kept_round in session.execute(frozen):
        for referral_id, token in kept_round.frozen_cases.items():
            yield _Kept("allocation_round.frozen_cases", referral_id, frozen_of(kept_round.run_id), token)
    about_cases = select(EVENTS.c.referral_id, EVENTS.c.detail).where(EVENTS.c.referral_id.is_not(None))
    for event in session.execute(about_cases):
        token = sealed_detail(event)
        if token is not None:
            yield _Kept("audit_event.detail", event.referral_id, EVENT, token)
