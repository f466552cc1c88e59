"""The recovery period by nation and date: rows of data, never branches of code."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from beds.domain.terms import Nation


@dataclass(frozen=True, slots=True)
class RecoveryPeriod:
    """`nights` of recovery and reflection in a nation, for stays that begin on or after `in_force_from`."""

    nation: Nation
    in_force_from: date
    nights: int


def recovery_nights(nation: Nation, on: date, periods: Iterable[RecoveryPeriod]) -> int:
    """Return the nights of the period in force in `nation` on a date.

    Before the first period on record the first one is used: there was no shorter entitlement to fall back to.

    Raises
    ------
    LookupError
        No period is on record for the nation.
    """
    known = sorted((p.in_force_from, p.nights) for p in periods if p.nation is nation)
    if not known:
        raise LookupError(f"no recovery period on record for {nation}")
    in_force = [nights for start, nights in known if start <= on]
    return in_force[-1] if in_force else known[0][1]
