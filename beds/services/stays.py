"""A stay as it goes on: longer, elsewhere, one of several leaves, everybody has moved on.

Nothing ends a stay by itself, and nothing that is refused here does. Longer and elsewhere are claims, judged
like any other; who leaves is recorded by whoever runs the house or the case.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import case, select
from sqlmodel import Session

from beds.domain.clock import Clock
from beds.domain.households import not_for_a_round
from beds.domain.lifecycle import PlacementStep, ReferralStep
from beds.domain.records import METADATA
from beds.domain.referral import Person
from beds.domain.terms import BedKind, MoveOn, Outcome, PlacementState, ReferralRef, ReferralStatus
from beds.errors import BadInput, BedJustTaken, HardRuleBroken, NotAllowedNow
from beds.roles import Actor, Permission
from beds.services.claims import (
    NO_ROOM,
    Asked,
    judge_claim,
    lock_sites,
    require_overrides,
    require_preferences,
)
from beds.services.holds import NO_OVERRIDES
from beds.services.placements import (
    PlacementView,
    keep_placement,
    placement_to_change,
    read_back,
    step,
    who_sleeps_where,
)
from beds.services.policy import Policy
from beds.services.steps import status_of, step_case
from beds.services.visibility import require_unit
from beds.store.situation import load_situation

PLACEMENT, PLACEMENT_BED = METADATA.tables["placement"], METADATA.tables["placement_bed"]
REFERRAL, PERSON = METADATA.tables["referral"], METADATA.tables["person"]
BED, UNIT = METADATA.tables["bed"], METADATA.tables["unit"]


def extend_stay(  # noqa: PLR0913 who, which stay as seen, until when
    session: Session,
    actor: Actor,
    placement_id: str,
    *,
    version: int,
    new_end_on: date,
    clock: Clock,
    policy: Policy,
) -> PlacementView:
    """Let a household stay longer in the beds it has, and return its stay. A refusal leaves it as it is.

    The whole stay may not pass the site's limit, except where the rule `interim` allows an emergency. An end
    that was stated too late may be brought forward: that takes nothing from anybody, and is not judged.

    Raises
    ------
    NotPermitted, NotFound
        The actor may not claim beds, or sees no such stay.
    BadInput
        The new end is the one expected so far, or not after tonight.
    NotAllowedNow, ChangedMeanwhile
        The household is not there now, or the stay is not as the actor saw it.
    HardRuleBroken, BedJustTaken
        A hard rule is broken, or a bed is promised to somebody else before the new end.
    """
    placement = placement_to_change(session, actor, placement_id, Permission.CLAIM_BEDS)
    step(session, placement, PlacementStep.EXTEND, version=version)
    _require_begun(placement, clock)
    if new_end_on <= clock.today or new_end_on == placement.expected_end_on:
        raise BadInput("the new end: another date than the one expected so far, after tonight, is accepted")
    if new_end_on > placement.expected_end_on:
        _judge_extension(session, placement, new_end_on, clock, policy)
    session.execute(
        PLACEMENT_BED.update()
        .where(PLACEMENT_BED.c.placement_id == placement_id, PLACEMENT_BED.c.ended_on.is_(None))
        .values(expected_end_on=new_end_on)
    )
    placement.event.record(session, actor, "stay_extended", clock, until=new_end_on.isoformat())
    return read_back(session, placement_id)


def _judge_extension(
    session: Session, placement: PlacementView, new_end_on: date, clock: Clock, policy: Policy
) -> None:
    """Ask every rule about the stay until a later end, in the beds that the household has."""
    asked = Asked(
        placement.referral_id,
        placement.site_id,
        placement.unit_id,
        end_on=new_end_on,
        in_all=(new_end_on - _first_night_there(session, placement)).days,
        instead_of=placement.placement_id,
        beds=placement.bed_ids,
        is_waiting=False,
    )
    room = judge_claim(session, asked, clock=clock, policy=policy)
    if not placement.bed_ids <= room.free:
        raise BedJustTaken(NO_ROOM)
    if not placement.bed_ids.issuperset(room.bed_ids):
        raise HardRuleBroken(
            "there are more of them than beds that they have: a unit for all of them is needed", ("capacity",)
        )


def transfer_stay(  # noqa: PLR0913 who, which stay as seen, where to
    session: Session,
    actor: Actor,
    placement_id: str,
    *,
    version: int,
    unit_id: str,
    clock: Clock,
    policy: Policy,
    overrides: Mapping[str, str] = NO_OVERRIDES,
) -> PlacementView:
    """Let a household move to another unit today, until the end expected so far; return the stay there.

    The old beds are free from today, the new stay has arrived; all of it or nothing.

    Parameters
    ----------
    overrides : as for a hold, of the preferences that the new unit does not meet

    Raises
    ------
    NotPermitted, NotFound
        The actor may not claim beds, or sees no such stay or unit.
    BadInput
        The household is in that unit, or an override is not accepted.
    NotAllowedNow, ChangedMeanwhile
        The household is not there now, or the stay is not as the actor saw it.
    HardRuleBroken, BedJustTaken, PreferenceUnmet
        As for a hold in the new unit.
    """
    placement = placement_to_change(session, actor, placement_id, Permission.CLAIM_BEDS)
    unit = require_unit(session, actor, unit_id)
    if unit_id == placement.unit_id:
        raise BadInput("the unit: another one than where the household is now is accepted")
    require_overrides(overrides)
    lock_sites(session, placement.site_id, unit.site_id)
    step(session, placement, PlacementStep.TRANSFER, version=version)
    _require_begun(placement, clock)
    _end_beds(session, placement, clock.today)
    asked = _asked_elsewhere(session, placement, unit_id, unit.site_id, clock)
    room = judge_claim(session, asked, clock=clock, policy=policy)
    used = require_preferences(actor, room.mismatch, overrides)
    moved = keep_placement(session, room, state=PlacementState.ARRIVED)
    # One event a site: whoever keeps a live copy of the estate reads both again.
    placement.event.record(session, actor, "stay_transferred_out", clock, to=moved.placement_id)
    moved.event.record(
        session, actor, "stay_transferred_in", clock, of=placement_id, unit=unit_id, overrides={**used}
    )
    return moved


def move_out(  # noqa: PLR0913 who, of which stay as seen, when, where to
    session: Session,
    actor: Actor,
    placement_id: str,
    *,
    version: int,
    person_ids: Collection[str],
    on: date,
    move_on: MoveOn,
    clock: Clock,
) -> PlacementView:
    """Record that some of a household have left, each with the bed that was theirs; return what goes on.

    Where they are everybody who is there, the stay ends.

    Raises
    ------
    NotPermitted, NotFound
        The actor may not record stays, or sees no such stay.
    BadInput
        They are not people of the household who are there, or the date is before the stay or not here yet.
    NotAllowedNow, ChangedMeanwhile
        The lead would leave alone or a child would stay without an adult, nobody is there now, or the stay is
        not as the actor saw it.
    """
    placement = placement_to_change(session, actor, placement_id, Permission.RECORD_STAYS)
    there = load_situation(session, placement.referral_id, placement.site_id, today=clock.today)
    people = there.people_of[ReferralRef(placement.referral_id)]
    leaving = [person for person in people if person.person_id in set(person_ids)]
    if not leaving or len(leaving) != len(set(person_ids)):
        raise BadInput("who leaves: references of people of this household who are still there are accepted")
    if len(leaving) == len(people):
        return end_stay(session, actor, placement_id, version=version, on=on, move_on=move_on, clock=clock)
    if any(person.is_lead for person in leaving):
        raise NotAllowedNow(
            "the lead leaves with everybody or last: make a referral of their own for the rest"
        )
    staying = [person for person in people if person not in leaving]
    if not_for_a_round(staying) is Outcome.UNACCOMPANIED_CHILD:
        raise NotAllowedNow(
            "a child would stay without an adult: that is for the local authority; call it first, and record "
            "everybody's departure when the child has gone to its care"
        )
    step(session, placement, PlacementStep.MOVE_OUT, version=version)
    _require_day(placement, on, clock)
    kinds = {str(bed.bed_id): bed.kind for bed in there.beds if bed.bed_id in placement.bed_ids}
    beds = _name_the_beds(session, placement, people, kinds)
    _end_beds(session, placement, on, move_on, beds=_beds_of(leaving, beds, placement))
    _take_out(session, placement.referral_id, leaving, on)
    placement.event.record(
        session,
        actor,
        "people_moved_out",
        clock,
        people=len(leaving),
        on=on.isoformat(),
        move_on=move_on.value,
    )
    return read_back(session, placement_id)


def end_stay(  # noqa: PLR0913 who, which stay as seen, when, where to
    session: Session,
    actor: Actor,
    placement_id: str,
    *,
    version: int,
    on: date,
    move_on: MoveOn,
    clock: Clock,
) -> PlacementView:
    """Record that a whole household has moved on, and return its stay as it ended; the last night is before.

    Raises
    ------
    NotPermitted, NotFound
        The actor may not record stays, or sees no such stay.
    BadInput
        The date is before the stay began, or not here yet.
    NotAllowedNow, ChangedMeanwhile
        The household is not there now, or the stay is not as the actor saw it.
    """
    placement = placement_to_change(session, actor, placement_id, Permission.RECORD_STAYS)
    step(session, placement, PlacementStep.END, version=version, move_on=move_on)
    _require_day(placement, on, clock)
    _end_beds(session, placement, on, move_on)
    # A folder may state a stay of a case that is closed, or two stays of one: then there is no step to take.
    elsewhere = (
        select(PLACEMENT_BED.c.bed_id)
        .join(PLACEMENT)
        .where(PLACEMENT.c.referral_id == placement.referral_id, PLACEMENT_BED.c.ended_on.is_(None))
    )
    is_placed = status_of(session, placement.referral_id) is ReferralStatus.PLACED
    if is_placed and session.execute(elsewhere.limit(1)).first() is None:
        step_case(session, placement.referral_id, ReferralStep.MOVE_ON)
    placement.event.record(session, actor, "stay_ended", clock, on=on.isoformat(), move_on=move_on.value)
    return read_back(session, placement_id)


def _require_begun(placement: PlacementView, clock: Clock) -> None:
    if placement.starts_on > clock.today:
        raise NotAllowedNow("the stay has not begun yet")


def _require_day(placement: PlacementView, on: date, clock: Clock) -> None:
    if not placement.starts_on <= on <= clock.calendar_date:
        raise BadInput("the date: from the day the stay began to today is accepted")


def _first_night_there(session: Session, placement: PlacementView) -> date:
    """Return since when the household is in the site: a move within it begins no new limit."""
    spans = session.execute(
        select(PLACEMENT_BED.c.starts_on, PLACEMENT_BED.c.ended_on)
        .join(PLACEMENT)
        .join(BED, BED.c.bed_id == PLACEMENT_BED.c.bed_id)
        .join(UNIT)
        .where(PLACEMENT.c.referral_id == placement.referral_id, UNIT.c.site_id == placement.site_id)
        .order_by(PLACEMENT_BED.c.starts_on.desc())
    ).all()
    first = placement.starts_on
    for span in spans:
        if span.ended_on is not None and span.starts_on < first <= span.ended_on:
            first = span.starts_on
    return first


def _asked_elsewhere(
    session: Session, placement: PlacementView, unit_id: str, site_id: str, clock: Clock
) -> Asked:
    """Ask for the nights that are left; in the same site its limit counts from the first night there."""
    end_on = max(placement.expected_end_on, clock.today + timedelta(days=1))
    asked = Asked(
        placement.referral_id, site_id, unit_id, instead_of=placement.placement_id, is_waiting=False
    )
    if site_id != placement.site_id:
        return replace(asked, nights=(end_on - clock.today).days)
    return replace(asked, end_on=end_on, in_all=(end_on - _first_night_there(session, placement)).days)


def _end_beds(
    session: Session,
    placement: PlacementView,
    on: date,
    move_on: MoveOn | None = None,
    *,
    beds: Iterable[str] | None = None,
) -> None:
    """End the stay in some of a placement's beds, in all of them if not stated; never before it began."""
    ended = placement.bed_ids if beds is None else frozenset(beds)
    session.execute(
        PLACEMENT_BED.update()
        .where(
            PLACEMENT_BED.c.placement_id == placement.placement_id,
            PLACEMENT_BED.c.ended_on.is_(None),
            PLACEMENT_BED.c.bed_id.in_(ended),
        )
        .values(
            ended_on=case((PLACEMENT_BED.c.starts_on > on, PLACEMENT_BED.c.starts_on), else_=on),
            move_on=move_on,
        )
    )


def _take_out(session: Session, referral_id: str, leaving: Iterable[Person], on: date) -> None:
    """Let people be of the household no more; whoever has the case open has to look again."""
    session.execute(
        PERSON.update()
        .where(PERSON.c.person_id.in_([person.person_id for person in leaving]))
        .values(left_on=on)
    )
    session.execute(
        REFERRAL.update().where(REFERRAL.c.referral_id == referral_id).values(version=REFERRAL.c.version + 1)
    )


def _name_the_beds(
    session: Session, placement: PlacementView, people: Iterable[Person], kinds: Mapping[str, BedKind]
) -> dict[str, str]:
    """Return the bed of each person, naming the people of beds that have none: a folder does not say."""
    named = {bed.person_id: bed.bed_id for bed in placement.beds if bed.person_id and bed.ended_on is None}
    unnamed = {bed: kind for bed, kind in kinds.items() if bed not in named.values()}
    without = [person for person in people if person.person_id not in named]
    for bed_id, person_id in who_sleeps_where(without, unnamed).items():
        session.execute(
            PLACEMENT_BED.update()
            .where(PLACEMENT_BED.c.placement_id == placement.placement_id, PLACEMENT_BED.c.bed_id == bed_id)
            .values(person_id=person_id)
        )
        named[person_id] = bed_id
    return named


def _beds_of(leaving: Iterable[Person], beds: Mapping[str, str], placement: PlacementView) -> set[str]:
    """Return the beds that leave with people: their own, and one for each baby who is due."""
    spare = sorted(placement.bed_ids - set(beds.values()))
    due = sum(person.due_on is not None for person in leaving)
    return {beds[person.person_id] for person in leaving if person.person_id in beds} | set(spare[:due])
