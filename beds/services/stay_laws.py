"""How long households will stay: by the scenario's rule, by own records, or by decision times."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from beds.demand_assumptions import assumption
from beds.domain.clock import Clock
from beds.domain.periods import recovery_nights
from beds.domain.scenario import Scenario, StayRule
from beds.domain.terms import SERVED_NATIONS, Nation
from beds.reference import move_on_periods, read_rows, recovery_periods
from beds.services.links import Basis, Link
from beds.services.own_history import NationHistory, OwnHistory
from optimiser.chain import BetaShare, share_of_periods, triangular_middles
from optimiser.length_of_stay import entitled_to, estimate, spread_by_departures, until_decision
from optimiser.stays import StayLaw

LAWS: Final = 5
"""Equally likely laws that stand for what is not known of the length itself."""
RECENT_QUARTERS: Final = 2
"""Of how many of the latest published quarters the share of positive conclusive decisions is."""
_ENDS: Final = (0.05, 0.95)


@dataclass(frozen=True)
class StayLaws:
    """The laws of stays by nation, equally likely, and the links they come from."""

    laws: Mapping[Nation, tuple[StayLaw, ...]]
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class _Entitlement:
    """Nights of a nation: in law tonight, and as the scenario supposes."""

    recovery: int
    supposed_recovery: int
    move_on: int
    supposed_move_on: int
    move_on_assumed: bool


def stay_laws(clock: Clock, scenario: Scenario, history: OwnHistory | None) -> StayLaws:
    """Return the laws of stays that a scenario comes to.

    `RECOVERY_PERIOD`: exactly the entitlement. `DECISION`: until the conclusive decision, at least the
    entitlement, and the move-on after it. `RECORDED`: the service's own stays, as they are, once there are
    enough, with a longer supposed entitlement or another move-on put on top; else as `DECISION`, and so too
    where another time to the decision is supposed, of which own stays say nothing.
    """
    laws: dict[Nation, tuple[StayLaw, ...]] = {}
    links: list[Link] = []
    for nation in SERVED_NATIONS:
        given = _entitlement(nation, clock, scenario)
        known = history.nations[nation] if history is not None else None
        if scenario.stay_rule is StayRule.RECOVERY_PERIOD:
            laws[nation], made = _exactly(nation, given, scenario)
        elif scenario.stay_rule is StayRule.DECISION or scenario.decision_days is not None:
            laws[nation], made = _decided(nation, given, scenario, "")
        elif known is None or known.stays_wanting:
            wanting = "No records of stays were given." if known is None else known.stays_wanting
            laws[nation], made = _decided(nation, given, scenario, wanting)
        else:
            laws[nation], made = _recorded(nation, given, known)
        links += made
    return StayLaws(laws, tuple(dict.fromkeys(links)))


def _entitlement(nation: Nation, clock: Clock, scenario: Scenario) -> _Entitlement:
    recovery = recovery_nights(nation, clock.today, recovery_periods())
    move_on = next(period for period in move_on_periods() if period.nation is nation)
    return _Entitlement(
        recovery=recovery,
        supposed_recovery=scenario.recovery_nights.get(nation, recovery),
        move_on=move_on.nights,
        supposed_move_on=scenario.move_on_nights.get(nation, move_on.nights),
        move_on_assumed=move_on.assumed,
    )


def _exactly(
    nation: Nation, given: _Entitlement, scenario: Scenario
) -> tuple[tuple[StayLaw, ...], list[Link]]:
    nights = given.supposed_recovery
    link = _stay_link(nation, (StayLaw.exactly(nights),), "exactly the recovery period")
    supposed = nation in scenario.recovery_nights
    link = replace(
        link,
        source="the scenario" if supposed else "recovery_periods: the law and guidance in force",
        basis=Basis.SCENARIO,
        assumed=True,
        note="supposed: nothing is offered before or after the recovery period",
    )
    return (StayLaw.exactly(nights),), [link]


def _decided(
    nation: Nation, given: _Entitlement, scenario: Scenario, wanting: str
) -> tuple[tuple[StayLaw, ...], list[Link]]:
    row, sigma = assumption("decision_median"), assumption("decision_sigma").likely
    after_negative = int(assumption("after_negative").likely)
    positive = _positive_conclusive()
    if scenario.decision_days is not None:
        medians = np.array([scenario.decision_days])
    else:
        medians = triangular_middles(row.low, row.likely, row.high, LAWS)
    laws = tuple(
        until_decision(
            float(median),
            sigma,
            floor_nights=given.supposed_recovery,
            positive=positive.mean,
            move_on=(given.supposed_move_on, after_negative),
        )
        for median in medians
    )
    stay = replace(
        _stay_link(nation, laws, "until the conclusive decision, then the move-on"),
        source="the links decision, positive_conclusive and move_on; recovery_periods as the floor",
        basis=Basis.SCENARIO if scenario.stay_rule is StayRule.DECISION else Basis.ASSUMPTION,
        assumed=True,
        note=f"{wanting} Never less than {given.supposed_recovery} nights and the move-on; the time until "
        "the decision is counted from the day a bed is needed.".lstrip(),
    )
    return laws, [
        _decision_link(scenario),
        _positive_link(positive),
        _move_on_link(nation, given, scenario),
        stay,
    ]


def _recorded(
    nation: Nation, given: _Entitlement, known: NationHistory
) -> tuple[tuple[StayLaw, ...], list[Link]]:
    found = estimate(known.stays)
    later = given.supposed_move_on - given.move_on
    positive = _positive_conclusive().mean
    laws = []
    for law in spread_by_departures(found.law, found.departures, LAWS):
        entitled = entitled_to(law, now=given.recovery, then=given.supposed_recovery)
        # only a positive decision brings the longer move-on
        moved = StayLaw.mixture([entitled.longer_by(later), entitled], (positive, 1.0 - positive))
        laws.append(moved if later else entitled)
    link = replace(
        _stay_link(nation, tuple(laws), "Kaplan–Meier, a constant chance of leaving beyond"),
        source=f"the service's own records: {found.stays} stays, {found.departures} departures",
        basis=Basis.OWN_RECORDS,
        assumed=False,
        note=f"Beyond night {found.tail_from} the chance of leaving is {found.tail_hazard:.2%} a night.",
    )
    return tuple(laws), [link]


def _positive_conclusive() -> BetaShare:
    """Return the share of positive conclusive decisions of the latest published quarters, all ages."""
    rows = [
        row
        for row in read_rows("nrm_decisions_quarterly")
        if row["stage"] == "conclusive_grounds" and row["age_group"] == "all"
    ][-RECENT_QUARTERS:]
    total = np.array([float(row["total"]) for row in rows])
    positive = np.array(
        [float(row["positive"] or float(row["positive_pct"]) / 100 * float(row["total"])) for row in rows]
    )
    return share_of_periods(positive, total)


def _stay_link(nation: Nation, laws: tuple[StayLaw, ...], distribution: str) -> Link:
    """Return the link of the length of stay: the median stay, and its 5 and 95 per cent points."""
    mixed = StayLaw.mixture(laws, [1.0] * len(laws))
    return Link(
        code="stay",
        label="Length of stay",
        nation=nation,
        low=mixed.quantile(_ENDS[0]),
        likely=mixed.quantile(0.5),
        high=mixed.quantile(_ENDS[1]),
        unit="nights",
        distribution=distribution,
        source="",
        basis=Basis.ASSUMPTION,
        assumed=True,
    )


def _decision_link(scenario: Scenario) -> Link:
    row = assumption("decision_median")
    supposed = scenario.decision_days
    middles = triangular_middles(row.low, row.likely, row.high, 100)
    low, likely, high = (
        (supposed,) * 3 if supposed is not None else tuple(np.quantile(middles, (0.05, 0.5, 0.95)))
    )
    return Link(
        code="decision",
        label="Median time to the conclusive decision",
        nation=None,
        low=float(low),
        likely=float(likely),
        high=float(high),
        unit="nights",
        distribution="fixed" if supposed is not None else "triangular, log-normal about it",
        source="the scenario" if supposed is not None else row.source,
        basis=Basis.SCENARIO if supposed is not None else Basis.ASSUMPTION,
        assumed=True,
        note="for who is here as for who comes" if supposed is not None else row.note,
    )


def _positive_link(positive: BetaShare) -> Link:
    return Link(
        code="positive_conclusive",
        label="Conclusive decisions that are positive",
        nation=None,
        low=positive.mean,
        likely=positive.mean,
        high=positive.mean,
        unit="share",
        distribution="its mean",
        source=f"nrm_decisions_quarterly: the latest {RECENT_QUARTERS} quarters, all ages",
        basis=Basis.PUBLISHED,
        assumed=False,
    )


def _move_on_link(nation: Nation, given: _Entitlement, scenario: Scenario) -> Link:
    supposed = nation in scenario.move_on_nights
    nights = float(given.supposed_move_on)
    return Link(
        code="move_on",
        label="Move-on after a positive decision",
        nation=nation,
        low=nights,
        likely=nights,
        high=nights,
        unit="nights",
        distribution="fixed",
        source="the scenario" if supposed else "move_on_periods",
        basis=Basis.SCENARIO if supposed else Basis.ASSUMPTION if given.move_on_assumed else Basis.PUBLISHED,
        assumed=supposed or given.move_on_assumed,
        note=f"after a negative one {assumption('after_negative').likely:.0f} nights, an assumption",
    )
