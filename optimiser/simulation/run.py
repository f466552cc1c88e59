"""Run a model many times: in this process, in several, or on a Dask cluster, with the same figures."""

from __future__ import annotations

import logging
import multiprocessing
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing, contextmanager
from typing import Any, Final, Protocol

import numpy as np

from optimiser.simulation.model import Model
from optimiser.simulation.record import Record
from optimiser.simulation.replicating import Prepared, begin_process, replicate_here
from optimiser.simulation.runs import Gathering, Runs

Progress = Callable[[int, int], None]
Stop = Callable[[], bool]
Seeds = Sequence[np.random.SeedSequence]
Records = Generator[Record, None, None]

LOCAL: Final = "local"
"""In place of an address: a Dask cluster of this machine's own, for as long as it is needed."""
PATIENCE_S: Final = 0.2
"""How long it may take until a wish to stop is heard."""
BATCHES_A_WORKER: Final = 8
MOST_IN_A_BATCH: Final = 4
DASK_ANSWERS_WITHIN_S: Final = 15


class _Result(Protocol):
    """Replications that are being made somewhere."""

    def result(self, timeout: float | None = None) -> list[Record]:
        """Return them, or raise a timeout."""
        ...


def simulate(  # noqa: PLR0913 how often, from which seed, where, and who is told
    model: Model,
    *,
    replications: int,
    seed: int,
    workers: int = 1,
    dask: str | None = None,
    on_progress: Progress | None = None,
    stop: Stop | None = None,
) -> Runs:
    """Return the figures of so many replications; where they are made does not change a byte of them.

    Parameters
    ----------
    model : Model
    replications : int, ≥ 1
    seed : int, ≥ 0
        Replication n has the same chance whatever the number of replications.
    workers : int, ≥ 1
        Processes on this machine, with or without Dask.
    dask : str, optional
        Address of a Dask scheduler whose workers have this package, or `LOCAL`.
    on_progress : callable, optional
        Told how many replications there are, out of how many.
    stop : callable, optional
        Asked again and again; once it says yes, those that are there are returned.

    Raises
    ------
    ValueError
        A number is out of range, or it was stopped before the first replication was there.
    ModuleNotFoundError
        Dask is wanted and not installed (`beds[dask]`).
    OSError
        There is no Dask scheduler at the address.
    """
    for name, value, least in (("replications", replications, 1), ("workers", workers, 1), ("seed", seed, 0)):
        if value < least:
            raise ValueError(f"{name}: {least} or more is accepted")
    seeds = np.random.SeedSequence(seed).spawn(replications)
    gathering, stopped = Gathering(model, replications), stop or (lambda: False)
    with closing(_records(model, seeds, workers, dask, stopped)) as records:
        for done, record in enumerate(records, start=1):
            gathering.add(record)
            if on_progress is not None:
                on_progress(done, replications)
            if stopped():
                break
    return gathering.runs()


def _records(model: Model, seeds: Seeds, workers: int, dask: str | None, stop: Stop) -> Records:
    """Yield the replications in the order of their seeds."""
    if dask is not None:
        return _on_dask(model, seeds, workers, dask, stop)
    if workers == 1 or len(seeds) == 1:
        prepared = Prepared.of(model)
        return (prepared.replicate(seed) for seed in seeds)
    return _in_processes(model, seeds, workers, stop)


def _in_processes(model: Model, seeds: Seeds, workers: int, stop: Stop) -> Records:
    # Spawned, not forked: whoever calls may have threads (a server, a solver) whose locks would be copied.
    context = multiprocessing.get_context("spawn")
    executor = ProcessPoolExecutor(
        min(workers, len(seeds)), mp_context=context, initializer=begin_process, initargs=(model,)
    )
    try:
        futures = [executor.submit(replicate_here, batch) for batch in _batches(seeds, workers)]
        yield from _in_order(futures, stop)
    finally:
        executor.shutdown(wait=True, cancel_futures=True)


def _on_dask(model: Model, seeds: Seeds, workers: int, address: str, stop: Stop) -> Records:
    import distributed

    library: Any = distributed  # it has no types
    with _quiet("distributed"):
        cluster = None
        if address == LOCAL:
            cluster = library.LocalCluster(
                n_workers=workers, threads_per_worker=1, dashboard_address=None, memory_limit=None
            )
        client = library.Client(address if cluster is None else cluster, timeout=DASK_ANSWERS_WITHIN_S)
        try:
            prepared = client.scatter(Prepared.of(model), broadcast=True, hash=False)
            hands = sum(client.nthreads().values()) or workers
            futures = [
                client.submit(Prepared.replicate_all, prepared, batch, pure=False)
                for batch in _batches(seeds, hands)
            ]
            yield from _in_order(futures, stop)
            client.cancel(futures)
        finally:
            # The client first: a cluster that closes under it is reported as an error of communication.
            client.close()
            if cluster is not None:
                cluster.close()


def _batches(seeds: Seeds, workers: int) -> list[Seeds]:
    """Return seeds in batches, several a worker so that none waits long for another."""
    size = min(max(len(seeds) // (workers * BATCHES_A_WORKER), 1), MOST_IN_A_BATCH)
    return [seeds[first : first + size] for first in range(0, len(seeds), size)]


def _in_order(futures: Sequence[_Result], stop: Stop) -> Records:
    for future in futures:
        records = None
        while records is None:
            if stop():
                return
            try:
                records = future.result(timeout=PATIENCE_S)
            except TimeoutError:
                continue
        yield from records


@contextmanager
def _quiet(name: str) -> Iterator[None]:
    """Keep a library from reporting what is not ours to act on while it shuts down."""
    logger = logging.getLogger(name)
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(level)
