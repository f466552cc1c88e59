"""Whether a database is whole: the file, the schema and its guards, references, stays, keys, the audit."""

from __future__ import annotations

from sqlalchemy import Engine, Table, and_, column, func, select, table, text
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.schema import ForeignKeyConstraint
from sqlmodel import Session

from beds.audit import audit_faults
from beds.audit_anchor import anchor_faults, anchor_of
from beds.database import SchemaState, reading, schema_state
from beds.domain.records import METADATA
from beds.domain.records.columns import EncryptedJson, EncryptedText, Keyring, keyring_of
from beds.domain.records.stays import HELD_GUARD, OVERLAP_GUARD
from beds.errors import DatabaseUnavailable
from beds.read_log import read_log_of
from beds.store.case_faults import case_faults
from beds.store.forecast_runs import run_faults
from beds.store.rounds import ROUND_SAVED, round_seal

AUDIT_GUARD = "audit_is_append_only"
GUARDS = {
    "sqlite": (
        f"{OVERLAP_GUARD}_insert",
        f"{OVERLAP_GUARD}_update",
        *(f"{HELD_GUARD}_{over}_{event}" for over in ("hold", "stay") for event in ("insert", "update")),
        f"{AUDIT_GUARD}_update",
        f"{AUDIT_GUARD}_delete",
    ),
    "postgresql": (OVERLAP_GUARD, HELD_GUARD, AUDIT_GUARD),
}
"""The triggers and constraints that are not part of a table's definition, by database."""


def check_database(engine: Engine) -> list[str]:
    """Return what is wrong with the database, a fault a line; empty when it is whole.

    Raises
    ------
    DatabaseUnavailable
        It is busy, cannot be reached, or is too damaged to be read at all.
    """
    state = schema_state(engine)
    if state is not SchemaState.CURRENT:
        return [f"schema: {state}, not current"]
    anchor = anchor_of(engine.dialect)
    with reading(engine) as session:
        # The anchor is read before the database is: what is added to both in between is then no fault.
        unanchored = anchor_faults(session, anchor)
        faults = [
            *_file_faults(session),
            *_guard_faults(session),
            *_reference_faults(session),
            *_bed_faults(session),
            *_overlap_faults(session),
            *_key_faults(session),
            *_round_faults(session),
            *run_faults(session),
            *case_faults(session),
        ]
        return faults + audit_faults(session) + unanchored + read_log_of(engine.dialect).faults()


def _round_faults(session: Session) -> list[str]:
    """A round must be as it was when it was saved: the audit holds its seal."""
    rounds, events = METADATA.tables["allocation_round"], METADATA.tables["audit_event"]
    saved = select(events.c.subject, events.c.detail).where(events.c.action == ROUND_SAVED)
    seal_of = {row.subject: row.detail.get("seal") for row in session.execute(saved)}
    stored = session.execute(select(rounds.c.run_id, rounds.c.status, rounds.c.result))
    return [
        f"round: {row.run_id} is not as it was saved"
        for row in stored
        if seal_of.get(row.run_id) != round_seal(row.status, row.result)
    ]


def _dialect(session: Session) -> str:
    return session.get_bind().dialect.name


def _file_faults(session: Session) -> list[str]:
    if _dialect(session) != "sqlite":
        return []
    found = session.execute(text("PRAGMA integrity_check")).scalars().all()
    return [] if found == ["ok"] else [f"file: {fault}" for fault in found]


def _guard_faults(session: Session) -> list[str]:
    if _dialect(session) == "sqlite":
        found = set(session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")))
    else:
        found = set(
            session.scalars(
                text(
                    "SELECT conname FROM pg_constraint WHERE convalidated"
                    " UNION SELECT tgname FROM pg_trigger WHERE tgenabled <> 'D'"
                )
            )
        )
    return [f"guard: {name} is missing" for name in GUARDS[_dialect(session)] if name not in found]


def _reference_faults(session: Session) -> list[str]:
    """Every foreign key once more: SQLite lets a program switch them off."""
    faults = []
    for referring in METADATA.sorted_tables:
        for constraint in referring.foreign_key_constraints:
            count = _dangling(session, referring, constraint)
            if count:
                columns = ", ".join(constraint.column_keys)
                faults.append(f"references: {count} rows of {referring.name} refer by {columns} to nothing")
    return faults


def _dangling(session: Session, referring: Table, constraint: ForeignKeyConstraint) -> int:
    referred = constraint.referred_table.alias("referred")
    pairs = [(referring.c[key.parent.name], referred.c[key.column.name]) for key in constraint.elements]
    matches: ColumnElement[bool] = and_(*(own == other for own, other in pairs))
    query = (
        select(func.count())
        .select_from(referring.outerjoin(referred, matches))
        .where(pairs[0][0].is_not(None), pairs[0][1].is_(None))
    )
    return int(session.execute(query).scalar_one())


def _bed_faults(session: Session) -> list[str]:
    """Beds of proposals are a list, which no foreign key reaches."""
    proposal, bed = METADATA.tables["proposal"], METADATA.tables["bed"]
    known = set(session.scalars(select(bed.c.bed_id)))
    rows = session.execute(select(proposal.c.proposal_id, proposal.c.bed_ids))
    return [
        f"references: proposal {name} names a bed that is not there"
        for name, beds in rows
        if set(beds) - known
    ]


def _overlap_faults(session: Session) -> list[str]:
    stay = METADATA.tables["placement_bed"]
    other = stay.alias("other")
    end = func.coalesce(stay.c.ended_on, stay.c.expected_end_on)
    other_end = func.coalesce(other.c.ended_on, other.c.expected_end_on)
    query = (
        select(stay.c.bed_id, stay.c.placement_id, other.c.placement_id)
        .join(
            other, and_(stay.c.bed_id == other.c.bed_id, stay.c.placement_bed_id < other.c.placement_bed_id)
        )
        .where(stay.c.starts_on < end, other.c.starts_on < other_end)
        .where(stay.c.starts_on < other_end, other.c.starts_on < end)
    )
    return [
        f"stays: placements {first} and {second} overlap in bed {bed_id}"
        for bed_id, first, second in session.execute(query)
    ]


def _key_faults(session: Session) -> list[str]:
    """Read every encrypted value once: a lost key or a changed token is found now, not when it is needed."""
    faults = []
    for stored in METADATA.sorted_tables:
        for encrypted in (
            found for found in stored.c if isinstance(found.type, EncryptedText | EncryptedJson)
        ):
            tokens = session.scalars(select(_raw(stored, encrypted.name)))
            keyring = keyring_of(session.get_bind().dialect)
            unreadable = sum(not _opens(keyring, token) for token in tokens if token is not None)
            if unreadable:
                faults.append(
                    f"encryption: {unreadable} values of {stored.name}.{encrypted.name} cannot be read"
                )
    return faults


def _raw(stored: Table, name: str) -> ColumnElement[str]:
    """Select a column's text as it is stored."""
    return table(stored.name, column(name)).c[name]


def _opens(keyring: Keyring, token: str) -> bool:
    try:
        keyring.decrypt(token)
    except DatabaseUnavailable:
        return False
    return True
