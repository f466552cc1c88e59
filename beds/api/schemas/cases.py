"""What is sent about a case: a household, what changes of it, decisions, what it said no to."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import ConfigDict, Field, StrictBool, StrictInt, model_validator
from pydantic.config import JsonDict

from beds.api.schemas.shapes import AreaCode, Body, Day, Instant, Language, Paragraph, Reason, Ref, Word
from beds.domain.terms import AgeStatus, ConclusiveGrounds, DeclinedBy, Gender, Nation, Priority, RiskToOthers

MOST_PEOPLE: Final = 30
MOST_ITEMS: Final = 100

Age = Annotated[StrictInt, Field(ge=0, le=150)]
StayDays = Annotated[StrictInt, Field(ge=1, le=36_500)]
SecurityLevel = Annotated[StrictInt, Field(ge=1, le=3)]
Words = Annotated[list[Word], Field(max_length=MOST_ITEMS)]
Genders = Annotated[list[Gender], Field(max_length=len(Gender))]
Areas = Annotated[list[AreaCode], Field(max_length=MOST_ITEMS)]
Languages = Annotated[list[Language], Field(max_length=MOST_ITEMS)]

_A_WOMAN: Final[JsonDict] = {
    "gender": "female",
    "is_lead": True,
    "age": 31,
    "age_status": "known",
    "languages": ["sq", "en"],
}
_A_HOUSEHOLD: Final[JsonDict] = {
    "nation": "England",
    "priority": "urgent",
    "no_shelter_tonight": False,
    "detention_risk": False,
    "expected_stay_days": 45,
    "min_security_level": 2,
    "needs_step_free": False,
    "accepts_sharing": True,
    "risk_to_others": "low",
    "people": [_A_WOMAN],
}


class AboutPerson(Body):
    """What may be stated of a person. Left out or null is "not yet asked", never "no"."""

    gender: Gender | None = None
    age: Age | None = Field(default=None, description="In whole years.")
    age_status: AgeStatus | None = None
    together_confirmed: StrictBool | None = Field(
        default=None, description="Asked alone: this adult wants to be placed with the lead."
    )
    due_on: Day | None = None
    languages: Languages = Field(default_factory=list)


class NewPersonBody(AboutPerson):
    """Somebody of a household."""

    model_config = ConfigDict(json_schema_extra={"examples": [_A_WOMAN]})

    gender: Gender
    is_lead: StrictBool = Field(default=False, description="The survivor; exactly one of a household.")


class ChangedPersonBody(AboutPerson):
    """What changes of a person: the fields that are stated, and no others."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"age": 32}]})


class Needs(Body):
    """What a household needs. Left out or null is "not yet asked", read with caution until it is."""

    priority: Priority | None = None
    needed_from: Day | None = None
    no_shelter_tonight: StrictBool | None = None
    detention_risk: StrictBool | None = None
    expected_stay_days: StayDays | None = None
    min_security_level: SecurityLevel | None = None
    services_required: Words = Field(default_factory=list)
    needs_step_free: StrictBool | None = None
    language_required: StrictBool | None = None
    cross_border: StrictBool | None = None
    accepts_sharing: StrictBool | None = None
    risk_to_others: RiskToOthers | None = None
    acceptable_site_genders: Genders = Field(default_factory=list)
    preferred_regions: Areas = Field(default_factory=list)
    excluded_areas: Areas = Field(default_factory=list)
    first_responder: Word | None = None
    exploitation_type: Word | None = None
    nrm_status: Word | None = None
    notes: Paragraph | None = Field(default=None, description="Kept encrypted; never in a log or an audit.")


class NewReferralBody(Needs):
    """A household that asks for a place."""

    model_config = ConfigDict(json_schema_extra={"examples": [_A_HOUSEHOLD]})

    nation: Nation
    priority: Priority
    people: list[NewPersonBody] = Field(min_length=1, max_length=MOST_PEOPLE)
    received_at: Instant | None = Field(default=None, description="Now, where it is not stated.")
    survivor_ref: Ref | None = Field(
        default=None, description="Links what is on record about the survivor's safety."
    )
    triaged: StrictBool = Field(
        default=True, description="False: a coordinator has still to look at it, and it does not wait yet."
    )


class ChangedNeeds(Needs):
    """Needs that change: those that are stated, and no others."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"accepts_sharing": False}]})

    nation: Nation | None = None


class AmendmentBody(Body):
    """What is to be changed of a case: the fields that are stated, and no others."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"needs": {"accepts_sharing": False}, "people": {}}]}
    )

    needs: ChangedNeeds = Field(default_factory=ChangedNeeds)
    people: dict[Ref, ChangedPersonBody] = Field(default_factory=dict, max_length=MOST_PEOPLE)
    new_people: list[NewPersonBody] = Field(default_factory=list, max_length=MOST_PEOPLE)
    not_coming: list[Ref] = Field(default_factory=list, max_length=MOST_PEOPLE)
    reason: Reason | None = Field(default=None, description="Needed for a reassessment of a safety fact.")
    agreed_by: Ref | None = Field(
        default=None, description="The `user_id` of the second person, for a reassessment."
    )

    @model_validator(mode="after")
    def _states_something(self) -> AmendmentBody:
        if not (self.needs.model_fields_set or self.people or self.new_people or self.not_coming):
            raise ValueError("at least one change is needed")
        return self


class CloseBody(Body):
    """Why a case is closed, in one word."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "no_longer_needed"}]})

    reason: Reason


class RestrictionBody(Body):
    """Who may open a restricted case, besides whoever restricts it."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"user_ids": ["user-0a1b2c3d4e"]}]})

    user_ids: list[Ref] = Field(max_length=50)


class KeepApartBody(Body):
    """Whose household must never be in the same site at the same time."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"other_referral_id": "ref-5f6e7d8c9b"}]})

    other_referral_id: Ref


class DecisionBody(Body):
    """A decision of the competent authority. What is not stated stays as it is."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reasonable_grounds_on": "2026-03-01"}]})

    reasonable_grounds_on: Day | None = Field(default=None, description="Positive reasonable grounds.")
    conclusive_grounds_on: Day | None = None
    conclusive_grounds: ConclusiveGrounds | None = None


class DeclineSiteBody(Body):
    """Who says no to a site, and why."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"site_id": "site-4", "declined_by": "survivor", "reason": "location"}]
        }
    )

    site_id: Ref
    declined_by: DeclinedBy
    reason: Reason
