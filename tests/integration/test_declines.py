"""Declines: who may say no, what follows, and that it never costs a survivor her place in line."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from beds.domain.terms import DeclinedBy, HoldState, ReferralStatus
from beds.errors import (
    BadInput,
    ChangedMeanwhile,
    HardRuleBroken,
    NotAllowedNow,
    NotFound,
    NotPermitted,
)
from beds.services.declines import DeclineCount, decline_hold, decline_site, declines_by_provider
from beds.services.holds import read_hold
from tests.builders import CLOCK, TODAY, a_hold, a_referral, a_small_estate
from tests.integration.live import (
    COMMISSIONER,
    ENGLISH,
    NOBODYS_CASES,
    OTHER_PROVIDER,
    PROVIDER,
    SCOTTISH,
    ask,
    change,
    count,
    events,
    later,
    place,
    status_of,
    stored,
    the_policy,
    two_women,
)
from tests.integration.recorded import bring_in

SURVIVOR, BY_PROVIDER = DeclinedBy.SURVIVOR, DeclinedBy.PROVIDER


def decline(engine: Engine, hold_id: str, actor: Any = ENGLISH, **options: Any) -> Any:
    """Decline a hold: the survivor's no, if nothing else is said, because it is too near."""
    options = {"version": 1, "declined_by": SURVIVOR, "reason": "too_near", **options}
    return change(engine, decline_hold, actor, hold_id, **options)


def test_a_declined_hold_gives_the_bed_back_and_she_waits_again(engine: Engine) -> None:
    bring_in(engine, two_women())
    hold = place(engine)

    view = decline(engine, hold.hold_id)

    found = ask(engine, read_hold, ENGLISH, hold.hold_id, clock=CLOCK, policy=the_policy())
    assert found.state is HoldState.DECLINED
    assert (view.referral_id, view.site_id, view.until) == ("R1", "S1", None)
    assert status_of(engine) is ReferralStatus.WAITING
    assert place(engine, who="R2").bed_ids == hold.bed_ids
    assert [event["subject"] for event in events(engine, "hold_declined")] == [hold.hold_id]
    assert [event["subject"] for event in events(engine, "decline_recorded")] == [view.decline_id]


def test_a_declined_site_is_not_hers_until_the_consequence_is_over(engine: Engine) -> None:
    bring_in(engine, a_small_estate())
    hold = place(engine)
    view = decline(engine, hold.hold_id, PROVIDER, declined_by=BY_PROVIDER, reason="staffing")

    with pytest.raises(HardRuleBroken) as refused:
        place(engine, at=later(days=1))
    again = place(engine, at=later(days=2))

    assert refused.value.rules == ("declined",)
    assert view.until == TODAY + timedelta(days=2)
    assert again.state is HoldState.PLACED


@pytest.mark.parametrize("reason", ["location", "too_near", "too_far", "sharing", "other"])
def test_a_survivors_no_never_costs_her_her_place_in_line(engine: Engine, reason: str) -> None:
    bring_in(engine, two_women(referrals=(a_referral(detention_risk=True), a_referral("R2"))))
    columns = ("priority", "received_at", "detention_risk", "no_shelter_tonight", "needed_from")
    before = [stored(engine, "referral", column, referral_id="R1") for column in columns]

    decline(engine, place(engine).hold_id, reason=reason)

    assert [stored(engine, "referral", column, referral_id="R1") for column in columns] == before


def test_a_provider_declines_in_its_own_sites_only(engine: Engine) -> None:
    bring_in(engine, a_small_estate())
    hold = place(engine)

    with pytest.raises(NotFound):
        decline(engine, hold.hold_id, OTHER_PROVIDER, declined_by=BY_PROVIDER, reason="needs")
    view = decline(engine, hold.hold_id, PROVIDER, declined_by=BY_PROVIDER, reason="needs")

    assert view.declined_by is BY_PROVIDER


def test_a_provider_does_not_speak_for_the_survivor(sqlite_engine: Engine) -> None:
    bring_in(sqlite_engine, a_small_estate())
    hold = place(sqlite_engine)

    with pytest.raises(NotPermitted):
        decline(sqlite_engine, hold.hold_id, PROVIDER)


def test_a_coordinator_records_what_a_provider_says_on_the_telephone(sqlite_engine: Engine) -> None:
    bring_in(sqlite_engine, a_small_estate())
    hold = place(sqlite_engine)

    view = decline(sqlite_engine, hold.hold_id, declined_by=BY_PROVIDER, reason="building")

    assert view.until == TODAY + timedelta(days=7)


def test_a_coordinator_of_another_nation_sees_nothing_to_decline(sqlite_engine: Engine) -> None:
    bring_in(sqlite_engine, a_small_estate())
    hold = place(sqlite_engine)

    with pytest.raises(NotFound):
        decline(sqlite_engine, hold.hold_id, SCOTTISH)


@pytest.mark.parametrize("actor", NOBODYS_CASES, ids=lambda actor: actor.user_id)
def test_who_has_no_part_in_it_declines_nothing(sqlite_engine: Engine, actor: Any) -> None:
    bring_in(sqlite_engine, a_small_estate())
    hold = place(sqlite_engine)

    for who in DeclinedBy:
        with pytest.raises(NotPermitted):
            decline(sqlite_engine, hold.hold_id, actor, declined_by=who, reason="other")


def test_a_reason_that_is_not_hers_to_give_is_refused_and_not_repeated(sqlite_engine: Engine) -> None:
    bring_in(sqlite_engine, a_small_estate())
    hold = place(sqlite_engine)

    with pytest.raises(BadInput, match="too_near") as refused:
        decline(sqlite_engine, hold.hold_id, reason="her brother lives there")

    assert "brother" not in str(refused.value)
    assert count(sqlite_engine, "decline") == 0


def test_a_hold_that_is_over_is_not_declined(sqlite_engine: Engine) -> None:
    bring_in(sqlite_engine, a_small_estate())
    hold = place(sqlite_engine)

    with pytest.raises(NotAllowedNow, match="expired"):
        decline(sqlite_engine, hold.hold_id, at=later(hours=2))
    with pytest.raises(ChangedMeanwhile):
        decline(sqlite_engine, hold.hold_id, version=2)

    assert count(sqlite_engine, "decline") == 0


def test_one_of_two_holds_declined_leaves_her_held(sqlite_engine: Engine) -> None:
    """A folder may state two holds of one household."""
    held = a_referral("R2", status=ReferralStatus.HELD)
    holds = (a_hold("R2", "B1"), a_hold("R2", "B2"))
    bring_in(sqlite_engine, two_women(referrals=(a_referral(), held), holds=holds))

    decline(sqlite_engine, "H-R2-B1")

    assert status_of(sqlite_engine, "R2") is ReferralStatus.HELD


def test_an_offer_that_was_talked_over_is_declined_without_a_hold(engine: Engine) -> None:
    bring_in(engine, a_small_estate())

    view = change(engine, decline_site, ENGLISH, "R1", "S1", declined_by=SURVIVOR, reason="location")

    assert view.until == TODAY + timedelta(days=28)
    assert "four weeks" in view.consequence
    assert status_of(engine) is ReferralStatus.WAITING


def test_a_site_where_something_is_held_for_her_is_declined_by_the_hold(sqlite_engine: Engine) -> None:
    bring_in(sqlite_engine, a_small_estate())
    place(sqlite_engine)

    with pytest.raises(NotAllowedNow, match="decline the hold"):
        change(sqlite_engine, decline_site, ENGLISH, "R1", "S1", declined_by=SURVIVOR, reason="location")


@pytest.mark.parametrize("actor", [PROVIDER, *NOBODYS_CASES], ids=lambda actor: actor.user_id)
def test_a_site_is_declined_by_who_may_claim_beds(sqlite_engine: Engine, actor: Any) -> None:
    bring_in(sqlite_engine, a_small_estate())

    with pytest.raises(NotPermitted):
        change(sqlite_engine, decline_site, actor, "R1", "S1", declined_by=SURVIVOR, reason="location")


def test_a_providers_declines_are_counted(engine: Engine) -> None:
    bring_in(engine, two_women())
    decline(engine, place(engine).hold_id, PROVIDER, declined_by=BY_PROVIDER, reason="needs")
    decline(engine, place(engine, who="R2").hold_id, PROVIDER, declined_by=BY_PROVIDER, reason="needs")
    change(engine, decline_site, ENGLISH, "R1", "S1", declined_by=SURVIVOR, reason="location")

    since_yesterday = ask(engine, declines_by_provider, COMMISSIONER, TODAY - timedelta(days=1))
    since_tomorrow = ask(engine, declines_by_provider, ENGLISH, TODAY + timedelta(days=1))

    assert since_yesterday == (DeclineCount("P1", "needs", 2),)
    assert since_tomorrow == ()
    with pytest.raises(NotPermitted):
        ask(engine, declines_by_provider, PROVIDER, TODAY)


def test_a_decline_counts_for_a_later_referral_of_the_same_survivor(sqlite_engine: Engine) -> None:
    closed = ReferralStatus.CLOSED
    first, second = a_referral(survivor_ref="V1"), a_referral("R2", survivor_ref="V1", status=closed)
    bring_in(sqlite_engine, two_women(referrals=(first, second)))

    decline(sqlite_engine, place(sqlite_engine).hold_id)

    assert stored(sqlite_engine, "decline", "survivor_id") == ["survivor:V1"]
