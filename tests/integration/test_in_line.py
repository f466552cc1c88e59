"""Who waits, in line, and where one household stands: held, expected, declined."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from beds.domain.clock import Clock
from beds.domain.terms import DeclinedBy, HoldState, Nation, Priority, ReferralStatus
from beds.errors import NotFound, NotPermitted
from beds.roles import Actor
from beds.services.declines import decline_hold, decline_site
from beds.services.holds import release_hold
from beds.services.in_line import CaseStands, holds_in_force, households_in_line, where_it_stands
from beds.services.placements import confirm_hold, record_arrival
from tests.builders import CLOCK, NOON, TODAY
from tests.integration.live import (
    ENGLISH,
    NOBODYS_CASES,
    PROVIDER,
    SCOTTISH,
    change,
    later,
    place,
    the_policy,
    two_women,
)
from tests.integration.looking import found, waiting
from tests.integration.recorded import bring_in


def stands(engine: Engine, who: str = "R1", *, clock: Clock = CLOCK, actor: Actor = ENGLISH) -> CaseStands:
    """Return where a household stands."""
    answer: CaseStands = found(engine, where_it_stands, actor, who, clock=clock)
    return answer


def test_the_list_is_in_line_and_of_cases_one_may_see(engine: Engine) -> None:
    bring_in(
        engine,
        waiting(
            ("R1", {}, {}),
            ("R2", {"received_at": NOON - timedelta(days=9)}, {}),
            ("R3", {"detention_risk": True}, {}),
            ("R4", {"nation": Nation.SCOTLAND}, {}),
            ("R5", {"status": "placed"}, {}),
        ),
    )
    place(engine, who="R2")

    def listed(actor: Actor) -> list[tuple[str, bool]]:
        return [(line.referral_id, line.is_held) for line in found_list(engine, actor)]

    assert listed(ENGLISH) == [("R3", False), ("R2", True), ("R1", False)]
    assert listed(SCOTTISH) == [("R4", False)]
    first = found_list(engine, ENGLISH)[0]
    assert (first.priority, first.detention, first.no_shelter) == (Priority.EMERGENCY, True, False)


def found_list(engine: Engine, actor: Actor) -> Any:
    """Return the waiting list at noon; a list asks for no policy."""
    return found(engine, lambda session, who, ground, policy: households_in_line(session, who, ground), actor)


def test_a_hold_is_where_she_stands_until_it_runs_out(engine: Engine) -> None:
    bring_in(engine, two_women())
    assert (stands(engine).hold, stands(engine).last_hold, stands(engine).stay) == (None, None, None)

    hold = place(engine)

    now, after = stands(engine), stands(engine, clock=later(hours=3))
    assert now.hold is not None
    assert (now.status, now.hold.hold_id, now.last_hold) == (ReferralStatus.HELD, hold.hold_id, None)
    assert (after.status, after.hold) == (ReferralStatus.WAITING, None)
    assert after.last_hold is not None
    assert after.last_hold.state is HoldState.EXPIRED


def test_a_hold_that_is_taken_up_is_a_stay(engine: Engine) -> None:
    bring_in(engine, two_women())
    hold = place(engine)

    stay = change(engine, confirm_hold, ENGLISH, hold.hold_id, version=1, policy=the_policy())

    now = stands(engine)
    assert (now.status, now.hold) == (ReferralStatus.PLACED, None)
    assert now.stay == stay
    arrived = change(engine, record_arrival, ENGLISH, stay.placement_id, version=1)
    assert stands(engine).stay == arrived


def test_a_no_stands_until_its_day_and_the_hold_is_over(engine: Engine) -> None:
    bring_in(engine, two_women())
    hold = place(engine)

    change(
        engine,
        decline_hold,
        ENGLISH,
        hold.hold_id,
        version=1,
        declined_by=DeclinedBy.SURVIVOR,
        reason="sharing",
    )

    now = stands(engine)
    assert (now.status, now.hold) == (ReferralStatus.WAITING, None)
    assert [(no.site_id, no.reason, no.until) for no in now.declines] == [
        ("S1", "sharing", TODAY + timedelta(days=7))
    ]
    assert stands(engine, clock=later(days=8)).declines == ()


def test_holds_in_force_come_as_they_run_out_and_have_a_code_each(engine: Engine) -> None:
    bring_in(engine, two_women())
    long = place(engine, lasts=timedelta(hours=5))
    short = place(engine, who="R2", unit="U2")

    holds = found(engine, holds_in_force, ENGLISH)

    assert [hold.hold_id for hold in holds] == [short.hold_id, long.hold_id]
    assert len({hold.code for hold in holds}) == 2
    assert all(len(hold.code) == 7 and hold.code == hold.code.upper() for hold in holds)
    assert found(engine, holds_in_force, SCOTTISH) == ()
    change(engine, release_hold, ENGLISH, short.hold_id, version=1, reason="not_needed")
    assert [hold.hold_id for hold in found(engine, holds_in_force, ENGLISH)] == [long.hold_id]


def test_a_site_that_was_declined_without_a_hold_is_listed_too(sqlite_engine: Engine) -> None:
    bring_in(sqlite_engine, two_women())

    change(
        sqlite_engine, decline_site, ENGLISH, "R1", "S1", declined_by=DeclinedBy.SURVIVOR, reason="too_near"
    )

    assert [(no.site_id, no.until) for no in stands(sqlite_engine).declines] == [("S1", None)]


@pytest.mark.parametrize("actor", [PROVIDER, *NOBODYS_CASES], ids=lambda actor: actor.user_id)
def test_who_sees_no_case_is_refused(sqlite_engine: Engine, actor: Actor) -> None:
    bring_in(sqlite_engine, two_women())

    with pytest.raises(NotPermitted):
        found_list(sqlite_engine, actor)
    with pytest.raises(NotPermitted):
        stands(sqlite_engine, actor=actor)
    with pytest.raises(NotPermitted):
        found(sqlite_engine, holds_in_force, actor)


def test_a_case_of_the_other_nation_does_not_exist(sqlite_engine: Engine) -> None:
    bring_in(sqlite_engine, two_women())

    with pytest.raises(NotFound):
        stands(sqlite_engine, actor=SCOTTISH)
