"""One round worked out by hand: the estate, and the right answer as the JSON of `allocation.md` §6.

It is noon on 3 March 2026. All need 30 nights, so until 2 April.

- S1, women only, London: U1 (B1, B2, cot C1) for one household; U2 shared (B3; B4 is held for R10).
- S2, women and men, no children, North West, staff speak Albanian: U3 (B5); U4 shared (B6; B7 is closed);
  U5 (B8), the only step-free unit, is somebody's until 20 March.
- R1 (emergency) must be kept apart from R2 (urgent, speaks Albanian only). R3 (urgent) has a baby of one, R4
  (standard) is a man, R6 (standard) came today. R5 is 17 and alone, R7 needs the highest security, R8 was not
  asked about stairs.

So R3 has U1 with the cot and leaves a single empty (8 points); R1 goes to S1 where she wants to be, R2 to S2
where she is understood, R4 to S2 too, having waited longer than R6.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from beds.domain.estate import Estate
from beds.domain.referral import Referral
from beds.domain.terms import BedKind, Gender, Priority, ReferralStatus, Sharing
from tests.builders import (
    a_bed,
    a_closure,
    a_hold,
    a_keep_apart,
    a_person,
    a_placement,
    a_referral,
    a_site,
    a_unit,
)

LONDON, NORTH_WEST = "E12000007", "E12000002"


def the_estate() -> Estate:
    """Return the estate of the round."""
    return Estate(
        sites=(
            a_site("S1"),
            a_site(
                "S2",
                admits=frozenset({Gender.FEMALE, Gender.MALE}),
                accepts_children=False,
                region=NORTH_WEST,
                staff_languages=frozenset({"sq"}),
            ),
        ),
        units=(
            a_unit("U1", "S1", step_free=False),
            a_unit("U2", "S1", step_free=False, sharing=Sharing.SHARED),
            a_unit("U3", "S2", step_free=False),
            a_unit("U4", "S2", step_free=False, sharing=Sharing.SHARED),
            a_unit("U5", "S2", step_free=True),
        ),
        beds=(
            a_bed("B1", "U1"),
            a_bed("B2", "U1"),
            a_bed("C1", "U1", BedKind.COT),
            a_bed("B3", "U2"),
            a_bed("B4", "U2"),
            a_bed("B5", "U3"),
            a_bed("B6", "U4"),
            a_bed("B7", "U4"),
            a_bed("B8", "U5"),
        ),
        closures=(a_closure("B7"),),
        referrals=(
            _waiting("R1", 1, priority=Priority.EMERGENCY, preferred_regions=frozenset({LONDON})),
            _waiting("R2", 0, priority=Priority.URGENT),
            _waiting("R3", 1, priority=Priority.URGENT),
            _waiting("R4", 2),
            _waiting("R5", 1),
            _waiting("R6", 3),
            _waiting("R7", 2, min_security_level=3),
            _waiting("R8", 2, needs_step_free=None),
            _waiting("R10", 1, status=ReferralStatus.HELD),
            _waiting("Q1", 1, status=ReferralStatus.PLACED),
        ),
        people=(
            a_person("A1", "R1"),
            a_person("A2", "R2", languages=frozenset({"sq"})),
            a_person("A3", "R3"),
            a_person("A3b", "R3", is_lead=False, age=1, gender=Gender.MALE),
            a_person("A4", "R4", gender=Gender.MALE),
            a_person("A5", "R5", age=17),
            a_person("A6", "R6"),
            a_person("A7", "R7"),
            a_person("A8", "R8"),
            a_person("A10", "R10"),
            a_person("AQ", "Q1"),
        ),
        keep_apart=(a_keep_apart("R2", "R1"),),
        holds=(a_hold("R10", "B4"),),
        placements=(a_placement("Q1", "B8", expected_end_on=date(2026, 3, 20)),),
    )


def _waiting(referral_id: str, march_day: int, **changes: Any) -> Referral:
    """Return a referral that needs level 2 and was received on a day of March (0: on 28 February)."""
    received = (
        datetime(2026, 3, march_day, 9, tzinfo=UTC) if march_day else datetime(2026, 2, 28, 9, tzinfo=UTC)
    )
    return a_referral(referral_id, **{"received_at": received, "min_security_level": 2, **changes})


def the_answer() -> dict[str, Any]:
    """Return the right answer, fresh on every call so that a test may spoil it."""
    return {
        "schema_version": 1,
        "as_at": "2026-03-03T12:00:00+00:00",
        "status": "optimal",
        "objective": {"emergency": 1, "urgent": 2, "standard": 1, "days_waited": 8, "mismatch": 8},
        "bound": {"emergency": 1, "urgent": 2, "standard": 1, "days_waited": 8, "mismatch": 8},
        "placements": [
            _placed("R1", "S1", "U2", ["B3"]),
            _placed("R2", "S2", "U4", ["B6"]),
            _placed("R3", "S1", "U1", ["B1", "C1"], mismatch={"beds": 8}),
            _placed("R4", "S2", "U3", ["B5"]),
        ],
        "unplaced": [
            _left("R5", "unaccompanied_child"),
            _left("R6", "outranked", outranked_by={"emergency": 1, "urgent": 2, "standard": 1}),
            _left("R7", "no_eligible_unit", barriers=[{"rules": ["security"], "units": 4, "askable": False}]),
            _left(
                "R8",
                "no_free_unit",
                free_on="2026-03-20",
                barriers=[{"rules": ["step_free"], "units": 4, "askable": False}],
            ),
        ],
    }


def the_answer_cut_short() -> dict[str, Any]:
    """Return the same answer from a round that ran out of time with the third level not proven."""
    answer = the_answer()
    answer["status"] = "feasible"
    answer["bound"] = {"emergency": 1, "urgent": 2, "standard": 2, "days_waited": None, "mismatch": None}
    answer["unplaced"][1] = _left("R6", "not_proven")
    return answer


def placement_of(answer: dict[str, Any], referral_id: str) -> dict[str, Any]:
    """Return the entry of a placed household, to be spoilt in place."""
    found: dict[str, Any] = next(one for one in answer["placements"] if one["referral_id"] == referral_id)
    return found


def explanation_of(answer: dict[str, Any], referral_id: str) -> dict[str, Any]:
    """Return the entry of a household that was not placed, to be spoilt in place."""
    found: dict[str, Any] = next(one for one in answer["unplaced"] if one["referral_id"] == referral_id)
    return found


def _placed(
    referral_id: str,
    site_id: str,
    unit_id: str,
    bed_ids: list[str],
    *,
    mismatch: dict[str, int] | None = None,
) -> dict[str, Any]:
    return {
        "referral_id": referral_id,
        "site_id": site_id,
        "unit_id": unit_id,
        "bed_ids": bed_ids,
        "starts_on": "2026-03-03",
        "expected_end_on": "2026-04-02",
        "mismatch": mismatch or {},
    }


def _left(referral_id: str, outcome: str, **told: Any) -> dict[str, Any]:
    nothing: dict[str, Any] = {"free_on": None, "outranked_by": {}, "barriers": []}
    return {"referral_id": referral_id, "outcome": outcome, **nothing, **told}
