"""The people of a household: a lead drawn from the cross-table, perhaps a partner, and dependent children.

The mean of 0.38 dependent children an adult is Hestia's for 2018–19 (`accommodation_facts.csv`); how it
divides between women and men is an assumption.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from beds.domain.accommodation import Site
from beds.domain.referral import Person
from beds.domain.terms import AgeStatus, Gender, PersonRef, ReferralRef
from beds.synthesis.draws import Draws
from beds.synthesis.population import Profile, draw_languages
from beds.synthesis.scene import Scene

OLDEST_DISPUTED_AGE = 21
OLDEST_WHO_MAY_BE_PREGNANT = 44
OTHER = {Gender.FEMALE: Gender.MALE, Gender.MALE: Gender.FEMALE, Gender.NON_BINARY: Gender.NON_BINARY}


def draw_waiting_people(
    referral_id: ReferralRef, profile: Profile, scene: Scene, draws: Draws
) -> tuple[Person, ...]:
    """Return the people of a household that waits: what was not asked is left out, ages among it."""
    lead = _with_doubts(_lead(referral_id, profile, scene, draws), scene, draws)
    adults = [lead]
    if scene.shares.happens("partner", draws, lead.gender):
        adults.append(partner_of(lead, scene.shares.asked("together_confirmed", draws), draws))
    topic = "children_of_female" if lead.gender is Gender.FEMALE else "children_of_male"
    children = [
        a_child(lead, len(adults) + number, None, draws)
        for number in range(1, scene.shares.number(topic, draws) + 1)
    ]
    return (*adults, *(_perhaps_ageless(child, scene, draws) for child in children))


def draw_resident_people(
    referral_id: ReferralRef, profile: Profile, site: Site, singles: int, streams: tuple[Scene, Draws]
) -> tuple[Person, ...]:
    """Return the people of a household that lives in a unit of a site with that many single beds.

    Every need is known and met: adults whom the site admits, children of ages it takes.
    """
    scene, draws = streams
    people = [_lead(referral_id, profile, scene, draws)]
    other = OTHER[people[0].gender]
    if singles > 1 and other in site.admits and scene.shares.happens("resident_partner", draws):
        people.append(partner_of(people[0], True, draws))
    if site.accepts_children and scene.shares.happens("resident_family", draws):
        for number in range(len(people) + 1, singles + 1):
            people.append(a_child(people[0], number, site, draws))
    return tuple(people)


def partner_of(lead: Person, together_confirmed: bool | None, draws: Draws) -> Person:
    """Return an adult partner of the lead, near in age."""
    age = None if lead.age is None else max(18, lead.age + draws.integer(-4, 6))
    return Person(
        person_id=PersonRef(f"{lead.referral_id}-P2"),
        referral_id=lead.referral_id,
        is_lead=False,
        gender=OTHER[lead.gender],
        age=age,
        together_confirmed=together_confirmed,
        languages=lead.languages,
    )


def a_child(lead: Person, number: int, site: Site | None, draws: Draws) -> Person:
    """Return the household's person of that number, a child young enough for the lead and for a site."""
    gender = draws.pick((Gender.FEMALE, Gender.MALE))
    oldest = 17 if lead.age is None else min(17, lead.age - 16)
    if site is not None:
        oldest = min(oldest, site.max_age_girls if gender is Gender.FEMALE else site.max_age_boys)
    return Person(
        person_id=PersonRef(f"{lead.referral_id}-P{number}"),
        referral_id=lead.referral_id,
        is_lead=False,
        gender=gender,
        age=draws.integer(0, max(oldest, 0)),
        languages=lead.languages,
    )


def _lead(referral_id: ReferralRef, profile: Profile, scene: Scene, draws: Draws) -> Person:
    """The survivor: an adult of the profile's gender."""
    return Person(
        person_id=PersonRef(f"{referral_id}-P1"),
        referral_id=referral_id,
        is_lead=True,
        gender=profile.gender,
        age=scene.shares.within("age_band", draws),
        languages=draw_languages(profile, scene.shares, draws),
    )


def _with_doubts(lead: Person, scene: Scene, draws: Draws) -> Person:
    """The lead, perhaps pregnant, of disputed age, or of an age nobody asked."""
    shares = scene.shares
    pregnant = shares.happens("pregnant", draws)
    due_on = scene.today + timedelta(days=draws.integer(-5, 220))
    disputed = shares.happens("age_disputed", draws, "18-21")
    missing = shares.happens("age_missing", draws, "adult")
    age = lead.age or 0
    if pregnant and lead.gender is Gender.FEMALE and age <= OLDEST_WHO_MAY_BE_PREGNANT:
        lead = replace(lead, due_on=due_on)
    if missing:
        return replace(lead, age=None)
    status = AgeStatus.DISPUTED if disputed and age <= OLDEST_DISPUTED_AGE else AgeStatus.KNOWN
    return replace(lead, age_status=status)


def _perhaps_ageless(child: Person, scene: Scene, draws: Draws) -> Person:
    """The child, whose age nobody may have asked: the referral form takes a number of children only."""
    return replace(child, age=None) if scene.shares.happens("age_missing", draws, "child") else child
