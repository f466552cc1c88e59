"""Simulations as JSON documents: scenarios side by side, and group by group what became of the households."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from math import isfinite
from typing import Final

import numpy as np
from pydantic import JsonValue

from beds.domain.clock import Clock
from beds.domain.needs import NEED_LABELS, Need
from beds.domain.terms import SERVED_NATIONS, RunKind
from beds.services.forecast_documents import Json, compared, heading, plain
from beds.services.forecasts import Asked, Known, Made, require_no_site_named, text_of
from beds.services.shortfall import MODEL_VERSION
from beds.services.simulation_model import group_label
from beds.services.simulations import How, Progress, Simulated, simulated
from optimiser.simulation import Estimate, Runs

EVERY: Final = 7
CONFIDENCE: Final = 0.95
BY_NIGHT: Final = ("stock", "occupied", "held", "short", "waiting")
NOTES: Final = (
    "`short` is the beds that those who wait want: whoever gave up waiting is not in it.",
    "Mean days waited are of those placed or gone: who still waits at the end is not in them, so that they "
    "are too few where the line grows; `waiting` counts everybody who waits.",
    "`stock` is the beds of open sites, closed ones among them; a forecast counts those that can be used.",
    "A household counts in every group whose need it has; a bed in every group that could use it.",
    "`low` and `high` of `lines`: nine in ten replications; of rates in `groups`: the mean, at 95 per cent.",
)


def simulation_document(
    found: Simulated, clock: Clock, *, seed: int, asked_for: int, controlled: bool = False
) -> Json:
    """Return scenarios simulated side by side as a document.

    `lines`, `rests_on`: as in a comparison. `groups`: by scenario, each nation's households by need, with
    `share_that_waits`, `mean_wait_days`, `share_that_gives_up` (mean, low, high), the `average` night after
    the warm-up, and by night, once a week, `stock`, `occupied`, `held`, `short` (beds) and `waiting`
    (households) as `mean`, `p10`, `p90` over the replications. `digests`: a fingerprint of every figure of
    each scenario's runs.

    Parameters
    ----------
    controlled : for those who see no case: nations as a whole only, from the second night told on
    """
    scenarios = found.comparison.scenarios
    runs = found.runs
    nights = list(range(EVERY if controlled else 0, runs[0].days + 1, EVERY))
    return {
        **heading("simulation", clock.as_at, MODEL_VERSION, scenarios, seed),
        **compared(found.comparison),
        "replications": len(runs[0]),
        "asked_for": asked_for,
        "notes": list(NOTES),
        "nights": [_date(clock.today, night) for night in nights],
        "groups": {
            scenario.name: _groups(run, nights, [Need.ALL] if controlled else list(Need))
            for scenario, run in zip(scenarios, runs, strict=True)
        },
        "digests": {scenario.name: run.digest() for scenario, run in zip(scenarios, runs, strict=True)},
    }


def simulation_json(
    known: Known, asked: Asked, how: How, *, on_progress: Progress | None = None, controlled: bool = False
) -> Json:
    """Return scenarios simulated side by side as a document.

    Raises
    ------
    BadInput
        The scenarios do not fit each other or the records, or there is no Dask where it is said to be.
    """
    found = simulated(known, asked, how, on_progress=on_progress)
    document = simulation_document(
        found, known.clock, seed=asked.seed, asked_for=how.replications, controlled=controlled
    )
    return document | {"made_from": str(known.origin)}


def make_simulation(known: Known, asked: Asked, how: How, *, on_progress: Progress | None = None) -> Made:
    """Return a simulation that can be kept: for those who see no case.

    Raises
    ------
    NotPermitted
        A scenario closes a site by its reference, and who asks sees no site.
    BadInput
        As for `simulation_json`.
    """
    require_no_site_named(known, asked)
    document = simulation_json(known, asked, how, on_progress=on_progress, controlled=True)
    return Made(
        RunKind.SIMULATION,
        known.clock.as_at,
        asked.scenarios,
        asked.seed,
        str(MODEL_VERSION),
        text_of(document),
    )


def _date(today: date, night: int) -> str:
    return (today + timedelta(days=night)).isoformat()


def _groups(runs: Runs, nights: Sequence[int], needs: Sequence[Need]) -> list[JsonValue]:
    return [
        {
            "nation": str(nation),
            "need": str(need),
            "label": NEED_LABELS[need],
            **_group(runs, runs.group_labels.index(group_label(nation, need)), nights),
        }
        for nation in SERVED_NATIONS
        for need in needs
        if group_label(nation, need) in runs.group_labels
    ]


def _group(runs: Runs, group: int, nights: Sequence[int]) -> Json:
    rates = {
        "share_that_waits": runs.share_that_waits(level=CONFIDENCE),
        "mean_wait_days": runs.mean_wait(level=CONFIDENCE),
        "share_that_gives_up": runs.share_that_gives_up(level=CONFIDENCE),
    }
    found: Json = {name: _estimate(rate, group) for name, rate in rates.items()}
    found["average"] = {name: plain(float(table[:, group].mean())) for name, table in runs.means.items()}
    for name in BY_NIGHT:
        table = runs.by_day[name][:, nights, group]
        low, high = np.quantile(table, [0.1, 0.9], axis=0)
        found[name] = {
            "mean": [plain(float(value)) for value in table.mean(axis=0)],
            "p10": [plain(float(value)) for value in low],
            "p90": [plain(float(value)) for value in high],
        }
    return found


def _estimate(rate: Estimate, group: int) -> JsonValue:
    """Return a mean with its interval; nothing where there was nobody to count."""
    values = {name: float(getattr(rate, name)[group]) for name in ("mean", "low", "high")}
    return {name: plain(value) if isfinite(value) else None for name, value in values.items()}
