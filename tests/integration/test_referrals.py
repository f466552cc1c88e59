"""A case as it is recorded, amended, decided on and closed: what is checked and what is kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import Engine

from beds.domain.terms import Nation, Priority, ReferralStatus
from beds.errors import BadInput, ChangedMeanwhile, NotAllowedNow, NotFound
from beds.services.households import Amendment, NewPerson
from beds.services.referrals import (
    amend_referral,
    close_referral,
    record_decision,
    record_referral,
    return_to_waiting,
    triage_referral,
)
from tests.builders import NOON, TODAY, a_hold, a_person, a_referral, a_small_estate
from tests.integration.cases import (
    LEAD,
    NORTH,
    a_household,
    a_second_person,
    amended,
    opened,
    recorded,
)
from tests.integration.live import (
    ENGLISH,
    change,
    estate_now,
    events,
    later,
    status_of,
    stored,
)
from tests.integration.recorded import bring_in, contents


def test_what_was_not_asked_is_kept_as_not_asked(engine: Engine) -> None:
    line = recorded(engine)

    (referral,) = estate_now(engine).referrals
    (person,) = estate_now(engine).people

    unasked = ("needs_step_free", "accepts_sharing", "risk_to_others", "min_security_level", "cross_border")
    assert {getattr(referral, need) for need in unasked} == {None}
    assert (referral.status, referral.received_at, referral.needed_from) == ("waiting", NOON, TODAY)
    assert (person.age, person.languages, person.is_lead) == (30, {"sq"}, True)
    assert (line.version, line.status, line.hours_since_received) == (1, ReferralStatus.WAITING, 0)
    assert set(unasked) <= set(opened(engine, line).not_yet_asked)


def test_every_need_that_is_stated_is_kept_as_stated(engine: Engine) -> None:
    stated = {
        "survivor_ref": "V7",
        "received_at": NOON - timedelta(hours=30),
        "needed_from": date(2026, 3, 5),
        "priority": "urgent",
        "no_shelter_tonight": False,
        "detention_risk": True,
        "expected_stay_days": 40,
        "min_security_level": 3,
        "services_required": frozenset({"counselling"}),
        "needs_step_free": True,
        "language_required": True,
        "cross_border": True,
        "accepts_sharing": False,
        "risk_to_others": "low",
        "acceptable_site_genders": frozenset({"female"}),
        "preferred_regions": frozenset({"E12000007"}),
        "excluded_areas": frozenset({NORTH}),
        "first_responder": "police",
        "exploitation_type": "labour",
        "nrm_status": "rg_positive",
        "notes": "speaks slowly",
    }

    line = recorded(engine, **stated)

    (referral,) = estate_now(engine).referrals
    kept = {name: getattr(referral, name) for name in stated if name != "notes"}
    assert kept == {name: value for name, value in stated.items() if name != "notes"}
    assert line.priority is Priority.EMERGENCY
    assert line.hours_since_received == 30
    assert opened(engine, line).notes == "speaks slowly"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"nation": "MARKER"}, "nation"),
        ({"priority": "MARKER"}, "priority"),
        ({"received_at": NOON + timedelta(seconds=1)}, "received_at"),
        ({"received_at": datetime(2026, 3, 1)}, "received_at"),  # noqa: DTZ001 no offset: that is the point
        ({"expected_stay_days": 0}, "expected_stay_days"),
        ({"min_security_level": 4}, "min_security_level"),
        ({"min_security_level": True}, "min_security_level"),
        ({"risk_to_others": "MARKER"}, "risk_to_others"),
        ({"accepts_sharing": "MARKER"}, "accepts_sharing"),
        ({"services_required": frozenset({"MARKER"})}, "services_required"),
        ({"services_required": frozenset({"a;b"})}, "services_required"),
        ({"services_required": frozenset(f"s{n}" for n in range(101))}, "services_required"),
        ({"excluded_areas": frozenset({"MARKER"})}, "excluded_areas"),
        ({"preferred_regions": frozenset({NORTH, "MARKER"})}, "preferred_regions"),
        ({"survivor_ref": "MARKER MARKER"}, "survivor_ref"),
        ({"notes": "MARKER" * 2_000}, "notes"),
        ({"people": ()}, "people"),
        ({"people": (LEAD, LEAD)}, "people"),
        ({"people": (replace(LEAD, is_lead=False),)}, "people"),
        ({"people": (LEAD, *[replace(LEAD, is_lead=False)] * 30)}, "people"),
        ({"people": (replace(LEAD, gender="MARKER"),)}, "gender"),
        ({"people": (replace(LEAD, age=121),)}, "age"),
        ({"people": (replace(LEAD, age_status="MARKER"),)}, "age_status"),
        ({"people": (replace(LEAD, languages=frozenset({"MARKER MARKER"})),)}, "languages"),
    ],
)
def test_what_is_not_accepted_is_named_by_its_field_and_not_repeated(
    engine: Engine, changes: dict[str, object], field: str
) -> None:
    with pytest.raises(BadInput, match=rf"^{field}: ") as refusal:
        recorded(engine, **changes)

    assert "MARKER" not in str(refusal.value)
    assert estate_now(engine).referrals == ()


def test_a_survivor_has_one_open_case(engine: Engine) -> None:
    first = recorded(engine, survivor_ref="V1")

    with pytest.raises(NotAllowedNow, match="open case"):
        recorded(engine, survivor_ref="V1")
    change(engine, close_referral, ENGLISH, first.referral_id, reason="withdrawn", version=1)

    assert recorded(engine, survivor_ref="V1").status is ReferralStatus.WAITING


def test_a_case_that_nobody_has_looked_at_counts_as_the_survivors_open_one(engine: Engine) -> None:
    change(engine, record_referral, ENGLISH, a_household(survivor_ref="V1"), triaged=False)

    with pytest.raises(NotAllowedNow, match="open case"):
        recorded(engine, survivor_ref="V1")


def test_safety_facts_of_an_earlier_case_are_shared_by_the_survivor(engine: Engine) -> None:
    first = recorded(engine, survivor_ref="V1", excluded_areas=frozenset({NORTH}))
    change(engine, close_referral, ENGLISH, first.referral_id, reason="withdrawn", version=1)

    second = recorded(engine, survivor_ref="V1")

    estate = estate_now(engine)
    assert estate.excluded_areas_of[estate.referral_by_id[second.referral_id].survivor] == {NORTH}


def test_a_received_case_waits_once_it_was_looked_at(engine: Engine) -> None:
    line = change(engine, record_referral, ENGLISH, a_household(), triaged=False)
    assert line.status is ReferralStatus.RECEIVED

    after = change(engine, triage_referral, ENGLISH, line.referral_id, version=1)

    assert (after.status, after.version) == (ReferralStatus.WAITING, 2)
    with pytest.raises(NotAllowedNow, match="waiting"):
        change(engine, triage_referral, ENGLISH, line.referral_id, version=2)


def test_needs_are_changed_and_when_it_was_received_is_not(engine: Engine) -> None:
    line = recorded(engine, received_at=NOON - timedelta(days=2))

    after = amended(engine, line, {"accepts_sharing": True, "priority": "urgent", "notes": "later"})

    (referral,) = estate_now(engine).referrals
    assert (referral.accepts_sharing, referral.received_at) == (True, NOON - timedelta(days=2))
    assert (after.priority, after.version) == (Priority.URGENT, 2)
    assert opened(engine, line).notes == "later"


def test_a_need_can_become_not_asked_again(engine: Engine) -> None:
    line = recorded(engine, accepts_sharing=True, services_required=frozenset({"counselling"}))

    amended(engine, line, {"accepts_sharing": None, "services_required": []})

    (referral,) = estate_now(engine).referrals
    assert (referral.accepts_sharing, referral.services_required) == (None, frozenset())


@pytest.mark.parametrize(
    "field", ["received_at", "status", "referral_id", "survivor_ref", "version", "MARKER"]
)
def test_what_cannot_be_changed_is_refused_with_what_can(engine: Engine, field: str) -> None:
    line = recorded(engine)

    with pytest.raises(BadInput, match="accepts_sharing") as refusal:
        amended(engine, line, {field: "MARKER"})

    assert "MARKER" not in str(refusal.value)


def test_people_are_changed_added_and_do_not_come_after_all(engine: Engine) -> None:
    partner = NewPerson(gender="male", age=31)
    line = recorded(engine, people=(LEAD, partner))
    ids = {row.person.is_lead: row.person.person_id for row in opened(engine, line).people}
    child = NewPerson(gender="female", age=0)

    line = amended(engine, line, people={ids[True]: {"age": 29}}, new_people=(child,))
    amended(engine, line, not_coming=(ids[False],))

    assert sorted(person.age or 0 for person in estate_now(engine).people) == [0, 29]
    assert {row.person.age: row.left_on for row in opened(engine, line).people} == {
        29: None,
        31: TODAY,
        0: None,
    }


def test_a_person_of_another_case_is_not_found_in_this_one(engine: Engine) -> None:
    line, other = recorded(engine), recorded(engine)
    stranger = opened(engine, other).people[0].person.person_id

    for told in ({"people": {stranger: {"age": 5}}}, {"not_coming": (stranger,)}):
        with pytest.raises(NotFound, match="person"):
            amended(engine, line, **told)


def test_the_lead_is_the_case(engine: Engine) -> None:
    line = recorded(engine)
    lead = opened(engine, line).people[0].person.person_id

    with pytest.raises(NotAllowedNow, match="lead"):
        amended(engine, line, not_coming=(lead,))
    with pytest.raises(BadInput, match="can be changed"):
        amended(engine, line, people={lead: {"is_lead": False}})


def test_a_change_of_what_somebody_else_has_changed_is_refused(engine: Engine) -> None:
    line = recorded(engine)
    amended(engine, line, {"accepts_sharing": True})

    for service, told in (
        (amend_referral, {"changes": Amendment(needs={"accepts_sharing": False})}),
        (close_referral, {"reason": "withdrawn"}),
        (record_decision, {"reasonable_grounds_on": TODAY}),
        (triage_referral, {}),
        (return_to_waiting, {}),
    ):
        with pytest.raises(ChangedMeanwhile):
            change(engine, service, ENGLISH, line.referral_id, version=1, **told)
    assert estate_now(engine).referrals[0].accepts_sharing is True


LOWERED = {"min_security_level": 1, "risk_to_others": "low", "excluded_areas": []}


@pytest.mark.parametrize("field", LOWERED)
def test_lowering_a_safety_fact_takes_a_reason_and_a_second_person(engine: Engine, field: str) -> None:
    second, scottish = a_second_person(engine), a_second_person(engine, (Nation.SCOTLAND,))
    line = recorded(engine, min_security_level=3, risk_to_others="high", excluded_areas=frozenset({NORTH}))
    needs = {field: LOWERED[field]}

    for told in (
        {},
        {"reason": "new_assessment"},
        {"agreed_by": second},
        {"reason": "new_assessment", "agreed_by": ENGLISH.user_id},
        {"reason": "new_assessment", "agreed_by": scottish},
        {"reason": "new_assessment", "agreed_by": "user-0000000000"},
    ):
        with pytest.raises(NotAllowedNow, match="reassessment"):
            amended(engine, line, needs, **told)
    after = amended(engine, line, needs, reason="new_assessment", agreed_by=second)

    assert after.version == 2


def test_settling_a_disputed_age_takes_a_second_person(engine: Engine) -> None:
    second = a_second_person(engine)
    line = recorded(engine, people=(replace(LEAD, age=18, age_status="disputed"),))
    told = {opened(engine, line).people[0].person.person_id: {"age_status": "known"}}

    with pytest.raises(NotAllowedNow, match="reassessment"):
        amended(engine, line, people=told)

    assert amended(engine, line, people=told, reason="age_assessed", agreed_by=second).version == 2


def test_a_case_is_closed_with_a_word_and_stays_closed(engine: Engine) -> None:
    line = recorded(engine)

    closed = change(engine, close_referral, ENGLISH, line.referral_id, reason="found_a_place", version=1)

    assert closed.status is ReferralStatus.CLOSED
    assert stored(engine, "referral", "close_reason") == ["found_a_place"]
    assert stored(engine, "referral", "closed_at") == [NOON]
    with pytest.raises(NotAllowedNow, match="closed"):
        amended(engine, closed, {"accepts_sharing": True})
    with pytest.raises(NotAllowedNow, match="closed"):
        change(engine, close_referral, ENGLISH, line.referral_id, reason="again", version=2)


def test_a_reason_that_is_a_sentence_is_refused_and_not_repeated(engine: Engine) -> None:
    line = recorded(engine)

    with pytest.raises(BadInput, match="reason") as refusal:
        change(engine, close_referral, ENGLISH, line.referral_id, reason="MARKER went home", version=1)

    assert "MARKER" not in str(refusal.value)


def test_a_case_is_not_closed_over_a_hold_in_force_and_is_once_that_has_run_out(engine: Engine) -> None:
    held = a_referral(status=ReferralStatus.HELD)
    bring_in(engine, a_small_estate(referrals=(held,), holds=(a_hold("R1"),)))

    with pytest.raises(NotAllowedNow, match="hold"):
        change(engine, close_referral, ENGLISH, "R1", reason="withdrawn", version=1)
    change(engine, close_referral, ENGLISH, "R1", reason="withdrawn", version=1, at=later(hours=3))

    assert status_of(engine) is ReferralStatus.CLOSED


def test_who_moved_on_and_asks_again_waits_from_the_first_day(engine: Engine) -> None:
    bring_in(engine, a_small_estate(referrals=(a_referral(status=ReferralStatus.MOVED_ON),)))

    line = change(engine, return_to_waiting, ENGLISH, "R1", version=1)

    assert (line.status, line.hours_since_received) == (ReferralStatus.WAITING, 51)


def test_nothing_personal_is_in_the_audit_or_in_the_clear(engine: Engine) -> None:
    line = recorded(engine, notes="MARKER-NOTE", people=(replace(LEAD, age=97),))
    amended(engine, line, {"notes": "MARKER-LATER"})

    kept = contents(engine)

    assert "MARKER" not in str(kept)
    assert "age" not in str(kept["person"])
    assert {event["referral_id"] for event in events(engine, "referral_amended")} == {line.referral_id}


def test_a_person_of_an_imported_case_is_changed_like_any_other(engine: Engine) -> None:
    bring_in(engine, a_small_estate(people=(a_person(age=None),)))
    told = Amendment(people={"A1": {"age": 22}})

    change(engine, amend_referral, ENGLISH, "R1", told, version=1)

    assert estate_now(engine).people[0].age == 22
