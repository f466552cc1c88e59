"""The log of reads: who looked at which case or address, beside the database and never in it.

Lines are only ever appended, by any number of threads and processes. Every so many reads, at once for an
address and at the end, a seal follows: a keyed code over the lines since the seal before, and over that one.
The newest seal is anchored in a file of its own, so that lines cut off the end are missed. What has no seal
yet is only counted. It holds opaque references: no name, no address.
"""

from __future__ import annotations

import fcntl
import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from weakref import WeakKeyDictionary

from sqlalchemy import Dialect

from beds.audit_anchor import OWNER_ONLY, AnchorFile, Head
from beds.domain.records.columns import Keyring
from beds.errors import DatabaseUnavailable
from beds.read_log_lines import (
    FIRST_SEAL,
    SEAL,
    Read,
    Seal,
    Tail,
    batch_message,
    line_of,
    log_faults,
    newest_reads,
    read_tail,
)

logger = logging.getLogger(__name__)

READS_HEAD: Final = "head of the reads"
READS_IN_A_BATCH: Final = 100
CASE, ADDRESS = "case", "address"
UNLOGGED = "the log of reads cannot be written, so nothing is shown: "


class ReadLog:
    """The log of reads of one database; safe to share between threads."""

    def __init__(self, file: Path | None, keyring: Keyring) -> None:
        """Open nothing yet; `file` None is the log of a database in memory, which nothing is read from."""
        self.file = file
        self._keyring = keyring
        head = None if file is None else file.with_name(f"{file.name}-head")
        self._anchor = AnchorFile(head, keyring, READS_HEAD)
        self._guard = threading.Lock()
        self._descriptor: int | None = None
        self._identity: tuple[int, int] | None = None
        self._tail = Tail.of_nothing()
        self._astray = False

    def case_read(self, user_id: str, referral_id: str, at: datetime) -> None:
        """Log that somebody read a case; say it before the answer goes out.

        Raises
        ------
        DatabaseUnavailable
            It cannot be logged: the case is not to be shown.
        """
        self._append(user_id, CASE, referral_id, at)

    def address_read(self, user_id: str, site_id: str, at: datetime) -> None:
        """Log, sealed and on the disk, that somebody read an address; say it before the answer goes out.

        Raises
        ------
        DatabaseUnavailable
            It cannot be logged: the address is not to be shown.
        """
        self._append(user_id, ADDRESS, site_id, at)

    def reads(self, after: int | None = None, limit: int = 50) -> list[Read]:
        """Return reads, newest first; those before number `after` where it is stated.

        Raises
        ------
        DatabaseUnavailable
            The log cannot be read.
        """
        if self.file is None or not self.file.exists():
            return []
        with _in_words(), self.file.open("rb") as log:
            return newest_reads(log, after, limit)

    def faults(self) -> list[str]:
        """Return what is wrong with the log: lines changed, taken out, put in or cut off; empty if whole."""
        if self.file is None:
            return []
        try:
            # First the anchor, then the log: what is sealed in between is then no fault.
            anchored = self._anchor.read()
            if not self.file.exists():
                return [] if anchored is None else ["reads: the log of reads was there once and is gone"]
            with self.file.open("rb") as log:
                return log_faults(log, self._keyring, anchored)
        except (DatabaseUnavailable, OSError) as fault:
            return [f"reads: {fault}"]

    def unsealed(self) -> int:
        """Return how many reads at the end have no seal yet."""
        if self.file is None or not self.file.exists():
            return 0
        with _in_words(), self.file.open("rb") as log:
            return read_tail(log, 0, Tail.of_nothing()).unsealed

    def close(self) -> None:
        """Seal what has no seal yet and close the file; a read after that opens it again."""
        with self._guard:
            if self._descriptor is None:
                return
            try:
                with _in_words(), self._locked() as descriptor:
                    if self._tail.unsealed:
                        self._write(descriptor, b"", seal=True)
            finally:
                self._close()

    def _append(self, user_id: str, what: str, ref: str, at: datetime) -> None:
        with self._guard, _in_words():
            with self._locked() as descriptor:
                read = Read(self._tail.number + 1, at.astimezone(UTC), user_id, what, ref)
                at_once = what == ADDRESS
                full = self._tail.unsealed + 1 >= READS_IN_A_BATCH
                self._write(descriptor, line_of(read), seal=at_once or full)
            if at_once:
                os.fsync(descriptor)

    @contextmanager
    def _locked(self) -> Iterator[int]:
        """Give the open file while no other process appends, with our view of its end brought up to date."""
        descriptor = self._opened()
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        try:
            size = os.fstat(descriptor).st_size
            if size != self._tail.offset:
                self._catch_up(descriptor, size)
            yield descriptor
        finally:
            fcntl.flock(descriptor, fcntl.LOCK_UN)

    def _opened(self) -> int:
        if self.file is None:
            raise DatabaseUnavailable(UNLOGGED + "a database in memory has none")
        if self._descriptor is not None and _identity(self.file) == self._identity:
            return self._descriptor
        self._close()
        self.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._descriptor = os.open(self.file, os.O_RDWR | os.O_APPEND | os.O_CREAT, OWNER_ONLY)
        found = os.fstat(self._descriptor)
        self._identity = (found.st_dev, found.st_ino)
        return self._descriptor

    def _close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
        self._descriptor, self._identity, self._tail = None, None, Tail.of_nothing()

    def _catch_up(self, descriptor: int, size: int) -> None:
        """Read what others appended; a line that a crash cut off was never acknowledged and goes."""
        if size < self._tail.offset:
            self._tail = Tail.of_nothing()
        with os.fdopen(os.dup(descriptor), "rb") as log:
            self._tail = read_tail(log, self._tail.offset, self._tail)
        if self._tail.offset < size:
            os.ftruncate(descriptor, self._tail.offset)

    def _write(self, descriptor: int, line: bytes, *, seal: bool) -> None:
        before = self._tail
        after = before.with_line(line) if line else before
        content, sealed = line, None
        if seal:
            message = batch_message(before.seal, after.digest)
            sealed = Seal(after.number, self._keyring.sign(SEAL, message))
            line = line_of(sealed)
            content, after = content + line, after.with_line(line)
        written = os.write(descriptor, content)
        if written < len(content):
            os.ftruncate(descriptor, before.offset)
            raise DatabaseUnavailable(UNLOGGED + "the disk is full")
        self._tail = after
        if sealed is not None and self._continues(before.seal):
            self._anchor.advance(Head(sealed.through, sealed.code))

    def _continues(self, previous: Seal) -> bool:
        """Whether the seal before is the one that is anchored, or the log holds that one further up.

        A log that was put in place of another is not anchored: the evidence would be gone.
        """
        if self._astray:
            return False
        try:
            anchored = self._anchor.read()
        except DatabaseUnavailable:
            return False
        if anchored is None:
            return previous == FIRST_SEAL
        if anchored == Head(previous.through, previous.code):
            return True
        assert self.file is not None
        with self.file.open("rb") as log:
            self._astray = bool(log_faults(log, self._keyring, anchored))
        if self._astray:
            logger.error("reads: the log of reads is not the one that was anchored: run `beds db check`")
        return not self._astray


def _identity(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


@contextmanager
def _in_words() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise DatabaseUnavailable(f"{UNLOGGED}{error.strerror}") from error


_READ_LOGS: WeakKeyDictionary[Dialect, ReadLog] = WeakKeyDictionary()


def use_read_log(dialect: Dialect, log: ReadLog) -> None:
    """Let the services log reads of one engine's database, known by its dialect object, here."""
    _READ_LOGS[dialect] = log


def read_log_of(dialect: Dialect) -> ReadLog:
    """Return the log of reads of an engine, known by its dialect object.

    Raises
    ------
    LookupError
        The engine was not made by `beds.database.connect`.
    """
    log = _READ_LOGS.get(dialect)
    if log is None:
        raise LookupError("this engine has no log of reads: make engines with beds.database.connect")
    return log
