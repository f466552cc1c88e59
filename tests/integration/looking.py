"""What the tests of looking for a place share: services asked at noon, and a log of reads that remembers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Engine

from beds.database import reading
from beds.domain.clock import Clock
from beds.domain.estate import Estate
from beds.roles import Actor
from beds.services.freezing import Ground
from tests.builders import CLOCK, a_person, a_referral, a_small_estate
from tests.integration.live import estate_now, the_policy


@dataclass
class Reads:
    """A log of reads that only remembers."""

    cases: list[tuple[str, str]] = field(default_factory=list)

    def case_read(self, user_id: str, referral_id: str, at: datetime) -> None:
        """Remember that a case was opened."""
        del at
        self.cases.append((user_id, referral_id))

    def address_read(self, user_id: str, site_id: str, at: datetime) -> None:
        """Refuse: nobody looks for a place by its address."""
        raise AssertionError(f"{user_id} read the address of {site_id} at {at}")


def found(
    engine: Engine,
    service: Callable[..., Any],
    actor: Actor,
    *about: Any,
    clock: Clock = CLOCK,
    **options: Any,
) -> Any:
    """Return what a service that looks at the whole estate answers, at noon if no clock is stated."""
    ground = Ground.of(estate_now(engine, clock), clock)
    with reading(engine) as session:
        return service(session, actor, ground, *about, policy=the_policy(), **options)


def waiting(*households: tuple[str, dict[str, Any], dict[str, Any]], **tables: Any) -> Estate:
    """Return households waiting for U1: a reference, changes of the referral, of the lead."""
    return a_small_estate(
        referrals=tuple(a_referral(ref, **changes) for ref, changes, _ in households),
        people=tuple(a_person(f"A-{ref}", ref, **lead) for ref, _, lead in households),
        **tables,
    )
