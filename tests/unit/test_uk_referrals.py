"""Referrals a day from the published quarters: what is known is kept, what is not is forecast."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from beds.domain.clock import Clock
from beds.domain.scenario import Scenario
from beds.domain.terms import Nation
from beds.errors import BadInput
from beds.services.demand import demand
from beds.services.uk_referrals import UkReferrals, published_referrals
from tests.builders import CLOCK, TODAY

DAYS = 200


@pytest.fixture(scope="module")
def referrals() -> UkReferrals:
    """Those of the published series as known in March 2026."""
    return published_referrals(CLOCK, days=DAYS, draws=50, seed=1)


def past_days(
    referrals: UkReferrals, start: date, end: date
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Return the past from one day to before another."""
    first = TODAY - timedelta(days=referrals.past.shape[1] - 1)
    return referrals.past[:, (start - first).days : (end - first).days]


def test_published_quarters_keep_their_totals_in_every_future(referrals: UkReferrals) -> None:
    for start, end, total in (
        (date(2025, 7, 1), date(2025, 10, 1), 6_407),
        (date(2025, 10, 1), date(2026, 1, 1), 6_021),
    ):
        assert past_days(referrals, start, end).sum(axis=1) == pytest.approx(np.full(50, total))


def test_the_past_ends_tonight_and_the_future_begins_tomorrow_without_a_step(referrals: UkReferrals) -> None:
    assert referrals.future.shape == (50, DAYS)
    assert past_days(referrals, date(2023, 1, 1), date(2023, 1, 2)).shape == (50, 1)
    step = np.abs(referrals.future[:, 0] - referrals.past[:, -1]) / referrals.past[:, -1]
    assert step.max() < 0.05


def test_what_is_told_is_the_series_its_last_quarter_and_the_method(referrals: UkReferrals) -> None:
    assert referrals.source.startswith(
        "Home Office referrals by quarter to 2025-Q4, published by 2026-02-19; "
    )


def test_a_forecast_as_at_an_earlier_night_knows_what_was_published_by_then() -> None:
    then = Clock(CLOCK.as_at.replace(year=2025))

    found = published_referrals(then, days=10, draws=5, seed=1)

    assert "to 2025-Q4" not in found.source
    with pytest.raises(BadInput, match="or later is accepted"):
        published_referrals(Clock(CLOCK.as_at.replace(year=2020)), days=10, draws=5, seed=1)


def test_the_same_seed_gives_the_same_futures_and_another_gives_others(referrals: UkReferrals) -> None:
    again, other = (published_referrals(CLOCK, days=DAYS, draws=50, seed=seed) for seed in (1, 2))

    assert again.future.tobytes() == referrals.future.tobytes()
    assert other.future.tobytes() != referrals.future.tobytes()


def test_the_default_chain_begins_with_it() -> None:
    made = demand(CLOCK, Scenario("as_it_is", horizon_days=DAYS), draws=50, seed=1)

    begins = next(link for link in made.links if link.code == "referrals")
    assert begins.source.startswith("Home Office referrals by quarter")
    assert 18_000 < begins.low < begins.likely < begins.high < 60_000
    assert 300 < made.rates[Nation.ENGLAND].mean() * 365.25 < 2_000
