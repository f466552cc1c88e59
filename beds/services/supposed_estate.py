"""The estate that a scenario supposes: what is on record, or nothing, with sites added and sites closed.

The records themselves are not touched, and no rule is bent: what comes out is an estate like any other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from beds.domain.accommodation import Bed, Closure, Site, Unit
from beds.domain.estate import Estate
from beds.domain.scenario import EstateStart, Scenario, SupposedClosure, SupposedSite
from beds.domain.terms import BedKind, BedRef, SiteRef, SiteType, UnitRef
from beds.errors import BadInput

SUPPOSED: Final = "supposed"
"""The provider of every site, and the reason of every closure, that a scenario adds."""


def supposed_estate(estate: Estate, scenario: Scenario) -> Estate:
    """Return the estate as a scenario supposes it.

    With `EstateStart.EMPTY` there are no sites, and so nobody lives anywhere, but who waits still waits. A
    site that closes has its last day moved forward. Where only a share of the beds of an area closes, whole
    units do, spread over its sites; a larger share closes the same units and more.

    Raises
    ------
    BadInput
        A closure names a site that there is not, or an area without one.
    """
    begins = _without_sites(estate) if scenario.estate is EstateStart.EMPTY else estate
    supposed = _with_sites(begins, scenario.sites)
    for closure in scenario.closures:
        supposed = _closed(supposed, closure)
    return supposed


def _without_sites(estate: Estate) -> Estate:
    nothing: tuple[Site, ...] = ()
    gone = ("sites", "units", "beds", "closures", "holds", "declines", "placements")
    return estate.with_rows(**dict.fromkeys(gone, nothing))


def _with_sites(estate: Estate, sites: Sequence[SupposedSite]) -> Estate:
    if not sites:
        return estate
    width = len(str(len(sites)))
    refs = [SiteRef(f"{SUPPOSED}-{number:0{width}d}") for number in range(1, len(sites) + 1)]
    units = [unit for ref, site in zip(refs, sites, strict=True) for unit in _units(ref, site)]
    beds = [bed for ref, site in zip(refs, sites, strict=True) for bed in _beds(ref, site)]
    return estate.with_rows(
        sites=(*estate.sites, *(_site(ref, site) for ref, site in zip(refs, sites, strict=True))),
        units=(*estate.units, *units),
        beds=(*estate.beds, *beds),
    )


def _site(ref: SiteRef, site: SupposedSite) -> Site:
    """Whatever a scenario does not say of a site is as for any safe house without limits."""
    return Site(
        site_id=ref,
        provider_id=SUPPOSED,
        nation=site.nation,
        region=site.region,
        site_type=SiteType.SAFE_HOUSE,
        admits=site.admits,
        accepts_children=site.accepts_children,
        security_level=site.security_level,
        staff_languages=site.staff_languages,
        services=site.services,
        opens_on=site.opens_on,
        cost_per_bed_night=site.cost_per_bed_night,
    )


def _unit_refs(ref: SiteRef, site: SupposedSite) -> list[UnitRef]:
    width = len(str(site.units))
    return [UnitRef(f"{ref}-U{number:0{width}d}") for number in range(1, site.units + 1)]


def _units(ref: SiteRef, site: SupposedSite) -> list[Unit]:
    return [
        Unit(unit_ref, ref, site.sharing, step_free=place < site.step_free_units)
        for place, unit_ref in enumerate(_unit_refs(ref, site))
    ]


def _beds(ref: SiteRef, site: SupposedSite) -> Iterator[Bed]:
    for unit_ref in _unit_refs(ref, site):
        for number in range(1, site.beds_per_unit + 1):
            yield Bed(BedRef(f"{unit_ref}-B{number}"), unit_ref, BedKind.SINGLE)
        for number in range(1, site.cots_per_unit + 1):
            yield Bed(BedRef(f"{unit_ref}-C{number}"), unit_ref, BedKind.COT)


def _closed(estate: Estate, closure: SupposedClosure) -> Estate:
    named = [site for site in estate.sites if _is_meant(site, closure)]
    if not named:
        raise BadInput("closures: a site_id of the estate, or a nation or region that has sites, is accepted")
    open_then = frozenset(site.site_id for site in named if _is_open(site, closure))
    if closure.share < 1:
        return _with_a_share_closed(estate, closure, open_then)
    return estate.with_rows(
        sites=(
            replace(site, closes_on=closure.closes_on) if site.site_id in open_then else site
            for site in estate.sites
        )
    )


def _is_meant(site: Site, closure: SupposedClosure) -> bool:
    return (
        closure.site_id in (None, site.site_id)
        and closure.nation in (None, site.nation)
        and closure.region in (None, site.region)
    )


def _is_open(site: Site, closure: SupposedClosure) -> bool:
    opened = site.opens_on is None or site.opens_on <= closure.closes_on
    return opened and (site.closes_on is None or site.closes_on > closure.closes_on)


def _with_a_share_closed(estate: Estate, closure: SupposedClosure, sites: frozenset[SiteRef]) -> Estate:
    """Close units, in an order that is spread over the estate, until the share of beds is come nearest to."""
    gone = {one.bed_id for one in estate.closures if one.reason == SUPPOSED}
    groups = [estate.beds_of.get(unit.unit_id, ()) for unit in estate.units if unit.site_id in sites]
    open_units = [group for group in groups if group and group[0].bed_id not in gone]
    wanted = closure.share * sum(map(len, open_units))
    chosen: list[Bed] = []
    for place in _spread(len(open_units)):
        if len(chosen) + len(open_units[place]) / 2 > wanted:
            break
        chosen.extend(open_units[place])
    new = (Closure(bed.bed_id, closure.closes_on, reason=SUPPOSED) for bed in chosen)
    return estate.with_rows(closures=(*estate.closures, *new))


def _spread(count: int) -> Iterable[int]:
    """Return 0 … count - 1 in an order of which every beginning is spread evenly (van der Corput, base 2)."""
    bits = max(count - 1, 1).bit_length()
    reversed_places = (int(f"{place:0{bits}b}"[::-1], 2) for place in range(1 << bits))
    return [place for place in reversed_places if place < count]
