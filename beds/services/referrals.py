"""The record of a case: received, amended, looked at, decided on, restricted, closed.

Every function checks the permission, then what the actor may see, then the steps of `lifecycle`, and writes
its audit event in the caller's transaction. Answers are lines without anything personal.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row, select
from sqlmodel import Session

from beds.audit import record
from beds.domain.clock import Clock
from beds.domain.lifecycle import ReferralStep, step_referral
from beds.domain.reassessment import loosened, loosened_by_leaving, loosened_for
from beds.domain.records import METADATA
from beds.domain.referral import Person
from beds.domain.terms import ConclusiveGrounds, Nation, ReferralStatus
from beds.errors import BadInput, NotAllowedNow, NotFound, NotPermitted
from beds.roles import Actor, Permission, require
from beds.services.cases import NOT_OVER, NOT_YET_PLACED, ReferralLine, line_of, require_version
from beds.services.households import (
    Amendment,
    NewHousehold,
    amended,
    amended_person,
    checked_note,
    new_case,
    new_people,
)
from beds.services.protection import who_may_see
from beds.services.steps import change, next_state, require_word
from beds.services.visibility import require_case
from beds.store.cases import add_case, add_people, change_person, load_case, needs_to_write
from beds.store.people import note_values

REFERRAL, PERSON = METADATA.tables["referral"], METADATA.tables["person"]

REASSESSMENT = (
    "this lowers a safety fact, which is a reassessment: a reason (a lower_snake word) and agreed_by, "
    "another person who may see the case, are needed"
)


def record_referral(
    session: Session, actor: Actor, household: NewHousehold, *, clock: Clock, triaged: bool = True
) -> ReferralLine:
    """Return a new case: waiting, or received only where a coordinator has still to look at it.

    Raises
    ------
    NotPermitted
        The actor may not record cases, or not of this nation.
    BadInput
        A value is not accepted; the message names the field and what is.
    NotAllowedNow
        The survivor has an open case already.
    """
    require(actor, Permission.RECORD_CASES)
    status = ReferralStatus.WAITING if triaged else ReferralStatus.RECEIVED
    referral, people = new_case(household, clock=clock, status=status)
    require_nation(actor, referral.nation)
    _require_no_other(session, referral.survivor, referral.referral_id, NOT_OVER)
    add_case(session, referral, people)
    notes = checked_note(household.notes)
    if notes is not None:
        own = REFERRAL.c.referral_id == referral.referral_id
        session.execute(
            REFERRAL.update().where(own).values(note_values(session, referral.referral_id, notes))
        )
    detail = {"people": len(people), "backdated_s": int((clock.as_at - referral.received_at).total_seconds())}
    _audit(session, actor, "referral_recorded", referral.referral_id, detail, clock)
    return line_of(session, referral.referral_id, clock=clock)


def amend_referral(
    session: Session, actor: Actor, referral_id: str, changes: Amendment, *, version: int, clock: Clock
) -> ReferralLine:
    """Return a case after some of its needs, its priority or its people were changed.

    When it was received is never changed. The rules judge what is recorded now at the next claim; a hold or a
    stay that stands is not touched.

    Raises
    ------
    NotPermitted
        The actor may not record cases, or not of the nation that it would be of.
    NotFound
        There is no such case for this actor, or no such person in it.
    ChangedMeanwhile
        Somebody else has changed it.
    BadInput
        A field cannot be changed, or a value is not accepted.
    NotAllowedNow
        The case is closed, or a safety fact would be lowered without a reason and a second person.
    """
    row = _require_own(session, actor, referral_id, version)
    if row.status == ReferralStatus.CLOSED:
        raise NotAllowedNow("the case is closed: a new referral is needed")
    found = load_case(session, referral_id, with_those_who_left=False)
    needs = dict(changes.needs)
    notes = {"notes": needs.pop("notes")} if "notes" in needs else {}
    after = amended(found.referral, needs)
    require_nation(actor, after.nation)
    before = {str(person.person_id): person for person in found.people}
    if any(person.is_lead for person in changes.new_people):
        raise BadInput("new_people: the lead is on record; is_lead is false for everybody else")
    people = {ref: amended_person(_of_case(before, ref), told) for ref, told in changes.people.items()}
    lowered = [*loosened(found.referral, after)]
    lowered += [name for ref, person in people.items() for name in loosened_for(before[ref], person)]
    leaving = [_of_case(before, ref) for ref in changes.not_coming]
    lowered += [name for person in leaving for name in loosened_by_leaving(person)]
    reassessed = _reassessment(session, actor, row, changes, lowered)
    _leave(session, row, leaving, clock)
    for person in people.values():
        change_person(session, after, person)
    add_people(session, after, new_people(after.referral_id, changes.new_people, beside=len(before)))
    values = needs_to_write(session, after)
    if notes:
        values |= note_values(session, referral_id, checked_note(_text(notes["notes"])))
    change(session, REFERRAL, referral_id, version, **values)
    detail = {
        "fields": sorted(changes.needs),
        "people_changed": len(people),
        "people_added": len(changes.new_people),
        "people_not_coming": len(changes.not_coming),
        **reassessed,
    }
    _audit(session, actor, "referral_amended", referral_id, detail, clock)
    return line_of(session, referral_id, clock=clock)


def triage_referral(
    session: Session, actor: Actor, referral_id: str, *, version: int, clock: Clock
) -> ReferralLine:
    """Return a received case as a waiting one: a coordinator has looked at it.

    Raises
    ------
    NotPermitted, NotFound, ChangedMeanwhile
        As for `amend_referral`.
    NotAllowedNow
        It is not a received one, or the survivor has another open case.
    """
    return _step(session, actor, referral_id, ReferralStep.TRIAGE, version=version, clock=clock)


def return_to_waiting(
    session: Session, actor: Actor, referral_id: str, *, version: int, clock: Clock
) -> ReferralLine:
    """Return a case that had moved on and asks again; the wait counts from the day she asked first.

    Raises
    ------
    NotPermitted, NotFound, ChangedMeanwhile
        As for `amend_referral`.
    NotAllowedNow
        It has not moved on, or the survivor has another open case.
    """
    return _step(session, actor, referral_id, ReferralStep.RETURN_TO_WAITING, version=version, clock=clock)


def close_referral(
    session: Session, actor: Actor, referral_id: str, *, reason: str, version: int, clock: Clock
) -> ReferralLine:
    """Return a closed case, with the reason as a lower_snake word.

    Raises
    ------
    NotPermitted, NotFound, ChangedMeanwhile
        As for `amend_referral`.
    BadInput
        The reason is no such word.
    NotAllowedNow
        It cannot be closed from where it stands: somebody is placed, or a hold is in force.
    """
    row = _require_own(session, actor, referral_id, version)
    if line_of(session, referral_id, clock=clock).status is ReferralStatus.HELD:
        raise NotAllowedNow("a hold of this case is in force: release it first")
    require_word("reason", reason)
    closing = {"close_reason": reason, "closed_at": clock.as_at}
    return _stepped(session, actor, row, ReferralStep.CLOSE, clock=clock, values=closing)


def record_decision(  # noqa: PLR0913 one argument a part of the decision
    session: Session,
    actor: Actor,
    referral_id: str,
    *,
    version: int,
    clock: Clock,
    reasonable_grounds_on: date | None = None,
    conclusive_grounds_on: date | None = None,
    conclusive_grounds: str | None = None,
) -> ReferralLine:
    """Return a case after a decision of the competent authority was recorded; it moves no bed.

    Parameters
    ----------
    reasonable_grounds_on : the day of the positive decision on reasonable grounds
    conclusive_grounds_on, conclusive_grounds : the day and the outcome, stated together

    What is not stated stays as it was recorded.

    Raises
    ------
    NotPermitted, NotFound, ChangedMeanwhile
        As for `amend_referral`.
    BadInput
        Nothing is stated, a date is to come or out of order, or a day or an outcome stands alone.
    """
    row = _require_own(session, actor, referral_id, version)
    if (conclusive_grounds_on is None) != (conclusive_grounds is None):
        raise BadInput("conclusive_grounds: its day and its outcome are needed together")
    if conclusive_grounds is not None and conclusive_grounds not in list(ConclusiveGrounds):
        raise BadInput(f"conclusive_grounds: one of {', '.join(ConclusiveGrounds)} is accepted")
    stated = {
        "reasonable_grounds_on": reasonable_grounds_on,
        "conclusive_grounds_on": conclusive_grounds_on,
        "conclusive_grounds": conclusive_grounds,
    }
    values = {name: value for name, value in stated.items() if value is not None}
    if not values:
        raise BadInput("a decision: reasonable_grounds_on, or conclusive_grounds with its day, is needed")
    _require_in_order(
        reasonable_grounds_on or row.reasonable_grounds_on,
        conclusive_grounds_on or row.conclusive_grounds_on,
        clock.calendar_date,
    )
    change(session, REFERRAL, referral_id, version, **values)
    _audit(session, actor, "decision_recorded", referral_id, {"fields": sorted(values)}, clock)
    return line_of(session, referral_id, clock=clock)


def require_nation(actor: Actor, nation: Nation) -> None:
    """Refuse to record a case of a nation that is not the actor's.

    Raises
    ------
    NotPermitted
        It is not.
    """
    if nation not in actor.nations:
        raise NotPermitted("nation: you record cases of your own nations only")


def _step(
    session: Session, actor: Actor, referral_id: str, step: ReferralStep, *, version: int, clock: Clock
) -> ReferralLine:
    row = _require_own(session, actor, referral_id, version)
    return _stepped(session, actor, row, step, clock=clock, values={})


def _stepped(
    session: Session,
    actor: Actor,
    row: Row[Any],
    step: ReferralStep,
    *,
    clock: Clock,
    values: Mapping[str, object],
) -> ReferralLine:
    status = next_state(step_referral, ReferralStatus(row.status), step)
    if status is ReferralStatus.WAITING:
        _require_no_other(session, row.survivor_id, row.referral_id)
    change(session, REFERRAL, row.referral_id, row.version, status=status, **values)
    action = {
        ReferralStep.TRIAGE: "referral_triaged",
        ReferralStep.RETURN_TO_WAITING: "referral_returned_to_waiting",
        ReferralStep.CLOSE: "referral_closed",
    }[step]
    _audit(session, actor, action, row.referral_id, {"from": row.status}, clock)
    return line_of(session, row.referral_id, clock=clock)


def _require_own(session: Session, actor: Actor, referral_id: str, version: int) -> Row[Any]:
    require(actor, Permission.RECORD_CASES)
    row = require_case(session, actor, referral_id)
    require_version(row, version)
    return row


def _require_no_other(
    session: Session,
    survivor_id: str,
    referral_id: str,
    statuses: Sequence[ReferralStatus] = NOT_YET_PLACED,
) -> None:
    """Refuse a second open case of a survivor: two would be placed twice."""
    other = select(REFERRAL.c.referral_id).where(
        REFERRAL.c.survivor_id == survivor_id,
        REFERRAL.c.status.in_(statuses),
        REFERRAL.c.referral_id != referral_id,
    )
    if session.execute(other).first() is not None:
        raise NotAllowedNow("this survivor has an open case already: amend that one, or close it")


def _require_in_order(reasonable_on: date | None, conclusive_on: date | None, today: date) -> None:
    for name, day in (("reasonable_grounds_on", reasonable_on), ("conclusive_grounds_on", conclusive_on)):
        if day is not None and day > today:
            raise BadInput(f"{name}: a day that has been is accepted")
    if reasonable_on is not None and conclusive_on is not None and conclusive_on < reasonable_on:
        raise BadInput("conclusive_grounds_on: the day of the reasonable grounds or a later one is accepted")


def _reassessment(
    session: Session, actor: Actor, row: Row[Any], changes: Amendment, lowered: Collection[str]
) -> dict[str, object]:
    """Return what the audit keeps of a reassessment, if it is one; refuse one that one person alone makes."""
    if not lowered:
        return {}
    if not changes.reason or changes.agreed_by in (None, actor.user_id):
        raise NotAllowedNow(REASSESSMENT)
    require_word("reason", changes.reason)
    if changes.agreed_by not in who_may_see(session, row.referral_id, [str(changes.agreed_by)]):
        raise NotAllowedNow(REASSESSMENT)
    return {"reassessed": sorted(lowered), "reason": changes.reason, "agreed_by": changes.agreed_by}


def _of_case(people: Mapping[str, Person], person_id: str) -> Person:
    if person_id not in people:
        raise NotFound("there is no such person in this case")
    return people[person_id]


def _leave(session: Session, row: Row[Any], people: Collection[Person], clock: Clock) -> None:
    """Keep that some will not come after all; who is in a bed moves out of it instead."""
    if not people:
        return
    if row.status not in NOT_YET_PLACED:
        raise NotAllowedNow("the household is placed: let the person move out of the stay")
    if any(person.is_lead for person in people):
        raise NotAllowedNow("the lead is the case: close it, and record a new one")
    ids = [person.person_id for person in people]
    session.execute(PERSON.update().where(PERSON.c.person_id.in_(ids)).values(left_on=clock.today))


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    raise BadInput("notes: text is accepted, or nothing")


def _audit(
    session: Session, actor: Actor, action: str, referral_id: str, detail: Mapping[str, Any], clock: Clock
) -> None:
    record(session, actor.user_id, action, referral_id, detail, at=clock.as_at, referral_id=referral_id)
