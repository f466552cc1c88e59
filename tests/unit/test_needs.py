"""The needs of a household: what counts as one, and what was not asked."""

from __future__ import annotations

from datetime import date

import pytest

from beds.domain.needs import NEED_LABELS, NEEDS, Need, beds_for, is_with_an_adult, needs_of
from beds.domain.referral import Person
from beds.domain.terms import Gender
from tests.builders import a_person, a_referral

WOMAN = a_person()
MAN = a_person("A2", gender=Gender.MALE, is_lead=False)
CHILD = a_person("A3", age=4, is_lead=False, gender=Gender.MALE)


@pytest.mark.parametrize(
    ("people", "need"),
    [
        ((WOMAN,), Need.WOMEN),
        ((WOMAN, CHILD), Need.WOMEN),
        ((a_person(gender=Gender.MALE),), Need.MEN),
        ((WOMAN, MAN), Need.MIXED_OR_OTHER),
        ((a_person(gender=Gender.NON_BINARY),), Need.MIXED_OR_OTHER),
        ((), Need.MIXED_OR_OTHER),
    ],
)
def test_a_household_is_of_one_kind_by_its_adults(people: tuple[Person, ...], need: Need) -> None:
    needs = needs_of(a_referral(), people)

    assert needs & {Need.WOMEN, Need.MEN, Need.MIXED_OR_OTHER} == {need}
    assert Need.ALL in needs


@pytest.mark.parametrize(
    ("people", "with_children"),
    [
        ((WOMAN,), False),
        ((WOMAN, CHILD), True),
        ((a_person(due_on=date(2026, 9, 1)),), True),
        ((WOMAN, a_person("A2", is_lead=False, age=None)), True),
        ((a_person(age=None),), False),
        ((WOMAN, a_person("A2", is_lead=False, age=18)), False),
    ],
)
def test_a_child_or_a_baby_due_or_an_age_not_asked_is_with_children(
    people: tuple[Person, ...], with_children: bool
) -> None:
    assert (Need.WITH_CHILDREN in needs_of(a_referral(), people)) is with_children


def test_what_was_not_asked_is_read_with_caution_and_not_as_high_security() -> None:
    needs = needs_of(
        a_referral(needs_step_free=None, min_security_level=None, language_required=None), (WOMAN,)
    )

    assert needs == {Need.ALL, Need.WOMEN, Need.STEP_FREE}


def test_each_need_is_what_was_said() -> None:
    needs = needs_of(
        a_referral(needs_step_free=False, min_security_level=3, language_required=True), (WOMAN,)
    )

    assert needs == {Need.ALL, Need.WOMEN, Need.HIGH_SECURITY, Need.LANGUAGE}


def test_a_bed_is_one_a_person_and_one_a_baby_that_is_due() -> None:
    assert beds_for((a_person(due_on=date(2026, 9, 1)), CHILD)) == 3


def test_children_alone_are_not_planned_for() -> None:
    assert not is_with_an_adult((a_person(age=17), CHILD))
    assert not is_with_an_adult(())
    assert is_with_an_adult((a_person(age=None),))
    assert is_with_an_adult((a_person(age=18),))


def test_every_need_has_its_words() -> None:
    assert tuple(NEED_LABELS) == NEEDS
