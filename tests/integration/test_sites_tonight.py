"""The list of sites: beds by state tonight, void nights lately, filters, and who sees which."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from beds.domain.measures import BedNights
from beds.domain.terms import Nation
from beds.errors import BadInput, NotPermitted
from beds.roles import Actor
from beds.services.sites import confirm_availability
from beds.services.sites_tonight import SitesTonight, SitesWanted, site_names, sites_tonight
from tests.builders import (
    CLOCK,
    a_bed,
    a_closure,
    a_person,
    a_placement,
    a_referral,
    a_site,
    a_small_estate,
    a_unit,
)
from tests.integration.live import ENGLISH, NOBODYS_CASES, PROVIDER, ask, change, the_policy
from tests.integration.recorded import bring_in
from tests.integration.test_house_view import day


@pytest.fixture
def three_sites(engine: Engine) -> Engine:
    """Give a full house in London, a vacancy in Scotland, and two closed ones in the North East."""
    bring_in(
        engine,
        a_small_estate(
            sites=(
                a_site(name="MARKER House"),
                a_site("S2", provider_id="P2", nation=Nation.SCOTLAND, region="S92000003"),
                a_site("S3", provider_id="P2", region="E12000001"),
                a_site("S4", provider_id="P2", region="E12000001", closes_on=day(-40)),
            ),
            units=(a_unit(), a_unit("U2", "S2"), a_unit("U3", "S3"), a_unit("U4", "S4")),
            beds=(a_bed(), a_bed("B1b"), a_bed("B2", "U2"), a_bed("B3", "U3"), a_bed("B4", "U4")),
            referrals=(a_referral("R2", status="placed"),),
            people=(a_person("A2", "R2"),),
            closures=(a_closure("B3", starts_on=day(-10)),),
            placements=(
                a_placement("R2", "B1", placement_id="PL", starts_on=day(-20)),
                a_placement("R2", "B1b", placement_id="PL", starts_on=day(-20)),
            ),
        ),
    )
    return engine


def listed(
    engine: Engine, actor: Actor = ENGLISH, *, skip: int = 0, limit: int = 20, **wanted: object
) -> SitesTonight:
    """Return the list of sites."""
    told = {"clock": CLOCK, "policy": the_policy(), "skip": skip, "limit": limit}
    return ask(engine, sites_tonight, actor, SitesWanted(**wanted), **told)  # type: ignore[arg-type]


def test_each_site_has_its_beds_tonight_and_its_void_nights_of_four_weeks(three_sites: Engine) -> None:
    found = listed(three_sites)

    full, vacant, closed, gone = found.sites
    assert (full.tonight, full.lately) == (BedNights(occupied=2), BedNights(occupied=40, vacant=16))
    assert (vacant.tonight, vacant.lately.void) == (BedNights(vacant=1), 28)
    assert (closed.tonight, closed.lately) == (BedNights(closed=1), BedNights(closed=10, vacant=18))
    assert (gone.tonight, gone.lately) == (BedNights(), BedNights())
    assert (found.in_all, found.phone_first) == (4, 4)
    assert found.tonight == BedNights(occupied=2, closed=1, vacant=1)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"nation": "England"}, ["S1", "S3", "S4"]),
        ({"region": "E12000001"}, ["S3", "S4"]),
        ({"vacant": True}, ["S2"]),
        ({"phone_first": True}, ["S1", "S3", "S4"]),
        ({"phone_first": True, "vacant": True}, []),
    ],
)
def test_sites_are_found_by_where_they_are_and_what_is_vacant(
    three_sites: Engine, wanted: dict[str, object], expected: list[str]
) -> None:
    change(three_sites, confirm_availability, ENGLISH, "S2", version=1, policy=the_policy())

    assert [site.line.site_id for site in listed(three_sites, **wanted).sites] == expected


def test_the_first_are_shown_and_all_are_counted(three_sites: Engine) -> None:
    found = listed(three_sites, limit=2)

    assert [site.line.site_id for site in found.sites] == ["S1", "S2"]
    assert found.in_all == 4
    assert found.tonight.stock == 4
    rest = listed(three_sites, skip=2, limit=2)
    assert [site.line.site_id for site in rest.sites] == ["S3", "S4"]
    assert (rest.in_all, rest.tonight) == (found.in_all, found.tonight)


def test_a_provider_sees_its_own_sites_and_their_names(three_sites: Engine) -> None:
    found = listed(three_sites, PROVIDER)

    assert [site.line.name for site in found.sites] == ["MARKER House"]
    assert found.tonight == BedNights(occupied=2)
    assert ask(three_sites, site_names, PROVIDER) == {"S1": "MARKER House"}


def test_an_estate_of_no_sites_is_a_list_too(sqlite_engine: Engine) -> None:
    found = listed(sqlite_engine)

    assert (found.sites, found.in_all, found.tonight) == ((), 0, BedNights())


@pytest.mark.parametrize("actor", NOBODYS_CASES, ids=lambda actor: actor.user_id)
def test_who_may_not_see_sites_sees_no_list_and_no_name(sqlite_engine: Engine, actor: Actor) -> None:
    with pytest.raises(NotPermitted, match="see_sites"):
        listed(sqlite_engine, actor)
    with pytest.raises(NotPermitted, match="see_sites"):
        ask(sqlite_engine, site_names, actor)


@pytest.mark.parametrize(("skip", "limit"), [(0, 0), (0, 201), (-1, 20)])
def test_a_page_that_there_cannot_be_is_refused(sqlite_engine: Engine, skip: int, limit: int) -> None:
    with pytest.raises(BadInput, match="accepted"):
        listed(sqlite_engine, skip=skip, limit=limit)


def test_what_is_confirmed_is_not_to_be_phoned_about_until_it_is_stale(three_sites: Engine) -> None:
    change(three_sites, confirm_availability, PROVIDER, "S1", version=1, policy=the_policy())

    assert listed(three_sites).phone_first == 3
