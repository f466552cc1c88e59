"""A scenario as somebody sketches it on a page: the few things that are asked most, over one that exists.

What a sketch does not ask stays as it is in the scenario that it was begun from.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from beds.domain.scenario import Scenario, Share, StayRule, SupposedClosure, SupposedSite
from beds.domain.terms import REGIONS, SERVED_NATIONS, Gender, Nation
from beds.errors import BadInput

STAY_RULES: Final = {
    StayRule.RECORDED: "as on record: the service’s own stays, else the time to a decision",
    StayRule.DECISION: "until the decision and move-on, never less than the recovery period",
    StayRule.RECOVERY_PERIOD: "exactly the recovery period",
}
FOR_WHOM: Final = {
    "women": frozenset({Gender.FEMALE}),
    "men": frozenset({Gender.MALE}),
    "all genders": frozenset(Gender),
}
NATION_OF_REGION: Final = {
    code: Nation.SCOTLAND if code.startswith("S") else Nation.ENGLAND for code in REGIONS if code[0] in "ES"
}
MOST_WORDS: Final = 48
LONGEST_TITLE: Final = 80
SPREAD: Final = 0.05
"""Assumption, ours: a share that is stated as one number may be so much more or less."""


@dataclass(frozen=True, slots=True)
class NewHouse:
    """A house that is supposed: where (an ONS region), for whom, and so many units of one bed."""

    region: str
    units: int
    for_whom: str = "women"


@dataclass(frozen=True, slots=True)
class Sketch:
    """What is asked of a scenario on a page; None is "as on record". Percentages are whole numbers."""

    title: str
    recovery_nights: Mapping[Nation, int | None] = field(default_factory=dict)
    stay_rule: StayRule = StayRule.RECORDED
    decision_days: int | None = None
    growth_pct: int = 0
    needing_bed_pct: Mapping[Nation, int | None] = field(default_factory=dict)
    new_house: NewHouse | None = None
    closed_pct: Mapping[Nation, int] = field(default_factory=dict)


def sketch_of(scenario: Scenario) -> Sketch:
    """Return what a scenario supposes of what a sketch asks."""
    return Sketch(
        title=scenario.title or scenario.name,
        recovery_nights={nation: scenario.recovery_nights.get(nation) for nation in SERVED_NATIONS},
        stay_rule=scenario.stay_rule,
        decision_days=None if scenario.decision_days is None else round(scenario.decision_days),
        growth_pct=round(100 * scenario.growth_per_year),
        needing_bed_pct={
            nation: round(100 * scenario.needing_bed[nation].likely)
            if nation in scenario.needing_bed
            else None
            for nation in SERVED_NATIONS
        },
    )


def sketched(base: Scenario, sketch: Sketch, *, from_day: date, name: str | None = None) -> Scenario:
    """Return a scenario with what was sketched in place of what it was begun from.

    Parameters
    ----------
    from_day : the day from which beds are supposed to be closed
    name : the name it keeps; else one is made of its title

    Raises
    ------
    BadInput
        It has no title, or something cannot be supposed.
    """
    title = sketch.title.strip()
    if not title or len(title) > LONGEST_TITLE:
        raise BadInput(f"title: 1 to {LONGEST_TITLE} characters are accepted")
    before = sketch_of(base)
    changed: dict[str, object] = {"title": title, "name": name or _name_of(title)}
    if sketch.needing_bed_pct != before.needing_bed_pct:
        changed["needing_bed"] = {
            nation: _share(pct) for nation, pct in sketch.needing_bed_pct.items() if pct is not None
        }
    sites = base.sites if sketch.new_house is None else (*base.sites, _site(sketch.new_house))
    closures = tuple(
        SupposedClosure(closes_on=from_day, nation=nation, share=pct / 100)
        for nation, pct in sketch.closed_pct.items()
        if pct
    )
    try:
        return replace(
            base,
            **changed,  # type: ignore[arg-type]
            recovery_nights={n: nights for n, nights in sketch.recovery_nights.items() if nights is not None},
            stay_rule=sketch.stay_rule,
            decision_days=None if sketch.decision_days is None else float(sketch.decision_days),
            growth_per_year=sketch.growth_pct / 100,
            sites=sites,
            closures=(*base.closures, *closures),
        )
    except ValueError as error:
        raise BadInput(str(error)) from error


def _share(pct: int) -> Share:
    likely = pct / 100
    return Share(max(0.0, likely - SPREAD), likely, min(1.0, likely + SPREAD))


def _site(house: NewHouse) -> SupposedSite:
    if house.region not in NATION_OF_REGION or house.units < 1:
        raise BadInput("new house: a region of England or Scotland and 1 unit or more are accepted")
    return SupposedSite(
        nation=NATION_OF_REGION[house.region],
        region=house.region,
        units=house.units,
        admits=FOR_WHOM[house.for_whom],
    )


def _name_of(title: str) -> str:
    words = re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_")[:MOST_WORDS].strip("_")
    if not words:
        raise BadInput("title: at least one letter or digit is accepted")
    return words
