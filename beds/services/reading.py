"""What of a case somebody may be shown: where it is kept that they looked, and rounds without the others."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Protocol

from sqlalchemy import select
from sqlmodel import Session

from beds.roles import Actor
from beds.services.visibility import REFERRAL, cases_of
from optimiser.result import RoundJson


class ReadLog(Protocol):
    """Where it is kept who opened which case, and who read which address; `beds.read_log` has the one."""

    def case_read(self, user_id: str, referral_id: str, at: datetime) -> None:
        """Keep that a person opened a case."""

    def address_read(self, user_id: str, site_id: str, at: datetime) -> None:
        """Keep that a person read the address of a site."""


def cases_seen(session: Session, actor: Actor) -> frozenset[str]:
    """Return the references of all cases that the actor may see."""
    return frozenset(session.scalars(select(REFERRAL.c.referral_id).where(cases_of(actor))))


def seen_among(session: Session, actor: Actor, referral_ids: Collection[str]) -> frozenset[str]:
    """Return those of some references whose case the actor may see: of a hundred thousand, few are asked."""
    among = select(REFERRAL.c.referral_id).where(REFERRAL.c.referral_id.in_(referral_ids), cases_of(actor))
    return frozenset(session.scalars(among))


def round_seen(result: RoundJson, seen: frozenset[str]) -> RoundJson:
    """Return the answer of a round without the households whose case is not among those seen.

    What the round achieves stays that of all of them.
    """
    return {
        **result,
        "placements": [row for row in result["placements"] if row["referral_id"] in seen],
        "unplaced": [row for row in result["unplaced"] if row["referral_id"] in seen],
    }
