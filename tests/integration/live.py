"""What the tests of the live service share: people who act, and services called one by one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import Engine, func, select

from beds.database import METADATA, reading, writing
from beds.domain.clock import Clock
from beds.domain.estate import Estate
from beds.domain.terms import Nation, ReferralStatus
from beds.roles import Role, actor_of
from beds.services.holds import HoldView, place_hold
from beds.services.policy import Policy, policy_of
from beds.store.loading import load_estate
from tests.builders import CLOCK, NOON, a_bed, a_person, a_referral, a_small_estate, a_unit
from tests.integration.conftest import settings_for

Answer = TypeVar("Answer")

ENGLISH = actor_of("user-english", Role.COORDINATOR, nations=[Nation.ENGLAND])
SCOTTISH = actor_of("user-scottish", Role.COORDINATOR, nations=[Nation.SCOTLAND])
ALL_NATIONS = actor_of("user-all", Role.COORDINATOR, nations=Nation)
PROVIDER = actor_of("user-provider", Role.PROVIDER, provider_id="P1")
OTHER_PROVIDER = actor_of("user-other-provider", Role.PROVIDER, provider_id="P2")
COMMISSIONER = actor_of("user-commissioner", Role.COMMISSIONER)
NOBODYS_CASES = tuple(
    actor_of(f"user-{role}", role) for role in (Role.COMMISSIONER, Role.ANALYST, Role.AUDITOR, Role.ADMIN)
)


@cache
def the_policy() -> Policy:
    """Return the policy of the default settings: holds last two hours and warn in the last half."""
    return policy_of(settings_for("sqlite://"))


WOMEN = (a_person(), a_person("A2", "R2"))
SPEAKS_ALBANIAN = a_person(languages=frozenset({"sq"}))


def two_women(**tables: Any) -> Estate:
    """Return two women who wait for the two units of one bed of one site."""
    return a_small_estate(
        **{
            "units": (a_unit(), a_unit("U2")),
            "beds": (a_bed(), a_bed("B2", "U2")),
            "referrals": (a_referral(), a_referral("R2")),
            "people": WOMEN,
            **tables,
        }
    )


def place(
    engine: Engine, *, actor: Any = ENGLISH, unit: str = "U1", who: str = "R1", **options: Any
) -> HoldView:
    """Place a hold for a reason that is as good as any."""
    options = {"reason": "offer_accepted", "policy": the_policy(), **options}
    return change(engine, place_hold, actor, who, unit, **options)


def later(**span: float) -> Clock:
    """Return a clock some time after noon."""
    return Clock(NOON + timedelta(**span))


def change(engine: Engine, service: Callable[..., Answer], *arguments: Any, **options: Any) -> Answer:
    """Call a service that changes something, in a transaction of its own; at noon if no clock is stated."""
    with writing(engine) as session:
        return service(session, *arguments, **_with_clock(options))


def ask(engine: Engine, service: Callable[..., Answer], *arguments: Any, **options: Any) -> Answer:
    """Call a service that reads, in a transaction of its own."""
    with reading(engine) as session:
        return service(session, *arguments, **options)


def status_of(engine: Engine, referral_id: str = "R1") -> ReferralStatus:
    """Return where a referral stands."""
    return ReferralStatus(stored(engine, "referral", "status", referral_id=referral_id)[0])


def stored(engine: Engine, table: str, column: str, **where: object) -> list[Any]:
    """Return one column of the rows that have these values."""
    found = METADATA.tables[table]
    chosen = select(found.c[column]).where(*(found.c[name] == value for name, value in where.items()))
    with reading(engine) as session:
        return list(session.scalars(chosen))


def events(engine: Engine, action: str) -> list[dict[str, Any]]:
    """Return the audit events of one action, oldest first."""
    table = METADATA.tables["audit_event"]
    with reading(engine) as session:
        found = session.execute(select(table).where(table.c.action == action).order_by(table.c.sequence))
        return [dict(row) for row in found.mappings()]


def count(engine: Engine, table: str) -> int:
    """Return how many rows a table has."""
    with reading(engine) as session:
        return int(session.execute(select(func.count()).select_from(METADATA.tables[table])).scalar_one())


def estate_now(engine: Engine, clock: Clock = CLOCK) -> Estate:
    """Return the estate as the rules see it at an instant."""
    with reading(engine) as session:
        return load_estate(session, current_only_from=clock.today)


def set_columns(engine: Engine, table: str, record_id: str, **values: Any) -> None:
    """Change a record as a service would."""
    with writing(engine) as session:
        found = METADATA.tables[table]
        session.execute(found.update().where(found.c[f"{table}_id"] == record_id).values(values))


def _with_clock(options: dict[str, Any]) -> dict[str, Any]:
    at = options.pop("at", None)
    clock = Clock(at) if isinstance(at, datetime) else at or CLOCK
    return {"clock": clock, **options}
