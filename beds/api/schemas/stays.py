"""What is sent and answered about holds and placements: opaque references, dates and states."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Final, Literal

from pydantic import ConfigDict, Field, StrictInt
from pydantic.config import JsonDict

from beds.api.schemas.shapes import Answer, Body, Day, Reason, Ref
from beds.domain.terms import DeclinedBy, HoldState, MoveOn, PlacementState

LONGEST_HOLD_MINUTES: Final = 24 * 60
Preference = Literal["interim", "language", "region"]
Overrides = Annotated[
    dict[Preference, Reason],
    Field(description="A reason for each preference that is not met. There is none for a hard rule."),
]

A_HOLD: Final[JsonDict] = {
    "hold_id": "hold-0a1b2c3d4e",
    "referral_id": "ref-0a1b2c3d4e",
    "site_id": "site-4",
    "unit_id": "unit-41",
    "bed_ids": ["bed-411"],
    "starts_on": "2026-03-03",
    "expected_end_on": "2026-04-02",
    "expires_at": "2026-03-03T14:00:00Z",
    "state": "placed",
    "minutes_left": 120,
    "warn": False,
    "reason": "best_for_her",
    "version": 1,
}


def given(overrides: Overrides) -> dict[str, str]:
    """Return the reasons for preferences that are not met, by kind."""
    return {str(kind): reason for kind, reason in overrides.items()}


class HoldBody(Body):
    """A unit to be kept for a household for a while."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "referral_id": "ref-0a1b2c3d4e",
                    "unit_id": "unit-41",
                    "reason": "best_for_her",
                    "overrides": {"language": "interpreter_booked"},
                }
            ]
        }
    )

    referral_id: Ref
    unit_id: Ref
    reason: Reason
    overrides: Overrides = Field(default_factory=dict)
    lasts_minutes: Annotated[StrictInt, Field(ge=1, le=LONGEST_HOLD_MINUTES)] | None = Field(
        default=None, description="How long; the service's own two hours where it is not stated."
    )


class ReasonBody(Body):
    """Why, in one word."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "plans_changed"}]})

    reason: Reason


class DeclineHoldBody(Body):
    """Who says no to what is held, and why."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"declined_by": "survivor", "reason": "too_near"}]}
    )

    declined_by: DeclinedBy
    reason: Reason


class HoldAnswer(Answer):
    """A hold as it stands now: `state` follows the clock."""

    model_config = ConfigDict(json_schema_extra={"example": A_HOLD})

    hold_id: str
    referral_id: str
    site_id: str
    unit_id: str
    bed_ids: list[str]
    starts_on: date
    expected_end_on: date
    expires_at: datetime
    state: HoldState
    minutes_left: int = Field(description="Whole minutes; 0 once it is over.")
    warn: bool = Field(description="Whether it runs out soon.")
    reason: str
    version: int


class ExtensionBody(Body):
    """Until when a stay is expected to last now."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"new_end_on": "2026-05-02"}]})

    new_end_on: Day


class TransferBody(Body):
    """The unit that a household moves to."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"unit_id": "unit-52"}]})

    unit_id: Ref
    overrides: Overrides = Field(default_factory=dict)


class MoveOutBody(Body):
    """Who of a household moves out, when, and where to."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"person_ids": ["person-0a1b2c3d4e"], "on": "2026-04-01", "move_on": "family_or_friends"}
            ]
        }
    )

    person_ids: list[Ref] = Field(min_length=1, max_length=30)
    on: Day
    move_on: MoveOn


class EndBody(Body):
    """When a stay ended, and where the household went."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"on": "2026-04-01", "move_on": "social_housing"}]}
    )

    on: Day
    move_on: MoveOn


class StayBedAnswer(Answer):
    """A bed of a stay, and who sleeps in it: nobody named for a baby who is due."""

    bed_id: str
    person_id: str | None
    starts_on: date
    expected_end_on: date
    ended_on: date | None
    move_on: MoveOn | None


class PlacementAnswer(Answer):
    """A household's stay: opaque references, dates and a state."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "placement_id": "stay-0a1b2c3d4e",
                "referral_id": "ref-0a1b2c3d4e",
                "site_id": "site-4",
                "unit_id": "unit-41",
                "state": "expected",
                "starts_on": "2026-03-03",
                "expected_end_on": "2026-04-02",
                "hold_id": "hold-0a1b2c3d4e",
                "move_on": None,
                "beds": [
                    {
                        "bed_id": "bed-411",
                        "person_id": "person-0a1b2c3d4e",
                        "starts_on": "2026-03-03",
                        "expected_end_on": "2026-04-02",
                        "ended_on": None,
                        "move_on": None,
                    }
                ],
                "version": 1,
            }
        }
    )

    placement_id: str
    referral_id: str
    site_id: str
    unit_id: str
    state: PlacementState
    starts_on: date
    expected_end_on: date
    hold_id: str | None
    move_on: MoveOn | None
    beds: list[StayBedAnswer]
    version: int


class DeclineAnswer(Answer):
    """A "no", and what follows from it: in force before `until`, for good where that is null."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "decline_id": "decline-0a1b2c3d4e",
                "referral_id": "ref-0a1b2c3d4e",
                "site_id": "site-4",
                "declined_by": "survivor",
                "reason": "location",
                "declined_on": "2026-03-03",
                "until": "2026-03-31",
                "consequence": "The site is not offered to her for four weeks.",
            }
        }
    )

    decline_id: str
    referral_id: str
    site_id: str
    declined_by: DeclinedBy
    reason: str
    declined_on: date
    until: date | None
    consequence: str
