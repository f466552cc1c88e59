"""The page for whoever works out of hours: who waits and where, whom to phone, what is held; no names."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from beds.domain.estate import Estate
from beds.domain.terms import Nation, Priority
from beds.errors import BadInput, NotPermitted
from beds.roles import Actor
from beds.services.kept_rounds import keep_run
from beds.services.night_pack import NightPack, night_pack
from beds.services.rounds import run_round
from beds.services.sites import confirm_availability, set_contact
from tests.builders import CLOCK, NOON, TODAY, a_bed, a_site, a_unit
from tests.integration.live import (
    ENGLISH,
    NOBODYS_CASES,
    PROVIDER,
    SCOTTISH,
    change,
    estate_now,
    place,
    the_policy,
)
from tests.integration.looking import Reads, found, waiting
from tests.integration.recorded import bring_in


def packed(engine: Engine, actor: Actor = ENGLISH, **options: Any) -> NightPack:
    """Return the night pack at noon."""
    answer: NightPack = found(engine, night_pack, actor, **{"log": Reads(), **options})
    return answer


def a_night() -> Estate:
    """Return five households before two units: an emergency, one not needed yet, one that nothing suits."""
    return waiting(
        ("R1", {}, {}),
        ("R2", {"no_shelter_tonight": True}, {}),
        ("R3", {"needed_from": TODAY + timedelta(days=3)}, {}),
        ("R4", {"services_required": frozenset({"nursery"}), "accepts_sharing": None}, {}),
        ("R5", {}, {"age": None}),
        ("R6", {"nation": Nation.SCOTLAND}, {}),
        sites=(a_site(name="Rose House"), a_site("S2", provider_id="P2")),
        units=(a_unit(), a_unit("U2", "S2")),
        beds=(a_bed(), a_bed("B2", "U2"), a_bed("B3", "U2")),
    )


def test_each_household_that_waits_has_its_best_units_in_line(engine: Engine) -> None:
    bring_in(engine, a_night())

    pack = packed(engine)

    assert [one.line.referral_id for one in pack.households] == ["R2", "R1", "R4", "R5"]
    first = pack.households[0]
    assert (first.line.priority, first.line.no_shelter) == (Priority.EMERGENCY, True)
    assert [(option.unit_id, option.points) for option in first.best] == [("U1", 25), ("U2", 33)]
    assert first.best[0].until == TODAY + timedelta(days=30)
    assert (pack.as_at, pack.night, pack.waiting_more) == (NOON, TODAY, 0)


def test_whoever_has_nowhere_is_told_why_and_what_could_be_talked_over(engine: Engine) -> None:
    bring_in(engine, a_night())

    services, age = packed(engine).households[2:]

    assert (services.outcome, services.best) == ("no_eligible_unit", ())
    assert [(b["rules"], b["units"]) for b in services.ask] == [(["services"], 2)]
    assert services.not_yet_asked == ("accepts_sharing",)
    assert (age.outcome, age.not_yet_asked) == ("information_missing", ("age",))


def test_where_units_are_taken_the_first_date_is_said(engine: Engine) -> None:
    bring_in(engine, waiting(("R1", {}, {}), ("R2", {}, {})))
    place(engine, who="R2")

    (household,) = packed(engine).households

    assert (household.outcome, household.free_on) == ("no_free_unit", TODAY + timedelta(days=30))


def test_what_is_held_is_on_the_page_and_who_it_is_held_for_is_not_in_line(engine: Engine) -> None:
    bring_in(engine, a_night())
    hold = place(engine, who="R2")

    pack = packed(engine)

    assert [(one.hold_id, one.code) for one in pack.holds] == [(hold.hold_id, hold.code)]
    assert "R2" not in [one.line.referral_id for one in pack.households]
    assert pack.sites["S1"].region == "E12000007"


def test_what_a_round_proposes_is_said_beside_the_options(engine: Engine) -> None:
    bring_in(engine, a_night())
    policy = the_policy()
    held = run_round(estate_now(engine), CLOCK, periods=policy.periods, points=policy.points)
    change(engine, keep_run, ENGLISH, held)

    proposed = {one.line.referral_id: one.proposed for one in packed(engine).households}

    assert {proposed["R1"], proposed["R2"]} == {"U1", "U2"}
    assert proposed["R4"] is None


def test_sites_are_phoned_in_the_order_of_the_call_list_with_the_providers_number(engine: Engine) -> None:
    bring_in(engine, a_night())
    change(engine, set_contact, ENGLISH, "P2", "01 234 567 890")
    change(engine, confirm_availability, PROVIDER, "S1", version=1, policy=the_policy())

    pack = packed(engine)

    assert [(call.site_id, call.contact) for call in pack.calls] == [("S2", "01 234 567 890")]
    assert not pack.sites["S1"].phone_first
    assert pack.sites["S2"].contact == "01 234 567 890"


def test_only_so_many_are_listed_and_the_rest_are_counted(engine: Engine) -> None:
    bring_in(engine, a_night())

    pack = packed(engine, most=1)

    assert (len(pack.households), pack.waiting_more) == (1, 3)
    with pytest.raises(BadInput):
        packed(engine, most=0)


def test_the_page_names_nobody_and_no_house_and_nothing_of_the_other_nation(engine: Engine) -> None:
    bring_in(engine, a_night())

    text = repr(packed(engine))

    assert "Rose House" not in text
    assert "R6" not in text
    assert [one.line.referral_id for one in packed(engine, SCOTTISH).households] == ["R6"]


def test_that_the_cases_were_looked_at_is_kept(sqlite_engine: Engine) -> None:
    bring_in(sqlite_engine, a_night())
    reads = Reads()

    packed(sqlite_engine, log=reads)

    assert {referral_id for _, referral_id in reads.cases} == {"R1", "R2", "R4", "R5"}


def test_an_estate_with_nobody_and_nothing_is_an_empty_page(sqlite_engine: Engine) -> None:
    pack = packed(sqlite_engine)

    assert (pack.households, pack.calls, pack.holds, pack.sites) == ((), (), (), {})


@pytest.mark.parametrize("actor", [PROVIDER, *NOBODYS_CASES], ids=lambda actor: actor.user_id)
def test_who_sees_no_case_is_refused(sqlite_engine: Engine, actor: Actor) -> None:
    bring_in(sqlite_engine, a_night())

    with pytest.raises(NotPermitted):
        packed(sqlite_engine, actor)
