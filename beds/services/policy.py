"""What the services are set to: periods, points, how long a hold lasts, when a vacancy is stale."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from beds.domain.periods import RecoveryPeriod
from beds.domain.points import MismatchPoints
from beds.suppression import Rule

if TYPE_CHECKING:
    from beds.settings import Settings


@dataclass(frozen=True, slots=True)
class Policy:
    """The settings that services turn on, in the types that they use."""

    periods: tuple[RecoveryPeriod, ...]
    points: MismatchPoints
    hold_lasts: timedelta
    hold_warning: timedelta
    availability_stale_after: timedelta
    rule: Rule


def policy_of(settings: Settings) -> Policy:
    """Return the policy of the settings and the reference data.

    Raises
    ------
    BadInput
        A setting is out of range, or the reference data cannot be read.
    """
    from beds.reference import recovery_periods
    from beds.settings import points_of, rule_of

    return Policy(
        periods=tuple(recovery_periods()),
        points=points_of(settings),
        hold_lasts=timedelta(minutes=settings.hold_minutes),
        hold_warning=timedelta(minutes=settings.hold_warning_minutes),
        availability_stale_after=timedelta(hours=settings.availability_stale_after_h),
        rule=rule_of(settings),
    )
