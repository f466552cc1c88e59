"""What must hold between records: identifiers, references, leads, keep-apart pairs, stays in one bed.

Checks read values by column, so that a row with one bad cell is still judged by its others. Nothing is
refused that `allocation.md` §1 does not call impossible: closures may overlap, a hold may lie over a stay.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date

from beds.domain.terms import OPEN_STATUSES, ReferralStatus
from beds.importing.faults import Faults
from beds.importing.rows import ReadTable, Row

Tables = Mapping[str, ReadTable]


def check_consistency(tables: Tables, faults: Faults) -> None:
    """Record everything that is impossible between the rows of all tables that could be read."""
    for table in tables.values():
        _check_unique(table, faults)
        _check_references(table, tables, faults)
    if "referrals" in tables:
        _check_one_open_referral_a_survivor(tables["referrals"], faults)
    if "referrals" in tables and "people" in tables:
        _check_leads(tables["referrals"], tables["people"], faults)
    if "referrals" in tables and "keep_apart" in tables:
        _check_keep_apart(tables["keep_apart"], tables["referrals"], faults)
    for name, key in (("holds", "hold_id"), ("placements", "placement_id")):
        if name in tables:
            _check_one_household(tables[name], key, faults)
    if "placements" in tables:
        _check_overlaps(tables["placements"], faults)


def _check_unique(read: ReadTable, faults: Faults) -> None:
    columns = read.table.unique
    first_lines: dict[tuple[str, ...], int] = {}
    for row, key in _keyed(read, columns) if columns else ():
        first = first_lines.setdefault(key, row.line)
        if first != row.line:
            what = " and ".join(columns)
            together = f"{what} together" if len(columns) > 1 else what
            faults.add(
                read.file, row.line, columns[0], f"must be unique: line {first} has the same {together}"
            )


def _keyed(read: ReadTable, columns: tuple[str, ...]) -> Iterator[tuple[Row, tuple[str, ...]]]:
    """Yield the rows whose values of some columns are all known, with these values; empty texts are none."""
    for row in read.rows:
        key = tuple(value for column in columns if (value := row.get(column, str)))
        if len(key) == len(columns):
            yield row, key


def _check_references(read: ReadTable, tables: Tables, faults: Faults) -> None:
    for column, target_name, target_column in read.table.references:
        target = tables.get(target_name)
        if target is None or not target.complete or target_column not in target.columns:
            continue  # what it holds is not known; its own fault is reported
        known = target.may_hold(target_column)
        for row in read.rows:
            reference = row.get(column, str)
            if reference and reference not in known:
                faults.add(read.file, row.line, column, f"must be a {target_column} of {target.file}")


def _check_one_open_referral_a_survivor(referrals: ReadTable, faults: Faults) -> None:
    first_lines: dict[str, int] = {}
    for row, (survivor,) in _keyed(referrals, ("survivor_ref",)):
        if row.get("status", ReferralStatus) not in OPEN_STATUSES:
            continue
        first = first_lines.setdefault(survivor, row.line)
        if first != row.line:
            message = f"must have one {' or '.join(OPEN_STATUSES)} referral at most: line {first} is another"
            faults.add(referrals.file, row.line, "survivor_ref", message)


def _check_leads(referrals: ReadTable, people: ReadTable, faults: Faults) -> None:
    households: dict[str, list[Row]] = defaultdict(list)
    for row, (referral,) in _keyed(people, ("referral_id",)):
        households[referral].append(row)
    for referral, members in households.items():
        leads = [row for row in members if row.get("is_lead", bool)]
        known = all(row.get("is_lead", bool) is not None for row in members)
        for row in leads[1:]:
            message = f"must be true for one person of a referral: line {leads[0].line} is the lead"
            faults.add(people.file, row.line, "is_lead", message)
        if not leads and known and people.complete and referral not in people.doubtful:
            faults.add(
                people.file, members[0].line, "is_lead", "must be true for one person of each referral"
            )
    if not people.complete or "referral_id" not in people.columns:
        return
    for row, (referral,) in _keyed(referrals, ("referral_id",)):
        if referral not in households and referral not in people.doubtful:
            message = f"must have people: at least one, the lead, in {people.file}"
            faults.add(referrals.file, row.line, "referral_id", message)


def _check_keep_apart(pairs: ReadTable, referrals: ReadTable, faults: Faults) -> None:
    survivor_of = {key[0]: key[1] for _, key in _keyed(referrals, ("referral_id", "survivor_ref"))}
    for row, (one, other) in _keyed(pairs, ("referral_id_a", "referral_id_b")):
        survivor = survivor_of.get(one)
        if one == other:
            message = "must be another referral: a household is not kept apart from itself"
        elif survivor and survivor == survivor_of.get(other):
            message = "must be another survivor's referral: both have the same survivor_ref"
        else:
            continue
        faults.add(pairs.file, row.line, "referral_id_b", message)


def _check_one_household(read: ReadTable, key: str, faults: Faults) -> None:
    first_rows: dict[str, tuple[int, str]] = {}
    for row, (reference, referral) in _keyed(read, (key, "referral_id")):
        line, household = first_rows.setdefault(reference, (row.line, referral))
        if household != referral:
            message = f"must be one referral for all rows of a {key}: line {line} has another"
            faults.add(read.file, row.line, "referral_id", message)


def _check_overlaps(placements: ReadTable, faults: Faults) -> None:
    """Record stays that overlap in a bed, on the dates recorded; a stay without a night overlaps nothing."""
    stays: dict[str, list[tuple[date, date, int]]] = defaultdict(list)
    for row, (bed,) in _keyed(placements, ("bed_id",)):
        start = row.get("starts_on", date)
        end = row.get("ended_on", date) or row.get("expected_end_on", date)
        if start and end and start < end and _end_is_known(row):
            stays[bed].append((start, end, row.line))
    for in_bed in stays.values():
        until, holder = date.min, 0
        for start, end, line in sorted(in_bed):
            if start < until:
                first, second = sorted((holder, line))
                message = f"must not be taken twice for a night: the stay in line {first} overlaps this one"
                faults.add(placements.file, second, "bed_id", message)
            if end > until:
                until, holder = end, line


def _end_is_known(row: Row) -> bool:
    """Whether `ended_on` was read; where it was refused, the stay may have ended at any time."""
    return "ended_on" in row.values
