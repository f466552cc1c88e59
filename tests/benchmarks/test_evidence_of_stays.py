"""How well stays are known from records: 200 services that watched for two years, and one law behind them."""

from __future__ import annotations

import numpy as np
import pytest

from optimiser.length_of_stay import estimate, spread_by_departures
from optimiser.stays import StayLaw
from tests.unit.test_length_of_stay import seen_by

SERVICES = 200
LAWS = {"log_normal": StayLaw.log_normal(150, 0.6), "geometric": StayLaw.geometric(150)}


@pytest.mark.parametrize("name", LAWS)
def test_the_mean_stay_is_found_without_bias_and_its_spread_is_honest(name: str) -> None:
    """The five laws reach from the 10 to the 90 per cent point of what is not known: four in five hold it."""
    law = LAWS[name]
    means, held = [], 0
    for seed in range(SERVICES):
        found = estimate(seen_by(law, np.random.default_rng(seed), 250, watched_nights=730))
        around = [one.mean for one in spread_by_departures(found.law, found.departures, 5)]
        means.append(found.law.mean)
        held += min(around) <= law.mean <= max(around)

    assert np.mean(means) == pytest.approx(law.mean, rel=0.015)
    assert 0.74 <= held / SERVICES <= 0.88
