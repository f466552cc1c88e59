"""Claims: who may make one, what stands in the way, and that nothing and nobody overrides a hard rule."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from beds.domain.clock import Clock
from beds.domain.estate import Estate
from beds.domain.terms import AgeStatus, BedKind, Gender, HoldState, ReferralStatus, Sharing
from beds.errors import (
    BadInput,
    BedJustTaken,
    BedsError,
    HardRuleBroken,
    NotAllowedNow,
    NotFound,
    NotPermitted,
    PreferenceUnmet,
)
from beds.roles import Permission
from tests.builders import (
    TODAY,
    a_bed,
    a_closure,
    a_decline,
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
    ENGLISH,
    NOBODYS_CASES,
    PROVIDER,
    SCOTTISH,
    SPEAKS_ALBANIAN,
    count,
    events,
    place,
    stored,
    two_women,
)
from tests.integration.recorded import bring_in


@pytest.mark.parametrize("actor", [PROVIDER, *NOBODYS_CASES], ids=lambda actor: actor.user_id)
def test_who_may_not_claim_beds_places_no_hold(sqlite_engine: Engine, actor: Any) -> None:
    bring_in(sqlite_engine, a_small_estate())

    with pytest.raises(NotPermitted):
        place(sqlite_engine, actor=actor)

    assert count(sqlite_engine, "hold") == 0


def test_a_case_of_another_nation_is_not_there(sqlite_engine: Engine) -> None:
    bring_in(sqlite_engine, a_small_estate())

    with pytest.raises(NotFound, match="no such referral"):
        place(sqlite_engine, actor=SCOTTISH)


def test_a_unit_that_is_not_there_is_not_found(sqlite_engine: Engine) -> None:
    bring_in(sqlite_engine, a_small_estate())

    with pytest.raises(NotFound, match="no such unit"):
        place(sqlite_engine, unit="U9")


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"status": ReferralStatus.PLACED}, id="placed"),
        pytest.param({"status": ReferralStatus.CLOSED}, id="closed"),
        pytest.param({"needed_from": TODAY + timedelta(days=1)}, id="needed tomorrow"),
    ],
)
def test_a_household_that_does_not_wait_now_gets_no_hold(sqlite_engine: Engine, changes: Any) -> None:
    bring_in(sqlite_engine, a_small_estate(referrals=(a_referral(**changes),)))

    with pytest.raises(NotAllowedNow):
        place(sqlite_engine)


@pytest.mark.parametrize(
    ("person", "outcome"),
    [
        pytest.param({"age": None}, "information_missing", id="age unknown"),
        pytest.param({"age": 15}, "unaccompanied_child", id="a child alone"),
        pytest.param({"age_status": AgeStatus.DISPUTED}, "age_unresolved", id="age disputed"),
    ],
)
def test_a_household_that_no_round_places_is_not_placed_by_hand(
    sqlite_engine: Engine, person: Any, outcome: str
) -> None:
    bring_in(sqlite_engine, a_small_estate(people=(a_person(**person),)))

    with pytest.raises(HardRuleBroken) as refused:
        place(sqlite_engine)

    assert refused.value.rules == (outcome,)


def test_a_hard_rule_is_named_and_nothing_overrides_it(sqlite_engine: Engine) -> None:
    bring_in(sqlite_engine, a_small_estate(sites=(a_site(admits=frozenset({Gender.MALE})),)))

    with pytest.raises(HardRuleBroken, match="who is admitted there") as refused:
        place(sqlite_engine)
    with pytest.raises(BadInput, match="hard rules never"):
        place(
            sqlite_engine,
            overrides={"gender": "she_agrees"},
        )

    assert refused.value.rules == ("gender",)
    assert count(sqlite_engine, "hold") == 0


def test_a_survivors_own_decline_stands_in_the_way(sqlite_engine: Engine) -> None:
    bring_in(sqlite_engine, a_small_estate(declines=(a_decline(),)))

    with pytest.raises(HardRuleBroken) as refused:
        place(sqlite_engine)

    assert refused.value.rules == ("declined",)


def refusal(engine: Engine, estate: Estate) -> BedsError:
    """Return how a hold for R1 in U1 is refused in an estate."""
    bring_in(engine, estate)
    with pytest.raises(BedsError) as refused:
        place(engine)
    return refused.value


APART = {
    "referrals": (a_referral(), a_referral("R2", status=ReferralStatus.PLACED)),
    "people": (a_person(), a_person("A2", "R2")),
}


@pytest.mark.parametrize("language", [{}, {"language_required": True}], ids=["room only", "and a language"])
def test_keeping_apart_reads_as_a_closed_bed_does(
    connected: Any, sqlite_engine: Engine, tmp_path: Any, language: dict[str, Any]
) -> None:
    from beds.database import upgrade
    from tests.integration.conftest import settings_for

    other = connected(settings_for(f"sqlite:///{tmp_path / 'other.db'}"), create=True)
    upgrade(other)
    stays = {"placements": (a_placement("R2", "B2"),)}
    her = {"referrals": (a_referral(**language), a_referral("R2", status=ReferralStatus.PLACED))}

    apart = refusal(sqlite_engine, two_women(**APART | stays | her, keep_apart=(a_keep_apart(),)))
    closed = refusal(other, two_women(**APART | stays | her, closures=(a_closure(),)))

    assert (type(apart), str(apart), vars(apart)) == (type(closed), str(closed), vars(closed))


@pytest.mark.parametrize(
    "tables",
    [
        pytest.param({"placements": (a_placement("R2", "B1"),)}, id="a stay"),
        pytest.param({"holds": (a_hold("R2", "B1"),)}, id="a hold"),
        pytest.param({"closures": (a_closure(),)}, id="closed"),
        pytest.param(
            {"placements": (a_placement("R2", "B1", expected_end_on=TODAY - timedelta(days=9)),)},
            id="overdue",
        ),
    ],
)
def test_a_bed_that_is_not_free_has_just_been_taken(engine: Engine, tables: Any) -> None:
    bring_in(engine, two_women(**tables))

    with pytest.raises(BedJustTaken, match="no room"):
        place(engine)

    assert events(engine, "hold_placed") == []


def test_beds_are_chosen_as_a_round_chooses_them(sqlite_engine: Engine) -> None:
    """The bed that is free for the shortest time that will do; a cot for the baby."""
    estate = a_small_estate(
        beds=(a_bed(), a_bed("B2"), a_bed("B3", kind=BedKind.COT), a_bed("B4")),
        closures=(
            a_closure("B2", starts_on=TODAY + timedelta(days=40)),
            a_closure("B4", starts_on=TODAY + timedelta(days=3)),
        ),
        people=(a_person(), a_person("A2", is_lead=False, age=1)),
    )
    bring_in(sqlite_engine, estate)

    hold = place(sqlite_engine)

    assert set(hold.bed_ids) == {"B2", "B3"}


def test_a_language_that_nobody_there_speaks_needs_a_reason(engine: Engine) -> None:
    bring_in(engine, a_small_estate(people=(SPEAKS_ALBANIAN,)))

    with pytest.raises(PreferenceUnmet) as refused:
        place(engine)
    hold = place(engine, overrides={"language": "interpreter_booked"})

    assert refused.value.preferences == ("language",)
    assert hold.state is HoldState.PLACED
    assert stored(engine, "hold", "state") == ["placed"]


def test_preferences_are_overridden_by_who_may(sqlite_engine: Engine) -> None:
    bring_in(sqlite_engine, a_small_estate(people=(SPEAKS_ALBANIAN,)))
    may_not = replace(ENGLISH, permissions=ENGLISH.permissions - {Permission.OVERRIDE_PREFERENCES})

    with pytest.raises(PreferenceUnmet):
        place(sqlite_engine, actor=may_not, overrides={"language": "interpreter_booked"})


@pytest.mark.parametrize("word", ["she said yes", "Because", "", "x" * 41, "née"])
def test_a_reason_is_one_word_and_never_free_text(sqlite_engine: Engine, word: str) -> None:
    bring_in(sqlite_engine, a_small_estate(people=(SPEAKS_ALBANIAN,)))

    with pytest.raises(BadInput) as refused:
        place(sqlite_engine, overrides={"language": word})
    with pytest.raises(BadInput):
        place(sqlite_engine, reason=word)

    assert word == "" or word not in str(refused.value)


def test_what_only_orders_equal_answers_needs_no_reason(sqlite_engine: Engine) -> None:
    site = a_site(security_level=3, services=frozenset({"counselling"}))
    bring_in(sqlite_engine, a_small_estate(sites=(site,), beds=(a_bed(), a_bed("B2"))))

    assert place(sqlite_engine).state is HoldState.PLACED


def test_an_interim_place_in_an_emergency_is_cut_to_the_limit_and_needs_a_reason(
    sqlite_engine: Engine,
) -> None:
    estate = a_small_estate(
        sites=(a_site(max_stay_nights=5),), referrals=(a_referral(no_shelter_tonight=True),)
    )
    bring_in(sqlite_engine, estate)

    with pytest.raises(PreferenceUnmet):
        place(sqlite_engine)
    hold = place(sqlite_engine, overrides={"interim": "no_shelter_tonight"})

    assert hold.expected_end_on == TODAY + timedelta(days=5)


def test_a_woman_and_a_man_do_not_share_a_unit(sqlite_engine: Engine) -> None:
    estate = a_small_estate(
        sites=(a_site(admits=frozenset(Gender)),),
        units=(a_unit(sharing=Sharing.SHARED),),
        beds=(a_bed(), a_bed("B2")),
        referrals=(a_referral(), a_referral("R2")),
        people=(a_person(), a_person("A2", "R2", gender=Gender.MALE)),
    )
    bring_in(sqlite_engine, estate)
    place(sqlite_engine)

    with pytest.raises(BedJustTaken):
        place(sqlite_engine, who="R2")


def test_at_two_in_the_morning_it_is_still_last_night(sqlite_engine: Engine) -> None:
    """Also on the night when the clocks in London go forward."""
    bring_in(sqlite_engine, a_small_estate())
    two_in_summer_time = Clock(datetime(2026, 3, 29, 1, 0, tzinfo=UTC))

    hold = place(sqlite_engine, at=two_in_summer_time)

    assert hold.starts_on.isoformat() == "2026-03-28"
    assert hold.expires_at == datetime(2026, 3, 29, 3, 0, tzinfo=UTC)
