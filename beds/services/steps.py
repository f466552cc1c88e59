"""How a stored case, hold or placement takes a step of its life: by the tables of `beds.domain.lifecycle`.

Nothing here asks who acts or whether a rule stands in the way; the services that call it have done so.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from pydantic import JsonValue
from sqlalchemy import Table, func, select
from sqlmodel import Session

from beds.audit import record
from beds.domain.clock import Clock
from beds.domain.lifecycle import IllegalStep, ReferralStep, State, Step, step_referral
from beds.domain.records import METADATA
from beds.domain.terms import OPEN_STATUSES, ReferralStatus
from beds.errors import BadInput, ChangedMeanwhile, NotAllowedNow
from beds.roles import Actor

REFERRAL = METADATA.tables["referral"]
ID_BYTES: Final = 5
WORD: Final = re.compile(r"[a-z0-9]+(_[a-z0-9]+)*", re.ASCII)
LONGEST_WORD: Final = 40


@dataclass(frozen=True, slots=True)
class Event:
    """What an audit event is about: its subject, and the case and the site that it changed."""

    subject: str
    referral_id: str
    site_id: str

    def record(self, session: Session, actor: Actor, action: str, clock: Clock, **detail: JsonValue) -> None:
        """Add it to the audit, in the transaction of the change: references, counts and words only."""
        record(
            session,
            actor.user_id,
            action,
            self.subject,
            detail,
            at=clock.as_at,
            referral_id=self.referral_id,
            site_id=self.site_id,
        )


def new_id(kind: str) -> str:
    """Return an identifier that nobody can guess or count: `hold-…`, `stay-…`."""
    return f"{kind}-{secrets.token_hex(ID_BYTES)}"


def require_word(name: str, word: str) -> None:
    """Refuse a reason that is not one word of an open vocabulary: no free text is kept in the audit.

    Raises
    ------
    BadInput
        It is not a lower_snake word of 40 characters at most.
    """
    if len(word) > LONGEST_WORD or not WORD.fullmatch(word):
        raise BadInput(f"{name}: a lower_snake word of at most {LONGEST_WORD} characters is accepted")


def next_state(take: Callable[[State, Step], State], state: State, step: Step) -> State:
    """Return where something stands after a step, `take` being the table of its kind.

    Raises
    ------
    NotAllowedNow
        The step may not follow.
    """
    try:
        return take(state, step)
    except IllegalStep as error:
        raise NotAllowedNow(str(error)) from error


def step_case(session: Session, referral_id: str, *steps: ReferralStep) -> None:
    """Let a referral take some steps. Its place in line is not among what changes.

    Raises
    ------
    NotAllowedNow
        A step may not follow, or it would wait while another referral of the same survivor does.
    """
    row = session.execute(
        select(REFERRAL.c.status, REFERRAL.c.survivor_id).where(REFERRAL.c.referral_id == referral_id)
    ).one()
    before = after = ReferralStatus(row.status)
    for step in steps:
        after = next_state(step_referral, after, step)
    if after in OPEN_STATUSES and before not in OPEN_STATUSES:
        _require_no_other(session, row.survivor_id)
    if after is not before:
        session.execute(
            REFERRAL.update()
            .where(REFERRAL.c.referral_id == referral_id)
            .values(status=after, version=REFERRAL.c.version + 1)
        )


def status_of(session: Session, referral_id: str) -> ReferralStatus:
    """Return where a referral stands."""
    stored = select(REFERRAL.c.status).where(REFERRAL.c.referral_id == referral_id)
    return ReferralStatus(session.execute(stored).scalar_one())


def change(session: Session, table: Table, record_id: str, version: int, **values: object) -> None:
    """Change a record that is still as the caller saw it, and count the change.

    Raises
    ------
    ChangedMeanwhile
        Somebody else has changed it.
    """
    (key,) = table.primary_key.columns
    changed = session.execute(
        table.update()
        .where(key == record_id, table.c.version == version)
        .values(version=table.c.version + 1, **values)
        .returning(key)
    )
    if changed.one_or_none() is None:
        raise ChangedMeanwhile("somebody else has changed that record since you read it: look at it again")


def _require_no_other(session: Session, survivor_id: str) -> None:
    waiting = (
        select(func.count())
        .select_from(REFERRAL)
        .where(REFERRAL.c.survivor_id == survivor_id, REFERRAL.c.status.in_(OPEN_STATUSES))
    )
    if session.execute(waiting).scalar_one():
        raise NotAllowedNow(
            "another referral of the same survivor is open: close that one first, then this can wait again"
        )
