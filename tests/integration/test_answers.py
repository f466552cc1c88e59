"""Where, who and whom it affects: of cases that may be seen, and never whom somebody must avoid."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from sqlalchemy import Engine

from beds.domain.estate import Estate
from beds.domain.households import taking_part
from beds.domain.terms import Gender, Nation, Priority, ReferralStatus, SiteRef
from beds.errors import BadInput, NotAllowedNow, NotFound, NotPermitted
from beds.roles import OPERATOR, Actor
from beds.services.answers import affected, household_options, offers, unit_candidates
from beds.services.freezing import Ground
from beds.services.offering import a_choice
from beds.services.options import OptionJson, options
from beds.services.rounds import as_json
from beds.transactions import reading, writing
from tests.builders import (
    CLOCK,
    TODAY,
    a_bed,
    a_closure,
    a_keep_apart,
    a_person,
    a_placement,
    a_referral,
    a_site,
    a_small_estate,
    a_unit,
)
from tests.integration.cases import Reads
from tests.integration.changed_estates import TABLES
from tests.integration.live import (
    ALL_NATIONS,
    ENGLISH,
    NOBODYS_CASES,
    PROVIDER,
    SCOTTISH,
    set_columns,
    the_policy,
)
from tests.integration.recorded import bring_in
from tests.oracles import PERIODS
from tests.strategies import random_estate
from tests.truth_case import an_estate, another_site, with_sites

SERVICES: list[Callable[..., Any]] = [household_options, offers, unit_candidates, affected]
MALE = {"gender": Gender.MALE}


def told(engine: Engine, service: Callable[..., Any], actor: Actor, *about: str, **options: Any) -> Any:
    """Return what a service answers at noon."""
    from beds.store import load_estate

    if service in (household_options, offers):
        options.setdefault("log", Reads())
    with reading(engine) as session:
        ground = Ground.of(load_estate(session, current_only_from=TODAY), CLOCK)
        return service(session, actor, ground, *about, policy=the_policy(), **options)


def about(service: Callable[..., Any], referral_id: str = "R1", unit_id: str = "U1") -> tuple[str, ...]:
    """Return what a service is asked about."""
    return {unit_candidates: (unit_id,), affected: (referral_id, unit_id)}.get(service, (referral_id,))


def waiting(*households: tuple[str, dict[str, Any], dict[str, Any]], **tables: Any) -> Estate:
    """Return households waiting for U1: a reference, changes of the referral, of the lead."""
    return a_small_estate(
        referrals=tuple(a_referral(ref, **changes) for ref, changes, _ in households),
        people=tuple(a_person(f"A-{ref}", ref, **lead) for ref, _, lead in households),
        **tables,
    )


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("actor", [PROVIDER, *NOBODYS_CASES], ids=lambda actor: actor.user_id)
def test_who_sees_no_case_is_refused(engine: Engine, service: Callable[..., Any], actor: Actor) -> None:
    bring_in(engine, a_small_estate())

    with pytest.raises(NotPermitted):
        told(engine, service, actor, *about(service))


@pytest.mark.parametrize("service", [household_options, offers, affected])
def test_a_case_of_the_other_nation_or_a_restricted_one_does_not_exist(
    engine: Engine, service: Callable[..., Any]
) -> None:
    bring_in(engine, waiting(("R1", {}, {}), ("R2", {}, {})))
    restrict(engine, "R2")

    for actor, referral_id in ((SCOTTISH, "R1"), (ENGLISH, "R2"), (ENGLISH, "R-none")):
        with pytest.raises(NotFound) as refusal:
            told(engine, service, actor, *about(service, referral_id))

        assert str(refusal.value) == "there is no such referral"
    assert told(engine, service, OPERATOR, *about(service, "R2"))["referral_id"] == "R2"


@pytest.mark.parametrize("service", [unit_candidates, affected])
def test_a_unit_that_is_not_there_is_not_found(engine: Engine, service: Callable[..., Any]) -> None:
    bring_in(engine, a_small_estate())

    with pytest.raises(NotFound, match="no such unit"):
        told(engine, service, ENGLISH, *about(service, unit_id="U-none"))


@pytest.mark.parametrize("service", [household_options, offers, affected])
@pytest.mark.parametrize("status", [ReferralStatus.CLOSED, ReferralStatus.MOVED_ON])
def test_no_place_is_looked_for_once_a_case_is_over(
    engine: Engine, service: Callable[..., Any], status: ReferralStatus
) -> None:
    # A second referral of hers keeps the first one in what is read of the estate.
    bring_in(
        engine,
        waiting(("R1", {"survivor_ref": "V1", "status": "closed"}, {}), ("R2", {"survivor_ref": "V1"}, {})),
    )
    set_columns(engine, "referral", "R1", status=status)

    with pytest.raises(NotAllowedNow, match="no place is looked for"):
        told(engine, service, ENGLISH, *about(service))


def test_a_household_whose_lead_has_left_is_asked_for_another(engine: Engine) -> None:
    bring_in(engine, a_small_estate(people=(a_person(), a_person("A2", is_lead=False, age=9))))
    with writing(engine) as session:
        person = TABLES["person"]
        session.execute(person.update().where(person.c.person_id == "A1").values(left_on=TODAY))

    with pytest.raises(NotAllowedNow, match="lead"):
        told(engine, household_options, ENGLISH, "R1")


@pytest.mark.parametrize(
    ("service", "options"),
    [
        (household_options, {"top": -1}),
        (unit_candidates, {"top": -1}),
        (offers, {"k": 0}),
        (offers, {"k": 11}),
    ],
)
def test_how_many_is_bounded(engine: Engine, service: Callable[..., Any], options: dict[str, int]) -> None:
    bring_in(engine, a_small_estate())

    with pytest.raises(BadInput, match="accepted"):
        told(engine, service, ENGLISH, *about(service), **options)


def test_the_other_units_are_listed_only_if_asked_for(engine: Engine) -> None:
    bring_in(
        engine,
        with_sites(an_estate(referral={"min_security_level": 3}), another_site("S2", security_level=3)),
    )

    short = told(engine, household_options, ENGLISH, "R1")
    long = told(engine, household_options, ENGLISH, "R1", with_others=True)

    assert short["others"] == []
    assert [row["rules"] for row in long["others"]] == [["security"]]
    assert {**long, "others": []} == short


def test_candidates_of_another_nation_and_restricted_ones_are_counts_by_priority(engine: Engine) -> None:
    bring_in(
        engine,
        waiting(
            ("R1", {}, {}),
            ("R2", {"priority": Priority.URGENT}, {}),
            ("R3", {"nation": Nation.SCOTLAND, "cross_border": True, "priority": Priority.EMERGENCY}, {}),
            ("R4", {"nation": Nation.SCOTLAND}, {}),
            ("R5", {}, MALE),
            ("R6", {}, MALE),
        ),
    )
    restrict(engine, "R2", "R6")

    english = told(engine, unit_candidates, ENGLISH, "U1")
    everybody = told(engine, unit_candidates, OPERATOR, "U1")

    assert [row["referral_id"] for row in english["candidates"]] == ["R1"]
    assert english["candidates_in_all"] == 3
    assert english["candidates_not_shown"] == {"emergency": 1, "urgent": 1}
    assert [row["referral_id"] for row in english["others"]] == ["R5"]
    assert (english["others_in_all"], english["others_not_shown"]) == (3, {"standard": 2})
    assert [row["referral_id"] for row in everybody["candidates"]] == ["R3", "R2", "R1"]
    assert everybody["candidates_not_shown"] == everybody["others_not_shown"] == {}
    assert not any(ref in as_json(english) for ref in ("R2", "R3", "R4", "R6"))


def test_up_to_so_many_of_each_list_are_shown_and_all_are_counted(engine: Engine) -> None:
    refs = [f"R{n}" for n in range(1, 5)]
    bring_in(engine, waiting(*((ref, {}, {}) for ref in refs), *((f"M{ref}", {}, MALE) for ref in refs)))

    answer = told(engine, unit_candidates, ENGLISH, "U1", top=2)

    assert (len(answer["candidates"]), len(answer["others"])) == (2, 2)
    assert (answer["candidates_in_all"], answer["others_in_all"]) == (4, 4)


def test_who_is_affected_is_counted_by_priority_and_shown_where_she_may_be_seen(engine: Engine) -> None:
    estate = waiting(
        ("R1", {"priority": Priority.URGENT}, {}),
        ("R2", {"priority": Priority.EMERGENCY}, {}),
        ("R3", {}, {}),
        ("R4", {"preferred_regions": frozenset({"E12000002"}), "min_security_level": 3}, {}),
        ("R5", {"nation": Nation.SCOTLAND, "cross_border": True, "priority": Priority.URGENT}, {}),
        ("R6", {}, MALE),
        sites=(a_site(security_level=3), a_site("S2", nation=Nation.SCOTLAND, region="S92000003")),
        units=(a_unit(), a_unit("U2", "S2")),
        beds=(a_bed(), a_bed("B2", "U2")),
    )
    bring_in(engine, estate)

    answer = told(engine, affected, ENGLISH, "R1", "U1")

    assert (answer["outcome"], answer["rules"]) == (None, [])
    assert answer["affected"] == {
        "emergency": {"could_have_it": 1, "no_other_unit": 1, "ahead": 1},
        "urgent": {"could_have_it": 1, "no_other_unit": 0, "ahead": 0},
        "standard": {"could_have_it": 2, "no_other_unit": 2, "ahead": 0},
    }
    assert [(row["referral_id"], row["ahead"], row["no_other_unit"]) for row in answer["households"]] == [
        ("R2", True, True),
        ("R3", False, True),
        ("R4", False, True),
    ]
    assert answer["not_shown"] == {"urgent": {"could_have_it": 1, "no_other_unit": 0, "ahead": 0}}


@pytest.mark.parametrize("seed", range(6))
def test_whom_it_affects_is_who_has_it_among_her_options(sqlite_engine: Engine, seed: int) -> None:
    estate = random_estate(Random(seed), households=7, units=6)
    bring_in(sqlite_engine, estate)
    ground, points = Ground.of(estate, CLOCK), the_policy().points
    could_have = {
        referral.referral_id: {
            row["unit_id"]
            for row in options(ground, referral.referral_id, periods=PERIODS, points=points)["options"]
        }
        for referral in taking_part(estate, CLOCK)
    }
    her = min(could_have)

    for unit in estate.units:
        answer = told(sqlite_engine, affected, OPERATOR, her, unit.unit_id)

        expected = {
            ref: len(units) == 1 for ref, units in could_have.items() if unit.unit_id in units and ref != her
        }
        assert {row["referral_id"]: row["no_other_unit"] for row in answer["households"]} == expected
        assert (answer["rules"] == [] and answer["outcome"] is None) == (unit.unit_id in could_have[her])


def the_partner_lives_there(*, kept_apart: bool) -> Estate:
    """Return a house of two units where Q1 lives until 2 April, and elsewhere one bed that R2 can have too.

    R1 waits, and so do men, for whom the house is not. Kept apart from Q1, R1 finds no room; otherwise the
    other unit's bed is closed until Q1 leaves.
    """
    estate = waiting(
        ("R1", {}, {}),
        ("R2", {}, MALE),
        ("R3", {"priority": Priority.URGENT}, MALE),
        ("Q1", {"status": ReferralStatus.PLACED, "nation": Nation.SCOTLAND}, {}),
        sites=(a_site(), a_site("S2", admits=frozenset({Gender.FEMALE, Gender.MALE}))),
        units=(a_unit(), a_unit("U2"), a_unit("U3", "S2")),
        beds=(a_bed(), a_bed("B2", "U2"), a_bed("B3", "U3")),
        placements=(a_placement("Q1", "B1"),),
    )
    if kept_apart:
        return estate.with_rows(keep_apart=(a_keep_apart("R1", "Q1"),))
    leaves = estate.placements[0].expected_end_on
    return estate.with_rows(closures=(a_closure("B2", ends_on=leaves),))


@pytest.mark.parametrize("actor", [ENGLISH, ALL_NATIONS], ids=lambda actor: actor.user_id)
@pytest.mark.parametrize("full", [False, True], ids=["a bed elsewhere", "no bed elsewhere"])
def test_to_the_byte_keep_apart_reads_as_a_bed_that_is_closed(
    engine: Engine, connected: Callable[..., Engine], actor: Actor, full: bool, tmp_path: Any
) -> None:
    from beds.database import upgrade
    from tests.integration.conftest import settings_for

    other = connected(settings_for(f"sqlite:///{tmp_path / 'other.db'}"), create=True)
    upgrade(other)
    for where, kept_apart in ((engine, True), (other, False)):
        estate = the_partner_lives_there(kept_apart=kept_apart)
        bring_in(where, estate.with_rows(closures=(*estate.closures, *([a_closure("B3")] if full else []))))

    for service, *asked in (
        (household_options, "R1"),
        (offers, "R1"),
        (unit_candidates, "U1"),
        (unit_candidates, "U3"),
        (affected, "R1", "U2"),
        (affected, "R1", "U3"),
        (affected, "R2", "U3"),
    ):
        answers = [as_json(told(where, service, actor, *asked)) for where in (engine, other)]

        assert answers[0] == answers[1], (service.__name__, asked)
        assert "keep" not in answers[0]
        assert "Q1" not in answers[0]
    rows = [
        [row for row in told(where, unit_candidates, actor, "U2")["others"] if row["referral_id"] == "R1"]
        for where in (engine, other)
    ]
    assert rows[0] == rows[1]
    assert told(engine, affected, actor, "R1", "U2")["rules"] == rows[0][0]["rules"] == ["capacity"]


def option(unit: str, site: str, points: int, **mismatch: int) -> OptionJson:
    """Return an option of so many points."""
    return {
        "site_id": site,
        "unit_id": unit,
        "starts_on": "2026-03-03",
        "expected_end_on": "2026-04-02",
        "mismatch": mismatch,
        "points": points,
    }


def sites_to_choose_from() -> Estate:
    """Return four sites of two regions and three providers, S1 with two units."""
    sites = (
        a_site("S1", provider_id="P1"),
        a_site("S2", provider_id="P1"),
        a_site("S3", provider_id="P2"),
        a_site("S4", provider_id="P3", region="E12000002"),
    )
    units = tuple(a_unit(f"U{n}", SiteRef(f"S{n}")) for n in range(1, 5))
    return Estate(sites=sites, units=(*units, a_unit("U5", "S1")))


def test_offers_are_one_a_site_the_best_first_and_then_other_regions_and_providers() -> None:
    best_first = [
        option("U1", "S1", 30, language=30),
        option("U5", "S1", 31, language=31),
        option("U2", "S2", 32, language=32),
        option("U3", "S3", 40, language=40),
        option("U4", "S4", 55, region=55),
    ]

    chosen = a_choice(best_first, sites_to_choose_from(), 4, same_again=20)

    assert [(offer["unit_id"], offer["reasons"]) for offer in chosen] == [
        ("U1", ["fewest_points"]),
        ("U4", ["shared_language", "another_region", "another_provider"]),
        ("U3", ["another_provider"]),
        ("U2", ["another_site"]),
    ]


def test_a_unit_that_fits_much_worse_is_not_offered_for_the_sake_of_a_choice() -> None:
    best_first = [option("U1", "S1", 0), option("U2", "S2", 10), option("U4", "S4", 51)]

    chosen = a_choice(best_first, sites_to_choose_from(), 2, same_again=20)

    assert [offer["unit_id"] for offer in chosen] == ["U1", "U2"]


def test_offers_say_why_there_are_none(engine: Engine) -> None:
    bring_in(engine, an_estate(referral={"nation": Nation.SCOTLAND}))

    answer = told(engine, offers, SCOTTISH, "R1")

    assert answer["offers"] == []
    assert answer["outcome"] == "no_eligible_unit"
    assert answer["barriers"] == [{"rules": ["nation"], "units": 1, "askable": True}]


def restrict(engine: Engine, *referral_ids: str) -> None:
    """Let nobody open these cases but who sees all."""
    for referral_id in referral_ids:
        set_columns(engine, "referral", referral_id, restricted=True)
