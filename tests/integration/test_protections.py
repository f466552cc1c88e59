"""What must not be possible in several harmless-looking steps: each of these was, once."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from beds.domain.terms import AgeStatus
from beds.errors import BadInput, BedJustTaken, HardRuleBroken, NotAllowedNow
from beds.services.cases import ReferralLine
from beds.services.closures import close_bed
from beds.services.households import Amendment, NewPerson
from beds.services.protection import record_keep_apart
from beds.services.referrals import amend_referral, close_referral
from tests.builders import TODAY, a_bed, a_person, a_placement, a_referral, a_unit
from tests.integration.cases import LEAD, amended, opened, recorded
from tests.integration.live import ENGLISH, PROVIDER, WOMEN, change, later, place, two_women
from tests.integration.recorded import bring_in
from tests.integration.staying import arrived, day, extend, leave

HOME_FOR_TWO = {"beds": (a_bed(), a_bed("B9"), a_bed("B2", "U2"))}


def the_other(engine: Engine, case: ReferralLine) -> str:
    """Return the reference of whoever is not the lead."""
    (other,) = [one.person for one in opened(engine, case).people if not one.person.is_lead]
    return str(other.person_id)


def test_nobody_leaves_a_child_alone_in_the_house(engine: Engine) -> None:
    """The lead is seventeen; the adult with her would leave."""
    girl = a_person("A1", age=17)
    sister = a_person("A3", is_lead=False, age=20, together_confirmed=True)
    stay = arrived(engine, two_women(**HOME_FOR_TWO, people=(girl, sister, WOMEN[1])))

    with pytest.raises(NotAllowedNow, match="local authority"):
        leave(engine, stay, "A3", actor=PROVIDER)


def test_more_people_than_beds_are_not_extended(engine: Engine) -> None:
    """Her sister was recorded after they had come: there is no bed of hers to stay on in."""
    stay = arrived(engine, two_women(**HOME_FOR_TWO))
    sister = NewPerson(gender="female", age=30, together_confirmed=True)
    told = Amendment(needs={}, new_people=(sister,))
    change(engine, amend_referral, ENGLISH, "R1", told, version=3)

    with pytest.raises(HardRuleBroken, match="more of them than beds") as refusal:
        extend(engine, stay, 60)

    assert refusal.value.rules == ("capacity",)


def test_an_end_that_was_stated_too_late_is_brought_forward(engine: Engine) -> None:
    stay = arrived(engine)
    longer = extend(engine, stay, 300)

    shorter = extend(engine, longer, 45)

    assert (longer.expected_end_on, shorter.expected_end_on) == (day(300), day(45))


def test_an_assessed_level_is_not_lowered_by_way_of_not_yet_asked(sqlite_engine: Engine) -> None:
    case = recorded(sqlite_engine, min_security_level=2)

    with pytest.raises(NotAllowedNow):
        amended(sqlite_engine, case, {"min_security_level": None})


IN_DISPUTE = NewPerson(gender="female", age=30, age_status=AgeStatus.DISPUTED)


@pytest.mark.parametrize(
    ("person", "told"),
    [
        (NewPerson(gender="female", age=16), {"age": 25}),
        (NewPerson(gender="female", age=30, together_confirmed=False), {"together_confirmed": True}),
        (IN_DISPUTE, {"age_status": AgeStatus.KNOWN}),
    ],
    ids=["a child who would be an adult", "a no that would be a yes", "a dispute that would be settled"],
)
def test_what_protects_a_person_is_not_lowered_by_one_alone(
    sqlite_engine: Engine, person: NewPerson, told: dict[str, object]
) -> None:
    case = recorded(sqlite_engine, people=(LEAD, person))
    second = the_other(sqlite_engine, case)

    with pytest.raises(NotAllowedNow):
        amended(sqlite_engine, case, people={second: told})


def test_a_dispute_does_not_go_away_with_the_record_of_the_person(sqlite_engine: Engine) -> None:
    case = recorded(sqlite_engine, people=(LEAD, IN_DISPUTE))
    second = the_other(sqlite_engine, case)

    with pytest.raises(NotAllowedNow):
        amended(sqlite_engine, case, not_coming=(second,))


def test_who_is_placed_does_not_ask_for_a_second_bed(engine: Engine) -> None:
    home = a_referral(survivor_ref="V1"), a_referral("R2")
    arrived(engine, two_women(referrals=home))

    with pytest.raises(NotAllowedNow, match="open case"):
        recorded(engine, survivor_ref="V1")


def test_what_keeps_her_safe_outlives_a_case_without_a_reference_of_hers(engine: Engine) -> None:
    """A case recorded without one is given one, by which her next case is linked."""
    bring_in(engine, two_women())
    first = recorded(engine, min_security_level=1)
    change(engine, record_keep_apart, ENGLISH, first.referral_id, "R2")
    known_as = opened(engine, first).survivor_ref
    change(engine, close_referral, ENGLISH, first.referral_id, version=first.version, reason="left")
    place(engine, who="R2", unit="U1")

    again = recorded(
        engine, survivor_ref=known_as, min_security_level=1, needs_step_free=False, priority="emergency"
    )

    assert known_as
    with pytest.raises(BedJustTaken):
        place(engine, who=again.referral_id, unit="U2")


def test_a_second_lead_is_refused_in_words(sqlite_engine: Engine) -> None:
    case = recorded(sqlite_engine)

    with pytest.raises(BadInput, match="the lead is on record"):
        amended(sqlite_engine, case, new_people=(LEAD,))


def test_a_bed_is_not_closed_around_somebody_who_has_stayed_on(engine: Engine) -> None:
    estate = two_women(
        placements=(a_placement("R1", "B1", starts_on=day(-40), expected_end_on=day(-1)),),
    )
    bring_in(engine, estate)

    with pytest.raises(NotAllowedNow, match="stayed on"):
        change(engine, close_bed, PROVIDER, "B1", starts_on=day(1), ends_on=None, reason="works")


def test_a_bed_is_not_closed_in_the_past(sqlite_engine: Engine) -> None:
    bring_in(sqlite_engine, two_women())

    with pytest.raises(BadInput, match="the past is as it was"):
        change(sqlite_engine, close_bed, PROVIDER, "B1", starts_on=day(-2), ends_on=TODAY, reason="works")


def test_a_hold_over_the_morning_keeps_its_bed_until_it_runs_out(engine: Engine) -> None:
    """One night is asked for at five in the morning: at six another begins, and the hold is in force."""
    one_night = a_referral(expected_stay_days=1), a_referral("R2")
    units, beds = (a_unit(),), (a_bed(),)
    bring_in(engine, two_women(referrals=one_night, units=units, beds=beds))
    place(engine, at=later(hours=17))

    with pytest.raises(Exception, match="no room there now"):
        place(engine, who="R2", at=later(hours=18, minutes=1))
