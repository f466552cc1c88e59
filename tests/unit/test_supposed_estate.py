"""The estate that a scenario supposes: sites added, sites and shares of beds closed, records left alone."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from beds.domain.estate import Estate
from beds.domain.scenario import EstateStart, Scenario, SupposedClosure, SupposedSite
from beds.domain.terms import BedKind, Gender, Nation, Sharing
from beds.errors import BadInput
from beds.services.supposed_estate import supposed_estate
from tests.builders import TODAY, a_bed, a_placement, a_referral, a_site, a_unit

LATER = TODAY + timedelta(days=90)


def an_estate(units: int = 8) -> Estate:
    """Return an English and a Scottish site with so many units of one bed each, the first lived in."""
    sites = (a_site("S1"), a_site("S2", nation=Nation.SCOTLAND, region="S92000003"))
    names = [(site.site_id, f"{site.site_id}-U{n}") for site in sites for n in range(units)]
    return Estate(
        sites=sites,
        units=tuple(a_unit(unit, site) for site, unit in names),
        beds=tuple(a_bed(f"{unit}-B1", unit) for _, unit in names),
        referrals=(a_referral("R1"),),
        placements=(a_placement("R1", "S1-U0-B1"),),
    )


def supposing(**what: Any) -> Scenario:
    """Return a scenario of which only what is given differs from the records."""
    return Scenario("supposing", **what)


def closed_units(estate: Estate) -> set[str]:
    """Return the units of which beds are closed."""
    return {estate.bed_by_id[closure.bed_id].unit_id for closure in estate.closures}


def test_a_scenario_that_supposes_nothing_leaves_the_estate_as_it_is() -> None:
    estate = an_estate()

    assert supposed_estate(estate, supposing()) == estate


def test_an_empty_estate_has_no_sites_and_nobody_in_them_but_the_same_waiting_list() -> None:
    empty = supposed_estate(an_estate(), supposing(estate=EstateStart.EMPTY))

    assert (empty.sites, empty.units, empty.beds, empty.placements) == ((), (), (), ())
    assert [referral.referral_id for referral in empty.referrals] == ["R1"]


def test_a_supposed_site_has_the_units_and_beds_that_are_stated() -> None:
    site = SupposedSite(
        Nation.SCOTLAND,
        "S92000003",
        units=3,
        beds_per_unit=2,
        cots_per_unit=1,
        admits=frozenset({Gender.FEMALE, Gender.NON_BINARY}),
        accepts_children=True,
        security_level=3,
        step_free_units=1,
        opens_on=LATER,
        cost_per_bed_night=Decimal(120),
    )

    supposed = supposed_estate(an_estate(), supposing(sites=(site,)))

    (added,) = [one for one in supposed.sites if one.provider_id == "supposed"]
    units = [unit for unit in supposed.units if unit.site_id == added.site_id]
    kinds = [bed.kind for unit in units for bed in supposed.beds_of[unit.unit_id]]
    assert (added.nation, added.opens_on, added.security_level) == (Nation.SCOTLAND, LATER, 3)
    assert [(unit.sharing, unit.step_free) for unit in units] == [
        (Sharing.HOUSEHOLD, True),
        (Sharing.HOUSEHOLD, False),
        (Sharing.HOUSEHOLD, False),
    ]
    assert (kinds.count(BedKind.SINGLE), kinds.count(BedKind.COT)) == (6, 3)


def test_a_site_that_closes_has_its_last_day_moved_forward_never_back() -> None:
    closing = supposing(
        closures=(
            SupposedClosure(LATER, site_id="S1"),
            SupposedClosure(LATER + timedelta(days=1), site_id="S1"),
        )
    )

    supposed = supposed_estate(an_estate(), closing)

    assert [site.closes_on for site in supposed.sites] == [LATER, None]


def test_closing_a_nation_closes_all_of_its_sites_and_no_other() -> None:
    supposed = supposed_estate(
        an_estate(), supposing(closures=(SupposedClosure(LATER, nation=Nation.SCOTLAND),))
    )

    assert [site.closes_on for site in supposed.sites] == [None, LATER]


@pytest.mark.parametrize(("share", "units"), [(0.0, 0), (0.25, 2), (0.3, 2), (0.5, 4), (0.99, 8)])
def test_a_share_of_beds_closes_the_nearest_number_of_units(share: float, units: int) -> None:
    closure = SupposedClosure(LATER, region="S92000003", share=share)

    supposed = supposed_estate(an_estate(), supposing(closures=(closure,)))

    assert len(closed_units(supposed)) == units
    assert {closure.starts_on for closure in supposed.closures} <= {LATER}
    assert {supposed.unit_by_id[unit].site_id for unit in closed_units(supposed)} <= {"S2"}


def test_a_larger_share_closes_the_same_units_and_more() -> None:
    closed = [
        closed_units(
            supposed_estate(
                an_estate(), supposing(closures=(SupposedClosure(LATER, nation=Nation.ENGLAND, share=share),))
            )
        )
        for share in (0.25, 0.5, 0.75)
    ]

    assert closed[0] < closed[1] < closed[2]


def test_a_second_share_is_of_the_beds_that_are_left() -> None:
    half = SupposedClosure(LATER, nation=Nation.ENGLAND, share=0.5)

    supposed = supposed_estate(an_estate(), supposing(closures=(half, half)))

    assert len(closed_units(supposed)) == 6


def test_an_area_without_sites_cannot_be_closed() -> None:
    with pytest.raises(BadInput, match="closures: a site_id of the estate"):
        supposed_estate(an_estate(), supposing(closures=(SupposedClosure(date(2027, 1, 1), site_id="S9"),)))
