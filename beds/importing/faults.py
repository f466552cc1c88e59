"""Faults as they are found: each with its place, never with what a cell said."""

from __future__ import annotations

from collections import defaultdict

from beds.errors import Fault, ImportRejected

MOST_FAULTS_KEPT = 1_000
"""Per file and in all: enough to put a file right, few enough to read; then the file is not read further."""


class Faults:
    """Every fault found so far, file by file."""

    def __init__(self) -> None:
        """Begin with none."""
        self._by_file: dict[str, list[Fault]] = defaultdict(list)
        self._count = 0

    def add(self, file: str, line: int | None, column: str | None, message: str) -> None:
        """Record one fault; past the limit of a file it is counted only."""
        self._count += 1
        if not self.is_full(file):
            self._by_file[file].append(Fault(file, line, column, message))

    def is_full(self, file: str) -> bool:
        """Whether a file has so many faults that reading on helps nobody."""
        return len(self._by_file[file]) >= MOST_FAULTS_KEPT

    def refuse_if_any(self) -> None:
        """Do nothing when nothing is wrong.

        Raises
        ------
        ImportRejected
            There is at least one fault; each is listed in the order of files and lines, up to a limit.
        """
        if not self._count:
            return
        listed = [
            fault
            for faults in self._by_file.values()
            for fault in sorted(faults, key=lambda fault: fault.line or 0)
        ]
        kept = listed[:MOST_FAULTS_KEPT]
        if self._count > len(kept) or any(map(self.is_full, list(self._by_file))):
            kept.append(Fault("all files", None, None, _more_than_listed(self._count - len(kept))))
        raise ImportRejected(kept)


def _more_than_listed(others: int) -> str:
    return (
        f"only the first {MOST_FAULTS_KEPT:,} faults are listed, {others:,} more were found, and a file with"
        " so many is not read to its end: put these right and import again"
    )
