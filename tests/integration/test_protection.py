"""Restricted cases are open to named people only; a keep-apart pair is recorded and shown nowhere."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import Engine

from beds.domain.terms import Nation, Priority
from beds.errors import BadInput, ChangedMeanwhile, NotFound, NotPermitted
from beds.roles import OPERATOR, Actor, Role, actor_of
from beds.services.cases import ReferralLine, list_referrals, read_referral
from beds.services.households import Amendment
from beds.services.people import add_user, revoke_user
from beds.services.protection import record_keep_apart, restrict_case
from beds.services.referrals import amend_referral, close_referral, record_decision
from tests.builders import CLOCK, TODAY
from tests.integration.cases import WHO_MAY_NOT, Reads, opened, recorded
from tests.integration.live import ALL_NATIONS, ENGLISH, SCOTTISH, ask, change, estate_now, events, stored


def a_coordinator(engine: Engine, *nations: Nation) -> Actor:
    """Add a coordinator of these nations, and return who that is."""
    user, _ = change(engine, add_user, OPERATOR, name="A", role="coordinator", days=1, nations=nations)
    return actor_of(user.user_id, Role.COORDINATOR, nations=nations)


def restricted(engine: Engine, actor: Actor, line: ReferralLine, *named: str) -> ReferralLine:
    """Restrict a case, at the version that the line has."""
    return change(engine, restrict_case, actor, line.referral_id, user_ids=named, version=line.version)


def seen_by(engine: Engine, actor: Actor) -> list[str]:
    """Return the cases in somebody's list."""
    return [line.referral_id for line in ask(engine, list_referrals, actor, clock=CLOCK).rows]


def test_a_restricted_case_is_open_to_who_is_named_and_to_who_restricted_it(engine: Engine) -> None:
    author, named, other = (a_coordinator(engine, Nation.ENGLAND) for _ in range(3))
    line = recorded(engine, author)

    after = restricted(engine, author, line, named.user_id)

    assert (after.restricted, after.version) == (True, 2)
    assert [seen_by(engine, actor) for actor in (author, named, other)] == [
        [line.referral_id],
        [line.referral_id],
        [],
    ]
    assert opened(engine, line, named).named == tuple(sorted([author.user_id, named.user_id]))
    assert seen_by(engine, OPERATOR) == [line.referral_id]


def test_every_service_of_a_restricted_case_says_not_found_to_others(engine: Engine) -> None:
    author, other = (a_coordinator(engine, Nation.ENGLAND) for _ in range(2))
    line = restricted(engine, author, recorded(engine, author))

    for service, told in (
        (read_referral, {"log": Reads()}),
        (amend_referral, {"changes": Amendment(needs={"accepts_sharing": True}), "version": 2}),
        (close_referral, {"reason": "withdrawn", "version": 2}),
        (record_decision, {"reasonable_grounds_on": TODAY, "version": 2}),
        (restrict_case, {"user_ids": [other.user_id], "version": 2}),
        (record_keep_apart, {"other_referral_id": "R9"}),
    ):
        with pytest.raises(NotFound, match="no such referral"):
            change(engine, service, other, line.referral_id, **told)


def test_naming_others_anew_shuts_out_those_named_before(engine: Engine) -> None:
    author, first, second = (a_coordinator(engine, Nation.ENGLAND) for _ in range(3))
    line = restricted(engine, author, recorded(engine, author), first.user_id)

    restricted(engine, author, line, second.user_id)

    assert seen_by(engine, first) == []
    assert seen_by(engine, second) == [line.referral_id]


def test_only_who_could_see_the_case_can_be_named(engine: Engine) -> None:
    author = a_coordinator(engine, Nation.ENGLAND)
    scottish, gone = a_coordinator(engine, Nation.SCOTLAND), a_coordinator(engine, Nation.ENGLAND)
    change(engine, revoke_user, OPERATOR, gone.user_id)
    admin, _ = change(engine, add_user, OPERATOR, name="A", role="admin", days=1)
    line = recorded(engine, author)

    refusals = []
    for user_id in (scottish.user_id, gone.user_id, admin.user_id, "user-0000000000"):
        with pytest.raises(BadInput, match="user_ids") as refusal:
            restricted(engine, author, line, user_id)
        refusals.append(str(refusal.value))

    assert len(set(refusals)) == 1
    assert stored(engine, "referral", "restricted") == [False]


def test_a_case_that_was_changed_meanwhile_is_not_restricted(engine: Engine) -> None:
    author = a_coordinator(engine, Nation.ENGLAND)
    line = recorded(engine, author)

    with pytest.raises(ChangedMeanwhile):
        restricted(engine, author, replace(line, version=7))

    assert stored(engine, "case_access", "user_id") == []


@pytest.mark.parametrize("actor", WHO_MAY_NOT, ids=lambda actor: actor.user_id)
def test_who_has_nothing_to_do_with_cases_protects_none(sqlite_engine: Engine, actor: Actor) -> None:
    line, other = recorded(sqlite_engine), recorded(sqlite_engine)

    with pytest.raises(NotPermitted):
        restricted(sqlite_engine, actor, line)
    with pytest.raises(NotPermitted):
        change(sqlite_engine, record_keep_apart, actor, line.referral_id, other.referral_id)


def test_a_pair_is_kept_apart_once_in_either_order(engine: Engine) -> None:
    one, other = (recorded(engine).referral_id for _ in range(2))

    change(engine, record_keep_apart, ENGLISH, one, other)
    change(engine, record_keep_apart, ENGLISH, other, one)

    estate = estate_now(engine)
    survivors = [estate.survivor_of[ref] for ref in estate.referral_by_id]
    assert estate.kept_apart_from == {survivors[0]: {survivors[1]}, survivors[1]: {survivors[0]}}
    assert len(estate.keep_apart) == 1


def test_neither_trail_of_the_audit_names_the_other_case(engine: Engine) -> None:
    one, other = (recorded(engine).referral_id for _ in range(2))

    change(engine, record_keep_apart, ENGLISH, one, other)

    told = events(engine, "keep_apart_recorded")
    assert [event["referral_id"] for event in told] == [event["subject"] for event in told]
    assert {event["subject"] for event in told} == {one, other}
    for event in told:
        assert ({one, other} - {event["subject"]}).pop() not in str(event)


def test_a_keep_apart_takes_one_who_sees_both(engine: Engine) -> None:
    one = recorded(engine).referral_id
    scottish = recorded(engine, ALL_NATIONS, nation="Scotland").referral_id

    for actor in (ENGLISH, SCOTTISH):
        for pair in ((one, scottish), (scottish, one)):
            with pytest.raises(NotFound, match="no such referral"):
                change(engine, record_keep_apart, actor, *pair)
    change(engine, record_keep_apart, ALL_NATIONS, one, scottish)

    assert len(estate_now(engine).keep_apart) == 1


def test_nobody_is_kept_apart_from_herself(engine: Engine) -> None:
    first = recorded(engine, survivor_ref="V1")
    change(engine, close_referral, ENGLISH, first.referral_id, reason="withdrawn", version=1)
    second = recorded(engine, survivor_ref="V1")

    for other in (first, second):
        with pytest.raises(BadInput, match="another survivor"):
            change(engine, record_keep_apart, ENGLISH, second.referral_id, other.referral_id)


def test_a_case_reads_the_same_with_and_without_somebody_to_be_kept_apart_from(engine: Engine) -> None:
    one, other = recorded(engine), recorded(engine)
    before = opened(engine, one)

    change(engine, record_keep_apart, ENGLISH, one.referral_id, other.referral_id)

    assert opened(engine, one) == before


@pytest.mark.parametrize("nation", Nation)
def test_a_case_of_any_nation_is_recorded(sqlite_engine: Engine, nation: Nation) -> None:
    line = recorded(sqlite_engine, ALL_NATIONS, nation=nation)

    assert (line.nation, line.priority) == (nation, Priority.STANDARD)
