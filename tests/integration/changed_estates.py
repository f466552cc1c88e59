"""Changes at random of an estate in a database, each with the event that says which case and site it changed.

They are made in the tables themselves, as the services make them: whatever a guard refuses is not made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random
from typing import Any, Final

from sqlalchemy import Engine, select
from sqlmodel import Session

from beds.audit import record
from beds.database import METADATA
from beds.domain.terms import (
    BedKind,
    DeclinedBy,
    Gender,
    Priority,
    ReferralStatus,
    RiskToOthers,
    Sharing,
)
from beds.errors import BedJustTaken, RecordRefused
from beds.store.cases import add_case
from beds.store.people import people_of_rows, person_values
from beds.transactions import writing
from tests.builders import a_person, a_referral
from tests.strategies import EVERYBODY, HELP, LONDON_COUNCIL, MEN, SPOKEN, WOMEN

TABLES: Final = METADATA.tables
NEEDS: Final[Mapping[str, tuple[Any, ...]]] = {
    "priority": tuple(Priority),
    "status": tuple(ReferralStatus),
    "no_shelter_tonight": (True, False, None),
    "expected_stay_days": (None, 3, 10, 40),
    "min_security_level": (None, 1, 2, 3),
    "services_required": (frozenset(), frozenset({"counselling"}), frozenset({"a_new_service"})),
    "needs_step_free": (True, False, None),
    "cross_border": (True, False, None),
    "accepts_sharing": (True, False, None),
    "risk_to_others": (*RiskToOthers, None),
    "acceptable_site_genders": (frozenset(), WOMEN, MEN),
    "preferred_regions": (frozenset(), frozenset({"E12000002"}), frozenset({"E12000009"})),
    "excluded_areas": (frozenset(), frozenset({LONDON_COUNCIL}), frozenset({"E12000002", "E09000033"})),
}


class Change:
    """One change of a database: what it is made with, and the cases and sites that it concerns."""

    def __init__(self, session: Session, rng: Random, at: datetime, number: int) -> None:
        """Begin a change that has touched nothing yet."""
        self.session, self.rng, self.at, self.number = session, rng, at, number
        self.about: set[tuple[str | None, str | None]] = set()

    def one(self, table: str, column: str) -> Any:
        """Return the identifier of a record, or None where there is none."""
        names = sorted(self.session.scalars(select(TABLES[table].c[column])))
        return self.rng.choice(names) if names else None

    def survivor_of(self, referral_id: str) -> str:
        """Return whose case it is."""
        table = TABLES["referral"]
        found = select(table.c.survivor_id).where(table.c.referral_id == referral_id)
        return str(self.session.scalars(found).one())

    def site_of(self, bed_id: str) -> str:
        """Return the site that a bed is in."""
        unit, bed = TABLES["unit"], TABLES["bed"]
        return str(self.session.scalars(select(unit.c.site_id).join(bed).where(bed.c.bed_id == bed_id)).one())

    def day(self, earliest: int, latest: int) -> date:
        """Return a day some days from the instant's own."""
        return self.at.date() + timedelta(days=self.rng.randint(earliest, latest))


def needs_change(change: Change) -> None:
    """Ask a household something, or learn that it is somebody else's."""
    ref = change.one("referral", "referral_id")
    need = change.rng.choice(list(NEEDS))
    answer = change.rng.choice(NEEDS[need])
    table, area = TABLES["referral"], TABLES["exclusion_area"]
    if need != "excluded_areas":
        mine = table.c.referral_id == ref
        change.session.execute(table.update().where(mine).values({need: answer}))
    else:
        change.session.execute(area.delete().where(area.c.referral_id == ref))
        facts = {"survivor_id": change.survivor_of(ref), "referral_id": ref}
        for word in sorted(answer):
            change.session.execute(area.insert().values(area=word, **facts))
    change.about.add((ref, None))


def a_person_changes(change: Change) -> None:
    """Correct what is known of a person, or let one leave."""
    person, ref = TABLES["person"], change.one("referral", "referral_id")
    rows = change.session.execute(select(person).where(person.c.referral_id == ref)).all()
    people = [one for _, one in sorted(people_of_rows(change.session, rows).items())]
    if change.rng.random() < 0.3:
        others = person.c.referral_id == ref, person.c.is_lead.is_(False)
        change.session.execute(person.update().where(*others).values(left_on=change.day(0, 0)))
    elif people:
        corrected = replace(
            change.rng.choice(people),
            gender=change.rng.choice(list(Gender)),
            age=change.rng.choice([None, 1, 16, 18, 40]),
            languages=frozenset({change.rng.choice([*SPOKEN, "tlh"])}),
        )
        values = person_values(change.session, ref, corrected)
        mine = person.c.person_id == corrected.person_id
        change.session.execute(person.update().where(mine).values(values))
    change.about.add((ref, None))


def a_referral_is_made(change: Change) -> None:
    """Refer somebody new, or somebody known again."""
    ref = f"N{change.number}"
    known = change.rng.choice(["", "", "V-R1", "V-R2", "V-NEW"])
    referral = a_referral(
        ref,
        survivor_ref=known,
        received_at=change.at,
        status=change.rng.choice(list(ReferralStatus)),
        services_required=frozenset({change.rng.choice(HELP)}),
    )
    people = [a_person(f"A-{ref}", ref), a_person(f"C-{ref}", ref, is_lead=False, age=3)]
    add_case(change.session, referral, people[: change.rng.randint(1, 2)])
    change.about.add((ref, None))


def survivors_are_one(change: Change) -> None:
    """Find that a referral is of a survivor who was known already; her facts follow."""
    ref, survivor = change.one("referral", "referral_id"), change.one("survivor", "survivor_id")
    before = change.survivor_of(ref)
    for table, column in (
        ("referral", "referral_id"),
        ("decline", "referral_id"),
        ("exclusion_area", "referral_id"),
    ):
        where = TABLES[table].c[column] == ref
        change.session.execute(TABLES[table].update().where(where).values(survivor_id=survivor))
    for side in "ab":
        table = TABLES["keep_apart"]
        mine = table.c[f"referral_id_{side}"] == ref, table.c[f"survivor_id_{side}"] == before
        change.session.execute(table.update().where(*mine).values({f"survivor_id_{side}": survivor}))
    change.about.add((ref, None))


def a_site_is_declined(change: Change) -> None:
    """Record a no, or let one lapse."""
    decline, ref, site = (
        TABLES["decline"],
        change.one("referral", "referral_id"),
        change.one("site", "site_id"),
    )
    if change.rng.random() < 0.3:
        change.session.execute(
            decline.update().where(decline.c.referral_id == ref).values(until=change.day(-1, 1))
        )
    else:
        change.session.execute(
            decline.insert().values(
                decline_id=f"D{change.number}",
                survivor_id=change.survivor_of(ref),
                referral_id=change.rng.choice([ref, ref, None]),
                site_id=site,
                declined_by=change.rng.choice(list(DeclinedBy)),
                declined_on=change.day(-1, 0),
                reason="",
                until=change.rng.choice([None, change.day(0, 2)]),
            )
        )
    change.about.add((ref, site))


def two_are_kept_apart(change: Change) -> None:
    """Record that two survivors must not meet, or take that back; the event names one of the two."""
    table = TABLES["keep_apart"]
    a, b = change.one("referral", "referral_id"), change.one("referral", "referral_id")
    pair = {"survivor_id_a": change.survivor_of(a), "survivor_id_b": change.survivor_of(b)}
    if change.rng.random() < 0.3:
        change.session.execute(table.delete().where(table.c.survivor_id_a == pair["survivor_id_a"]))
    elif pair["survivor_id_a"] != pair["survivor_id_b"]:
        ids = {"keep_apart_id": f"K{change.number}", "referral_id_a": a, "referral_id_b": b}
        change.session.execute(table.insert().values(**ids, **pair))
    change.about.add((a, None))


def a_bed_is_held(change: Change) -> None:
    """Hold a bed for a household; one of nobody else, the database sees to that."""
    ref, bed, hold = change.one("referral", "referral_id"), change.one("bed", "bed_id"), f"H{change.number}"
    change.session.execute(TABLES["hold"].insert().values(hold_id=hold, referral_id=ref))
    change.session.execute(
        TABLES["hold_bed"]
        .insert()
        .values(
            hold_bed_id=f"{hold}-1",
            hold_id=hold,
            bed_id=bed,
            starts_on=change.day(-1, 3),
            expected_end_on=change.day(4, 40),
            expires_at=change.at + timedelta(minutes=change.rng.choice([-5, 1, 30, 120])),
        )
    )
    change.about.add((ref, change.site_of(bed)))


def holds_are_released(change: Change) -> None:
    """Release a hold early; one that has run out is released with it, of which no event says anything."""
    hold, bed = TABLES["hold"], TABLES["hold_bed"]
    over = bed.c.released_at.is_(None), bed.c.expires_at <= change.at
    change.session.execute(bed.update().where(*over).values(released_at=bed.c.expires_at))
    hold_id = change.one("hold", "hold_id")
    if hold_id is None:
        return
    ref = change.session.scalars(select(hold.c.referral_id).where(hold.c.hold_id == hold_id)).one()
    for bed_id in change.session.scalars(select(bed.c.bed_id).where(bed.c.hold_id == hold_id)).all():
        change.about.add((ref, change.site_of(bed_id)))
    change.session.execute(bed.update().where(bed.c.hold_id == hold_id).values(released_at=change.at))


def a_stay_begins(change: Change) -> None:
    """Place a household in a bed."""
    ref, bed, stay = change.one("referral", "referral_id"), change.one("bed", "bed_id"), f"P{change.number}"
    change.session.execute(TABLES["placement"].insert().values(placement_id=stay, referral_id=ref))
    change.session.execute(
        TABLES["placement_bed"]
        .insert()
        .values(
            placement_bed_id=f"{stay}-1",
            placement_id=stay,
            bed_id=bed,
            starts_on=change.day(-9, 1),
            expected_end_on=change.day(2, 30),
        )
    )
    change.about.add((ref, change.site_of(bed)))


def a_stay_ends_or_goes_on(change: Change) -> None:
    """End a stay, today or before, or extend it."""
    placement, bed, stay = (
        TABLES["placement"],
        TABLES["placement_bed"],
        change.one("placement", "placement_id"),
    )
    if stay is None:
        return
    found = select(placement.c.referral_id).where(placement.c.placement_id == stay)
    ref = change.session.scalars(found).one()
    for row in change.session.execute(select(bed).where(bed.c.placement_id == stay)).all():
        end = max(change.day(-4, 1), row.starts_on)
        longer = {"ended_on": None, "expected_end_on": row.expected_end_on + timedelta(days=9)}
        values = change.rng.choice([{"ended_on": end}, longer])
        mine = bed.c.placement_bed_id == row.placement_bed_id
        change.session.execute(bed.update().where(mine).values(values))
        change.about.add((ref, change.site_of(row.bed_id)))


def a_bed_is_closed_or_reopened(change: Change) -> None:
    """Take a bed out of service, or bring one back."""
    closure, bed = TABLES["closure"], change.one("bed", "bed_id")
    if change.rng.random() < 0.4:
        change.session.execute(closure.delete().where(closure.c.bed_id == bed))
    else:
        starts_on = change.day(-3, 9)
        change.session.execute(
            closure.insert().values(
                closure_id=f"C{change.number}",
                bed_id=bed,
                starts_on=starts_on,
                ends_on=change.rng.choice([None, starts_on + timedelta(days=3)]),
                reason="",
            )
        )
    change.about.add((None, change.site_of(bed)))


def a_site_changes(change: Change) -> None:
    """Change what a site offers, or the beds in it."""
    site_id, table = change.one("site", "site_id"), TABLES["site"]
    services = frozenset({change.rng.choice([*HELP, "another_new_service"])})
    values = change.rng.choice(
        [
            {"services": services},
            {"closes_on": change.day(1, 40)},
            {"admits": change.rng.choice([WOMEN, EVERYBODY])},
        ]
    )
    change.session.execute(table.update().where(table.c.site_id == site_id).values(values))
    if change.rng.random() < 0.4:
        unit, bed = f"U{change.number}", f"B{change.number}"
        unit_values = {"unit_id": unit, "site_id": site_id, "sharing": Sharing.HOUSEHOLD, "step_free": True}
        change.session.execute(TABLES["unit"].insert().values(unit_values))
        change.session.execute(TABLES["bed"].insert().values(bed_id=bed, unit_id=unit, kind=BedKind.SINGLE))
    change.about.add((None, site_id))


def something_else_happens(change: Change) -> None:
    """Write an event that does not say what it changed."""
    change.about.add((None, None))


KINDS_OF_CHANGE: Final[tuple[Callable[[Change], None], ...]] = (
    needs_change,
    needs_change,
    a_person_changes,
    a_referral_is_made,
    survivors_are_one,
    a_site_is_declined,
    two_are_kept_apart,
    a_bed_is_held,
    a_bed_is_held,
    holds_are_released,
    a_stay_begins,
    a_stay_begins,
    a_stay_ends_or_goes_on,
    a_bed_is_closed_or_reopened,
    a_site_changes,
    something_else_happens,
)


def change_at_random(engine: Engine, rng: Random, at: datetime, number: int) -> str:
    """Make a change with its events, and return its name; what the database refuses is not made."""
    kind = rng.choice(KINDS_OF_CHANGE)
    try:
        with writing(engine) as session:
            change = Change(session, rng, at, number)
            kind(change)
            for referral_id, site_id in sorted(change.about, key=str):
                record(
                    session,
                    "test",
                    "changed",
                    kind.__name__,
                    {},
                    at=at,
                    referral_id=referral_id,
                    site_id=site_id,
                )
    except (BedJustTaken, RecordRefused):
        return f"{kind.__name__}, refused"
    return kind.__name__
