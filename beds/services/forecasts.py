"""Forecasts and comparisons as people ask for them: made from records or a folder, kept, and looked at again.

Making one takes seconds and touches no database: it can be done in a process of its own. What is kept was
made from real cases and stays inside: nations and regions night by night, needs as released tables only.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from beds.disclosure import Origin, ReleasedTable
from beds.domain.clock import Clock
from beds.domain.estate import Estate
from beds.domain.scenario import WINDOW, Scenario
from beds.domain.terms import RunKind
from beds.errors import BadInput, NotPermitted
from beds.history_files import History
from beds.roles import Actor, Permission, require
from beds.scenario_files import preset
from beds.services.demand import demand, nights_ahead
from beds.services.estates import estate_in_folder
from beds.services.forecast_documents import (
    Json,
    comparison_document,
    forecast_document,
)
from beds.services.own_history import MOST_WEEKS, ONE_WEEK, WATCHED_DAYS, own_history
from beds.services.planning import Comparison, Waterfall, compare, waterfall
from beds.services.released import released_shortfall
from beds.services.scenario_draws import closed_form
from beds.services.shortfall import MODEL_VERSION, ShortfallForecast, shortfall
from beds.services.stated_referrals import stated_referrals
from beds.services.uk_referrals import UkReferrals, published_referrals
from beds.suppression import Rule
from beds.synthesis.folder import is_synthetic

if TYPE_CHECKING:
    from sqlmodel import Session

    from beds.database import DatabaseKind

USUAL_DRAWS: Final = 500
LEAST_DRAWS: Final = 20
MOST_DRAWS: Final = 5_000
MOST_SEED: Final = 2**31 - 1
AS_ON_RECORD: Final = "as_on_record"
EVERY: Final = 7
"""Of what is kept, one night a week is told."""


@dataclass(frozen=True)
class Known:
    """What a forecast is made from: records at an instant, their origin, and a history in place of ours.

    Attributes
    ----------
    sites_told : bool
        Whether who asks sees sites: what closing one of them takes away tells how many are in it.
    """

    estate: Estate
    clock: Clock
    origin: Origin
    history: History | None = None
    rule: Rule | None = None
    sites_told: bool = True

    def referrals(self, days: int, asked: Asked) -> UkReferrals:
        """Return referrals in the UK, so many days ahead: of the stated history, or as they are published."""
        source = published_referrals if self.history is None else partial(stated_referrals, self.history)
        return source(self.clock, days=days, draws=asked.draws, seed=asked.seed)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked: one scenario, or several side by side; in how many futures, and from which seed."""

    scenarios: tuple[Scenario, ...]
    draws: int = USUAL_DRAWS
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse what cannot be asked.

        Raises
        ------
        BadInput
            A number is out of range.
        """
        if not LEAST_DRAWS <= self.draws <= MOST_DRAWS:
            raise BadInput(f"draws: {LEAST_DRAWS} to {MOST_DRAWS:,} are accepted")
        if not 0 <= self.seed <= MOST_SEED:
            raise BadInput(f"seed: 0 to {MOST_SEED:,} is accepted")


@dataclass(frozen=True)
class Compared:
    """Scenarios side by side, and what moved the number from the first to each of the others."""

    comparison: Comparison
    waterfalls: tuple[tuple[Waterfall, ...], ...]


@dataclass(frozen=True, slots=True)
class Made:
    """A run that was made and can be kept: what was asked, and the answer as a document in canonical text."""

    kind: RunKind
    as_at: datetime
    scenarios: tuple[Scenario, ...]
    seed: int
    model_version: str
    text: str


def known_folder(
    folder: Path, clock: Clock, *, history: History | None = None, rule: Rule | None = None
) -> Known:
    """Return what a folder of files states.

    Raises
    ------
    ImportRejected, BadInput
        Something in the folder is wrong, or there is none.
    """
    origin = Origin.SYNTHETIC if is_synthetic(folder) else Origin.FOLDER
    return Known(estate_in_folder(folder), clock, origin, history, rule)


def known_records(
    session: Session, actor: Actor, *, clock: Clock, kind: DatabaseKind, rule: Rule | None = None
) -> Known:
    """Return what is on record: a forecast counts cases that whoever asks for it may not see.

    Of what is over, as much as own records are gone by: two years of stays and a year of referrals.

    Raises
    ------
    NotPermitted
        The actor may not see scenarios.
    """
    from beds.database import DatabaseKind

    require(actor, Permission.SEE_SCENARIOS)
    estate = recorded(session, clock)
    origin = origin_of(estate, is_demo=kind is DatabaseKind.DEMO)
    return Known(estate, clock, origin, rule=rule, sites_told=actor.may(Permission.SEE_SITES))


def require_no_site_named(known: Known, asked: Asked) -> None:
    """Refuse scenarios that close a site by its reference, to whoever sees no site.

    Raises
    ------
    NotPermitted
        One does.
    """
    if not known.sites_told and any(c.site_id for one in asked.scenarios for c in one.closures):
        raise NotPermitted(
            "closures: a share of the beds of a nation or region is accepted from whoever sees no site"
        )


def recorded(session: Session, clock: Clock) -> Estate:
    """Return what is on record and may matter to a forecast."""
    from beds.store.loading import load_history

    return load_history(
        session,
        stays_from=clock.today - timedelta(days=WATCHED_DAYS + 1),
        referrals_from=clock.today - (MOST_WEEKS + 1) * ONE_WEEK,
    )


def origin_of(estate: Estate, *, is_demo: bool) -> Origin:
    """Return what figures from the records of a database are made from."""
    if not estate.referrals and not estate.placements:
        return Origin.PUBLISHED
    return Origin.SYNTHETIC if is_demo else Origin.REAL_CASES


def forecast(known: Known, scenario: Scenario, asked: Asked) -> ShortfallForecast:
    """Return the forecast of one scenario.

    Raises
    ------
    BadInput
        The scenario does not fit the records.
    """
    to_come = demand(
        known.clock,
        scenario,
        history=own_history(known.estate, known.clock),
        seed=asked.seed,
        referrals=known.referrals(nights_ahead(scenario, known.clock)[1], asked),
    )
    return shortfall(known.estate, known.clock, scenario, to_come)


def side_by_side(known: Known, asked: Asked) -> Compared:
    """Return scenarios beside each other over the nights of the last one, and what moved each number.

    Raises
    ------
    BadInput
        The scenarios do not fit each other or the records.
    """
    window = {name: getattr(asked.scenarios[-1], name) for name in WINDOW}
    scenarios = [replace(scenario, **window) for scenario in asked.scenarios]
    ask = closed_form(
        known.estate,
        known.clock,
        history=own_history(known.estate, known.clock),
        referrals=known.referrals(nights_ahead(scenarios[0], known.clock)[1], asked),
        seed=asked.seed,
    )
    falls = tuple(waterfall(ask, scenarios[0], other) for other in scenarios[1:])
    return Compared(compare(ask, scenarios), falls)


def tables_of(known: Known, made: ShortfallForecast) -> tuple[ReleasedTable, ...]:
    """Return the released tables of a forecast."""
    return released_shortfall(made, known.origin, known.rule)


def forecast_json(known: Known, asked: Asked, *, every: int = 1) -> Json:
    """Return the forecast of one scenario as a document, all of it: for whoever has the records themselves.

    Raises
    ------
    BadInput
        The scenario does not fit the records.
    """
    (scenario,) = asked.scenarios
    made = forecast(known, scenario, asked)
    document = forecast_document(made, scenario, seed=asked.seed, draws=asked.draws, every=every)
    return document | {"made_from": str(known.origin)}


def comparison_json(known: Known, asked: Asked) -> Json:
    """Return scenarios side by side as a document.

    Raises
    ------
    BadInput
        The scenarios do not fit each other or the records.
    """
    found = side_by_side(known, asked)
    document = comparison_document(
        found.comparison,
        found.waterfalls,
        as_at=known.clock.as_at,
        model_version=MODEL_VERSION,
        seed=asked.seed,
    )
    return document | {"made_from": str(known.origin)}


def beside(asked: Asked) -> Asked:
    """Return what is set side by side: the scenarios, or one alone against things as they stand."""
    base = preset(AS_ON_RECORD)
    if len(asked.scenarios) > 1 or asked.scenarios[0].name == base.name:
        return asked
    return replace(asked, scenarios=(base, *asked.scenarios))


def make(known: Known, asked: Asked) -> Made:
    """Return a run that can be kept: several scenarios side by side, or a forecast of one and what it costs.

    Raises
    ------
    NotPermitted
        A scenario closes a site by its reference, and who asks sees no site.
    BadInput
        The scenarios do not fit each other or the records.
    """
    require_no_site_named(known, asked)
    if len(asked.scenarios) > 1:
        kind, document = RunKind.COMPARISON, comparison_json(known, asked)
    else:
        kind, document = RunKind.FORECAST, _inside(known, asked)
    return Made(
        kind,
        known.clock.as_at,
        asked.scenarios,
        asked.seed,
        str(MODEL_VERSION),
        text_of(document),
    )


def _inside(known: Known, asked: Asked) -> Json:
    """Return a forecast for those who see no case: needs and queues as they are released."""
    (scenario,) = asked.scenarios
    made = forecast(known, scenario, asked)
    document = forecast_document(
        made,
        scenario,
        seed=asked.seed,
        draws=asked.draws,
        every=EVERY,
        released=tables_of(known, made),
    )
    return document | {
        "made_from": str(known.origin),
        "comparison": comparison_json(known, beside(asked)),
    }


def text_of(document: Json) -> str:
    """Return the one text of a document that is kept: sorted, no blanks."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def document_in(text: str) -> Json:
    """Return the document of a run that was kept."""
    document: Json = json.loads(text)
    return document


def asked_of(scenarios: Sequence[Scenario], *, draws: int | None = None, seed: int | None = None) -> Asked:
    """Return what is asked, with what is usual where it is not said.

    Raises
    ------
    BadInput
        A number is out of range.
    """
    return Asked(tuple(scenarios), USUAL_DRAWS if draws is None else draws, seed or 0)
