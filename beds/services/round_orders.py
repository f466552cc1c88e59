"""What somebody who asks for a round has to have: the permission, and a right to see whom it keeps."""

from __future__ import annotations

from collections.abc import Mapping

from sqlmodel import Session

from beds.roles import Actor, Permission, require
from beds.services.freezing import Ground
from beds.services.kept_choices import NOBODY_KEPT
from beds.services.policy import Policy
from beds.services.solving import Order
from beds.services.visibility import require_case, require_unit


def order_of_round(
    session: Session,
    actor: Actor,
    ground: Ground,
    *,
    policy: Policy,
    kept: Mapping[str, str] = NOBODY_KEPT,
    time_limit_s: float | None = None,
) -> Order:
    """Return the order of a round on the estate as it is: a round on a part would promise beds twice.

    Parameters
    ----------
    kept : the unit in which each of some households is kept, by references

    Raises
    ------
    NotPermitted
        The actor may not run rounds.
    NotFound
        There is no such case or unit for this actor.
    """
    require(actor, Permission.RUN_ROUNDS)
    for referral_id, unit_id in kept.items():
        require_case(session, actor, referral_id)
        require_unit(session, actor, unit_id)
    return Order(ground.estate, ground.clock, policy, dict(kept), time_limit_s)
