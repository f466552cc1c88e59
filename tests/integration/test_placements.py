"""Placements: a confirmed hold, the bed of each person, who has come and who has not."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from beds.domain.clock import Clock
from beds.domain.estate import Estate
from beds.domain.terms import BedKind, Gender, HoldState, PlacementState, ReferralStatus
from beds.errors import (
    BedJustTaken,
    ChangedMeanwhile,
    HardRuleBroken,
    NotAllowedNow,
    NotFound,
    NotPermitted,
)
from beds.services.holds import read_hold
from beds.services.placements import (
    PlacementView,
    confirm_hold,
    list_placements,
    read_placement,
    record_arrival,
    record_no_arrival,
)
from tests.builders import (
    CLOCK,
    TODAY,
    a_bed,
    a_person,
    a_placement,
    a_referral,
    a_small_estate,
)
from tests.integration.live import (
    ENGLISH,
    NOBODYS_CASES,
    OTHER_PROVIDER,
    PROVIDER,
    SCOTTISH,
    ask,
    change,
    estate_now,
    events,
    later,
    place,
    status_of,
    stored,
    the_policy,
    two_women,
)
from tests.integration.recorded import bring_in, contents, execute

FAMILY = (
    a_person("A1", due_on=TODAY + timedelta(days=10)),
    a_person("A2", is_lead=False, age=33, gender=Gender.FEMALE, together_confirmed=True),
    a_person("A3", is_lead=False, age=1),
)


def confirm(engine: Engine, hold_id: str, actor: Any = ENGLISH, **options: Any) -> PlacementView:
    """Confirm a hold as it was placed."""
    return change(engine, confirm_hold, actor, hold_id, **{"version": 1, "policy": the_policy(), **options})


def expected(engine: Engine, estate: Estate | None = None) -> PlacementView:
    """Bring an estate in, hold the unit for R1 and confirm it."""
    bring_in(engine, estate or two_women())
    return confirm(engine, place(engine).hold_id)


def test_a_confirmed_hold_is_a_placement_that_is_expected(engine: Engine) -> None:
    bring_in(engine, two_women())
    hold = place(engine)

    placement = confirm(engine, hold.hold_id, at=later(minutes=30))

    assert (placement.state, placement.hold_id) == (PlacementState.EXPECTED, hold.hold_id)
    assert placement.bed_ids == {"B1"}
    assert (placement.starts_on, placement.expected_end_on) == (hold.starts_on, hold.expected_end_on)
    assert status_of(engine) is ReferralStatus.PLACED
    found = ask(engine, read_hold, ENGLISH, hold.hold_id, clock=later(minutes=30), policy=the_policy())
    assert found.state is HoldState.CONFIRMED
    (event,) = events(engine, "hold_confirmed")
    assert (event["subject"], event["referral_id"], event["site_id"]) == (placement.placement_id, "R1", "S1")


def test_each_person_has_a_bed_and_the_baby_who_is_due_has_one_too(engine: Engine) -> None:
    cot = a_bed("B4", kind=BedKind.COT)
    estate = a_small_estate(people=FAMILY, beds=(a_bed(), a_bed("B2"), a_bed("B3"), cot))

    placement = expected(engine, estate)

    sleeper = {bed.bed_id: bed.person_id for bed in placement.beds}
    assert sleeper == {"B1": "A1", "B2": "A2", "B3": None, "B4": "A3"}


def test_a_hold_is_confirmed_in_its_last_minute_and_not_after(engine: Engine) -> None:
    bring_in(engine, two_women())
    hold = place(engine)

    with pytest.raises(NotAllowedNow, match="run out"):
        confirm(engine, hold.hold_id, at=later(hours=2))
    placement = confirm(engine, hold.hold_id, at=later(hours=1, minutes=59, seconds=59))

    assert placement.state is PlacementState.EXPECTED


def test_a_hold_that_runs_out_during_the_request_is_refused(engine: Engine) -> None:
    """Her request came in time, but waited while a later one released the bed and took it."""
    bring_in(engine, two_women())
    hold = place(engine)
    place(engine, who="R2", at=later(hours=2, seconds=1))

    with pytest.raises(NotAllowedNow, match="run out"):
        confirm(engine, hold.hold_id, at=later(hours=1, minutes=59, seconds=59))

    assert status_of(engine) is ReferralStatus.HELD
    assert stored(engine, "placement", "placement_id") == []


@pytest.mark.parametrize(
    ("statement", "refusal"),
    [
        pytest.param("UPDATE referral SET risk_to_others = 'high'", HardRuleBroken, id="risk"),
        pytest.param("UPDATE site SET closes_on = '2026-03-10'", HardRuleBroken, id="closing"),
        pytest.param(
            "INSERT INTO closure VALUES ('c', 'B1', '2026-03-20', NULL, 'works')", BedJustTaken, id="closed"
        ),
        pytest.param("UPDATE referral SET needed_from = '2026-03-09'", NotAllowedNow, id="later"),
    ],
)
def test_every_rule_is_judged_again_when_a_hold_is_confirmed(
    engine: Engine, statement: str, refusal: type[Exception]
) -> None:
    bring_in(engine, two_women())
    hold = place(engine)
    execute(engine, statement)
    before = contents(engine)

    with pytest.raises(refusal):
        confirm(engine, hold.hold_id)

    assert contents(engine) == before


def test_a_hold_confirmed_after_six_begins_with_the_new_night(sqlite_engine: Engine) -> None:
    night = Clock(datetime(2026, 3, 4, 5, 30, tzinfo=UTC))
    bring_in(sqlite_engine, two_women())
    hold = place(sqlite_engine, at=night)

    placement = confirm(sqlite_engine, hold.hold_id, at=datetime(2026, 3, 4, 6, 30, tzinfo=UTC))

    assert (hold.starts_on, placement.starts_on) == (date(2026, 3, 3), date(2026, 3, 4))
    assert placement.expected_end_on == hold.expected_end_on


def test_a_hold_for_one_night_confirmed_after_six_is_for_the_night_to_come(sqlite_engine: Engine) -> None:
    night = Clock(datetime(2026, 3, 4, 5, 30, tzinfo=UTC))
    bring_in(sqlite_engine, two_women(referrals=(a_referral(expected_stay_days=1), a_referral("R2"))))
    hold = place(sqlite_engine, at=night)

    placement = confirm(sqlite_engine, hold.hold_id, at=datetime(2026, 3, 4, 6, 30, tzinfo=UTC))

    assert (placement.starts_on, placement.expected_end_on) == (date(2026, 3, 4), date(2026, 3, 5))


def test_the_leap_day_is_a_night_like_others(sqlite_engine: Engine) -> None:
    eve = Clock(datetime(2028, 2, 28, 12, tzinfo=UTC))
    bring_in(sqlite_engine, two_women(referrals=(a_referral(expected_stay_days=2), a_referral("R2"))))

    placement = confirm(sqlite_engine, place(sqlite_engine, at=eve).hold_id, at=eve)

    assert placement.expected_end_on == date(2028, 3, 1)


@pytest.mark.parametrize("actor", [PROVIDER, *NOBODYS_CASES], ids=lambda actor: actor.user_id)
def test_a_hold_is_confirmed_by_who_may_claim_beds(sqlite_engine: Engine, actor: Any) -> None:
    bring_in(sqlite_engine, two_women())
    hold = place(sqlite_engine)

    with pytest.raises(NotPermitted):
        confirm(sqlite_engine, hold.hold_id, actor)


def test_a_hold_of_another_nations_case_is_not_there_to_confirm(sqlite_engine: Engine) -> None:
    bring_in(sqlite_engine, two_women())
    hold = place(sqlite_engine)

    with pytest.raises(NotFound):
        confirm(sqlite_engine, hold.hold_id, SCOTTISH)
    with pytest.raises(ChangedMeanwhile):
        confirm(sqlite_engine, hold.hold_id, version=3)


def test_a_confirmed_hold_is_not_confirmed_again(sqlite_engine: Engine) -> None:
    bring_in(sqlite_engine, two_women())
    hold = place(sqlite_engine)
    confirm(sqlite_engine, hold.hold_id)

    with pytest.raises(NotAllowedNow, match="confirmed"):
        confirm(sqlite_engine, hold.hold_id, version=2)


@pytest.mark.parametrize("actor", [ENGLISH, PROVIDER], ids=lambda actor: actor.user_id)
def test_an_arrival_is_recorded_by_the_case_or_by_the_house(engine: Engine, actor: Any) -> None:
    placement = expected(engine)

    arrived = change(engine, record_arrival, actor, placement.placement_id, version=1)

    assert (arrived.state, arrived.version) == (PlacementState.ARRIVED, 2)
    assert [event["site_id"] for event in events(engine, "arrival_recorded")] == ["S1"]


def test_an_arrival_in_another_providers_site_is_not_there(engine: Engine) -> None:
    placement = expected(engine)

    with pytest.raises(NotFound):
        change(engine, record_arrival, OTHER_PROVIDER, placement.placement_id, version=1)
    with pytest.raises(NotFound):
        change(engine, record_arrival, SCOTTISH, placement.placement_id, version=1)
    for actor in NOBODYS_CASES:
        with pytest.raises(NotPermitted):
            change(engine, record_arrival, actor, placement.placement_id, version=1)


def test_who_has_arrived_does_not_arrive_again(sqlite_engine: Engine) -> None:
    placement = expected(sqlite_engine)
    change(sqlite_engine, record_arrival, ENGLISH, placement.placement_id, version=1)

    with pytest.raises(NotAllowedNow, match="arrived"):
        change(sqlite_engine, record_arrival, ENGLISH, placement.placement_id, version=2)
    with pytest.raises(ChangedMeanwhile):
        change(sqlite_engine, record_arrival, ENGLISH, placement.placement_id, version=1)


def test_who_does_not_come_has_no_nights_and_waits_in_her_old_place(engine: Engine) -> None:
    placement = expected(engine)
    received = stored(engine, "referral", "received_at", referral_id="R1")

    found = change(engine, record_no_arrival, PROVIDER, placement.placement_id, version=1, at=later(days=2))

    assert found.state is PlacementState.NOT_ARRIVED
    assert [(bed.starts_on, bed.ended_on) for bed in found.beds] == [(TODAY, TODAY)]
    assert status_of(engine) is ReferralStatus.WAITING
    assert stored(engine, "referral", "received_at", referral_id="R1") == received
    assert place(engine, who="R2", at=later(days=2)).bed_ids == ("B1",)


def test_she_does_not_wait_twice(sqlite_engine: Engine) -> None:
    """Another referral of the same survivor came in while she was expected."""
    closed = a_referral("R2", survivor_ref="V1", status=ReferralStatus.CLOSED)
    placement = expected(sqlite_engine, two_women(referrals=(a_referral(survivor_ref="V1"), closed)))
    execute(sqlite_engine, "UPDATE referral SET status = 'waiting' WHERE referral_id = 'R2'")

    with pytest.raises(NotAllowedNow, match="another referral"):
        change(sqlite_engine, record_no_arrival, ENGLISH, placement.placement_id, version=1)


def test_stays_are_listed_to_the_house_and_to_the_case(engine: Engine) -> None:
    bring_in(engine, two_women(placements=(a_placement("R2", "B2", ended_on=TODAY),)))
    placement = confirm(engine, place(engine).hold_id)

    both = {placement.placement_id, "PL-R2-B2"}
    for actor, seen in ((ENGLISH, both), (PROVIDER, both), (SCOTTISH, set()), (OTHER_PROVIDER, set())):
        page = ask(engine, list_placements, actor)
        assert {row.placement_id for row in page.rows} == seen
        assert ask(engine, list_placements, actor, site_id="S1") == page
        assert ask(engine, list_placements, actor, site_id="S9").rows == ()
    current = ask(engine, list_placements, ENGLISH, current_only=True)
    assert [row.placement_id for row in current.rows] == [placement.placement_id]
    assert ask(engine, read_placement, PROVIDER, "PL-R2-B2").state is PlacementState.ENDED
    with pytest.raises(NotFound):
        ask(engine, read_placement, OTHER_PROVIDER, placement.placement_id)
    with pytest.raises(NotPermitted):
        ask(engine, list_placements, NOBODYS_CASES[0])


def test_a_placement_is_where_the_rules_see_it(sqlite_engine: Engine) -> None:
    placement = expected(sqlite_engine)

    (stay,) = estate_now(sqlite_engine, CLOCK).placements

    assert (stay.placement_id, stay.bed_id) == (placement.placement_id, "B1")
