"""From what happened to figures: counts by day and group, exact means over time, and waits.

Figures by day are counted at whole days; means are over real time. A household counts in every group that
its profile is in, a unit's beds in every group that could use them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from optimiser.simulation.draws import Cast
from optimiser.simulation.laws import Floats
from optimiser.simulation.log import Log, Times, Whole
from optimiser.simulation.model import Bools, Ints, Model

Counts = NDArray[np.int16 | np.int32]

BEDS_BY_DAY: Final = ("occupied", "held", "closed", "stock", "short")
"""Beds on the night of each day; `short` are those that waiting households need, a bed for each person."""
HOUSEHOLDS_BY_DAY: Final = ("waiting", "arrivals", "placed", "gave_up", "returned", "moved_on")
"""Households: those who wait on the night of each day, and what happened to how many since the night before.

`placed` counts offers that were accepted, `returned` households that lost a place with a limit or in a house
that closed and need another, `moved_on` stays that ended for good.
"""
MEASURES: Final = (*BEDS_BY_DAY, *HOUSEHOLDS_BY_DAY)
MEANS: Final = ("occupied", "held", "short", "waiting")
"""What also has an exact mean over time."""
LONGEST_WAIT_DAYS: Final = 730
"""Waits are counted by whole days begun; the last place has all that are longer."""


@dataclass(frozen=True)
class Record:
    """The figures of one replication.

    Attributes
    ----------
    by_day : dict of ndarray, shape (days + 1, G)
        Each of `MEASURES`; row 0 is day 0.
    means : dict of ndarray, shape (G,)
        Each of `MEANS`, over real time, the warm-up left out.
    waits : ndarray, shape (LONGEST_WAIT_DAYS + 2, G)
        Households placed after the warm-up by how long they had waited: not at all, up to 1 day, up to 2, …
    wait_days : ndarray, shape (G,)
        Days waited in all by those who were placed or gave up after the warm-up.
    events : int
        How much happened.
    """

    by_day: dict[str, Counts]
    means: dict[str, Floats]
    waits: Counts
    wait_days: Floats
    events: int


@dataclass(frozen=True)
class Ruler:
    """What the records of one model's replications have in common.

    `sign_of` (P,) is the number of each profile's set of groups, `groups` (n, G) are those sets; the same for
    units. `stock` (days + 1, G) are the beds of units that are open.
    """

    sign_of: Ints
    groups: Floats
    unit_sign_of: Ints
    unit_groups: Floats
    stock: Counts

    @classmethod
    def of(cls, model: Model) -> Ruler:
        """Return the ruler for a model."""
        sign_of, groups = _sets(model.profiles.groups)
        unit_sign_of, unit_groups = _sets(model.units.groups)
        units = model.units
        open_for = _Spans(np.maximum(units.opens, 0.0), np.maximum(units.closes, 0.0), unit_sign_of)
        beds = (units.singles + units.cots).astype(np.float64)
        stock = _Frame(0, model.days).nights(open_for, beds, unit_groups)
        return cls(sign_of, groups, unit_sign_of, unit_groups, stock)


@dataclass(frozen=True)
class _Spans:
    """Times `[begins, ends)` of something that counts in a set of groups."""

    begins: Floats
    ends: Floats
    sign: Ints


@dataclass(frozen=True)
class _Frame:
    """The days of a run, and after how many of them means, totals and waits begin."""

    start: int
    days: int

    def row(self, times: Floats) -> Ints:
        """Return the first night at or after each time: 0 before day 0, `days` + 1 after the end."""
        return np.clip(np.ceil(times), 0, self.days + 1).astype(np.int64)

    def flow(self, times: Floats, sign: Ints, groups: Floats) -> Counts:
        """Return how much happened since the night before, by day and group (days + 1, G)."""
        rows = self.row(times)
        counted = rows <= self.days
        return self._spread(rows[counted], sign[counted], None, groups, self.days + 1)

    def nights(self, spans: _Spans, weights: Floats, groups: Floats) -> Counts:
        """Return what is there on the night of each day, by group (days + 1, G)."""
        first, after = self.row(spans.begins), self.row(spans.ends)
        rows, sign = np.concatenate([first, after]), np.concatenate([spans.sign, spans.sign])
        steps = self._spread(rows, sign, np.concatenate([weights, -weights]), groups, self.days + 2)
        return np.cumsum(steps, axis=0, dtype=np.int32)[:-1]

    def mean(self, spans: _Spans, weights: Floats, groups: Floats) -> Floats:
        """Return the mean over real time of what is there, by group (G,)."""
        begins, ends = (np.clip(times, self.start, self.days) for times in (spans.begins, spans.ends))
        there = np.maximum(ends - begins, 0.0) * weights
        return np.bincount(spans.sign, there, minlength=len(groups)) @ groups / (self.days - self.start)

    @staticmethod
    def _spread(rows: Ints, sign: Ints, weights: Floats | None, groups: Floats, height: int) -> Counts:
        cells = np.bincount(rows * len(groups) + sign, weights, minlength=height * len(groups))
        return np.rint(cells.reshape(height, len(groups)) @ groups).astype(np.int32)


def record_of(model: Model, ruler: Ruler, cast: Cast, log: Log) -> Record:
    """Return the figures of a replication."""
    frame, groups = _Frame(model.warm_up_days, model.days), ruler.groups
    spans = _spans(model, ruler, cast, log)
    by_day = {name: frame.nights(span, weights, groups) for name, (span, weights) in spans.items()}
    by_day["stock"] = ruler.stock
    closed = _Spans(
        _times(log.closed_from), _times(log.closed_until), ruler.unit_sign_of[_rows(log.closed_unit)]
    )
    by_day["closed"] = frame.nights(closed, np.ones(len(closed.sign)), ruler.unit_groups)
    sign = ruler.sign_of[cast.profile]
    for name, (times, households) in _happenings(model, cast, log).items():
        by_day[name] = frame.flow(times, sign[households], groups)
    by_day["moved_on"] -= by_day["returned"]
    return Record(
        by_day={name: _in_few_bytes(by_day[name]) for name in MEASURES},
        means={name: frame.mean(*spans[name], groups) for name in MEANS},
        **_waits(model, frame, cast, log, ruler),
        events=log.events,
    )


def _spans(model: Model, ruler: Ruler, cast: Cast, log: Log) -> dict[str, tuple[_Spans, Floats]]:
    """Return when beds are occupied or held and when households wait, and the beds or households each."""
    sign = ruler.sign_of[cast.profile]
    beds_of = (model.profiles.singles + model.profiles.under_twos)[cast.profile].astype(np.float64)
    who = _rows(log.who)
    placed, leaves = _times(log.placed), _times(log.leaves)
    comes = np.minimum(placed + model.hold_days, leaves)
    comes[: cast.residents] = np.minimum(np.maximum(model.residents.arrives, 0.0), leaves[: cast.residents])
    beds = beds_of[who]
    beds[: cast.residents] = model.residents.singles + model.residents.cots
    new, unplaced = slice(cast.residents, None), _unplaced(model, cast, log)
    waiting = np.concatenate([who[new], unplaced])
    wait = _Spans(
        np.concatenate([_asked(cast, log)[new], _times(log.asked)[unplaced]]),
        np.concatenate([placed[new], _times(log.gives_up)[unplaced]]),
        sign[waiting],
    )
    return {
        "occupied": (_Spans(comes, leaves, sign[who]), beds),
        "held": (_Spans(placed, comes, sign[who]), beds),
        "short": (wait, beds_of[waiting]),
        "waiting": (wait, np.ones(len(waiting))),
    }


def _unplaced(model: Model, cast: Cast, log: Log) -> Ints:
    """Return the households that asked for a place and were not given it, whether they gave up or wait on."""
    many = len(cast.joins)
    asked = np.bincount(_rows(log.returned), minlength=many)
    asked[cast.residents :] += 1
    given = np.bincount(_rows(log.who)[cast.residents :], minlength=many)
    return np.flatnonzero((asked > given) & (_times(log.asked) <= model.days))


def _happenings(model: Model, cast: Cast, log: Log) -> dict[str, tuple[Floats, Ints]]:
    """Return when something happened, and to which household."""
    residents, unplaced = cast.residents, _unplaced(model, cast, log)
    comers = np.flatnonzero((np.arange(len(cast.joins)) >= residents) & (cast.joins > 0))
    return {
        "arrivals": (cast.joins[comers], comers),
        "placed": (_times(log.placed)[residents:], _rows(log.who)[residents:]),
        "gave_up": (_times(log.gives_up)[unplaced], unplaced),
        "returned": (_times(log.returned_at), _rows(log.returned)),
        "moved_on": (_times(log.leaves), _rows(log.who)),
    }


def _waits(model: Model, frame: _Frame, cast: Cast, log: Log, ruler: Ruler) -> dict[str, Any]:
    """Return how long those placed after the warm-up had waited, and the days waited in all."""
    sign, groups = ruler.sign_of[cast.profile], ruler.groups
    placed, who = _times(log.placed)[cast.residents :], _rows(log.who)[cast.residents :]
    counted = placed > frame.start
    days, who = (placed - _asked(cast, log)[cast.residents :])[counted], who[counted]
    row = np.clip(np.ceil(days), 0, LONGEST_WAIT_DAYS + 1).astype(np.int64)
    height = LONGEST_WAIT_DAYS + 2
    cells = np.bincount(row * len(groups) + sign[who], minlength=height * len(groups))
    unplaced = _unplaced(model, cast, log)
    left = _times(log.gives_up)[unplaced]
    gave_up = (left > frame.start) & (left <= frame.days)
    gone = unplaced[gave_up]
    all_days = np.concatenate([days, left[gave_up] - _times(log.asked)[gone]])
    total = np.bincount(sign[np.concatenate([who, gone])], all_days, minlength=len(groups))
    by_wait = cells.reshape(height, len(groups)) @ groups
    return {"waits": np.rint(by_wait).astype(np.int32), "wait_days": total @ groups}


def _asked(cast: Cast, log: Log) -> Floats:
    """Return when the household of each stay had asked for a place."""
    asked = (cast.joins - cast.waited)[_rows(log.who)]
    asked[list(log.asked_again)] = list(log.asked_again.values())
    return asked


def _in_few_bytes(table: Counts) -> Counts:
    """Return counts in two bytes each where that is enough: they are sent between processes."""
    fits = not table.size or table.max() <= np.iinfo(np.int16).max
    return table.astype(np.int16) if fits else table


def _sets(groups: Bools) -> tuple[Ints, Floats]:
    """Return the number of each row's set of groups, and the sets (n, G), at least one."""
    if not len(groups):
        return np.zeros(0, dtype=np.int64), np.zeros((1, groups.shape[1]))
    sets, number = np.unique(groups, axis=0, return_inverse=True)
    return number.reshape(-1).astype(np.int64), sets.astype(np.float64)


def _times(column: Times) -> Floats:
    return np.array(column, dtype=np.float64)


def _rows(column: Whole) -> Ints:
    return np.array(column, dtype=np.int64)
