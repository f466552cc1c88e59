"""The whole truth table: every way of computing the rules is judged by these, and they by the specification.

`CASES` says of each of the fifteen rules whether it holds for a referral and a unit before the round;
`MISMATCH_CASES` and `EXPLANATION_CASES` do the same for `allocation.md` §4 and §5.
"""

from __future__ import annotations

from tests.truth_case import Case, ExplanationCase, MismatchCase
from tests.truths_of_explanations import EXPLANATION_CASES
from tests.truths_of_mismatch import MISMATCH_CASES
from tests.truths_of_needs import NEED_CASES
from tests.truths_of_rooms import ROOM_CASES
from tests.truths_of_sites import SITE_CASES

RULE_NAMES = (
    "open",
    "interim",
    "nation",
    "gender",
    "children",
    "security",
    "services",
    "step_free",
    "language",
    "excluded_area",
    "declined",
    "house_mix",
    "capacity",
    "sharing",
    "keep_apart",
)

CASES: list[Case] = [*SITE_CASES, *NEED_CASES, *ROOM_CASES]

__all__ = [
    "CASES",
    "EXPLANATION_CASES",
    "MISMATCH_CASES",
    "RULE_NAMES",
    "Case",
    "ExplanationCase",
    "MismatchCase",
]
