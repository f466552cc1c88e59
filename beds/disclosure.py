"""What leaves the service leaves as a `ReleasedTable`: few breakdowns, small counts hidden, the rest rounded.

A count of 1 to 4 is hidden (`[c]`), and with it others where a total would give it away; the rest is rounded
to the nearest 5; 0 is shown. That is no full disclosure control: whoever knows who came and went between two
releases may learn a count from their difference. What comes from real cases therefore stays inside.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from beds.domain.needs import Need
from beds.errors import NotPermitted
from beds.suppression import Group, Rule, protect

HIDDEN: Final = "[c]"
"""How a hidden count is shown: the symbol of the Government Statistical Service for "confidential"."""
ALL: Final = "all"


class StaysInside(NotPermitted):
    """The table is made from real cases: it is seen inside the service and leaves it in no file."""

    code = "stays_inside"


class Breakdown(StrEnum):
    """What a released table may be broken down by; there is no other crossing."""

    NATION_AND_NEED = "nation_and_need"
    REGION = "region"


class Origin(StrEnum):
    """What the figures of a table are made from."""

    PUBLISHED = "published"
    SYNTHETIC = "synthetic"
    FOLDER = "folder"
    REAL_CASES = "real_cases"


ORIGIN_NOTES: Final[Mapping[Origin, str]] = MappingProxyType(
    {
        Origin.PUBLISHED: "Made from published figures alone: no case is in it.",
        Origin.SYNTHETIC: "SYNTHETIC: the cases it is made from are invented; nobody in it exists.",
        Origin.FOLDER: (
            "Made from a folder of files. If those are about real cases, these figures stay inside your "
            "service: full disclosure control does not exist yet."
        ),
        Origin.REAL_CASES: (
            "Made from real cases: it stays inside this service until full disclosure control exists."
        ),
    }
)
CONTROL_NOTE: Final = (
    "Counts of 1 to 4 are hidden ([c]), and with them another where a total would give one away; the others "
    "are rounded to the nearest 5, each by itself, so that they need not add up. 0 is 0."
)


@dataclass(frozen=True, slots=True)
class Column:
    """A column: a key in words, or counts; with the definition that goes with it wherever it is shown.

    `adds_up` says of counts in which breakdowns the parts are the whole: quantiles, for one, do not add up.
    """

    name: str
    label: str
    definition: str
    counts: bool = True
    adds_up: tuple[Breakdown, ...] = tuple(Breakdown)


_PARTS_OF: Final[Mapping[Breakdown, tuple[str, tuple[str, ...] | None]]] = MappingProxyType(
    {
        Breakdown.NATION_AND_NEED: ("need", (Need.WOMEN, Need.MEN, Need.MIXED_OR_OTHER)),
        Breakdown.REGION: ("region", None),
    }
)
"""The key whose rows add up to its row `all`, and which rows those are: for regions all the others."""
KEYS: Final[Mapping[Breakdown, tuple[Column, ...]]] = MappingProxyType(
    {
        Breakdown.NATION_AND_NEED: (
            Column("nation", "Nation", "Where the need is.", counts=False),
            Column(
                "need", "Need", "A household may have several; women, men and others are all.", counts=False
            ),
            Column("night", "Night", "The night that the counts are about.", counts=False),
        ),
        Breakdown.REGION: (
            Column("nation", "Nation", "Where the need is.", counts=False),
            Column("region", "Region", "A group of regions of the nation, or all of it.", counts=False),
            Column("night", "Night", "The night that the counts are about.", counts=False),
        ),
    }
)


@dataclass(frozen=True, slots=True)
class About:
    """What goes with a table wherever it is shown; `vocabulary` says what its codes mean."""

    as_at: datetime
    origin: Origin
    method: str
    model_version: str
    sources: tuple[str, ...]
    vocabulary: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Counts:
    """Counts as they are, before release: `keys` by row, `values` by row; never shown and never exported."""

    name: str
    title: str
    breakdown: Breakdown
    columns: tuple[Column, ...]
    keys: tuple[tuple[str, ...], ...]
    values: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class ReleasedTable:
    """A table that may be shown and exported; it checks that nothing in it is finer than the rule lets out.

    `rows` hold the keys as text, then for each column of counts a rounded number, or None where it is hidden.
    """

    name: str
    title: str
    breakdown: Breakdown
    columns: tuple[Column, ...]
    rows: tuple[tuple[str | int | None, ...], ...]
    about: About
    rule: Rule

    def __post_init__(self) -> None:
        """Refuse what was not released.

        Raises
        ------
        ValueError
            A column is no key of the breakdown, or a count is neither hidden nor rounded.
        """
        keys = KEYS[self.breakdown]
        if self.columns[: len(keys)] != keys or not all(
            column.counts for column in self.columns[len(keys) :]
        ):
            raise ValueError("columns: the keys of the breakdown, then counts")
        for row in self.rows:
            if len(row) != len(self.columns) or not all(map(self._is_released, row[len(keys) :])):
                raise ValueError("rows: every count hidden, or rounded")

    def _is_released(self, cell: str | int | None) -> bool:
        if cell is None:
            return True
        return isinstance(cell, int) and cell >= 0 and cell % self.rule.rounded_to == 0

    @property
    def notes(self) -> tuple[str, ...]:
        """What is to be read beside the table."""
        return ORIGIN_NOTES[self.about.origin], CONTROL_NOTE, self.about.method


def release(tables: Sequence[Counts], about: About, rule: Rule | None = None) -> tuple[ReleasedTable, ...]:
    """Return tables of counts as they may be seen, protected together: a total that they share is one cell.

    Raises
    ------
    ValueError
        A count is negative or no number, or the tables do not have the same columns.
    """
    rule = rule or Rule()
    if len({table.columns for table in tables}) > 1:
        raise ValueError("tables that are released together have the same columns")
    places: dict[tuple[str, ...], int] = {}
    values: dict[int, tuple[float, ...]] = {}
    groups: list[tuple[Breakdown, Group]] = []
    for table in tables:
        of_table = [places.setdefault(_cell_of(table, keys), len(places)) for keys in table.keys]
        values.update(zip(of_table, table.values, strict=True))
        groups += [
            (table.breakdown, Group(of_table[group.total], tuple(of_table[part] for part in group.parts)))
            for group in _groups(table)
        ]
    rows = [values[place] for place in range(len(places))]
    columns = [
        protect(cells, [group for breakdown, group in groups if breakdown in column.adds_up], rule)
        for column, cells in zip(tables[0].columns, zip(*rows, strict=True), strict=True)
    ]
    return tuple(
        ReleasedTable(
            table.name,
            table.title,
            table.breakdown,
            (*KEYS[table.breakdown], *table.columns),
            tuple(
                (*keys, *(column[places[_cell_of(table, keys)]] for column in columns)) for keys in table.keys
            ),
            about,
            rule,
        )
        for table in tables
    )


def _cell_of(table: Counts, keys: tuple[str, ...]) -> tuple[str, ...]:
    """Return what a row is about; the row of all is the same in every table."""
    item = keys[_place_of_item(table)]
    others = [key for place, key in enumerate(keys) if place != _place_of_item(table)]
    return (*others, "" if item == ALL else table.breakdown, item)


def _place_of_item(table: Counts) -> int:
    return [column.name for column in KEYS[table.breakdown]].index(_PARTS_OF[table.breakdown][0])


def _groups(counts: Counts) -> Iterator[Group]:
    """Yield which rows add up to which: within a nation and a night."""
    known = _PARTS_OF[counts.breakdown][1]
    rows: dict[tuple[str, ...], dict[str, int]] = defaultdict(dict)
    for row, keys in enumerate(counts.keys):
        item = _place_of_item(counts)
        rows[(*keys[:item], *keys[item + 1 :])][keys[item]] = row
    for found in rows.values():
        parts = [row for item, row in found.items() if item != ALL and (known is None or item in known)]
        if ALL in found and parts:
            yield Group(found[ALL], tuple(parts))


def refusal_of_real_cases() -> StaysInside:
    """Return why what comes from real cases is not let out."""
    return StaysInside(
        "these figures come from real cases and stay inside this service until full disclosure control "
        "exists: they can be seen here, and are not exported"
    )


def require_outside(table: ReleasedTable) -> None:
    """Refuse to let a table out that is made from real cases.

    Raises
    ------
    StaysInside
        It is.
    """
    if table.about.origin is Origin.REAL_CASES:
        raise refusal_of_real_cases()
