"""HiGHS, kept silent, repeatable and interruptible."""

from __future__ import annotations

import highspy
import numpy as np
from numpy.typing import NDArray

from optimiser.constraints import Rows
from optimiser.problem import Ints

Status = highspy.HighsModelStatus
EPSILON = 1e-6
"""HiGHS keeps its rows, reduced costs and whole numbers to within 1e-6 or closer."""

WHOLE_EPSILON = 1e-4
"""How far below a whole number a bound may stand and still be that number: totals run to 10⁵."""
POLL_S = 0.2
"""How often it is looked whether a person wants to stop."""


class QuietHighs(highspy.Highs):
    """HiGHS that keeps standard output clean: it prints a banner as soon as callbacks are set up."""

    def enableCallbacks(self) -> None:  # noqa: N802  # HiGHS names it
        """Set up callbacks without a word."""
        self.setOptionValue("output_flag", False)
        super().enableCallbacks()  # type: ignore[no-untyped-call]


def load(rows: Rows, columns: Ints, *, whole: bool) -> QuietHighs:
    """Return HiGHS with the rows over some columns, each between 0 and 1, to be maximised.

    Parameters
    ----------
    columns : ndarray
        The columns to keep, in order; all others are 0.
    whole : bool
        Whether columns are whole numbers.
    """
    kept = np.zeros(rows.columns, dtype=np.bool_)
    kept[columns] = True
    place = np.cumsum(kept) - 1
    used = kept[rows.index]
    starts = np.concatenate([[0], np.cumsum(used)])[rows.start]
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = len(columns), len(rows.upper)
    model.sense_ = highspy.ObjSense.kMaximize
    model.col_cost_ = np.zeros(len(columns))
    model.col_lower_, model.col_upper_ = np.zeros(len(columns)), np.ones(len(columns))
    model.row_lower_ = np.full(len(rows.upper), -highspy.kHighsInf)
    model.row_upper_ = rows.upper.astype(np.float64)
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = starts.astype(np.int32)
    model.a_matrix_.index_ = place[rows.index[used]].astype(np.int32)
    model.a_matrix_.value_ = rows.value[used].astype(np.float64)
    if whole:
        model.integrality_ = [highspy.HighsVarType.kInteger] * len(columns)
    highs = QuietHighs()  # type: ignore[no-untyped-call]
    highs.setOptionValue("threads", 1)
    highs.setOptionValue("random_seed", 0)
    highs.passModel(model)
    return highs


def run(highs: QuietHighs, objective: NDArray[np.int64], time_limit_s: float) -> Status:
    """Maximise an objective within a time limit and return how it ended.

    It runs in a thread of its own, so that a person can stop it.
    """
    columns = np.arange(len(objective), dtype=np.int32)
    highs.changeColsCost(len(columns), columns, objective.astype(np.float64))
    highs.setOptionValue("time_limit", highs.getRunTime() + max(time_limit_s, 0.0))
    highs.HandleUserInterrupt = True
    try:
        solving = highs.startSolve()
        while solving.is_alive():
            solving.join(POLL_S)
    except KeyboardInterrupt:
        highs.cancelSolve()  # type: ignore[no-untyped-call]
        highs.wait()
        raise
    return highs.getModelStatus()


def add_row(highs: QuietHighs, values: NDArray[np.int64], lower: float, upper: float) -> None:
    """Add the row `lower ≤ Σ value · column ≤ upper`."""
    columns = np.flatnonzero(values).astype(np.int32)
    highs.addRow(lower, upper, len(columns), columns, values[columns].astype(np.float64))
