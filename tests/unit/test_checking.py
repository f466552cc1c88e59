"""The checker accepts a round worked out by hand, and rejects it as soon as anything in it is wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from beds.checking import check_result
from beds.domain.estate import Estate
from beds.domain.terms import Gender, Nation, Priority, ReferralRef, RiskToOthers, UnitRef
from tests.builders import NOON, a_bed, a_closure, a_decline, a_keep_apart, a_person, a_referral, a_unit
from tests.checked_round import (
    explanation_of,
    placement_of,
    the_answer,
    the_answer_cut_short,
    the_estate,
)
from tests.oracles import PERIODS, POINTS, BestRound, as_json, best_by_brute_force
from tests.truth_case import an_estate

Spoil = Callable[[dict[str, Any]], None]


def faults_in(answer: Any, estate: Estate | None = None, as_at: datetime | None = NOON) -> list[str]:
    """Return the checker's verdict on an answer for the estate of the hand-made round."""
    return check_result(answer, estate or the_estate(), as_at=as_at, periods=PERIODS, points=POINTS)


def test_the_right_answer_has_no_fault() -> None:
    assert faults_in(the_answer()) == []


def test_the_right_answer_is_the_best_by_exhaustive_search() -> None:
    best = best_by_brute_force(the_estate(), NOON)

    assert best == (1, 2, 1, 8, 8)


def test_the_instant_is_taken_from_the_result_when_none_is_asked_for() -> None:
    assert faults_in(the_answer(), as_at=None) == []


def test_an_answer_cut_short_that_says_so_has_no_fault() -> None:
    assert faults_in(the_answer_cut_short()) == []


def test_a_level_after_the_first_may_be_left_without_any_bound() -> None:
    answer = the_answer_cut_short()
    answer["bound"].update(urgent=None, standard=None)

    assert faults_in(answer) == []


def _placed(referral_id: str, /, **changes: Any) -> Spoil:
    return lambda answer: placement_of(answer, referral_id).update(changes)


def _told(referral_id: str, /, **changes: Any) -> Spoil:
    return lambda answer: explanation_of(answer, referral_id).update(changes)


def _top(part: str, **changes: Any) -> Spoil:
    return lambda answer: answer[part].update(changes)


def _moved(referral_id: str, site_id: str, unit_id: str, *bed_ids: str) -> Spoil:
    return _placed(referral_id, site_id=site_id, unit_id=unit_id, bed_ids=list(bed_ids))


def _place_instead(referral_id: str, of: str) -> Spoil:
    """Return a spoiler that gives one household's place to another, who was not placed."""

    def spoil(answer: dict[str, Any]) -> None:
        placement_of(answer, of)["referral_id"] = referral_id
        explanation_of(answer, referral_id)["referral_id"] = of

    return spoil


SECURITY_BARRIER = {"rules": ["security"], "units": 4, "askable": False}
NATION_BARRIER = {"rules": ["nation"], "units": 1, "askable": True}

SPOILT: list[tuple[str, Spoil, str]] = [
    ("a bed held for another", _placed("R1", bed_ids=["B4"]), "bed B4 is not free"),
    ("a bed that is closed", _placed("R2", bed_ids=["B7"]), "bed B7 is not free"),
    ("a bed somebody is in", _moved("R4", "S2", "U5", "B8"), "bed B8 is not free"),
    ("a bed given twice", _placed("R4", bed_ids=["B6"]), "bed B6 is not free"),
    ("a bed of another unit", _placed("R3", bed_ids=["B3", "C1"]), "bed B3 is not in this unit"),
    ("a bed that does not exist", _placed("R1", bed_ids=["B99"]), "there is no such bed"),
    ("a unit that does not exist", _placed("R1", unit_id="U99"), "there is no such unit"),
    ("the site of another unit", _placed("R1", site_id="S2"), "site_id is not the site of the unit"),
    ("a single though a cot is free", _placed("R3", bed_ids=["B1", "B2"]), "1 single and 1 cot"),
    ("a mother in the cot", _placed("R3", bed_ids=["C1"]), "1 single and 1 cot"),
    ("no bed for the baby", _placed("R3", bed_ids=["B1"]), "1 single and 1 cot"),
    ("a bed too many", _placed("R3", bed_ids=["B1", "B2", "C1"]), "1 single and 1 cot"),
    ("no bed at all", _placed("R1", bed_ids=[]), "1 single and 0 cot"),
    ("one bed for two", _placed("R3", bed_ids=["B1", "B1"]), "a bed is named twice"),
    (
        "two households in a household unit",
        _moved("R1", "S1", "U1", "B2"),
        "R1 in U1: breaks the rule sharing",
    ),
    ("the first of them too", _moved("R1", "S1", "U1", "B2"), "R3 in U1: breaks the rule sharing"),
    ("a man beside a woman", _moved("R4", "S2", "U4", "B7"), "R4 in U4: breaks the rule sharing"),
    ("a woman beside a man", _moved("R4", "S2", "U4", "B7"), "R2 in U4: breaks the rule sharing"),
    ("a woman beside a hold", _moved("R4", "S1", "U2", "B4"), "R4 in U2: breaks the rule sharing"),
    ("two to be kept apart", _moved("R2", "S1", "U1", "B2"), "R2 in U1: breaks the rule keep_apart"),
    ("the other of the two", _moved("R2", "S1", "U1", "B2"), "R1 in U2: breaks the rule keep_apart"),
    ("a man in a women's house", _moved("R4", "S1", "U1", "B2"), "R4 in U1: breaks the rule gender"),
    ("a family where no children are", _moved("R3", "S2", "U3", "B5"), "R3 in U3: breaks the rule children"),
    ("too low a security", _place_instead("R7", "R4"), "R7 in U3: breaks the rule security"),
    ("stairs", _place_instead("R8", "R4"), "R8 in U3: breaks the rule step_free"),
    ("a child alone", _place_instead("R5", "R4"), "R5: is not placed by a round"),
    ("a stay from another day", _placed("R1", starts_on="2026-03-04"), "the stay must be 2026-03-03"),
    ("a stay too long", _placed("R1", expected_end_on="2026-04-03"), "to 2026-04-02"),
    ("a mismatch that is not", _placed("R1", mismatch={"region": 20}), "mismatch region must be 0"),
    ("a mismatch left out", _placed("R3", mismatch={}), "mismatch beds must be 8"),
    ("other points", _placed("R3", mismatch={"beds": 16}), "mismatch beds must be 8"),
    ("one emergency more", _top("objective", emergency=2), "objective.emergency: must be 1"),
    ("one urgent fewer", _top("objective", urgent=1), "objective.urgent: must be 2"),
    ("no standard", _top("objective", standard=0), "objective.standard: must be 1"),
    ("other days", _top("objective", days_waited=9), "objective.days_waited: must be 8"),
    ("other mismatch", _top("objective", mismatch=0), "objective.mismatch: must be 8"),
    ("optimal with room above", _top("bound", standard=2), "bound.standard: must equal"),
    ("optimal with room below", _top("bound", mismatch=0), "bound.mismatch: must equal"),
    ("optimal without a bound", _top("bound", days_waited=None), "bound.days_waited: must equal"),
    ("a bound worse than the answer", _top("bound", urgent=1), "bound.urgent: is worse"),
    ("a mismatch bound worse than the answer", _top("bound", mismatch=9), "bound.mismatch: is worse"),
    ("a placed household left out", lambda a: a["placements"].pop(), "R4: takes part and is not in"),
    ("an unplaced household left out", lambda a: a["unplaced"].pop(), "R8: takes part and is not in"),
    ("placed twice", lambda a: a["placements"].append(a["placements"][0]), "R1: is in the result 2 times"),
    ("told twice", lambda a: a["unplaced"].append(a["unplaced"][0]), "R5: is in the result 2 times"),
    ("placed and told why not", _told("R6", referral_id="R4"), "R4: is in the result 2 times"),
    ("somebody with a hold", _told("R6", referral_id="R10"), "R10: does not take part"),
    ("somebody placed long ago", _told("R6", referral_id="Q1"), "Q1: does not take part"),
    ("an unknown referral", _told("R6", referral_id="R99"), "unknown to the estate"),
    ("not a child", _told("R5", outcome="outranked"), "R5: outcome must be unaccompanied_child"),
    ("not proven, though optimal", _told("R6", outcome="not_proven"), "R6: outcome must be outranked"),
    ("free before the round", _told("R6", outcome="no_free_unit"), "R6: outcome must be outranked"),
    ("eligible, not free", _told("R8", outcome="no_eligible_unit"), "R8: outcome must be no_free_unit"),
    ("not eligible", _told("R7", outcome="no_free_unit"), "R7: outcome must be no_eligible_unit"),
    ("outranked by one more", _told("R6", outranked_by={"emergency": 2, "urgent": 2}), "R6: outranked_by"),
    ("outranked by nobody", _told("R6", outranked_by={}), "R6: outranked_by must be"),
    ("outranked, though nothing fits", _told("R7", outranked_by={"urgent": 1}), "R7: outranked_by"),
    ("no date", _told("R8", free_on=None), "R8: free_on must be 2026-03-20"),
    ("a day too soon", _told("R8", free_on="2026-03-19"), "R8: free_on must be 2026-03-20"),
    ("a date where there is none", _told("R7", free_on="2026-03-20"), "R7: free_on must be null"),
    ("a barrier left out", _told("R7", barriers=[]), "R7: barrier security is missing"),
    ("an invented barrier", _told("R7", barriers=[SECURITY_BARRIER, NATION_BARRIER]), "R7: barrier nation"),
    (
        "a barrier that is not minimal",
        _told("R7", barriers=[{**SECURITY_BARRIER, "rules": ["security", "nation"]}]),
        "R7: barrier nation+security does not stand in the way, or is not minimal",
    ),
    ("a barrier twice", _told("R7", barriers=[SECURITY_BARRIER] * 2), "R7: a barrier, or a rule in one"),
    ("other units", _told("R7", barriers=[{**SECURITY_BARRIER, "units": 5}]), "opens 4 units"),
    ("askable", _told("R7", barriers=[{**SECURITY_BARRIER, "askable": True}]), "askable must be false"),
    ("another instant", lambda a: a.update(as_at="2026-03-03T12:00:01+00:00"), "as_at: is not"),
    ("called cut short", lambda a: a.update(status="feasible"), "status: must be optimal"),
]


@pytest.mark.parametrize(("name", "spoil", "fault"), SPOILT, ids=[name for name, _, _ in SPOILT])
def test_a_spoilt_answer_is_rejected_by_what_is_wrong_with_it(name: str, spoil: Spoil, fault: str) -> None:
    answer = the_answer()
    spoil(answer)

    faults = faults_in(answer)

    assert any(fault in told for told in faults), faults


def _referral(referral_id: str, **changes: Any) -> Callable[[Estate], Estate]:
    return lambda estate: estate.with_rows(
        referrals=[
            replace(one, **changes) if one.referral_id == referral_id else one for one in estate.referrals
        ]
    )


def _site(site_id: str, **changes: Any) -> Callable[[Estate], Estate]:
    return lambda estate: estate.with_rows(
        sites=[replace(one, **changes) if one.site_id == site_id else one for one in estate.sites]
    )


def _with(**tables: tuple[Any, ...]) -> Callable[[Estate], Estate]:
    return lambda estate: estate.with_rows(
        **{name: (*getattr(estate, name), *rows) for name, rows in tables.items()}
    )


WORLDS: list[tuple[str, str, Callable[[Estate], Estate]]] = [
    ("R1 in U2", "open", _site("S1", opens_on=date(2026, 3, 4))),
    ("R1 in U2", "open", _site("S1", closes_on=date(2026, 3, 30))),
    ("R4 in U3", "interim", _site("S2", max_stay_nights=29)),
    ("R1 in U2", "nation", _referral("R1", nation=Nation.WALES)),
    ("R4 in U3", "gender", _site("S2", admits=frozenset({Gender.FEMALE}))),
    ("R1 in U2", "gender", _referral("R1", acceptable_site_genders=frozenset({Gender.MALE}))),
    ("R3 in U1", "children", _site("S1", max_age_boys=0)),
    ("R1 in U2", "security", _referral("R1", min_security_level=3)),
    ("R1 in U2", "services", _referral("R1", services_required=frozenset({"counselling"}))),
    ("R1 in U2", "step_free", _referral("R1", needs_step_free=None)),
    ("R1 in U2", "language", _referral("R1", language_required=True)),
    ("R1 in U2", "excluded_area", _referral("R1", excluded_areas=frozenset({"E12000007"}))),
    ("R1 in U2", "declined", _with(declines=(a_decline("R1", "S1"),))),
    ("R1 in U2", "house_mix", _referral("R1", accepts_sharing=None)),
    ("R1 in U2", "house_mix", _referral("R1", risk_to_others=RiskToOthers.HIGH)),
    ("R1 in U2", "capacity", _with(closures=(a_closure("B3", starts_on=date(2026, 4, 1)),))),
    ("R4 in U3", "keep_apart", _with(keep_apart=(a_keep_apart("R4", "R2"),))),
    ("R4 in U3", "keep_apart", _with(keep_apart=(a_keep_apart("Q1", "R4"),))),
    ("R1 in U2", "keep_apart", _with(keep_apart=(a_keep_apart("R1", "R10"),))),
]


@pytest.mark.parametrize(("who", "rule", "change"), WORLDS, ids=[f"{rule}, {who}" for who, rule, _ in WORLDS])
def test_the_same_answer_is_rejected_where_the_estate_makes_it_break_a_rule(
    who: str, rule: str, change: Callable[[Estate], Estate]
) -> None:
    estate = change(the_estate())

    faults = faults_in(the_answer(), estate)

    assert any(told.startswith(f"{who}: breaks the rule {rule}") for told in faults), faults


CUT_SHORT: list[tuple[str, Spoil, str]] = [
    ("outranked, though not proven", _told("R6", outcome="outranked"), "R6: outcome must be not_proven"),
    ("counts, though not proven", _told("R6", outranked_by={"urgent": 2}), "R6: outranked_by must be empty"),
    ("a bound after the open level", _top("bound", days_waited=9), "bound.days_waited: must be null"),
    ("a bound met after the open level", _top("bound", mismatch=8), "bound.mismatch: must be null"),
    (
        "no bound at all",
        _top("bound", emergency=None, urgent=None, standard=None),
        "bound.emergency: the first",
    ),
    ("a bound worse than the answer", _top("bound", standard=0), "bound.standard: is worse"),
]


@pytest.mark.parametrize(("name", "spoil", "fault"), CUT_SHORT, ids=[name for name, _, _ in CUT_SHORT])
def test_a_spoilt_answer_of_a_round_cut_short_is_rejected(name: str, spoil: Spoil, fault: str) -> None:
    answer = the_answer_cut_short()
    spoil(answer)

    faults = faults_in(answer)

    assert any(fault in told for told in faults), faults


def _claim_objective(answer: dict[str, Any], **levels: int) -> None:
    answer["objective"].update(levels)
    answer["bound"].update(levels)


def test_an_optimal_round_cannot_leave_out_somebody_who_still_fits() -> None:
    answer = the_answer()
    answer["placements"] = [one for one in answer["placements"] if one["referral_id"] != "R4"]
    answer["unplaced"].append({**explanation_of(answer, "R6"), "referral_id": "R4"})
    explanation_of(answer, "R4")["outranked_by"] = {"urgent": 1}
    explanation_of(answer, "R6")["outranked_by"] = {"emergency": 1, "urgent": 2}
    _claim_objective(answer, standard=0, days_waited=7)

    faults = faults_in(answer)

    assert "status: not optimal, R4 could be added in U3" in faults
    assert "status: not optimal, R6 could be added in U3" in faults


def test_an_optimal_round_cannot_prefer_somebody_who_has_waited_less() -> None:
    answer = the_answer()
    _place_instead("R6", "R4")(answer)
    explanation_of(answer, "R4").update(outranked_by={"urgent": 1, "standard": 1})
    _claim_objective(answer, days_waited=7)

    faults = faults_in(answer)

    assert faults == ["status: not optimal, R4 goes before R6 in U3"]


def test_an_optimal_round_cannot_prefer_a_lower_class() -> None:
    estate = _referral("R6", priority=Priority.URGENT)(the_estate())
    answer = the_answer()

    faults = faults_in(answer, estate)

    assert faults == ["status: not optimal, R6 goes before R4 in U3"]


def test_an_optimal_round_cannot_leave_a_household_where_it_fits_less_well() -> None:
    estate = an_estate(units=(a_unit("U2", step_free=False),), beds=(a_bed("B1"), a_bed("B2", "U2")))
    better = BestRound((0, 0, 1, 2, 10), {ReferralRef("R1"): UnitRef("U2")})
    worse = BestRound((0, 0, 1, 2, 25), {ReferralRef("R1"): UnitRef("U1")})

    assert faults_in(as_json(estate, NOON, better), estate) == []
    assert faults_in(as_json(estate, NOON, worse), estate) == [
        "status: not optimal, R1 would have less mismatch in U2"
    ]


def test_an_optimal_round_may_choose_either_of_two_who_count_the_same() -> None:
    estate = an_estate(referrals=(a_referral("R2"),), people=(a_person("A2", "R2"),))

    for chosen in ("R1", "R2"):
        best = BestRound((0, 0, 1, 2, 25), {ReferralRef(chosen): UnitRef("U1")})

        assert faults_in(as_json(estate, NOON, best), estate) == []


BROKEN_FORMS: list[tuple[str, Callable[[dict[str, Any]], Any], str]] = [
    ("a list", lambda _: [], "the result: must be an object"),
    ("nothing", lambda _: None, "the result: must be an object"),
    ("empty", lambda _: {}, "schema_version: must be 1"),
    ("another version", lambda a: {**a, "schema_version": 2}, "schema_version: must be 1"),
    ("a version that is true", lambda a: {**a, "schema_version": True}, "schema_version: must be 1"),
    ("no offset", lambda a: {**a, "as_at": "2026-03-03T12:00:00"}, "as_at: must be a date-time"),
    ("no instant", lambda a: {**a, "as_at": "Canary"}, "as_at: must be a date-time"),
    ("another status", lambda a: {**a, "status": "Canary"}, "status: must be one of"),
    ("a level missing", lambda a: {**a, "objective": {"urgent": 1}}, "objective: must have exactly"),
    (
        "half a day",
        lambda a: {**a, "bound": {**a["bound"], "days_waited": 8.5}},
        "bound.days_waited: must be",
    ),
    ("no list", lambda a: {**a, "placements": {}}, "placements: must be a list"),
    ("no object", lambda a: {**a, "unplaced": ["Canary"]}, "unplaced[0]: must be an object"),
]


@pytest.mark.parametrize(("name", "broken", "fault"), BROKEN_FORMS, ids=[name for name, _, _ in BROKEN_FORMS])
def test_a_document_of_another_form_is_told_where_and_never_repeated(
    name: str, broken: Callable[[dict[str, Any]], Any], fault: str
) -> None:
    faults = faults_in(broken(the_answer()))

    assert any(told.startswith(fault) for told in faults), faults
    assert "Canary" not in " ".join(faults)


BROKEN_FIELDS: list[tuple[str, Spoil, str]] = [
    ("no reference", _placed("R1", referral_id=7), "placements[0].referral_id: must be a reference"),
    ("a bed that is a number", _placed("R1", bed_ids=[3]), "placements[0].bed_ids: must be a reference"),
    ("a date in words", _placed("R1", starts_on="Canary"), "placements[0].starts_on: must be a date"),
    ("a date by week", _placed("R1", starts_on="2026-W10-2"), "placements[0].starts_on: must be a date"),
    ("an unknown mismatch", _placed("R1", mismatch={"Canary": 1}), "placements[0].mismatch: must name only"),
    ("negative points", _placed("R1", mismatch={"beds": -8}), "placements[0].mismatch.beds: must be"),
    ("an unknown outcome", _told("R5", outcome="Canary"), "unplaced[0].outcome: must be one of"),
    ("an unknown priority", _told("R5", outranked_by={"Canary": 1}), "unplaced[0].outranked_by: must name"),
    (
        "keep_apart as a barrier",
        _told("R7", barriers=[{**SECURITY_BARRIER, "rules": ["keep_apart"]}]),
        "unplaced[2]",
    ),
    ("askable in words", _told("R7", barriers=[{**SECURITY_BARRIER, "askable": "no"}]), "unplaced[2]"),
    ("no free_on", lambda a: explanation_of(a, "R5").pop("free_on"), "unplaced[0].free_on: must be"),
]


@pytest.mark.parametrize(
    ("name", "spoil", "fault"), BROKEN_FIELDS, ids=[name for name, _, _ in BROKEN_FIELDS]
)
def test_a_field_of_another_form_is_told_where_and_never_repeated(
    name: str, spoil: Spoil, fault: str
) -> None:
    answer = the_answer()
    spoil(answer)

    faults = faults_in(answer)

    assert any(told.startswith(fault) for told in faults), faults
    assert "Canary" not in " ".join(faults)


def test_a_reference_that_the_estate_does_not_have_is_not_repeated() -> None:
    answer = the_answer()
    placement_of(answer, "R1").update(unit_id="Canary", bed_ids=["Canary"], site_id="Canary")
    explanation_of(answer, "R6")["referral_id"] = "Canary"

    faults = faults_in(answer)

    assert faults
    assert "Canary" not in " ".join(faults)


def test_an_instant_without_an_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="offset"):
        faults_in(the_answer(), as_at=NOON.replace(tzinfo=None))
