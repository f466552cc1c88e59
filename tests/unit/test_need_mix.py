"""Prototypes of the households to come: placeable, weighted, and nobody's."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from beds.demand_assumptions import assumption
from beds.domain.clock import Clock, london_date
from beds.domain.estate import Estate
from beds.domain.households import not_for_a_round
from beds.domain.needs import Need
from beds.domain.terms import SERVED_NATIONS, Gender, Nation
from beds.services.need_mix import NEEDS, PROTOTYPES, NeedMix, need_mix
from beds.services.own_history import own_history
from tests.builders import CLOCK, TODAY, a_person
from tests.unit.test_own_history import a_service


@pytest.fixture(scope="module")
def drawn() -> NeedMix:
    """The mix without own records."""
    return need_mix(CLOCK)


def test_a_round_would_place_each_and_the_weights_of_a_nation_are_of_its_own_prototypes(
    drawn: NeedMix,
) -> None:
    people = Estate(people=drawn.people).people_of

    assert len(drawn.referrals) == 2 * PROTOTYPES
    assert all(not_for_a_round(people[referral.referral_id]) is None for referral in drawn.referrals)
    for nation in SERVED_NATIONS:
        weights = drawn.weights[nation]
        assert weights.sum() == pytest.approx(1.0)
        assert {drawn.referrals[row].nation for row in np.flatnonzero(weights)} == {nation}


@pytest.mark.parametrize("nation", SERVED_NATIONS)
def test_women_lead_the_published_share(drawn: NeedMix, nation: Nation) -> None:
    leads = {person.referral_id: person.gender for person in drawn.people if person.is_lead}

    women = np.array([leads[referral.referral_id] is Gender.FEMALE for referral in drawn.referrals])

    assert drawn.weights[nation] @ women == pytest.approx(assumption("women", nation).likely, abs=0.005)


def test_shares_of_needs_overlap_but_the_kinds_of_adults_add_up(drawn: NeedMix) -> None:
    kinds = (Need.WOMEN, Need.MEN, Need.MIXED_OR_OTHER)

    for nation in SERVED_NATIONS:
        assert drawn.share(nation, Need.ALL) == pytest.approx(1.0)
        assert sum(drawn.share(nation, kind) for kind in kinds) == pytest.approx(1.0)
        assert 0.1 < drawn.share(nation, Need.WITH_CHILDREN) < 0.5
        assert drawn.size_shares(nation, Need.WITH_CHILDREN)[:2].tolist() == [0.0, 0.0]


def test_it_is_the_same_mix_every_time_and_moves_with_the_day(drawn: NeedMix) -> None:
    later = need_mix(Clock(CLOCK.as_at + timedelta(days=100)))

    assert np.array_equal(later.beds, drawn.beds)
    assert np.array_equal(later.needs, drawn.needs)
    assert {london_date(one.received_at) for one in drawn.referrals} == {TODAY}
    assert {london_date(one.received_at) for one in later.referrals} == {TODAY + timedelta(days=100)}


def test_own_referrals_are_used_once_there_are_enough_and_lead_to_nobody() -> None:
    estate = a_service([*range(1, 190)])
    estate = estate.with_rows(
        referrals=(replace(one, survivor_ref=f"V{one.referral_id}") for one in estate.referrals),
        people=(
            a_person(one.person_id, one.referral_id, age=None if one.referral_id == "R0007" else 30)
            for one in estate.people
        ),
    )

    mix = need_mix(CLOCK, own_history(estate, CLOCK))

    assert mix.own == {Nation.ENGLAND}
    assert mix.assumed
    assert mix.source.startswith("England from the service's last 188 referrals; Scotland drawn from")
    assert mix.share(Nation.ENGLAND, Need.WOMEN) == pytest.approx(1.0)
    english = [one for one in mix.referrals if one.nation is Nation.ENGLAND]
    real = {one.referral_id for one in estate.referrals} | {one.person_id for one in estate.people}
    assert all(one.referral_id.startswith("mix-") and one.survivor_ref == "" for one in english)
    assert not real & ({one.referral_id for one in mix.referrals} | {one.person_id for one in mix.people})


def test_fewer_are_not_used_and_the_sentence_says_what_is() -> None:
    mix = need_mix(CLOCK, own_history(a_service([*range(1, 90)]), CLOCK))

    assert mix.own == frozenset()
    assert mix.source.startswith("England and Scotland drawn from the Home Office's cross-table")


def test_a_need_that_nobody_has_is_of_one_bed() -> None:
    mix = need_mix(CLOCK, own_history(a_service([*range(1, 190)]), CLOCK))

    assert mix.share(Nation.ENGLAND, Need.MEN) == 0.0
    assert mix.size_shares(Nation.ENGLAND, Need.MEN).tolist() == [0.0, 1.0]
    assert mix.needs.shape == (len(mix.referrals), len(NEEDS))
