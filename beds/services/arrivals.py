"""How many households come to need a bed: the chain from referrals, or the service's own records of arrivals.

Each link has a stream of draws of its own: a scenario that changes one leaves the others as they were.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from operator import itemgetter
from typing import Final

import numpy as np

from beds.demand_assumptions import assumption, find_assumption
from beds.domain.scenario import Scenario, Share
from beds.domain.terms import SERVED_NATIONS, Nation
from beds.reference import read_rows
from beds.services.links import Basis, Link, link_of
from beds.services.own_history import NationHistory, OwnHistory
from beds.services.uk_referrals import UkReferrals
from optimiser.chain import (
    DAYS_A_YEAR,
    growth,
    level_of_counts,
    odds_moved,
    points,
    share_of_periods,
    triangular,
)
from optimiser.stays import Floats

NEW_TEST_FROM: Final = 2023
"""The test of reasonable grounds changed in January 2023: only decisions since speak of those to come."""
STREAMS: Final = 8
RECENT_QUARTERS: Final = 4
NATION_PERIODS: Final = 3
"""Of how many of the latest published periods a share is taken."""
YEAR_DAYS: Final = 365


@dataclass(frozen=True)
class Arrivals:
    """Households a day by nation, shape (draws, days), and the links they come from."""

    rates: Mapping[Nation, Floats]
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class _Drawn:
    """Draws of one link, and how it is told."""

    values: Floats
    link: Link


def arrivals(
    scenario: Scenario, referrals: UkReferrals, history: OwnHistory | None, *, seed: int
) -> Arrivals:
    """Return the households of each nation that come to need a bed, in as many futures as `referrals` has.

    In this order: what the scenario says outright (`households_per_year`); own records of arrivals once there
    are enough, moving on as UK referrals do; else the chain from UK referrals.
    """
    draws, days = referrals.future.shape
    grown = growth(days, scenario.growth_per_year)[None, :]
    streams = np.random.SeedSequence(seed).spawn(1 + len(SERVED_NATIONS))
    everywhere = _everywhere(_Streams(streams[0]), draws)
    rates: dict[Nation, Floats] = {}
    links: list[Link] = []
    for nation, stream in zip(SERVED_NATIONS, streams[1:], strict=True):
        rng = _Streams(stream)
        known = history.nations[nation] if history is not None else None
        if nation in scenario.households_per_year:
            rates[nation], made = _stated(nation, scenario, rng, (draws, days))
        elif known is not None and not known.arrivals_wanting:
            rates[nation], made = _own(nation, scenario, known, referrals, rng)
        else:
            rates[nation], made = _chain(nation, scenario, referrals, rng, everywhere)
        rates[nation] = rates[nation] * grown
        wanting = known.arrivals_wanting if known is not None else ""
        links += [*made, _result(nation, rates[nation], made[-1], wanting)]
    return Arrivals(rates, tuple(dict.fromkeys(links)))


class _Streams:
    """Independent generators, one a link, the same for the same seed whatever else is drawn."""

    def __init__(self, sequence: np.random.SeedSequence) -> None:
        self._generators = [np.random.default_rng(child) for child in sequence.spawn(STREAMS)]

    def __getitem__(self, place: int) -> np.random.Generator:
        return self._generators[place]


def _stated(
    nation: Nation, scenario: Scenario, rng: _Streams, shape: tuple[int, int]
) -> tuple[Floats, list[Link]]:
    amount = scenario.households_per_year[nation]
    yearly = triangular(rng[0], amount.low, amount.likely, amount.high, shape[0])
    link = _link("stated", "Households a year who need a bed, as supposed", nation, yearly, "the scenario")
    link = replace(
        link, unit="households a year", distribution="triangular", basis=Basis.SCENARIO, assumed=True
    )
    return np.repeat(yearly[:, None] / DAYS_A_YEAR, shape[1], axis=1), [link]


def _own(
    nation: Nation, scenario: Scenario, known: NationHistory, referrals: UkReferrals, rng: _Streams
) -> tuple[Floats, list[Link]]:
    """Own households a day, moving on as UK referrals do against the days that were recorded."""
    draws = len(referrals.future)
    level = level_of_counts(rng[0], known.weeks, draws) / 7.0
    recorded = referrals.past[:, -7 * len(known.weeks) :]
    against = recorded.mean(axis=1) if recorded.shape[1] else referrals.future[:, 0]
    factor, supposed = _against_default(nation, scenario, rng, draws)
    link = _link(
        "own_arrivals",
        "Households that asked this service for a place",
        nation,
        level * DAYS_A_YEAR,
        f"the service's own records: {known.weeks.sum():.0f} households in {len(known.weeks)} weeks",
    )
    link = replace(
        link,
        unit="households a year",
        distribution="gamma",
        basis=Basis.OWN_RECORDS,
        note="moves on as UK referrals are forecast to",
    )
    moving = referrals.future / np.where(against > 0, against, np.inf)[:, None]
    return (level * factor)[:, None] * moving, [_referrals_link(referrals), *supposed, link]


def _against_default(
    nation: Nation, scenario: Scenario, rng: _Streams, draws: int
) -> tuple[Floats, list[Link]]:
    """Own records have the shares in them already: a supposed share counts against the one by default."""
    factor, links = np.ones(draws), []
    for drawn, default in (
        (_entering(nation, scenario, rng, draws), assumption("entering_support", nation)),
        (_needing(nation, scenario, rng, draws), assumption("needing_bed", nation)),
    ):
        if drawn.link.basis is Basis.SCENARIO:
            factor = factor * drawn.values / default.likely
            links.append(replace(drawn.link, note=f"against {default.likely:.0%} by default"))
    return factor, links


def _chain(
    nation: Nation,
    scenario: Scenario,
    referrals: UkReferrals,
    rng: _Streams,
    everywhere: Mapping[str, _Drawn],
) -> tuple[Floats, list[Link]]:
    draws = len(referrals.future)
    parts = (
        _nation_share(nation, rng, draws),
        _adult(nation, rng, draws, everywhere["adult"]),
        everywhere["positive_grounds"],
        _entering(nation, scenario, rng, draws),
        _needing(nation, scenario, rng, draws),
    )
    share = np.prod([part.values for part in parts], axis=0)
    return referrals.future * share[:, None], [_referrals_link(referrals), *(part.link for part in parts)]


def _everywhere(rng: _Streams, draws: int) -> dict[str, _Drawn]:
    """Return the links that are published for the UK only: those of age, and of reasonable grounds."""
    return {"adult": _adult_of_uk(rng, draws), "positive_grounds": _positive_grounds(rng, draws)}


def _adult_of_uk(rng: _Streams, draws: int) -> _Drawn:
    rows = [row for row in read_rows("nrm_quarterly_referrals") if row["adult"]][-RECENT_QUARTERS:]
    adult, child = (np.array([float(row[column]) for row in rows]) for column in ("adult", "child"))
    values = share_of_periods(adult, adult + child).draws(rng[0], draws)
    quarters = f"{rows[0]['year']} {rows[0]['quarter']} to {rows[-1]['year']} {rows[-1]['quarter']}"
    link = _link(
        "adult",
        "Adults among referrals",
        None,
        values,
        f"nrm_quarterly_referrals: {quarters}, the last quarters by age",
    )
    return _Drawn(values, replace(link, note="by age at exploitation, as the decisions and entries below"))


def _positive_grounds(rng: _Streams, draws: int) -> _Drawn:
    """Adults' share of 2023, its odds moved as those of all ages have moved since."""
    adult = _reasonable_grounds(("adult",))
    by_age = _reasonable_grounds(("adult", "child", "age_unknown"))
    since = _reasonable_grounds(("all",))
    latest = max(year for year, _, _ in since)
    now = [(positive, total) for year, positive, total in since if year == latest]
    before = sum(positive for _, positive, _ in by_age) / sum(total for _, _, total in by_age)
    drawn = share_of_periods(
        np.array([positive for _, positive, _ in adult]), np.array([total for _, _, total in adult])
    ).draws(rng[1], draws)
    of_all = share_of_periods(np.array([p for p, _ in now]), np.array([t for _, t in now])).draws(
        rng[2], draws
    )
    values = odds_moved(drawn, np.full(draws, before), of_all)
    link = _link(
        "positive_grounds",
        "Positive reasonable grounds, adults",
        None,
        values,
        f"nrm_decisions_quarterly: adults in {NEW_TEST_FROM}, the last year by age, moved as all ages have "
        f"since, {before:.0%} then and {of_all.mean():.0%} in {latest}",
    )
    note = (
        "decisions since the test changed in January 2023 only; that adults have moved as all ages is an "
        "assumption, and so is that the nations are alike"
    )
    return _Drawn(values, replace(link, assumed=True, note=note))


def _reasonable_grounds(ages: tuple[str, ...]) -> list[tuple[int, float, float]]:
    """Return year, positive and all decisions of each published quarter under the present test."""
    return [
        (
            int(row["year"]),
            float(row["positive"] or float(row["positive_pct"]) / 100 * float(row["total"])),
            float(row["total"]),
        )
        for row in read_rows("nrm_decisions_quarterly")
        if row["stage"] == "reasonable_grounds"
        and row["age_group"] in ages
        and int(row["year"]) >= NEW_TEST_FROM
    ]


def _nation_share(nation: Nation, rng: _Streams, draws: int) -> _Drawn:
    """Return the nation's share of UK referrals, from the latest periods that are published."""
    rows = [row for row in read_rows("nrm_by_nation") if row["assumption"] == "false"]
    own = sorted((row for row in rows if row["nation"] == nation), key=itemgetter("period"))[-NATION_PERIODS:]
    yearly = {row["year"]: float(row["total"]) for row in read_rows("nrm_annual_referrals")}
    of_all = [
        yearly.get(one["period"])
        or sum(float(row["referrals"]) for row in rows if row["period"] == one["period"])
        for one in own
    ]
    values = share_of_periods(np.array([float(row["referrals"]) for row in own]), np.array(of_all)).draws(
        rng[1], draws
    )
    periods = ", ".join(row["period"] for row in own)
    link = _link("nation", f"{nation}'s share of UK referrals", nation, values, f"nrm_by_nation: {periods}")
    return _Drawn(values, replace(link, note="later figures by nation are not published"))


def _adult(nation: Nation, rng: _Streams, draws: int, of_uk: _Drawn) -> _Drawn:
    row = find_assumption("adult", nation)
    if row is None:
        return of_uk
    values = triangular(rng[2], row.low, row.likely, row.high, draws)
    return _Drawn(values, link_of(row, values, label="Adults among referrals"))


def _entering(nation: Nation, scenario: Scenario, rng: _Streams, draws: int) -> _Drawn:
    return _shared("entering_support", "Enter support", nation, scenario.entering_support, (rng[3], draws))


def _needing(nation: Nation, scenario: Scenario, rng: _Streams, draws: int) -> _Drawn:
    supposed = scenario.needing_bed.get(nation)
    return _shared("needing_bed", "Need a bed", nation, supposed, (rng[4], draws))


def _shared(
    code: str, label: str, nation: Nation, supposed: Share | None, stream: tuple[np.random.Generator, int]
) -> _Drawn:
    """Return a share as supposed, or else as the reference data has it."""
    row = assumption(code, nation)
    given = row if supposed is None else supposed
    rng, draws = stream
    values = triangular(rng, given.low, given.likely, given.high, draws)
    link = link_of(row, values, label=label)
    if supposed is not None:
        link = replace(link, source="the scenario", basis=Basis.SCENARIO, assumed=True, note="")
    return _Drawn(values, link)


def _referrals_link(referrals: UkReferrals) -> Link:
    yearly = referrals.future[:, :YEAR_DAYS].mean(axis=1) * DAYS_A_YEAR
    link = _link("referrals", "Referrals in the UK over the next year", None, yearly, referrals.source)
    return replace(
        link,
        unit="referrals a year",
        distribution="forecast paths",
        basis=referrals.basis,
        assumed=referrals.basis is not Basis.PUBLISHED,
    )


def _result(nation: Nation, rates: Floats, last: Link, wanting: str) -> Link:
    yearly = rates[:, :YEAR_DAYS].mean(axis=1) * DAYS_A_YEAR
    link = _link(
        "arrivals", "Households who come to need a bed over the next year", nation, yearly, "the links above"
    )
    return replace(
        link,
        unit="households a year",
        distribution="the product of the links",
        basis=last.basis,
        assumed=last.assumed or last.basis is Basis.PUBLISHED,
        note=f"Own records are not gone by: {wanting}" if wanting else "",
    )


def _link(code: str, label: str, nation: Nation | None, values: Floats, source: str) -> Link:
    """Return a published share, as drawn; what is otherwise is said by whoever asks."""
    low, likely, high = points(values)
    return Link(
        code=code,
        label=label,
        nation=nation,
        low=low,
        likely=likely,
        high=high,
        unit="share",
        distribution="beta",
        source=source,
        basis=Basis.PUBLISHED,
        assumed=False,
    )
