"""Holds placed once, however often they are asked for: a page that is sent twice changes nothing more.

The page makes a key up when it offers the step; the answer is kept under it in the transaction of the change.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from sqlmodel import Session

from beds.domain.clock import Clock
from beds.roles import Actor, Permission, require
from beds.services.holds import NO_OVERRIDES, HoldView, hold_seen, place_hold
from beds.services.idempotency import KeptAnswer, KeyedRequest, answer_before, keep_answer
from beds.services.policy import Policy

DOOR = "dashboard"


def place_hold_once(  # noqa: PLR0913 the terms of a hold, and the name of the request
    session: Session,
    actor: Actor,
    key: str,
    referral_id: str,
    unit_id: str,
    *,
    reason: str,
    clock: Clock,
    policy: Policy,
    overrides: Mapping[str, str] = NO_OVERRIDES,
) -> HoldView:
    """Keep beds of a unit for a household, or return the hold that this very request has placed before.

    Raises
    ------
    KeyReused
        The key was given to another request.
    BedsError
        As for `place_hold`; a refusal is not kept, the same again may well succeed.
    """
    require(actor, Permission.CLAIM_BEDS)
    stated = {"referral_id": referral_id, "unit_id": unit_id, "reason": reason, "overrides": {**overrides}}
    request = KeyedRequest(key, DOOR, "holds", "", json.dumps(stated, sort_keys=True).encode())
    before = answer_before(session, actor, request)
    if before is not None:
        return hold_seen(session, actor, str(before.headers["hold_id"]), clock, policy.hold_warning)
    hold = place_hold(
        session,
        actor,
        referral_id,
        unit_id,
        reason=reason,
        clock=clock,
        policy=policy,
        overrides=overrides,
    )
    keep_answer(session, actor, request, KeptAnswer(201, None, {"hold_id": hold.hold_id}), clock=clock)
    return hold
