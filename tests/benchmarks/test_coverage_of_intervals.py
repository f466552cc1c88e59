"""Coverage of the intervals of a forecast over more than a thousand series whose law is known.

The aim: within three points of 50, 80 and 95 %. Run with `-s` to see the table.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pytest
from numpy.typing import NDArray

from optimiser.forecasting.forecast import forecast
from optimiser.forecasting.scores import LEVELS, coverage, scores
from tests.simulated_series import PROCESSES, series

A_PROCESS, AHEAD, PATHS = 120, 8, 600
WITHIN = 0.03
Held = NDArray[np.bool_]


def tried(case: tuple[str, int, int]) -> tuple[Held, str]:
    """Whether the intervals of one series held, shape (n_levels, AHEAD), and the method that was chosen."""
    process, number, periods = case
    values = series(process, number, periods + AHEAD)
    said = forecast(values[:periods], horizon=AHEAD, seed=number, paths=PATHS)
    return scores(said.paths, values[periods:]).held, said.method


def line(name: str, held: Held, methods: Counter[str]) -> str:
    """One line of the table: pooled shares with binomial intervals (series as independent), by horizon."""
    pooled = []
    for level, inside in zip(LEVELS, held.mean(axis=(0, 2)), strict=True):
        doubt = coverage(level, round(inside * len(held)), len(held))
        pooled.append(f"{100 * inside:5.1f} [{100 * doubt.low:4.1f}, {100 * doubt.high:4.1f}]")
    ends = " ".join(f"{100 * held[:, 1, h].mean():5.1f}" for h in (0, 3, 7))
    return f"{name:32s} {'  '.join(pooled)}   80 % at 1, 4, 8: {ends}   {dict(methods.most_common(4))}\n"


@pytest.mark.parametrize("periods", [60, 40])
def test_intervals_hold_as_often_as_they_say(periods: int) -> None:
    cases = [(process, number, periods) for process in PROCESSES for number in range(A_PROCESS)]

    with ProcessPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(tried, cases, chunksize=A_PROCESS // 8))

    held = np.array([one for one, _ in results])
    for at, process in enumerate(PROCESSES):
        part = slice(at * A_PROCESS, (at + 1) * A_PROCESS)
        sys.stdout.write(line(process, held[part], Counter(method for _, method in results[part])))
    sys.stdout.write(line(f"all {len(cases)}, {periods} periods", held, Counter(m for _, m in results)))
    assert len(cases) >= 1000
    assert (np.abs(held.mean(axis=(0, 2)) - np.array(LEVELS)) < WITHIN).all()
