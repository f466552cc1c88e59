"""The verdict on one round's JSON: every fault, or none (`beds check`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from beds.checking.objective import expected_objective, faults_of_bound, faults_of_objective
from beds.checking.optimality import plain_improvements
from beds.checking.placements import (
    expected_mismatch,
    faults_of_placement,
    households_placed,
    known_placements,
    occupancy_after,
)
from beds.checking.shape import ClaimedRound, read_claims
from beds.checking.situation import Situation
from beds.checking.unplaced import faults_of_roster, faults_of_unplaced
from beds.domain.estate import Estate
from beds.domain.periods import RecoveryPeriod


def check_result(
    result: Mapping[str, object],
    estate: Estate,
    *,
    as_at: datetime | None,
    periods: Iterable[RecoveryPeriod],
    points: Mapping[str, int],
) -> list[str]:
    """Return every fault in a round's result, as sentences with opaque references; empty if it is right.

    Parameters
    ----------
    result : the parsed JSON of `allocation.md` §6.
    estate : the folder the round was run on.
    as_at : the instant the round was asked for; `None` takes the one the result states.
    periods : recovery periods by nation and date.
    points : points of one occurrence of each of the seven mismatches (`allocation.md` §4).

    Raises
    ------
    ValueError
        `as_at` has no offset.
    LookupError
        A stay is as long as the recovery period of a nation that has none on record.
    """
    claims, faults = read_claims(result)
    if claims is None:
        return faults
    if as_at is not None and as_at != claims.as_at:
        faults.append("as_at: is not the instant the check was asked for")
    situation = Situation.at(estate, as_at or claims.as_at, periods)
    return faults + _faults_of_round(situation, claims, points)


def _faults_of_round(situation: Situation, claims: ClaimedRound, points: Mapping[str, int]) -> list[str]:
    faults = faults_of_roster(situation, claims)
    placed, unknown = known_placements(situation, claims.placements)
    after = occupancy_after(situation, placed)
    faults += unknown
    for one in placed:
        faults += faults_of_placement(situation, after, one, points)
    total = sum(sum(expected_mismatch(after, one, points).values()) for one in placed)
    expected = expected_objective(households_placed(placed).values(), total)
    faults += faults_of_objective(claims, expected) + faults_of_bound(claims)
    faults += faults_of_unplaced(situation, claims, placed)
    # what could be improved is only a question once the answer itself stands
    if claims.is_optimal and not faults:
        faults += plain_improvements(situation, after, placed, points)
    return faults
