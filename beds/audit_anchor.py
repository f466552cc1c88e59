"""The head of the audit, anchored outside the database: what was once there must be there for ever.

Within the database a chain can be cut short and sealed again, or all of it put back as it was last week. So
the newest event's number and code are kept in a small signed file of their own, after every commit. It only
ever moves forward, and only along the chain it was on: `beds db check` finds what does not fit it.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from weakref import WeakKeyDictionary

from sqlalchemy import Dialect
from sqlmodel import Session

from beds.domain.records import METADATA
from beds.domain.records.columns import Keyring
from beds.errors import DatabaseUnavailable

logger = logging.getLogger(__name__)

EVENTS: Final = METADATA.tables["audit_event"]
AUDIT_HEAD: Final = "audit head"
FIRST_RECORDED: Final = "first_audit_event"
"""Where `beds.audit.record` leaves the number of the session's first event, in `session.info`."""
OWNER_ONLY: Final = 0o600
RECORD_BYTES: Final = 512
"""One sector: it is written whole or not at all."""


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a chain: the number of its newest link, and its code."""

    sequence: int
    mac: str


class AnchorFile:
    """A file that holds the end of one chain, signed; several processes may share it.

    `purpose` is what the signature is for, `file` None for a database in memory, which is anchored to
    nothing.
    """

    __slots__ = ("_keyring", "_purpose", "file")

    def __init__(self, file: Path | None, keyring: Keyring, purpose: str = AUDIT_HEAD) -> None:
        """Look at nothing yet."""
        self.file = file
        self._keyring = keyring
        self._purpose = purpose

    def read(self) -> Head | None:
        """Return what is anchored; None where there is nothing.

        Raises
        ------
        DatabaseUnavailable
            The file cannot be read, or is not as this service left it.
        """
        if self.file is None or not self.file.exists():
            return None
        with self._opened(fcntl.LOCK_SH) as descriptor:
            return self._read(descriptor)

    def advance(self, head: Head) -> None:
        """Move forward to a later link; never back.

        The change is committed already, and to say that it failed would be wrong: where the file cannot be
        written it stays behind, which is no fault, and the log says so.
        """
        if self.file is None:
            return
        try:
            with self._opened(fcntl.LOCK_EX) as descriptor:
                anchored = self._read(descriptor)
                if anchored is None or anchored.sequence < head.sequence:
                    self._write(descriptor, head)
        except DatabaseUnavailable as fault:
            logger.warning("%s", fault)

    def reset(self, head: Head | None) -> None:
        """Anchor a chain that was put in place of the former one, on purpose.

        Raises
        ------
        DatabaseUnavailable
            The file cannot be written.
        """
        if self.file is None:
            return
        if head is None:
            self.file.unlink(missing_ok=True)
            return
        with self._opened(fcntl.LOCK_EX) as descriptor:
            self._write(descriptor, head)

    @contextmanager
    def _opened(self, lock: int) -> Iterator[int]:
        assert self.file is not None
        descriptor = None
        try:
            if lock == fcntl.LOCK_EX:
                self.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                descriptor = os.open(self.file, os.O_RDWR | os.O_CREAT, OWNER_ONLY)
            else:
                descriptor = os.open(self.file, os.O_RDONLY)
            fcntl.flock(descriptor, lock)
            yield descriptor
        except OSError as error:
            raise DatabaseUnavailable(
                f"the anchor {self.file} cannot be read or written: {error.strerror}"
            ) from error
        finally:
            if descriptor is not None:
                os.close(descriptor)

    def _read(self, descriptor: int) -> Head | None:
        content = os.pread(descriptor, RECORD_BYTES, 0)
        if not content.strip():
            return None
        try:
            kept = json.loads(content)
            head, seal = Head(int(kept["sequence"]), str(kept["mac"])), str(kept["seal"])
        except (ValueError, KeyError, TypeError):
            head, seal = Head(0, ""), ""
        if not self._keyring.is_signed(self._purpose, _stated(head), seal):
            raise DatabaseUnavailable(f"the anchor {self.file} is not as this service left it")
        return head

    def _write(self, descriptor: int, head: Head) -> None:
        seal = self._keyring.sign(self._purpose, _stated(head))
        kept = json.dumps({"sequence": head.sequence, "mac": head.mac, "seal": seal})
        os.pwrite(descriptor, kept.ljust(RECORD_BYTES - 1).encode("ascii") + b"\n", 0)


def _stated(head: Head) -> str:
    return f"{head.sequence} {head.mac}"


_ANCHORS: WeakKeyDictionary[Dialect, AnchorFile] = WeakKeyDictionary()


def use_anchor(dialect: Dialect, anchor: AnchorFile) -> None:
    """Let the writers of one engine, known by its dialect object, anchor the audit here."""
    _ANCHORS[dialect] = anchor


def anchor_of(dialect: Dialect) -> AnchorFile:
    """Return the anchor of an engine, known by its dialect object.

    Raises
    ------
    LookupError
        The engine was not made by `beds.database.connect`.
    """
    anchor = _ANCHORS.get(dialect)
    if anchor is None:
        raise LookupError("this engine has no anchor: make engines with beds.database.connect")
    return anchor


def newest_event(session: Session) -> Head | None:
    """Return the end of the audit as this transaction sees it; None where there are no events."""
    found = session.execute(
        EVENTS.select()
        .with_only_columns(EVENTS.c.sequence, EVENTS.c.mac)
        .order_by(EVENTS.c.sequence.desc())
        .limit(1)
    ).one_or_none()
    return None if found is None else Head(found.sequence, found.mac)


def head_to_anchor(session: Session) -> Head | None:
    """Return what to anchor once this transaction is committed; None where there is nothing to anchor.

    An audit that does not fit its anchor is never anchored: that would wipe out the evidence.
    """
    first = session.info.pop(FIRST_RECORDED, None)
    anchor = anchor_of(session.get_bind().dialect)
    if first is None or anchor.file is None:
        return None
    faults = anchor_faults(session, anchor, events_before=first - 1)
    for fault in faults:
        logger.error("%s", fault)
    return None if faults else newest_event(session)


def anchor_faults(session: Session, anchor: AnchorFile, *, events_before: int | None = None) -> list[str]:
    """Return what is wrong between the audit and its anchor; empty when the one holds the other.

    Parameters
    ----------
    events_before : events there must have been an anchor for; all there are, where it is not stated
    """
    if anchor.file is None:
        return []
    try:
        anchored = anchor.read()
    except DatabaseUnavailable as fault:
        return [f"audit: {fault}"]
    if anchored is not None:
        return fit_faults(session, anchored)
    newest = newest_event(session) if events_before is None else None
    if (newest.sequence if newest else events_before or 0) == 0:
        return []
    return [
        f"audit: its anchor {anchor.file} is missing: put it back; if it was lost, `beds backup` and "
        "`beds restore --replace` anchor the audit anew, and record that they did"
    ]


def fit_faults(session: Session, anchored: Head) -> list[str]:
    """Return what is wrong where the audit does not hold the event that was anchored."""
    found = session.execute(
        EVENTS.select().with_only_columns(EVENTS.c.mac).where(EVENTS.c.sequence == anchored.sequence)
    ).scalar_one_or_none()
    if found == anchored.mac:
        return []
    if found is None:
        return [
            f"audit: event {anchored.sequence} was there once and is gone: events were taken off, or an "
            "older database was put in place of this one"
        ]
    return [
        f"audit: event {anchored.sequence} is another than was there once: the audit was written anew, or an "
        "older database was put in place of this one"
    ]
