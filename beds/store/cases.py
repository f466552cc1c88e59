"""One case in and out of the database: its referral, its people, the areas that are not safe for her."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, select, true
from sqlmodel import Session

from beds.domain.accommodation import Site
from beds.domain.referral import Person, Referral
from beds.store.importing import AREA, SURVIVOR
from beds.store.loading import (
    BED,
    PERSON,
    PLACEMENT,
    PLACEMENT_BED,
    REFERRAL,
    SITE,
    UNIT,
    Scope,
    records_within,
)
from beds.store.people import person_values
from beds.store.rows import STORED_TABLES, Values

_REFERRALS = next(stored for stored in STORED_TABLES if stored.name == "referrals")


@dataclass(frozen=True, slots=True)
class Case:
    """A referral, its people in the order of references, and the sites where they have not moved out."""

    referral: Referral
    people: tuple[Person, ...]
    sites: Mapping[str, Site]


def load_case(session: Session, referral_id: str, *, with_those_who_left: bool = True) -> Case:
    """Return a case that is there."""
    records = records_within(session, _OneCase(referral_id, with_those_who_left))
    people = tuple(person for _, person in sorted(records.people.items()))
    return Case(records.referrals[referral_id], people, records.sites)


def add_case(session: Session, referral: Referral, people: Iterable[Person]) -> None:
    """Write a new case; its survivor is added if not yet known."""
    known = select(SURVIVOR.c.survivor_id).where(SURVIVOR.c.survivor_id == referral.survivor)
    if session.execute(known).first() is None:
        values = {"survivor_id": referral.survivor, "survivor_ref": referral.survivor_ref or None}
        session.execute(SURVIVOR.insert().values(values))
    session.execute(REFERRAL.insert().values(_columns(referral)))
    add_people(session, referral, people)
    _write_areas(session, referral)


def add_people(session: Session, referral: Referral, people: Iterable[Person]) -> None:
    """Write new people of a case."""
    rows = [person_values(session, referral.referral_id, person) for person in people]
    if rows:
        session.execute(PERSON.insert(), rows)


def change_person(session: Session, referral: Referral, person: Person) -> None:
    """Write a person of a case anew."""
    values = person_values(session, referral.referral_id, person)
    session.execute(PERSON.update().where(PERSON.c.person_id == person.person_id).values(values))


def needs_to_write(session: Session, referral: Referral) -> Values:
    """Write the areas that are not safe anew, and return the columns of the referral to be changed."""
    session.execute(AREA.delete().where(AREA.c.referral_id == referral.referral_id))
    _write_areas(session, referral)
    return _columns(referral)


def _columns(referral: Referral) -> Values:
    return _REFERRALS.values(referral, {referral.referral_id: referral.survivor})


def _write_areas(session: Session, referral: Referral) -> None:
    areas = [
        {"survivor_id": referral.survivor, "referral_id": referral.referral_id, "area": area}
        for area in sorted(referral.excluded_areas)
    ]
    if areas:
        session.execute(AREA.insert(), areas)


class _OneCase(Scope):
    """The rows of one case and of nothing else."""

    def __init__(self, referral_id: str, with_those_who_left: bool) -> None:
        super().__init__(None)
        self._referral_id = referral_id
        self._people = true() if with_those_who_left else PERSON.c.left_on.is_(None)
        not_left = (
            select(UNIT.c.site_id)
            .join(BED, BED.c.unit_id == UNIT.c.unit_id)
            .join(PLACEMENT_BED, PLACEMENT_BED.c.bed_id == BED.c.bed_id)
            .join(PLACEMENT, PLACEMENT.c.placement_id == PLACEMENT_BED.c.placement_id)
            .where(PLACEMENT.c.referral_id == referral_id, PLACEMENT_BED.c.ended_on.is_(None))
        )
        self.sites = SITE.c.site_id.in_(not_left)
        self.units = self.beds = self.declines = false()
        self.stays = self.closures = self.holds = false()

    def about(self, *survivors: ColumnElement[str]) -> ColumnElement[bool]:
        """Say that all of these survivors are the case's."""
        own = select(REFERRAL.c.survivor_id).where(REFERRAL.c.referral_id == self._referral_id)
        return and_(*(survivor.in_(own) for survivor in survivors))

    def of_referral(self, table: Any) -> Select[Any]:
        """Select the people of the case."""
        return select(table).where(table.c.referral_id == self._referral_id, self._people)
