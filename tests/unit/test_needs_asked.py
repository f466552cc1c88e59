"""The needs that a household puts to a place: what a place could break, and nothing that none could."""

from __future__ import annotations

from random import Random
from typing import Any

import numpy as np
import pytest

from beds.domain.eligibility import BIT, Pairing, broken_rules, pair
from beds.domain.estate import Estate
from beds.domain.households import compile_households, not_for_a_round
from beds.domain.needs_asked import NEED_RULES, needs_asked
from beds.domain.terms import RiskToOthers
from beds.services.freezing import Ground
from tests.builders import CLOCK, NOON, TODAY
from tests.oracles import PERIODS
from tests.strategies import random_estate
from tests.truth_case import a_child, an_estate


def paired(estate: Estate) -> Pairing:
    """Return every household whose ages are known against the estate."""
    ground = Ground.of(estate, CLOCK)
    known = [r for r in estate.referrals if not_for_a_round(estate.people_of[r.referral_id]) is None]
    households = compile_households(estate, known, CLOCK, PERIODS, ground.words)
    return pair(estate, households, ground.standing, CLOCK)


def asked_by_r1(**changes: Any) -> set[str]:
    """Return the rules that R1 puts to a place."""
    pairing = paired(an_estate(**changes))
    bits = int(needs_asked(pairing)[pairing.households.refs.index("R1")])  # type: ignore[arg-type]
    return {code for code in NEED_RULES if bits & BIT[code]}


def test_a_modest_household_asks_only_to_be_admitted_and_to_stay_in_its_nation() -> None:
    assert asked_by_r1() == {"nation", "gender"}


@pytest.mark.parametrize(
    ("need", "changes"),
    [
        ("security", {"min_security_level": 2}),
        ("security", {"min_security_level": None}),
        ("services", {"services_required": frozenset({"counselling"})}),
        ("step_free", {"needs_step_free": None}),
        ("language", {"language_required": True}),
        ("excluded_area", {"excluded_areas": frozenset({"E12000007"})}),
        ("house_mix", {"accepts_sharing": None}),
        ("house_mix", {"risk_to_others": RiskToOthers.HIGH}),
    ],
)
def test_a_need_is_put_to_a_place_once_it_is_stated_or_read_with_caution(
    need: str, changes: dict[str, Any]
) -> None:
    assert asked_by_r1(referral=changes) == {"nation", "gender", need}


def test_whoever_may_cross_the_border_does_not_ask_for_a_nation() -> None:
    assert asked_by_r1(referral={"cross_border": True}) == {"gender"}


def test_children_are_a_need_and_so_is_one_who_is_due() -> None:
    assert "children" in asked_by_r1(people=(a_child(4),))
    assert "children" in asked_by_r1(lead={"due_on": TODAY})


@pytest.mark.parametrize("seed", range(40))
def test_what_a_place_can_break_was_asked_of_it(seed: int) -> None:
    pairing = paired(random_estate(Random(seed), households=8, units=8, as_at=NOON))
    needs = np.uint16(sum(BIT[code] for code in NEED_RULES))

    broken = broken_rules(pairing) & needs

    assert not (broken & ~needs_asked(pairing)[:, None]).any()
