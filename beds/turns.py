"""Whose turn it is to write: within a process one after the other, in the order in which they came.

SQLite lets waiting writers poll and sleep, so that with fifty of them the unlucky ones wait for seconds; here
each is woken when it is its turn. Other processes are kept apart by the database itself.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from weakref import WeakValueDictionary

from beds.errors import Busy

BUSY = "the database is busy: somebody else is writing to it; nothing was changed, try again"


class Turns:
    """A queue of writers, first come first served."""

    __slots__ = ("__weakref__", "_guard", "_taken", "_waiting")

    def __init__(self) -> None:
        """Begin with nobody waiting."""
        self._guard = threading.Lock()
        self._waiting: deque[threading.Event] = deque()
        self._taken = False

    @property
    def waiting(self) -> int:
        """How many wait for a turn."""
        return len(self._waiting)

    @contextmanager
    def taken(self, within_s: float) -> Iterator[None]:
        """Wait for a turn, keep it for a while, and pass it on.

        Raises
        ------
        Busy
            It did not come within so many seconds.
        """
        self._take(within_s)
        try:
            yield
        finally:
            self._pass_on()

    def _take(self, within_s: float) -> None:
        with self._guard:
            if not self._taken:
                self._taken = True
                return
            mine = threading.Event()
            self._waiting.append(mine)
        came = False
        try:
            came = mine.wait(within_s)
        finally:
            if not came:
                self._leave(mine)
        if not came:
            raise Busy(BUSY)

    def _leave(self, mine: threading.Event) -> None:
        with self._guard:
            if not mine.is_set():
                self._waiting.remove(mine)
                return
        # It came in the very moment of leaving: somebody else is to have it.
        self._pass_on()

    def _pass_on(self) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._taken = False


_TURNS: WeakValueDictionary[str, Turns] = WeakValueDictionary()
_TURNS_GUARD = threading.Lock()


def turns_of(database: str) -> Turns:
    """Return the one queue that this process has for a database, whichever engine asks."""
    with _TURNS_GUARD:
        turns = _TURNS.get(database)
        if turns is None:
            turns = _TURNS[database] = Turns()
        return turns
