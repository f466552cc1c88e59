"""From an estate, what is expected of demand and a scenario to the model that is simulated.

Rules, census and demand are those of the other services; here they are only put together as arrays. The model
has numbers and no references.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final

from beds.domain.census import census
from beds.domain.clock import Clock
from beds.domain.estate import Estate
from beds.domain.needs import Need
from beds.domain.periods import RecoveryPeriod
from beds.domain.points import MismatchPoints
from beds.domain.scenario import Scenario
from beds.domain.terms import Nation
from beds.errors import BadInput
from beds.reference import recovery_periods
from beds.services.demand import Demand, nights_ahead
from beds.services.simulated_estate import stock_of, units_of
from beds.services.simulated_households import (
    Rows,
    profiles_of,
    residents_of,
    streams_of,
    unit_groups,
    waiting_of,
)
from beds.services.simulated_people import who_is_known
from beds.services.simulated_rules import Bench, with_ages_read
from beds.services.supposed_estate import supposed_estate
from optimiser.simulation import Exponential, Model, Policy

ASSUMPTIONS: Final = (
    "A free place is offered at once, at any hour; under the allocator, in a round once a day.",
    "First come, first served goes by the day of referral alone, not by priority.",
    "Of places that would do, the one with the fewest points of mismatch is offered; of equal ones, one "
    "where people of the same gender live already.",
    "A household that declines keeps its place in line and is asked again the next day; the bed goes to the "
    "next household at once.",
    "How long a household goes on waiting before it gives up does not depend on how long it has waited.",
    "Whoever is still there when a limited stay or a house ends needs another place, and is first in line.",
    "A bed that is to be repaired closes once it is empty.",
    "What is not yet settled about a household that waits is settled as recorded; an age not yet asked is an "
    "adult's for the lead and a child's for others.",
    "Declines and keep-apart on record today stay in force; no new ones arise.",
)
"""What a simulation takes for granted (ours), in sentences for screens."""


def group_label(nation: Nation, need: Need) -> str:
    """Return the label of the group of a nation's households with a need: `England:with_children`."""
    return f"{nation}:{need}"


def simulation_model(
    estate: Estate,
    clock: Clock,
    demand: Demand,
    scenario: Scenario,
    *,
    periods: Iterable[RecoveryPeriod] | None = None,
    points: MismatchPoints | None = None,
) -> Model:
    """Return the model of a scenario on an estate, from tonight to the scenario's horizon.

    Groups are each nation's households by need (`group_label`). Who lives there counts in the nation of the
    site, others in that of the referral; a unit in the groups that it would suit somebody of. The nights
    before the scenario starts are warm-up.

    Parameters
    ----------
    estate : as on record; what the scenario supposes of it is done here
    periods : in place of the recovery periods of the reference data
    points : in place of the points of mismatch that are shipped

    Raises
    ------
    BadInput
        The scenario starts before tonight, or the demand is not from tonight to its horizon.
    """
    first, days = nights_ahead(scenario, clock)
    if demand.starts_on != clock.today or demand.days < days:
        raise BadInput(f"demand: from {clock.today}, the night of the census, for {days} days is accepted")
    supposed = with_ages_read(supposed_estate(estate, scenario))
    living, in_line = who_is_known(supposed, clock, census(supposed, clock))
    stock, rows = stock_of(supposed, clock), Rows()
    streams = streams_of(demand, rows, days)
    nations = [Nation(stream.label) for stream in streams]
    waiting = waiting_of(supposed, in_line, rows, nations)
    residents = residents_of(supposed, living, rows, stock, nations, days=days)
    periods = recovery_periods() if periods is None else periods
    bench = Bench.of(
        supposed,
        clock,
        demand.mix,
        periods=_supposed(periods, scenario),
        points=points or MismatchPoints(),
    )
    profiles, groups = profiles_of(bench, rows)
    return Model(
        profiles=profiles,
        units=units_of(supposed, clock, stock, unit_groups(profiles, streams, stock, groups)),
        closures=stock.closures,
        residents=residents,
        waiting=waiting,
        streams=streams,
        group_labels=tuple(group_label(*group) for group in groups),
        days=days,
        warm_up_days=first + scenario.warm_up_days,
        policy=Policy(scenario.policy.value),
        hold_days=scenario.hold_days,
        decline_share=scenario.decline_share,
        patience=None if scenario.patience_days is None else Exponential(scenario.patience_days),
    )


def _supposed(periods: Iterable[RecoveryPeriod], scenario: Scenario) -> list[RecoveryPeriod]:
    """Return the recovery periods with those of a scenario in place of the law's."""
    kept = [period for period in periods if period.nation not in scenario.recovery_nights]
    return kept + [
        RecoveryPeriod(nation, date.min, nights) for nation, nights in scenario.recovery_nights.items()
    ]
