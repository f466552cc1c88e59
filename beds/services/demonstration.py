"""What the dashboard asks for while it has no sign-in: a demonstration's records, and never a live one's.

The whole of an estate is compiled afresh for each question: nothing of it is kept between two people.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from beds.domain.households import days_waited, place_in_line
from beds.domain.terms import OPEN_STATUSES, REGIONS, Priority, ReferralRef, Sharing, UnitRef
from beds.errors import NotPermitted
from beds.reference import recovery_periods
from beds.services import options as answers
from beds.services.estates import estate_in_database, live_database
from beds.services.freezing import Ground
from beds.services.options import CandidatesJson, OptionsJson
from beds.services.rounds import KeptRound
from beds.services.rounds import latest_round as latest_kept_round
from beds.settings import load_settings, points_of

if TYPE_CHECKING:
    from sqlalchemy import Engine

NEEDS_SIGN_IN = (
    "this database is a live one, and a live one needs sign-in, which the dashboard does not have yet: "
    "run `beds demo` for a demonstration, or use the command line"
)


@dataclass(frozen=True, slots=True)
class WaitingHousehold:
    """A household in the queue, by opaque reference."""

    referral_id: ReferralRef
    priority: Priority
    days_waited: int


@dataclass(frozen=True, slots=True)
class UnitOfEstate:
    """A unit and what tells it from others; where it is, is an area and never an address."""

    unit_id: UnitRef
    site_id: str
    region: str
    shared: bool
    step_free: bool
    beds: int


@contextmanager
def demonstration() -> Iterator[Engine]:
    """Give the database of the settings if it is a demonstration.

    Raises
    ------
    NotPermitted
        It is a live one.
    DatabaseUnavailable
        It is missing, behind, busy or damaged.
    """
    with live_database(load_settings()) as engine:
        require_demonstration(engine)
        yield engine


def require_demonstration(engine: Engine) -> None:
    """Refuse a live database.

    Raises
    ------
    NotPermitted
        It is a live one.
    """
    from beds.database import DatabaseKind, database_kind

    if database_kind(engine) is not DatabaseKind.DEMO:
        raise NotPermitted(NEEDS_SIGN_IN)


def latest_round(engine: Engine) -> KeptRound | None:
    """Return the demonstration's latest stored round, or None where there is none.

    Raises
    ------
    NotPermitted
        The database is a live one.
    """
    from beds.database import reading

    require_demonstration(engine)
    with reading(engine) as session:
        return latest_kept_round(session)


def ground_of_latest_round(engine: Engine) -> Ground | None:
    """Return the demonstration's estate at the instant of its latest round, or None where there is none.

    Raises
    ------
    NotPermitted
        The database is a live one.
    """
    kept = latest_round(engine)
    return None if kept is None else Ground.of(estate_in_database(engine, kept.clock), kept.clock)


def waiting_list(ground: Ground) -> tuple[WaitingHousehold, ...]:
    """Return the households that are waiting or held: by priority, then the longest wait first."""
    today = ground.clock.today
    waiting = [
        WaitingHousehold(r.referral_id, r.counts_as, days_waited(r.received_at, today))
        for r in sorted(ground.estate.referrals, key=lambda r: place_in_line(r, today))
        if r.status in OPEN_STATUSES
    ]
    return tuple(waiting)


def units_of(ground: Ground) -> dict[UnitRef, UnitOfEstate]:
    """Return every unit of the estate by reference, in the order of references."""
    estate = ground.estate
    return {
        unit.unit_id: UnitOfEstate(
            unit_id=unit.unit_id,
            site_id=unit.site_id,
            region=REGIONS.get(estate.site_by_id[unit.site_id].region, "region not known"),
            shared=unit.sharing is Sharing.SHARED,
            step_free=unit.step_free,
            beds=len(estate.beds_of.get(unit.unit_id, ())),
        )
        for unit in estate.units
    }


def places_for(ground: Ground, referral_id: ReferralRef) -> OptionsJson:
    """Return where one household could go now, and why not elsewhere.

    Raises
    ------
    NotFound
        There is no such referral.
    """
    return answers.options(ground, referral_id, periods=recovery_periods(), points=points_of(load_settings()))


def households_for(ground: Ground, unit_id: UnitRef) -> CandidatesJson:
    """Return who could have one unit now, and why not the others.

    Raises
    ------
    NotFound
        There is no such unit.
    """
    return answers.candidates(ground, unit_id, periods=recovery_periods(), points=points_of(load_settings()))
