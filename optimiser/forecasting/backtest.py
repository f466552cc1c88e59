"""Rolling origins: what each method would have said of periods that are known now.

At each origin a method sees the history up to there and nothing after it, the breaks inside it and no other.
Scores are means over origins, by horizon. Nothing here is fitted to what came.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from optimiser.forecasting.library import SHORTEST
from optimiser.forecasting.methods import (
    COMBINED,
    MEMBERS,
    METHODS,
    NAIVE,
    SEASONAL_NAIVE,
    default,
    draw,
    known,
    mean_of,
    suitable,
)
from optimiser.forecasting.past import LEAST_PERIODS, Past, past
from optimiser.forecasting.scores import LEVELS, Coverage, coverage, scores

Floats = NDArray[np.float64]

COMPARED: Final = 4
"""Horizons that methods are compared over: a year of quarters."""
LONGEST_START: Final = 24
"""The first origin is at most so far into the history: later ones know enough to be like today's."""
PATHS: Final = 400
LEAST_TO_CHOOSE_BY, MOST_TO_CHOOSE_BY = 6, 20
NAIVE_METHODS: Final = (NAIVE, SEASONAL_NAIVE)
WORTH_LEAVING: Final = 0.95
"""Assumption (ours): the default is left only for what scored a twentieth better. To choose the
best of several by twenty origins alone gives worse forecasts (measured over `tests/simulated_series.py`)."""


@dataclass(frozen=True, slots=True)
class Row:
    """How one method did at one horizon.

    Attributes
    ----------
    mase : float
        Mean absolute error of the median over that of "as a year ago" within the history (Hyndman and Koehler
        2006); under 1 is better than that.
    crps, pinball : float
        In the unit of the counts; lower is better.
    coverage : tuple of Coverage
        Of the central 50, 80 and 95 % intervals.
    """

    method: str
    label: str
    horizon: int
    origins: int
    mase: float
    crps: float
    pinball: float
    coverage: tuple[Coverage, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """One forecast of the past against what came, for a plot: periods counted from 0, 80 % interval."""

    method: str
    origin: int
    horizon: int
    period: int
    median: float
    low: float
    high: float
    actual: float


@dataclass(frozen=True)
class Backtest:
    """How methods did over rolling origins of one history.

    Attributes
    ----------
    rows : tuple of Row
        By method, then horizon.
    shown : tuple of Shown
        Every forecast of every origin.
    origins : tuple of int
        Periods known at each origin.
    default : str
        The method to keep to where nothing speaks for another.
    """

    rows: tuple[Row, ...]
    shown: tuple[Shown, ...]
    origins: tuple[int, ...]
    default: str

    @property
    def methods(self) -> tuple[str, ...]:
        """The methods compared, in their order."""
        return tuple(dict.fromkeys(row.method for row in self.rows))

    @property
    def horizons(self) -> int:
        """The longest horizon."""
        return max(row.horizon for row in self.rows)

    @property
    def winner(self) -> str:
        """The method with the lowest score."""
        return min(self.methods, key=self.score)

    @property
    def choice(self) -> str:
        """The method to forecast with: the winner, or the default where the winner is hardly better."""
        if self.default not in self.methods or not self._close(self.default):
            return self.winner
        return self.default

    def row(self, method: str, horizon: int) -> Row:
        """Return the row of a method and horizon."""
        return next(row for row in self.rows if (row.method, row.horizon) == (method, horizon))

    def plotted(self, method: str, horizon: int) -> tuple[Shown, ...]:
        """Return what a method said so many periods ahead, beside what came, by period: a line and a band."""
        return tuple(one for one in self.shown if (one.method, one.horizon) == (method, horizon))

    def score(self, method: str) -> float:
        """Return the CRPS of a method over that of naive, a mean over horizons up to 4: under 1 is better."""
        ahead = range(1, min(COMPARED, self.horizons) + 1)
        ratios = [_ratio(self.row(method, h).crps, self.row(NAIVE, h).crps) for h in ahead]
        return float(np.mean(ratios))

    def better(self, method: str, than: str) -> tuple[bool, ...]:
        """Return, by horizon, whether a method was better than another on both CRPS and MASE."""
        pairs = [(self.row(method, h), self.row(than, h)) for h in range(1, self.horizons + 1)]
        return tuple(one.crps < other.crps and one.mase < other.mase for one, other in pairs)

    def loses_to(self, method: str) -> tuple[str, ...]:
        """Return which of the naive methods a method lost to, over horizons up to 4."""
        simple = [code for code in NAIVE_METHODS if code in self.methods and code != method]
        return tuple(code for code in simple if self.score(method) > self.score(code))

    def sentence(self, method: str | None = None) -> str:
        """Return in words how a method did (the winner unless told) beside the naive ones."""
        code = self.winner if method is None else method
        count = f"of {len(self.methods)} methods over {len(self.origins)} origins"
        if code == self.winner:
            rank = f"best {count}"
        elif self._close(code):
            rank = f"within a twentieth of the best {count}"
        else:
            rank = f"not the best {count} (that is “{METHODS[self.winner].label}”)"
        said = [f"{METHODS[code].label}: {rank}"]
        said += [self._beside(code, simple) for simple in NAIVE_METHODS if self._beside(code, simple)]
        return "; ".join(said) + "."

    def _close(self, code: str) -> bool:
        return self.score(self.winner) >= WORTH_LEAVING * self.score(code)

    def _beside(self, code: str, simple: str) -> str:
        if simple not in self.methods or simple == code:
            return ""
        change = round(100 * (1 - _ratio(self.score(code), self.score(simple))))
        label = METHODS[simple].label
        if change == 0:
            return f"CRPS no better than “{label}”"
        return f"CRPS {abs(change)} % {'lower than' if change > 0 else 'higher: it loses to'} “{label}”"


def backtest(  # noqa: PLR0913 — the settings of a back-test, each with a default
    history: Floats,
    *,
    horizons: int = 8,
    least_origins: int = 20,
    season: int = 4,
    methods: Sequence[str] | None = None,
    breaks: Sequence[int] = (),
    seed: int = 0,
) -> Backtest:
    """Return how methods did over at least so many origins at each horizon from 1 to `horizons`.

    Parameters
    ----------
    history : ndarray, shape (periods,)
        Counts, 0 or more.
    methods : sequence of str, optional
        Codes of `METHODS`; all that suit the history and its first origin unless told. "naive" always takes
        part.
    breaks : sequence of int
        Periods from which something is known to have changed; each origin sees those before it.

    Raises
    ------
    ValueError
        The history is no history of counts, too short for so many origins, or a method is unknown.
    """
    whole = past(history, season=season, breaks=tuple(breaks))
    start = min(LONGEST_START, len(whole.history) - horizons - least_origins + 1)
    if start < LEAST_PERIODS:
        needed = LEAST_PERIODS + horizons + least_origins - 1
        raise ValueError(f"history: {needed} periods or more are accepted for {least_origins} origins")
    codes = suitable(whole, by_library=start >= SHORTEST) if methods is None else known(methods)
    return rolled(whole, codes, range(start, len(whole.history)), horizons=horizons, seed=seed)


def rolled(
    whole: Past, codes: Sequence[str], origins: Sequence[int], *, horizons: int, seed: int
) -> Backtest:
    """Return how methods did from given origins, each a number of periods known."""
    codes = tuple(dict.fromkeys((NAIVE, *codes)))
    judged = {code: [_Judged([], [], [], []) for _ in range(horizons)] for code in codes}
    shown: list[Shown] = []
    for origin in origins:
        before = whole.until(origin)
        ahead = min(horizons, len(whole.history) - origin)
        actual = whole.history[origin : origin + ahead]
        scale = _mase_scale(before)
        drawn: dict[str, Floats] = {}
        for code in codes:
            ready = code == COMBINED and drawn.keys() >= set(MEMBERS)
            paths = (
                mean_of([drawn[one] for one in MEMBERS]) if ready else draw(before, code, ahead, PATHS, seed)
            )
            drawn[code] = paths
            shown += _judge(judged[code], paths, actual, scale=scale, code=code, origin=origin)
    rows = tuple(
        _row(code, horizon, one) for code in codes for horizon, one in enumerate(judged[code], 1) if one.crps
    )
    return Backtest(rows, tuple(shown), tuple(origins), default(whole))


def chosen(whole: Past, *, horizon: int, seed: int, method: str | None = None) -> Backtest | None:
    """Return a quick back-test of the latest origins: to choose by, or of one method beside the naive ones.

    None where there is nothing to choose by: too few origins, a history that never changes, or a method of
    statsmodels, which would take too long.
    """
    ahead = min(COMPARED, horizon)
    last = len(whole.history) - ahead + 1
    start = max(LEAST_PERIODS, last - MOST_TO_CHOOSE_BY)
    if last - start < LEAST_TO_CHOOSE_BY or (method is not None and METHODS[method].by_library):
        return None
    if whole.history.min() == whole.history.max():
        return None
    codes = list(suitable(whole, by_library=False))
    if method is not None:
        codes = [*(code for code in codes if code in NAIVE_METHODS), method]
    return rolled(whole, codes, range(start, last), horizons=ahead, seed=seed)


@dataclass(frozen=True, slots=True)
class _Judged:
    """The scores of one method at one horizon, origin by origin."""

    errors: list[float]
    crps: list[float]
    pinball: list[float]
    held: list[NDArray[np.bool_]]


def _judge(
    into: list[_Judged], paths: Floats, actual: Floats, *, scale: float, code: str, origin: int
) -> list[Shown]:
    got = scores(paths, actual)
    shown = []
    for i, value in enumerate(actual):
        median = float(got.median[i])
        into[i].errors.append(abs(median - float(value)) / scale)
        into[i].crps.append(float(got.crps[i]))
        into[i].pinball.append(float(got.pinball[i]))
        into[i].held.append(got.held[:, i])
        shown.append(
            Shown(
                code, origin, i + 1, origin + i, median, float(got.low[i]), float(got.high[i]), float(value)
            )
        )
    return shown


def _row(code: str, horizon: int, judged: _Judged) -> Row:
    origins = len(judged.crps)
    inside = np.array(judged.held).sum(axis=0)
    return Row(
        method=code,
        label=METHODS[code].label,
        horizon=horizon,
        origins=origins,
        mase=float(np.mean(judged.errors)),
        crps=float(np.mean(judged.crps)),
        pinball=float(np.mean(judged.pinball)),
        coverage=tuple(coverage(level, int(n), origins) for level, n in zip(LEVELS, inside, strict=True)),
    )


def _mase_scale(before: Past) -> float:
    """Mean absolute change over a cycle within the history; 1 where nothing ever changed."""
    lag = before.season if len(before.history) > before.season else 1
    return float(np.abs(before.history[lag:] - before.history[:-lag]).mean()) or 1.0


def _ratio(one: float, other: float) -> float:
    """One score over another; two perfect ones are equal."""
    if other > 0:
        return one / other
    return 1.0 if one == 0 else float("inf")
