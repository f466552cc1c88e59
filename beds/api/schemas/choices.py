"""What is answered about places: for one household where, for one unit who, and whom a choice affects."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from beds.api.schemas.shapes import Answer
from beds.domain.terms import Outcome, Priority

AN_OPTION: Final[JsonDict] = {
    "site_id": "site-4",
    "unit_id": "unit-41",
    "starts_on": "2026-03-03",
    "expected_end_on": "2026-04-02",
    "mismatch": {"language": 30},
    "points": 30,
}


class OptionAnswer(Answer):
    """A unit that a household could have now; the fewer points, the better it fits."""

    site_id: str
    unit_id: str
    starts_on: date
    expected_end_on: date
    mismatch: dict[str, int]
    points: int


class RuleAnswer(Answer):
    """How many units a rule keeps a household out of, and of how many it is the only one that does."""

    rule: str
    label: str
    source: str
    units: int
    only_this: int


class BarrierAnswer(Answer):
    """Rules that together keep a household out of so many units that had room."""

    rules: list[str]
    units: int
    askable: bool = Field(description="Whether to talk it over with her could help.")


class OtherUnitAnswer(Answer):
    """A unit that a household could not have now, and the rules it would break."""

    site_id: str
    unit_id: str
    rules: list[str]


class OptionsAnswer(Answer):
    """Where a household could go now, best first; then why not elsewhere, and what would help."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "schema_version": 1,
                "as_at": "2026-03-03T12:00:00Z",
                "referral_id": "ref-0a1b2c3d4e",
                "priority": "urgent",
                "days_waited": 2,
                "takes_part": True,
                "standing": None,
                "outcome": None,
                "free_on": None,
                "not_yet_asked": ["cross_border"],
                "options": [AN_OPTION],
                "options_in_all": 14,
                "why_not": [],
                "barriers": [],
                "others": [],
            }
        }
    )

    schema_version: int
    as_at: datetime
    referral_id: str
    priority: Priority
    days_waited: int
    takes_part: bool
    standing: str | None = Field(description="Why it does not take part in a round now.")
    outcome: Outcome | None
    free_on: date | None = Field(description='"Not before", not a promise.')
    not_yet_asked: list[str]
    options: list[OptionAnswer]
    options_in_all: int
    why_not: list[RuleAnswer]
    barriers: list[BarrierAnswer]
    others: list[OtherUnitAnswer]


class OfferAnswer(OptionAnswer):
    """A unit to be offered, and what it is there for among the offers."""

    reasons: list[str]


class OffersAnswer(Answer):
    """What she can choose from; without offers, why there are none."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "schema_version": 1,
                "as_at": "2026-03-03T12:00:00Z",
                "referral_id": "ref-0a1b2c3d4e",
                "offers": [AN_OPTION | {"reasons": ["fewest_points"]}],
                "options_in_all": 14,
                "outcome": None,
                "free_on": None,
                "not_yet_asked": [],
                "barriers": [],
            }
        }
    )

    schema_version: int
    as_at: datetime
    referral_id: str
    offers: list[OfferAnswer]
    options_in_all: int
    outcome: Outcome | None
    free_on: date | None
    not_yet_asked: list[str]
    barriers: list[BarrierAnswer]


class CandidateAnswer(Answer):
    """A household that could have the unit now."""

    referral_id: str
    priority: Priority
    days_waited: int
    starts_on: date
    expected_end_on: date
    mismatch: dict[str, int]
    points: int


class NotCandidateAnswer(Answer):
    """A household that could not have the unit now: the rules it would break, or why no round places it."""

    referral_id: str
    priority: Priority
    days_waited: int
    outcome: Outcome | None
    rules: list[str]


class CandidatesAnswer(Answer):
    """Who could have a unit now, in priority order. Cases that you may not see are counts by priority."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "schema_version": 1,
                "as_at": "2026-03-03T12:00:00Z",
                "unit_id": "unit-41",
                "site_id": "site-4",
                "candidates": [],
                "candidates_in_all": 3,
                "candidates_not_shown": {"urgent": 3},
                "others": [],
                "others_in_all": 0,
                "others_not_shown": {},
            }
        }
    )

    schema_version: int
    as_at: datetime
    unit_id: str
    site_id: str
    candidates: list[CandidateAnswer]
    candidates_in_all: int
    candidates_not_shown: dict[Priority, int]
    others: list[NotCandidateAnswer]
    others_in_all: int
    others_not_shown: dict[Priority, int]


class AffectedCountAnswer(Answer):
    """How many could have had the unit, how many of them have no other, how many are ahead in the line."""

    could_have_it: int
    no_other_unit: int
    ahead: int


class AffectedHouseholdAnswer(Answer):
    """A household that could have had the unit."""

    referral_id: str
    priority: Priority
    days_waited: int
    ahead: bool
    no_other_unit: bool


class AffectedAnswer(Answer):
    """Who is affected if a unit goes to a household. Cases that you may not see are counts."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "schema_version": 1,
                "as_at": "2026-03-03T12:00:00Z",
                "referral_id": "ref-0a1b2c3d4e",
                "unit_id": "unit-41",
                "site_id": "site-4",
                "outcome": None,
                "rules": [],
                "affected": {"urgent": {"could_have_it": 2, "no_other_unit": 1, "ahead": 0}},
                "households": [],
                "not_shown": {"urgent": {"could_have_it": 2, "no_other_unit": 1, "ahead": 0}},
            }
        }
    )

    schema_version: int
    as_at: datetime
    referral_id: str
    unit_id: str
    site_id: str
    outcome: Outcome | None
    rules: list[str] = Field(description="The rules that she would break there herself.")
    affected: dict[Priority, AffectedCountAnswer]
    households: list[AffectedHouseholdAnswer]
    not_shown: dict[Priority, AffectedCountAnswer]
