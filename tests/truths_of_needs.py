"""Truth tables, written by hand from `allocation.md` §3: services … house_mix."""

from __future__ import annotations

from beds.domain.terms import DeclinedBy, ReferralStatus, RiskToOthers
from tests.builders import a_decline, a_person, a_referral
from tests.truth_case import SHARED, Case, a_partner, an_estate, march, utc

SERVICES = [
    Case("services", "nothing required", an_estate(site={"services": frozenset({"counselling"})}), True),
    Case(
        "services",
        "all that is required and more",
        an_estate(
            site={"services": frozenset({"counselling", "legal_advice"})},
            referral={"services_required": frozenset({"counselling"})},
        ),
        True,
    ),
    Case(
        "services",
        "one of two required",
        an_estate(
            site={"services": frozenset({"counselling"})},
            referral={"services_required": frozenset({"counselling", "legal_advice"})},
        ),
        False,
    ),
    Case(
        "services",
        "required, and the site has none",
        an_estate(referral={"services_required": frozenset({"counselling"})}),
        False,
    ),
    Case("services", "not asked, and the site has none", an_estate(), True, not_asked=True),
]

STAIRS = {"step_free": False}

STEP_FREE = [
    Case("step_free", "not needed, stairs", an_estate(unit=STAIRS), True),
    Case("step_free", "not needed, step-free", an_estate(), True),
    Case("step_free", "needed, step-free", an_estate(referral={"needs_step_free": True}), True),
    Case("step_free", "needed, stairs", an_estate(unit=STAIRS, referral={"needs_step_free": True}), False),
    Case(
        "step_free",
        "not asked, stairs",
        an_estate(unit=STAIRS, referral={"needs_step_free": None}),
        False,
        not_asked=True,
    ),
    Case(
        "step_free",
        "not asked, step-free",
        an_estate(referral={"needs_step_free": None}),
        True,
        not_asked=True,
    ),
]

ALBANIAN = frozenset({"sq"})
REQUIRED = {"language_required": True}

LANGUAGE = [
    Case("language", "not required, nothing in common", an_estate(lead={"languages": ALBANIAN}), True),
    Case(
        "language",
        "required, one of two in common",
        an_estate(
            site={"staff_languages": frozenset({"sq", "vi"})},
            referral=REQUIRED,
            lead={"languages": frozenset({"sq", "it"})},
        ),
        True,
    ),
    Case(
        "language",
        "required, nothing in common",
        an_estate(
            site={"staff_languages": frozenset({"vi"})}, referral=REQUIRED, lead={"languages": ALBANIAN}
        ),
        False,
    ),
    Case(
        "language",
        "required, English is not counted unless staff have it",
        an_estate(referral=REQUIRED),
        False,
    ),
    Case(
        "language",
        "required, only her partner has one in common",
        an_estate(
            site={"staff_languages": ALBANIAN},
            referral=REQUIRED,
            lead={"languages": frozenset({"vi"})},
            people=(a_partner(languages=ALBANIAN),),
        ),
        False,
    ),
    Case(
        "language",
        "required, her languages were not asked",
        an_estate(site={"staff_languages": ALBANIAN}, referral=REQUIRED, lead={"languages": frozenset()}),
        False,
        not_asked=True,
    ),
    Case(
        "language",
        "whether it is required was not asked",
        an_estate(referral={"language_required": None}, lead={"languages": ALBANIAN}),
        True,
        not_asked=True,
    ),
]

COUNCIL = {"local_authority": "E09000007"}
SURVIVOR = {"survivor_ref": "V1"}
OTHERS_LEAD = a_person("A5", "R5")


def _excluded(*areas: str) -> dict[str, object]:
    return {"excluded_areas": frozenset(areas)}


EXCLUDED_AREA = [
    Case("excluded_area", "the region", an_estate(referral=_excluded("E12000007")), False),
    Case("excluded_area", "the council", an_estate(site=COUNCIL, referral=_excluded("E09000007")), False),
    Case("excluded_area", "another region", an_estate(site=COUNCIL, referral=_excluded("E12000002")), True),
    Case("excluded_area", "another council", an_estate(site=COUNCIL, referral=_excluded("E09000008")), True),
    Case(
        "excluded_area",
        "a council, and the site's is not known",
        an_estate(referral=_excluded("E09000007")),
        True,
    ),
    Case(
        "excluded_area",
        "an earlier, closed referral of hers says so",
        an_estate(
            referral=SURVIVOR,
            referrals=(a_referral("R5", status=ReferralStatus.CLOSED, **SURVIVOR, **_excluded("E12000007")),),
            people=(OTHERS_LEAD,),
        ),
        False,
    ),
    Case(
        "excluded_area",
        "another survivor's referral says so",
        an_estate(
            referral=SURVIVOR,
            referrals=(a_referral("R5", survivor_ref="V5", **_excluded("E12000007")),),
            people=(OTHERS_LEAD,),
        ),
        True,
    ),
    Case(
        "excluded_area",
        "no survivor_ref on either: each stands alone",
        an_estate(referrals=(a_referral("R5", **_excluded("E12000007")),), people=(OTHERS_LEAD,)),
        True,
        not_asked=True,
    ),
    Case("excluded_area", "not asked", an_estate(site=COUNCIL), True, not_asked=True),
]

DECLINED = [
    Case("declined", "none", an_estate(), True),
    Case("declined", "by her, for good", an_estate(declines=(a_decline(),)), False),
    Case(
        "declined",
        "by the provider, for good",
        an_estate(declines=(a_decline(declined_by=DeclinedBy.PROVIDER),)),
        False,
    ),
    Case("declined", "until tomorrow", an_estate(declines=(a_decline(until=march(4)),)), False),
    Case("declined", "until today", an_estate(declines=(a_decline(until=march(3)),)), True),
    Case(
        "declined",
        "until the 4th, and at 02:00 on the 4th it is still the 3rd",
        an_estate(declines=(a_decline(until=march(4)),)),
        False,
        as_at=utc(2026, 3, 4, 2),
    ),
    Case(
        "declined",
        "two, of which one has run out",
        an_estate(declines=(a_decline(until=march(1)), a_decline(declined_by=DeclinedBy.PROVIDER))),
        False,
    ),
    Case(
        "declined",
        "by an earlier referral of hers",
        an_estate(
            referral=SURVIVOR,
            referrals=(a_referral("R5", status=ReferralStatus.CLOSED, **SURVIVOR),),
            people=(OTHERS_LEAD,),
            declines=(a_decline("R5"),),
        ),
        False,
    ),
    Case(
        "declined",
        "by another household",
        an_estate(
            referral=SURVIVOR,
            referrals=(a_referral("R5", survivor_ref="V5"),),
            people=(OTHERS_LEAD,),
            declines=(a_decline("R5"),),
        ),
        True,
    ),
    Case(
        "declined",
        "no survivor_ref on either: each stands alone",
        an_estate(referrals=(a_referral("R5"),), people=(OTHERS_LEAD,), declines=(a_decline("R5"),)),
        True,
        not_asked=True,
    ),
]

WITHOUT_CHILDREN = {"accepts_children": False}

HOUSE_MIX = [
    Case("house_mix", "shared, agreed, low risk", an_estate(unit=SHARED), True),
    Case("house_mix", "shared, refused", an_estate(unit=SHARED, referral={"accepts_sharing": False}), False),
    Case("house_mix", "her own unit, sharing refused", an_estate(referral={"accepts_sharing": False}), True),
    Case(
        "house_mix",
        "high risk, where children are",
        an_estate(referral={"risk_to_others": RiskToOthers.HIGH}),
        False,
    ),
    Case(
        "house_mix",
        "high risk, her own unit where no children are",
        an_estate(site=WITHOUT_CHILDREN, referral={"risk_to_others": RiskToOthers.HIGH}),
        True,
    ),
    Case(
        "house_mix",
        "high risk, shared where no children are",
        an_estate(site=WITHOUT_CHILDREN, unit=SHARED, referral={"risk_to_others": RiskToOthers.HIGH}),
        False,
    ),
    Case(
        "house_mix",
        "shared, sharing not asked",
        an_estate(unit=SHARED, referral={"accepts_sharing": None}),
        False,
        not_asked=True,
    ),
    Case(
        "house_mix",
        "shared, risk not assessed",
        an_estate(unit=SHARED, referral={"risk_to_others": None}),
        False,
        not_asked=True,
    ),
    Case(
        "house_mix",
        "her own unit where children are, risk not assessed",
        an_estate(referral={"risk_to_others": None, "accepts_sharing": None}),
        True,
        not_asked=True,
    ),
]

NEED_CASES = [*SERVICES, *STEP_FREE, *LANGUAGE, *EXCLUDED_AREA, *DECLINED, *HOUSE_MIX]
