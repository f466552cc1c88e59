"""Truth tables, written by hand from `allocation.md` §3: the rules about a site, open … security."""

from __future__ import annotations

from datetime import date

from beds.domain.terms import Nation, Priority
from tests.truth_case import (
    BOTH,
    FEMALE,
    MALE,
    NON_BINARY,
    SCOTTISH,
    SHARED,
    WOMEN,
    Case,
    a_child,
    a_partner,
    an_estate,
    april,
    march,
    utc,
)

OPEN = [
    Case("open", "neither date is set", an_estate(), True),
    Case("open", "opens today", an_estate(site={"opens_on": march(3)}), True),
    Case("open", "opens tomorrow", an_estate(site={"opens_on": march(4)}), False),
    Case(
        "open",
        "opens on the 4th, and at 02:00 on the 4th it is still the 3rd",
        an_estate(site={"opens_on": march(4)}),
        False,
        as_at=utc(2026, 3, 4, 2),
    ),
    Case(
        "open",
        "opens on the 4th, and at 06:00 on the 4th it is the 4th",
        an_estate(site={"opens_on": march(4)}),
        True,
        as_at=utc(2026, 3, 4, 6),
    ),
    Case("open", "closes after 28 of 30 nights", an_estate(site={"closes_on": march(31)}), True),
    Case("open", "closes after 27 of 30 nights", an_estate(site={"closes_on": march(30)}), False),
    Case(
        "open",
        "closes after the 10 nights needed",
        an_estate(site={"closes_on": march(13)}, referral={"expected_stay_days": 10}),
        True,
    ),
    Case(
        "open",
        "closes after 9 of the 10 nights needed",
        an_estate(site={"closes_on": march(12)}, referral={"expected_stay_days": 10}),
        False,
    ),
    Case(
        "open",
        "closes after the 5 nights it would keep her",
        an_estate(site={"closes_on": march(8), "max_stay_nights": 5}),
        True,
    ),
    Case(
        "open",
        "closes after 4 of the 5 nights it would keep her",
        an_estate(site={"closes_on": march(7), "max_stay_nights": 5}),
        False,
    ),
    Case("open", "has closed", an_estate(site={"closes_on": march(3)}), False),
    Case(
        "open",
        "stay not asked: the recovery period, of which 28 nights count",
        an_estate(site={"closes_on": march(31)}, referral={"expected_stay_days": None}),
        True,
        not_asked=True,
    ),
    Case(
        "open",
        "stay not asked, and 27 nights do not do",
        an_estate(site={"closes_on": march(30)}, referral={"expected_stay_days": None}),
        False,
        not_asked=True,
    ),
]

INTERIM = [
    Case("interim", "no limit", an_estate(), True),
    Case("interim", "a limit of exactly the stay", an_estate(site={"max_stay_nights": 30}), True),
    Case("interim", "a limit one night short", an_estate(site={"max_stay_nights": 29}), False),
    Case(
        "interim",
        "a limit one night short, urgent",
        an_estate(site={"max_stay_nights": 29}, referral={"priority": Priority.URGENT}),
        False,
    ),
    Case(
        "interim",
        "a short limit, an emergency",
        an_estate(site={"max_stay_nights": 5}, referral={"priority": Priority.EMERGENCY}),
        True,
    ),
    Case(
        "interim",
        "a short limit, standard but without shelter tonight",
        an_estate(site={"max_stay_nights": 5}, referral={"no_shelter_tonight": True}),
        True,
    ),
    Case(
        "interim",
        "a short limit, standard but at risk of detention",
        an_estate(site={"max_stay_nights": 5}, referral={"detention_risk": True}),
        True,
    ),
    Case(
        "interim",
        "shelter and detention not asked: no emergency",
        an_estate(site={"max_stay_nights": 5}, referral={"no_shelter_tonight": None, "detention_risk": None}),
        False,
        not_asked=True,
    ),
]


def _recovery(name: str, nation: Nation, limit: int, holds: bool, as_at_date: date) -> Case:
    """Return a case of `interim` that turns on the recovery period of a nation at noon of a day."""
    estate = an_estate(
        site={"max_stay_nights": limit}, referral={"nation": nation, "expected_stay_days": None}
    )
    as_at = utc(as_at_date.year, as_at_date.month, as_at_date.day, 12)
    return Case("interim", name, estate, holds, not_asked=True, as_at=as_at)


INTERIM += [
    _recovery("England: 30 nights", Nation.ENGLAND, 30, True, march(3)),
    _recovery("England: more than 29", Nation.ENGLAND, 29, False, march(3)),
    _recovery("England: 45 to 12 December 2022", Nation.ENGLAND, 44, False, date(2022, 12, 12)),
    _recovery("England: 30 from 13 December 2022", Nation.ENGLAND, 30, True, date(2022, 12, 13)),
    _recovery("Wales: 30 nights", Nation.WALES, 30, True, march(3)),
    _recovery("Wales: 45 to 12 December 2022", Nation.WALES, 30, False, date(2022, 12, 12)),
    _recovery("Scotland: 90 nights", Nation.SCOTLAND, 90, True, march(3)),
    _recovery("Scotland: more than 89", Nation.SCOTLAND, 89, False, march(3)),
    _recovery("Scotland: 45 to 31 March 2018", Nation.SCOTLAND, 45, True, date(2018, 3, 31)),
    _recovery("Scotland: 90 from 1 April 2018", Nation.SCOTLAND, 45, False, date(2018, 4, 1)),
    _recovery("Northern Ireland: 45 nights", Nation.NORTHERN_IRELAND, 45, True, march(3)),
    _recovery("Northern Ireland: more than 44", Nation.NORTHERN_IRELAND, 44, False, march(3)),
]

NATION = [
    Case("nation", "the same nation", an_estate(), True),
    Case("nation", "across the border, refused", an_estate(site=SCOTTISH), False),
    Case(
        "nation", "across the border, agreed", an_estate(site=SCOTTISH, referral={"cross_border": True}), True
    ),
    Case(
        "nation",
        "across the border, not asked",
        an_estate(site=SCOTTISH, referral={"cross_border": None}),
        False,
        not_asked=True,
    ),
    Case(
        "nation",
        "the same nation, not asked",
        an_estate(referral={"cross_border": None}),
        True,
        not_asked=True,
    ),
    Case("nation", "from Wales to England, refused", an_estate(referral={"nation": Nation.WALES}), False),
    Case(
        "nation",
        "from Northern Ireland to England, agreed",
        an_estate(referral={"nation": Nation.NORTHERN_IRELAND, "cross_border": True}),
        True,
    ),
]

GENDER = [
    Case("gender", "a woman, women admitted", an_estate(), True),
    Case("gender", "a man, women admitted", an_estate(lead={"gender": MALE}), False),
    Case("gender", "non-binary, women admitted", an_estate(lead={"gender": NON_BINARY}), False),
    Case(
        "gender",
        "non-binary, women and non-binary people admitted",
        an_estate(site={"admits": frozenset({FEMALE, NON_BINARY})}, lead={"gender": NON_BINARY}),
        True,
    ),
    Case("gender", "a couple, women admitted", an_estate(people=(a_partner(MALE),)), False),
    Case(
        "gender", "a couple, both admitted", an_estate(site={"admits": BOTH}, people=(a_partner(MALE),)), True
    ),
    Case("gender", "a son of 17 is not judged by it", an_estate(people=(a_child(17, gender=MALE),)), True),
    Case(
        "gender",
        "a son of 18 is",
        an_estate(people=(a_child(18, gender=MALE, together_confirmed=True),)),
        False,
    ),
    Case(
        "gender",
        "women only is acceptable, both admitted",
        an_estate(site={"admits": BOTH}, referral={"acceptable_site_genders": WOMEN}),
        False,
    ),
    Case(
        "gender",
        "women only is acceptable, women admitted",
        an_estate(referral={"acceptable_site_genders": WOMEN}),
        True,
    ),
    Case(
        "gender",
        "both are acceptable, women admitted",
        an_estate(referral={"acceptable_site_genders": BOTH}),
        True,
    ),
    Case(
        "gender",
        "what is acceptable was not asked",
        an_estate(site={"admits": frozenset({FEMALE, MALE, NON_BINARY})}),
        True,
        not_asked=True,
    ),
]

NO_CHILDREN = {"accepts_children": False}
LIMITS = {"max_age_girls": 12, "max_age_boys": 8}

CHILDREN = [
    Case("children", "none, in a site without", an_estate(site=NO_CHILDREN), True),
    Case("children", "none, in a shared unit", an_estate(unit=SHARED), True),
    Case("children", "a girl, in a site with", an_estate(people=(a_child(10),)), True),
    Case("children", "a girl, in a site without", an_estate(site=NO_CHILDREN, people=(a_child(10),)), False),
    Case("children", "a girl, in a shared unit", an_estate(unit=SHARED, people=(a_child(10),)), False),
    Case(
        "children", "a daughter of 17 is a child", an_estate(site=NO_CHILDREN, people=(a_child(17),)), False
    ),
    Case("children", "a daughter of 18 is not", an_estate(site=NO_CHILDREN, people=(a_child(18),)), True),
    Case("children", "a girl at the limit", an_estate(site=LIMITS, people=(a_child(12),)), True),
    Case("children", "a girl above it", an_estate(site=LIMITS, people=(a_child(13),)), False),
    Case("children", "a boy at the limit", an_estate(site=LIMITS, people=(a_child(8, gender=MALE),)), True),
    Case("children", "a boy above it", an_estate(site=LIMITS, people=(a_child(9, gender=MALE),)), False),
    Case(
        "children",
        "a non-binary child at the smaller limit",
        an_estate(site=LIMITS, people=(a_child(8, gender=NON_BINARY),)),
        True,
    ),
    Case(
        "children",
        "a non-binary child between the limits",
        an_estate(site=LIMITS, people=(a_child(9, gender=NON_BINARY),)),
        False,
    ),
    Case(
        "children",
        "one of two above the limit",
        an_estate(site=LIMITS, people=(a_child(2), a_child(14, person_id="A10"))),
        False,
    ),
    Case(
        "children",
        "a lead of 17 with an adult is a child",
        an_estate(site=NO_CHILDREN, lead={"age": 17}, people=(a_partner(FEMALE),)),
        False,
    ),
    Case("children", "due on the last night", an_estate(site=NO_CHILDREN, lead={"due_on": april(1)}), False),
    Case(
        "children", "due on the day she leaves", an_estate(site=NO_CHILDREN, lead={"due_on": april(2)}), True
    ),
    Case("children", "overdue", an_estate(site=NO_CHILDREN, lead={"due_on": date(2026, 2, 1)}), False),
    Case("children", "due, in a shared unit", an_estate(unit=SHARED, lead={"due_on": march(20)}), False),
    Case(
        "children",
        "due, where only the youngest are taken",
        an_estate(site={"max_age_girls": 0, "max_age_boys": 0}, lead={"due_on": march(20)}),
        True,
    ),
    Case(
        "children",
        "due after the 10 nights that the site would keep her",
        an_estate(site={**NO_CHILDREN, "max_stay_nights": 10}, lead={"due_on": march(13)}),
        True,
    ),
    Case(
        "children",
        "stay not asked, due after England's 30 nights",
        an_estate(site=NO_CHILDREN, referral={"expected_stay_days": None}, lead={"due_on": april(2)}),
        True,
        not_asked=True,
    ),
    Case(
        "children",
        "stay not asked, due within Scotland's 90 nights",
        an_estate(
            site={**NO_CHILDREN, **SCOTTISH},
            referral={"expected_stay_days": None, "nation": Nation.SCOTLAND},
            lead={"due_on": april(2)},
        ),
        False,
        not_asked=True,
    ),
]

SECURITY = [
    Case("security", "as secure as needed", an_estate(referral={"min_security_level": 2}), True),
    Case("security", "more secure than needed", an_estate(referral={"min_security_level": 1}), True),
    Case("security", "less secure than needed", an_estate(referral={"min_security_level": 3}), False),
    Case(
        "security",
        "not assessed, in an enhanced site",
        an_estate(referral={"min_security_level": None}),
        True,
        not_asked=True,
    ),
    Case(
        "security",
        "not assessed, in a standard site",
        an_estate(site={"security_level": 1}, referral={"min_security_level": None}),
        False,
        not_asked=True,
    ),
]

SITE_CASES = [*OPEN, *INTERIM, *NATION, *GENDER, *CHILDREN, *SECURITY]
