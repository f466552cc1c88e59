"""The best five levels of a problem by another model and another solver, for rounds too large to try all.

CP-SAT, one level after the other, each kept exactly once it is proven; no flow, no relaxation, no column left
out. The model is written from `allocation.md` and shares nothing with `optimiser.constraints`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from ortools.sat.python import cp_model

from optimiser.problem import Problem, Request, UnitSlot

Place = dict[tuple[int, int], cp_model.IntVar]


def best_by_cp_sat(problem: Problem) -> tuple[int, ...]:
    """Return the best five levels, each proven."""
    model = cp_model.CpModel()
    place: Place = {(r, u): model.new_bool_var("") for r, u in problem.pairs.tolist()}
    for request in range(len(problem.requests)):
        model.add_at_most_one(variable for (r, _), variable in place.items() if r == request)
    for number, unit in enumerate(problem.units):
        there = {problem.requests[r]: variable for (r, u), variable in place.items() if u == number}
        if not unit.shared:
            model.add_at_most_one(there.values())
        elif there:
            _share(model, unit, there)
    for a, b in problem.conflicts:
        sites = defaultdict(list)
        for (r, u), variable in place.items():
            if r in (a, b):
                sites[problem.units[u].site].append(variable)
        for variables in sites.values():
            model.add_at_most_one(variables)
    return tuple(_best_in_turn(model, problem, place))


def _share(model: cp_model.CpModel, unit: UnitSlot, there: dict[Request, cp_model.IntVar]) -> None:
    """One gender, and never more people than beds on any night from tonight on."""
    for one, variable in there.items():
        for other, another in there.items():
            if one.ref < other.ref and one.sharing_class != other.sharing_class:
                model.add_at_most_one(variable, another)
    stays = {one: min(one.nights, unit.max_stay or one.nights) for one in there}
    for night in set(stays.values()):
        lengths = [
            night if bed.free_nights is None else bed.free_nights for bed in unit.beds if not bed.is_cot
        ]
        free = sum(length >= night for length in lengths)
        model.add(sum(one.singles * there[one] for one in there if stays[one] >= night) <= free)


def _best_in_turn(model: cp_model.CpModel, problem: Problem, place: Place) -> Iterator[int]:
    requests = problem.requests
    points = dict(zip(map(tuple, problem.pairs.tolist()), problem.mismatch.sum(axis=1).tolist(), strict=True))
    levels = [
        *(sum(v for (r, _), v in place.items() if requests[r].tier == tier) for tier in range(3)),
        sum(requests[r].days_waited * v for (r, _), v in place.items()),
        sum(-points[pair] * v for pair, v in place.items()),
    ]
    for number, level in enumerate(levels):
        model.maximize(level)
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.linearization_level = 2
        assert solver.solve(model) == cp_model.OPTIMAL
        best = round(solver.objective_value)
        model.add(level == best)
        yield abs(best) if number == len(levels) - 1 else best
