"""Tables → domain values: one select a table, in one transaction, so that all of it is one moment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, or_, select, true, union
from sqlmodel import Session

from beds.domain.accommodation import Bed, Closure, Site, Unit
from beds.domain.estate import Estate
from beds.domain.records import METADATA
from beds.domain.referral import Decline, Hold, KeepApart, Person, Placement, Referral
from beds.domain.terms import (
    OPEN_STATUSES,
    BedKind,
    BedRef,
    DeclinedBy,
    Gender,
    Nation,
    Priority,
    ReferralRef,
    ReferralStatus,
    RiskToOthers,
    Sharing,
    SiteRef,
    SiteType,
    UnitRef,
)
from beds.store.people import people_of_rows

SITE, UNIT, BED, CLOSURE = (METADATA.tables[name] for name in ("site", "unit", "bed", "closure"))
SURVIVOR, REFERRAL, PERSON = (METADATA.tables[name] for name in ("survivor", "referral", "person"))
KEEP_APART, DECLINE, AREA = (METADATA.tables[name] for name in ("keep_apart", "decline", "exclusion_area"))
HOLD, HOLD_BED = METADATA.tables["hold"], METADATA.tables["hold_bed"]
PLACEMENT, PLACEMENT_BED = METADATA.tables["placement"], METADATA.tables["placement_bed"]
MOST_NAMED = 1_000
"""Of more survivors than this, the referrals of all are read: fewer names than a statement can hold."""
CURRENT_STATUSES = (*OPEN_STATUSES, ReferralStatus.RECEIVED)
"""Who waits, or has just been referred and is to be looked at, matters wherever they are."""


@dataclass(slots=True)
class Records:
    """The rows of each table of an `Estate`, by the identifier that they are stored under."""

    sites: dict[str, Site] = field(default_factory=dict)
    units: dict[str, Unit] = field(default_factory=dict)
    beds: dict[str, Bed] = field(default_factory=dict)
    referrals: dict[str, Referral] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    closures: dict[str, Closure] = field(default_factory=dict)
    keep_apart: dict[str, KeepApart] = field(default_factory=dict)
    declines: dict[str, Decline] = field(default_factory=dict)
    holds: dict[str, Hold] = field(default_factory=dict)
    placements: dict[str, Placement] = field(default_factory=dict)

    def estate(self) -> Estate:
        """Return the estate that these records say."""
        return Estate(**{table.name: tuple(getattr(self, table.name).values()) for table in fields(self)})


def load_estate(session: Session, *, current_only_from: date | None = None) -> Estate:
    """Return the estate as the database has it at this moment.

    With `current_only_from`, what cannot matter to a round of that day or later is left out: stays and
    closures that ended by then, holds that ran out before, and the referrals, people and facts of survivors
    who neither wait nor are in a bed.
    """
    return load_records(session, current_only_from=current_only_from).estate()


def load_history(session: Session, *, stays_from: date, referrals_from: date) -> Estate:
    """Return the estate with what happened since two days: stays that had not ended, and who was referred.

    For forecasts: of ten years of records they look at two.
    """
    return records_within(session, Scope(stays_from, referred_from=referrals_from)).estate()


def is_recorded(session: Session, referral_id: str) -> bool:
    """Return whether there is a referral of this reference."""
    found = select(REFERRAL.c.referral_id).where(REFERRAL.c.referral_id == referral_id)
    return session.execute(found).first() is not None


def has_cases(session: Session) -> bool:
    """Return whether anybody was ever referred or placed."""
    return any(
        session.execute(select(table.c[key]).limit(1)).first() is not None
        for table, key in ((REFERRAL, "referral_id"), (PLACEMENT, "placement_id"))
    )


def load_records(session: Session, *, current_only_from: date | None = None) -> Records:
    """Return every row of the estate by the identifier that it is stored under."""
    return records_within(session, Scope(current_only_from))


def records_within(session: Session, scope: Scope) -> Records:
    """Return the rows of a part of the estate by the identifier that they are stored under."""
    return Records(
        sites={row.site_id: _site(row) for row in session.execute(select(SITE).where(scope.sites))},
        units={row.unit_id: _unit(row) for row in session.execute(select(UNIT).where(scope.units))},
        beds={row.bed_id: _bed(row) for row in session.execute(select(BED).where(scope.beds))},
        referrals=_referrals(session, scope),
        people=people_of_rows(session, session.execute(scope.of_referral(PERSON))),
        closures=_closures(session, scope),
        keep_apart=_keep_apart(session, scope),
        declines=_declines(session, scope),
        holds=_holds(session, scope),
        placements=_placements(session, scope),
    )


class Scope:
    """Which rows are asked for: all of them, or those that can matter from a day on."""

    def __init__(self, current_from: date | None, *, referred_from: date | None = None) -> None:
        self.everything = current_from is None
        day = current_from or date.min
        self.sites: ColumnElement[bool] = true()
        self.units: ColumnElement[bool] = true()
        self.beds: ColumnElement[bool] = true()
        self.declines: ColumnElement[bool] = true()
        self.stays: ColumnElement[bool] = true()
        self.closures: ColumnElement[bool] = true()
        self.holds: ColumnElement[bool] = true()
        if current_from is None:
            return
        # A stay without an end on record goes on, however long ago it should have ended.
        self.stays = or_(PLACEMENT_BED.c.ended_on.is_(None), PLACEMENT_BED.c.ended_on > day)
        self.closures = or_(CLOSURE.c.ends_on.is_(None), CLOSURE.c.ends_on > day)
        # A night of a round begins at 06:00 in London; a day's margin covers every offset.
        self.holds = HOLD_BED.c.expires_at > datetime.combine(day, time(), UTC) - timedelta(days=1)
        placed = select(PLACEMENT.c.referral_id).join(PLACEMENT_BED).where(self.stays)
        held = select(HOLD.c.referral_id).join(HOLD_BED).where(self.holds)
        since = datetime.combine(referred_from or date.max, time(), UTC)
        self._survivors = (
            select(REFERRAL.c.survivor_id)
            .where(
                or_(
                    REFERRAL.c.status.in_(CURRENT_STATUSES),
                    REFERRAL.c.referral_id.in_(placed),
                    REFERRAL.c.referral_id.in_(held),
                    REFERRAL.c.received_at >= since,
                )
            )
            .distinct()
        )

    def about(self, *survivors: ColumnElement[str]) -> ColumnElement[bool]:
        """Say that all of these survivors matter."""
        if self.everything:
            return true()
        return and_(*(survivor.in_(self._survivors) for survivor in survivors))

    def of_referral(self, table: Any) -> Select[Any]:
        """Select the people of referrals whose survivor matters."""
        if self.everything:
            return select(table)
        # Who has moved out before the others is of the household no more.
        here = PERSON.c.left_on.is_(None)
        return select(table).join(REFERRAL).where(self.about(REFERRAL.c.survivor_id), here)


Chosen = Select[Any] | Collection[str]
"""Identifiers: as they are, or as a select of them."""


def holds_of(referrals: Chosen, beds: Chosen) -> ColumnElement[bool]:
    """Say that a bed is held for one of these households, or is one of these beds.

    A union, each half of which has its index: of an `or` over two tables every row would be read.
    """
    theirs = select(HOLD_BED.c.hold_bed_id).join(HOLD).where(HOLD.c.referral_id.in_(referrals))
    there = select(HOLD_BED.c.hold_bed_id).where(HOLD_BED.c.bed_id.in_(beds))
    return HOLD_BED.c.hold_bed_id.in_(union(theirs, there))


def stays_of(referrals: Chosen, beds: Chosen) -> ColumnElement[bool]:
    """Say that a stay is one of these households', or in one of these beds; a union as for `holds_of`."""
    key = PLACEMENT_BED.c.placement_bed_id
    theirs = select(key).join(PLACEMENT).where(PLACEMENT.c.referral_id.in_(referrals))
    there = select(key).where(PLACEMENT_BED.c.bed_id.in_(beds))
    return key.in_(union(theirs, there))


def _site(row: Row[Any]) -> Site:
    return Site(
        site_id=SiteRef(row.site_id),
        provider_id=row.provider_id,
        nation=Nation(row.nation),
        region=row.region,
        site_type=SiteType(row.site_type),
        admits=frozenset(map(Gender, row.admits)),
        accepts_children=row.accepts_children,
        security_level=row.security_level,
        name=row.name,
        local_authority=row.local_authority,
        max_age_girls=row.max_age_girls,
        max_age_boys=row.max_age_boys,
        staff_languages=row.staff_languages,
        services=row.services,
        opens_on=row.opens_on,
        closes_on=row.closes_on,
        max_stay_nights=row.max_stay_nights,
        cost_per_bed_night=row.cost_per_bed_night,
    )


def _unit(row: Row[Any]) -> Unit:
    return Unit(UnitRef(row.unit_id), SiteRef(row.site_id), Sharing(row.sharing), row.step_free)


def _bed(row: Row[Any]) -> Bed:
    return Bed(BedRef(row.bed_id), UnitRef(row.unit_id), BedKind(row.kind))


def _closures(session: Session, scope: Scope) -> dict[str, Closure]:
    return {
        row.closure_id: Closure(BedRef(row.bed_id), row.starts_on, row.ends_on, row.reason)
        for row in session.execute(select(CLOSURE).where(scope.closures))
    }


def _referrals(session: Session, scope: Scope) -> dict[str, Referral]:
    areas = _excluded_areas(session, scope)
    found = session.execute(
        select(REFERRAL, SURVIVOR.c.survivor_ref).join(SURVIVOR).where(scope.about(REFERRAL.c.survivor_id))
    )
    return {row.referral_id: _referral(row, areas) for row in found}


def _referral(row: Row[Any], areas: Mapping[str, frozenset[str]]) -> Referral:
    return Referral(
        referral_id=ReferralRef(row.referral_id),
        received_at=row.received_at,
        needed_from=row.needed_from,
        priority=Priority(row.priority),
        nation=Nation(row.nation),
        status=ReferralStatus(row.status),
        survivor_ref=row.survivor_ref or "",
        no_shelter_tonight=row.no_shelter_tonight,
        detention_risk=row.detention_risk,
        expected_stay_days=row.expected_stay_days,
        min_security_level=row.min_security_level,
        services_required=row.services_required,
        needs_step_free=row.needs_step_free,
        language_required=row.language_required,
        cross_border=row.cross_border,
        accepts_sharing=row.accepts_sharing,
        risk_to_others=None if row.risk_to_others is None else RiskToOthers(row.risk_to_others),
        acceptable_site_genders=frozenset(map(Gender, row.acceptable_site_genders)),
        preferred_regions=row.preferred_regions,
        excluded_areas=areas.get(row.referral_id, frozenset()),
        first_responder=row.first_responder,
        exploitation_type=row.exploitation_type,
        nrm_status=row.nrm_status,
    )


def _came_with(session: Session, survivors: Collection[str]) -> dict[str, ReferralRef]:
    """Return a referral of each of these survivors, to speak for facts whose own is gone or never was."""
    if not survivors:
        return {}
    pairs = select(REFERRAL.c.survivor_id, REFERRAL.c.referral_id).order_by(REFERRAL.c.referral_id.desc())
    if len(survivors) <= MOST_NAMED:
        pairs = pairs.where(REFERRAL.c.survivor_id.in_(sorted(survivors)))
    return {survivor: ReferralRef(referral) for survivor, referral in session.execute(pairs)}


def _excluded_areas(session: Session, scope: Scope) -> dict[str, frozenset[str]]:
    rows = session.execute(select(AREA).where(scope.about(AREA.c.survivor_id))).all()
    speaker = _came_with(session, {row.survivor_id for row in rows if row.referral_id is None})
    areas: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        referral = row.referral_id or speaker.get(row.survivor_id)
        if referral is not None:
            areas[referral].add(row.area)
    return {referral: frozenset(codes) for referral, codes in areas.items()}


def _keep_apart(session: Session, scope: Scope) -> dict[str, KeepApart]:
    both = scope.about(KEEP_APART.c.survivor_id_a, KEEP_APART.c.survivor_id_b)
    rows = session.execute(select(KEEP_APART).where(both)).all()
    lost_a = {row.survivor_id_a for row in rows if row.referral_id_a is None}
    lost_b = {row.survivor_id_b for row in rows if row.referral_id_b is None}
    speaker = _came_with(session, lost_a | lost_b)
    pairs: dict[str, KeepApart] = {}
    for row in rows:
        a = row.referral_id_a or speaker.get(row.survivor_id_a)
        b = row.referral_id_b or speaker.get(row.survivor_id_b)
        if a is not None and b is not None:
            pairs[row.keep_apart_id] = KeepApart(ReferralRef(a), ReferralRef(b))
    return pairs


def _declines(session: Session, scope: Scope) -> dict[str, Decline]:
    rows = session.execute(select(DECLINE).where(scope.about(DECLINE.c.survivor_id), scope.declines)).all()
    speaker = _came_with(session, {row.survivor_id for row in rows if row.referral_id is None})
    declines: dict[str, Decline] = {}
    for row in rows:
        referral = row.referral_id or speaker.get(row.survivor_id)
        if referral is not None:
            declines[row.decline_id] = Decline(
                referral_id=ReferralRef(referral),
                site_id=SiteRef(row.site_id),
                declined_by=DeclinedBy(row.declined_by),
                declined_on=row.declined_on,
                reason=row.reason,
                until=row.until,
            )
    return declines


def _holds(session: Session, scope: Scope) -> dict[str, Hold]:
    found = session.execute(select(HOLD_BED, HOLD.c.referral_id).join(HOLD).where(scope.holds))
    return {
        row.hold_bed_id: Hold(
            hold_id=row.hold_id,
            referral_id=ReferralRef(row.referral_id),
            bed_id=BedRef(row.bed_id),
            starts_on=row.starts_on,
            expected_end_on=row.expected_end_on,
            # A hold that was given back early was in force until then.
            expires_at=min(row.expires_at, row.released_at or row.expires_at),
        )
        for row in found
    }


def _placements(session: Session, scope: Scope) -> dict[str, Placement]:
    found = session.execute(select(PLACEMENT_BED, PLACEMENT.c.referral_id).join(PLACEMENT).where(scope.stays))
    return {
        row.placement_bed_id: Placement(
            placement_id=row.placement_id,
            referral_id=ReferralRef(row.referral_id),
            bed_id=BedRef(row.bed_id),
            starts_on=row.starts_on,
            expected_end_on=row.expected_end_on,
            ended_on=row.ended_on,
        )
        for row in found
    }
