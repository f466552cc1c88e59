"""The estate and its waiting list at one instant, as plain values in a canonical order.

What a folder of CSV files says and what the database says are both read into an `Estate`; the rules, the
round and the checker see nothing else.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Final, Self, TypeVar

from beds.domain.accommodation import Bed, Closure, Site, Unit
from beds.domain.referral import Decline, Hold, KeepApart, Person, Placement, Referral
from beds.domain.terms import BedRef, ReferralRef, SiteRef, UnitRef

Row = TypeVar("Row")
Key = TypeVar("Key")

FOLLOWS_FROM: Final[Mapping[str, tuple[str, ...]]] = {
    "sites": ("site_by_id",),
    "units": ("unit_by_id",),
    "beds": ("bed_by_id", "beds_of"),
    "referrals": ("referral_by_id", "survivor_of", "excluded_areas_of", "kept_apart_from"),
    "people": ("people_of",),
    "keep_apart": ("kept_apart_from",),
}
"""What is derived from each table and must be derived again when its rows change."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """Rows that are gone from each table of an estate, and rows that are new in it."""

    gone: Mapping[str, tuple[object, ...]]
    new: Mapping[str, tuple[object, ...]]

    def rows(self, *tables: str) -> Iterable[object]:
        """Yield every row that is gone from these tables or new in them."""
        for table in tables:
            yield from self.gone.get(table, ())
            yield from self.new.get(table, ())

    def __bool__(self) -> bool:
        """Whether anything changes at all."""
        return any(self.gone.values()) or any(self.new.values())


@dataclass(frozen=True)
class Estate:
    """Sites, units, beds, closures, referrals, people and everything on record between them.

    Rows are sorted on construction, so that no answer can depend on the order of rows in a file.
    """

    sites: tuple[Site, ...] = ()
    units: tuple[Unit, ...] = ()
    beds: tuple[Bed, ...] = ()
    referrals: tuple[Referral, ...] = ()
    people: tuple[Person, ...] = ()
    closures: tuple[Closure, ...] = ()
    keep_apart: tuple[KeepApart, ...] = ()
    holds: tuple[Hold, ...] = ()
    declines: tuple[Decline, ...] = ()
    placements: tuple[Placement, ...] = field(default=())

    def __post_init__(self) -> None:
        """Put every table in its canonical order."""
        for table in fields(self):
            rows = sorted(getattr(self, table.name), key=_sort_key)
            object.__setattr__(self, table.name, tuple(rows))

    def with_rows(self, **tables: Iterable[object]) -> Self:
        """Return the estate with some tables replaced."""
        return replace(self, **{name: tuple(rows) for name, rows in tables.items()})  # type: ignore[arg-type]

    def exchanged(self, rows: Exchange) -> Self:
        """Return the estate with some rows taken out and others put in, each in its place in the order.

        What has not changed is shared with this estate, which stays as it is; nothing is sorted again.

        Raises
        ------
        KeyError
            A row that should be gone is not here.
        """
        content = dict(self.__dict__)
        for table in {name for kind in (rows.gone, rows.new) for name, changed in kind.items() if changed}:
            content[table] = _in_order(content[table], rows.gone.get(table, ()), rows.new.get(table, ()))
            for derived in FOLLOWS_FROM.get(table, ()):
                content.pop(derived, None)
        changed = object.__new__(type(self))
        changed.__dict__.update(content)
        return changed

    @cached_property
    def site_by_id(self) -> Mapping[SiteRef, Site]:
        """Sites by identifier."""
        return {site.site_id: site for site in self.sites}

    @cached_property
    def unit_by_id(self) -> Mapping[UnitRef, Unit]:
        """Units by identifier."""
        return {unit.unit_id: unit for unit in self.units}

    @cached_property
    def bed_by_id(self) -> Mapping[BedRef, Bed]:
        """Beds by identifier."""
        return {bed.bed_id: bed for bed in self.beds}

    @cached_property
    def referral_by_id(self) -> Mapping[ReferralRef, Referral]:
        """Referrals by identifier."""
        return {referral.referral_id: referral for referral in self.referrals}

    @cached_property
    def people_of(self) -> Mapping[ReferralRef, tuple[Person, ...]]:
        """The people of each household, in the order of `person_id`."""
        return _grouped(self.people, lambda person: person.referral_id)

    @cached_property
    def beds_of(self) -> Mapping[UnitRef, tuple[Bed, ...]]:
        """The beds of each unit, in the order of `bed_id`."""
        return _grouped(self.beds, lambda bed: bed.unit_id)

    @cached_property
    def survivor_of(self) -> Mapping[ReferralRef, str]:
        """Whose safety facts a referral shares: its survivor's."""
        return {referral.referral_id: referral.survivor for referral in self.referrals}

    @cached_property
    def excluded_areas_of(self) -> Mapping[str, frozenset[str]]:
        """Each survivor's excluded areas, over all of the survivor's referrals (`allocation.md` §1)."""
        areas: dict[str, frozenset[str]] = {}
        for referral in self.referrals:
            survivor = self.survivor_of[referral.referral_id]
            known = areas.get(survivor, frozenset())
            areas[survivor] = known | referral.excluded_areas if referral.excluded_areas else known
        return areas

    @cached_property
    def kept_apart_from(self) -> Mapping[str, frozenset[str]]:
        """For each survivor the survivors that must never be in the same site at the same time."""
        apart: dict[str, set[str]] = defaultdict(set)
        for couple in self.keep_apart:
            a, b = self.survivor_of[couple.referral_id_a], self.survivor_of[couple.referral_id_b]
            apart[a].add(b)
            apart[b].add(a)
        return {survivor: frozenset(others) for survivor, others in apart.items()}


def _in_order(rows: Iterable[object], gone: Iterable[object], new: Iterable[object]) -> tuple[object, ...]:
    """Return sorted rows with some taken out and others put in."""
    ordered = list(rows)
    for row in gone:
        place = bisect_left(ordered, _sort_key(row), key=_sort_key)
        while place < len(ordered) and ordered[place] != row:
            place += 1
        if place == len(ordered):
            raise KeyError("a row to be taken out is not in the estate")
        del ordered[place]
    for row in new:
        insort(ordered, row, key=_sort_key)
    return tuple(ordered)


def _sort_key(row: object) -> tuple[str, ...]:
    """Order rows by their own text, field by field: dates in ISO order, sets sorted."""
    return tuple(_text(getattr(row, column.name)) for column in fields(row))  # type: ignore[arg-type]


def _text(value: object) -> str:
    return ";".join(sorted(value)) if isinstance(value, frozenset) else str(value)


def _grouped(rows: Iterable[Row], key: Callable[[Row], Key]) -> dict[Key, tuple[Row, ...]]:
    groups: dict[Key, list[Row]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return {name: tuple(members) for name, members in groups.items()}
