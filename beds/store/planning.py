"""What an import would do, record by record, before anything is written; and whether the outcome can stand.

A record that was changed in the database since its import is a conflict: reported, and left alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any

from beds.domain.estate import Estate
from beds.domain.records.columns import Keyring
from beds.domain.referral import Hold, Placement
from beds.domain.terms import OPEN_STATUSES
from beds.errors import Fault
from beds.store.fingerprints import fingerprint, is_fingerprint_of
from beds.store.loading import Records
from beds.store.rows import STORED_TABLES, StoredTable, identified


@dataclass(frozen=True, slots=True)
class TableReport:
    """What an import did to one table; `conflicts` are identifiers of records left as they are."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    conflicts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did, or would do, table by table of the folder."""

    tables: Mapping[str, TableReport]

    @property
    def changes(self) -> int:
        """How many records were added or updated."""
        return sum(table.added + table.updated for table in self.tables.values())

    @property
    def conflicts(self) -> tuple[tuple[str, str], ...]:
        """Table and identifier of every record that was changed in the database since it was imported."""
        return tuple((name, record) for name, table in self.tables.items() for record in table.conflicts)


@dataclass(slots=True)
class TablePlan:
    """What to do with the rows of one table; `fingerprints` are those to be written anew."""

    stored: StoredTable
    added: dict[str, Any] = field(default_factory=dict)
    updated: dict[str, Any] = field(default_factory=dict)
    unchanged: int = 0
    conflicts: list[str] = field(default_factory=list)
    fingerprints: dict[str, str] = field(default_factory=dict)

    def report(self) -> TableReport:
        """Return the counts of this plan."""
        return TableReport(len(self.added), len(self.updated), self.unchanged, tuple(sorted(self.conflicts)))

    def written(self) -> Iterator[Any]:
        """Give every row to be added or updated."""
        yield from self.added.values()
        yield from self.updated.values()


Plans = dict[str, TablePlan]


def plan_import(
    estate: Estate, live: Records, imported: Mapping[str, Mapping[str, str]], keyring: Keyring
) -> Plans:
    """Return what an import of the estate does to the live records.

    Parameters
    ----------
    imported : fingerprints of the last import, by table and identifier
    """
    return {
        stored.name: _plan_table(
            stored,
            identified(stored, getattr(estate, stored.name)),
            getattr(live, stored.name),
            imported.get(stored.name, {}),
            keyring,
        )
        for stored in STORED_TABLES
    }


def combined(live: Records, plans: Plans) -> Records:
    """Return the records as they will be."""
    return Records(
        **{
            table.name: {
                **getattr(live, table.name),
                **plans[table.name].added,
                **plans[table.name].updated,
            }
            for table in fields(Records)
        }
    )


def outcome_faults(records: Records, plans: Plans) -> list[Fault]:
    """Return why the folder and what is recorded cannot both stand; empty when they can.

    A folder is checked by itself when it is read; these are faults between it and the database.
    """
    return sorted(
        {
            *_unresolved(records, plans),
            *_household_faults(records),
            *_keep_apart_faults(records),
            *_header_faults("holds", "hold_id", records.holds),
            *_header_faults("placements", "placement_id", records.placements),
            *_overlaps(records, plans),
        }
    )


def _plan_table(
    stored: StoredTable,
    incoming: Mapping[str, Any],
    live: Mapping[str, Any],
    imported: Mapping[str, str],
    keyring: Keyring,
) -> TablePlan:
    plan = TablePlan(stored)
    for record_id, row in incoming.items():
        now, last = live.get(record_id), imported.get(record_id)
        if now is None and last is None:
            plan.added[record_id] = row
        elif now == row:
            plan.unchanged += 1
            if last is not None and is_fingerprint_of(keyring, stored.name, record_id, row, last):
                continue
        elif now is None or last is None or not is_fingerprint_of(keyring, stored.name, record_id, now, last):
            plan.conflicts.append(record_id)
            continue
        else:
            plan.updated[record_id] = row
        plan.fingerprints[record_id] = fingerprint(keyring, stored.name, record_id, row)
    return plan


def _unresolved(records: Records, plans: Plans) -> Iterator[Fault]:
    """A row that refers to one which was taken out of the database after an earlier import."""
    references = (
        ("units", "site_id", records.sites),
        ("beds", "unit_id", records.units),
        ("people", "referral_id", records.referrals),
        ("closures", "bed_id", records.beds),
        ("keep_apart", "referral_id_a", records.referrals),
        ("keep_apart", "referral_id_b", records.referrals),
        ("declines", "referral_id", records.referrals),
        ("declines", "site_id", records.sites),
        ("holds", "referral_id", records.referrals),
        ("holds", "bed_id", records.beds),
        ("placements", "referral_id", records.referrals),
        ("placements", "bed_id", records.beds),
    )
    for table, column, known in references:
        if any(getattr(row, column) not in known for row in plans[table].written()):
            yield _fault(table, column, "must refer to a record that is in the folder or in the database")


def _household_faults(records: Records) -> Iterator[Fault]:
    leads: dict[str, int] = defaultdict(int)
    for person in records.people.values():
        leads[person.referral_id] += person.is_lead
    for referral_id, count in leads.items():
        if count != 1:
            yield _fault(
                "people", "is_lead", f"referral {referral_id} would have {count} leads; one is needed"
            )
    waiting: dict[str, list[str]] = defaultdict(list)
    for referral in records.referrals.values():
        if referral.status in OPEN_STATUSES:
            waiting[referral.survivor].append(referral.referral_id)
    for ids in waiting.values():
        if len(ids) > 1:
            names = ", ".join(sorted(ids))
            yield _fault("referrals", "status", f"{names}: one referral of a survivor may be waiting or held")


def _keep_apart_faults(records: Records) -> Iterator[Fault]:
    for pair in records.keep_apart.values():
        a, b = (records.referrals.get(name) for name in (pair.referral_id_a, pair.referral_id_b))
        if a is not None and b is not None and a.survivor == b.survivor:
            message = f"{a.referral_id}, {b.referral_id}: one survivor's referrals cannot be kept apart"
            yield _fault("keep_apart", "referral_id_b", message)


def _header_faults(
    table: str, header: str, rows: Mapping[str, Hold] | Mapping[str, Placement]
) -> Iterator[Fault]:
    referrals: dict[str, str] = {}
    for row in rows.values():
        name = getattr(row, header)
        if referrals.setdefault(name, row.referral_id) != row.referral_id:
            yield _fault(table, "referral_id", f"{name}: all its rows must name one referral")


def _overlaps(records: Records, plans: Plans) -> Iterator[Fault]:
    beds = {row.bed_id for row in plans["placements"].written()}
    stays: dict[str, list[tuple[date, date, str]]] = defaultdict(list)
    for stay in records.placements.values():
        ends_on = stay.ended_on or stay.expected_end_on
        if stay.bed_id in beds and stay.starts_on < ends_on:
            stays[stay.bed_id].append((stay.starts_on, ends_on, stay.placement_id))
    for bed_id, nights in stays.items():
        for first, second in _overlapping(sorted(nights)):
            yield _fault(
                "placements", "bed_id", f"placements {first} and {second} would overlap in bed {bed_id}"
            )


def _overlapping(stays: Iterable[tuple[date, date, str]]) -> Iterator[tuple[str, str]]:
    """Give each stay that begins before the latest end so far, with the stay that it runs into."""
    latest: tuple[date, str] | None = None
    for starts_on, ends_on, name in stays:
        if latest is not None and starts_on < latest[0]:
            yield latest[1], name
        if latest is None or ends_on > latest[0]:
            latest = (ends_on, name)


def _fault(table: str, column: str, message: str) -> Fault:
    return Fault(f"{table}.csv", None, column, message)
