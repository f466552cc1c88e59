"""What is vacant now and may be soon, by region and need, on estates where it can be counted by hand."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from beds.database import reading
from beds.domain.estate import Estate
from beds.domain.terms import Gender, Nation, Sharing
from beds.errors import NotPermitted
from beds.roles import Actor
from beds.services.freezing import Ground
from beds.services.outlook import Outlook, UnitNeed, Vacant, outlook
from tests.builders import (
    CLOCK,
    TODAY,
    a_bed,
    a_closure,
    a_person,
    a_placement,
    a_referral,
    a_site,
    a_small_estate,
    a_unit,
)
from tests.integration.live import (
    ALL_NATIONS,
    NOBODYS_CASES,
    OTHER_PROVIDER,
    PROVIDER,
    estate_now,
    the_policy,
)
from tests.integration.recorded import bring_in

LONDON = (Nation.ENGLAND, "E12000007")


def seen_of(engine: Engine, estate: Estate, actor: Actor = ALL_NATIONS) -> Outlook:
    """Return the outlook at noon of an estate that is brought in."""
    bring_in(engine, estate)
    ground = Ground.of(estate_now(engine), CLOCK)
    with reading(engine) as session:
        return outlook(session, actor, ground, policy=the_policy())


def somebody_there(**stay: Any) -> Estate:
    """Return one unit with one bed, and somebody in it."""
    return a_small_estate(
        referrals=[a_referral("R9", status="placed")],
        people=[a_person("A9", "R9")],
        placements=[a_placement("R9", "B1", **stay)],
    )


def test_a_unit_that_is_vacant_counts_now_and_not_as_soon(sqlite_engine: Engine) -> None:
    seen = seen_of(sqlite_engine, a_small_estate())

    assert seen.by_region == {LONDON: Vacant(now=1, phone_first=1, soon=0)}


def test_a_stay_that_ends_within_the_week_is_expected(sqlite_engine: Engine) -> None:
    seen = seen_of(sqlite_engine, somebody_there(expected_end_on=TODAY + timedelta(days=7)))

    assert seen.by_region == {LONDON: Vacant(now=0, phone_first=0, soon=1)}


@pytest.mark.parametrize("days", [8, -3], ids=["later", "overdue"])
def test_a_stay_that_ends_later_or_is_overdue_is_not_expected(sqlite_engine: Engine, days: int) -> None:
    seen = seen_of(
        sqlite_engine,
        somebody_there(starts_on=TODAY - timedelta(days=9), expected_end_on=TODAY + timedelta(days=days)),
    )

    assert seen.by_region == {LONDON: Vacant()}


def test_a_closure_that_ends_and_a_site_that_opens_are_expected(sqlite_engine: Engine) -> None:
    estate = a_small_estate(
        sites=[a_site(), a_site("S2", opens_on=TODAY + timedelta(days=3))],
        units=[a_unit(), a_unit("U2", "S2")],
        beds=[a_bed(), a_bed("B2", "U2")],
        closures=[a_closure(ends_on=TODAY + timedelta(days=2))],
    )

    assert seen_of(sqlite_engine, estate).by_region == {LONDON: Vacant(soon=2)}


def test_a_closed_bed_and_a_unit_with_somebody_else_in_it_are_not_vacant(sqlite_engine: Engine) -> None:
    estate = somebody_there(expected_end_on=TODAY + timedelta(days=30)).with_rows(
        units=[a_unit(), a_unit("U2")],
        beds=[a_bed(), a_bed("B1b"), a_bed("B2", "U2")],
        closures=[a_closure("B2")],
    )

    assert seen_of(sqlite_engine, estate).by_region == {LONDON: Vacant()}


def test_a_shared_unit_with_a_bed_left_is_vacant(sqlite_engine: Engine) -> None:
    estate = somebody_there(expected_end_on=TODAY + timedelta(days=30)).with_rows(
        units=[a_unit(sharing=Sharing.SHARED)], beds=[a_bed(), a_bed("B1b")]
    )

    assert seen_of(sqlite_engine, estate).by_region[LONDON].now == 1


def test_each_need_counts_the_units_that_meet_it(sqlite_engine: Engine) -> None:
    estate = a_small_estate(
        sites=[
            a_site(security_level=3),
            a_site(
                "S2",
                nation=Nation.SCOTLAND,
                region="S92000003",
                admits=frozenset({Gender.FEMALE, Gender.MALE}),
                accepts_children=False,
            ),
        ],
        units=[a_unit(), a_unit("U2", "S2", step_free=False, sharing=Sharing.SHARED)],
        beds=[a_bed(), a_bed("B2", "U2")],
    )

    by_need = seen_of(sqlite_engine, estate).by_need

    one, none = 1, 0
    assert {need: by_need[need, Nation.ENGLAND].now for need in UnitNeed} == {
        UnitNeed.ANY: one,
        UnitNeed.OWN_DOOR: one,
        UnitNeed.SHARED: none,
        UnitNeed.CHILDREN: one,
        UnitNeed.STEP_FREE: one,
        UnitNeed.HIGH_SECURITY: one,
        UnitNeed.WOMEN_ONLY: one,
        UnitNeed.MEN: none,
    }
    assert {need for need in UnitNeed if by_need[need, Nation.SCOTLAND].now} == {
        UnitNeed.ANY,
        UnitNeed.SHARED,
        UnitNeed.MEN,
    }


def test_a_provider_sees_its_own_houses_alone(sqlite_engine: Engine) -> None:
    estate = a_small_estate(
        sites=[a_site(), a_site("S2", provider_id="P2", region="E12000001")],
        units=[a_unit(), a_unit("U2", "S2")],
        beds=[a_bed(), a_bed("B2", "U2")],
    )

    own = seen_of(sqlite_engine, estate, PROVIDER)
    with reading(sqlite_engine) as session:
        ground = Ground.of(estate_now(sqlite_engine), CLOCK)
        other = outlook(session, OTHER_PROVIDER, ground, policy=the_policy())

    assert list(own.by_region) == [LONDON]
    assert list(other.by_region) == [(Nation.ENGLAND, "E12000001")]


@pytest.mark.parametrize("actor", NOBODYS_CASES, ids=lambda actor: actor.user_id)
def test_who_sees_no_sites_is_refused(sqlite_engine: Engine, actor: Actor) -> None:
    with pytest.raises(NotPermitted):
        seen_of(sqlite_engine, a_small_estate(), actor)
