"""What has happened in a demonstration by the evening that it begins: what no folder of files can state.

Sites have confirmed what is vacant, or not; providers have a telephone number, out of those kept for fiction;
decisions of the competent authority are on record. None of it bears on a rule: the round stays what it was.
"""

from __future__ import annotations

import zlib
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlmodel import Session

from beds.domain.clock import Clock, london_date
from beds.domain.records import METADATA
from beds.domain.terms import ConclusiveGrounds
from beds.roles import OPERATOR
from beds.services.cases import NOT_OVER
from beds.services.policy import Policy
from beds.services.referrals import record_decision
from beds.services.sites import confirm_availability, set_contact

SITE, PROVIDER, REFERRAL = (METADATA.tables[name] for name in ("site", "provider", "referral"))

SINCE_MORNING: Final = timedelta(hours=10)
"""How long before the evening the estate was brought in."""
DECIDED: Final = {"reasonable_grounds_positive", "conclusive_grounds_positive"}
FICTION: Final = "020 7946 0"
"""London numbers that Ofcom keeps for drama: nobody can be reached by them."""


def let_the_day_pass(session: Session, evening: datetime, *, policy: Policy) -> None:
    """Record what a day leaves behind, in a demonstration that has just been made; the same each time."""
    for provider_id in session.scalars(select(PROVIDER.c.provider_id).order_by(PROVIDER.c.provider_id)):
        number = f"Synthetic night desk, {FICTION}{_draw(provider_id, 1_000):03}"
        set_contact(session, OPERATOR, provider_id, number, clock=Clock(evening - SINCE_MORNING))
    for row in session.execute(select(SITE.c.site_id, SITE.c.version).order_by(SITE.c.site_id)).all():
        ago = _confirmed_ago(row.site_id)
        if ago is not None:
            at = Clock(evening - ago)
            confirm_availability(session, OPERATOR, row.site_id, version=row.version, clock=at, policy=policy)
    _record_decisions(session, Clock(evening))


def _confirmed_ago(site_id: str) -> timedelta | None:
    """Return how long ago a site confirmed: most that day, one in six the day before, one in twelve never."""
    twelfth = _draw(site_id, 12)
    if twelfth == 0:
        return None
    return timedelta(minutes=1_500 + _draw(site_id, 900) if twelfth < 3 else 20 + _draw(site_id, 560))


def _record_decisions(session: Session, clock: Clock) -> None:
    rows = session.execute(
        select(REFERRAL.c.referral_id, REFERRAL.c.version, REFERRAL.c.received_at)
        .where(REFERRAL.c.status.in_(NOT_OVER), REFERRAL.c.nrm_status.in_(DECIDED))
        .order_by(REFERRAL.c.referral_id)
    ).all()
    for row in rows:
        reasonable_on = london_date(row.received_at) + timedelta(days=4 + _draw(row.referral_id, 7))
        if reasonable_on > clock.calendar_date:
            continue
        conclusive_on: date | None = reasonable_on + timedelta(days=40 + _draw(row.referral_id, 40))
        if conclusive_on is not None and conclusive_on > clock.calendar_date:
            conclusive_on = None
        record_decision(
            session,
            OPERATOR,
            row.referral_id,
            version=row.version,
            clock=clock,
            reasonable_grounds_on=reasonable_on,
            conclusive_grounds_on=conclusive_on,
            conclusive_grounds=None if conclusive_on is None else ConclusiveGrounds.POSITIVE,
        )


def _draw(name: str, below: int) -> int:
    """Return a number from 0 that looks drawn and is the same for the same name on every machine."""
    return zlib.crc32(f"{below} {name}".encode()) % below
