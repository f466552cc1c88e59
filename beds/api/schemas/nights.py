"""What is answered about the whole: tonight, and how full the estate is."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from beds.api.schemas.seen_cases import A_LINE, ReferralLineAnswer
from beds.api.schemas.shapes import Answer
from beds.domain.terms import Priority
from beds.domain.waiting import ClockKind

_NIGHTS: Final[JsonDict] = {
    "occupied": 60,
    "held": 2,
    "closed": 3,
    "vacant": 35,
    "stock": 100,
    "void": 38,
    "occupancy": 0.62,
}
_QUEUE: Final[JsonDict] = {
    "waiting": {"emergency": 1, "urgent": 3, "standard": 9},
    "held": 1,
    "to_triage": 0,
    "detention_risk": 1,
    "no_shelter_tonight": 1,
}


class QueueAnswer(Answer):
    """How many wait. Everybody at risk of detention or without shelter tonight is counted until in a bed."""

    waiting: dict[Priority, int]
    held: int
    to_triage: int
    detention_risk: int
    no_shelter_tonight: int


class RunningOutAnswer(Answer):
    """A hold in force that runs out soon."""

    hold_id: str
    referral_id: str
    expires_at: datetime
    minutes_left: int


class ClockOfCaseAnswer(Answer):
    """A period of a case that ends soon, or has ended in the last days; nothing happens by itself."""

    referral_id: str
    kind: ClockKind
    ends_on: date
    assumed: bool


class TonightAnswer(Answer):
    """The state of a night; what you have no right to is null or empty."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "as_at": "2026-03-03T12:00:00Z",
                "night": "2026-03-03",
                "own": _QUEUE,
                "everybody": _QUEUE,
                "first_in_line": [A_LINE],
                "longest_waits": [A_LINE],
                "running_out": [],
                "clocks": [],
                "vacant_units": 12,
                "phone_first_units": 4,
            }
        }
    )

    as_at: datetime
    night: date
    own: QueueAnswer | None = Field(description="Of the cases that you may see.")
    everybody: QueueAnswer | None = Field(description="Of all cases, as counts.")
    first_in_line: list[ReferralLineAnswer]
    longest_waits: list[ReferralLineAnswer]
    running_out: list[RunningOutAnswer]
    clocks: list[ClockOfCaseAnswer]
    vacant_units: int | None
    phone_first_units: int | None


class BedNightsAnswer(Answer):
    """Bed-nights by state: stock = occupied + held + closed + vacant."""

    occupied: int
    held: int
    closed: int
    vacant: int
    stock: int
    void: int = Field(description="Vacant + closed, the housing sector's sense.")
    occupancy: float | None = Field(description="Occupied ÷ (stock − closed); null where that is none.")


class OccupancyLineAnswer(Answer):
    """The bed-nights of a nation, a region (its ONS code) or a site."""

    name: str
    beds: int
    bed_nights: BedNightsAnswer


class OccupancyAnswer(Answer):
    """Bed-nights over `[starts_on, ends_on)`, and in all."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "starts_on": "2026-03-03",
                "ends_on": "2026-03-04",
                "by": "nation",
                "lines": [{"name": "England", "beds": 100, "bed_nights": _NIGHTS}],
                "total": _NIGHTS,
            }
        }
    )

    starts_on: date
    ends_on: date
    by: str
    lines: list[OccupancyLineAnswer]
    total: BedNightsAnswer
