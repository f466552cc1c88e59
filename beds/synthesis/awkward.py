"""The cases that catch a careless matcher, planted in every list of thirty households or more.

Each plant changes one household; the case is what the plant's name says.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from beds.domain.terms import AgeStatus, Gender, Nation, Priority, RiskToOthers
from beds.synthesis.draws import Draws
from beds.synthesis.people import a_child, partner_of
from beds.synthesis.population import cross_table
from beds.synthesis.scene import Household, Scene

RARE_LANGUAGES: Final = ("tet", "mn", "ky", "ht", "ka", "ms")
"""Languages of nationalities seldom referred; the first that no site's staff speak is used."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What a plant may look at: the scene, a stream of draws, and the languages of all staff."""

    scene: Scene
    draws: Draws
    staff_languages: frozenset[str]


Plant = Callable[[Household, Setting], Household]


def plant_awkward_cases(households: Sequence[Household], setting: Setting) -> list[Household]:
    """Return the households with every awkward case planted in one of them, spread over the list.

    A list too short for all of them is returned as it is.
    """
    planted = list(households)
    if not long_enough(households):
        return planted
    step = len(planted) // len(PLANTS)
    for number, plant in enumerate(PLANTS):
        planted[number * step] = plant(planted[number * step], setting)
    return planted


def long_enough(households: Sequence[Household]) -> bool:
    """Return whether a list has room for every awkward case, one household each."""
    return len(households) >= len(PLANTS)


def lone_woman(household: Household, age: int = 29) -> Household:
    """Return the household as one woman with nothing in doubt, needed now."""
    lead = replace(
        household.people[0],
        gender=Gender.FEMALE,
        age=age,
        age_status=AgeStatus.KNOWN,
        due_on=None,
    )
    referral = replace(
        household.referral,
        needed_from=min(household.referral.needed_from, household.referral.received_at.date()),
        acceptable_site_genders=frozenset(),
    )
    return Household(referral, (lead,))


def _mother_of_four(household: Household, setting: Setting) -> Household:
    """A family of five with a baby."""
    mother = lone_woman(household, 34)
    children = [a_child(mother.people[0], number, None, setting.draws) for number in range(2, 6)]
    children[-1] = replace(children[-1], age=1)
    return _without_sharing(Household(mother.referral, (*mother.people, *children)))


def _couple_with_three_children(household: Household, setting: Setting) -> Household:
    """A family of five with two parents, both asked alone."""
    mother = lone_woman(household, 36)
    lead = mother.people[0]
    partner = partner_of(lead, True, setting.draws)
    children = [a_child(lead, number, None, setting.draws) for number in range(3, 6)]
    return _without_sharing(Household(mother.referral, (lead, partner, *children)))


def _wheelchair_user(household: Household, setting: Setting) -> Household:
    return _referral(lone_woman(household), needs_step_free=True, min_security_level=1)


def _language_no_staff_speak(household: Household, setting: Setting) -> Household:
    woman = lone_woman(household)
    unspoken = [language for language in RARE_LANGUAGES if language not in setting.staff_languages]
    lead = replace(woman.people[0], languages=frozenset(unspoken[:1]))
    return _referral(Household(woman.referral, (lead,)), language_required=True)


def _unassessed_risk(household: Household, setting: Setting) -> Household:
    """Willing to share; but neither the level she needs nor the risk to others has been assessed."""
    woman = lone_woman(household)
    return _referral(woman, min_security_level=None, risk_to_others=None, accepts_sharing=True)


def _excluded_areas(household: Household, setting: Setting) -> Household:
    """Kept from a whole region and from a council in another."""
    council = setting.draws.pick(setting.scene.councils["E12000002"])
    areas = frozenset({"E12000007", council})
    return _referral(lone_woman(household), excluded_areas=areas, preferred_regions=frozenset())


def _unaccompanied_child(household: Household, setting: Setting) -> Household:
    """A child alone: a local authority's duty, whatever the waiting list says."""
    profile = cross_table().draw(setting.draws, "child")
    lead = replace(lone_woman(household, 16).people[0], gender=profile.gender)
    referral = replace(lone_woman(household).referral, exploitation_type=profile.exploitation_type)
    return Household(referral, (lead,))


def _disputed_age(household: Household, setting: Setting) -> Household:
    woman = lone_woman(household, 18)
    return Household(woman.referral, (replace(woman.people[0], age_status=AgeStatus.DISPUTED),))


def _missing_age_of_a_child(household: Household, setting: Setting) -> Household:
    """The referral form asks how many children there are, not how old."""
    mother = lone_woman(household, 31)
    child = replace(a_child(mother.people[0], 2, None, setting.draws), age=None)
    return _without_sharing(Household(mother.referral, (*mother.people, child)))


def _partner_not_confirmed(household: Household, setting: Setting) -> Household:
    """She has a partner with her, who has not been asked alone whether to be placed together."""
    woman = lone_woman(household, 27)
    partner = partner_of(woman.people[0], None, setting.draws)
    return _without_sharing(Household(woman.referral, (*woman.people, partner)))


def _due_within_the_stay(household: Household, setting: Setting) -> Household:
    due = _expecting(household, setting, 20)
    return _referral(due, expected_stay_days=60)


def _overdue(household: Household, setting: Setting) -> Household:
    """The date has passed and the birth is not recorded."""
    return _expecting(household, setting, -6)


def _crosses_the_border(household: Household, setting: Setting) -> Household:
    """Referred in Wales, where this service runs no site, and willing to go where one is."""
    woman = lone_woman(household)
    return _referral(woman, nation=Nation.WALES, cross_border=True, preferred_regions=frozenset())


def _scottish_willing_to_cross(household: Household, setting: Setting) -> Household:
    return _referral(lone_woman(household), nation=Nation.SCOTLAND, cross_border=True)


def _high_risk_to_others(household: Household, setting: Setting) -> Household:
    return _referral(lone_woman(household), risk_to_others=RiskToOthers.HIGH, accepts_sharing=True)


def _nothing_asked(household: Household, setting: Setting) -> Household:
    """Only what the referral cannot do without: every need takes its cautious reading."""
    woman = lone_woman(household)
    return _referral(
        woman,
        no_shelter_tonight=None,
        detention_risk=None,
        expected_stay_days=None,
        min_security_level=None,
        services_required=frozenset(),
        needs_step_free=None,
        language_required=None,
        cross_border=None,
        accepts_sharing=None,
        risk_to_others=None,
    )


def _no_shelter_tonight(household: Household, setting: Setting) -> Household:
    """A standard referral that counts as an emergency."""
    return _referral(lone_woman(household), priority=Priority.STANDARD, no_shelter_tonight=True)


def _at_risk_of_detention(household: Household, setting: Setting) -> Household:
    """An urgent referral that counts as an emergency."""
    return _referral(lone_woman(household), priority=Priority.URGENT, detention_risk=True)


def _needed_later(household: Household, setting: Setting) -> Household:
    """A bed is asked for from a later day: not a matter for tonight's round."""
    later = setting.scene.today + timedelta(days=9)
    return _referral(lone_woman(household), needed_from=later)


def _non_binary(household: Household, setting: Setting) -> Household:
    woman = lone_woman(household)
    return Household(woman.referral, (replace(woman.people[0], gender=Gender.NON_BINARY),))


def _expecting(household: Household, setting: Setting, in_days: int) -> Household:
    woman = lone_woman(household, 26)
    due_on = setting.scene.today + timedelta(days=in_days)
    return _without_sharing(Household(woman.referral, (replace(woman.people[0], due_on=due_on),)))


def _referral(household: Household, **changes: object) -> Household:
    return Household(replace(household.referral, **changes), household.people)  # type: ignore[arg-type]


def _without_sharing(household: Household) -> Household:
    return _referral(household, accepts_sharing=False)


PLANTS: Final[tuple[Plant, ...]] = (
    _mother_of_four,
    _couple_with_three_children,
    _wheelchair_user,
    _language_no_staff_speak,
    _unassessed_risk,
    _excluded_areas,
    _unaccompanied_child,
    _disputed_age,
    _missing_age_of_a_child,
    _partner_not_confirmed,
    _due_within_the_stay,
    _overdue,
    _crosses_the_border,
    _scottish_willing_to_cross,
    _high_risk_to_others,
    _nothing_asked,
    _no_shelter_tonight,
    _at_risk_of_detention,
    _needed_later,
    _non_binary,
)
"""Every awkward case that is about one household alone."""
