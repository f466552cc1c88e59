"""The closed form over an estate against 40,000 simulated futures, twenty times those of the suite."""

from __future__ import annotations

import numpy as np

from beds.domain.census import census
from beds.domain.scenario import Scenario
from beds.domain.terms import Nation
from beds.synthesis import synthesise
from optimiser.stays import StayLaw
from tests.builders import CLOCK, NOON
from tests.demand_builders import a_demand
from tests.unit.test_shortfall import QUANTILES, of, simulated

RUNS = 40_000
INTERPOLATED = 0.1
"""Beds: of the mean shortfall in nights between those whose distribution is worked out."""


def test_means_shortfalls_and_quantiles_of_every_night_are_those_of_the_simulation() -> None:
    estate = synthesise(60, 120, 3, as_at=NOON)
    laws = [StayLaw.log_normal(median, 0.5) for median in (50, 70, 110)]
    made = a_demand({Nation.ENGLAND: 2.4}, laws=laws, days=90, draws=3)

    found = of(estate, made, Scenario("a", horizon_days=90))
    runs = simulated(estate, census(estate, CLOCK), made, runs=RUNS)

    short = np.maximum(runs - found.stock, 0.0)
    for told, seen in ((found.needed.mean, runs), (found.short.mean, short)):
        error = 4.2 * seen.std(axis=0) / RUNS**0.5
        assert (np.abs(told - seen.mean(axis=0)) <= error + INTERPOLATED).all()
    for name, level in QUANTILES:
        for night in (1, 8, 16, 40, 77, 90):
            share = (runs[:, night] <= getattr(found.needed, name)[night]).mean()
            step = (runs[:, night] == getattr(found.needed, name)[night]).mean()
            assert level - 0.012 <= share <= level + step + 0.012
