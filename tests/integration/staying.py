"""A stay that has begun, and the steps that it may take: what the tests of stays share."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import Engine

from beds.domain.estate import Estate
from beds.domain.terms import MoveOn
from beds.services.placements import PlacementView, confirm_hold, record_arrival
from beds.services.stays import end_stay, extend_stay, move_out, transfer_stay
from tests.builders import (
    TODAY,
)
from tests.integration.live import (
    ENGLISH,
    change,
    later,
    place,
    the_policy,
    two_women,
)
from tests.integration.recorded import bring_in

SOCIAL = MoveOn.SOCIAL_HOUSING


def day(number: int) -> date:
    """Return a date by its number of nights from today."""
    return TODAY + timedelta(days=number)


def arrived(engine: Engine, estate: Estate | None = None) -> PlacementView:
    """Bring an estate in and let R1 arrive in U1 for thirty nights."""
    bring_in(engine, estate or two_women())
    hold = place(engine)
    stay = change(engine, confirm_hold, ENGLISH, hold.hold_id, version=1, policy=the_policy())
    return change(engine, record_arrival, ENGLISH, stay.placement_id, version=1)


def extend(engine: Engine, stay: PlacementView, nights: int, actor: Any = ENGLISH, **options: Any) -> Any:
    """Extend a stay until so many nights from today."""
    options = {"version": stay.version, "new_end_on": day(nights), "policy": the_policy(), **options}
    return change(engine, extend_stay, actor, stay.placement_id, **options)


def transfer(engine: Engine, stay: PlacementView, unit: str, actor: Any = ENGLISH, **options: Any) -> Any:
    """Transfer a stay to another unit."""
    options = {"version": stay.version, "unit_id": unit, "policy": the_policy(), **options}
    return change(engine, transfer_stay, actor, stay.placement_id, **options)


def end(engine: Engine, stay: PlacementView, on: int, actor: Any = ENGLISH, **options: Any) -> Any:
    """End a stay so many nights from today, at noon of that day."""
    options = {"version": stay.version, "on": day(on), "move_on": SOCIAL, "at": later(days=on), **options}
    return change(engine, end_stay, actor, stay.placement_id, **options)


def leave(engine: Engine, stay: PlacementView, *people: str, actor: Any = ENGLISH, **options: Any) -> Any:
    """Let some people leave today."""
    options = {"version": stay.version, "person_ids": people, "on": TODAY, "move_on": SOCIAL, **options}
    return change(engine, move_out, actor, stay.placement_id, **options)
