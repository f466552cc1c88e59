"""What is sent and answered about scenarios: the fields of a scenario file, typed and bounded."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final

from pydantic import ConfigDict, Field, StrictBool, StrictInt
from pydantic.config import JsonDict

from beds.api.schemas.shapes import Answer, AreaCode, Body, Day, Language, Line, Paragraph, Ref, Word
from beds.domain.scenario import (
    LONGEST_HORIZON_DAYS,
    MOST_NIGHTS,
    EstateStart,
    PolicyName,
    StayRule,
    WhoComes,
)
from beds.domain.terms import Gender, Nation, Sharing

MOST_ITEMS: Final = 100
Number = Annotated[float, Field(allow_inf_nan=False)]
Pounds = Annotated[str, Field(pattern=r"^[0-9]{1,6}(\.[0-9]{1,2})?$", examples=["101.76"])]
AN_EXAMPLE: Final[JsonDict] = {
    "name": "ninety_and_growth",
    "title": "90 days in England, and a tenth more referrals",
    "recovery_nights": {"England": 90},
    "growth_per_year": 0.1,
    "needing_bed": {"England": {"low": 0.1, "likely": 0.2, "high": 0.3}},
}
A_SCENARIO: Final[JsonDict] = {
    "scenario_id": "scenario-0a1b2c3d4e",
    "name": "ninety_and_growth",
    "title": "90 days in England, and a tenth more referrals",
    "shipped": False,
    "changes": ["recovery_nights", "growth_per_year", "needing_bed"],
    "supposes": AN_EXAMPLE,
    "saved_by": "user-0a1b2c3d4e",
    "saved_at": "2026-03-03T12:00:00Z",
    "changed_at": "2026-03-03T12:00:00Z",
    "withdrawn_at": None,
    "version": 1,
}


class RangeBody(Body):
    """A likely value and the range it may lie in."""

    low: Number
    likely: Number
    high: Number


class NightsBody(Body):
    """Nights by nation; a nation that is left out is as the law has it."""

    England: Annotated[StrictInt, Field(ge=0, le=MOST_NIGHTS)] | None = None
    Scotland: Annotated[StrictInt, Field(ge=0, le=MOST_NIGHTS)] | None = None


class RangesBody(Body):
    """A number or a range by nation."""

    England: Number | RangeBody | None = None
    Scotland: Number | RangeBody | None = None


class SupposedSiteBody(Body):
    """A site that is added."""

    nation: Nation
    region: AreaCode
    units: Annotated[StrictInt, Field(ge=1, le=10_000)]
    beds_per_unit: Annotated[StrictInt, Field(ge=1, le=20)] | None = None
    cots_per_unit: Annotated[StrictInt, Field(ge=0, le=10)] | None = None
    admits: Annotated[list[Gender], Field(min_length=1, max_length=len(Gender))] | None = None
    accepts_children: StrictBool | None = None
    security_level: Annotated[StrictInt, Field(ge=1, le=3)] | None = None
    sharing: Sharing | None = None
    step_free_units: Annotated[StrictInt, Field(ge=0, le=10_000)] | None = None
    staff_languages: Annotated[list[Language], Field(max_length=MOST_ITEMS)] | None = None
    services: Annotated[list[Word], Field(max_length=MOST_ITEMS)] | None = None
    opens_on: Day | None = None
    cost_per_bed_night: Pounds | None = None


class SupposedClosureBody(Body):
    """A site that closes, or a share of the beds of a nation or a region."""

    closes_on: Day
    site_id: Ref | None = None
    nation: Nation | None = None
    region: AreaCode | None = None
    share: Number | None = None


class ScenarioBody(Body):
    """What is supposed; a field that is left out is as on record."""

    model_config = ConfigDict(json_schema_extra={"examples": [AN_EXAMPLE]})

    name: Annotated[Word, Field(max_length=60)]
    title: Line | None = None
    description: Paragraph | None = None
    assumes: Annotated[list[Line], Field(max_length=MOST_ITEMS)] | None = None
    horizon_days: Annotated[StrictInt, Field(ge=1, le=LONGEST_HORIZON_DAYS)] | None = None
    starts_on: Day | None = None
    recovery_nights: NightsBody | None = None
    move_on_nights: NightsBody | None = None
    stay_rule: StayRule | None = None
    decision_days: Number | None = None
    growth_per_year: Number | None = None
    entering_support: Number | RangeBody | None = None
    needing_bed: RangesBody | None = None
    households_per_year: RangesBody | None = None
    who_comes: WhoComes | None = None
    estate: EstateStart | None = None
    sites: Annotated[list[SupposedSiteBody], Field(max_length=MOST_ITEMS)] | None = None
    closures: Annotated[list[SupposedClosureBody], Field(max_length=MOST_ITEMS)] | None = None
    policy: PolicyName | None = None
    patience_days: Number | None = None
    decline_share: Number | None = None
    hold_days: Number | None = None
    warm_up_days: Annotated[StrictInt, Field(ge=0, le=LONGEST_HORIZON_DAYS)] | None = None
    cost_per_bed_night: Pounds | None = None
    price_year: Annotated[Line, Field(max_length=40)] | None = None

    def document(self) -> dict[str, Any]:
        """Return it as a scenario file has it."""
        return self.model_dump(exclude_none=True)


class ScenarioAnswer(Answer):
    """A scenario: saved, or shipped and without a version; `changes` are the fields not as on record."""

    model_config = ConfigDict(json_schema_extra={"example": A_SCENARIO})

    scenario_id: str
    name: str
    title: str
    shipped: bool
    changes: list[str]
    supposes: dict[str, Any]
    saved_by: str | None
    saved_at: datetime | None
    changed_at: datetime | None
    withdrawn_at: datetime | None
    version: int | None


class ScenarioChangedAnswer(Answer):
    """A scenario that was saved, changed or withdrawn: its reference, and what a next change has to name."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"scenario_id": "scenario-0a1b2c3d4e", "version": 1}}
    )

    scenario_id: str
    version: int
