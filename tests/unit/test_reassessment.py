"""Lowering a safety fact is a reassessment; raising one, or asking for the first time, is not."""

from __future__ import annotations

import pytest

from beds.domain.reassessment import loosened, loosened_for
from beds.domain.terms import AgeStatus, RiskToOthers
from tests.builders import a_person, a_referral

NORTH, SOUTH = "E12000001", "E12000008"


@pytest.mark.parametrize(
    ("field", "before", "after", "lowered"),
    [
        ("min_security_level", 3, 2, True),
        ("min_security_level", 3, None, True),  # enhanced until it is assessed: less than high
        ("min_security_level", 2, None, True),  # or it could be lowered in two steps
        ("min_security_level", 1, None, False),
        ("min_security_level", 1, 2, False),
        ("min_security_level", None, 1, False),
        ("risk_to_others", RiskToOthers.HIGH, RiskToOthers.LOW, True),
        ("risk_to_others", RiskToOthers.HIGH, None, True),
        ("risk_to_others", None, RiskToOthers.LOW, False),
        ("risk_to_others", RiskToOthers.LOW, RiskToOthers.HIGH, False),
        ("excluded_areas", frozenset({NORTH}), frozenset(), True),
        ("excluded_areas", frozenset({NORTH}), frozenset({SOUTH}), True),
        ("excluded_areas", frozenset({NORTH}), frozenset({NORTH, SOUTH}), False),
        ("needs_step_free", True, False, False),
    ],
)
def test_a_safety_fact_that_would_protect_less_is_named(
    field: str, before: object, after: object, lowered: bool
) -> None:
    found = loosened(a_referral(**{field: before}), a_referral(**{field: after}))

    assert found == ((field,) if lowered else ())


@pytest.mark.parametrize(
    ("before", "after", "lowered"),
    [
        (AgeStatus.DISPUTED, AgeStatus.KNOWN, True),
        (AgeStatus.DISPUTED, None, True),
        (AgeStatus.KNOWN, AgeStatus.DISPUTED, False),
        (None, AgeStatus.KNOWN, False),
    ],
)
def test_settling_a_disputed_age_is_a_reassessment(
    before: AgeStatus | None, after: AgeStatus | None, lowered: bool
) -> None:
    found = loosened_for(a_person(age_status=before), a_person(age_status=after))

    assert found == (("age_status",) if lowered else ())
