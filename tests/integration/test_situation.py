"""The small estate of one household and one site decides as the whole estate does."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import product
from random import Random

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlmodel import Session

from beds.database import METADATA, connect, upgrade
from beds.domain.clock import Clock
from beds.domain.estate import Estate
from beds.domain.referral import Referral
from beds.domain.terms import Gender, ReferralStatus
from beds.services.freezing import Ground, judge
from beds.store.importing import import_estate
from beds.store.loading import load_estate
from beds.store.situation import load_situation
from tests.builders import (
    CLOCK,
    NOON,
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
from tests.integration.conftest import settings_for
from tests.integration.live import the_policy
from tests.strategies import AWKWARD_INSTANTS, random_estate

CLOSED = ReferralStatus.CLOSED
Bits = dict[tuple[str, str], int]


@pytest.fixture(scope="module")
def in_memory() -> Iterator[Engine]:
    """Give a database in memory with the newest schema; what a test writes it undoes."""
    engine = connect(settings_for("sqlite://"))
    upgrade(engine)
    yield engine
    engine.dispose()


def bits(estate: Estate, referrals: list[Referral], clock: Clock) -> Bits:
    """Return the rules that each household would break in each unit, as bits."""
    verdicts = judge(Ground.of(estate, clock), referrals, the_policy().periods)
    return {
        (household, unit): int(verdicts.broken[row, column])
        for row, household in enumerate(verdicts.pairing.households.refs)
        for column, unit in enumerate(verdicts.pairing.units.refs)
    }


@hypothesis_settings(
    max_examples=50,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(seed=st.integers(0, 2**32 - 1), as_at=st.sampled_from(AWKWARD_INSTANTS))
def test_a_situation_gives_the_verdicts_of_the_whole_estate(
    in_memory: Engine, seed: int, as_at: object
) -> None:
    clock = Clock(as_at)
    drawn = random_estate(Random(seed), as_at=as_at)
    with Session(in_memory) as session:
        import_estate(session, drawn, actor="test", at=as_at)
        whole = load_estate(session, current_only_from=clock.today)
        known = [r for r in whole.referrals if all(p.age is not None for p in whole.people_of[r.referral_id])]
        expected = bits(whole, known, clock)

        for referral, site in product(known, whole.sites):
            situation = load_situation(session, referral.referral_id, site.site_id, today=clock.today)
            found = bits(situation, [situation.referral_by_id[referral.referral_id]], clock)
            units = [unit.unit_id for unit in whole.units if unit.site_id == site.site_id]
            assert {unit: found[referral.referral_id, unit] for unit in units} == {
                unit: expected[referral.referral_id, unit] for unit in units
            }


def situation_of(engine: Engine, estate: Estate, referral_id: str = "R1", site_id: str = "S1") -> Estate:
    """Return the situation of a household in a site, of an estate that is in the database until then."""
    with Session(engine) as session:
        import_estate(session, estate, actor="test", at=NOON)
        return load_situation(session, referral_id, site_id, today=TODAY)


def two_sites(**tables: object) -> Estate:
    """Return two sites of one unit and two beds each, and three households."""
    return a_small_estate(
        sites=(a_site(), a_site("S2")),
        units=(a_unit(), a_unit("U2", "S2")),
        beds=(a_bed(), a_bed("B2"), a_bed("B3", "U2"), a_bed("B4", "U2")),
        **{
            "referrals": (a_referral(), a_referral("R2"), a_referral("R3")),
            "people": (a_person(), a_person("A2", "R2"), a_person("A3", "R3")),
            **tables,
        },
    )


def test_who_is_elsewhere_is_not_in_it(in_memory: Engine) -> None:
    estate = two_sites(
        placements=(a_placement("R2", "B1"), a_placement("R3", "B3")), closures=(a_closure("B4"),)
    )

    found = situation_of(in_memory, estate)

    assert {row.referral_id for row in found.referrals} == {"R1", "R2"}
    assert {person.person_id for person in found.people} == {"A1", "A2"}
    assert {bed.bed_id for bed in found.beds} == {"B1", "B2"}
    assert found.closures == ()


def test_a_hold_of_her_own_elsewhere_is_in_it_and_who_else_is_there_is_not(in_memory: Engine) -> None:
    estate = two_sites(holds=(a_hold("R1", "B3"),), placements=(a_placement("R3", "B4"),))

    found = situation_of(in_memory, estate)

    assert [hold.bed_id for hold in found.holds] == ["B3"]
    assert found.placements == ()
    assert {site.site_id for site in found.sites} == {"S1", "S2"}


def test_what_an_earlier_referral_of_hers_says_is_in_it(in_memory: Engine) -> None:
    estate = two_sites(
        referrals=(
            a_referral(survivor_ref="V1"),
            a_referral("R2"),
            a_referral("R3", survivor_ref="V1", status=CLOSED, excluded_areas=frozenset({"E12000007"})),
        ),
        declines=(a_decline("R3"), a_decline("R3", "S2"), a_decline("R2")),
    )

    found = situation_of(in_memory, estate)

    assert found.excluded_areas_of["survivor:V1"] == {"E12000007"}
    assert [(decline.referral_id, decline.site_id) for decline in found.declines] == [("R3", "S1")]


def test_whom_she_must_not_meet_is_known_by_survivor(in_memory: Engine) -> None:
    estate = two_sites(
        referrals=(
            a_referral(),
            a_referral("R2", survivor_ref="V2"),
            a_referral("R3", survivor_ref="V2", status=CLOSED),
        ),
        keep_apart=(a_keep_apart("R1", "R3"),),
        placements=(a_placement("R2", "B2"),),
    )

    found = situation_of(in_memory, estate)

    assert found.kept_apart_from["referral:R1"] == {"survivor:V2"}
    assert bits(found, [found.referral_by_id["R1"]], CLOCK)["R1", "U1"] != 0


def test_who_has_moved_out_does_not_count(in_memory: Engine) -> None:
    man = a_person("A2", is_lead=False, gender=Gender.MALE, together_confirmed=True)
    estate = two_sites(people=(a_person(), man, a_person("A3", "R2"), a_person("A4", "R3")))
    people = METADATA.tables["person"]
    with Session(in_memory) as session:
        import_estate(session, estate, actor="test", at=NOON)
        session.execute(people.update().where(people.c.person_id == "A2").values(left_on=TODAY))

        found = load_situation(session, "R1", "S1", today=TODAY)
        whole = load_estate(session, current_only_from=TODAY)

    assert [person.person_id for person in found.people_of["R1"]] == ["A1"]
    assert [person.person_id for person in whole.people_of["R1"]] == ["A1"]


def test_an_overdue_stay_is_in_it_and_one_that_has_ended_is_not(in_memory: Engine) -> None:
    long_ago = TODAY - timedelta(days=5)
    estate = two_sites(
        placements=(
            a_placement("R2", "B1", expected_end_on=long_ago),
            replace(a_placement("R3", "B2"), ended_on=long_ago),
        )
    )

    found = situation_of(in_memory, estate)

    assert [stay.referral_id for stay in found.placements] == ["R2"]
