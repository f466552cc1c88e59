"""The back-test of the real series with every method there is, as a table. Run with `-s` to see it."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from beds.nrm_series import Series, quarterly_positive_grounds, quarterly_referrals
from optimiser.forecasting.backtest import Backtest, backtest

REAL = {
    "referrals, all": quarterly_referrals(),
    "referrals, adult": quarterly_referrals(group="adult"),
    "referrals, child": quarterly_referrals(group="child"),
    "positive grounds, adult": quarterly_positive_grounds(group="adult"),
    "positive grounds, child": quarterly_positive_grounds(group="child"),
}


def table(name: str, tried: Backtest) -> str:
    """Scores by method and horizon; coverage over horizons 1 to 4 with the binomial interval at horizon 1."""
    lines = [f"\n{name}: winner {tried.winner}, choice {tried.choice}\n{tried.sentence()}\n"]
    for method in sorted(tried.methods, key=tried.score):
        rows = [tried.row(method, h) for h in range(1, tried.horizons + 1)]
        held = [np.mean([row.coverage[i].share for row in rows[:4]]) for i in range(3)]
        doubt = rows[0].coverage[1]
        lines.append(
            f"{method:15s} {tried.score(method):5.3f}  MASE {' '.join(f'{row.mase:4.2f}' for row in rows)}"
            f"  CRPS {' '.join(f'{row.crps:4.0f}' for row in rows)}"
            f"  held {' '.join(f'{100 * one:3.0f}' for one in held)}"
            f"  80 % at 1: {100 * doubt.share:.0f} [{100 * doubt.low:.0f}, {100 * doubt.high:.0f}]\n"
        )
    return "".join(lines)


@pytest.mark.parametrize("name", REAL)
def test_the_winner_over_all_methods_beats_a_year_ago(name: str) -> None:
    real: Series = REAL[name]

    tried = backtest(real.values, breaks=real.break_indices)

    sys.stdout.write(table(name, tried))
    assert tried.better(tried.winner, "seasonal_naive")[:4] == (True,) * 4
