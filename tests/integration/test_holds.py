"""Holds: how they are placed, how they end, who sees them, and that a read of one writes nothing."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from beds.domain.terms import HoldState, Nation, ReferralStatus
from beds.errors import (
    BadInput,
    BedJustTaken,
    ChangedMeanwhile,
    NotAllowedNow,
    NotFound,
    NotPermitted,
)
from beds.services.holds import list_holds, read_hold, release_hold
from tests.builders import (
    NOON,
    TODAY,
    a_bed,
    a_hold,
    a_person,
    a_referral,
    a_site,
    a_small_estate,
    a_unit,
)
from tests.integration.live import (
    ALL_NATIONS,
    ENGLISH,
    NOBODYS_CASES,
    OTHER_PROVIDER,
    PROVIDER,
    SCOTTISH,
    ask,
    change,
    events,
    later,
    place,
    status_of,
    stored,
    the_policy,
    two_women,
)
from tests.integration.recorded import bring_in, contents


def test_a_hold_keeps_the_bed_until_its_time_runs_out(engine: Engine) -> None:
    bring_in(engine, a_small_estate())

    hold = place(engine)

    assert (hold.site_id, hold.unit_id, hold.bed_ids) == ("S1", "U1", ("B1",))
    assert (hold.starts_on, hold.expected_end_on) == (TODAY, TODAY + timedelta(days=30))
    assert hold.expires_at == NOON + timedelta(hours=2)
    assert (hold.state, hold.minutes_left, hold.warn) == (HoldState.PLACED, 120, False)
    assert status_of(engine) is ReferralStatus.HELD


def test_a_hold_is_audited_with_its_case_and_site(engine: Engine) -> None:
    bring_in(engine, a_small_estate())

    hold = place(engine)

    (event,) = events(engine, "hold_placed")
    assert (event["actor"], event["subject"]) == ("user-english", hold.hold_id)
    assert (event["referral_id"], event["site_id"]) == ("R1", "S1")


def test_a_household_with_a_hold_in_force_gets_no_second_one(engine: Engine) -> None:
    bring_in(engine, two_women())
    place(engine)

    with pytest.raises(NotAllowedNow, match="in force"):
        place(engine, unit="U2")


@pytest.mark.parametrize(
    ("minutes", "left", "warn"), [(0, 120, False), (89, 31, False), (90, 30, True), (119, 1, True)]
)
def test_a_hold_warns_before_it_runs_out(sqlite_engine: Engine, minutes: int, left: int, warn: bool) -> None:
    bring_in(sqlite_engine, a_small_estate())
    hold = place(sqlite_engine)

    found = ask(
        sqlite_engine, read_hold, ENGLISH, hold.hold_id, clock=later(minutes=minutes), policy=the_policy()
    )

    assert (found.minutes_left, found.warn) == (left, warn)


def test_that_a_hold_has_run_out_is_read_and_not_written(engine: Engine) -> None:
    bring_in(engine, a_small_estate())
    hold = place(engine)
    before = contents(engine)

    found = ask(engine, read_hold, ENGLISH, hold.hold_id, clock=later(hours=2), policy=the_policy())
    page = ask(engine, list_holds, ENGLISH, clock=later(hours=2), policy=the_policy())

    assert (found.state, found.minutes_left, found.warn) == (HoldState.EXPIRED, 0, False)
    assert page.rows == (found,)
    assert contents(engine) == before
    assert found.version == hold.version


def test_the_next_claim_gets_a_bed_whose_hold_has_run_out(engine: Engine) -> None:
    bring_in(engine, two_women())
    place(engine)

    with pytest.raises(BedJustTaken):
        place(engine, who="R2", at=later(hours=1, minutes=59))
    hold = place(engine, who="R2", at=later(hours=2))

    assert hold.bed_ids == ("B1",)


def test_a_household_whose_hold_has_run_out_may_be_held_again(engine: Engine) -> None:
    bring_in(engine, a_small_estate())
    first = place(engine)

    second = place(engine, at=later(hours=3))

    assert second.state is HoldState.PLACED
    assert stored(engine, "hold", "state", hold_id=first.hold_id) == ["expired"]
    assert status_of(engine) is ReferralStatus.HELD


@pytest.mark.parametrize("hours", [0, -1, 25])
def test_a_hold_lasts_at_most_a_day(sqlite_engine: Engine, hours: int) -> None:
    bring_in(sqlite_engine, a_small_estate())

    with pytest.raises(BadInput, match="24 hours"):
        place(sqlite_engine, lasts=timedelta(hours=hours))


def test_a_hold_may_last_as_long_as_is_asked(sqlite_engine: Engine) -> None:
    bring_in(sqlite_engine, a_small_estate())

    assert place(sqlite_engine, lasts=timedelta(hours=24)).minutes_left == 24 * 60


def test_a_hold_that_is_released_gives_the_bed_back(engine: Engine) -> None:
    bring_in(engine, two_women())
    hold = place(engine)

    ended = change(engine, release_hold, ENGLISH, hold.hold_id, version=1, reason="plans_changed")
    again = place(engine, who="R2", at=later(minutes=1))

    assert (ended.state, ended.version) == (HoldState.RELEASED, 2)
    assert status_of(engine) is ReferralStatus.WAITING
    assert again.bed_ids == hold.bed_ids


def test_a_hold_that_somebody_else_has_changed_is_not_released(engine: Engine) -> None:
    bring_in(engine, a_small_estate())
    hold = place(engine)

    with pytest.raises(ChangedMeanwhile):
        change(engine, release_hold, ENGLISH, hold.hold_id, version=7, reason="plans_changed")


def test_a_hold_that_is_over_is_not_released_again(engine: Engine) -> None:
    bring_in(engine, a_small_estate())
    hold = place(engine)
    change(engine, release_hold, ENGLISH, hold.hold_id, version=1, reason="plans_changed")

    with pytest.raises(NotAllowedNow, match="released"):
        change(engine, release_hold, ENGLISH, hold.hold_id, version=2, reason="plans_changed")


def test_a_provider_sees_the_holds_in_its_sites_and_a_coordinator_those_of_its_cases(
    engine: Engine,
) -> None:
    bring_in(
        engine,
        a_small_estate(
            sites=(a_site(), a_site("S2", provider_id="P2", nation=Nation.SCOTLAND, region="S92000003")),
            units=(a_unit(), a_unit("U2", "S2")),
            beds=(a_bed(), a_bed("B2", "U2")),
            referrals=(a_referral(), a_referral("R2", nation=Nation.SCOTLAND)),
            people=(a_person(), a_person("A2", "R2")),
        ),
    )
    here = place(engine, actor=ALL_NATIONS)
    there = place(engine, actor=ALL_NATIONS, who="R2", unit="U2")

    def seen(actor: Any) -> set[str]:
        page = ask(engine, list_holds, actor, clock=later(minutes=1), policy=the_policy())
        return {hold.hold_id for hold in page.rows}

    assert seen(PROVIDER) == seen(ENGLISH) == {here.hold_id}
    assert seen(OTHER_PROVIDER) == seen(SCOTTISH) == {there.hold_id}
    assert seen(ALL_NATIONS) == {here.hold_id, there.hold_id}
    with pytest.raises(NotFound):
        ask(engine, read_hold, PROVIDER, there.hold_id, clock=later(), policy=the_policy())
    with pytest.raises(NotPermitted):
        seen(NOBODYS_CASES[0])


def test_holds_come_in_pages(sqlite_engine: Engine) -> None:
    bring_in(sqlite_engine, two_women())
    placed = {place(sqlite_engine).hold_id, place(sqlite_engine, who="R2", unit="U2").hold_id}

    asked = {"clock": later(), "policy": the_policy(), "limit": 1}
    first = ask(sqlite_engine, list_holds, ENGLISH, **asked)
    second = ask(sqlite_engine, list_holds, ENGLISH, after=first.next_after, **asked)

    assert {hold.hold_id for page in (first, second) for hold in page.rows} == placed
    assert second.next_after is None


def test_a_hold_that_a_folder_states_can_be_given_back(engine: Engine) -> None:
    """Its referral may be on record as waiting: then there is nothing to go back from."""
    bring_in(engine, two_women(holds=(a_hold("R2", "B2"),)))

    ended = change(engine, release_hold, ENGLISH, "H-R2-B2", version=1, reason="plans_changed")

    assert ended.state is HoldState.RELEASED
    assert status_of(engine, "R2") is ReferralStatus.WAITING
