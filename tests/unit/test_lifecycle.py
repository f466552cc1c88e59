"""The life of a case: every step that may follow, and that no other does."""

from datetime import UTC, datetime, timedelta
from enum import StrEnum

import pytest

from beds.domain.lifecycle import (
    HOLD_STEPS,
    PLACEMENT_STEPS,
    REFERRAL_STEPS,
    HoldStep,
    IllegalStep,
    PlacementStep,
    ReferralStep,
    effective_hold_state,
    step_hold,
    step_placement,
    step_referral,
)
from beds.domain.terms import HoldState, PlacementState, ReferralStatus

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)

A_CASE = (
    (ReferralStep.TRIAGE, "waiting"),
    (ReferralStep.HOLD, "held"),
    (ReferralStep.LOSE_HOLD, "waiting"),
    (ReferralStep.HOLD, "held"),
    (ReferralStep.PLACE, "placed"),
    (ReferralStep.NOT_ARRIVE, "waiting"),
    (ReferralStep.HOLD, "held"),
    (ReferralStep.PLACE, "placed"),
    (ReferralStep.MOVE_ON, "moved_on"),
    (ReferralStep.CLOSE, "closed"),
)


def test_a_case_goes_from_received_to_closed() -> None:
    state = ReferralStatus.RECEIVED

    for step, expected in A_CASE:
        state = step_referral(state, step)

        assert state == expected


@pytest.mark.parametrize(
    ("steps", "states", "known", "step"),
    [
        (ReferralStep, ReferralStatus, REFERRAL_STEPS, step_referral),
        (HoldStep, HoldState, HOLD_STEPS, step_hold),
        (PlacementStep, PlacementState, PLACEMENT_STEPS, step_placement),
    ],
    ids=["referral", "hold", "placement"],
)
def test_a_step_that_is_not_in_the_table_is_refused(
    steps: type[StrEnum], states: type[StrEnum], known: dict, step
) -> None:
    for state in states:
        accepted = [one for one in steps if (state, one) in known]
        for one in set(steps) - set(accepted):
            with pytest.raises(IllegalStep) as refusal:
                step(state, one)

            assert set(refusal.value.accepted) == set(accepted)


@pytest.mark.parametrize("state", [HoldState.CONFIRMED, HoldState.DECLINED, HoldState.EXPIRED])
def test_nothing_follows_a_hold_that_is_over(state: HoldState) -> None:
    assert not [step for where, step in HOLD_STEPS if where is state]


def test_nobody_is_placed_without_a_hold_and_nobody_who_is_closed_comes_back() -> None:
    before = {state for (state, step), after in REFERRAL_STEPS.items() if after is ReferralStatus.PLACED}

    assert before == {ReferralStatus.HELD}
    assert not [step for state, step in REFERRAL_STEPS if state is ReferralStatus.CLOSED]


@pytest.mark.parametrize(
    ("minutes", "state"), [(-1, HoldState.PLACED), (0, HoldState.EXPIRED), (1, HoldState.EXPIRED)]
)
def test_a_hold_runs_out_by_the_clock_and_not_by_a_step(minutes: int, state: HoldState) -> None:
    now = NOON + timedelta(minutes=minutes)

    assert effective_hold_state(HoldState.PLACED, NOON, now) is state
    assert effective_hold_state(HoldState.CONFIRMED, NOON, now) is HoldState.CONFIRMED
