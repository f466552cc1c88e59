"""What is answered about a case: a line without anything personal, or, to whoever may open it, all of it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from pydantic import AliasPath, ConfigDict, Field
from pydantic.config import JsonDict

from beds.api.schemas.shapes import Answer, Sorted
from beds.domain.terms import (
    AgeStatus,
    ConclusiveGrounds,
    Gender,
    Nation,
    PlacementState,
    Priority,
    ReferralStatus,
    RiskToOthers,
)
from beds.domain.waiting import ClockKind, EventKind

A_LINE: Final[JsonDict] = {
    "referral_id": "ref-0a1b2c3d4e",
    "version": 1,
    "nation": "England",
    "priority": "urgent",
    "status": "waiting",
    "received_at": "2026-03-01T09:00:00Z",
    "hours_since_received": 51,
    "needed_from": "2026-03-03",
    "restricted": False,
}


class ReferralLineAnswer(Answer):
    """A case in the queue, without anything personal. `status` is as it counts now."""

    model_config = ConfigDict(json_schema_extra={"example": A_LINE})

    referral_id: str
    version: int
    nation: Nation
    priority: Priority = Field(description="The priority that it counts as.")
    status: ReferralStatus
    received_at: datetime
    hours_since_received: int
    needed_from: date
    restricted: bool


class NeedsAnswer(Answer):
    """What is recorded of the needs of a household; null is "not yet asked"."""

    priority: Priority
    needed_from: date
    nation: Nation
    no_shelter_tonight: bool | None
    detention_risk: bool | None
    expected_stay_days: int | None
    min_security_level: int | None
    services_required: Sorted
    needs_step_free: bool | None
    language_required: bool | None
    cross_border: bool | None
    accepts_sharing: bool | None
    risk_to_others: RiskToOthers | None
    acceptable_site_genders: Sorted
    preferred_regions: Sorted
    excluded_areas: Sorted
    first_responder: str
    exploitation_type: str
    nrm_status: str


class PersonAnswer(Answer):
    """Somebody of a household; `left_on` where they have left before the others."""

    person_id: str = Field(validation_alias=AliasPath("person", "person_id"))
    is_lead: bool = Field(validation_alias=AliasPath("person", "is_lead"))
    gender: Gender = Field(validation_alias=AliasPath("person", "gender"))
    age: int | None = Field(validation_alias=AliasPath("person", "age"))
    age_status: AgeStatus | None = Field(validation_alias=AliasPath("person", "age_status"))
    together_confirmed: bool | None = Field(validation_alias=AliasPath("person", "together_confirmed"))
    due_on: date | None = Field(validation_alias=AliasPath("person", "due_on"))
    languages: Sorted = Field(validation_alias=AliasPath("person", "languages"))
    left_on: date | None


class DecisionsAnswer(Answer):
    """What was decided about a survivor, and when."""

    reasonable_grounds_on: date | None
    conclusive_grounds_on: date | None
    conclusive_grounds: ConclusiveGrounds | None


class ClockAnswer(Answer):
    """A period of a case. None of them ends a stay; `ends_on` is null while that is open."""

    kind: ClockKind
    starts_on: date
    period_ends_on: date
    ends_on: date | None
    assumed: bool = Field(description="Whether its nights are assumed, because none are published.")


class ComingAnswer(Answer):
    """Something that will change what a household needs during a stay."""

    kind: EventKind
    person_id: str
    on: date | None
    words: str


class StayOfCaseAnswer(Answer):
    """A stay of a household; `ended_on` where everybody has left."""

    placement_id: str
    state: PlacementState
    site_id: str
    unit_id: str
    bed_ids: list[str]
    starts_on: date
    expected_end_on: date
    ended_on: date | None
    nights: int = Field(validation_alias=AliasPath("length", "nights"))
    still_there: bool = Field(validation_alias=AliasPath("length", "censored"))
    coming: list[ComingAnswer]


class ReferralAnswer(Answer):
    """All that is known of a case. Who it must be kept apart from is not among it."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "line": A_LINE,
                "survivor_ref": "survivor-77",
                "needs": {
                    "priority": "urgent",
                    "needed_from": "2026-03-03",
                    "nation": "England",
                    "no_shelter_tonight": False,
                    "detention_risk": False,
                    "expected_stay_days": 45,
                    "min_security_level": 2,
                    "services_required": [],
                    "needs_step_free": False,
                    "language_required": None,
                    "cross_border": None,
                    "accepts_sharing": True,
                    "risk_to_others": "low",
                    "acceptable_site_genders": [],
                    "preferred_regions": ["E12000007"],
                    "excluded_areas": [],
                    "first_responder": "police",
                    "exploitation_type": "",
                    "nrm_status": "",
                },
                "people": [],
                "notes": None,
                "not_yet_asked": ["cross_border"],
                "decisions": {
                    "reasonable_grounds_on": None,
                    "conclusive_grounds_on": None,
                    "conclusive_grounds": None,
                },
                "clocks": [],
                "stays": [],
                "named": [],
                "closed_at": None,
                "close_reason": None,
            }
        }
    )

    line: ReferralLineAnswer
    survivor_ref: str
    needs: NeedsAnswer
    people: list[PersonAnswer]
    notes: str | None
    not_yet_asked: list[str]
    decisions: DecisionsAnswer
    clocks: list[ClockAnswer]
    stays: list[StayOfCaseAnswer]
    named: list[str] = Field(description="Who may open it while it is restricted, by `user_id`.")
    closed_at: datetime | None
    close_reason: str | None


class Recorded(Answer):
    """That it is recorded; nothing of it is shown."""

    model_config = ConfigDict(json_schema_extra={"example": {"recorded": True}})

    recorded: bool = True
