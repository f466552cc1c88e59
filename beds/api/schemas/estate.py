"""What is sent and answered about sites, units, beds and closures. An address is in its own answer alone."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Final

from pydantic import ConfigDict, Field, StrictBool, StrictInt
from pydantic.config import JsonDict

from beds.api.schemas.shapes import Answer, AreaCode, Body, Day, Language, Line, Reason, Ref, Sorted, Word
from beds.domain.measures import BedState
from beds.domain.terms import BedKind, Gender, Nation, Sharing, SiteType

MOST_ITEMS: Final = 100
Words = Annotated[list[Word], Field(max_length=MOST_ITEMS)]
ChildAge = Annotated[StrictInt, Field(ge=0, le=17)]

A_SITE_LINE: Final[JsonDict] = {
    "site_id": "site-4",
    "provider_id": "provider-2",
    "name": "House 4",
    "nation": "England",
    "region": "E12000007",
    "site_type": "safe_house",
    "availability_confirmed_at": "2026-03-03T08:00:00Z",
    "phone_first": False,
    "version": 3,
}


class NewSiteBody(Body):
    """A site to be added; its units and beds follow."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "provider_id": "provider-2",
                    "nation": "England",
                    "region": "E12000007",
                    "site_type": "safe_house",
                    "admits": ["female"],
                    "accepts_children": True,
                    "security_level": 2,
                    "name": "House 4",
                }
            ]
        }
    )

    provider_id: Ref
    nation: Nation
    region: AreaCode
    site_type: SiteType
    admits: list[Gender] = Field(min_length=1, max_length=len(Gender))
    accepts_children: StrictBool
    security_level: Annotated[StrictInt, Field(ge=1, le=3)]
    name: Line | None = None
    local_authority: AreaCode | None = None
    max_age_girls: ChildAge | None = None
    max_age_boys: ChildAge | None = None
    staff_languages: Annotated[list[Language], Field(max_length=MOST_ITEMS)] = Field(default_factory=list)
    services: Words = Field(default_factory=list)
    opens_on: Day | None = None
    closes_on: Day | None = None
    max_stay_nights: Annotated[StrictInt, Field(ge=1, le=36_500)] | None = None
    cost_per_bed_night: (
        Annotated[str, Field(pattern=r"^[0-9]{1,9}(\.[0-9]{1,2})?$", examples=["102.50"])] | None
    ) = None


class NewUnitBody(Body):
    """A room or a flat with its own door."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"sharing": "household", "step_free": False}]})

    sharing: Sharing
    step_free: StrictBool


class NewBedBody(Body):
    """A bed of a unit of the site."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"unit_id": "unit-41", "kind": "single"}]})

    unit_id: Ref
    kind: BedKind


class AddressBody(Body):
    """Where a site is."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"address": "1 Example Street, Exampletown"}]})

    address: str = Field(min_length=1, max_length=1_000)


class SiteLineAnswer(Answer):
    """A site in a list. `phone_first`: what is vacant there was not confirmed lately, or never."""

    model_config = ConfigDict(json_schema_extra={"example": A_SITE_LINE})

    site_id: str
    provider_id: str
    name: str
    nation: Nation
    region: str
    site_type: SiteType
    availability_confirmed_at: datetime | None
    phone_first: bool
    version: int


class SiteChangedAnswer(Answer):
    """A site that was added or changed: its reference, and what a next change has to name."""

    model_config = ConfigDict(json_schema_extra={"example": {"site_id": "site-0a1b2c3d4e", "version": 1}})

    site_id: str
    version: int


class FactsAnswer(Answer):
    """What the rules turn on at a site."""

    admits: Sorted
    accepts_children: bool
    security_level: int
    local_authority: str
    max_age_girls: int
    max_age_boys: int
    staff_languages: Sorted
    services: Sorted
    opens_on: date | None
    closes_on: date | None
    max_stay_nights: int | None
    cost_per_bed_night: Decimal | None


class BedAnswer(Answer):
    """A bed, and the one state that it is in tonight."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"bed_id": "bed-411", "kind": "single", "state": "vacant"}}
    )

    bed_id: str
    kind: BedKind
    state: BedState


class UnitAnswer(Answer):
    """A unit and its beds."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"unit_id": "unit-41", "sharing": "household", "step_free": False, "beds": []}
        }
    )

    unit_id: str
    sharing: Sharing
    step_free: bool
    beds: list[BedAnswer]


class SiteAnswer(Answer):
    """A site with its units and beds. No address is in it."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "line": A_SITE_LINE,
                "facts": {
                    "admits": ["female"],
                    "accepts_children": True,
                    "security_level": 2,
                    "local_authority": "",
                    "max_age_girls": 17,
                    "max_age_boys": 11,
                    "staff_languages": ["sq"],
                    "services": ["counselling"],
                    "opens_on": None,
                    "closes_on": None,
                    "max_stay_nights": None,
                    "cost_per_bed_night": "102.50",
                },
                "units": [],
            }
        }
    )

    line: SiteLineAnswer
    facts: FactsAnswer
    units: list[UnitAnswer]


class AddressAnswer(Answer):
    """Where a site is. That it was read is kept."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"site_id": "site-4", "address": "an invented address"}}
    )

    site_id: str
    address: str


class ClosureBody(Body):
    """A bed to be out of service over `[starts_on, ends_on)`; until further notice where that is null."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "bed_id": "bed-411",
                    "starts_on": "2026-03-03",
                    "ends_on": "2026-03-10",
                    "reason": "repair",
                }
            ]
        }
    )

    bed_id: Ref
    starts_on: Day
    ends_on: Day | None = None
    reason: Reason


class ReopenBody(Body):
    """The first night on which the bed is in service again."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"ends_on": "2026-03-05"}]})

    ends_on: Day


class ClosureAnswer(Answer):
    """A bed out of service over `[starts_on, ends_on)`; until further notice where that is null."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "closure_id": "closure-0a1b2c3d4e",
                "bed_id": "bed-411",
                "unit_id": "unit-41",
                "site_id": "site-4",
                "starts_on": "2026-03-03",
                "ends_on": "2026-03-10",
                "reason": "repair",
            }
        }
    )

    closure_id: str
    bed_id: str
    unit_id: str
    site_id: str
    starts_on: date
    ends_on: date | None
    reason: str
