"""Stock stated anew: facts are recorded, whom a house takes is not changed over the heads of who is there."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine

from beds.domain.estate import Estate
from beds.domain.terms import Gender, RiskToOthers, Sharing
from beds.errors import BadInput, ChangedMeanwhile, NotAllowedNow, NotFound, NotPermitted
from beds.roles import Actor, Permission
from beds.services.sites import confirm_availability, read_site
from beds.services.stock import (
    CHANGEABLE,
    StockChange,
    WordsInUse,
    change_bed,
    change_site,
    change_unit,
    words_in_use,
)
from tests.builders import (
    CLOCK,
    NOON,
    TODAY,
    a_bed,
    a_hold,
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
    ask,
    change,
    estate_now,
    events,
    stored,
    the_policy,
)
from tests.integration.recorded import bring_in, contents

BOTH = frozenset({Gender.FEMALE, Gender.MALE})
GIRL = a_person("C1", "R2", is_lead=False, age=9)


def a_lived_in_house(*children: Any, people: Any = (), site: Any = None, **needs: Any) -> Estate:
    """Return a house with one household in it, of which the needs are stated, and an empty unit."""
    lead = a_person("A2", "R2")
    return a_small_estate(
        sites=(site or a_site(),),
        units=(a_unit(), a_unit("U2", sharing=Sharing.SHARED)),
        beds=(a_bed(), a_bed("B1b"), a_bed("B2", "U2"), a_bed("B3", "U2")),
        referrals=(a_referral("R2", status="placed", **needs),),
        people=people or (lead, *children),
        placements=(a_placement("R2", "B1"),),
    )


def alter(engine: Engine, actor: Actor = ENGLISH, version: int = 1, **changes: object) -> StockChange:
    """Change the site."""
    return change(engine, change_site, actor, "S1", changes, version=version, policy=the_policy())


def alter_unit(engine: Engine, unit_id: str = "U1", actor: Actor = ENGLISH, **told: Any) -> StockChange:
    """Change a unit: a household's own and step-free where nothing else is stated."""
    told = {"version": 1, "sharing": "household", "step_free": True, "policy": the_policy(), **told}
    return change(engine, change_unit, actor, unit_id, **told)


def facts(engine: Engine) -> dict[str, object]:
    """Return what is stated of the site."""
    return dict(ask(engine, read_site, ENGLISH, "S1", clock=CLOCK, policy=the_policy()).facts)


def test_facts_of_a_site_are_stated_anew_and_only_what_changed_is_recorded(engine: Engine) -> None:
    bring_in(engine, a_small_estate())

    done = alter(
        engine,
        name="New name",
        security_level=3,
        services={"counselling"},
        max_stay_nights=28,
        cost_per_bed_night="102.50",
        closes_on=date(2030, 1, 1),
        accepts_children=True,
    )

    assert done == StockChange("S1", 2)
    found = facts(engine)
    assert (found["name"], found["security_level"], found["max_stay_nights"]) == ("New name", 3, 28)
    assert (found["services"], found["cost_per_bed_night"]) == (frozenset({"counselling"}), Decimal("102.50"))
    (event,) = events(engine, "site_changed")
    assert (event["subject"], event["site_id"], event["actor"]) == ("S1", "S1", ENGLISH.user_id)
    assert event["detail"] == {
        "fields": [
            "closes_on",
            "cost_per_bed_night",
            "max_stay_nights",
            "name",
            "security_level",
            "services",
        ],
        "no_longer_suited": 0,
    }


def test_what_is_as_it_was_changes_nothing(engine: Engine) -> None:
    bring_in(engine, a_small_estate())
    before = contents(engine)

    assert alter(engine, accepts_children=True, admits={"female"}).version == 1
    assert alter_unit(engine).version == 1
    assert change(engine, change_bed, ENGLISH, "B1", version=1, kind="single").version == 1
    assert contents(engine) == before


@pytest.mark.parametrize(
    "changes",
    [
        {"admits": BOTH},
        {"admits": {"male"}},
        {"accepts_children": False},
        {"max_age_girls": 8},
    ],
)
def test_whom_a_house_takes_is_not_changed_over_the_heads_of_who_is_there(
    engine: Engine, changes: dict[str, object]
) -> None:
    bring_in(engine, a_lived_in_house(GIRL, acceptable_site_genders=frozenset({Gender.FEMALE})))
    before = contents(engine)

    with pytest.raises(NotAllowedNow, match="needs it as it is") as refused:
        alter(engine, **changes)

    assert str(refused.value).startswith(next(iter(changes)))
    assert contents(engine) == before


def test_a_house_of_somebody_who_is_a_risk_does_not_begin_to_take_children(engine: Engine) -> None:
    bring_in(engine, a_lived_in_house(site=a_site(accepts_children=False), risk_to_others=RiskToOthers.HIGH))

    with pytest.raises(NotAllowedNow, match="accepts_children"):
        alter(engine, accepts_children=True)


def test_a_unit_is_not_shared_around_somebody_who_has_not_agreed(engine: Engine) -> None:
    bring_in(engine, a_lived_in_house(accepts_sharing=None))

    with pytest.raises(NotAllowedNow, match="sharing"):
        alter_unit(engine, sharing="shared")

    assert alter_unit(engine, "U2", step_free=True).version == 2


def test_a_unit_of_two_households_is_not_made_one_household_s(engine: Engine) -> None:
    estate = a_lived_in_house()
    bring_in(
        engine,
        estate.with_rows(
            referrals=(*estate.referrals, a_referral("R3", status="placed")),
            people=(*estate.people, a_person("A3", "R3")),
            placements=(a_placement("R2", "B2"), a_placement("R3", "B3")),
        ),
    )

    with pytest.raises(NotAllowedNow, match="sharing"):
        alter_unit(engine, "U2")


def test_an_age_that_was_never_asked_may_be_a_child_s(engine: Engine) -> None:
    unknown = a_person("C1", "R2", is_lead=False, age=None)
    bring_in(engine, a_lived_in_house(unknown))

    with pytest.raises(NotAllowedNow, match="accepts_children"):
        alter(engine, accepts_children=False)


def test_a_held_bed_counts_as_somebody_who_is_to_come(engine: Engine) -> None:
    estate = a_lived_in_house(acceptable_site_genders=frozenset({Gender.FEMALE}))
    bring_in(engine, estate.with_rows(placements=(), holds=(a_hold("R2", "B1"),)))

    with pytest.raises(NotAllowedNow, match="admits"):
        alter(engine, admits=BOTH)

    at = NOON + timedelta(hours=3)
    assert change(
        engine, change_site, ENGLISH, "S1", {"admits": BOTH}, version=1, policy=the_policy(), at=at
    ).version == (2)


def test_a_stay_that_is_over_stands_in_the_way_of_nothing(engine: Engine) -> None:
    estate = a_lived_in_house(GIRL)
    bring_in(engine, estate.with_rows(placements=(a_placement("R2", "B1", ended_on=TODAY),)))

    assert alter(engine, accepts_children=False).version == 2


def test_what_a_house_offers_no_longer_is_recorded_and_whom_that_concerns_is_counted(engine: Engine) -> None:
    bring_in(
        engine,
        a_lived_in_house(
            site=a_site(services=frozenset({"nursery"})),
            services_required=frozenset({"nursery"}),
            needs_step_free=True,
            min_security_level=2,
        ),
    )

    assert alter(engine, services=frozenset()).no_longer_suited == 1
    assert alter(engine, version=2, security_level=1).no_longer_suited == 1
    assert alter(engine, version=3, name="Another name").no_longer_suited == 0
    assert alter_unit(engine, version=4, step_free=False).no_longer_suited == 1
    assert not estate_now(engine).unit_by_id["U1"].step_free


def test_two_people_who_change_one_site_collide_in_words(engine: Engine) -> None:
    bring_in(engine, a_small_estate())
    alter(engine, name="First")

    for late in (
        lambda: alter(engine, name="Second"),
        lambda: alter_unit(engine, step_free=False),
        lambda: change(engine, change_bed, ENGLISH, "B1", version=1, kind="cot"),
        lambda: change(engine, confirm_availability, ENGLISH, "S1", version=1, policy=the_policy()),
    ):
        with pytest.raises(ChangedMeanwhile, match="look at it again"):
            late()
    assert facts(engine)["name"] == "First"


def test_a_bed_that_nobody_is_in_becomes_a_cot(engine: Engine) -> None:
    bring_in(engine, a_lived_in_house())

    assert change(engine, change_bed, ENGLISH, "B2", version=1, kind="cot").version == 2
    with pytest.raises(NotAllowedNow, match="kind"):
        change(engine, change_bed, ENGLISH, "B1", version=2, kind="cot")

    assert stored(engine, "bed", "kind", bed_id="B2") == ["cot"]
    assert events(engine, "bed_changed")[0]["site_id"] == "S1"


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"provider_id": "P2"}, "can be changed"),
        ({"nation": "Scotland"}, "can be changed"),
        ({"colour": "red"}, "can be changed"),
        ({"security_level": 4}, "security_level"),
        ({"region": "S92000003"}, "region"),
        ({"admits": frozenset()}, "admits"),
        ({"opens_on": TODAY, "closes_on": TODAY}, "closes_on"),
    ],
)
def test_what_is_not_accepted_is_named(sqlite_engine: Engine, changes: dict[str, object], match: str) -> None:
    bring_in(sqlite_engine, a_small_estate())

    with pytest.raises(BadInput, match=match):
        alter(sqlite_engine, **changes)

    assert "site_id" not in CHANGEABLE


def test_words_are_those_of_all_sites_each_once(engine: Engine) -> None:
    assert ask(engine, words_in_use, ENGLISH) == WordsInUse((), ())
    one = a_site(staff_languages=frozenset({"vi", "sq"}), services=frozenset({"nursery"}))
    other = a_site("S2", staff_languages=frozenset({"sq"}), services=frozenset({"counselling"}))
    bring_in(engine, a_small_estate(sites=(one, other)))

    assert ask(engine, words_in_use, ENGLISH) == WordsInUse(("sq", "vi"), ("counselling", "nursery"))
    with pytest.raises(NotPermitted, match="manage_stock"):
        ask(engine, words_in_use, PROVIDER)


def test_a_unit_and_a_bed_that_are_not_there_are_not_found(sqlite_engine: Engine) -> None:
    with pytest.raises(NotFound):
        alter_unit(sqlite_engine, "U404")
    with pytest.raises(NotFound):
        change(sqlite_engine, change_bed, ENGLISH, "B404", version=1, kind="cot")
    with pytest.raises(NotFound):
        alter(sqlite_engine)


@pytest.mark.parametrize("actor", [*NOBODYS_CASES, PROVIDER], ids=lambda actor: actor.user_id)
def test_who_does_not_manage_the_stock_changes_none_of_it(sqlite_engine: Engine, actor: Actor) -> None:
    bring_in(sqlite_engine, a_small_estate())

    for refused in (
        lambda: alter(sqlite_engine, actor, name="x"),
        lambda: alter_unit(sqlite_engine, actor=actor),
        lambda: change(sqlite_engine, change_bed, actor, "B1", version=1, kind="cot"),
    ):
        with pytest.raises(NotPermitted, match="manage_stock"):
            refused()


def test_who_manages_one_provider_s_stock_changes_no_other_s(sqlite_engine: Engine) -> None:
    bring_in(sqlite_engine, a_small_estate())
    theirs = Actor("user-p2", frozenset({Permission.MANAGE_STOCK, Permission.SEE_SITES}), provider_id="P2")

    with pytest.raises(NotFound):
        alter(sqlite_engine, theirs, name="x")
    with pytest.raises(NotFound):
        alter_unit(sqlite_engine, actor=theirs)
    with pytest.raises(NotFound):
        change(sqlite_engine, change_bed, theirs, "B1", version=1, kind="cot")
