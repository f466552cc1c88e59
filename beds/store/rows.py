"""Domain values → the columns of their tables, and the identifier by which each record is known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from functools import partial
from typing import Any, Final, TypeVar

from sqlalchemy import Table

from beds.domain.accommodation import Bed, Closure, Site, Unit
from beds.domain.records import METADATA
from beds.domain.referral import Decline, Hold, KeepApart, Person, Placement, Referral
from beds.domain.terms import ReferralRef
from beds.store.people import person_details

Row = TypeVar("Row")
Survivors = Mapping[ReferralRef, str]
"""The survivor of each referral."""
Values = dict[str, object]


@dataclass(frozen=True, slots=True)
class StoredTable:
    """How the rows of one table of an `Estate` are stored.

    `record_id` names a row within its table of the folder; `key` is the column that holds it. `park` are
    values that no guard can refuse: rows to be changed take them first, so that a change of several rows
    (a bed changes hands, another person becomes the lead) is refused for its end and never for its order.
    """

    name: str
    table: Table
    key: str
    record_id: Callable[[Any], str]
    values: Callable[[Any, Survivors], Values]
    park: Mapping[str, object] | None = None


def identified(stored: StoredTable, rows: Iterable[Row]) -> dict[str, Row]:
    """Return rows by identifier; repeats of a row without an identifier of its own are numbered."""
    seen: Counter[str] = Counter()
    by_id: dict[str, Row] = {}
    for row in rows:
        name = stored.record_id(row)
        seen[name] += 1
        by_id[name if seen[name] == 1 else _joined(name, seen[name])] = row
    return by_id


def _joined(*parts: object) -> str:
    # Identifiers hold no blank (`beds.importing`), so the parts can be told apart.
    return " ".join(map(str, parts))


def _same(row_type: type, leave_out: frozenset[str] = frozenset()) -> Callable[[Any, Survivors], Values]:
    """Return the function from a value object to columns of the same names."""
    names = tuple(field.name for field in fields(row_type) if field.name not in leave_out)

    def values(row: object, _: Survivors) -> Values:
        return {name: getattr(row, name) for name in names}

    return values


def _referral(referral: Referral, survivors: Survivors) -> Values:
    columns = _referral_columns(referral, survivors)
    return {**columns, "survivor_id": referral.survivor}


_referral_columns = _same(Referral, frozenset({"survivor_ref", "excluded_areas"}))


def _person(person: Person, _: Survivors) -> Values:
    """Return a person's columns; the details are sealed when they are written (`beds.store.importing`)."""
    return {
        "person_id": person.person_id,
        "referral_id": person.referral_id,
        "is_lead": person.is_lead,
        "details": person_details(person),
    }


def _keep_apart(pair: KeepApart, survivors: Survivors) -> Values:
    return {
        "keep_apart_id": _keep_apart_id(pair),
        "referral_id_a": pair.referral_id_a,
        "referral_id_b": pair.referral_id_b,
        "survivor_id_a": survivors[pair.referral_id_a],
        "survivor_id_b": survivors[pair.referral_id_b],
    }


def _keep_apart_id(pair: KeepApart) -> str:
    return _joined(pair.referral_id_a, pair.referral_id_b)


_decline_columns = _same(Decline)


def _decline(decline: Decline, survivors: Survivors) -> Values:
    return {**_decline_columns(decline, survivors), "survivor_id": survivors[decline.referral_id]}


def _decline_id(decline: Decline) -> str:
    return _joined(decline.referral_id, decline.site_id, decline.declined_by, decline.declined_on)


def _closure_id(closure: Closure) -> str:
    return _joined(closure.bed_id, closure.starts_on)


def _in_bed(header: str, row: Hold | Placement) -> str:
    return _joined(getattr(row, header), row.bed_id)


def _own(name: str, row: object) -> str:
    return str(getattr(row, name))


_REFERRAL_ID = frozenset({"referral_id"})
_TABLES = METADATA.tables

STORED_TABLES: Final = (
    StoredTable("sites", _TABLES["site"], "site_id", partial(_own, "site_id"), _same(Site)),
    StoredTable("units", _TABLES["unit"], "unit_id", partial(_own, "unit_id"), _same(Unit)),
    StoredTable("beds", _TABLES["bed"], "bed_id", partial(_own, "bed_id"), _same(Bed)),
    StoredTable(
        "referrals",
        _TABLES["referral"],
        "referral_id",
        partial(_own, "referral_id"),
        _referral,
        park={"status": "closed"},
    ),
    StoredTable(
        "people", _TABLES["person"], "person_id", partial(_own, "person_id"), _person, park={"is_lead": False}
    ),
    StoredTable("closures", _TABLES["closure"], "closure_id", _closure_id, _same(Closure)),
    StoredTable("keep_apart", _TABLES["keep_apart"], "keep_apart_id", _keep_apart_id, _keep_apart),
    StoredTable("declines", _TABLES["decline"], "decline_id", _decline_id, _decline),
    StoredTable(
        "holds", _TABLES["hold_bed"], "hold_bed_id", partial(_in_bed, "hold_id"), _same(Hold, _REFERRAL_ID)
    ),
    StoredTable(
        "placements",
        _TABLES["placement_bed"],
        "placement_bed_id",
        partial(_in_bed, "placement_id"),
        _same(Placement, _REFERRAL_ID),
        park={"ended_on": _TABLES["placement_bed"].c.starts_on},
    ),
)
"""The tables of an `Estate`, each after those that it refers to."""
