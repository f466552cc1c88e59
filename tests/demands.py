"""Builders of demand: a few prototypes, steady rates, one law of stay; a test states what matters to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from beds.domain.needs import NEEDS, beds_for, needs_of
from beds.domain.referral import Person, Referral
from beds.domain.terms import SERVED_NATIONS, Nation
from beds.services.demand import Demand
from beds.services.need_mix import NeedMix
from optimiser.stays import StayLaw
from tests.builders import TODAY, a_person, a_referral

Household = tuple[Referral, tuple[Person, ...]]
NOBODY: Mapping[Nation, float] = {}


def a_prototype(ref: str, nation: Nation = Nation.ENGLAND, people: Sequence[Person] = ()) -> Household:
    """Return a woman alone of modest needs, or other people of whom the first is the lead."""
    alone = (a_person(f"{ref}-1", ref),)
    return a_referral(ref, nation=nation), tuple(people) or alone


def a_mix(*households: Household) -> NeedMix:
    """Return a mix of households, each as likely in its nation; a woman alone in each if none are given."""
    pool = households or tuple(a_prototype(f"mix-{nation}", nation) for nation in SERVED_NATIONS)
    weights = {}
    for nation in SERVED_NATIONS:
        theirs = np.array([float(referral.nation is nation) for referral, _ in pool])
        weights[nation] = theirs / max(theirs.sum(), 1.0)
    needs = [needs_of(referral, people) for referral, people in pool]
    return NeedMix(
        referrals=tuple(referral for referral, _ in pool),
        people=tuple(person for _, people in pool for person in people),
        weights=weights,
        beds=np.array([beds_for(people) for _, people in pool], dtype=np.int64),
        needs=np.array([[need in has for need in NEEDS] for has in needs], dtype=np.bool_),
        source="made for a test",
        assumed=True,
        own=frozenset(),
    )


def a_demand(
    rates: Mapping[Nation, float] = NOBODY,
    *,
    days: int = 30,
    stay: StayLaw | None = None,
    mix: NeedMix | None = None,
    draws: int = 1,
) -> Demand:
    """Return so many households a day in each nation, in equal futures; nobody where no rate is given."""
    law = stay or StayLaw.exactly(30)
    return Demand(
        starts_on=TODAY,
        days=days,
        rates={nation: np.full((draws, days), rates.get(nation, 0.0)) for nation in SERVED_NATIONS},
        stays=dict.fromkeys(SERVED_NATIONS, law),
        laws=dict.fromkeys(SERVED_NATIONS, (law,)),
        law_of_draw=np.zeros(draws, dtype=np.int64),
        mix=mix or a_mix(),
        links=(),
    )
