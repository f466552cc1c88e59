"""The record-by-record rules of the checker judged by the hand-written truth tables."""

from __future__ import annotations

import pytest

from beds.checking.explanation import expected_explanation
from beds.checking.mismatch import mismatch
from beds.checking.situation import Situation
from tests.oracles import PERIODS, POINTS
from tests.truth_table import (
    CASES,
    EXPLANATION_CASES,
    MISMATCH_CASES,
    RULE_NAMES,
    Case,
    ExplanationCase,
    MismatchCase,
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_checkers_rule_agrees_with_the_truth_table(case: Case) -> None:
    situation = Situation.at(case.estate, case.as_at, PERIODS)

    holds = situation.rule_holds(case.rule, case.referral_id, case.unit_id)

    assert holds is case.holds


@pytest.mark.parametrize("rule", RULE_NAMES)
def test_every_rule_has_a_case_that_passes_one_that_fails_and_one_not_asked(rule: str) -> None:
    cases = [case for case in CASES if case.rule == rule]

    assert any(case.holds for case in cases)
    assert any(not case.holds for case in cases)
    assert any(case.not_asked for case in cases)


def test_the_truth_table_is_about_the_fifteen_rules_and_no_others() -> None:
    assert {case.rule for case in CASES} == set(RULE_NAMES)
    assert len(RULE_NAMES) == 15


@pytest.mark.parametrize("case", MISMATCH_CASES, ids=str)
def test_the_checkers_mismatch_agrees_with_the_table(case: MismatchCase) -> None:
    situation = Situation.at(case.estate, case.as_at, PERIODS)
    household, unit = situation.households[case.referral_id], case.estate.unit_by_id[case.unit_id]

    found = mismatch(situation.standing, situation.visit(household, unit), POINTS)

    assert found == case.expected


def test_every_kind_of_mismatch_has_a_case_of_its_own() -> None:
    alone = {name for case in MISMATCH_CASES if len(case.expected) == 1 for name in case.expected}

    assert alone == set(POINTS)


@pytest.mark.parametrize("case", EXPLANATION_CASES, ids=str)
def test_the_checkers_explanation_agrees_with_the_table(case: ExplanationCase) -> None:
    situation = Situation.at(case.estate, case.as_at, PERIODS)

    explained = expected_explanation(situation, situation.households[case.referral_id])

    found = {barrier.rules: (barrier.units, barrier.askable) for barrier in explained.barriers}
    assert (explained.outcome, explained.free_on, found) == (case.outcome, case.free_on, case.barriers or {})
