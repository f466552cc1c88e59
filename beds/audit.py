"""The audit: who did what to which record, only ever added to, in the transaction of the change itself.

Each event is chained to the one before by a keyed code, and a seal counts them: a row that was changed,
taken out or cut off the end is found. Details hold opaque references and counts, never anything personal.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from pydantic import JsonValue
from sqlmodel import Session

from beds.domain.records import METADATA
from beds.domain.records.columns import Keyring, canonical_json, keyring_of

EVENTS = METADATA.tables["audit_event"]
MARKS = METADATA.tables["database_mark"]
EVENT, SEAL = "audit event", "audit seal"
SEAL_MARK = "audit_seal"


def record(  # noqa: PLR0913 one argument a column of the event
    session: Session,
    actor: str,
    action: str,
    subject: str,
    detail: Mapping[str, JsonValue],
    *,
    at: datetime,
    referral_id: str | None = None,
    site_id: str | None = None,
) -> int:
    """Add an event to the audit and return its number.

    Parameters
    ----------
    actor : who did it, as an opaque name
    action : what was done, a lower_snake verb in the past: `estate_imported`
    subject : what it was done to, as an opaque reference
    detail : counts and references
    at : when, with an offset
    referral_id, site_id : the case and the site that the event changed, if it changed one of each; readers
        of the live estate look here for what to read again, and at everything where both are left out
    """
    keyring = keyring_of(session.get_bind().dialect)
    newest = session.execute(
        EVENTS.select()
        .with_only_columns(EVENTS.c.sequence, EVENTS.c.mac)
        .order_by(EVENTS.c.sequence.desc())
        .limit(1)
    ).one_or_none()
    sequence, previous = (newest.sequence + 1, newest.mac) if newest else (1, "")
    event: dict[str, JsonValue] = {
        "sequence": sequence,
        "actor": actor,
        "action": action,
        "subject": subject,
        "detail": dict(detail),
        "referral_id": referral_id,
        "site_id": site_id,
        "previous_mac": previous,
    }
    mac = keyring.sign(EVENT, _message(event, at))
    session.execute(EVENTS.insert().values(**event, at=at, mac=mac))
    session.execute(
        MARKS.update().where(MARKS.c.name == SEAL_MARK).values(value=audit_seal(keyring, sequence, mac))
    )
    return sequence


def audit_faults(session: Session) -> list[str]:
    """Return what is wrong with the audit, an event a line; empty when the chain is whole."""
    keyring = keyring_of(session.get_bind().dialect)
    faults: list[str] = []
    sequence, previous = 0, ""
    for row in session.execute(EVENTS.select().order_by(EVENTS.c.sequence)).mappings():
        sequence += 1
        if row["sequence"] != sequence:
            faults.append(f"audit: events are missing before number {row['sequence']}")
            sequence = row["sequence"]
        elif row["previous_mac"] != previous:
            faults.append(f"audit: event {sequence} does not follow the one before it")
        if not keyring.is_signed(EVENT, _message(row, row["at"]), row["mac"]):
            faults.append(f"audit: event {sequence} was changed, or was written with another audit key")
        previous = row["mac"]
    seal = session.execute(
        MARKS.select().with_only_columns(MARKS.c.value).where(MARKS.c.name == SEAL_MARK)
    ).scalar()
    if seal is None or not keyring.is_signed(SEAL, f"{sequence} {previous}", seal):
        faults.append("audit: its end is not the one that was sealed: events were taken off or put on")
    return faults


def audit_seal(keyring: Keyring, events: int, mac: str) -> str:
    """Return the seal of an audit of so many events whose last has this code; `0` and none for a new one."""
    return keyring.sign(SEAL, f"{events} {mac}")


def _message(event: Mapping[Any, Any], at: datetime) -> str:
    names = ("sequence", "actor", "action", "subject", "detail", "previous_mac")
    # Events from before there were these two columns have neither, and keep their code.
    about = {name: event[name] for name in ("referral_id", "site_id") if event[name] is not None}
    stated = {name: event[name] for name in names}
    return canonical_json(stated | about | {"at": at.astimezone(UTC).isoformat()})
