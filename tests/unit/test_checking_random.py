"""The checker on random awkward estates: the true best is accepted, and nothing in it changes unnoticed."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from beds.checking import check_result
from beds.checking.explanation import expected_explanation
from beds.checking.households import outcome_without_a_round
from beds.checking.situation import Situation
from beds.domain.estate import Estate
from tests.oracles import PERIODS, POINTS, as_json, best_round, first_free_day, minimal_barriers
from tests.strategies import AWKWARD_INSTANTS, random_estate
from tests.truth_table import RULE_NAMES

SEEDS = st.integers(0, 2**32 - 1)
INSTANTS = st.sampled_from(AWKWARD_INSTANTS)
ABOUT_A_HUNDRED_DAYS = 130

Path = tuple[str | int, ...]


def right_answer(estate: Estate, as_at: datetime) -> dict[str, Any]:
    """Return the true best round of an estate, as JSON."""
    return as_json(estate, as_at, best_round(estate, as_at))


def faults_in(answer: dict[str, Any], estate: Estate, as_at: datetime) -> list[str]:
    """Return the checker's verdict."""
    return check_result(answer, estate, as_at=as_at, periods=PERIODS, points=POINTS)


@given(seed=SEEDS, as_at=INSTANTS)
@settings(max_examples=60, deadline=None)
def test_the_best_round_by_exhaustive_search_has_no_fault(seed: int, as_at: datetime) -> None:
    estate = random_estate(Random(seed), households=5, units=5, as_at=as_at)

    faults = faults_in(right_answer(estate, as_at), estate, as_at)

    assert faults == []


@given(seed=SEEDS)
@settings(max_examples=25, deadline=None)
def test_no_value_in_a_right_answer_can_be_changed_and_no_entry_removed_unnoticed(seed: int) -> None:
    as_at = AWKWARD_INSTANTS[seed % len(AWKWARD_INSTANTS)]
    estate = random_estate(Random(seed), households=4, units=4, as_at=as_at)
    answer = right_answer(estate, as_at)

    unnoticed = [
        path for path, spoilt in _spoilt_copies(answer, estate) if not faults_in(spoilt, estate, as_at)
    ]

    assert unnoticed == []


@given(seed=SEEDS, as_at=INSTANTS)
@settings(max_examples=60, deadline=None)
def test_free_on_and_barriers_are_what_trying_every_day_and_every_set_finds(
    seed: int, as_at: datetime
) -> None:
    estate = random_estate(Random(seed), households=4, units=4, as_at=as_at)
    situation = Situation.at(estate, as_at, PERIODS)

    for household in situation.taking_part:
        explained = expected_explanation(situation, household)
        if explained.outcome is None or outcome_without_a_round(household) is not None:
            continue
        found = {barrier.rules: barrier.units for barrier in explained.barriers}

        assert found == minimal_barriers(situation, household)
        assert explained.free_on == first_free_day(situation, household, horizon_days=ABOUT_A_HUNDRED_DAYS)


def test_random_estates_meet_every_outcome_and_every_rule_and_leave_many_pairs_allowed() -> None:
    outcomes: Counter[str] = Counter()
    broken: Counter[str] = Counter()
    sharing_households, pairs, allowed = 0, 0, 0

    for seed in range(120):
        estate = random_estate(Random(seed), households=5, units=5)
        situation = Situation.at(estate, AWKWARD_INSTANTS[0], PERIODS)
        best = best_round(estate, AWKWARD_INSTANTS[0])
        answer = as_json(estate, AWKWARD_INSTANTS[0], best)
        outcomes.update(str(one["outcome"]) for one in answer["unplaced"])
        sharing_households += len(best.units) - len(set(best.units.values()))
        for household in situation.taking_part:
            for unit in estate.units:
                against = _broken(situation, household.reference, unit.unit_id)
                broken.update(against)
                pairs, allowed = pairs + 1, allowed + (not against)

    assert len(outcomes) == 7
    assert set(broken) == set(RULE_NAMES)
    assert sharing_households > 10
    assert allowed > pairs / 6


def _broken(situation: Situation, referral_id: Any, unit_id: Any) -> list[str]:
    return [rule for rule in RULE_NAMES if not situation.rule_holds(rule, referral_id, unit_id)]


def _spoilt_copies(answer: dict[str, Any], estate: Estate) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Yield the answer with one value changed, or one entry of a list left out, at every place there is."""
    for path in _paths(answer):
        value = _at(answer, path)
        if not isinstance(value, list | dict):
            spoilt = copy.deepcopy(answer)
            _at(spoilt, path[:-1])[path[-1]] = _another(path, value, estate)
            yield path, spoilt
        if isinstance(path[-1], int):
            spoilt = copy.deepcopy(answer)
            del _at(spoilt, path[:-1])[path[-1]]
            yield (*path, "left out"), spoilt


def _at(value: Any, path: Path) -> Any:
    for step in path:
        value = value[step]
    return value


def _paths(value: Any, path: Path = ()) -> Iterator[Path]:
    """Yield the path of every value and of every entry of a list, in depth."""
    if path:
        yield path
    steps: Any = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for step, inner in steps:
        yield from _paths(inner, (*path, step))


def _another(path: Path, value: Any, estate: Estate) -> Any:
    """Return a value of the same form that is not the right one."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if value is None:
        return "2026-03-09"
    name = next(str(step) for step in reversed(path) if isinstance(step, str))
    return str(_OTHERS[name](value, estate))


def _bed_elsewhere(bed_id: str, estate: Estate) -> str:
    """Return a bed of another unit."""
    home = next(bed.unit_id for bed in estate.beds if bed.bed_id == bed_id)
    return next(str(bed.bed_id) for bed in estate.beds if bed.unit_id != home)


def _moved_by(days: int) -> Callable[[str, Estate], str]:
    return lambda value, _: (date.fromisoformat(value) + timedelta(days=days)).isoformat()


_OTHERS: dict[str, Callable[[str, Estate], str]] = {
    "as_at": lambda value, _: (datetime.fromisoformat(value) + timedelta(minutes=1)).isoformat(),
    "status": lambda _, __: "feasible",
    "starts_on": _moved_by(1),
    "expected_end_on": _moved_by(-1),
    "free_on": _moved_by(1),
    "outcome": lambda value, _: "outranked" if value == "no_free_unit" else "no_free_unit",
    "referral_id": lambda value, estate: next(
        one.referral_id for one in estate.referrals if one.referral_id != value
    ),
    "site_id": lambda _, __: "S99",
    "unit_id": lambda _, __: "U99",
    "bed_ids": _bed_elsewhere,
    "rules": lambda value, _: "gender" if value != "gender" else "security",
}
"""For each field of text, a value of its form that is not the right one."""
