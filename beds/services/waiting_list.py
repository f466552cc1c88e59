"""Who waits for a place, in the order of the queue: what cannot wait, and which clocks run. No names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, select
from sqlmodel import Session

from beds.domain.clock import Clock
from beds.domain.terms import Nation
from beds.domain.waiting import CaseClock
from beds.roles import Actor, Permission, require
from beds.services.cases import (
    HOLD,
    HOLD_BED,
    NOT_YET_PLACED,
    REFERRAL,
    ReferralLine,
    clocks_of,
    decisions_of,
    line_of_row,
    lines_of_cases,
    queue_rank,
)
from beds.services.pages import MOST_ROWS
from beds.services.visibility import cases_of

DECISIONS: Final = ("reasonable_grounds_on", "conclusive_grounds_on", "conclusive_grounds")


@dataclass(frozen=True, slots=True)
class Waiting:
    """A household that waits: its line, whether it cannot, until when a bed is held, and its clocks."""

    line: ReferralLine
    no_shelter_tonight: bool
    detention_risk: bool
    held_until: datetime | None
    clocks: tuple[CaseClock, ...]

    @property
    def cannot_wait(self) -> bool:
        """Whether she has no shelter tonight, or is at risk of detention."""
        return self.no_shelter_tonight or self.detention_risk


def waiting_list(
    session: Session, actor: Actor, *, clock: Clock, limit: int = MOST_ROWS
) -> tuple[Waiting, ...]:
    """Return the first so many cases not yet placed that the actor may see: priority, then the longest wait.

    Raises
    ------
    NotPermitted
        The actor sees no cases.
    """
    require(actor, Permission.SEE_CASES)
    more = [REFERRAL.c[name] for name in ("no_shelter_tonight", "detention_risk", *DECISIONS)]
    rows = session.execute(
        lines_of_cases(clock)
        .add_columns(*more)
        .where(cases_of(actor), REFERRAL.c.status.in_(NOT_YET_PLACED))
        .order_by(queue_rank, REFERRAL.c.received_at, REFERRAL.c.referral_id)
        .limit(limit)
    ).all()
    held = _held_until(session, [row.referral_id for row in rows], clock)
    return tuple(
        Waiting(
            line=line_of_row(row, clock),
            no_shelter_tonight=row.no_shelter_tonight is True,
            detention_risk=row.detention_risk is True,
            held_until=held.get(row.referral_id),
            clocks=clocks_of(Nation(row.nation), decisions_of(row)),
        )
        for row in rows
    )


def _held_until(session: Session, referral_ids: Sequence[str], clock: Clock) -> dict[str, datetime]:
    rows = session.execute(
        select(HOLD.c.referral_id, func.min(HOLD_BED.c.expires_at).label("until"))
        .join(HOLD_BED, HOLD_BED.c.hold_id == HOLD.c.hold_id)
        .where(
            HOLD.c.referral_id.in_(referral_ids),
            HOLD_BED.c.expires_at > clock.as_at,
            HOLD_BED.c.released_at.is_(None) | (HOLD_BED.c.released_at > clock.as_at),
        )
        .group_by(HOLD.c.referral_id)
    )
    return {row.referral_id: row.until for row in rows}
