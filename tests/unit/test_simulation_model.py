"""From records to a model: day 0 is the database's, the rules are the real ones, scenarios are supposed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from beds.checking.households import Household
from beds.checking.rules import RULES as STATED_RULES
from beds.checking.situation import Situation
from beds.domain.accommodation import Unit
from beds.domain.census import census
from beds.domain.clock import Clock
from beds.domain.estate import Estate
from beds.domain.needs import Need
from beds.domain.scenario import EstateStart, PolicyName, Scenario, SupposedClosure, SupposedSite
from beds.domain.terms import BedKind, Gender, Nation, ReferralStatus
from beds.errors import BadInput
from beds.reference import recovery_periods
from beds.services.simulation_model import group_label, simulation_model
from beds.synthesis import SYNTHETIC_AS_AT, synthesise
from optimiser.simulation import Model, Runs, estimate, simulate
from optimiser.stays import StayLaw
from tests.builders import (
    CLOCK,
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
from tests.demands import a_demand, a_mix, a_prototype
from tests.oracles import PERIODS
from tests.simulated import faults, play

ENGLAND = group_label(Nation.ENGLAND, Need.ALL)


def a_house(count: int = 3, **site: Any) -> Estate:
    """Return an English site of so many units of one bed, and nobody."""
    names = [f"U{n}" for n in range(count)]
    return Estate(
        sites=(a_site(**site),),
        units=tuple(a_unit(name) for name in names),
        beds=tuple(a_bed(f"{name}-B", name) for name in names),
    )


def a_household(ref: str, **changes: Any) -> dict[str, tuple[Any, ...]]:
    """Return a woman alone as rows."""
    return {"referrals": (a_referral(ref, **changes),), "people": (a_person(f"{ref}-1", ref),)}


def with_households(estate: Estate, *households: dict[str, tuple[Any, ...]], **tables: Any) -> Estate:
    """Return an estate with households and other rows added."""
    for rows in (*households, tables):
        estate = estate.with_rows(**{name: (*getattr(estate, name), *new) for name, new in rows.items()})
    return estate


def model_of(estate: Estate, /, *, days: int = 30, demand: Any = None, **supposed: Any) -> Model:
    """Return the model of an estate at noon, under a scenario of so many days."""
    scenario = Scenario("a_test", horizon_days=days, **supposed)
    return simulation_model(
        estate, CLOCK, demand or a_demand(days=days), scenario, periods=recovery_periods()
    )


def day_0(model: Model) -> dict[str, dict[str, int]]:
    """Return what is counted on day 0, by measure and group."""
    runs = simulate(model, replications=1, seed=1)
    return {
        measure: dict(zip(runs.group_labels, table[0, 0].tolist(), strict=True))
        for measure, table in runs.by_day.items()
    }


def series(runs: Runs, measure: str, label: str = ENGLAND) -> list[int]:
    """Return a measure of the first replication by day."""
    return runs.by_day[measure][0, :, runs.group_labels.index(label)].tolist()


def test_day_0_of_a_synthetic_estate_is_what_is_on_record() -> None:
    estate, clock = synthesise(sites=40, referrals=80, seed=3), Clock(SYNTHETIC_AS_AT)
    demand = replace(a_demand(days=5), starts_on=clock.today)
    today = clock.today

    found = day_0(simulation_model(estate, clock, demand, Scenario("a_test", horizon_days=5)))

    there = [
        p.bed_id
        for p in estate.placements
        if p.starts_on <= today and (p.ended_on is None or p.ended_on > today)
    ]
    held = [h.bed_id for h in estate.holds if h.in_force(clock.as_at) and h.starts_on <= today]
    closed = [
        c.bed_id
        for c in estate.closures
        if c.starts_on <= today and (c.ends_on is None or c.ends_on > today) and c.bed_id not in there
    ]
    all_of = {
        measure: sum(count for label, count in groups.items() if label.endswith(f":{Need.ALL}"))
        for measure, groups in found.items()
    }
    assert all_of["occupied"] == len(set(there))
    assert all_of["held"] == len(set(held))
    assert all_of["closed"] == len(set(closed))


def test_day_0_counts_who_lives_there_by_need() -> None:
    mother = {
        "referrals": (a_referral("R1", status=ReferralStatus.PLACED),),
        "people": (a_person("A1", "R1"), a_person("A2", "R1", is_lead=False, age=1)),
    }
    beds = {"beds": (a_bed("U0-C", "U0", BedKind.COT),)}
    stays = {"placements": (a_placement("R1", "U0-B"), a_placement("R1", "U0-C"))}

    found = day_0(model_of(with_households(a_house(), mother, beds, stays)))

    assert found["occupied"][ENGLAND] == 2
    assert found["occupied"][group_label(Nation.ENGLAND, Need.WITH_CHILDREN)] == 2
    assert found["occupied"][group_label(Nation.ENGLAND, Need.MEN)] == 0
    assert found["occupied"][group_label(Nation.SCOTLAND, Need.ALL)] == 0


def test_who_waits_who_holds_a_bed_and_who_is_to_come_are_told_apart() -> None:
    estate = with_households(
        a_house(),
        a_household("R1"),
        a_household("R2"),
        a_household("R3", needed_from=TODAY + timedelta(days=4)),
        holds=(a_hold("R2", "U1-B"),),
    )

    runs = simulate(model_of(estate), replications=1, seed=1)

    assert series(runs, "waiting")[:2] == [1, 0]
    assert series(runs, "held")[:2] == [1, 0]
    assert series(runs, "arrivals")[:6] == [0, 0, 0, 0, 1, 0]
    assert series(runs, "occupied")[:6] == [0, 2, 2, 2, 3, 3]


def test_a_booking_is_kept_and_its_household_comes_on_its_night() -> None:
    booked = a_placement("R1", "U0-B", starts_on=TODAY + timedelta(days=3))
    estate = with_households(
        a_house(1), a_household("R1", status=ReferralStatus.PLACED), a_household("R2"), placements=(booked,)
    )

    runs = simulate(model_of(estate), replications=1, seed=1)

    assert series(runs, "occupied")[:5] == [0, 0, 0, 1, 1]
    assert series(runs, "waiting")[:5] == [1, 1, 1, 1, 1]


def test_somebody_overdue_stays_as_long_as_the_law_has_it() -> None:
    estate = with_households(
        a_house(1),
        a_household("R1", status=ReferralStatus.PLACED),
        placements=(a_placement("R1", "U0-B", starts_on=TODAY - timedelta(days=28), expected_end_on=TODAY),),
    )
    demand = a_demand(stay=StayLaw.exactly(31))

    runs = simulate(model_of(estate, demand=demand), replications=1, seed=1)

    assert series(runs, "occupied")[:5] == [1, 1, 1, 0, 0]


def test_the_model_has_the_verdicts_of_the_rules_as_they_are_stated_record_by_record() -> None:
    estate, clock = synthesise(sites=25, referrals=60, seed=4), Clock(SYNTHETIC_AS_AT)
    empty = estate.with_rows(placements=(), holds=(), closures=(), keep_apart=())
    demand = replace(a_demand(days=5), starts_on=clock.today)
    in_line = [one.referral_id for one in census(empty, clock).waiting]

    model = simulation_model(empty, clock, demand, Scenario("a_test", horizon_days=5))

    situation = Situation.at(empty, clock.as_at, PERIODS)
    judged = 0
    for row, referral_id in zip(model.waiting.profile.tolist(), in_line, strict=True):
        household = situation.households[referral_id]
        if all(person.age is not None for person in household.people):
            judged += 1
            assert model.profiles.suitable[row].tolist() == [
                _may_ever_live_in(situation, household, unit) for unit in empty.units
            ]
    assert judged > 40


def _may_ever_live_in(situation: Situation, household: Household, unit: Unit) -> bool:
    visit = situation.visit(household, unit)
    lasting = all(rule(visit) for name, rule in STATED_RULES.items() if name != "open")
    return lasting and all(
        situation.rule_holds(rule, household.reference, unit.unit_id) for rule in ("capacity", "sharing")
    )


def test_declines_and_keep_apart_bar_a_site_for_those_concerned_alone() -> None:
    two = with_households(
        a_house(1),
        a_household("R1"),
        a_household("R2"),
        a_household("R3", status=ReferralStatus.PLACED),
        a_household("R4"),
        sites=(a_site("S2"),),
        units=(a_unit("V0", "S2"), a_unit("V1", "S2")),
        beds=(a_bed("V0-B", "V0"), a_bed("V1-B", "V1")),
        placements=(a_placement("R3", "V0-B"),),
        declines=(a_decline("R1", "S1"),),
        keep_apart=(a_keep_apart("R2", "R3"),),
    )

    model = model_of(two)

    suits = {tuple(model.profiles.suitable[row].tolist()) for row in model.waiting.profile.tolist()}
    assert suits == {(False, True, True), (True, False, False), (True, True, True)}


def test_a_prototype_is_judged_as_a_household_is() -> None:
    man = a_prototype("mix-man", people=(a_person("M1", "mix-man", gender=Gender.MALE),))
    family = a_prototype(
        "mix-family",
        people=(a_person("F1", "mix-family"), a_person("F2", "mix-family", is_lead=False, age=9)),
    )
    estate = with_households(
        a_house(1), units=(a_unit("U9"),), beds=(a_bed("U9-1", "U9"), a_bed("U9-2", "U9"))
    )

    model = model_of(estate, demand=a_demand(mix=a_mix(a_prototype("mix-woman"), man, family)))

    assert model.profiles.suitable.tolist() == [[True, True], [False, False], [False, True]]


@pytest.mark.parametrize("policy", PolicyName)
@pytest.mark.parametrize("seed", [1, 2])
def test_no_new_stay_breaks_a_rule(policy: PolicyName, seed: int) -> None:
    estate, clock = synthesise(sites=25, referrals=60, seed=seed), Clock(SYNTHETIC_AS_AT)
    days = 90
    demand = replace(
        a_demand(
            {Nation.ENGLAND: 0.6, Nation.SCOTLAND: 0.2},
            days=days,
            stay=StayLaw.log_normal(40.0, 0.8),
            mix=a_mix(
                *(
                    a_prototype(f"mix-{n}", nation, _people(f"mix-{n}", n))
                    for n, nation in enumerate([Nation.ENGLAND, Nation.SCOTLAND] * 6)
                )
            ),
        ),
        starts_on=clock.today,
    )
    closing = SupposedClosure(clock.today + timedelta(days=50), nation=Nation.ENGLAND, share=0.3)
    scenario = Scenario(
        "a_test",
        horizon_days=days,
        policy=policy,
        patience_days=40.0,
        decline_share=0.2,
        hold_days=1.0,
        closures=(closing,),
    )

    played = play(simulation_model(estate, clock, demand, scenario), seed)

    assert len(played.log.who) > played.cast.residents + 30
    assert faults(played) == []


def _people(ref: str, number: int) -> tuple[Any, ...]:
    lead = a_person(f"{ref}-1", ref, gender=Gender.MALE if number % 3 == 1 else Gender.FEMALE)
    if number % 4 == 3:
        return (
            lead,
            a_person(f"{ref}-2", ref, is_lead=False, age=1),
            a_person(f"{ref}-3", ref, is_lead=False, age=6),
        )
    return (lead,)


def test_a_scenario_that_begins_with_nothing_has_its_own_sites_and_who_waits() -> None:
    centre = SupposedSite(Nation.ENGLAND, "E12000007", units=2)
    estate = with_households(
        a_house(),
        a_household("R1"),
        a_household("R2", status=ReferralStatus.PLACED),
        placements=(a_placement("R2", "U0-B"),),
    )

    found = day_0(model_of(estate, estate=EstateStart.EMPTY, sites=(centre,)))

    assert found["stock"][ENGLAND] == 2
    assert found["occupied"][ENGLAND] == 0
    assert found["waiting"][ENGLAND] == 1


def test_a_house_that_a_scenario_closes_is_left_and_its_people_need_another() -> None:
    estate = with_households(
        a_house(2), a_household("R1", status=ReferralStatus.PLACED), placements=(a_placement("R1", "U0-B"),)
    )
    closing = SupposedClosure(TODAY + timedelta(days=5), site_id="S1")
    demand = a_demand(stay=StayLaw.exactly(300))

    runs = simulate(model_of(estate, demand=demand, closures=(closing,)), replications=1, seed=1)

    assert series(runs, "stock")[:7] == [2, 2, 2, 2, 2, 0, 0]
    assert series(runs, "occupied")[:7] == [1, 1, 1, 1, 1, 0, 0]
    assert series(runs, "short")[:7] == [0, 0, 0, 0, 0, 1, 1]


def test_a_share_of_beds_that_closes_is_gone_on_its_day() -> None:
    closing = SupposedClosure(TODAY + timedelta(days=5), nation=Nation.ENGLAND, share=0.5)

    runs = simulate(model_of(a_house(4), closures=(closing,)), replications=1, seed=1)

    assert series(runs, "stock")[4:6] == [4, 2]


def test_a_closure_on_record_is_out_of_service_and_one_of_every_bed_for_good_closes_the_unit() -> None:
    ahead = {"starts_on": TODAY + timedelta(days=3)}
    estate = with_households(
        a_house(3),
        closures=(
            a_closure("U0-B", ends_on=TODAY + timedelta(days=2)),
            a_closure("U1-B", **ahead),
            a_closure("U2-B", **ahead, ends_on=TODAY + timedelta(days=4)),
        ),
    )

    runs = simulate(model_of(estate), replications=1, seed=1)

    assert series(runs, "closed")[:6] == [1, 1, 0, 1, 0, 0]
    assert series(runs, "stock")[:6] == [3, 3, 3, 2, 2, 2]


def test_a_recovery_period_that_a_scenario_supposes_is_the_stay_asked_for_where_none_was_stated() -> None:
    estate = with_households(a_house(1, max_stay_nights=40), a_household("R1", expected_stay_days=None))

    models = [model_of(estate, recovery_nights={Nation.ENGLAND: nights}) for nights in (30, 90)]

    assert [bool(model.profiles.suitable[model.waiting.profile].any()) for model in models] == [True, False]


def test_an_age_that_was_not_asked_does_not_stop_the_figures() -> None:
    unknown = {"referrals": (a_referral("R1"),), "people": (a_person("A1", "R1", age=None),)}

    runs = simulate(model_of(with_households(a_house(), unknown)), replications=1, seed=1)

    assert series(runs, "waiting")[:2] == [1, 0]


def test_with_room_for_everybody_beds_in_use_are_those_of_the_closed_form() -> None:
    days, rate, stay = 200, 1.2, StayLaw.log_normal(30.0, 0.6)
    estate = with_households(
        a_house(150),
        *(a_household(f"R{n}", status=ReferralStatus.PLACED) for n in range(20)),
        placements=tuple(
            a_placement(f"R{n}", f"U{n}-B", starts_on=TODAY - timedelta(days=n)) for n in range(20)
        ),
    )
    demand = a_demand({Nation.ENGLAND: rate}, days=days, stay=stay)

    runs = simulate(model_of(estate, days=days, demand=demand), replications=60, seed=5)

    still_there = sum(_survival(stay.residual(nights), days) for nights in range(20))
    come_and_there = rate * np.concatenate([[0.0], np.cumsum(_survival(stay, days)[:-1])])
    in_use = runs.by_day["occupied"][:, :, runs.group_labels.index(ENGLAND)]
    for day in (0, 1, 10, 50, 120, 200):
        assert estimate(in_use[:, day], level=0.999).holds(float(still_there[day] + come_and_there[day]))


def _survival(stay: StayLaw, days: int) -> np.ndarray[Any, Any]:
    """Return the chance of being there on night 0, 1, … `days` of a stay."""
    there = np.zeros(days + 1)
    known = stay.survival[: days + 1]
    there[: len(known)] = known
    return there


@pytest.mark.parametrize(
    "demand",
    [a_demand(days=10), replace(a_demand(days=30), starts_on=TODAY + timedelta(days=1))],
    ids=["too short", "begins on another night"],
)
def test_demand_for_other_nights_is_refused(demand: Any) -> None:
    with pytest.raises(BadInput, match=f"demand: from {TODAY}"):
        model_of(a_small_estate(), demand=demand)
