"""The lines of the log of reads: how they are written, found, and judged against their seals."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO, Final

from beds.audit_anchor import Head
from beds.domain.records.columns import Keyring, canonical_json

SEAL: Final = "seal of reads"
WINDOW_BYTES: Final = 65_536


@dataclass(frozen=True, slots=True)
class Read:
    """One read: its number, when, who, what (`case` or `address`), and of which reference."""

    n: int
    at: datetime
    who: str
    what: str
    ref: str


@dataclass(frozen=True, slots=True)
class Seal:
    """The end of a batch: the number of its last read, and the code over it and the seal before."""

    through: int
    code: str


FIRST_SEAL: Final = Seal(0, "")
"""What stands before the first batch."""


@dataclass(frozen=True, slots=True)
class Tail:
    """The end of a log: where it is, the newest number and seal, and a digest of the lines after that."""

    offset: int
    number: int
    seal: Seal
    lines: tuple[bytes, ...]

    @classmethod
    def of_nothing(cls) -> Tail:
        """Return the end of an empty log."""
        return cls(0, 0, FIRST_SEAL, ())

    @property
    def unsealed(self) -> int:
        """How many reads have no seal yet."""
        return len(self.lines)

    @property
    def digest(self) -> str:
        """The digest of the lines that have no seal yet."""
        return hashlib.sha256(b"".join(self.lines)).hexdigest()

    def with_line(self, line: bytes) -> Tail:
        """Return the end once a line is appended."""
        offset = self.offset + len(line)
        found = parsed(line)
        if isinstance(found, Seal):
            return Tail(offset, found.through, found, ())
        number = found.n if found is not None else self.number
        return Tail(offset, number, self.seal, (*self.lines, line))


def line_of(entry: Read | Seal) -> bytes:
    """Return the line of a read or a seal."""
    if isinstance(entry, Seal):
        return _line({"through": entry.through, "seal": entry.code})
    at = entry.at.isoformat()
    return _line({"n": entry.n, "at": at, "who": entry.who, "what": entry.what, "ref": entry.ref})


def _line(values: dict[str, str | int]) -> bytes:
    return canonical_json(dict(values)).encode() + b"\n"


def parsed(line: bytes) -> Read | Seal | None:
    """Return what a line says; None where it is no line of ours."""
    try:
        found = json.loads(line)
        if "seal" in found:
            return Seal(int(found["through"]), str(found["seal"]))
        at = datetime.fromisoformat(found["at"]).astimezone(UTC)
        return Read(int(found["n"]), at, str(found["who"]), str(found["what"]), str(found["ref"]))
    except (ValueError, KeyError, TypeError):
        return None


def batch_message(previous: Seal, digest: str) -> str:
    """Return what a seal is over: the seal before and the lines since."""
    return f"{previous.through} {previous.code} {digest}"


def read_tail(log: IO[bytes], offset: int, tail: Tail) -> Tail:
    """Return the end of a log, given its end at an earlier `offset`; whole lines count, a cut one does not.

    A log that is seen for the first time is read from its last seal on, not from its beginning.
    """
    if offset == 0:
        offset, tail = _last_seal(log)
    log.seek(offset)
    for line in log:
        if line.endswith(b"\n"):
            tail = tail.with_line(line)
    return tail


def _last_seal(log: IO[bytes]) -> tuple[int, Tail]:
    """Return the offset after the last seal and the tail there; of nothing where there is no seal."""
    size = log.seek(0, os.SEEK_END)
    window = WINDOW_BYTES
    while True:
        start = max(0, size - window)
        log.seek(start)
        if start:
            log.readline()
        found = None
        at = log.tell()
        for line in log:
            at += len(line)
            entry = parsed(line) if line.endswith(b"\n") else None
            if isinstance(entry, Seal):
                found = at, Tail(at, entry.through, entry, ())
        if found is not None:
            return found
        if not start:
            return 0, Tail.of_nothing()
        window *= 4


def log_faults(log: IO[bytes], keyring: Keyring, anchored: Head | None) -> list[str]:
    """Return what is wrong with a log: each batch against its seal, the whole against what was anchored."""
    faults: list[str] = []
    tail, anchored_found = Tail.of_nothing(), anchored is None
    for line in log:
        entry = parsed(line) if line.endswith(b"\n") else None
        if entry is None:
            if line.endswith(b"\n"):
                faults.append(f"reads: the line after read {tail.number} is none of this service's")
                tail = tail.with_line(line)
            continue
        if isinstance(entry, Seal):
            message = batch_message(tail.seal, tail.digest)
            if entry.through != tail.number or not keyring.is_signed(SEAL, message, entry.code):
                first = tail.seal.through + 1
                faults.append(
                    f"reads: the lines of reads {first} to {entry.through} are not as they were sealed"
                )
            anchored_found = anchored_found or anchored == Head(entry.through, entry.code)
        elif entry.n != tail.number + 1:
            faults.append(f"reads: read {tail.number + 1} is missing before read {entry.n}")
        tail = tail.with_line(line)
    if not anchored_found:
        faults.append("reads: its end is gone, or another log was put in its place: a seal is missing")
    elif anchored is None and tail.seal != FIRST_SEAL:
        faults.append("reads: the anchor of the log of reads is missing")
    return faults


def newest_reads(log: IO[bytes], after: int | None, limit: int) -> list[Read]:
    """Return up to `limit` reads, newest first, those before number `after` where it is stated."""
    end = log.seek(0, os.SEEK_END) if after is None else _offset_of(log, after)
    found: list[Read] = []
    for block in _blocks_backwards(log, end):
        reads = [entry for line in block if isinstance(entry := parsed(line), Read)]
        found += [read for read in reversed(reads) if after is None or read.n < after]
        if len(found) >= limit:
            break
    return found[:limit]


def _blocks_backwards(log: IO[bytes], end: int) -> Iterator[list[bytes]]:
    """Yield whole lines before an offset, a block at a time, the last block first."""
    while end > 0:
        start, window = 0, WINDOW_BYTES
        while end > window:
            log.seek(end - window)
            log.readline()
            start = log.tell()
            if start < end:
                break
            start, window = 0, window * 4
        log.seek(start)
        yield log.read(end - start).splitlines(keepends=True)
        end = start


def _offset_of(log: IO[bytes], number: int) -> int:
    """Return an offset at a line's beginning with every read before `number` in front of it."""
    low, high = 0, log.seek(0, os.SEEK_END)
    while high - low > WINDOW_BYTES:
        middle = (low + high) // 2
        log.seek(middle)
        log.readline()
        at = log.tell()
        entry = parsed(log.readline())
        reached = entry.n if isinstance(entry, Read) else entry.through if entry else 0
        if reached < number and at < high:
            low = at
        else:
            high = middle
    log.seek(high)
    log.readline()
    return max(log.tell(), high)
