"""Where a household could go as it is weighed: needs met, what is not ideal, the cost to others, why not."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Engine

from beds.domain.estate import Estate
from beds.domain.terms import Gender, Nation, Priority
from beds.errors import BadInput, NotAllowedNow, NotFound, NotPermitted
from beds.roles import Actor
from beds.services.costs import costs_to_others
from beds.services.places import FoundPlaces, find_places, side_by_side
from beds.services.sites import confirm_availability
from tests.builders import (
    TODAY,
    a_bed,
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
    ENGLISH,
    NOBODYS_CASES,
    PROVIDER,
    SCOTTISH,
    change,
    the_policy,
)
from tests.integration.looking import Reads, found, waiting
from tests.integration.recorded import bring_in
from tests.truth_case import SCOTTISH as IN_SCOTLAND
from tests.truth_case import another_site, with_sites


def places(engine: Engine, actor: Actor = ENGLISH, who: str = "R1", **options: Any) -> FoundPlaces:
    """Return where a household could go at noon."""
    answer: FoundPlaces = found(engine, find_places, actor, who, **{"log": Reads(), **options})
    return answer


def three_sites() -> Estate:
    """Return R1, for whom there is her own unit, one with a spare bed, and one across the border."""
    estate = with_sites(
        waiting(("R1", {"min_security_level": 2, "services_required": frozenset({"counselling"})}, {})),
        another_site("S2", services=frozenset({"counselling", "nursery"}), security_level=3),
        another_site("S3", **IN_SCOTLAND, services=frozenset({"counselling"})),
    )
    here = a_site(services=frozenset({"counselling"}))
    return estate.with_rows(sites=[here, *(site for site in estate.sites if site.site_id != "S1")])


def test_options_come_best_first_with_what_each_place_is(engine: Engine) -> None:
    bring_in(engine, three_sites())

    answer = places(engine)

    assert [(one.rank, one.place.unit_id, one.option["points"]) for one in answer.best] == [
        (1, "U1", 15),
        (2, "U2", 27),
    ]
    first = answer.best[0].place
    assert (first.site_id, first.region, first.singles, first.cots) == ("S1", "E12000007", 1, 0)
    assert first.services == ("counselling",)
    assert first.phone_first


def test_one_further_down_the_list_is_looked_at_when_it_is_asked_for(engine: Engine) -> None:
    bring_in(engine, three_sites())

    best = places(engine, top=1, also=["U2", "U3"]).best

    assert [(one.rank, one.place.unit_id) for one in best] == [(1, "U1"), (2, "U2")]


def test_the_needs_that_a_place_meets_are_those_that_the_household_has(engine: Engine) -> None:
    bring_in(engine, three_sites())

    assert places(engine).best[0].needs_met == ("nation", "gender", "security", "services")


def test_a_place_that_was_confirmed_lately_need_not_be_phoned(engine: Engine) -> None:
    bring_in(engine, three_sites())
    change(engine, confirm_availability, PROVIDER, "S1", version=1, policy=the_policy())

    assert not places(engine).best[0].place.phone_first


def test_every_other_site_says_what_stands_in_the_way_at_its_nearest_unit(engine: Engine) -> None:
    estate = three_sites()
    taken = a_referral("R9", status="placed")
    full = with_sites(estate, another_site("S4", services=frozenset({"counselling"})))
    bring_in(
        engine,
        full.with_rows(
            referrals=(*full.referrals, taken),
            people=(*full.people, a_person("A9", "R9")),
            placements=(a_placement("R9", "B4"),),
        ),
    )

    elsewhere = places(engine).elsewhere

    assert [(one.site_id, one.nearest_unit, one.rules) for one in elsewhere] == [
        ("S3", "U3", ("nation",)),
        ("S4", "U4", ("capacity", "sharing")),
    ]


def test_what_could_be_talked_over_is_said_although_there_are_places(engine: Engine) -> None:
    bring_in(engine, three_sites())

    assert [(b["rules"], b["units"]) for b in places(engine).barriers] == [(["nation"], 1)]


def test_where_there_is_nowhere_the_gaps_of_the_estate_are_said_too(engine: Engine) -> None:
    bring_in(engine, waiting(("R1", {"min_security_level": 3}, {})))

    answer = places(engine)

    assert answer.best == ()
    assert [(b["rules"], b["askable"]) for b in answer.barriers] == [(["security"], False)]


def test_a_household_that_no_round_places_has_no_places_and_a_reason(engine: Engine) -> None:
    bring_in(engine, waiting(("R1", {}, {"age": None})))

    answer = places(engine)

    assert (answer.answer["outcome"], answer.best, answer.elsewhere) == ("information_missing", (), ())


def test_that_somebody_must_be_kept_apart_reads_as_no_room(sqlite_engine: Engine) -> None:
    estate = a_small_estate(
        units=(a_unit(), a_unit("U2")),
        beds=(a_bed(), a_bed("B2", "U2")),
        referrals=(a_referral(), a_referral("R2", status="placed")),
        people=(a_person(), a_person("A2", "R2")),
        placements=(a_placement("R2", "B2"),),
        keep_apart=(a_keep_apart(),),
    )
    bring_in(sqlite_engine, estate)

    (site,) = places(sqlite_engine).elsewhere

    assert site.rules == ("capacity",)


def test_that_somebody_looked_is_kept(sqlite_engine: Engine) -> None:
    bring_in(sqlite_engine, three_sites())
    reads = Reads()

    places(sqlite_engine, log=reads)

    assert set(reads.cases) == {("user-english", "R1")}


@pytest.mark.parametrize("actor", [PROVIDER, *NOBODYS_CASES], ids=lambda actor: actor.user_id)
def test_who_sees_no_case_is_refused(sqlite_engine: Engine, actor: Actor) -> None:
    bring_in(sqlite_engine, three_sites())

    for service, about in ((find_places, ("R1",)), (costs_to_others, ("R1", ["U1"]))):
        with pytest.raises(NotPermitted):
            found(
                sqlite_engine, service, actor, *about, **({"log": Reads()} if service is find_places else {})
            )


def test_a_case_of_the_other_nation_does_not_exist(sqlite_engine: Engine) -> None:
    bring_in(sqlite_engine, three_sites())

    with pytest.raises(NotFound, match="no such referral"):
        places(sqlite_engine, SCOTTISH)
    with pytest.raises(NotFound, match="no such referral"):
        found(sqlite_engine, costs_to_others, SCOTTISH, "R1", ["U1"])


def test_how_many_is_bounded(sqlite_engine: Engine) -> None:
    bring_in(sqlite_engine, three_sites())

    with pytest.raises(BadInput, match="0 to 24"):
        places(sqlite_engine, top=25)


def two_nations_want_it() -> Estate:
    """Return R1 before U1, which R2 could have too, and R3 of Scotland, whose other place suits less."""
    return waiting(
        ("R1", {}, {}),
        ("R2", {"priority": Priority.EMERGENCY}, {}),
        ("R3", {"nation": Nation.SCOTLAND, "cross_border": True, "priority": Priority.URGENT}, {}),
        sites=(a_site(), a_site("S2", nation=Nation.SCOTLAND, region="S92000003", security_level=3)),
        units=(a_unit(), a_unit("U2", "S2")),
        beds=(a_bed(), a_bed("B2", "U2")),
    )


def test_what_a_choice_costs_is_counted_for_all_and_named_for_those_one_may_see(engine: Engine) -> None:
    bring_in(engine, two_nations_want_it())

    english = found(engine, costs_to_others, ENGLISH, "R1", ["U1"])["U1"]
    everybody = found(engine, costs_to_others, ALL_NATIONS, "R1", ["U1"])["U1"]

    assert english.could_have_it == {Priority.EMERGENCY: 1, Priority.URGENT: 1}
    assert (english.only, english.best) == ({Priority.EMERGENCY: 1}, {Priority.URGENT: 1})
    assert (english.only_ahead, english.is_nothing) == (1, False)
    assert ([one.referral_id for one in english.losing], english.not_shown) == (["R2"], 1)
    assert ([one.referral_id for one in everybody.losing], everybody.not_shown) == (["R2", "R3"], 0)


def test_a_choice_that_nobody_else_could_make_costs_nothing(engine: Engine) -> None:
    bring_in(engine, waiting(("R1", {}, {}), ("R2", {}, {"gender": Gender.MALE})))

    cost = found(engine, costs_to_others, ENGLISH, "R1", ["U1"])["U1"]

    assert cost.is_nothing
    assert cost.could_have_it == {}


def test_two_places_stand_side_by_side_with_their_costs(engine: Engine) -> None:
    bring_in(engine, three_sites())

    one, other = found(engine, side_by_side, ENGLISH, "R1", ("U2", "U1"), log=Reads())

    assert (one.place.place.unit_id, one.place.rank) == ("U2", 2)
    assert (other.place.place.unit_id, other.place.rank) == ("U1", 1)
    assert one.place.option["mismatch"] == {"security": 10, "step_free": 15, "services": 2}
    assert one.cost.is_nothing
    assert one.place.option["starts_on"] == TODAY.isoformat()


@pytest.mark.parametrize(
    ("units", "refusal", "words"),
    [(("U1", "U1"), BadInput, "two different"), (("U1", "U3"), NotAllowedNow, "not open to this household")],
)
def test_two_places_that_cannot_be_weighed_are_refused(
    sqlite_engine: Engine, units: tuple[str, str], refusal: type[Exception], words: str
) -> None:
    bring_in(sqlite_engine, three_sites())

    with pytest.raises(refusal, match=words):
        found(sqlite_engine, side_by_side, ENGLISH, "R1", units, log=Reads())
