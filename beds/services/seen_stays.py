"""Whose holds and stays an actor may see: a provider those in its sites, a coordinator its cases'.

A provider sees that somebody is coming to a bed of its own, by opaque references, and nothing of the case.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, Table, exists, select

from beds.domain.records import METADATA
from beds.roles import Actor
from beds.services.visibility import cases_of, sites_of

REFERRAL, SITE, UNIT, BED = (METADATA.tables[name] for name in ("referral", "site", "unit", "bed"))


def stays_seen_by(actor: Actor, header: Table, beds: Table) -> ColumnElement[bool]:
    """Return the condition on holds or placements that says which the actor may see.

    Parameters
    ----------
    header, beds : `hold` and `hold_bed`, or `placement` and `placement_bed`
    """
    if actor.provider_id is None:
        return exists(
            select(REFERRAL.c.referral_id).where(
                REFERRAL.c.referral_id == header.c.referral_id, cases_of(actor)
            )
        )
    (key,) = header.primary_key.columns
    return exists(
        select(beds.c.bed_id)
        .join(BED, BED.c.bed_id == beds.c.bed_id)
        .join(UNIT)
        .join(SITE)
        .where(beds.c[key.name] == key, sites_of(actor))
    )
