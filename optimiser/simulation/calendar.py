"""What is going to happen, day by day: a heap for the day that is on, a list for each day to come."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heapify, heappush

Happening = tuple[float, int, int]
"""When, what kind (`timing`), and to whom or what."""


class Calendar:
    """Days 0 … `end` of a run. What would be after its end is not noted.

    `heap` is what is still to happen on the day that is on, the earliest first; `tomorrow` is when it ends.
    """

    def __init__(self, end: int) -> None:
        """Begin before day 0, with nothing noted."""
        self.end = float(end)
        self.tomorrow = 0.0
        self.heap: list[Happening] = []
        self.days: list[list[Happening]] = [[] for _ in range(end + 1)]

    def note(self, when: float, kind: int, what: int) -> None:
        """Note what will happen."""
        if when < self.tomorrow:
            heappush(self.heap, (when, kind, what))
        elif when <= self.end:
            self.days[int(when)].append((when, kind, what))

    def __iter__(self) -> Iterator[list[Happening]]:
        """Yield the heap of each day when it is on; what is noted for that day meanwhile comes into it."""
        for day, noted in enumerate(self.days):
            heapify(noted)
            self.tomorrow, self.heap = day + 1.0, noted
            yield noted
            self.days[day] = []
