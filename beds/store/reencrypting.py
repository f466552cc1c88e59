"""Everything that is encrypted, under the newest key; what is older than the keys of cases, under those."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from sqlalchemy import ColumnElement, Table, TableClause, and_, bindparam, column, select, table
from sqlmodel import Session

from beds.domain.records import METADATA
from beds.domain.records.columns import (
    CASE_TOKEN,
    CaseToken,
    EncryptedJson,
    EncryptedText,
    keyring_of,
)
from beds.errors import BadInput
from beds.sealing import case_keys, sealing_keys
from beds.store.frozen import split_problem
from beds.store.people import NOTES, details_of
from beds.store.rounds import ROUND, frozen_of

PERSON, REFERRAL, MARKS = (METADATA.tables[name] for name in ("person", "referral", "database_mark"))
KEY_CHECK: Final = "key_check"


def to_newest_key(session: Session) -> int:
    """Encrypt every value that is under an older key under the newest; return how many there were."""
    keyring = keyring_of(session.get_bind().dialect)

    def newer(_: str, token: str) -> str | None:
        return None if keyring.is_newest(token) else keyring.rotate(token)

    count = sum(_change(session, stored, name, newer) for stored, name in _encrypted())
    for mark in _key_checks(session):
        if not keyring.is_newest(mark):
            count += 1
            session.execute(
                MARKS.update().where(MARKS.c.name == KEY_CHECK).values(value=keyring.rotate(mark))
            )
    return count


def under_older_keys(session: Session) -> int:
    """Return how many values are not under the newest key."""
    keyring = keyring_of(session.get_bind().dialect)
    found = (token for stored, name in _encrypted() for _, token in _tokens(session, stored, name))
    return sum(not keyring.is_newest(token) for token in (*found, *_key_checks(session)))


def key_check_is_newest(session: Session) -> bool:
    """Whether the database as a whole has been encrypted under the newest key."""
    keyring = keyring_of(session.get_bind().dialect)
    return all(keyring.is_newest(token) for token in _key_checks(session))


def to_case_keys(session: Session) -> int:
    """Put what was written before cases had keys of their own under those; return how many values.

    Raises
    ------
    DatabaseUnavailable
        The case keys are missing, another database's, or cannot be used.
    """
    gone = case_keys(session).destroyed()
    return _people(session, gone) + _notes(session, gone) + _rounds(session, gone)


def _people(session: Session, gone: frozenset[str]) -> int:
    case_of = _case_of(session, PERSON, "person_id", "details", gone)
    return _seal(session, PERSON, "details", {ref: (case, details_of(ref)) for ref, case in case_of.items()})


def _notes(session: Session, gone: frozenset[str]) -> int:
    case_of = _case_of(session, REFERRAL, "referral_id", "notes", gone)
    return _seal(session, REFERRAL, "notes", {ref: (case, NOTES) for ref, case in case_of.items()})


def _case_of(session: Session, stored: Table, key: str, name: str, gone: frozenset[str]) -> dict[str, str]:
    """Return the case of each row whose value is not under its key, without cases that have none any more."""
    plain = _plain(stored, *dict.fromkeys((key, "referral_id", name)))
    rows = session.execute(select(plain.c[key], plain.c.referral_id).where(_under_ours(plain.c[name])))
    return {row[0]: row[1] for row in rows if row[1] not in gone}


def _seal(session: Session, stored: Table, name: str, cases: dict[str, tuple[str, str]]) -> int:
    """Seal values by their rows' key, each with the key of its case and for its purpose."""
    if not cases:
        return 0
    keyring = keyring_of(session.get_bind().dialect)
    keys = sealing_keys(session, {case for case, _ in cases.values()})

    def sealed(ref: str, token: str) -> str | None:
        if ref not in cases:
            return None
        case, purpose = cases[ref]
        return keys[case].encrypt(purpose, keyring.decrypt(token))

    return _change(session, stored, name, sealed)


def _rounds(session: Session, gone: frozenset[str]) -> int:
    """Split the frozen problems of rounds by case; one that cannot be is left whole."""
    count = 0
    older = select(ROUND.c.run_id, ROUND.c.frozen_problem).where(ROUND.c.frozen_cases.is_(None))
    for row in session.execute(older).all():
        try:
            base, cases = split_problem(row.frozen_problem)
        except BadInput:
            continue
        if gone.isdisjoint(cases):
            keys = sealing_keys(session, cases)
            frozen = {ref: keys[ref].encrypt(frozen_of(row.run_id), text) for ref, text in cases.items()}
            session.execute(
                ROUND.update()
                .where(ROUND.c.run_id == row.run_id)
                .values(frozen_problem=base, frozen_cases=frozen)
            )
            count += 1
    return count


def _encrypted() -> Iterator[tuple[Table, str]]:
    """Give every column that may hold values under the database's keys."""
    for stored in METADATA.sorted_tables:
        for found in stored.c:
            if isinstance(found.type, EncryptedText | EncryptedJson | CaseToken):
                yield stored, found.name


def _tokens(session: Session, stored: Table, name: str) -> Iterator[tuple[str, str]]:
    """Give the key and the stored text of every value under the database's keys."""
    (key,) = stored.primary_key.columns.keys()
    plain = _plain(stored, key, name)
    rows = session.execute(
        select(plain.c[key], plain.c[name]).where(_under_ours(plain.c[name])).order_by(plain.c[key])
    )
    yield from ((row[0], row[1]) for row in rows)


def _change(session: Session, stored: Table, name: str, change: Callable[[str, str], str | None]) -> int:
    """Put other stored texts in the place of values; None leaves one as it is. Return how many changed."""
    (key,) = stored.primary_key.columns.keys()
    changed = [
        {"key": ref, "text": text}
        for ref, token in _tokens(session, stored, name)
        if (text := change(ref, token)) is not None
    ]
    if changed:
        plain = _plain(stored, key, name)
        session.connection().execute(
            plain.update().where(plain.c[key] == bindparam("key")).values({name: bindparam("text")}),
            changed,
        )
    return len(changed)


def _key_checks(session: Session) -> list[str]:
    return list(session.scalars(select(MARKS.c.value).where(MARKS.c.name == KEY_CHECK)))


def _plain(stored: Table, *names: str) -> TableClause:
    """Return a table with columns as they are stored: texts, encrypted or not."""
    return table(stored.name, *map(column, names))


def _under_ours(found: ColumnElement[str]) -> ColumnElement[bool]:
    """Say that a stored text is there, and is under the database's keys and not under a case's."""
    return and_(found.is_not(None), found.not_like(f"{CASE_TOKEN}%"))
