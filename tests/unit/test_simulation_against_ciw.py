"""Ours and Ciw's figures of the same service, where no formula has them: stays that are not exponential."""

from __future__ import annotations

import numpy as np
import pytest

from optimiser.simulation import Exponential, WholeNights, estimate, simulate
from optimiser.stays import StayLaw
from tests.another_simulator import Service, seen
from tests.models import a_model

RUNS = 15
LAWS = {
    "always as long": StayLaw.exactly(12),
    "a few very long": StayLaw.log_normal(8.0, 0.9),
}


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("patience", [5.0, 60.0])
def test_two_houses_of_unlike_size_lose_and_keep_as_many_as_in_ciw(law: str, patience: float) -> None:
    service = Service((1.0, 0.5), (12, 6), LAWS[law], patience, days=500, warm_up_days=100)
    own = np.zeros((2, 18))
    own[0, :12] = own[1, 12:] = 1
    model = a_model(
        own,
        rates=service.rates,
        stay=WholeNights(service.stay),
        days=service.days,
        warm_up_days=service.warm_up_days,
        patience=Exponential(patience),
    )

    ours = simulate(model, replications=RUNS, seed=4)

    theirs = [seen(service, seed) for seed in range(1, RUNS + 1)]
    ended = ours.waits.sum(axis=(1, 2)) + ours.total("gave_up").sum(axis=1)
    pairs = {
        "gave_up": ours.total("gave_up").sum(axis=1) / ended,
        "waited": ours.wait_days.sum(axis=1) / ended,
        "occupied": ours.means["occupied"].sum(axis=1),
    }
    for name, figures in pairs.items():
        difference = figures - np.array([getattr(run, name) for run in theirs])
        assert estimate(difference, level=0.99).holds(0.0), name
