"""Which beds can be used in which night, and which units could serve whom."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from beds.domain.accommodation import Closure
from beds.domain.estate import Estate
from beds.domain.needs import NEEDS, Need
from beds.domain.terms import BedRef, Gender, Nation, Sharing
from beds.reference import recovery_periods
from beds.services.need_mix import NeedMix, need_mix
from beds.services.usable_beds import UsableBeds, usable_beds
from tests.builders import CLOCK, TODAY, a_bed, a_closure, a_site, a_unit

NIGHTS = 10


def after(days: int) -> date:
    """Return the day so many after today."""
    return TODAY + timedelta(days=days)


@pytest.fixture(scope="module")
def mix() -> NeedMix:
    """The mix without own records."""
    return need_mix(CLOCK)


def usable(estate: Estate, mix: NeedMix, occupied: frozenset[BedRef] = frozenset()) -> UsableBeds:
    """Return the usable beds of an estate over ten nights after tonight."""
    return usable_beds(estate, CLOCK, mix, days=NIGHTS, occupied=occupied, periods=recovery_periods())


def in_all(found: UsableBeds) -> list[float]:
    """Return the beds of every unit, night by night."""
    return found.in_units(np.ones(len(found.nation), dtype=np.bool_)).tolist()


def one_bed(*closures: Closure, **site: object) -> Estate:
    """Return a site of one bed."""
    return Estate(sites=(a_site(**site),), units=(a_unit(),), beds=(a_bed(),), closures=closures)


@pytest.mark.parametrize(
    ("estate", "nights"),
    [
        (one_bed(), range(11)),
        (one_bed(opens_on=after(4)), range(4, 11)),
        (one_bed(closes_on=after(4)), range(4)),
        (one_bed(opens_on=after(2), closes_on=after(5)), range(2, 5)),
        (one_bed(opens_on=after(50)), range(0)),
        (one_bed(closes_on=after(-5)), range(0)),
        (one_bed(a_closure()), range(0)),
        (one_bed(a_closure(starts_on=after(-9), ends_on=after(3))), range(3, 11)),
        (one_bed(a_closure(starts_on=after(3), ends_on=after(5))), [0, 1, 2, *range(5, 11)]),
        (
            one_bed(
                a_closure(starts_on=after(3), ends_on=after(6)),
                a_closure(starts_on=after(1), ends_on=after(4)),
            ),
            [0, *range(6, 11)],
        ),
        (one_bed(a_closure(starts_on=after(-9), ends_on=after(-3))), range(11)),
        (one_bed(a_closure(starts_on=after(2)), closes_on=after(5)), range(2)),
    ],
)
def test_a_bed_can_be_used_while_its_site_is_open_and_it_is_not_closed(
    estate: Estate, nights: range, mix: NeedMix
) -> None:
    assert in_all(usable(estate, mix)) == [float(night in nights) for night in range(NIGHTS + 1)]


def test_a_bed_with_somebody_in_it_counts_tonight_even_if_it_is_closed(mix: NeedMix) -> None:
    found = usable(one_bed(a_closure()), mix, frozenset({BedRef("B1")}))

    assert in_all(found) == [1.0] + [0.0] * NIGHTS


def test_beds_of_both_kinds_are_counted_in_the_units_that_are_asked_about(mix: NeedMix) -> None:
    estate = Estate(
        sites=(a_site(), a_site("S2", nation=Nation.SCOTLAND, region="S92000003")),
        units=(a_unit(), a_unit("U2"), a_unit("U3", "S2")),
        beds=(a_bed(), a_bed("B2", "U2"), a_bed("B3", "U2"), a_bed("B4", "U3")),
    )

    found = usable(estate, mix)

    assert found.in_units(found.nation == Nation.ENGLAND)[0] == 3
    assert found.in_units(found.region == "S92000003")[NIGHTS] == 1


def serving(estate: Estate, mix: NeedMix, nation: Nation = Nation.ENGLAND) -> set[Need]:
    """Return the needs that the one unit of an estate could serve."""
    served = usable(estate, mix).serves[nation][:, 0]
    return {need for need, can in zip(NEEDS, served, strict=True) if can}


def test_a_room_for_one_woman_serves_women_and_not_men_nor_children(mix: NeedMix) -> None:
    needs = serving(one_bed(security_level=3), mix)

    assert {Need.ALL, Need.WOMEN, Need.HIGH_SECURITY} <= needs
    assert not needs & {Need.MEN, Need.MIXED_OR_OTHER, Need.WITH_CHILDREN}


def test_a_need_is_served_by_the_real_rules(mix: NeedMix) -> None:
    family = Estate(
        sites=(a_site(staff_languages=frozenset({"sq", "vi", "ti"})),),
        units=(a_unit(step_free=False),),
        beds=(a_bed(), a_bed("B2"), a_bed("B3")),
    )

    needs = serving(family, mix)

    assert {Need.WITH_CHILDREN, Need.LANGUAGE, Need.WOMEN} <= needs
    assert not needs & {Need.STEP_FREE, Need.HIGH_SECURITY}
    shared = family.with_rows(units=(a_unit(sharing=Sharing.SHARED),))
    assert Need.WITH_CHILDREN not in serving(shared, mix)


def test_a_unit_serves_its_own_nation_only(mix: NeedMix) -> None:
    assert serving(one_bed(), mix, Nation.SCOTLAND) == set()


def test_a_site_that_opens_later_serves_whom_it_will_serve(mix: NeedMix) -> None:
    men = one_bed(opens_on=after(5), admits=frozenset({Gender.MALE}))

    assert Need.MEN in serving(men, mix)


def test_an_estate_without_units_serves_nobody(mix: NeedMix) -> None:
    found = usable(Estate(), mix)

    assert in_all(found) == [0.0] * (NIGHTS + 1)
    assert found.serves[Nation.ENGLAND].shape == (len(NEEDS), 0)
