"""The small estate that decides one household in one site: all that the rules can turn on there, no more.

It is read by the functions that read the whole estate (`beds.store.loading`), within a narrower scope; the
verdicts of the rules are the same, which is a property of the tests.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, select, union_all
from sqlmodel import Session

from beds.domain.estate import Estate
from beds.store.loading import (
    BED,
    CLOSURE,
    DECLINE,
    HOLD,
    HOLD_BED,
    PERSON,
    PLACEMENT,
    PLACEMENT_BED,
    REFERRAL,
    SITE,
    UNIT,
    Scope,
    holds_of,
    records_within,
    stays_of,
)


def load_situation(session: Session, referral_id: str, site_id: str, *, today: date) -> Estate:
    """Return what decides where in a site a household can go, tonight or later.

    The site with its units, beds and closures; every hold and stay in it that has not ended by `today`,
    overdue ones too; the household's own holds and stays, wherever they are; all referrals of the survivors
    concerned, because excluded areas, declines and keep-apart pairs are the survivor's; the people of the
    household and of everybody who is or will be in the site. Whoever has moved out does not count any more.
    """
    return records_within(session, _Situation(session, referral_id, site_id, today)).estate()


class _Situation(Scope):
    """The rows that can matter to one household in one site from a day on."""

    def __init__(self, session: Session, referral_id: str, site_id: str, today: date) -> None:
        super().__init__(today)
        beds = select(BED.c.bed_id).join(UNIT).where(UNIT.c.site_id == site_id)
        self.holds &= holds_of([referral_id], beds)
        self.stays &= stays_of([referral_id], beds)
        present = session.execute(self._present()).all()
        own = select(REFERRAL.c.survivor_id).where(REFERRAL.c.referral_id == referral_id)
        # Lists, not subqueries: each of the selects to come would look all of it up again.
        self._referrals = {referral_id, *(row.referral_id for row in present)}
        self._survivor_ids = {*session.scalars(own), *(row.survivor_id for row in present)}
        # The household's own bed elsewhere is in the estate with the site that it is in.
        sites = {site_id, *(row.site_id for row in present)}
        units = select(UNIT.c.unit_id).where(UNIT.c.site_id.in_(sites))
        self.sites = SITE.c.site_id.in_(sites)
        self.units = UNIT.c.site_id.in_(sites)
        self.beds = BED.c.unit_id.in_(units)
        self.closures &= CLOSURE.c.bed_id.in_(select(BED.c.bed_id).where(self.beds))
        self.declines = DECLINE.c.site_id.in_(sites)

    def about(self, *survivors: ColumnElement[str]) -> ColumnElement[bool]:
        """Say that all of these survivors are the household's, or of somebody in the site."""
        return and_(*(survivor.in_(self._survivor_ids) for survivor in survivors))

    def of_referral(self, table: Any) -> Select[Any]:
        """Select the people of the household and of those in the site; of earlier referrals nobody."""
        return select(table).where(table.c.referral_id.in_(self._referrals), PERSON.c.left_on.is_(None))

    def _present(self) -> Select[Any]:
        held = select(HOLD.c.referral_id, HOLD_BED.c.bed_id).join(HOLD_BED).where(self.holds)
        placed = select(PLACEMENT.c.referral_id, PLACEMENT_BED.c.bed_id).join(PLACEMENT_BED).where(self.stays)
        there = union_all(held, placed).subquery()
        return (
            select(there.c.referral_id, REFERRAL.c.survivor_id, UNIT.c.site_id)
            .join(REFERRAL, REFERRAL.c.referral_id == there.c.referral_id)
            .join(BED, BED.c.bed_id == there.c.bed_id)
            .join(UNIT, UNIT.c.unit_id == BED.c.unit_id)
            .distinct()
        )
