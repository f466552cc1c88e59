"""The shares that synthetic estates are drawn with: rows of `synthesis_assumptions.csv`, not constants.

Each row says whether it is published or an assumption of ours; see `data/sources.toml`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from beds.reference import read_rows
from beds.synthesis.draws import Draws, Weighted


@dataclass(frozen=True, slots=True)
class Shares:
    """Values by topic and item."""

    values: Mapping[str, Mapping[str, float]]
    tables: Mapping[str, Weighted[str]]

    def value(self, topic: str, item: str = "share") -> float:
        """Return one value.

        Raises
        ------
        KeyError
            The file has no such row.
        """
        return self.values[topic][item]

    def draw(self, topic: str, draws: Draws) -> str:
        """Return an item of a topic, drawn by weight."""
        return draws.weighted(self.tables[topic])

    def number(self, topic: str, draws: Draws) -> int:
        """Return an item of a topic that is a whole number, drawn by weight."""
        return int(self.draw(topic, draws))

    def within(self, topic: str, draws: Draws) -> int:
        """Return a whole number from a band such as `18-21` of a topic, drawn by weight."""
        low, high = self.draw(topic, draws).split("-")
        return draws.integer(int(low), int(high))

    def asked(self, topic: str, draws: Draws) -> bool | None:
        """Return an answer of `true`, `false` or not yet asked, drawn by weight."""
        return {"true": True, "false": False, "": None}[self.draw(topic, draws)]

    def happens(self, topic: str, draws: Draws, item: str = "share") -> bool:
        """Return true in the share of draws that the row says."""
        return draws.chance(self.values[topic][item])


@cache
def shipped_shares() -> Shares:
    """Return the shares of the shipped file."""
    values: dict[str, dict[str, float]] = defaultdict(dict)
    for row in read_rows("synthesis_assumptions"):
        values[row["topic"]][row["item"]] = float(row["value"])
    tables = {
        topic: Weighted(tuple(items), tuple(items.values()))
        for topic, items in values.items()
        if sum(items.values()) > 0
    }
    return Shares(values=dict(values), tables=tables)
