"""What the tests of cases share: a household, ways to record, open and amend it, a log of reads."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Engine

from beds.domain.terms import Nation
from beds.roles import OPERATOR, Actor
from beds.services.cases import ReferralLine, ReferralView, read_referral
from beds.services.households import Amendment, NewHousehold, NewPerson
from beds.services.people import add_user
from beds.services.referrals import amend_referral, record_referral
from tests.builders import CLOCK
from tests.integration.live import ENGLISH, NOBODYS_CASES, PROVIDER, ask, change

NORTH = "E12000001"
LEAD = NewPerson(gender="female", is_lead=True, age=30, languages=frozenset({"sq-AL"}))
WHO_MAY_NOT = (*NOBODYS_CASES, PROVIDER)


class Reads:
    """A log of reads that keeps them in a list."""

    def __init__(self) -> None:
        self.kept: list[tuple[str, str, str]] = []

    def case_read(self, user_id: str, referral_id: str, at: datetime) -> None:
        """Keep that a case was opened."""
        self.kept.append(("case", user_id, referral_id))

    def address_read(self, user_id: str, site_id: str, at: datetime) -> None:
        """Keep that an address was read."""
        self.kept.append(("address", user_id, site_id))


def a_household(**changes: object) -> NewHousehold:
    """Return a household of one woman in England of whom nothing was asked yet."""
    stated = {"nation": "England", "priority": "standard", "people": (LEAD,), **changes}
    return NewHousehold(**stated)  # type: ignore[arg-type]


def recorded(engine: Engine, actor: Actor = ENGLISH, **changes: object) -> ReferralLine:
    """Record a household."""
    return change(engine, record_referral, actor, a_household(**changes))


def opened(engine: Engine, line: ReferralLine, actor: Actor = ENGLISH) -> ReferralView:
    """Open a case."""
    return ask(engine, read_referral, actor, line.referral_id, clock=CLOCK, log=Reads())


def amended(
    engine: Engine, line: ReferralLine, needs: Mapping[str, object] | None = None, **changes: object
) -> ReferralLine:
    """Amend a case, at the version that the line has."""
    told = Amendment(needs=needs or {}, **changes)  # type: ignore[arg-type]
    return change(engine, amend_referral, ENGLISH, line.referral_id, told, version=line.version)


def a_second_person(engine: Engine, nations: tuple[Nation, ...] = (Nation.ENGLAND,)) -> str:
    """Add another coordinator."""
    user, _ = change(engine, add_user, OPERATOR, name="Second", role="coordinator", days=1, nations=nations)
    return str(user.user_id)
