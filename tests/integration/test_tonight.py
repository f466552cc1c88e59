"""What stands tonight: the queue, who cannot wait, what is vacant, whom to phone, clocks and events."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import Engine

from beds.domain.clock import Clock
from beds.domain.estate import Estate
from beds.domain.terms import Nation, Priority, ReferralStatus
from beds.domain.waiting import ClockKind, EventKind
from beds.errors import NotPermitted
from beds.roles import OPERATOR, Actor
from beds.services.freezing import Ground
from beds.services.referrals import record_decision
from beds.services.sites import confirm_availability, set_contact
from beds.services.tonight import Tonight, events_during_stays, tonight
from beds.services.vacancies import Call, call_list, vacancies
from tests.builders import (
    CLOCK,
    NOON,
    TODAY,
    a_bed,
    a_hold,
    a_keep_apart,
    a_person,
    a_placement,
    a_referral,
    a_site,
    a_small_estate,
    a_unit,
)
from tests.integration.live import (
    ALL_NATIONS,
    COMMISSIONER,
    ENGLISH,
    NOBODYS_CASES,
    OTHER_PROVIDER,
    PROVIDER,
    SCOTTISH,
    ask,
    change,
    estate_now,
    later,
    the_policy,
)
from tests.integration.recorded import bring_in

EMERGENCY, URGENT, STANDARD = Priority
SCOTLAND = {"nation": Nation.SCOTLAND}


def a_queue() -> Estate:
    """Return five English cases and a Scottish one waiting or held, and one placed and one closed."""
    referrals = (
        a_referral("R1", priority=URGENT),
        a_referral("R2", priority=STANDARD, detention_risk=True),
        a_referral("R3", priority=STANDARD, received_at=NOON - timedelta(days=9)),
        a_referral("R4", status=ReferralStatus.HELD),
        a_referral("R5", status=ReferralStatus.HELD, no_shelter_tonight=True),
        a_referral("R6", priority=URGENT, **SCOTLAND),
        a_referral("R7", status=ReferralStatus.PLACED, detention_risk=True),
        a_referral("R8", status=ReferralStatus.CLOSED, detention_risk=True),
    )
    soon = NOON + timedelta(minutes=20)
    return a_small_estate(
        sites=(a_site(), a_site("S2", provider_id="P2", region="S92000003", **SCOTLAND)),
        units=(a_unit("U1"), a_unit("U2"), a_unit("U3"), a_unit("U4", "S2"), a_unit("U5", "S2")),
        beds=tuple(a_bed(f"B{n}", f"U{n}") for n in range(1, 6)),
        referrals=referrals,
        people=tuple(a_person(f"A{n}", f"R{n}") for n in range(1, 9)),
        holds=(
            a_hold("R4", "B1", hold_id="H4", expires_at=soon),
            a_hold("R5", "B2", hold_id="H5", expires_at=NOON - timedelta(hours=1)),
        ),
        placements=(a_placement("R7", "B3"),),
    )


def of_tonight(engine: Engine, actor: Actor, clock: Clock = CLOCK) -> Tonight:
    """Return what somebody sees of tonight."""
    return ask(engine, tonight, actor, clock=clock, policy=the_policy())


def calls(engine: Engine, actor: Actor = ENGLISH) -> tuple[Call, ...]:
    """Return the call list at noon."""
    ground = Ground.of(estate_now(engine), CLOCK)
    return ask(engine, call_list, actor, ground, policy=the_policy())


def test_the_queue_is_counted_by_what_each_counts_as(engine: Engine) -> None:
    bring_in(engine, a_queue())

    seen = of_tonight(engine, ENGLISH)

    assert seen.own is not None
    assert seen.own.waiting == {EMERGENCY: 2, URGENT: 1, STANDARD: 1}
    assert (seen.own.held, seen.own.to_triage) == (1, 0)
    assert (seen.own.detention_risk, seen.own.no_shelter_tonight) == (1, 1)


def test_the_other_nation_is_counted_and_not_named(engine: Engine) -> None:
    bring_in(engine, a_queue())

    english, scottish = of_tonight(engine, ENGLISH), of_tonight(engine, SCOTTISH)

    assert english.everybody == scottish.everybody
    assert english.everybody is not None
    assert english.everybody.waiting == {EMERGENCY: 2, URGENT: 2, STANDARD: 1}
    assert "R6" not in repr(english)
    assert [line.referral_id for line in scottish.longest_waits] == ["R6"]
    assert scottish.first_in_line == scottish.running_out == ()


def test_who_is_at_risk_or_without_shelter_is_first_in_line(engine: Engine) -> None:
    bring_in(engine, a_queue())

    seen = of_tonight(engine, ENGLISH)

    assert [line.referral_id for line in seen.first_in_line] == ["R2", "R5"]
    assert [line.referral_id for line in seen.longest_waits] == ["R3", "R1", "R2", "R5"]
    assert seen.longest_waits[0].hours_since_received == 216


def test_a_hold_is_warned_of_before_it_runs_out_and_not_after(engine: Engine) -> None:
    bring_in(engine, a_queue())

    at = {minutes: of_tonight(engine, ENGLISH, later(minutes=minutes)) for minutes in (-11, -10, 0, 19, 20)}

    assert {minutes: [h.hold_id for h in seen.running_out] for minutes, seen in at.items()} == {
        -11: [],
        -10: ["H4"],
        0: ["H4"],
        19: ["H4"],
        20: [],
    }
    assert at[0].running_out[0].minutes_left == 20


def test_vacancies_are_those_of_units_that_nobody_is_in_or_holds(engine: Engine) -> None:
    bring_in(engine, a_queue())

    seen = {
        actor.user_id: of_tonight(engine, actor)
        for actor in (ENGLISH, PROVIDER, OTHER_PROVIDER, COMMISSIONER)
    }

    assert [(night.vacant_units, night.phone_first_units) for night in seen.values()] == [
        (3, 3),
        (1, 1),
        (2, 2),
        (None, None),
    ]


def test_a_provider_sees_its_vacancies_and_no_queue(engine: Engine) -> None:
    bring_in(engine, a_queue())

    seen = of_tonight(engine, PROVIDER)

    assert (seen.own, seen.everybody, seen.first_in_line, seen.clocks) == (None, None, (), ())


def test_a_commissioner_sees_counts_and_nothing_else(engine: Engine) -> None:
    bring_in(engine, a_queue())

    seen = of_tonight(engine, COMMISSIONER)

    assert seen.everybody is not None
    assert seen.everybody.detention_risk == 1
    assert seen.own is None
    assert "R1" not in repr(seen)


@pytest.mark.parametrize("actor", NOBODYS_CASES[1:], ids=lambda actor: actor.user_id)
def test_who_sees_neither_cases_nor_sites_nor_counts_is_refused(sqlite_engine: Engine, actor: Actor) -> None:
    with pytest.raises(NotPermitted):
        of_tonight(sqlite_engine, actor)


@pytest.mark.parametrize(
    ("reasonable_on", "shown"),
    [
        (date(2025, 12, 10), [date(2026, 3, 10)]),  # 90 days end in a week
        (date(2025, 12, 11), []),
        (date(2025, 11, 26), [date(2026, 2, 24)]),  # and ended a week ago
        (date(2025, 11, 25), []),
    ],
)
def test_a_period_that_ends_within_a_week_is_shown_and_ends_nothing(
    engine: Engine, reasonable_on: date, shown: list[date]
) -> None:
    bring_in(engine, a_queue())
    change(engine, record_decision, SCOTTISH, "R6", version=1, reasonable_grounds_on=reasonable_on)

    scottish, english = of_tonight(engine, SCOTTISH), of_tonight(engine, ENGLISH)

    assert [(clock.kind, clock.ends_on) for clock in scottish.clocks] == [
        (ClockKind.RECOVERY, day) for day in shown
    ]
    assert english.clocks == ()
    assert scottish.own is not None
    assert scottish.own.waiting[URGENT] == 1


def test_a_unit_for_one_household_is_not_vacant_while_half_of_it_is(engine: Engine) -> None:
    estate = a_small_estate(
        units=(a_unit("U1"), a_unit("U2", sharing="shared")),
        beds=tuple(a_bed(f"B{n}", f"U{n // 3 + 1}") for n in (1, 2, 3, 4)),
        referrals=(a_referral("R2", status="placed"), a_referral("R3", status="placed")),
        people=(a_person("A2", "R2"), a_person("A3", "R3")),
        placements=(a_placement("R2", "B1"), a_placement("R3", "B3")),
    )
    bring_in(engine, estate)

    found = ask(engine, vacancies, ENGLISH, clock=CLOCK, policy=the_policy())

    assert [(row.unit_id, row.singles, row.phone_first) for row in found.rows] == [("U2", 1, True)]


def test_vacancies_come_in_pages(engine: Engine) -> None:
    bring_in(engine, a_queue())
    told = {"clock": CLOCK, "policy": the_policy(), "limit": 2}

    first = ask(engine, vacancies, ENGLISH, **told)
    second = ask(engine, vacancies, ENGLISH, after=first.next_after, **told)

    assert [[row.unit_id for row in page.rows] for page in (first, second)] == [["U2", "U4"], ["U5"]]
    assert second.next_after is None


def test_the_site_that_helps_the_most_urgent_is_called_first(engine: Engine) -> None:
    bring_in(engine, a_queue())
    change(engine, set_contact, OPERATOR, "P1", "0100")

    found = calls(engine)

    assert [(call.site_id, call.contact, call.vacant_units) for call in found] == [
        ("S1", "0100", 1),
        ("S2", None, 2),
    ]
    assert found[0].could_use == {EMERGENCY: 2, URGENT: 1, STANDARD: 1}
    assert found[1].could_use == {EMERGENCY: 0, URGENT: 1, STANDARD: 0}
    assert "R1" not in repr(found)


def test_a_site_that_was_confirmed_is_not_on_the_call_list(engine: Engine) -> None:
    bring_in(engine, a_queue())
    change(engine, confirm_availability, PROVIDER, "S1", version=1, policy=the_policy())

    assert [call.site_id for call in calls(engine)] == ["S2"]


@pytest.mark.parametrize("actor", [*NOBODYS_CASES, PROVIDER], ids=lambda actor: actor.user_id)
def test_the_call_list_is_for_who_looks_for_a_bed(sqlite_engine: Engine, actor: Actor) -> None:
    bring_in(sqlite_engine, a_queue())

    with pytest.raises(NotPermitted):
        calls(sqlite_engine, actor)
    with pytest.raises(NotPermitted):
        ask(sqlite_engine, events_during_stays, actor, Ground.of(estate_now(sqlite_engine), CLOCK))


def test_a_keep_apart_on_the_call_list_reads_as_a_bed_that_is_not_there(engine: Engine) -> None:
    placed = a_referral("R2", status=ReferralStatus.PLACED)
    estate = a_small_estate(
        units=(a_unit("U1"), a_unit("U2"), a_unit("U3", sharing="shared")),
        beds=(a_bed("B1", "U1"), a_bed("B2", "U2"), a_bed("B3", "U3")),
        referrals=(a_referral("R1"), placed),
        people=(a_person(), a_person("A2", "R2")),
        placements=(a_placement("R2", "B1"),),
    )
    bring_in(engine, estate.with_rows(keep_apart=(a_keep_apart("R1", "R2"),)))

    (call,) = calls(engine)

    assert call.could_use == dict.fromkeys(Priority, 0)
    assert "apart" not in repr(call)


def test_what_changes_during_stays_is_foreseen_for_ones_own_cases(engine: Engine) -> None:
    girl = a_person("A9", "R7", is_lead=False, age=17)
    estate = a_queue()
    bring_in(engine, estate.with_rows(people=(*estate.people, girl)))
    ground = Ground.of(estate_now(engine), CLOCK)

    english, scottish = (ask(engine, events_during_stays, actor, ground) for actor in (ENGLISH, SCOTTISH))

    assert [(row.referral_id, row.site_id, row.event.kind) for row in english] == [
        ("R7", "S1", EventKind.TURNS_18)
    ]
    assert scottish == ()


def test_who_has_moved_out_has_no_coming_events(engine: Engine) -> None:
    due = a_person("A7", "R7", due_on=TODAY)
    estate = a_queue().with_rows(placements=(a_placement("R7", "B3", ended_on=TODAY),))
    people = (*(person for person in estate.people if person.person_id != "A7"), due)
    bring_in(engine, estate.with_rows(people=people))

    found = ask(engine, events_during_stays, ALL_NATIONS, Ground.of(estate_now(engine), CLOCK))

    assert found == ()
