"""How good forecasts of the published series would have been: every method, from every origin of the past.

Published figures alone: no case is in it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from beds.errors import BadInput
from beds.nrm_series import (
    Group,
    Series,
    first_day_of_quarter,
    quarterly_positive_grounds,
    quarterly_referrals,
)
from beds.roles import Actor, Permission, require
from beds.services.elsewhere import Elsewhere
from optimiser.forecasting.backtest import Backtest, Row, backtest
from optimiser.forecasting.methods import NAIVE, SEASONAL_NAIVE, suitable
from optimiser.forecasting.past import past
from optimiser.forecasting.scores import Coverage

__all__ = ["Coverage", "Row", "Tried", "TriedForecasts", "titles_of_series", "tried", "try_methods"]

HORIZONS: Final = 8
LEAST_ORIGINS: Final = 20
NOTHING_BEATS: Final = {
    NAIVE: "Nothing did better here than to say that it stays as it is.",
    SEASONAL_NAIVE: "Nothing did better here than to say that it comes as it did a year ago.",
}


class Tried(StrEnum):
    """A published series that methods are tried on."""

    REFERRALS = "referrals"
    REFERRALS_OF_ADULTS = "referrals_of_adults"
    REFERRALS_OF_CHILDREN = "referrals_of_children"
    POSITIVE_GROUNDS_OF_ADULTS = "positive_grounds_of_adults"
    POSITIVE_GROUNDS_OF_CHILDREN = "positive_grounds_of_children"


_SERIES: Final[Mapping[Tried, Callable[[], Series]]] = MappingProxyType(
    {
        Tried.REFERRALS: quarterly_referrals,
        Tried.REFERRALS_OF_ADULTS: lambda: quarterly_referrals(group=Group.ADULT),
        Tried.REFERRALS_OF_CHILDREN: lambda: quarterly_referrals(group=Group.CHILD),
        Tried.POSITIVE_GROUNDS_OF_ADULTS: lambda: quarterly_positive_grounds(group=Group.ADULT),
        Tried.POSITIVE_GROUNDS_OF_CHILDREN: lambda: quarterly_positive_grounds(group=Group.CHILD),
    }
)


@dataclass(frozen=True)
class TriedForecasts:
    """A published series, and how each method would have forecast it."""

    series: Series
    found: Backtest

    @property
    def nothing_beats(self) -> str:
        """What nothing did better than to say, as a sentence; empty where a method did."""
        return NOTHING_BEATS.get(self.found.winner, "")

    def first_day(self, period: int) -> date:
        """Return the first day of a quarter, by its place in the series."""
        return first_day_of_quarter(self.series.periods[period])


def titles_of_series() -> dict[Tried, str]:
    """Return what each series that can be tried counts."""
    return {code: make().title for code, make in _SERIES.items()}


def try_methods(actor: Actor, name: str, *, all_of_them: bool, where: Elsewhere) -> TriedForecasts:
    """Return a back-test of a published series over horizons of 1 to 8 quarters, from 20 origins or more.

    Parameters
    ----------
    all_of_them : the models that are fitted by statsmodels too, some ten seconds instead of one; a
        forecast is made by one of the others
    where : the process that it is worked out in

    Raises
    ------
    NotPermitted
        The actor may not see scenarios.
    BadInput
        There is no such series.
    Busy
        Another forecast is being made.
    """
    require(actor, Permission.SEE_SCENARIOS)
    if name not in list(Tried):
        raise BadInput(f"series: one of {', '.join(Tried)} is accepted")
    return where.answer(tried, Tried(name), all_of_them)


def tried(name: Tried, all_of_them: bool) -> TriedForecasts:
    """Return the back-test of a published series; the same each time."""
    series = _SERIES[name]()
    whole = past(series.values, season=series.season, breaks=series.break_indices)
    found = backtest(
        series.values,
        horizons=HORIZONS,
        least_origins=LEAST_ORIGINS,
        season=series.season,
        methods=suitable(whole, by_library=all_of_them),
        breaks=series.break_indices,
    )
    return TriedForecasts(series, found)
