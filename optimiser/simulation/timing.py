"""The order of what happens, and how nights fit on the real line.

Time k, a whole number, is when night k is counted. Whoever comes in (k - 1, k] is there for night k first;
who leaves on day k is not there for it.
"""

from __future__ import annotations

from typing import Final

JUST_AFTER: Final = 1e-6
"""Days: what changes with a night changes when the night before has been counted."""
ENDLESS: Final = float("inf")

LEAVES, UNIT_CHANGES, BED_CLOSES, BED_REOPENS, JOINS, ASKED_AGAIN, FIRST_OFFERS, ROUND = range(8)
"""What may happen next; of several at one time, in this order."""


def begins_with(night: float) -> float:
    """Return when something changes that is so from a night on (counted from the start of the run)."""
    return max(night - 1.0, 0.0) + JUST_AFTER
