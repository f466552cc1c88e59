"""An estate into the database: all of it or nothing, and nothing when there is nothing new."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Table, bindparam, select
from sqlmodel import Session

from beds.audit import record
from beds.domain.estate import Estate
from beds.domain.records import METADATA
from beds.domain.records.columns import keyring_of
from beds.domain.referral import Person, Referral
from beds.domain.terms import ReferralRef
from beds.errors import Fault, ImportRejected
from beds.sealing import case_keys
from beds.store.held import held_live, not_guarded, release_expired
from beds.store.loading import Records, load_records
from beds.store.people import person_details, sealed_details
from beds.store.planning import ImportReport, Plans, TablePlan, combined, outcome_faults, plan_import
from beds.store.rows import Survivors, Values

_TABLES = METADATA.tables
FINGERPRINT, SURVIVOR, PROVIDER = (_TABLES[name] for name in ("import_fingerprint", "survivor", "provider"))
REFERRAL, AREA = _TABLES["referral"], _TABLES["exclusion_area"]
FACTS = (
    (_TABLES["decline"], "decline_id", (("referral_id", "survivor_id"),)),
    (
        _TABLES["keep_apart"],
        "keep_apart_id",
        (("referral_id_a", "survivor_id_a"), ("referral_id_b", "survivor_id_b")),
    ),
    (AREA, "exclusion_area_id", (("referral_id", "survivor_id"),)),
)
"""Where a survivor's safety facts are: the table, its key, and which referral each came in with, for whom."""
ABOUT_CASES = {
    "referrals": ("referral_id",),
    "people": ("referral_id",),
    "keep_apart": ("referral_id_a", "referral_id_b"),
    "declines": ("referral_id",),
    "holds": ("referral_id",),
    "placements": ("referral_id",),
}
"""Where the records of a case are: the tables of the folder, and the columns that name it."""


def import_estate(
    session: Session, estate: Estate, *, actor: str, at: datetime, dry_run: bool = False
) -> ImportReport:
    """Bring the records of a folder into the database and return what was done.

    New records are added; those that the folder changes are updated; those that were changed in the database
    since their import are reported as conflicts and left as they are; those that the folder does not
    mention are left alone. With `dry_run` nothing is written and the report says what would be.

    Raises
    ------
    ImportRejected
        The folder and what is recorded cannot both stand: stays that overlap in a bed, a second lead, two
        open referrals of a survivor, something new about a case that was anonymised. Nothing is written.
    """
    live = load_records(session)
    plans = plan_import(estate, live, _imported(session), keyring_of(session.get_bind().dialect))
    outcome = combined(live, plans)
    faults = sorted(
        [*outcome_faults(outcome, plans), *held_live(session, plans, at), *_anonymised(session, plans)]
    )
    if faults:
        raise ImportRejected(faults)
    report = ImportReport({name: plan.report() for name, plan in plans.items()})
    if dry_run:
        return report
    release_expired(session, at)
    _write(session, plans, live, outcome, not_guarded(outcome, plans, at))
    if report.changes:
        counts = {f"{name}_{what}": count for name, plan in plans.items() for what, count in _counts(plan)}
        record(session, actor, "estate_imported", "estate", counts, at=at)
    return report


def _counts(plan: TablePlan) -> Iterable[tuple[str, int]]:
    counts = (("added", len(plan.added)), ("updated", len(plan.updated)), ("conflicts", len(plan.conflicts)))
    return ((what, count) for what, count in counts if count)


def _imported(session: Session) -> Mapping[str, Mapping[str, str]]:
    fingerprints: dict[str, dict[str, str]] = defaultdict(dict)
    for table, record_id, value in session.execute(select(FINGERPRINT)):
        fingerprints[table][record_id] = value
    return fingerprints


def _anonymised(session: Session, plans: Plans) -> Iterator[Fault]:
    """Give a fault for each table in which something is new about a case whose key was destroyed."""
    gone = case_keys(session).destroyed()
    if not gone:
        return
    for name, columns in ABOUT_CASES.items():
        if any(getattr(row, column) in gone for row in plans[name].written() for column in columns):
            yield Fault(f"{name}.csv", None, columns[0], "must not be about a case that was anonymised")


def _write(session: Session, plans: Plans, live: Records, outcome: Records, released: frozenset[str]) -> None:
    survivors: Survivors = {
        referral.referral_id: referral.survivor for referral in outcome.referrals.values()
    }
    for name, plan in plans.items():
        if name == "sites":
            _add_missing(session, PROVIDER, "provider_id", {site.provider_id: {} for site in plan.written()})
        if name == "referrals":
            _add_survivors(session, plan)
        if name in ("holds", "placements"):
            _write_headers(session, name.removesuffix("s"), plan)
        _write_rows(session, plan, survivors, released if name == "holds" else None)
        if name == "referrals":
            _move_facts(session, plan, live)
            _write_areas(session, plan)
        _write_fingerprints(session, name, plan)


def _write_rows(
    session: Session, plan: TablePlan, survivors: Survivors, released: frozenset[str] | None
) -> None:
    stored = plan.stored

    def values_of(record_id: str, row: Any) -> Values:
        values = stored.values(row, survivors)
        if released is not None:
            values["released_at"] = row.expires_at if record_id in released else None
        return values

    updated = {record_id: values_of(record_id, row) for record_id, row in plan.updated.items()}
    for values in updated.values():
        values.pop(stored.key, None)
    if stored.park:
        _update(session, stored.table, stored.key, {record_id: {} for record_id in updated}, stored.park)
    new = {record_id: values_of(record_id, row) for record_id, row in plan.added.items()}
    if stored.name == "people":
        _seal_details(session, plan, {**updated, **new})
    added = [{**values, stored.key: record_id} for record_id, values in new.items()]
    if added:
        session.execute(stored.table.insert(), added)
    _update(session, stored.table, stored.key, updated)


def _seal_details(session: Session, plan: TablePlan, rows: Mapping[str, Values]) -> None:
    people: Iterable[Person] = plan.written()
    sealed = sealed_details(
        session, {person.person_id: (person.referral_id, person_details(person)) for person in people}
    )
    for person_id, values in rows.items():
        values["details"] = sealed[person_id]


def _update(
    session: Session,
    table: Table,
    key: str,
    rows: Mapping[Any, Values],
    for_all: Mapping[str, object] | None = None,
) -> None:
    """Change rows by key, each to its own values or all to the same; a counted row counts the change once."""
    if not rows:
        return
    names = next(iter(rows.values()))
    changes: dict[str, object] = dict(for_all or {name: bindparam(f"new_{name}") for name in names})
    if "version" in table.c and for_all is None:
        changes["version"] = table.c.version + 1
    session.connection().execute(
        table.update().where(table.c[key] == bindparam("record_key")).values(changes),
        [
            {"record_key": record, **{f"new_{name}": value for name, value in values.items()}}
            for record, values in rows.items()
        ],
    )


def _add_missing(session: Session, table: Table, key: str, rows: Mapping[str, Values]) -> None:
    known = set(session.scalars(select(table.c[key])))
    missing = [{key: name, **values} for name, values in rows.items() if name not in known]
    if missing:
        session.execute(table.insert(), missing)


def _add_survivors(session: Session, plan: TablePlan) -> None:
    referrals: Iterable[Referral] = plan.written()
    rows: dict[str, Values] = {
        referral.survivor: {"survivor_ref": referral.survivor_ref or None} for referral in referrals
    }
    _add_missing(session, SURVIVOR, "survivor_id", rows)


def _move_facts(session: Session, plan: TablePlan, live: Records) -> None:
    """Let safety facts follow a referral whose survivor is now known, or known better."""
    moved: dict[ReferralRef, tuple[str, str]] = {}
    for referral in plan.updated.values():
        before = live.referrals[referral.referral_id].survivor
        if before != referral.survivor:
            moved[referral.referral_id] = (before, referral.survivor)
    if not moved:
        return
    remaining = set(session.scalars(select(REFERRAL.c.survivor_id)))
    # A survivor without referrals is the same person under her new reference: nothing of hers is dropped.
    left = {before: after for before, after in moved.values() if before not in remaining}
    affected = {before for before, _ in moved.values()}
    for table, key, owners in FACTS:
        changes: dict[object, Values] = {}
        for row in session.execute(select(table)).mappings():
            if any(row[owner] in affected for _, owner in owners):
                changes[row[key]] = {
                    owner: moved[row[came_with]][1]
                    if row[came_with] in moved
                    else left.get(row[owner], row[owner])
                    for came_with, owner in owners
                }
        _update(session, table, key, changes)
    for before in left:
        session.execute(SURVIVOR.delete().where(SURVIVOR.c.survivor_id == before))


def _write_areas(session: Session, plan: TablePlan) -> None:
    for referral_id in plan.updated:
        session.execute(AREA.delete().where(AREA.c.referral_id == referral_id))
    areas = [
        {"survivor_id": referral.survivor, "referral_id": referral.referral_id, "area": area}
        for referral in plan.written()
        for area in sorted(referral.excluded_areas)
    ]
    if areas:
        session.execute(AREA.insert(), areas)


def _write_headers(session: Session, name: str, plan: TablePlan) -> None:
    """Keep which household a hold or a placement is for, once for all its beds."""
    table, key = _TABLES[name], f"{name}_id"
    referrals = {getattr(row, key): row.referral_id for row in plan.written()}
    _add_missing(session, table, key, {header: {"referral_id": ref} for header, ref in referrals.items()})
    changed = {getattr(row, key): {"referral_id": row.referral_id} for row in plan.updated.values()}
    _update(session, table, key, changed)


def _write_fingerprints(session: Session, name: str, plan: TablePlan) -> None:
    if not plan.fingerprints:
        return
    for record_id in plan.fingerprints.keys() - plan.added.keys():
        session.execute(
            FINGERPRINT.delete().where(FINGERPRINT.c.table_name == name, FINGERPRINT.c.record_id == record_id)
        )
    session.execute(
        FINGERPRINT.insert(),
        [
            {"table_name": name, "record_id": record_id, "fingerprint": value}
            for record_id, value in plan.fingerprints.items()
        ],
    )
