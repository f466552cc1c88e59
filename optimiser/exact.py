"""Exact search over whole placements, in integers, with CP-SAT on the columns that are left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from optimiser.constraints import Rows
from optimiser.problem import Ints

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

SEED = 20_081_217
"""Any fixed number: with one worker the search is then the same on every run."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found: the chosen pairs (None: nothing), its bound, and whether it ran to its end.

    `bound` is on the level searched, None if the search was cut short before it had one. Where the search
    ran to its end and found nothing, there is no answer with what was required.
    """

    chosen: Ints | None
    bound: int | None
    complete: bool


def search(
    rows: Rows,
    usable: NDArray[np.bool_],
    required: Mapping[int, int],
    level: int,
    hint: Ints,
    time_limit_s: float,
) -> Found:
    """Return the best answer of a level among those that keep other levels at their values.

    Parameters
    ----------
    usable : ndarray, shape (columns,)
        Columns that may be used.
    required : mapping of level to value
        Levels to keep exactly.
    level : int
        The level to maximise.
    hint : ndarray
        Pairs to try first.
    time_limit_s : float
        Seconds; infinite for no limit.
    """
    from ortools.sat.python import cp_model

    if time_limit_s <= 0:
        return Found(None, None, complete=False)
    columns = np.flatnonzero(usable)
    model = cp_model.CpModel()
    variable = dict(zip(columns.tolist(), (model.new_bool_var("") for _ in columns), strict=True))
    _add_rows(model, rows, usable, variable)
    for kept, value in required.items():
        model.add(_total(rows.objectives[kept], columns, variable) == value)
    model.maximize(_total(rows.objectives[level], columns, variable))
    hinted = set(hint.tolist())
    for column in columns[columns < rows.pairs].tolist():
        model.add_hint(variable[column], column in hinted)
    solver = cp_model.CpSolver()
    _settings(solver, time_limit_s)
    status = solver.solve(model)
    complete = status in (cp_model.OPTIMAL, cp_model.INFEASIBLE)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return Found(None, None, complete)
    pairs = [c for c in columns[columns < rows.pairs].tolist() if solver.boolean_value(variable[c])]
    return Found(np.array(pairs, dtype=np.int64), round(solver.best_objective_bound), complete)


def _settings(solver: cp_model.CpSolver, time_limit_s: float) -> None:
    """One worker is repeatable, and was no slower than several on rounds of 200 × 320 and up."""
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = SEED
    solver.parameters.linearization_level = 2
    if np.isfinite(time_limit_s):
        solver.parameters.max_time_in_seconds = time_limit_s


def _total(values: Ints, columns: Ints, variable: Mapping[int, cp_model.IntVar]) -> cp_model.LinearExprT:
    from ortools.sat.python import cp_model

    counted = [column for column in columns.tolist() if values[column]]
    return cp_model.LinearExpr.weighted_sum(
        [variable[column] for column in counted], [int(values[column]) for column in counted]
    )


def _add_rows(
    model: cp_model.CpModel,
    rows: Rows,
    usable: NDArray[np.bool_],
    variable: Mapping[int, cp_model.IntVar],
) -> None:
    from ortools.sat.python import cp_model

    kept = usable[rows.index]
    row_of = np.repeat(np.arange(len(rows.upper)), np.diff(rows.start))[kept]
    index, value = rows.index[kept].tolist(), rows.value[kept]
    starts = np.searchsorted(row_of, np.arange(len(rows.upper) + 1))
    for row, (first, last) in enumerate(zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True)):
        values, upper = value[first:last], int(rows.upper[row])
        if values[values > 0].sum() <= upper and upper >= 0 and (values >= 0).all():
            continue
        members = [variable[column] for column in index[first:last]]
        if upper == 1 and (values == 1).all():
            model.add_at_most_one(members)
        else:
            model.add(cp_model.LinearExpr.weighted_sum(members, values.tolist()) <= upper)
