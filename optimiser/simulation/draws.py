"""The chance of one replication, drawn before anything happens: who comes when, and what each will do.

Every purpose has a stream of its own and every household its place in it, so that more beds, another policy
or longer stays change nothing else: two scenarios with one seed meet the same households.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import IntEnum
from typing import Self

import numpy as np

from optimiser.simulation.laws import Floats
from optimiser.simulation.model import Ints, Model, Stream
from optimiser.simulation.timing import JUST_AFTER


class _Purpose(IntEnum):
    """What chance decides; the numbers are part of what a seed means."""

    TIMES = 0
    PROFILES = 1
    STAYS = 2
    PATIENCE = 3
    DECLINES = 4


_FUTURE, _RESIDENTS, _WAITING, _FIRST_STREAM = range(4)
"""Origins of households, the new ones of each stream last."""


@dataclass(frozen=True)
class Cast:
    """Everybody there will be in one replication, in line; the first `residents` rows live there already.

    Times are days from the start of the run. `joins` is when a household asks for a place; `waited` how long
    it had waited then; `stay` how long it needs one from its first night; `patience` how long it waits
    before it gives up; `declines` how many offers it declines first.
    """

    residents: int
    profile: Ints
    joins: Floats
    waited: Floats
    stay: Floats
    patience: Floats
    declines: Ints

    @classmethod
    def of(cls, batches: list[_Batch], residents: int) -> Self:
        """Return batches of households one after another."""
        columns = {f.name: np.concatenate([getattr(b, f.name) for b in batches]) for f in fields(_Batch)}
        return cls(residents=residents, **columns)


@dataclass(frozen=True)
class _Batch:
    """Households of one origin: the columns of `Cast`."""

    profile: Ints
    joins: Floats
    waited: Floats
    stay: Floats
    patience: Floats
    declines: Ints

    def taken(self, rows: Ints) -> _Batch:
        return _Batch(**{f.name: getattr(self, f.name)[rows] for f in fields(self)})


def draw_cast(model: Model, seed: np.random.SeedSequence) -> Cast:
    """Return everybody of one replication."""
    future = _generator(seed, _FUTURE, _Purpose.TIMES).random()
    coming = [
        _coming(model, stream, future, seed, _FIRST_STREAM + place)
        for place, stream in enumerate(model.streams)
    ]
    batches = [_residents(model, future, seed), _waiting(model, future, seed)]
    if coming:
        together = Cast.of(coming, 0)
        merged = _Batch(**{f.name: getattr(together, f.name) for f in fields(_Batch)})
        batches.append(merged.taken(np.argsort(merged.joins, kind="stable")))
    return Cast.of(batches, len(model.residents.profile))


def _generator(seed: np.random.SeedSequence, origin: int, purpose: _Purpose) -> np.random.Generator:
    """Return the stream of one purpose: the same whenever it is asked for."""
    child = np.random.SeedSequence(seed.entropy, spawn_key=(*seed.spawn_key, origin, int(purpose)))
    return np.random.Generator(np.random.PCG64(child))


def _coming(model: Model, stream: Stream, future: float, seed: np.random.SeedSequence, origin: int) -> _Batch:
    """Return the new households of a stream, in the order of their arrival."""
    rates = stream.rates[stream.future(future)][: model.days]
    joins = _arrival_times(rates, _generator(seed, origin, _Purpose.TIMES))
    shares = _generator(seed, origin, _Purpose.PROFILES).random(len(joins))
    stays = _generator(seed, origin, _Purpose.STAYS).random(len(joins))
    return _Batch(
        profile=_profiles(stream, shares),
        joins=joins,
        waited=np.zeros(len(joins)),
        stay=stream.stay(future).left(stays, np.zeros(len(joins))),
        **_temper(model, seed, origin, len(joins)),
    )


def _arrival_times(rates: Floats, rng: np.random.Generator) -> Floats:
    """Return the times of a Poisson process whose rate is constant over each day.

    A process of rate 1 is drawn and its time stretched, so that a higher rate brings the same households
    sooner, and then more of them.
    """
    so_far = np.concatenate([[0.0], np.cumsum(rates)])
    total = float(so_far[-1])
    ticks = np.zeros(0)
    while not len(ticks) or ticks[-1] <= total:
        block = int(total / 4 + 4 * np.sqrt(total)) + 16
        last = ticks[-1] if len(ticks) else 0.0
        ticks = np.concatenate([ticks, last + np.cumsum(-np.log1p(-rng.random(block)))])
    return np.interp(ticks[ticks < total], so_far, np.arange(len(so_far), dtype=np.float64))


def _profiles(stream: Stream, shares: Floats) -> Ints:
    running = np.cumsum(stream.weights)
    places = np.searchsorted(running, shares * running[-1], side="right") if len(shares) else shares
    return stream.profiles[np.minimum(places, len(running) - 1).astype(np.int64)]


def _temper(model: Model, seed: np.random.SeedSequence, origin: int, count: int) -> dict[str, np.ndarray]:
    """Return how long households wait and how many offers they decline."""
    shares = _generator(seed, origin, _Purpose.PATIENCE).random(count)
    endless = np.full(count, np.inf)
    patience = endless if model.patience is None else model.patience.left(shares, np.zeros(count))
    declines = np.zeros(count)
    if model.decline_share > 0:
        chance = 1.0 - _generator(seed, origin, _Purpose.DECLINES).random(count)
        declines = np.floor(np.log(chance) / np.log(model.decline_share))
    return {"patience": patience, "declines": declines.astype(np.int64)}


def _waiting(model: Model, future: float, seed: np.random.SeedSequence) -> _Batch:
    """Return who waits on day 0, the longest wait first, and who is known to come."""
    waiting = model.waiting
    count = len(waiting.profile)
    stays = _generator(seed, _WAITING, _Purpose.STAYS).random(count)
    stay = np.zeros(count)
    for place, stream in enumerate(model.streams):
        its = waiting.stream == place
        stay[its] = stream.stay(future).left(stays[its], np.zeros(int(its.sum())))
    batch = _Batch(
        profile=waiting.profile,
        joins=np.where(waiting.joins > 0, waiting.joins - 1.0 + JUST_AFTER, 0.0),
        waited=waiting.waited,
        stay=stay,
        **_temper(model, seed, _WAITING, count),
    )
    return batch.taken(np.argsort(waiting.joins - waiting.waited, kind="stable"))


def _residents(model: Model, future: float, seed: np.random.SeedSequence) -> _Batch:
    """Return who has a place already, with what is left of each stay from its first night here."""
    residents = model.residents
    count = len(residents.profile)
    shares = _generator(seed, _RESIDENTS, _Purpose.STAYS).random(count)[residents.stays_as]
    stay = np.zeros(count)
    for place, stream in enumerate(model.streams):
        its = residents.stream == place
        stay[its] = stream.stay(future).left(shares[its], residents.so_far[its])
    begins = np.maximum(residents.arrives, 0.0)
    stay = np.where(np.isnan(residents.leaves), stay, residents.leaves - begins)
    return _Batch(
        profile=residents.profile,
        joins=begins,
        waited=np.zeros(count),
        stay=stay,
        **_temper(model, seed, _RESIDENTS, count),
    )
