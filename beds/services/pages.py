"""Pages of a list: a bounded number of rows, and where the next ones begin."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Row = TypeVar("Row")

MOST_ROWS = 200
"""The most rows that one answer holds."""


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Some rows in their order; `next_after` is the key to ask for the rows after them, None at the end."""

    rows: tuple[Row, ...]
    next_after: str | None


def page_of(rows: Sequence[Row], limit: int, key: Callable[[Row], str]) -> Page[Row]:
    """Return a page out of up to `limit + 1` rows: the one too many only says that there are more."""
    shown = tuple(rows[:limit])
    return Page(shown, key(shown[-1]) if len(rows) > limit and shown else None)
