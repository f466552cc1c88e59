"""Who sees which cases, in what order, and that opening one is kept."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from beds.domain.terms import ReferralStatus
from beds.errors import Anonymised, BadInput, NotFound, NotPermitted
from beds.roles import Actor
from beds.services.cases import list_referrals, read_referral
from beds.services.households import Amendment
from beds.services.referrals import (
    amend_referral,
    close_referral,
    record_decision,
    return_to_waiting,
    triage_referral,
)
from tests.builders import CLOCK, NOON, TODAY, a_hold, a_referral, a_small_estate
from tests.integration.cases import (
    WHO_MAY_NOT,
    Reads,
    amended,
    recorded,
)
from tests.integration.live import (
    ALL_NATIONS,
    ENGLISH,
    SCOTTISH,
    ask,
    change,
    later,
    stored,
)
from tests.integration.recorded import bring_in, execute


def test_the_queue_is_in_order_and_pages_lose_nobody(engine: Engine) -> None:
    asked = [
        recorded(engine, priority="standard", received_at=NOON - timedelta(days=9)),
        recorded(engine, priority="urgent"),
        recorded(engine, priority="standard", detention_risk=True),
        recorded(engine, priority="emergency", received_at=NOON - timedelta(hours=1)),
        recorded(engine, priority="urgent", received_at=NOON - timedelta(days=1)),
    ]
    expected = [asked[n].referral_id for n in (3, 2, 4, 1, 0)]

    found: list[str] = []
    after: str | None = None
    while True:
        page = ask(engine, list_referrals, ENGLISH, clock=CLOCK, after=after, limit=2)
        found += [line.referral_id for line in page.rows]
        after = page.next_after
        if after is None:
            break

    assert found == expected


def test_a_held_case_whose_hold_has_run_out_is_shown_as_waiting(engine: Engine) -> None:
    held = a_referral(status=ReferralStatus.HELD)
    bring_in(engine, a_small_estate(referrals=(held,), holds=(a_hold("R1"),)))

    now, then = (ask(engine, list_referrals, ENGLISH, clock=at) for at in (CLOCK, later(hours=2)))

    assert [now.rows[0].status, then.rows[0].status] == [ReferralStatus.HELD, ReferralStatus.WAITING]


@pytest.mark.parametrize(
    "told", [{"statuses": ["MARKER"]}, {"limit": 0}, {"limit": 201}, {"after": "MARKER"}]
)
def test_a_list_that_cannot_be_is_refused(engine: Engine, told: dict[str, object]) -> None:
    with pytest.raises(BadInput) as refusal:
        ask(engine, list_referrals, ENGLISH, clock=CLOCK, **told)

    assert "MARKER" not in str(refusal.value)


def test_opening_a_case_is_kept_and_one_that_is_not_found_is_not(engine: Engine) -> None:
    line = recorded(engine)
    log = Reads()

    ask(engine, read_referral, ENGLISH, line.referral_id, clock=CLOCK, log=log)
    with pytest.raises(NotFound):
        ask(engine, read_referral, SCOTTISH, line.referral_id, clock=CLOCK, log=log)

    assert log.kept == [("case", ENGLISH.user_id, line.referral_id)]


def test_an_anonymised_case_is_listed_and_not_opened(engine: Engine) -> None:
    line = recorded(engine)
    execute(engine, "UPDATE referral SET status = 'closed', anonymised_at = CURRENT_TIMESTAMP")
    log = Reads()

    with pytest.raises(Anonymised, match="anonymised"):
        ask(engine, read_referral, ENGLISH, line.referral_id, clock=CLOCK, log=log)

    assert log.kept == []
    assert len(ask(engine, list_referrals, ENGLISH, clock=CLOCK, statuses=["closed"]).rows) == 1


SERVICES = (
    (amend_referral, {"changes": Amendment(needs={"accepts_sharing": True}), "version": 1}),
    (close_referral, {"reason": "withdrawn", "version": 1}),
    (record_decision, {"reasonable_grounds_on": TODAY, "version": 1}),
    (triage_referral, {"version": 1}),
    (return_to_waiting, {"version": 1}),
    (read_referral, {"log": Reads()}),
)


@pytest.mark.parametrize(("service", "told"), SERVICES)
@pytest.mark.parametrize("actor", WHO_MAY_NOT, ids=lambda actor: actor.user_id)
def test_who_has_nothing_to_do_with_cases_is_refused(
    sqlite_engine: Engine, actor: Actor, service: object, told: dict[str, object]
) -> None:
    line = recorded(sqlite_engine)

    with pytest.raises(NotPermitted):
        change(sqlite_engine, service, actor, line.referral_id, **told)  # type: ignore[arg-type]


@pytest.mark.parametrize("actor", WHO_MAY_NOT, ids=lambda actor: actor.user_id)
def test_who_has_nothing_to_do_with_cases_records_and_lists_none(sqlite_engine: Engine, actor: Actor) -> None:
    with pytest.raises(NotPermitted):
        recorded(sqlite_engine, actor)
    with pytest.raises(NotPermitted):
        ask(sqlite_engine, list_referrals, actor, clock=CLOCK)


@pytest.mark.parametrize(("service", "told"), SERVICES)
def test_a_case_of_another_nation_is_as_one_that_is_not_there(
    engine: Engine, service: object, told: dict[str, object]
) -> None:
    line = recorded(engine)

    refusals = []
    for reference in (line.referral_id, "ref-0000000000"):
        with pytest.raises(NotFound) as refusal:
            change(engine, service, SCOTTISH, reference, **told)  # type: ignore[arg-type]
        refusals.append(str(refusal.value))

    assert refusals[0] == refusals[1]
    assert ask(engine, list_referrals, SCOTTISH, clock=CLOCK).rows == ()
    assert len(ask(engine, list_referrals, ALL_NATIONS, clock=CLOCK).rows) == 1


def test_a_case_is_recorded_and_moved_within_ones_own_nations_only(engine: Engine) -> None:
    with pytest.raises(NotPermitted, match="nation"):
        recorded(engine, SCOTTISH)
    line = recorded(engine)
    with pytest.raises(NotPermitted, match="nation"):
        amended(engine, line, {"nation": "Scotland"})
    told = Amendment(needs={"nation": "Scotland"})
    change(engine, amend_referral, ALL_NATIONS, line.referral_id, told, version=1)

    assert stored(engine, "referral", "nation") == ["Scotland"]
