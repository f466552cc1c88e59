"""What needs a decision next: each kind when it is there, none when it is not, and of seen cases alone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from beds.database import reading
from beds.domain.clock import Clock
from beds.domain.estate import Estate
from beds.domain.terms import Nation, ReferralStatus
from beds.errors import NotPermitted
from beds.roles import Actor
from beds.services.freezing import Ground
from beds.services.next_decisions import (
    Decision,
    DecisionKind,
    decisions_of_coordinator,
    decisions_of_provider,
)
from beds.services.placements import confirm_hold
from beds.services.referrals import record_referral
from beds.services.tonight import tonight
from beds.services.waiting_list import waiting_list
from tests.builders import (
    CLOCK,
    NOON,
    TODAY,
    a_hold,
    a_person,
    a_placement,
    a_referral,
    a_small_estate,
)
from tests.integration.cases import a_household
from tests.integration.live import (
    ALL_NATIONS,
    ENGLISH,
    NOBODYS_CASES,
    OTHER_PROVIDER,
    PROVIDER,
    SCOTTISH,
    change,
    estate_now,
    later,
    place,
    set_columns,
    the_policy,
)
from tests.integration.recorded import bring_in


def decided(engine: Engine, actor: Actor = ENGLISH, clock: Clock = CLOCK) -> dict[DecisionKind, Decision]:
    """Return what a coordinator has to decide, by kind."""
    ground = Ground.of(estate_now(engine, clock), clock)
    with reading(engine) as session:
        state = tonight(session, actor, clock=clock, policy=the_policy(), ground=ground)
        waits = waiting_list(session, actor, clock=clock)
        found = decisions_of_coordinator(session, actor, ground, state=state, waiting=waits)
    return {one.kind: one for one in found}


def to_do(engine: Engine, actor: Actor = PROVIDER, clock: Clock = CLOCK) -> dict[DecisionKind, Decision]:
    """Return what a provider has to do, by kind."""
    ground = Ground.of(estate_now(engine, clock), clock)
    with reading(engine) as session:
        found = decisions_of_provider(session, actor, ground, policy=the_policy())
    return {one.kind: one for one in found}


def a_stay(**stay: object) -> Estate:
    """Return somebody placed in the one bed there is."""
    return a_small_estate(
        referrals=[a_referral(status=ReferralStatus.PLACED)], placements=[a_placement("R1", "B1", **stay)]
    )


def test_an_estate_at_rest_needs_no_decision(engine: Engine) -> None:
    bring_in(engine, a_small_estate())

    assert decided(engine) == {}


def test_who_cannot_wait_and_has_no_bed_held_comes_first(engine: Engine) -> None:
    bring_in(engine, a_small_estate(referrals=[a_referral(no_shelter_tonight=True)]))

    assert decided(engine)[DecisionKind.NO_PLACE_TONIGHT].refs == ("R1",)
    place(engine)
    assert DecisionKind.NO_PLACE_TONIGHT not in decided(engine)


def test_a_hold_that_runs_out_soon_is_due_when_it_does(engine: Engine) -> None:
    bring_in(engine, a_small_estate())
    hold = place(engine)

    early, late = decided(engine), decided(engine, clock=later(minutes=100))

    assert DecisionKind.HOLD_RUNS_OUT not in early
    assert late[DecisionKind.HOLD_RUNS_OUT] == Decision(
        DecisionKind.HOLD_RUNS_OUT, ("R1",), by=hold.expires_at
    )


def test_a_referral_that_nobody_has_looked_at_is_to_be_looked_at(engine: Engine) -> None:
    bring_in(engine, a_small_estate(referrals=[], people=[]))
    line = change(engine, record_referral, ENGLISH, a_household(), triaged=False)

    assert decided(engine)[DecisionKind.TO_TRIAGE].refs == (line.referral_id,)


def test_an_age_that_was_not_asked_is_to_be_asked(engine: Engine) -> None:
    bring_in(engine, a_small_estate(people=[a_person(age=None)]))

    assert decided(engine)[DecisionKind.NOT_YET_ASKED].refs == ("R1",)


def test_who_should_have_arrived_is_asked_after_until_they_have(engine: Engine) -> None:
    bring_in(engine, a_small_estate())
    hold = place(engine)
    change(engine, confirm_hold, ENGLISH, hold.hold_id, version=hold.version, policy=the_policy())

    assert decided(engine)[DecisionKind.ARRIVAL_DUE].refs == ("R1",)
    assert to_do(engine)[DecisionKind.ARRIVAL_DUE].refs == ("R1",)
    assert DecisionKind.ARRIVAL_DUE not in to_do(engine, OTHER_PROVIDER)


@pytest.mark.parametrize(("ends_in", "due"), [(1, False), (0, True), (-5, True)])
def test_a_stay_is_overdue_from_the_day_that_it_should_have_ended(
    engine: Engine, ends_in: int, due: bool
) -> None:
    bring_in(
        engine,
        a_stay(starts_on=TODAY - timedelta(days=30), expected_end_on=TODAY + timedelta(days=ends_in)),
    )

    assert (DecisionKind.STAY_OVERDUE in decided(engine)) is due
    assert (DecisionKind.STAY_OVERDUE in to_do(engine)) is due


def test_a_period_that_ends_within_the_week_is_named(engine: Engine) -> None:
    bring_in(engine, a_small_estate(referrals=[a_referral(nation=Nation.SCOTLAND)]))
    set_columns(engine, "referral", "R1", reasonable_grounds_on=TODAY - timedelta(days=85))

    assert decided(engine, SCOTTISH)[DecisionKind.CLOCK_ENDS].refs == ("R1",)


def test_cases_of_another_nation_are_not_named(engine: Engine) -> None:
    bring_in(engine, a_small_estate(referrals=[a_referral(no_shelter_tonight=True)]))

    assert decided(engine, SCOTTISH) == {}
    assert decided(engine, ALL_NATIONS) != {}


def test_a_house_that_has_said_nothing_lately_is_to_confirm(engine: Engine) -> None:
    bring_in(engine, a_small_estate())
    assert to_do(engine)[DecisionKind.TO_CONFIRM].refs == ("S1",)

    set_columns(engine, "site", "S1", availability_confirmed_at=NOON)

    assert to_do(engine) == {}


def test_a_hold_from_a_folder_that_has_run_out_holds_nothing(engine: Engine) -> None:
    estate = a_small_estate(
        referrals=[a_referral(no_shelter_tonight=True, status=ReferralStatus.HELD)],
        holds=[a_hold("R1", expires_at=NOON - timedelta(minutes=1))],
    )
    bring_in(engine, estate)

    assert decided(engine)[DecisionKind.NO_PLACE_TONIGHT].refs == ("R1",)


@pytest.mark.parametrize("actor", [PROVIDER, *NOBODYS_CASES], ids=lambda actor: actor.user_id)
def test_who_sees_no_case_has_nothing_to_decide(engine: Engine, actor: Actor) -> None:
    bring_in(engine, a_small_estate())
    ground = Ground.of(estate_now(engine), CLOCK)

    with reading(engine) as session:
        state = tonight(session, ENGLISH, clock=CLOCK, policy=the_policy())
        with pytest.raises(NotPermitted):
            decisions_of_coordinator(session, actor, ground, state=state, waiting=())
        with pytest.raises(NotPermitted):
            waiting_list(session, actor, clock=CLOCK)
