"""Scenarios side by side: what each needs and costs, how they differ, and what moved the number.

Pure arithmetic over draws: the same futures are drawn for every scenario, so that a difference is taken draw
by draw and its interval is that of the difference. What a scenario comes to is asked of whoever can say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Final

import numpy as np

from beds.domain.scenario import TOLD, Scenario
from beds.domain.terms import Nation
from beds.errors import BadInput
from beds.services.links import Link
from beds.services.unit_costs import CostLine
from optimiser.stays import Floats

LEVEL: Final = 0.9
"""Nine in ten futures lie between `low` and `high`."""
MOST_SCENARIOS: Final = 12


class Measure(StrEnum):
    """What scenarios are compared by: beds on the average night, or pounds a year."""

    ARRIVALS = "arrivals"
    NEEDED = "needed"
    OCCUPIED = "occupied"
    SHORT = "short"
    STOCK = "stock"
    WAITING = "waiting"
    GAVE_UP = "gave_up"
    COST_OF_STOCK = "cost_of_stock"
    COST_OF_NEED = "cost_of_need"
    COST_OF_SHORTFALL = "cost_of_shortfall"
    COST_IN_FULL = "cost_in_full"


class Unit(StrEnum):
    """What a measure is counted in."""

    HOUSEHOLDS = "households a year"
    HOUSEHOLDS_WAITING = "households"
    BEDS = "beds"
    POUNDS = "pounds a year"


UNITS: Final[Mapping[Measure, Unit]] = MappingProxyType(
    {
        Measure.ARRIVALS: Unit.HOUSEHOLDS,
        Measure.WAITING: Unit.HOUSEHOLDS_WAITING,
        Measure.GAVE_UP: Unit.HOUSEHOLDS,
        **dict.fromkeys((Measure.NEEDED, Measure.OCCUPIED, Measure.SHORT, Measure.STOCK), Unit.BEDS),
        **dict.fromkeys(
            (
                Measure.COST_OF_STOCK,
                Measure.COST_OF_NEED,
                Measure.COST_OF_SHORTFALL,
                Measure.COST_IN_FULL,
            ),
            Unit.POUNDS,
        ),
    }
)
LABELS: Final[Mapping[Measure, str]] = MappingProxyType(
    {
        Measure.ARRIVALS: "Households who come to need a bed",
        Measure.NEEDED: "Beds needed",
        Measure.OCCUPIED: "Beds in use",
        Measure.SHORT: "Beds short",
        Measure.STOCK: "Beds there are",
        Measure.WAITING: "Households who wait",
        Measure.GAVE_UP: "Households who give up waiting",
        Measure.COST_OF_STOCK: "What the beds there are cost",
        Measure.COST_OF_NEED: "What beds for everybody would cost",
        Measure.COST_OF_SHORTFALL: "What the beds short would cost",
        Measure.COST_IN_FULL: "The beds there are and the beds short",
    }
)
DEFINITIONS: Final[Mapping[Measure, str]] = MappingProxyType(
    {
        Measure.ARRIVALS: "In a year, over the nights that are looked at.",
        Measure.NEEDED: "For everybody who needs one, on the average night, whatever beds there are.",
        Measure.OCCUPIED: "With somebody in them, on the average night.",
        Measure.SHORT: "Needed and not there, on the average night.",
        Measure.STOCK: "That could be used, on the average night.",
        Measure.WAITING: "For a place, on the average night.",
        Measure.GAVE_UP: "In a year, over the nights that are looked at.",
        Measure.COST_OF_STOCK: "A year of every bed there is, used or not.",
        Measure.COST_OF_NEED: "A year of bed-nights needed, at the cost of a bed that is not there yet.",
        Measure.COST_OF_SHORTFALL: "A year of bed-nights short, at the cost of a bed that is not there yet.",
        Measure.COST_IN_FULL: "What there is and what is short, so that nobody goes without.",
    }
)
STEPS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "recovery_nights": "the recovery period",
        "move_on_nights": "the move-on period",
        "stay_rule": "what a stay turns on",
        "decision_days": "the time to a decision",
        "growth_per_year": "growth of referrals",
        "entering_support": "the share who enter support",
        "needing_bed": "the share who need a bed",
        "households_per_year": "households a year",
        "who_comes": "who comes",
        "estate": "what the estate begins with",
        "sites": "new sites",
        "closures": "closures",
        "policy": "how places are given",
        "patience_days": "how long people wait",
        "decline_share": "offers that are declined",
        "hold_days": "days from offer to arrival",
        "cost_per_bed_night": "the cost of a bed-night",
    }
)
"""What each field of a scenario is called where it moved a number, in the order in which it is changed."""

Key = tuple[Nation | None, Measure]


@dataclass(frozen=True)
class Outcome:
    """What one scenario comes to, draw by draw: draw i is the same future in every scenario.

    Attributes
    ----------
    draws : by nation and measure, shape (n,)
        Beds on the average night, households a year, or whole pence a year.
    links, costs :
        What it rests on: the chain as it was used, and what a bed-night costs.
    """

    scenario: Scenario
    draws: Mapping[tuple[Nation, Measure], Floats]
    links: tuple[Link, ...] = ()
    costs: tuple[CostLine, ...] = ()

    def of(self, key: Key) -> Floats:
        """Return the draws of a nation, or of all nations together."""
        nation, measure = key
        if nation is not None:
            return self.draws[nation, measure]
        together: Floats = np.sum(
            [draws for (_, kind), draws in self.draws.items() if kind is measure], axis=0, dtype=np.float64
        )
        return together

    def found(self) -> tuple[Key, ...]:
        """Return what is known: each nation's, then all together where there are several."""
        nations = tuple(dict.fromkeys(nation for nation, _ in self.draws))
        of: tuple[Nation | None, ...] = (*nations, None) if len(nations) > 1 else nations
        measures = [measure for measure in Measure if any(kind is measure for _, kind in self.draws)]
        return tuple((nation, measure) for nation in of for measure in measures)


Ask = Callable[[Scenario], Outcome]


@dataclass(frozen=True, slots=True)
class Spread:
    """A mean, the middle, and between what nine in ten futures lie; pounds are Decimal, whole pence."""

    mean: float | Decimal
    low: float | Decimal
    middle: float | Decimal
    high: float | Decimal

    @classmethod
    def of(cls, draws: Floats, unit: Unit) -> Spread:
        """Return the spread of some draws."""
        tail = (1 - LEVEL) / 2
        low, middle, high = np.quantile(draws, [tail, 0.5, 1 - tail])
        values = [float(value) for value in (draws.mean(), low, middle, high)]
        if unit is Unit.POUNDS:
            return cls(*(Decimal(round(value)) / 100 for value in values))
        return cls(*values)

    @classmethod
    def between(cls, before: Floats, after: Floats, unit: Unit) -> Spread:
        """Return the spread of a difference, draw by draw; its mean is the difference of the means shown."""
        start, end = cls.of(before, unit).mean, cls.of(after, unit).mean
        mean = end - start if isinstance(end, Decimal) and isinstance(start, Decimal) else None
        spread = cls.of(after - before, unit)
        return spread if mean is None else replace(spread, mean=mean)


@dataclass(frozen=True, slots=True)
class ComparedLine:
    """One measure of one nation (None: all), scenario by scenario, and how each differs from the first."""

    nation: Nation | None
    measure: Measure
    values: tuple[Spread, ...]
    differences: tuple[Spread, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Scenarios side by side; `links` and `costs` are what each of them rests on."""

    scenarios: tuple[Scenario, ...]
    lines: tuple[ComparedLine, ...]
    draws: int
    links: tuple[tuple[Link, ...], ...]
    costs: tuple[tuple[CostLine, ...], ...]


@dataclass(frozen=True, slots=True)
class Step:
    """What one field of a scenario moved, with everything before it moved already."""

    field: str
    label: str
    moved: Spread


@dataclass(frozen=True, slots=True)
class Waterfall:
    """From one scenario to another, field by field: the means of the steps add up to the difference."""

    nation: Nation | None
    measure: Measure
    start: Spread
    steps: tuple[Step, ...]
    end: Spread


def compare(ask: Ask, scenarios: Sequence[Scenario]) -> Comparison:
    """Return scenarios side by side, each with its difference from the first.

    Raises
    ------
    BadInput
        There are too few or too many, two of one name, or they look at different nights.
    """
    if not 1 <= len(scenarios) <= MOST_SCENARIOS:
        raise BadInput(f"scenarios: 1 to {MOST_SCENARIOS} are accepted")
    if len({scenario.name for scenario in scenarios}) < len(scenarios):
        raise BadInput("scenarios: each with a name of its own is accepted")
    _require_one_window(scenarios)
    outcomes = [ask(scenario) for scenario in scenarios]
    lines = []
    for key in outcomes[0].found():
        found = [outcome.of(key) for outcome in outcomes]
        unit = UNITS[key[1]]
        lines.append(
            ComparedLine(
                *key,
                tuple(Spread.of(draws, unit) for draws in found),
                tuple(Spread.between(found[0], draws, unit) for draws in found),
            )
        )
    return Comparison(
        tuple(scenarios),
        tuple(lines),
        len(found[0]),
        tuple(outcome.links for outcome in outcomes),
        tuple(outcome.costs for outcome in outcomes),
    )


def waterfall(ask: Ask, start: Scenario, end: Scenario) -> tuple[Waterfall, ...]:
    """Return what moved each number from one scenario to another, field by field in a fixed order.

    Raises
    ------
    BadInput
        They look at different nights.
    """
    _require_one_window([start, end])
    changed = [name for name in STEPS if name in end.differences(start)]
    scenario, outcomes = replace(start, **{name: getattr(end, name) for name in TOLD}), []
    outcomes.append(ask(scenario))
    for name in changed:
        scenario = replace(scenario, **{name: getattr(end, name)})
        outcomes.append(ask(scenario))
    return tuple(_waterfall(key, outcomes, changed) for key in outcomes[0].found())


def _waterfall(key: Key, outcomes: Sequence[Outcome], changed: Iterable[str]) -> Waterfall:
    unit = UNITS[key[1]]
    found = [outcome.of(key) for outcome in outcomes]
    steps = (
        Step(name, STEPS[name], Spread.between(before, after, unit))
        for name, before, after in zip(changed, found, found[1:], strict=False)
    )
    return Waterfall(*key, Spread.of(found[0], unit), tuple(steps), Spread.of(found[-1], unit))


def _require_one_window(scenarios: Sequence[Scenario]) -> None:
    first = scenarios[0]
    for name in ("horizon_days", "starts_on", "warm_up_days"):
        if any(getattr(scenario, name) != getattr(first, name) for scenario in scenarios):
            raise BadInput(f"{name}: the same in all scenarios that are compared is accepted")
