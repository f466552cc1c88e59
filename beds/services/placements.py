"""Placements: a hold that is confirmed, the beds by person, and whether they arrived.

A household's later steps (longer, elsewhere, on its way) are in `beds.services.stays`. Nothing ends a stay by
itself: people do.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import Row, select
from sqlmodel import Session

from beds.domain.accommodation import COT_AGE
from beds.domain.clock import Clock
from beds.domain.lifecycle import HoldStep, PlacementStep, ReferralStep, step_placement
from beds.domain.records import METADATA
from beds.domain.referral import Person
from beds.domain.terms import BedKind, BedRef, HoldState, MoveOn, PlacementState, ReferralRef, ReferralStatus
from beds.errors import NotAllowedNow, NotFound
from beds.roles import Actor, Permission, require
from beds.services.claims import Asked, Room, judge_claim, lock_sites
from beds.services.holds import end_hold, hold_seen
from beds.services.pages import MOST_ROWS, Page, page_of
from beds.services.policy import Policy
from beds.services.seen_stays import stays_seen_by
from beds.services.steps import Event, change, new_id, next_state, status_of, step_case

PLACEMENT, PLACEMENT_BED = METADATA.tables["placement"], METADATA.tables["placement_bed"]
BED, UNIT = METADATA.tables["bed"], METADATA.tables["unit"]

RUN_OUT: Final = "the hold has run out: place another if there is room"
_OF_A_BED: Final = (
    *(PLACEMENT_BED.c[name] for name in ("bed_id", "person_id", "starts_on", "expected_end_on", "ended_on")),
    PLACEMENT_BED.c.move_on.label("bed_move_on"),
)


@dataclass(frozen=True, slots=True)
class StayBed:
    """A bed of a stay and who sleeps in it: nobody named for a baby who is due, or in a stay from a folder.

    The stay in the bed is over where `ended_on` is set.
    """

    bed_id: str
    person_id: str | None
    starts_on: date
    expected_end_on: date
    ended_on: date | None
    move_on: MoveOn | None


@dataclass(frozen=True, slots=True)
class PlacementView:
    """A household's stay; `version` is what a change has to name. References are opaque."""

    placement_id: str
    referral_id: str
    site_id: str
    unit_id: str
    state: PlacementState
    starts_on: date
    expected_end_on: date
    hold_id: str | None
    move_on: MoveOn | None
    beds: tuple[StayBed, ...]
    version: int

    @property
    def bed_ids(self) -> frozenset[str]:
        """The beds that the household still has."""
        return frozenset(bed.bed_id for bed in self.beds if bed.ended_on is None)

    @property
    def event(self) -> Event:
        """What an audit event about this stay is about."""
        return Event(self.placement_id, self.referral_id, self.site_id)


def confirm_hold(
    session: Session, actor: Actor, hold_id: str, *, version: int, clock: Clock, policy: Policy
) -> PlacementView:
    """Let a hold become a placement, expected to arrive, with a bed for each person; return it.

    Every rule is judged again, as if the hold were not there, until the end that was held.

    Raises
    ------
    NotPermitted, NotFound
        The actor may not claim beds, or sees no such hold.
    NotAllowedNow, ChangedMeanwhile
        The hold is over, or has run out even while this was being asked; or is not as the actor saw it.
    HardRuleBroken, BedJustTaken
        A hard rule is broken by now, or there is no room any more.
    """
    require(actor, Permission.CLAIM_BEDS)
    hold = hold_seen(session, actor, hold_id, clock)
    if hold.state is HoldState.EXPIRED:
        raise NotAllowedNow(RUN_OUT)
    end_hold(session, hold, HoldStep.CONFIRM, version=version, clock=clock)
    asked = Asked(
        hold.referral_id,
        hold.site_id,
        hold.unit_id,
        # A hold for one night that is over: the night that begins now is the one that is wanted.
        end_on=max(hold.expected_end_on, clock.today + timedelta(days=1)),
        instead_of=hold_id,
        beds=frozenset(hold.bed_ids),
    )
    room = judge_claim(session, asked, clock=clock, policy=policy)
    # A folder may state a hold of a referral that waits.
    waits = status_of(session, hold.referral_id) is ReferralStatus.WAITING
    step_case(session, hold.referral_id, *([ReferralStep.HOLD] if waits else []), ReferralStep.PLACE)
    placement = keep_placement(session, room, state=PlacementState.EXPECTED, hold_id=hold_id)
    placement.event.record(
        session, actor, "hold_confirmed", clock, hold=hold_id, unit=hold.unit_id, beds=[*room.bed_ids]
    )
    return placement


def record_arrival(
    session: Session, actor: Actor, placement_id: str, *, version: int, clock: Clock
) -> PlacementView:
    """Record that a household has come, and return its stay.

    Raises
    ------
    NotPermitted, NotFound
        The actor may not record stays, or sees no such stay.
    NotAllowedNow, ChangedMeanwhile
        It is not expected, or is not as the actor saw it.
    """
    placement = placement_to_change(session, actor, placement_id, Permission.RECORD_STAYS)
    step(session, placement, PlacementStep.ARRIVE, version=version)
    placement.event.record(session, actor, "arrival_recorded", clock)
    return read_back(session, placement_id)


def record_no_arrival(
    session: Session, actor: Actor, placement_id: str, *, version: int, clock: Clock
) -> PlacementView:
    """Record that a household has not come: no night is claimed, and it waits again, in its place in line.

    Raises
    ------
    NotPermitted, NotFound
        The actor may not record stays, or sees no such stay.
    NotAllowedNow, ChangedMeanwhile
        It is not expected, or is not as the actor saw it; or another referral of the survivor is open.
    """
    placement = placement_to_change(session, actor, placement_id, Permission.RECORD_STAYS)
    step(session, placement, PlacementStep.NOT_ARRIVE, version=version)
    session.execute(
        PLACEMENT_BED.update()
        .where(PLACEMENT_BED.c.placement_id == placement_id, PLACEMENT_BED.c.ended_on.is_(None))
        .values(ended_on=PLACEMENT_BED.c.starts_on)
    )
    if status_of(session, placement.referral_id) is ReferralStatus.PLACED:
        step_case(session, placement.referral_id, ReferralStep.NOT_ARRIVE)
    placement.event.record(session, actor, "no_arrival_recorded", clock, beds=len(placement.beds))
    return read_back(session, placement_id)


def read_placement(session: Session, actor: Actor, placement_id: str) -> PlacementView:
    """Return a stay that the actor may see: a provider those in its own sites, a coordinator its cases'.

    Raises
    ------
    NotPermitted, NotFound
        The actor sees no stays, or not this one.
    """
    return placement_to_change(session, actor, placement_id, Permission.SEE_STAYS)


def list_placements(
    session: Session,
    actor: Actor,
    *,
    after: str | None = None,
    limit: int = 50,
    current_only: bool = False,
    site_id: str | None = None,
) -> Page[PlacementView]:
    """Return the stays that the actor may see, in the order of their references.

    Parameters
    ----------
    current_only : leave out stays that are over
    site_id : only those in one site

    Raises
    ------
    NotPermitted
        The actor sees no stays at all.
    """
    require(actor, Permission.SEE_STAYS)
    limit = min(max(limit, 1), MOST_ROWS)
    wanted = select(PLACEMENT.c.placement_id).where(
        stays_seen_by(actor, PLACEMENT, PLACEMENT_BED), PLACEMENT.c.placement_id > (after or "")
    )
    if current_only:
        in_bed = select(PLACEMENT_BED.c.placement_id).where(PLACEMENT_BED.c.ended_on.is_(None))
        wanted = wanted.where(PLACEMENT.c.placement_id.in_(in_bed))
    if site_id is not None:
        beds = select(BED.c.bed_id).join(UNIT).where(UNIT.c.site_id == site_id)
        there = select(PLACEMENT_BED.c.placement_id).where(PLACEMENT_BED.c.bed_id.in_(beds))
        wanted = wanted.where(PLACEMENT.c.placement_id.in_(there))
    found = session.scalars(wanted.order_by(PLACEMENT.c.placement_id).limit(limit + 1)).all()
    return page_of(placement_views(session, found), limit, lambda placement: placement.placement_id)


def placement_to_change(
    session: Session, actor: Actor, placement_id: str, permission: Permission
) -> PlacementView:
    """Return a stay that the actor may see and has a permission for.

    Raises
    ------
    NotPermitted, NotFound
        The actor does not have it, or there is no such stay for this actor.
    """
    require(actor, permission)
    seen = select(PLACEMENT.c.placement_id).where(
        PLACEMENT.c.placement_id == placement_id, stays_seen_by(actor, PLACEMENT, PLACEMENT_BED)
    )
    if session.execute(seen).first() is None:
        raise NotFound("there is no such placement")
    return read_back(session, placement_id)


def step(
    session: Session, placement: PlacementView, taken: PlacementStep, *, version: int, **values: object
) -> None:
    """Let a stay take a step, and keep other values of it with it. The site is locked first.

    Raises
    ------
    NotAllowedNow
        The step may not follow.
    ChangedMeanwhile
        The stay is not as the caller saw it.
    """
    lock_sites(session, placement.site_id)
    if version == placement.version:
        values["state"] = next_state(step_placement, placement.state, taken)
    change(session, PLACEMENT, placement.placement_id, version, **values)


def keep_placement(
    session: Session, room: Room, *, state: PlacementState, hold_id: str | None = None
) -> PlacementView:
    """Write a placement into the beds that were judged, a bed for each person, and return it."""
    placement_id = new_id("stay")
    header = {"placement_id": placement_id, "referral_id": room.asked.referral_id, "version": 1}
    session.execute(PLACEMENT.insert().values(**header, state=state, hold_id=hold_id))
    people = room.situation.people_of[ReferralRef(room.asked.referral_id)]
    kinds = {bed_id: room.situation.bed_by_id[BedRef(bed_id)].kind for bed_id in room.bed_ids}
    sleeper = who_sleeps_where(people, kinds)
    session.execute(
        PLACEMENT_BED.insert(),
        [
            {
                "placement_bed_id": f"{placement_id} {bed_id}",
                "placement_id": placement_id,
                "bed_id": bed_id,
                "starts_on": room.starts_on,
                "expected_end_on": room.expected_end_on,
                "person_id": sleeper.get(bed_id),
            }
            for bed_id in room.bed_ids
        ],
    )
    return read_back(session, placement_id)


def who_sleeps_where(people: Iterable[Person], kinds: Mapping[str, BedKind]) -> dict[str, str]:
    """Return the person of each bed: the lead first; under twos in cots while there are any.

    A bed that is left over is for a baby who is due: nobody is named for it.
    """
    cots = [bed for bed, kind in kinds.items() if kind is BedKind.COT]
    singles = [bed for bed, kind in kinds.items() if kind is BedKind.SINGLE]
    ordered = sorted(people, key=lambda person: (_is_under_two(person), not person.is_lead, person.person_id))
    sleeper: dict[str, str] = {}
    for person in ordered:
        beds = cots or singles if _is_under_two(person) else singles
        if beds:
            sleeper[beds.pop(0)] = person.person_id
    return sleeper


def _is_under_two(person: Person) -> bool:
    return person.age is not None and person.age < COT_AGE


def read_back(session: Session, placement_id: str) -> PlacementView:
    """Return a stay as it is stored; whether the actor may see it was asked before."""
    return placement_views(session, [placement_id])[0]


def placement_views(session: Session, placement_ids: Iterable[str]) -> list[PlacementView]:
    """Return stays as they are stored, in the order of their references; who may see them was asked."""
    rows: dict[str, list[Row[Any]]] = defaultdict(list)
    found = session.execute(
        select(PLACEMENT, *_OF_A_BED, UNIT.c.unit_id, UNIT.c.site_id)
        .join(PLACEMENT_BED, PLACEMENT_BED.c.placement_id == PLACEMENT.c.placement_id)
        .join(BED, BED.c.bed_id == PLACEMENT_BED.c.bed_id)
        .join(UNIT, UNIT.c.unit_id == BED.c.unit_id)
        .where(PLACEMENT.c.placement_id.in_(tuple(placement_ids)))
        .order_by(PLACEMENT.c.placement_id, PLACEMENT_BED.c.bed_id)
    )
    for row in found:
        rows[row.placement_id].append(row)
    return [_view(group) for group in rows.values()]


def _view(rows: list[Row[Any]]) -> PlacementView:
    first = rows[0]
    return PlacementView(
        placement_id=first.placement_id,
        referral_id=first.referral_id,
        site_id=first.site_id,
        unit_id=first.unit_id,
        state=_state(rows),
        starts_on=min(row.starts_on for row in rows),
        expected_end_on=max(row.expected_end_on for row in rows),
        hold_id=first.hold_id,
        move_on=None if first.move_on is None else MoveOn(first.move_on),
        beds=tuple(_bed(row) for row in rows),
        version=first.version,
    )


def _state(rows: list[Row[Any]]) -> PlacementState:
    """A stay out of a folder is kept as arrived, and is over once the stays in all its beds are."""
    stored = PlacementState(rows[0].state)
    over = all(row.ended_on is not None for row in rows)
    return PlacementState.ENDED if stored is PlacementState.ARRIVED and over else stored


def _bed(row: Row[Any]) -> StayBed:
    return StayBed(
        bed_id=row.bed_id,
        person_id=row.person_id,
        starts_on=row.starts_on,
        expected_end_on=row.expected_end_on,
        ended_on=row.ended_on,
        move_on=None if row.bed_move_on is None else MoveOn(row.bed_move_on),
    )
