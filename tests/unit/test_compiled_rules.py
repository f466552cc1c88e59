"""The compiled rules judged by the truth tables written by hand from `allocation.md`."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from beds.checking.households import outcome_without_a_round
from beds.checking.situation import Situation
from beds.domain.clock import Clock
from beds.domain.eligibility import BIT, RULES
from beds.domain.mismatch import mismatch_points
from beds.domain.points import MISMATCH_KINDS, MismatchPoints
from beds.services.freezing import Ground, freeze, judge
from optimiser.allocation import allocate
from optimiser.result import round_json
from tests.oracles import PERIODS
from tests.truth_case import Case, ExplanationCase, MismatchCase
from tests.truth_table import CASES, EXPLANATION_CASES, MISMATCH_CASES


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_compiled_rule_agrees_with_the_truth_table(case: Case) -> None:
    referral = case.estate.referral_by_id[case.referral_id]

    verdicts = judge(Ground.of(case.estate, Clock(case.as_at)), [referral], PERIODS)

    unit = verdicts.pairing.units.refs.index(case.unit_id)
    holds = not int(verdicts.broken[0, unit]) & BIT[case.rule]
    assert holds is case.holds


def test_every_rule_has_a_place_in_the_truth_table() -> None:
    assert [rule.code for rule in RULES] == list(dict.fromkeys(case.rule for case in CASES))


@pytest.mark.parametrize("case", MISMATCH_CASES, ids=str)
def test_compiled_mismatch_agrees_with_the_table(case: MismatchCase) -> None:
    referral = case.estate.referral_by_id[case.referral_id]
    verdicts = judge(Ground.of(case.estate, Clock(case.as_at)), [referral], PERIODS)
    unit = np.array([verdicts.pairing.units.refs.index(case.unit_id)])

    points = mismatch_points(verdicts.pairing, np.array([0]), unit, MismatchPoints())[0].tolist()

    assert {k: v for k, v in zip(MISMATCH_KINDS, points, strict=True) if v} == dict(case.expected)


@pytest.mark.parametrize("case", EXPLANATION_CASES, ids=str)
def test_a_round_explains_as_the_table_does(case: ExplanationCase) -> None:
    problem = freeze(case.estate, Clock(case.as_at), PERIODS, MismatchPoints())

    answer = round_json(problem, allocate(problem))

    unplaced = {row["referral_id"]: row for row in answer["unplaced"]}
    if case.outcome is None:
        assert unplaced.get(case.referral_id, {"outcome": "outranked"})["outcome"] == "outranked"
        return
    row = unplaced[case.referral_id]
    assert row["outcome"] == case.outcome
    assert (date.fromisoformat(row["free_on"]) if row["free_on"] else None) == case.free_on
    if case.barriers is not None:
        found = {frozenset(b["rules"]): (b["units"], b["askable"]) for b in row["barriers"]}
        assert found == dict(case.barriers)


def test_the_checker_and_the_arrays_agree_on_who_is_not_for_a_round() -> None:
    for case in EXPLANATION_CASES:
        situation = Situation.at(case.estate, case.as_at, PERIODS)
        problem = freeze(case.estate, Clock(case.as_at), PERIODS, MismatchPoints())

        settled = {request.ref for request in problem.requests if request.singles + request.under_twos == 0}

        expected = {h.reference for h in situation.taking_part if outcome_without_a_round(h) is not None}
        assert settled == expected
