"""What people choose from on a page: the units of the sites that they may see. No address, no name."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import Session

from beds.domain.terms import REGIONS, Nation, Sharing, UnitRef
from beds.roles import Actor, Permission, require
from beds.services.freezing import Ground
from beds.services.visibility import SITE, sites_of


@dataclass(frozen=True, slots=True)
class UnitOfEstate:
    """A unit and what tells it from others; where it is, is an area and never an address."""

    unit_id: UnitRef
    site_id: str
    nation: Nation
    region: str
    shared: bool
    step_free: bool
    beds: int


def units_seen(session: Session, actor: Actor, ground: Ground) -> dict[UnitRef, UnitOfEstate]:
    """Return every unit of the sites that the actor may see, by reference and in the order of references.

    Raises
    ------
    NotPermitted
        The actor sees no sites.
    """
    require(actor, Permission.SEE_SITES)
    estate = ground.estate
    seen = set(session.scalars(select(SITE.c.site_id).where(sites_of(actor))))
    return {
        unit.unit_id: UnitOfEstate(
            unit_id=unit.unit_id,
            site_id=unit.site_id,
            nation=estate.site_by_id[unit.site_id].nation,
            region=REGIONS.get(estate.site_by_id[unit.site_id].region, "region not known"),
            shared=unit.sharing is Sharing.SHARED,
            step_free=unit.step_free,
            beds=len(estate.beds_of.get(unit.unit_id, ())),
        )
        for unit in estate.units
        if unit.site_id in seen
    }
