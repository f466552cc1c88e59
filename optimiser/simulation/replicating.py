"""One replication after another, wherever they are made: here, in processes beside, or on other machines.

A replication depends on the model and on its own seed and on nothing else, so that where it was made cannot
be seen in it.
"""

from __future__ import annotations

import gc
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from optimiser.simulation.classes import Tables, tables_of
from optimiser.simulation.draws import draw_cast
from optimiser.simulation.engine import Engine
from optimiser.simulation.model import Model
from optimiser.simulation.record import Record, Ruler, record_of


@dataclass(frozen=True)
class Prepared:
    """A model with what all its replications have in common."""

    model: Model
    tables: Tables
    ruler: Ruler

    @classmethod
    def of(cls, model: Model) -> Prepared:
        """Prepare a model."""
        return cls(model, tables_of(model), Ruler.of(model))

    def replicate(self, seed: np.random.SeedSequence) -> Record:
        """Return the figures of one replication."""
        with _without_collections():
            cast = draw_cast(self.model, seed)
            log = Engine(self.model, self.tables, cast).play()
            return record_of(self.model, self.ruler, cast, log)

    def replicate_all(self, seeds: Sequence[np.random.SeedSequence]) -> list[Record]:
        """Return the figures of several replications."""
        return [self.replicate(seed) for seed in seeds]


@contextmanager
def _without_collections() -> Iterator[None]:
    """Keep Python from looking for garbage among millions of events; there is none before the end."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


_prepared: list[Prepared] = []
"""The model of a process that replicates, set once when it begins."""


def begin_process(model: Model) -> None:
    """Prepare a model in a process of its own."""
    # Ctrl-C is for whoever began this process: they stop it, and it has nothing to say about that.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _prepared[:] = [Prepared.of(model)]


def replicate_here(seeds: Sequence[np.random.SeedSequence]) -> list[Record]:
    """Return replications of the model with which this process began."""
    return _prepared[0].replicate_all(seeds)
