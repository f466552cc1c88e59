"""The line of those who wait, by kind of household, in the order of a policy.

A household's number is its place in line: who loses a place, or declines one, comes back to where it was.
"""

from __future__ import annotations

from heapq import heapify, heappop, heappush

import numpy as np

from optimiser.simulation.classes import Tables
from optimiser.simulation.model import Policy

NOBODY = 1 << 62
"""A place in line behind everybody's."""
RANK = 1 << 40
"""More than there are households: a kind's rank comes before the places of its households."""


class Line:
    """Who waits. `kinds` has the kinds of which somebody does, as bits; some may have given up since."""

    def __init__(self, tables: Tables, policy: Policy) -> None:
        """Begin with nobody waiting."""
        many = len(tables.where)
        self.kinds = 0
        self.queues: list[list[int]] = [[] for _ in range(many)]
        self._members = tables.members
        self._bit = [1 << kind for kind in range(many)]
        hardest_first = policy is Policy.HARDEST_TO_FILL_FIRST
        self._rank = [rank * RANK if hardest_first else 0 for rank in tables.hardness.tolist()]
        self._heads = np.full(many, NOBODY, dtype=np.int64)

    def join(self, household: int, kind: int) -> None:
        """Let a household take its place."""
        queue = self.queues[kind]
        if not queue:
            self.kinds |= self._bit[kind]
            self._heads[kind] = self._rank[kind] + household
        elif household < queue[0]:
            self._heads[kind] = self._rank[kind] + household
        heappush(queue, household)

    def next_of(self, state: int, now: float, gives_up: list[float]) -> int:
        """Take the first household that a state suits out of the line; below 0 if there is none.

        Those before it who have given up by now are taken out too.
        """
        members, heads = self._members[state], self._heads
        while True:
            # To wrap is quicker than to look out for what cannot be: a kind that there is not.
            kind = int(members[heads.take(members, mode="wrap").argmin()])
            queue = self.queues[kind]
            if not queue:
                return -1
            while queue:
                household = heappop(queue)
                if gives_up[household] <= now:
                    continue
                if queue:
                    heads[kind] = self._rank[kind] + queue[0]
                else:
                    self._look_again(kind)
                return household
            self._look_again(kind)

    def count(self) -> int:
        """Return how many are in line, those who have given up unnoticed among them."""
        return sum(map(len, self.queues))

    def empty(self) -> list[int]:
        """Take everybody out of the line, in its order."""
        everybody = [
            (self._rank[kind], household) for kind, queue in enumerate(self.queues) for household in queue
        ]
        for kind, queue in enumerate(self.queues):
            if queue:
                self.keep(kind, [])
        return [household for _, household in sorted(everybody)]

    def keep(self, kind: int, households: list[int]) -> None:
        """Let only these households of a kind wait on."""
        heapify(households)
        self.queues[kind] = households
        self._look_again(kind)

    def _look_again(self, kind: int) -> None:
        queue = self.queues[kind]
        if queue:
            self._heads[kind] = self._rank[kind] + queue[0]
        else:
            self._heads[kind] = NOBODY
            self.kinds &= ~self._bit[kind]
