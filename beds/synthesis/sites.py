"""A synthetic estate's sites, units and beds, over the English regions and Scotland.

The kinds of site are those seen in published accounts (`accommodation_facts.csv`); how many there are of each
is not published anywhere, so the shares are assumptions (`synthesis_assumptions.csv`).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from beds.domain.accommodation import Bed, Site, Unit
from beds.domain.terms import (
    REGIONS,
    BedKind,
    BedRef,
    Gender,
    Nation,
    Sharing,
    SiteRef,
    SiteType,
    UnitRef,
)
from beds.synthesis.draws import Draws
from beds.synthesis.population import staff_language_weights
from beds.synthesis.scene import REGION_OF_NATION, Scene, scotland_share

SMALLEST_ESTATE_WITH_SCOTLAND = 10
PENCE = Decimal("0.01")


def draw_sites(count: int, scene: Scene, draws: Draws) -> list[Site]:
    """Return that many sites, in the order of their identifiers; the first is open and stays so."""
    regions = draws.shuffled(site_regions(count, scene))
    width = max(3, len(str(count)))
    sites = []
    for number, region in enumerate(regions, start=1):
        site_id = SiteRef(f"S{number:0{width}d}")
        site = _draw_site(site_id, region, scene, draws)
        sites.append(_with_dates(site, number == 1, scene, draws))
    return _with_providers(sites, scene, draws)


def draw_units(sites: list[Site], scene: Scene, draws: Draws) -> tuple[list[Unit], list[Bed]]:
    """Return the units of the sites and the beds of the units, in the order of their identifiers."""
    units: list[Unit] = []
    beds: list[Bed] = []
    for site in sites:
        for number in range(1, scene.shares.number("units_in_site", draws) + 1):
            shared = scene.shares.happens("shared_unit", draws, site.site_type)
            unit = Unit(
                unit_id=UnitRef(f"{site.site_id}-U{number:02d}"),
                site_id=site.site_id,
                sharing=Sharing.SHARED if shared else Sharing.HOUSEHOLD,
                step_free=scene.shares.happens("step_free", draws),
            )
            units.append(unit)
            beds.extend(_draw_beds(unit, site, scene, draws))
    return units, beds


def site_regions(count: int, scene: Scene) -> list[str]:
    """Return a region for each site: Scotland by its share of referrals, England's nine half evenly.

    Scotland's share is rounded, and is at least one site from ten sites on. The other half of England's sites
    follow the regions where people entered support. Largest remainders decide, ties in the order of codes.
    """
    scotland = int(count * scotland_share(scene.shares) + 0.5)
    scotland = max(scotland, 1) if count >= SMALLEST_ESTATE_WITH_SCOTLAND else scotland
    english = sorted(code for code in REGIONS if code.startswith("E"))
    entering = scene.shares.values["region_entering_support"]
    total = sum(entering.values())
    even = scene.shares.value("region_even_part", "sites")
    weights = {code: even / len(english) + (1 - even) * entering[code] / total for code in english}
    quotas = {code: weight * (count - scotland) for code, weight in weights.items()}
    sites = {code: int(quota) for code, quota in quotas.items()}
    left = count - scotland - sum(sites.values())
    for code in sorted(english, key=lambda code: (sites[code] - quotas[code], code))[:left]:
        sites[code] += 1
    home = REGION_OF_NATION[Nation.SCOTLAND]
    return [code for code in english for _ in range(sites[code])] + [home] * scotland


def _draw_site(site_id: SiteRef, region: str, scene: Scene, draws: Draws) -> Site:
    """One site with what it offers; its provider and dates come later."""
    shares = scene.shares
    site_type = SiteType(shares.draw("site_type", draws))
    admits = frozenset(Gender(code) for code in shares.draw(f"admits:{site_type}", draws).split(";"))
    kind = next(iter(admits)).value if len(admits) == 1 else "mixed"
    children = shares.happens("accepts_children", draws, kind)
    oldest_boy = shares.number("max_age_boys", draws)
    oldest_girl = shares.number("max_age_girls", draws)
    if len(admits) == 1 and shares.happens("single_gender_admits_non_binary", draws):
        admits |= {Gender.NON_BINARY}
    place_of_safety = site_type is SiteType.PLACE_OF_SAFETY
    return Site(
        site_id=site_id,
        provider_id="",
        name=f"Synthetic {site_type.replace('_', ' ')} {site_id}",
        nation=Nation.ENGLAND if region.startswith("E") else Nation.SCOTLAND,
        region=region,
        local_authority=draws.pick(scene.councils[region]),
        site_type=site_type,
        admits=admits,
        accepts_children=children,
        max_age_girls=max(oldest_girl, oldest_boy) if children else 17,
        max_age_boys=oldest_boy if children and kind == "female" else 17,
        security_level=shares.number("security_level", draws),
        staff_languages=_staff_languages(scene, draws),
        services=frozenset(
            service for service in shares.values["service"] if shares.happens("service", draws, service)
        ),
        max_stay_nights=shares.number("max_stay_nights", draws) if place_of_safety else None,
        cost_per_bed_night=_cost(site_type, scene, draws),
    )


def _staff_languages(scene: Scene, draws: Draws) -> frozenset[str]:
    """English, and others by the nationalities referred."""
    others = (
        draws.weighted(staff_language_weights()) for _ in range(scene.shares.number("staff_languages", draws))
    )
    return frozenset({"en", *others})


def _cost(site_type: SiteType, scene: Scene, draws: Draws) -> Decimal | None:
    """GBP for a bed-night: the only published unit cost, £102 of 2008–09, varied by kind of site.

    Assumption: the variation is ours, and the figure is not uprated; ask the commissioner.
    """
    if scene.shares.happens("cost_unknown", draws):
        return None
    base = scene.shares.value("cost_per_bed_night_gbp", "base")
    factor = scene.shares.value("cost_factor", site_type)
    percent = draws.integer(85, 120)
    return (Decimal(str(base)) * Decimal(str(factor)) * percent / 100).quantize(PENCE)


def _with_dates(site: Site, stays_open: bool, scene: Scene, draws: Draws) -> Site:
    """The site, a few of them not open yet or closing soon."""
    opens_on: date | None = None
    closes_on: date | None = None
    opens_later = scene.shares.happens("opens_later", draws)
    closes_soon = scene.shares.happens("closes_soon", draws)
    days = draws.integer(3, 60)
    if opens_later and not stays_open:
        opens_on = scene.today + timedelta(days=days)
    elif closes_soon and not stays_open:
        closes_on = scene.today + timedelta(days=days)
    return replace(site, opens_on=opens_on, closes_on=closes_on)


def _with_providers(sites: list[Site], scene: Scene, draws: Draws) -> list[Site]:
    """The sites, each run by a provider of its nation."""
    each = scene.shares.value("sites_per_provider", "sites")
    given: dict[Nation, list[str]] = {}
    for nation in (Nation.ENGLAND, Nation.SCOTLAND):
        there = sum(site.nation is nation for site in sites)
        first = 1 + sum(len(providers) for providers in given.values())
        number = max(1, int(there / each)) if there else 0
        given[nation] = [f"P{provider:03d}" for provider in range(first, first + number)]
    return [replace(site, provider_id=draws.pick(given[site.nation])) for site in sites]


def _draw_beds(unit: Unit, site: Site, scene: Scene, draws: Draws) -> list[Bed]:
    """The beds of one unit; cots only where children may live."""
    family = site.accepts_children and unit.sharing is Sharing.HOUSEHOLD
    topic = "beds_family" if family else "beds_household"
    topic = "beds_shared" if unit.sharing is Sharing.SHARED else topic
    singles = scene.shares.number(topic, draws)
    cots = scene.shares.number("cots_family", draws) if family else 0
    kinds = [BedKind.SINGLE] * singles + [BedKind.COT] * cots
    return [
        Bed(bed_id=BedRef(f"{unit.unit_id}-B{number}"), unit_id=unit.unit_id, kind=kind)
        for number, kind in enumerate(kinds, start=1)
    ]
