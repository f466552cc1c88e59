"""The audit: who did what to which record, only ever added to, in the transaction of the change itself.

Each event is chained to the one before by a keyed code, and a seal counts them: a row that was changed,
taken out or cut off the end is found. Details hold opaque references and counts, never anything personal;
those about a case are sealed with the case's key, and the chain is over the sealed form: it stays whole when
the case is anonymised.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from pydantic import JsonValue
from sqlalchemy import Row
from sqlmodel import Session

from beds.audit_anchor import FIRST_RECORDED
from beds.domain.records import METADATA
from beds.domain.records.columns import Keyring, canonical_json, keyring_of
from beds.sealing import is_sealed, opening_keys, seal_text

EVENTS = METADATA.tables["audit_event"]
MARKS = METADATA.tables["database_mark"]
EVENT, SEAL = "audit event", "audit seal"
SEAL_MARK = "audit_seal"
SEALED_DETAIL = "case"
"""The one name in the stored detail of an event about a case; the rest is in its token."""


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

    Raises
    ------
    Anonymised
        The event is about a case that was anonymised: nothing more can be kept of it.
    DatabaseUnavailable
        The case keys are missing, another database's, or cannot be used.
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
        "detail": dict(detail) if referral_id is None else _sealed(session, referral_id, detail),
        "referral_id": referral_id,
        "site_id": site_id,
        "previous_mac": previous,
    }
    mac = keyring.sign(EVENT, _message(event, at))
    session.execute(EVENTS.insert().values(**event, at=at, mac=mac))
    session.info.setdefault(FIRST_RECORDED, sequence)
    session.execute(
        MARKS.update().where(MARKS.c.name == SEAL_MARK).values(value=audit_seal(keyring, sequence, mac))
    )
    return sequence


def detail_of(session: Session, row: Row[Any]) -> dict[str, JsonValue] | None:
    """Return the detail of an event, or None where it was about a case that has been anonymised since.

    Raises
    ------
    DatabaseUnavailable
        It was changed, or the key of its case is not in the store.
    """
    return details_of(session, [row])[0]


def details_of(session: Session, rows: Sequence[Row[Any]]) -> list[dict[str, JsonValue] | None]:
    """Return the details of events in their order; None where the case has been anonymised since.

    Raises
    ------
    DatabaseUnavailable
        One was changed, or the key of its case is not in the store.
    """
    tokens = [sealed_detail(row) for row in rows]
    keys = opening_keys(
        session, [(row.referral_id, token) for row, token in zip(rows, tokens, strict=True) if token]
    )
    details: list[dict[str, JsonValue] | None] = []
    for row, token in zip(rows, tokens, strict=True):
        if token is None:
            details.append(row.detail)
            continue
        cipher = keys.get(row.referral_id)
        details.append(None if cipher is None else json.loads(cipher.decrypt(EVENT, token)))
    return details


def sealed_detail(row: Row[Any]) -> str | None:
    """Return the sealed form of an event's detail; None where it is kept as it is."""
    detail = row.detail
    if row.referral_id is None or not isinstance(detail, dict) or detail.keys() != {SEALED_DETAIL}:
        return None
    token = detail[SEALED_DETAIL]
    return token if isinstance(token, str) and is_sealed(token) else None


def _sealed(session: Session, referral_id: str, detail: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    return {SEALED_DETAIL: seal_text(session, referral_id, EVENT, canonical_json(detail))}


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
