"""How many places would do for a draft: the same as once it is recorded, and nothing of it is kept."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Engine

from beds.database import METADATA, reading
from beds.domain.estate import Estate
from beds.domain.terms import Nation, Outcome, RiskToOthers, Sharing
from beds.errors import BadInput, NotFound, NotPermitted
from beds.roles import Actor
from beds.services.answers import household_options
from beds.services.drafting import Places, places_for_draft
from beds.services.freezing import Ground
from beds.services.households import NewHousehold, NewPerson
from beds.services.protection import record_keep_apart
from beds.services.referrals import record_referral
from tests.builders import (
    CLOCK,
    a_bed,
    a_person,
    a_placement,
    a_referral,
    a_site,
    a_small_estate,
    a_unit,
)
from tests.integration.cases import Reads, a_household
from tests.integration.live import (
    ALL_NATIONS,
    ENGLISH,
    NOBODYS_CASES,
    PROVIDER,
    SCOTTISH,
    change,
    count,
    estate_now,
    the_policy,
)
from tests.integration.recorded import bring_in

ASKED: dict[str, Any] = {
    "needs_step_free": False,
    "accepts_sharing": True,
    "cross_border": False,
    "min_security_level": 1,
    "risk_to_others": "low",
}
MOTHER = NewPerson(gender="female", is_lead=True, age=30, languages=frozenset({"en"}))


def an_estate(**tables: Any) -> Estate:
    """Return three units: one of each kind in England, one in Scotland; nobody waits."""
    return a_small_estate(
        **{
            "sites": [a_site(), a_site("S2", nation=Nation.SCOTLAND, region="S92000003")],
            "units": [
                a_unit(),
                a_unit("U2", step_free=False, sharing=Sharing.SHARED),
                a_unit("U3", "S2", step_free=False),
            ],
            "beds": [a_bed(), a_bed("B2", "U2"), a_bed("B3", "U3")],
            "referrals": [],
            "people": [],
            **tables,
        }
    )


def places(
    engine: Engine, household: NewHousehold, actor: Actor = ALL_NATIONS, *, keep_apart: tuple[str, ...] = ()
) -> Places:
    """Return how many places would do at noon."""
    ground = Ground.of(estate_now(engine), CLOCK)
    with reading(engine) as session:
        return places_for_draft(session, actor, ground, household, policy=the_policy(), keep_apart=keep_apart)


def asked(**changes: Any) -> NewHousehold:
    """Return a woman of whom everything was asked, and is modest."""
    return a_household(**{"people": (MOTHER,), **ASKED, **changes})


def test_a_household_of_whom_all_is_known_is_counted_once(sqlite_engine: Engine) -> None:
    bring_in(sqlite_engine, an_estate())

    assert places(sqlite_engine, asked()) == Places(2)


@pytest.mark.parametrize(
    ("need", "cautiously", "answered"),
    [
        ("needs_step_free", 1, 2),
        ("accepts_sharing", 1, 2),
        ("risk_to_others", 1, 2),
        ("cross_border", 2, 3),
    ],
)
def test_what_is_not_asked_is_read_with_caution_and_says_what_it_would_open(
    sqlite_engine: Engine, need: str, cautiously: int, answered: int
) -> None:
    bring_in(sqlite_engine, an_estate())

    found = places(sqlite_engine, asked(**{need: None}))

    assert found == Places(cautiously, if_answered={need: answered})


def test_security_that_was_not_assessed_reads_as_enhanced(sqlite_engine: Engine) -> None:
    bring_in(sqlite_engine, an_estate(sites=[a_site(security_level=1), a_site("S2", security_level=1)]))

    found = places(sqlite_engine, asked(min_security_level=None))

    assert found.units == 0
    assert found.outcome is Outcome.NO_ELIGIBLE_UNIT
    assert found.if_answered == {"min_security_level": 3}


def test_a_child_alone_and_an_age_that_is_not_known_are_not_counted(sqlite_engine: Engine) -> None:
    bring_in(sqlite_engine, an_estate())
    alone = NewPerson(gender="female", is_lead=True, age=16)
    unknown = NewPerson(gender="female", is_lead=True)

    assert places(sqlite_engine, asked(people=(alone,))) == Places(None, Outcome.UNACCOMPANIED_CHILD)
    assert places(sqlite_engine, asked(people=(unknown,))) == Places(None, Outcome.INFORMATION_MISSING)


def test_nowhere_now_says_from_when_or_what_stands_in_the_way(sqlite_engine: Engine) -> None:
    full = an_estate(
        referrals=[a_referral("R9", status="placed")],
        people=[a_person("A9", "R9")],
        placements=[a_placement("R9", "B1")],
    )
    bring_in(sqlite_engine, full)

    found = places(sqlite_engine, asked(accepts_sharing=False))

    assert (found.units, found.outcome) == (0, Outcome.NO_FREE_UNIT)
    assert found.free_on is not None
    assert {"rules": ["house_mix"], "units": 1, "askable": True} in found.barriers


def test_somebody_to_be_kept_apart_from_closes_the_site(sqlite_engine: Engine) -> None:
    estate = an_estate(
        referrals=[a_referral("R9", status="placed")],
        people=[a_person("A9", "R9")],
        placements=[a_placement("R9", "B2")],
        beds=[a_bed(), a_bed("B2", "U2"), a_bed("B2b", "U2"), a_bed("B3", "U3")],
    )
    bring_in(sqlite_engine, estate)

    assert places(sqlite_engine, asked()).units == 2
    assert places(sqlite_engine, asked(), keep_apart=("R9",)).units == 0


def test_a_case_of_another_nation_cannot_be_named_to_be_kept_apart_from(sqlite_engine: Engine) -> None:
    bring_in(sqlite_engine, an_estate(referrals=[a_referral("R9")], people=[a_person("A9", "R9")]))

    with pytest.raises(NotFound):
        places(sqlite_engine, asked(nation="Scotland"), SCOTTISH, keep_apart=("R9",))


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"nation": "Scotland", "cross_border": True},
        {"people": (MOTHER, NewPerson(gender="male", age=7)), "accepts_sharing": None},
        {"excluded_areas": frozenset({"E12000007"})},
        {"needs_step_free": None, "risk_to_others": RiskToOthers.HIGH},
    ],
)
def test_once_recorded_it_has_as_many_options(sqlite_engine: Engine, changes: dict[str, Any]) -> None:
    bring_in(sqlite_engine, an_estate())
    household = asked(**changes)

    before = places(sqlite_engine, household)
    line = change(sqlite_engine, record_referral, ALL_NATIONS, household)

    ground = Ground.of(estate_now(sqlite_engine), CLOCK)
    with reading(sqlite_engine) as session:
        after = household_options(
            session, ALL_NATIONS, ground, line.referral_id, policy=the_policy(), log=Reads()
        )
    assert before.units == after["options_in_all"]


def test_nothing_of_a_draft_is_kept(sqlite_engine: Engine) -> None:
    bring_in(sqlite_engine, an_estate())
    before = {table: count(sqlite_engine, table) for table in METADATA.tables}

    places(sqlite_engine, asked(notes="what she said"))

    assert {table: count(sqlite_engine, table) for table in METADATA.tables} == before


def test_the_ground_that_was_asked_stays_as_it_was(sqlite_engine: Engine) -> None:
    bring_in(sqlite_engine, an_estate())
    ground = Ground.of(estate_now(sqlite_engine), CLOCK)
    estate = ground.estate

    with reading(sqlite_engine) as session:
        places_for_draft(session, ENGLISH, ground, asked(), policy=the_policy())

    assert ground.estate == estate
    assert not ground.estate.referrals


def test_what_is_not_accepted_is_named(sqlite_engine: Engine) -> None:
    bring_in(sqlite_engine, an_estate())

    with pytest.raises(BadInput, match="languages: "):
        places(sqlite_engine, asked(people=(NewPerson("female", True, 30, languages=frozenset({"!"})),)))


@pytest.mark.parametrize("actor", [PROVIDER, *NOBODYS_CASES], ids=lambda actor: actor.user_id)
def test_who_records_no_cases_is_refused(sqlite_engine: Engine, actor: Actor) -> None:
    bring_in(sqlite_engine, an_estate())

    with pytest.raises(NotPermitted):
        places(sqlite_engine, asked(), actor)


def test_a_keep_apart_that_is_recorded_says_the_same(sqlite_engine: Engine) -> None:
    estate = an_estate(
        referrals=[a_referral("R9", status="placed")],
        people=[a_person("A9", "R9")],
        placements=[a_placement("R9", "B2")],
        beds=[a_bed(), a_bed("B2", "U2"), a_bed("B2b", "U2"), a_bed("B3", "U3")],
    )
    bring_in(sqlite_engine, estate)
    draft = places(sqlite_engine, asked(), keep_apart=("R9",))

    line = change(sqlite_engine, record_referral, ENGLISH, asked())
    change(sqlite_engine, record_keep_apart, ENGLISH, line.referral_id, "R9")

    ground = Ground.of(estate_now(sqlite_engine), CLOCK)
    with reading(sqlite_engine) as session:
        after = household_options(
            session, ENGLISH, ground, line.referral_id, policy=the_policy(), log=Reads()
        )
    assert draft.units == after["options_in_all"]
