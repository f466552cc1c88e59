"""The JSON of a round (`allocation.md` §6): placements with their beds, and an outcome for everybody else."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final, NotRequired, TypedDict

from optimiser.allocation import Allocation
from optimiser.explain import barriers
from optimiser.problem import TIERS, BedSlot, NearMiss, Problem, Request, UnitSlot

SCHEMA_VERSION: Final = 1


class PlacementJson(TypedDict):
    """A household that is proposed a unit; `kept`, true, is there where a person settled it beforehand."""

    referral_id: str
    site_id: str
    unit_id: str
    bed_ids: list[str]
    starts_on: str
    expected_end_on: str
    mismatch: dict[str, int]
    kept: NotRequired[bool]


class BarrierJson(TypedDict):
    """Rules that, together, keep a household out of so many units that had room."""

    rules: list[str]
    units: int
    askable: bool


class UnplacedJson(TypedDict):
    """A household that takes part and is not placed."""

    referral_id: str
    outcome: str
    free_on: str | None
    outranked_by: dict[str, int]
    barriers: list[BarrierJson]


class RoundJson(TypedDict):
    """A round's answer."""

    schema_version: int
    as_at: str
    status: str
    objective: dict[str, int]
    bound: dict[str, int | None]
    placements: list[PlacementJson]
    unplaced: list[UnplacedJson]


def round_json(problem: Problem, allocation: Allocation) -> RoundJson:
    """Return a round's answer in the form that is printed, stored and checked."""
    unit_of = dict(allocation.assignment)
    return {
        "schema_version": SCHEMA_VERSION,
        "as_at": problem.as_at,
        "status": "optimal" if allocation.optimal else "feasible",
        "objective": allocation.objective,
        "bound": allocation.bound,
        "placements": _placements(problem, allocation),
        "unplaced": [
            unplaced for place, unplaced in enumerate(_unplaced(problem, allocation)) if place not in unit_of
        ],
    }


def barriers_json(near_misses: Iterable[NearMiss]) -> list[BarrierJson]:
    """Return the barriers among near misses, smallest sets only."""
    return [
        {"rules": list(barrier.rules), "units": barrier.units, "askable": barrier.askable}
        for barrier in barriers(near_misses)
    ]


def _placements(problem: Problem, allocation: Allocation) -> list[PlacementJson]:
    points = {
        (r, u): row for (r, u), row in zip(problem.pairs.tolist(), problem.mismatch.tolist(), strict=True)
    }
    beds = _beds(problem, allocation)
    today = date.fromisoformat(problem.today)
    placements: list[PlacementJson] = []
    for r, u in sorted(allocation.assignment):
        request, unit = problem.requests[r], problem.units[u]
        kinds = zip(problem.mismatch_kinds, points[r, u], strict=True)
        placement: PlacementJson = {
            "referral_id": request.ref,
            "site_id": unit.site,
            "unit_id": unit.ref,
            "bed_ids": beds[r],
            "starts_on": problem.today,
            "expected_end_on": (today + timedelta(days=_nights(request, unit))).isoformat(),
            "mismatch": {kind: value for kind, value in kinds if value},
        }
        if request.kept_in is not None:
            placement["kept"] = True
        placements.append(placement)
    return placements


def _nights(request: Request, unit: UnitSlot) -> int:
    return request.nights if unit.max_stay is None else min(request.nights, unit.max_stay)


def _beds(problem: Problem, allocation: Allocation) -> dict[int, list[str]]:
    """Return the beds of each placed household.

    In a unit the longest stays choose first, each the beds that are free for the shortest time that will do,
    then by reference; a child under two takes a cot if one is free.
    """
    in_unit: dict[int, list[int]] = defaultdict(list)
    for request, unit in sorted(allocation.assignment):
        in_unit[unit].append(request)
    beds: dict[int, list[str]] = {}
    for unit, requests in in_unit.items():
        slot = problem.units[unit]
        left = _shortest_free_first(slot.beds)
        for r in sorted(requests, key=lambda r: -_nights(problem.requests[r], slot)):
            beds[r] = _take_beds(problem.requests[r], _nights(problem.requests[r], slot), left)
    return beds


def own_beds(request: Request, nights: int, beds: Iterable[BedSlot]) -> list[str]:
    """Return the beds that one household alone is given out of those of a unit, fewer where too few are free.

    They are chosen as a round chooses them: free for the shortest time that will do, then by reference; a
    child under two takes a cot if one is free. Singles come before cots.
    """
    return _take_beds(request, nights, _shortest_free_first(beds))


def _shortest_free_first(beds: Iterable[BedSlot]) -> list[BedSlot]:
    return sorted(beds, key=lambda bed: (bed.free_nights is None, bed.free_nights or 0, bed.ref))


def _take_beds(request: Request, nights: int, left: list[BedSlot]) -> list[str]:
    """Take a household's beds out of those left, cots for babies first."""
    fitting = [bed for bed in left if bed.free_nights is None or bed.free_nights >= nights]
    babies = request.babies_by(nights)
    cots = [bed for bed in fitting if bed.is_cot][:babies]
    singles = [bed for bed in fitting if not bed.is_cot][: request.singles + babies - len(cots)]
    for bed in [*singles, *cots]:
        left.remove(bed)
    return [bed.ref for bed in [*singles, *cots]]


def _unplaced(problem: Problem, allocation: Allocation) -> list[UnplacedJson]:
    units_of: dict[int, set[int]] = defaultdict(set)
    for r, u in problem.pairs.tolist():
        units_of[r].add(u)
    newly_in: dict[int, Counter[str]] = defaultdict(Counter)
    for r, u in allocation.assignment:
        newly_in[u][TIERS[problem.requests[r].tier]] += 1
    rows: list[UnplacedJson] = []
    for place, request in enumerate(problem.requests):
        by = sum((newly_in[unit] for unit in sorted(units_of[place])), Counter[str]())
        contested = request.outcome is None and allocation.optimal
        rows.append(
            {
                "referral_id": request.ref,
                "outcome": request.outcome or ("outranked" if allocation.optimal else "not_proven"),
                "free_on": request.free_on,
                "outranked_by": {tier: by[tier] for tier in TIERS if by[tier]} if contested else {},
                "barriers": barriers_json(request.near_misses),
            }
        )
    return rows
