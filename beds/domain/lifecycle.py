"""The life of a case: which step may follow where, one table each for referrals, holds and placements.

Every change of a stored state goes through these tables; nothing else says what may follow what. That a hold
has run out is not a step: it is computed from the clock when it is read (`effective_hold_state`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final, TypeVar

from beds.domain.terms import HoldState, PlacementState, ReferralStatus

State = TypeVar("State", bound=StrEnum)
Step = TypeVar("Step", bound=StrEnum)


class IllegalStep(ValueError):
    """A step that may not follow where things stand."""

    def __init__(self, noun: str, state: str, accepted: tuple[str, ...]) -> None:
        """Say where things stand and which steps are accepted there."""
        self.accepted = accepted
        steps = f"accepted now: {', '.join(accepted)}" if accepted else "nothing can follow"
        super().__init__(f"the {noun} is {state.replace('_', ' ')}; {steps}")


class ReferralStep(StrEnum):
    """What can happen to a referral."""

    TRIAGE = "triage"
    HOLD = "hold"
    LOSE_HOLD = "lose_hold"
    PLACE = "place"
    NOT_ARRIVE = "not_arrive"
    MOVE_ON = "move_on"
    RETURN_TO_WAITING = "return_to_waiting"
    CLOSE = "close"


class HoldStep(StrEnum):
    """What can happen to a hold."""

    CONFIRM = "confirm"
    DECLINE = "decline"
    EXPIRE = "expire"
    RELEASE = "release"


class PlacementStep(StrEnum):
    """What can happen to a placement."""

    ARRIVE = "arrive"
    NOT_ARRIVE = "not_arrive"
    EXTEND = "extend"
    TRANSFER = "transfer"
    MOVE_OUT = "move_out"
    END = "end"


_R, _RS = ReferralStatus, ReferralStep
REFERRAL_STEPS: Final[Mapping[tuple[ReferralStatus, ReferralStep], ReferralStatus]] = MappingProxyType(
    {
        (_R.RECEIVED, _RS.TRIAGE): _R.WAITING,
        (_R.RECEIVED, _RS.CLOSE): _R.CLOSED,
        (_R.WAITING, _RS.HOLD): _R.HELD,
        (_R.WAITING, _RS.CLOSE): _R.CLOSED,
        # A hold that ran out leaves its referral `held` until the next claim: it may be held again at once.
        (_R.HELD, _RS.HOLD): _R.HELD,
        (_R.HELD, _RS.LOSE_HOLD): _R.WAITING,
        (_R.HELD, _RS.PLACE): _R.PLACED,
        (_R.HELD, _RS.CLOSE): _R.CLOSED,
        (_R.PLACED, _RS.NOT_ARRIVE): _R.WAITING,
        (_R.PLACED, _RS.MOVE_ON): _R.MOVED_ON,
        (_R.MOVED_ON, _RS.CLOSE): _R.CLOSED,
        # She comes back before the case is closed: the wait counts from the day she asked first.
        (_R.MOVED_ON, _RS.RETURN_TO_WAITING): _R.WAITING,
    }
)

_H, _HS = HoldState, HoldStep
HOLD_STEPS: Final[Mapping[tuple[HoldState, HoldStep], HoldState]] = MappingProxyType(
    {
        (_H.PLACED, _HS.CONFIRM): _H.CONFIRMED,
        (_H.PLACED, _HS.DECLINE): _H.DECLINED,
        (_H.PLACED, _HS.EXPIRE): _H.EXPIRED,
        (_H.PLACED, _HS.RELEASE): _H.RELEASED,
    }
)

_P, _PS = PlacementState, PlacementStep
PLACEMENT_STEPS: Final[Mapping[tuple[PlacementState, PlacementStep], PlacementState]] = MappingProxyType(
    {
        (_P.EXPECTED, _PS.ARRIVE): _P.ARRIVED,
        (_P.EXPECTED, _PS.NOT_ARRIVE): _P.NOT_ARRIVED,
        (_P.ARRIVED, _PS.EXTEND): _P.ARRIVED,
        (_P.ARRIVED, _PS.TRANSFER): _P.TRANSFERRED,
        (_P.ARRIVED, _PS.MOVE_OUT): _P.ARRIVED,
        (_P.ARRIVED, _PS.END): _P.ENDED,
    }
)


def step_referral(state: ReferralStatus, step: ReferralStep) -> ReferralStatus:
    """Return where a referral stands after a step.

    Raises
    ------
    IllegalStep
        It may not follow.
    """
    return _step("referral", REFERRAL_STEPS, state, step)


def step_hold(state: HoldState, step: HoldStep) -> HoldState:
    """Return where a hold stands after a step.

    Raises
    ------
    IllegalStep
        It may not follow.
    """
    return _step("hold", HOLD_STEPS, state, step)


def step_placement(state: PlacementState, step: PlacementStep) -> PlacementState:
    """Return where a placement stands after a step.

    Raises
    ------
    IllegalStep
        It may not follow.
    """
    return _step("placement", PLACEMENT_STEPS, state, step)


def effective_hold_state(state: HoldState, expires_at: datetime, now: datetime) -> HoldState:
    """Return where a hold stands at an instant: one whose time has run out is expired, stored or not."""
    return HoldState.EXPIRED if state is HoldState.PLACED and now >= expires_at else state


def _step(noun: str, table: Mapping[tuple[State, Step], State], state: State, step: Step) -> State:
    found = table.get((state, step))
    if found is None:
        raise IllegalStep(noun, state, tuple(str(s) for (where, s) in table if where is state))
    return found
