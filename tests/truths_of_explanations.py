"""What R1 is owed when it is not placed, written by hand from `allocation.md` §3 (last paragraph) and §5."""

from __future__ import annotations

from typing import Any

from beds.domain.estate import Estate
from beds.domain.terms import AgeStatus, DeclinedBy, Outcome, ReferralStatus, RiskToOthers
from tests.builders import (
    a_bed,
    a_decline,
    a_keep_apart,
    a_person,
    a_referral,
    a_unit,
)
from tests.truth_case import (
    BOTH,
    FEMALE,
    MALE,
    SCOTTISH,
    SHARED,
    ExplanationCase,
    a_child,
    a_partner,
    an_estate,
    another_site,
    april,
    march,
    with_resident,
    with_sites,
)
from tests.truths_of_free_on import FREE_ON_CASES

NONE, FULL = Outcome.NO_ELIGIBLE_UNIT, Outcome.NO_FREE_UNIT
MAN = {"gender": MALE}
DISPUTED = {"age_status": AgeStatus.DISPUTED}
CARE = {"services_required": frozenset({"counselling"})}
TWO = (a_bed("B1"), a_bed("B2"))


def _kind(name: str, outcome: Outcome | None, **changes: Any) -> ExplanationCase:
    """Return a case about the four kinds that no round places."""
    return ExplanationCase(name, an_estate(**changes), outcome)


KINDS = [
    _kind("an age is empty", Outcome.INFORMATION_MISSING, lead={"age": None}),
    _kind(
        "a child's age is empty",
        Outcome.INFORMATION_MISSING,
        people=(a_person("A9", is_lead=False, age=None),),
    ),
    _kind("alone at 17", Outcome.UNACCOMPANIED_CHILD, lead={"age": 17}),
    _kind("alone at 18", None, lead={"age": 18}),
    _kind("alone at 17, disputed", Outcome.UNACCOMPANIED_CHILD, lead={"age": 17, **DISPUTED}),
    _kind("alone at 18, disputed", Outcome.AGE_UNRESOLVED, lead={"age": 18, **DISPUTED}),
    _kind(
        "an adult daughter's age is disputed",
        Outcome.AGE_UNRESOLVED,
        people=(a_child(18, age_status=AgeStatus.DISPUTED, together_confirmed=True),),
    ),
    _kind(
        "a child's age is disputed: she is a child either way",
        None,
        people=(a_child(17, age_status=AgeStatus.DISPUTED),),
        beds=TWO,
    ),
    _kind("age status not asked", None, lead={"age_status": None}),
    _kind(
        "her partner was not asked alone",
        Outcome.TOGETHER_UNCONFIRMED,
        people=(a_partner(FEMALE, together_confirmed=None),),
        beds=TWO,
    ),
    _kind(
        "her partner said no",
        Outcome.TOGETHER_UNCONFIRMED,
        people=(a_partner(FEMALE, together_confirmed=False),),
        beds=TWO,
    ),
    _kind("her partner confirmed", None, people=(a_partner(FEMALE),), beds=TWO),
    _kind(
        "missing comes before disputed",
        Outcome.INFORMATION_MISSING,
        lead=DISPUTED,
        people=(a_person("A9", is_lead=False, age=None),),
    ),
    _kind(
        "disputed comes before not confirmed",
        Outcome.AGE_UNRESOLVED,
        lead=DISPUTED,
        people=(a_partner(together_confirmed=None),),
    ),
]


def _barred(
    name: str, estate: Estate, outcome: Outcome, *barriers: tuple[str, int, bool], **more: Any
) -> ExplanationCase:
    """Return a case about barriers, each as its rules joined by `+`, the units it opens, and askable."""
    sets = {frozenset(rules.split("+")): (units, askable) for rules, units, askable in barriers}
    return ExplanationCase(name, estate, outcome, barriers=sets, **more)


BARRIERS = [
    _barred("a man, a women's house", an_estate(lead=MAN), NONE, ("gender", 1, False)),
    _barred("across the border", an_estate(site=SCOTTISH), NONE, ("nation", 1, True)),
    _barred(
        "across the border, two units of one site",
        an_estate(site=SCOTTISH, units=(a_unit("U2"),), beds=(a_bed("B1"), a_bed("B2", "U2"))),
        NONE,
        ("nation", 2, True),
    ),
    _barred("a service is missing", an_estate(referral=CARE), NONE, ("services", 1, True)),
    _barred("language", an_estate(referral={"language_required": True}), NONE, ("language", 1, True)),
    _barred(
        "two rules in one unit are one set",
        an_estate(site=SCOTTISH, referral=CARE),
        NONE,
        ("nation+services", 1, True),
    ),
    _barred(
        "a set that holds another is not minimal",
        with_sites(an_estate(site=SCOTTISH, referral=CARE), another_site()),
        NONE,
        ("services", 1, True),
    ),
    _barred(
        "two ways that do not hold each other",
        with_sites(
            an_estate(site={**SCOTTISH, "services": frozenset({"counselling"})}, referral=CARE),
            another_site(),
        ),
        NONE,
        ("nation", 1, True),
        ("services", 1, True),
    ),
    _barred(
        "one rule of two that nobody may waive",
        an_estate(site=SCOTTISH, lead=MAN),
        NONE,
        ("gender+nation", 1, False),
    ),
    _barred(
        "stairs",
        an_estate(unit={"step_free": False}, referral={"needs_step_free": None}),
        NONE,
        ("step_free", 1, False),
    ),
    _barred("security", an_estate(referral={"min_security_level": 3}), NONE, ("security", 1, False)),
    _barred(
        "an area",
        an_estate(referral={"excluded_areas": frozenset({"E12000007"})}),
        NONE,
        ("excluded_area", 1, False),
    ),
    _barred(
        "sharing not asked",
        an_estate(unit=SHARED, referral={"accepts_sharing": None}),
        NONE,
        ("house_mix", 1, True),
    ),
    _barred(
        "sharing refused",
        an_estate(unit=SHARED, referral={"accepts_sharing": False}),
        NONE,
        ("house_mix", 1, True),
    ),
    _barred(
        "risk not assessed",
        an_estate(unit=SHARED, referral={"risk_to_others": None}),
        NONE,
        ("house_mix", 1, False),
    ),
    _barred(
        "sharing not asked and risk not assessed",
        an_estate(unit=SHARED, referral={"accepts_sharing": None, "risk_to_others": None}),
        NONE,
        ("house_mix", 1, False),
    ),
    _barred(
        "high risk where children are",
        an_estate(referral={"risk_to_others": RiskToOthers.HIGH, "accepts_sharing": False}),
        NONE,
        ("house_mix", 1, False),
    ),
    _barred("declined by her", an_estate(declines=(a_decline(),)), NONE, ("declined", 1, True)),
    _barred(
        "declined by the provider",
        an_estate(declines=(a_decline(declined_by=DeclinedBy.PROVIDER),)),
        NONE,
        ("declined", 1, False),
    ),
    _barred(
        "declined by both",
        an_estate(declines=(a_decline(), a_decline(declined_by=DeclinedBy.PROVIDER))),
        NONE,
        ("declined", 1, False),
    ),
    _barred(
        "declined by her, and by the provider until today",
        an_estate(declines=(a_decline(), a_decline(declined_by=DeclinedBy.PROVIDER, until=march(3)))),
        NONE,
        ("declined", 1, True),
    ),
    _barred(
        "one site declined by her, one by its provider",
        with_sites(
            an_estate(declines=(a_decline(), a_decline(site_id="S2", declined_by=DeclinedBy.PROVIDER))),
            another_site(),
        ),
        NONE,
        ("declined", 2, False),
    ),
    _barred(
        "a returning survivor and an area of her earlier referral",
        an_estate(
            referral={"survivor_ref": "V1"},
            referrals=(
                a_referral(
                    "R5",
                    survivor_ref="V1",
                    status=ReferralStatus.CLOSED,
                    excluded_areas=frozenset({"E12000007"}),
                ),
            ),
            people=(a_person("A5", "R5"),),
        ),
        NONE,
        ("excluded_area", 1, False),
    ),
    _barred(
        "a returning survivor and her earlier no",
        an_estate(
            referral={"survivor_ref": "V1"},
            referrals=(a_referral("R5", survivor_ref="V1", status=ReferralStatus.CLOSED),),
            people=(a_person("A5", "R5"),),
            declines=(a_decline("R5"),),
        ),
        NONE,
        ("declined", 1, True),
    ),
    _barred(
        "a family, a shared unit",
        an_estate(unit=SHARED, beds=TWO, people=(a_child(9),)),
        NONE,
        ("children", 1, False),
    ),
    _barred("a unit without room is no way", with_resident(an_estate(site=SCOTTISH), "B1"), NONE),
    _barred("a site that is closed is no way", an_estate(site={**SCOTTISH, "closes_on": march(9)}), NONE),
    _barred("a stay too short is no way", an_estate(site={"max_stay_nights": 5}), NONE),
    _barred("a unit too small is no way", an_estate(people=(a_partner(FEMALE),)), NONE),
    _barred(
        "a couple of two genders, a shared unit",
        an_estate(site={"admits": BOTH}, unit=SHARED, beds=TWO, people=(a_partner(),)),
        NONE,
    ),
    _barred(
        "full, and another across the border",
        with_resident(with_sites(an_estate(), another_site(**SCOTTISH)), "B1"),
        FULL,
        ("nation", 1, True),
        free_on=april(2),
    ),
    _barred(
        "apart from somebody across the border: no room there",
        with_resident(
            with_sites(an_estate(lead=MAN, keep_apart=(a_keep_apart(),)), another_site(**SCOTTISH)), "B2"
        ),
        NONE,
        ("gender", 1, False),
    ),
]


EXPLANATION_CASES = [*KINDS, *BARRIERS, *FREE_ON_CASES]
