"""The rows of a round without integrality: a bound a level, and which columns a best answer can use.

If the relaxation's best for a level is `v`, a column of reduced cost `d` not used there costs at least `|d|`
when it is used; so no answer within `g` of the bound uses a column with `|d| > g`. That takes most columns
away before any exact search begins.
"""

from __future__ import annotations

from dataclasses import dataclass

import highspy
import numpy as np
from numpy.typing import NDArray

from optimiser.constraints import Rows
from optimiser.highs import EPSILON, WHOLE_EPSILON, Status, add_row, load, run

DUAL, PRIMAL = 1, 4
"""HiGHS's codes for its simplex methods.

After a change of objective the last basis is still feasible, which is what the primal method starts from; on
400 sites × 1,200 households the first four levels took it a fifth of the time. The last level has values
of its own everywhere, and there the dual method was faster.
"""


@dataclass(frozen=True, slots=True)
class Bound:
    """The relaxation's best value of a level, how much of each column it uses, and what others would cost.

    `use` (columns,) is 0 to 1; `cost` (columns,) is what using a column would cost at least (≥ 0).
    """

    value: float
    use: NDArray[np.float64]
    cost: NDArray[np.float64]

    @property
    def whole(self) -> int:
        """The best value that whole placements could reach."""
        return int(np.floor(self.value + WHOLE_EPSILON))


class Relaxation:
    """A linear programme kept warm from one level to the next."""

    def __init__(self, rows: Rows) -> None:
        """Load the rows over all columns."""
        self._rows = rows
        self._highs = load(rows, np.arange(rows.columns), whole=False)

    def best(self, level: int, time_limit_s: float) -> Bound | None:
        """Return the bound of a level under what was required so far, or None if that cannot be.

        Raises
        ------
        TimeoutError
            The time is up.
        """
        mismatch = level == len(self._rows.objectives) - 1
        self._highs.setOptionValue("simplex_strategy", DUAL if mismatch else PRIMAL)
        status = run(self._highs, self._rows.objectives[level], time_limit_s)
        if status == Status.kInfeasible:
            return None
        if status != Status.kOptimal:
            raise TimeoutError("the relaxation was cut short")
        solution = self._highs.getSolution()
        use = np.asarray(solution.col_value)
        cost = np.where(use < EPSILON, np.maximum(-np.asarray(solution.col_dual), 0.0), 0.0)
        return Bound(value=float(self._highs.getObjectiveValue()), use=use, cost=cost)

    def require(self, level: int, at_least: int) -> None:
        """Keep a level at a value or better from now on."""
        add_row(self._highs, self._rows.objectives[level], at_least - EPSILON, highspy.kHighsInf)

    def rule_out(self, columns: NDArray[np.bool_]) -> None:
        """Take columns away."""
        gone = np.flatnonzero(columns).astype(np.int32)
        zeros = np.zeros(len(gone))
        self._highs.changeColsBounds(len(gone), gone, zeros, zeros)
