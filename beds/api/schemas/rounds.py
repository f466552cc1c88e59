"""What is sent and answered about rounds and their proposals."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Final, Literal

from pydantic import BeforeValidator, ConfigDict, Field
from pydantic.config import JsonDict

from beds.api.schemas.choices import BarrierAnswer
from beds.api.schemas.shapes import Answer, Body
from beds.api.schemas.stays import A_HOLD, HoldAnswer
from beds.domain.records.rounds import ProposalState
from beds.domain.terms import Outcome, Priority

LONGEST_S: Final = 600
_OBJECTIVE: Final[JsonDict] = {"emergency": 3, "urgent": 5, "standard": 9, "days_waited": 77, "mismatch": 310}
_A_LINE: Final[JsonDict] = {
    "run_id": "run-0a1b2c3d4e",
    "as_at": "2026-03-03T02:00:00Z",
    "recorded_at": "2026-03-03T02:00:04Z",
    "status": "optimal",
    "objective": _OBJECTIVE,
    "proposals": 17,
    "open_proposals": 17,
}
_A_PROPOSAL: Final[JsonDict] = {
    "proposal_id": "run-0a1b2c3d4e-0001",
    "run_id": "run-0a1b2c3d4e",
    "referral_id": "ref-0a1b2c3d4e",
    "site_id": "site-4",
    "unit_id": "unit-41",
    "bed_ids": ["bed-411"],
    "starts_on": "2026-03-03",
    "expected_end_on": "2026-04-02",
    "mismatch": {"language": 30},
    "state": "proposed",
}


class RoundBody(Body):
    """How a round is run."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"time_limit_s": 60}]})

    time_limit_s: Annotated[float, Field(gt=0, le=LONGEST_S, allow_inf_nan=False)] | None = Field(
        default=None, description="The best answer by then, with its bounds; until proven where not stated."
    )


class RoundLineAnswer(Answer):
    """A round in a list."""

    model_config = ConfigDict(json_schema_extra={"example": _A_LINE})

    run_id: str
    as_at: datetime
    recorded_at: datetime
    status: Literal["optimal", "feasible"]
    objective: dict[str, int]
    proposals: int
    open_proposals: int


class ProposedAnswer(Answer):
    """A household that the round would place."""

    referral_id: str
    site_id: str
    unit_id: str
    bed_ids: list[str]
    starts_on: date
    expected_end_on: date
    mismatch: dict[str, int]


class UnplacedAnswer(Answer):
    """A household that takes part and is not placed, and why."""

    referral_id: str
    outcome: Outcome
    free_on: date | None
    outranked_by: dict[Priority, int]
    barriers: list[BarrierAnswer]


class RoundAnswer(Answer):
    """A round's answer for the cases that you may see; `others` counts the rest by outcome."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "line": _A_LINE,
                "bound": _OBJECTIVE,
                "placements": [],
                "unplaced": [],
                "others": {"placed": 17},
            }
        }
    )

    line: RoundLineAnswer
    bound: dict[str, int | None]
    placements: list[ProposedAnswer]
    unplaced: list[UnplacedAnswer]
    others: dict[str, int]


class ProposalAnswer(Answer):
    """What a round proposes for one household, and what became of it."""

    model_config = ConfigDict(json_schema_extra={"example": _A_PROPOSAL})

    proposal_id: str
    run_id: str
    referral_id: str
    site_id: str
    unit_id: str
    bed_ids: list[str]
    starts_on: date
    expected_end_on: date
    mismatch: Annotated[dict[str, int], BeforeValidator(dict)]
    state: ProposalState


class ProposalsAnswer(Answer):
    """The proposals for the cases that you may see; `others` counts those for other cases."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"run_id": "run-0a1b2c3d4e", "proposals": [_A_PROPOSAL], "others": 16}}
    )

    run_id: str
    proposals: list[ProposalAnswer]
    others: int


class AcceptedAnswer(Answer):
    """What came of accepting one proposal: the hold, or the code and the words of the refusal."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "proposal_id": "run-0a1b2c3d4e-0001",
                "hold": A_HOLD,
                "code": None,
                "message": None,
            }
        }
    )

    proposal_id: str
    hold: HoldAnswer | None
    code: str | None
    message: str | None


class AllAcceptedAnswer(Answer):
    """What came of each open proposal that you may accept."""

    model_config = ConfigDict(json_schema_extra={"example": {"answers": []}})

    answers: list[AcceptedAnswer]
