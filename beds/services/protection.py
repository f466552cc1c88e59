"""What protects a survivor beyond her needs: who may open her case, and whom she must never meet.

A keep-apart pair is recorded here and shown nowhere: everywhere else it reads as no room.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from pydantic import JsonValue
from sqlalchemy import select
from sqlmodel import Session

from beds.audit import record
from beds.domain.clock import Clock
from beds.domain.records import METADATA
from beds.domain.referral import KeepApart
from beds.domain.terms import Nation, ReferralRef, Role
from beds.errors import BadInput
from beds.roles import Actor, Permission, actor_of, require
from beds.services.cases import ReferralLine, line_of, require_version
from beds.services.steps import change
from beds.services.visibility import cases_of, require_case
from beds.store.rows import STORED_TABLES

_TABLES = METADATA.tables
REFERRAL, ACCESS, USER, KEEP_APART = (
    _TABLES[name] for name in ("referral", "case_access", "service_user", "keep_apart")
)
_PAIRS = next(stored for stored in STORED_TABLES if stored.name == "keep_apart")

MOST_NAMED = 50


def restrict_case(
    session: Session,
    actor: Actor,
    referral_id: str,
    *,
    user_ids: Sequence[str],
    version: int,
    clock: Clock,
) -> ReferralLine:
    """Return a case that only these people may open, and the actor; who was named before is so no more.

    Raises
    ------
    NotPermitted
        The actor may not restrict cases.
    NotFound
        There is no such case for this actor.
    ChangedMeanwhile
        Somebody else has changed it.
    BadInput
        Somebody named could not see the case if it were open.
    """
    require(actor, Permission.RESTRICT_CASES)
    row = require_case(session, actor, referral_id)
    require_version(row, version)
    named = set(user_ids)
    if len(named) > MOST_NAMED or who_may_see(session, referral_id, named, restricted=False) != named:
        raise BadInput(f"user_ids: up to {MOST_NAMED} people who see cases of this nation are accepted")
    # The machine's own operator is nobody on record and sees restricted cases anyway.
    named |= who_may_see(session, referral_id, [actor.user_id], restricted=False)
    session.execute(ACCESS.delete().where(ACCESS.c.referral_id == referral_id))
    if named:
        rows = [{"referral_id": referral_id, "user_id": user_id} for user_id in sorted(named)]
        session.execute(ACCESS.insert(), rows)
    change(session, REFERRAL, referral_id, version, restricted=True)
    detail: dict[str, JsonValue] = {"named": [*sorted(named)]}
    record(
        session,
        actor.user_id,
        "case_restricted",
        referral_id,
        detail,
        at=clock.as_at,
        referral_id=referral_id,
    )
    return line_of(session, referral_id, clock=clock)


def record_keep_apart(
    session: Session, actor: Actor, referral_id: str, other_referral_id: str, *, clock: Clock
) -> None:
    """Keep that two survivors must never be in one site at one time; once more changes nothing.

    It is the survivors' and outlives both cases. Each case gets an event of its own, so that neither trail
    names the other case.

    Raises
    ------
    NotPermitted
        The actor may not record cases.
    NotFound
        There is no such case for this actor: it takes one who sees both.
    BadInput
        Both are one survivor's.
    """
    require(actor, Permission.RECORD_CASES)
    rows = [require_case(session, actor, ref) for ref in (referral_id, other_referral_id)]
    survivors = {ReferralRef(row.referral_id): str(row.survivor_id) for row in rows}
    if len(set(survivors.values())) == 1:
        raise BadInput("a case of another survivor is accepted: nobody is kept apart from herself")
    a, b = survivors.values()
    known = select(KEEP_APART.c.keep_apart_id).where(
        KEEP_APART.c.survivor_id_a.in_([a, b]), KEEP_APART.c.survivor_id_b.in_([a, b])
    )
    if session.execute(known).first() is not None:
        return
    pair = KeepApart(*survivors)
    session.execute(KEEP_APART.insert().values(_PAIRS.values(pair, survivors)))
    for ref in survivors:
        record(session, actor.user_id, "keep_apart_recorded", ref, {}, at=clock.as_at, referral_id=ref)


def who_may_see(
    session: Session, referral_id: str, user_ids: Iterable[str], *, restricted: bool = True
) -> set[str]:
    """Return who of these people may see a case; with `restricted=False`, who could if it were open."""
    wanted = [USER.c.user_id.in_(list(user_ids)), USER.c.revoked_at.is_(None)]
    own = select(REFERRAL.c.referral_id).where(REFERRAL.c.referral_id == referral_id)
    found: set[str] = set()
    for row in session.execute(select(USER.c.user_id, USER.c.role, USER.c.nations).where(*wanted)):
        person = actor_of(row.user_id, Role(row.role), nations=map(Nation, row.nations))
        if not restricted:
            person = replace(person, sees_restricted=True)
        if session.execute(own.where(cases_of(person))).first() is not None:
            found.add(row.user_id)
    return found
