"""CSV files as raw rows with their line numbers, read a line at a time.

A row that cannot be trusted (not UTF-8, null bytes) is reported and passed on as unsound, so that what it
seems to identify is not reported missing elsewhere. Junk is refused before it is in memory.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from beds.importing.faults import Faults

MOST_BYTES = 50_000_000
"""A national estate is under 5 MB: a file ten times that is not one."""
MOST_BYTES_PER_LINE = 200_000
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class RawRow:
    """The cells of one row as text, and the line it begins on; unsound when its text cannot be trusted."""

    line: int
    cells: list[str]
    sound: bool = True


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A stretch of a file that gave no row at all: what it held is not known."""


def too_large(path: Path, file: str, faults: Faults) -> bool:
    """Return whether a file is refused for its size, and record it."""
    if path.stat().st_size <= MOST_BYTES:
        return False
    faults.add(file, None, None, f"is too large: at most {MOST_BYTES // 1_000_000} MB are accepted")
    return True


def csv_rows(path: Path, file: str, faults: Faults) -> Iterator[RawRow | Unreadable]:
    """Yield the rows of a CSV file that are not blank, recording what cannot be read.

    UTF-8 with or without a byte order mark, lines ended by LF or CRLF, cells quoted as in RFC 4180.
    """
    try:
        if too_large(path, file, faults):
            yield Unreadable()
            return
        with path.open("rb") as stream:
            yield from _rows_of(_Lines(stream, file, faults), file, faults)
    except OSError:
        faults.add(file, None, None, "cannot be read: a readable file is needed")
        yield Unreadable()


def _rows_of(lines: _Lines, file: str, faults: Faults) -> Iterator[RawRow | Unreadable]:
    # strict: an unclosed quote would otherwise swallow every row after it without a word
    reader = csv.reader(lines, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            break
        except csv.Error:
            faults.add(
                file, line, None, "cells must be separated by commas and quoted with closed double quotes"
            )
            yield Unreadable()
            continue
        if cells and (cells[0].strip() or any(map(str.strip, cells))):
            yield RawRow(line, cells, sound=lines.all_sound(line, reader.line_num))
    if lines.cut_short:
        yield Unreadable()


class _Lines:
    """The lines of a stream as text, noting those that are not."""

    def __init__(self, stream: BinaryIO, file: str, faults: Faults) -> None:
        self._stream = stream
        self._file = file
        self._faults = faults
        self._number = 0
        self._unsound: set[int] = set()
        self.cut_short = False

    def all_sound(self, first: int, last: int) -> bool:
        """Whether every line from the first to the last is text."""
        return not self._unsound or self._unsound.isdisjoint(range(first, last + 1))

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._stream.readline(MOST_BYTES_PER_LINE + 1)
        self._number += 1
        if not line:
            raise StopIteration
        if len(line) > MOST_BYTES_PER_LINE:
            self._add(f"is too long: a line has at most {MOST_BYTES_PER_LINE:,} bytes")
            self.cut_short = True
            raise StopIteration
        return self._as_text(line.removeprefix(BYTE_ORDER_MARK) if self._number == 1 else line)

    def _as_text(self, line: bytes) -> str:
        if b"\0" in line:
            self._refuse("must not hold null bytes: plain text in UTF-8 is accepted")
        try:
            return line.decode("utf-8").replace("\0", "\ufffd")
        except UnicodeDecodeError:
            self._refuse("must be UTF-8: save the file as CSV UTF-8")
            return line.decode("utf-8", errors="replace").replace("\0", "\ufffd")

    def _refuse(self, message: str) -> None:
        self._unsound.add(self._number)
        self._add(message)

    def _add(self, message: str) -> None:
        self._faults.add(self._file, self._number, None, message)
