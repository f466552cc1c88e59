"""The same service in Ciw, a simulator of queues by others: the judge of ours where there is no formula."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import ciw
import numpy as np

from optimiser.stays import StayLaw


class _Nights(ciw.dists.Distribution):  # type: ignore[misc]
    """Whole nights by a law of stay."""

    def __init__(self, law: StayLaw, seed: int) -> None:
        self._law, self._rng = law, np.random.default_rng(seed)

    def sample(self, t: float | None = None, ind: Any = None) -> float:
        """Return one stay."""
        return float(self._law.sample(self._rng, 1)[0])


@dataclass(frozen=True)
class Service:
    """Some houses apart, each with arrivals of its own and so many beds."""

    rates: Sequence[float]
    beds: Sequence[int]
    stay: StayLaw
    patience: float | None
    days: int
    warm_up_days: int


@dataclass(frozen=True)
class Seen:
    """What one run in Ciw came to: by house, after the warm-up; `events` of the whole run."""

    gave_up: float
    waited: float
    occupied: float
    events: int


def simulation(service: Service, seed: int) -> Any:
    """Return the service as Ciw has it, ready to be run."""
    houses = len(service.rates)
    impatience = {}
    if service.patience is not None:
        impatience = {"reneging_time_distributions": [ciw.dists.Exponential(1.0 / service.patience)] * houses}
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(rate) for rate in service.rates],
        service_distributions=[_Nights(service.stay, seed * 1000 + n) for n in range(houses)],
        number_of_servers=list(service.beds),
        routing=[[0.0] * houses for _ in range(houses)],
        **impatience,
    )
    ciw.seed(seed)
    return ciw.Simulation(network)


def seen(service: Service, seed: int) -> Seen:
    """Run the service once in Ciw."""
    run = simulation(service, seed)
    run.simulate_until_max_time(service.days)
    records = run.get_all_records()
    start, end = service.warm_up_days, service.days
    counted = [r for r in records if r.exit_date > start or r.record_type == "service"]
    placed = [r for r in counted if r.record_type == "service"]
    still_there = [
        (person.service_start_date, end)
        for node in run.nodes[1:-1]
        for person in node.all_individuals
        if person.service_start_date is not False
    ]
    stays = [(r.service_start_date, r.exit_date) for r in placed] + still_there
    begun = [r for r in stays if r[0] > start]
    gone = [r for r in counted if r.record_type == "renege"]
    waits = sum(r.waiting_time for r in placed if r.service_start_date > start)
    return Seen(
        gave_up=len(gone) / (len(gone) + len(begun)),
        waited=(waits + sum(r.exit_date - r.arrival_date for r in gone)) / (len(gone) + len(begun)),
        occupied=sum(max(min(b, end) - max(a, start), 0.0) for a, b in stays) / (end - start),
        events=len(records) + sum(r.record_type == "service" for r in records) + len(still_there),
    )
