"""Chance, repeatable to the byte: the same seed gives the same draws on every machine and NumPy release.

Only the raw output of PCG64 is used: NumPy promises that bit streams never change, and does not promise it of
its distributions. No logarithm or power is taken, since those differ between maths libraries.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import Generic, TypeVar

import numpy as np

T = TypeVar("T")

_BELOW_ONE = 2.0**-53


class Weighted(Generic[T]):
    """Items with weights to draw from, with the running total kept for fast repeated draws."""

    def __init__(self, items: Sequence[T], weights: Sequence[float]) -> None:
        """Keep the items and their running weights.

        Raises
        ------
        ValueError
            There is nothing to draw: no items, or weights that do not add up to more than 0.
        """
        self.items = tuple(items)
        self.running = list(accumulate(weights))
        if not self.running or self.running[-1] <= 0:
            raise ValueError("weights: at least one item with a weight above 0 is needed")

    def at(self, share: float) -> T:
        """Return the item at a share in [0, 1) of the total weight."""
        place = bisect_right(self.running, share * self.running[-1])
        return self.items[min(place, len(self.items) - 1)]


class Draws:
    """A stream of draws; `branch` gives an independent one, so that one part cannot disturb another."""

    def __init__(self, seed: int | np.random.SeedSequence) -> None:
        """Start from a seed of 0 or more."""
        sequence = seed if isinstance(seed, np.random.SeedSequence) else np.random.SeedSequence(seed)
        self._sequence = sequence
        self._bits = np.random.PCG64(sequence)

    def branches(self, count: int) -> list[Draws]:
        """Return further independent streams, the same ones for the same seed."""
        return [Draws(child) for child in self._sequence.spawn(count)]

    def share(self) -> float:
        """Return a number in [0, 1)."""
        return (int(self._bits.random_raw()) >> 11) * _BELOW_ONE

    def chance(self, probability: float) -> bool:
        """Return true in a `probability` share of draws."""
        return self.share() < probability

    def integer(self, low: int, high: int) -> int:
        """Return a whole number from `low` to `high`, both included."""
        return low + int(self.share() * (high - low + 1))

    def pick(self, items: Sequence[T]) -> T:
        """Return one of the items, each as likely."""
        return items[self.integer(0, len(items) - 1)]

    def weighted(self, choices: Weighted[T]) -> T:
        """Return one of the items by weight."""
        return choices.at(self.share())

    def sample(self, items: Sequence[T], count: int) -> list[T]:
        """Return up to `count` different items, in the order drawn."""
        left = list(items)
        return [left.pop(self.integer(0, len(left) - 1)) for _ in range(min(count, len(left)))]

    def shuffled(self, items: Sequence[T]) -> list[T]:
        """Return the items in another order."""
        return self.sample(items, len(items))
