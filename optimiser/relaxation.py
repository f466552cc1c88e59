"""The rows of a round without integrality: a bound a level, and which columns a best answer can use.

If the relaxation's best for a level is `v`, a column of reduced cost `d` not used there costs at least `|d|`
when it is used; so no answer within `v - g` of the bound uses a column with `|d| > g`. That takes most
columns away before any exact search begins.
"""

from __future__ import annotations

from dataclasses import dataclass

import highspy
import numpy as np
from numpy.typing import NDArray

from optimiser.constraints import Rows

EPSILON = 1e-6
"""HiGHS keeps its rows and reduced costs to within 1e-7."""


@dataclass(frozen=True, slots=True)
class Bound:
    """The relaxation's best value of a level, and by column what its use would cost at least (≥ 0)."""

    value: float
    cost: NDArray[np.float64]

    @property
    def whole(self) -> int:
        """The best value that whole placements could reach."""
        return int(np.floor(self.value + EPSILON))


class _QuietHighs(highspy.Highs):
    """HiGHS that keeps standard output clean: it prints a banner as soon as callbacks are set up."""

    def enableCallbacks(self) -> None:  # noqa: N802  # HiGHS names it
        """Set up callbacks without a word."""
        self.setOptionValue("output_flag", False)
        super().enableCallbacks()  # type: ignore[no-untyped-call]


class Relaxation:
    """A linear programme kept warm from one level to the next."""

    def __init__(self, rows: Rows) -> None:
        """Load the rows; every column lies between 0 and 1."""
        self._rows = rows
        self._all = np.arange(rows.columns, dtype=np.int32)
        self._highs = _QuietHighs()  # type: ignore[no-untyped-call]
        self._highs.setOptionValue("threads", 1)
        self._highs.passModel(_model(rows))

    def best(self, level: int, time_limit_s: float) -> Bound | None:
        """Return the bound of a level under what was required so far, or None if that cannot be.

        Raises
        ------
        TimeoutError
            The time is up.
        """
        costs = self._rows.objectives[level].astype(np.float64)
        self._highs.changeColsCost(len(self._all), self._all, costs)
        self._highs.setOptionValue("time_limit", self._highs.getRunTime() + max(time_limit_s, 0.0))
        self._highs.run()
        status = self._highs.getModelStatus()
        if status == highspy.HighsModelStatus.kInfeasible:
            return None
        if status != highspy.HighsModelStatus.kOptimal:
            raise TimeoutError("the relaxation was cut short")
        solution = self._highs.getSolution()
        unused = np.asarray(solution.col_value) < EPSILON
        cost = np.where(unused, np.maximum(-np.asarray(solution.col_dual), 0.0), 0.0)
        return Bound(value=float(self._highs.getObjectiveValue()), cost=cost)

    def require(self, level: int, at_least: int) -> None:
        """Keep a level at a value or better from now on."""
        columns = np.flatnonzero(self._rows.objectives[level]).astype(np.int32)
        values = self._rows.objectives[level][columns].astype(np.float64)
        self._highs.addRow(at_least - EPSILON, highspy.kHighsInf, len(columns), columns, values)

    def rule_out(self, columns: NDArray[np.bool_]) -> None:
        """Take columns away."""
        gone = np.flatnonzero(columns).astype(np.int32)
        zeros = np.zeros(len(gone))
        self._highs.changeColsBounds(len(gone), gone, zeros, zeros)


def _model(rows: Rows) -> highspy.HighsLp:
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = rows.columns, len(rows.upper)
    model.sense_ = highspy.ObjSense.kMaximize
    model.col_cost_ = np.zeros(rows.columns)
    model.col_lower_, model.col_upper_ = np.zeros(rows.columns), np.ones(rows.columns)
    model.row_lower_ = np.full(len(rows.upper), -highspy.kHighsInf)
    model.row_upper_ = rows.upper.astype(np.float64)
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = rows.start.astype(np.int32)
    model.a_matrix_.index_ = rows.index.astype(np.int32)
    model.a_matrix_.value_ = rows.value.astype(np.float64)
    return model
