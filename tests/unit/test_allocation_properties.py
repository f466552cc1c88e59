"""Whole rounds on random awkward estates: the true best, and what a change of the estate may never do."""

from __future__ import annotations

import csv
import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from random import Random
from typing import TypeVar

from hypothesis import given, settings
from hypothesis import strategies as st

from beds.checking import check_result
from beds.domain.accommodation import Site
from beds.domain.clock import Clock
from beds.domain.estate import Estate
from beds.domain.points import MISMATCH_KINDS, MismatchPoints
from beds.domain.referral import KeepApart
from beds.domain.terms import BedRef, DeclinedBy, UnitRef
from beds.folder import write_folder
from beds.importing import read_folder
from beds.services.rounds import Round, run_round
from optimiser.allocation import allocate
from optimiser.problem import Problem
from optimiser.result import RoundJson, round_json
from tests.builders import a_bed, a_decline
from tests.oracles import PERIODS, POINTS, best_by_brute_force
from tests.problems import best_of_all, random_problem, rank
from tests.strategies import AWKWARD_INSTANTS, random_estate

SEEDS = st.integers(0, 2**32 - 1)
INSTANTS = st.sampled_from(AWKWARD_INSTANTS)
Row = TypeVar("Row")


def a_round(estate: Estate, as_at: datetime, points: MismatchPoints | None = None) -> Round:
    """Return the round of an estate."""
    return run_round(estate, Clock(as_at), periods=PERIODS, points=points or MismatchPoints())


def reached(estate: Estate, as_at: datetime) -> tuple[int, ...]:
    """Return the five levels of a round, so that more is better; the first four are placements and days."""
    return rank(list(a_round(estate, as_at).result["objective"].values()))


def as_read_back(result: RoundJson) -> dict[str, object]:
    """Return a result as whoever reads its JSON has it."""
    document: dict[str, object] = json.loads(json.dumps(result))
    return document


@given(seed=SEEDS, as_at=INSTANTS)
@settings(max_examples=150, deadline=None, derandomize=True)
def test_a_round_is_the_best_of_all_and_the_checker_finds_no_fault(seed: int, as_at: datetime) -> None:
    estate = random_estate(Random(seed), households=5, units=5, as_at=as_at)

    result = a_round(estate, as_at).result

    assert tuple(result["objective"].values()) == best_by_brute_force(estate, as_at)
    assert result["bound"] == result["objective"]
    assert result["status"] == "optimal"
    assert check_result(as_read_back(result), estate, as_at=as_at, periods=PERIODS, points=POINTS) == []


@given(seed=SEEDS)
@settings(max_examples=40, deadline=None, derandomize=True)
def test_a_round_without_any_time_breaks_no_rule_either(seed: int) -> None:
    as_at = AWKWARD_INSTANTS[seed % len(AWKWARD_INSTANTS)]
    estate = random_estate(Random(seed), households=6, units=4, as_at=as_at)

    result = run_round(
        estate, Clock(as_at), periods=PERIODS, points=MismatchPoints(), time_limit_s=1e-9
    ).result

    assert check_result(as_read_back(result), estate, as_at=as_at, periods=PERIODS, points=POINTS) == []


@given(seed=SEEDS, as_at=INSTANTS)
@settings(max_examples=60, deadline=None, derandomize=True)
def test_one_more_bed_never_worsens_the_first_four_levels(seed: int, as_at: datetime) -> None:
    rng = Random(seed)
    estate = random_estate(rng, households=6, units=4, as_at=as_at)
    unit = rng.choice(estate.units).unit_id

    with_it = estate.with_rows(beds=(*estate.beds, a_bed("B99", unit)))

    assert reached(with_it, as_at)[:4] >= reached(estate, as_at)[:4]


@given(seed=SEEDS, as_at=INSTANTS)
@settings(max_examples=60, deadline=None, derandomize=True)
def test_a_facility_taken_away_never_improves_the_first_four_levels(seed: int, as_at: datetime) -> None:
    rng = Random(seed)
    estate = random_estate(rng, households=6, units=4, as_at=as_at)
    before = reached(estate, as_at)

    for poorer in _each_poorer_estate(estate, rng):
        assert reached(poorer, as_at)[:4] <= before[:4]


def _each_poorer_estate(estate: Estate, rng: Random) -> Iterator[Estate]:
    """Yield the estate without one of each kind of facility; nobody who stands in it is turned out."""
    lived_in = {stay.bed_id for stay in (*estate.placements, *estate.holds)}
    idle = [bed.bed_id for bed in estate.beds if bed.bed_id not in lived_in]
    if idle:
        yield _without(estate, beds={rng.choice(idle)})
    busy = {estate.bed_by_id[bed].unit_id for bed in lived_in}
    idle_units = [unit.unit_id for unit in estate.units if unit.unit_id not in busy]
    if idle_units:
        yield _without(estate, units={rng.choice(idle_units)})
    busy_sites = {estate.unit_by_id[unit].site_id for unit in busy}
    for site in estate.sites:
        yield _with_site(estate, replace(site, services=frozenset(sorted(site.services)[1:])))
        yield _with_site(estate, replace(site, staff_languages=frozenset(sorted(site.staff_languages)[1:])))
        if site.site_id not in busy_sites:
            yield _without(estate, units={u.unit_id for u in estate.units if u.site_id == site.site_id})
    for unit in estate.units:
        stepped = replace(unit, step_free=False)
        yield estate.with_rows(units=(stepped if one is unit else one for one in estate.units))


def _with_site(estate: Estate, site: Site) -> Estate:
    return estate.with_rows(sites=(site if one.site_id == site.site_id else one for one in estate.sites))


def _without(estate: Estate, *, beds: set[BedRef] | None = None, units: set[UnitRef] | None = None) -> Estate:
    """Return the estate without some beds, or some units with their beds; a site without units goes too."""
    gone, gone_beds = units or set(), beds or set()
    left = [unit for unit in estate.units if unit.unit_id not in gone]
    beds_left = [bed for bed in estate.beds if bed.unit_id not in gone and bed.bed_id not in gone_beds]
    bed_ids, site_ids = {bed.bed_id for bed in beds_left}, {unit.site_id for unit in left}
    return estate.with_rows(
        units=left,
        beds=beds_left,
        sites=(site for site in estate.sites if site.site_id in site_ids),
        closures=(closure for closure in estate.closures if closure.bed_id in bed_ids),
        declines=(decline for decline in estate.declines if decline.site_id in site_ids),
    )


@given(seed=SEEDS, as_at=INSTANTS)
@settings(max_examples=60, deadline=None, derandomize=True)
def test_one_more_safety_fact_never_improves_a_round(seed: int, as_at: datetime) -> None:
    """All five levels: what is left to choose from was there before."""
    rng = Random(seed)
    estate = random_estate(rng, households=6, units=4, as_at=as_at)
    one = rng.choice(estate.referrals)
    site = rng.choice(estate.sites)
    other = rng.choice([r for r in estate.referrals if r.survivor != one.survivor])
    stricter = (
        estate.with_rows(
            declines=(
                *estate.declines,
                a_decline(one.referral_id, site.site_id, declined_by=rng.choice(list(DeclinedBy))),
            )
        ),
        estate.with_rows(
            declines=(replace(decline, until=None) for decline in estate.declines),
        ),
        estate.with_rows(
            referrals=(
                replace(r, excluded_areas=r.excluded_areas | {site.region}) if r is one else r
                for r in estate.referrals
            )
        ),
        estate.with_rows(
            keep_apart=(*estate.keep_apart, KeepApart(one.referral_id, other.referral_id)),
        ),
    )
    before = reached(estate, as_at)

    assert all(reached(estate_then, as_at) <= before for estate_then in stricter)


@given(seed=SEEDS, as_at=INSTANTS)
@settings(max_examples=40, deadline=None, derandomize=True)
def test_the_order_of_rows_changes_nothing_in_the_json(seed: int, as_at: datetime) -> None:
    rng = Random(seed)
    estate = random_estate(rng, households=5, units=5, as_at=as_at)
    names = ("sites", "units", "beds", "referrals", "people", "closures", "keep_apart", "holds", "declines")
    shuffled = Estate(
        **{name: tuple(_shuffled(getattr(estate, name), rng)) for name in (*names, "placements")}
    )

    assert a_round(shuffled, as_at).result_json == a_round(estate, as_at).result_json


@given(seed=SEEDS)
@settings(max_examples=15, deadline=None, derandomize=True)
def test_the_order_of_lines_in_a_folder_changes_nothing_in_the_json(seed: int) -> None:
    rng, as_at = Random(seed), AWKWARD_INSTANTS[seed % len(AWKWARD_INSTANTS)]
    estate = random_estate(rng, households=5, units=5, as_at=as_at)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_folder(estate, folder)
        before = a_round(read_folder(folder), as_at).result_json
        for path in folder.glob("*.csv"):
            with path.open(encoding="utf-8", newline="") as file:
                header, *rows = csv.reader(file)
            with path.open("w", encoding="utf-8", newline="") as file:
                csv.writer(file).writerows([header, *_shuffled(rows, rng)])
        after = a_round(read_folder(folder), as_at).result_json

    assert after == before == a_round(estate, as_at).result_json


def _shuffled(rows: Sequence[Row], rng: Random) -> list[Row]:
    return rng.sample(rows, len(rows))


@given(
    seed=SEEDS,
    weights=st.tuples(*[st.sampled_from([0, 1, 1000])] * len(MISMATCH_KINDS)),
)
@settings(max_examples=50, deadline=None, derandomize=True)
def test_no_points_however_extreme_make_a_barred_pair_appear_or_move_a_higher_level(
    seed: int, weights: tuple[int, ...]
) -> None:
    as_at = AWKWARD_INSTANTS[seed % len(AWKWARD_INSTANTS)]
    estate = random_estate(Random(seed), households=5, units=5, as_at=as_at)
    extreme = MismatchPoints(**dict(zip(MISMATCH_KINDS, weights, strict=True)))

    result = a_round(estate, as_at, extreme).result

    faults = check_result(
        as_read_back(result), estate, as_at=as_at, periods=PERIODS, points=extreme.as_mapping()
    )
    assert faults == []
    assert tuple(result["objective"].values()) == best_by_brute_force(
        estate, as_at, points=extreme.as_mapping()
    )
    assert rank(list(result["objective"].values()))[:4] == reached(estate, as_at)[:4]


@given(seed=SEEDS)
@settings(max_examples=150, deadline=None, derandomize=True)
def test_a_problem_full_of_shared_units_has_its_best_answer(seed: int) -> None:
    """Most of these need relaxations and exact search, many of them level by level."""
    problem = random_problem(Random(seed))

    answer = allocate(problem)

    assert tuple(answer.objective.values()) == best_of_all(problem)
    assert answer.optimal
    assert answer.bound == answer.objective


@given(seed=SEEDS, as_at=INSTANTS)
@settings(max_examples=40, deadline=None, derandomize=True)
def test_a_frozen_problem_is_replayed_to_the_same_json(seed: int, as_at: datetime) -> None:
    held = a_round(random_estate(Random(seed), households=5, units=5, as_at=as_at), as_at)

    again = Problem.from_json(held.problem.to_json())

    assert round_json(again, allocate(again)) == held.result
