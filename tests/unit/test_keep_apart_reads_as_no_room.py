"""Whoever must be kept apart from somebody in a site is told what she would be told were it full.

Two estates are compared: in one R1 must be kept apart from Q, who has a stay in a site; in the other there is
no such pair, and every bed of that site is closed for as long as Q is there.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beds.domain.accommodation import Closure
from beds.domain.clock import Clock
from beds.domain.estate import Estate
from beds.domain.points import MismatchPoints
from beds.domain.referral import Placement
from beds.domain.terms import BedRef, ReferralRef
from beds.services.contention import rivals, rules_broken
from beds.services.freezing import Ground
from beds.services.offering import a_choice
from beds.services.options import options
from beds.services.rounds import as_json
from tests.builders import NOON, a_keep_apart, a_person, a_placement, a_referral
from tests.oracles import PERIODS
from tests.strategies import AWKWARD_INSTANTS, random_estate

R1, Q = ReferralRef("R1"), ReferralRef("Q")


def two_estates(seed: int, as_at: datetime) -> tuple[Estate, Estate] | None:
    """Return an estate where R1 must be kept apart from Q, and one where Q's site is closed instead."""
    rng, today = Random(seed), Clock(as_at).today
    estate = random_estate(rng, households=2, units=6, as_at=as_at)
    taken = {stay.bed_id for stay in (*estate.placements, *estate.holds)}
    beds = [bed for bed in estate.beds if bed.bed_id not in taken]
    if not beds:
        return None
    bed = rng.choice(beds)
    starts_on = today + timedelta(days=rng.randint(-20, 12))
    expected_end_on = starts_on + timedelta(days=rng.randint(1, 30))
    stay = a_placement(Q, bed.bed_id, starts_on=starts_on, expected_end_on=expected_end_on)
    estate = estate.with_rows(
        referrals=(*estate.referrals, a_referral(Q, status="placed")),
        people=(*estate.people, a_person("A-Q", Q)),
        placements=(*estate.placements, stay),
        # What R1 must avoid already would read as no room in both.
        keep_apart=tuple(
            pair for pair in estate.keep_apart if R1 not in (pair.referral_id_a, pair.referral_id_b)
        ),
    )
    site = estate.unit_by_id[bed.unit_id].site_id
    there = [b.bed_id for b in estate.beds if estate.unit_by_id[b.unit_id].site_id == site]
    closed = estate.with_rows(closures=(*estate.closures, *_closed_instead(there, stay, today)))
    return estate.with_rows(keep_apart=(*estate.keep_apart, a_keep_apart(R1, Q))), closed


def _closed_instead(beds: list[BedRef], stay: Placement, today: date) -> tuple[Closure, ...]:
    # Whoever is overdue counts as staying when a date is looked for: until further notice.
    overdue = stay.expected_end_on <= today
    ends_on = None if overdue else stay.expected_end_on
    return tuple(Closure(bed, stay.starts_on, ends_on) for bed in beds)


def told(estate: Estate, as_at: datetime) -> str:
    """Return everything that is said to R1."""
    ground, points = Ground.of(estate, Clock(as_at)), MismatchPoints()
    answer = options(ground, R1, periods=PERIODS, points=points)
    offers = a_choice(answer["options"], estate, 3, same_again=points.region)
    broken: list[object] = []
    if answer["options"] or answer["others"]:
        her = estate.referral_by_id[R1]
        broken = [rules_broken(ground, her, unit.unit_id, PERIODS) for unit in estate.units]
    return as_json([answer, offers, broken])


@given(seed=st.integers(0, 2**32 - 1), as_at=st.sampled_from(AWKWARD_INSTANTS))
@settings(max_examples=150, deadline=None, derandomize=True)
def test_what_she_is_told_is_the_same_to_the_byte(seed: int, as_at: datetime) -> None:
    pair = two_estates(seed, as_at)
    if pair is None:
        return

    apart, closed = (told(estate, as_at) for estate in pair)

    assert apart == closed
    assert "keep_apart" not in apart
    assert f'"{Q}"' not in apart


def test_that_there_is_nobody_to_avoid_makes_a_difference() -> None:
    """The comparison above is about something: in many of its estates the pair takes units away."""
    pairs = [pair for seed in range(60) if (pair := two_estates(seed, NOON))]

    differs = [told(apart.with_rows(keep_apart=()), NOON) != told(apart, NOON) for apart, _ in pairs]

    assert sum(differs) > 10


@pytest.mark.parametrize("seed", range(25))
def test_whom_it_affects_does_not_tell_either(seed: int) -> None:
    """R1 among others: she is among those who could have had a unit, or is not, alike in both estates."""
    pair = two_estates(seed, NOON)
    if pair is None:
        return
    apart, closed = (Ground.of(estate, Clock(NOON)) for estate in pair)
    her = apart.estate.referral_by_id[Q]

    for unit in apart.estate.units:
        counted = [
            [rival for rival in rivals(ground, her, unit.unit_id, PERIODS) if rival.referral_id == R1]
            for ground in (apart, closed)
        ]

        assert counted[0] == counted[1]
