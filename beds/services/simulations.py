"""Scenarios simulated day by day under the real rules: side by side, by the same households in each of them.

What the closed form leaves out is in it: who may live where, rooms that are not filled, waiting, declines,
holds, closures and who gives up. A replication is one future; the same seed meets the same households.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from beds.domain.needs import Need
from beds.domain.scenario import WINDOW, Scenario
from beds.domain.terms import SERVED_NATIONS, Nation
from beds.errors import BadInput
from beds.services.demand import Demand, demand, nights_ahead
from beds.services.forecasts import Asked, Known
from beds.services.own_history import own_history
from beds.services.planning import Comparison, Measure, Outcome, compare
from beds.services.scenario_draws import Window, pounds_of
from beds.services.simulation_model import group_label, simulation_model
from beds.services.supposed_estate import supposed_estate
from beds.services.unit_costs import unit_costs
from optimiser.chain import DAYS_A_YEAR
from optimiser.simulation import Model, Runs, simulate
from optimiser.stays import Floats

MOST_REPLICATIONS = 10_000
MOST_WORKERS = 64
NOT_TOLD = frozenset({Measure.NEEDED, Measure.COST_OF_NEED})
"""What is needed whatever beds there are is the closed form's to say: here people wait, and give up."""

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class How:
    """How often, and where, replications are made."""

    replications: int = 20
    workers: int = 1
    dask: str | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be done.

        Raises
        ------
        BadInput
            A number is out of range.
        """
        if not 2 <= self.replications <= MOST_REPLICATIONS:
            raise BadInput(f"--replications: a whole number from 2 to {MOST_REPLICATIONS:,} is accepted")
        if not 1 <= self.workers <= MOST_WORKERS:
            raise BadInput(f"--workers: a whole number from 1 to {MOST_WORKERS} is accepted")


@dataclass(frozen=True)
class Simulated:
    """Scenarios side by side, with the runs of each."""

    comparison: Comparison
    runs: tuple[Runs, ...]
    demands: tuple[Demand, ...]


def simulated(known: Known, asked: Asked, how: How, *, on_progress: Progress | None = None) -> Simulated:
    """Return scenarios simulated over the nights of the last one, each in as many replications.

    Raises
    ------
    BadInput
        The scenarios do not fit each other or the records, or there is no Dask where it is said to be.
    """
    window = {name: getattr(asked.scenarios[-1], name) for name in WINDOW}
    scenarios = [replace(scenario, **window) for scenario in asked.scenarios]
    history = own_history(known.estate, known.clock)
    referrals = known.referrals(nights_ahead(scenarios[0], known.clock)[1], asked)
    runs: list[Runs] = []
    demands: list[Demand] = []

    def ask(scenario: Scenario) -> Outcome:
        to_come = demand(known.clock, scenario, history=history, seed=asked.seed, referrals=referrals)
        model = simulation_model(known.estate, known.clock, to_come, scenario)
        made = _run(model, how, asked.seed, scenario, on_progress)
        runs.append(made)
        demands.append(to_come)
        return _outcome(known, scenario, to_come, made, asked.seed)

    return Simulated(compare(ask, scenarios), tuple(runs), tuple(demands))


def _run(model: Model, how: How, seed: int, scenario: Scenario, on_progress: Progress | None) -> Runs:
    def tell(done: int, of: int) -> None:
        if on_progress is not None:
            on_progress(f"{scenario.name}: replication {done} of {of}")

    try:
        return simulate(
            model,
            replications=how.replications,
            seed=seed,
            workers=how.workers,
            dask=how.dask,
            on_progress=tell,
        )
    except ModuleNotFoundError as error:
        raise BadInput("--dask: Dask is not installed: install beds[dask]") from error
    except (OSError, TimeoutError) as error:
        raise BadInput(
            "--dask: the address of a Dask scheduler that answers, or `local`, is accepted"
        ) from error


def _outcome(known: Known, scenario: Scenario, to_come: Demand, runs: Runs, seed: int) -> Outcome:
    supposed = supposed_estate(known.estate, scenario)
    costs = unit_costs(supposed, scenario)
    window = Window.of(scenario, known.clock)
    found: dict[tuple[Nation, Measure], Floats] = {}
    for nation in SERVED_NATIONS:
        beds = _beds(runs, nation)
        pounds = pounds_of(beds, supposed, costs, nation, window, seed=seed)
        told = {kind: values for kind, values in (beds | pounds).items() if kind not in NOT_TOLD}
        found |= {(nation, kind): values for kind, values in told.items()}
    return Outcome(scenario, found, to_come.links, costs.lines())


def _beds(runs: Runs, nation: Nation) -> dict[Measure, Floats]:
    """Return what the replications come to for a nation after the warm-up, by night or a year."""
    group = runs.group_labels.index(group_label(nation, Need.ALL))
    days = runs.days - runs.warm_up_days
    used, held, short, waiting = (
        runs.means[name][:, group] for name in ("occupied", "held", "short", "waiting")
    )
    a_year = DAYS_A_YEAR / days
    stock = runs.by_day["stock"][:, runs.warm_up_days + 1 :, group].mean(axis=1)
    return {
        Measure.ARRIVALS: runs.total("arrivals")[:, group] * a_year,
        Measure.NEEDED: used + held + short,
        Measure.OCCUPIED: used,
        Measure.SHORT: short,
        Measure.STOCK: np.asarray(stock, dtype=np.float64),
        Measure.WAITING: waiting,
        Measure.GAVE_UP: runs.total("gave_up")[:, group] * a_year,
    }
