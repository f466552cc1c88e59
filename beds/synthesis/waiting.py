"""A waiting list: households with what each needs, would accept and must be kept from.

What was not asked stays unanswered, in the shares that `synthesis_assumptions.csv` states.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache

from beds.domain.clock import london_date
from beds.domain.referral import Person, Referral
from beds.domain.terms import (
    Gender,
    Nation,
    Priority,
    ReferralRef,
    ReferralStatus,
    RiskToOthers,
)
from beds.reference import read_rows
from beds.synthesis.draws import Draws, Weighted
from beds.synthesis.people import draw_waiting_people
from beds.synthesis.population import Profile, cross_table
from beds.synthesis.scene import Household, Scene


def draw_waiting(referral_ids: Sequence[ReferralRef], scene: Scene, draws: Draws) -> list[Household]:
    """Return a waiting household for each identifier, the leads drawn from the adults of the cross-table."""
    households = []
    for referral_id in referral_ids:
        profile = cross_table().draw(draws)
        people = draw_waiting_people(referral_id, profile, scene, draws)
        referral = _arrival(referral_id, profile, scene, draws)
        referral = _with_needs(referral, scene, draws)
        referral = _with_areas(referral, scene, draws)
        referral = _with_company(referral, people, scene, draws)
        referral = replace(referral, first_responder=first_responder(draws))
        households.append(Household(referral, people))
    return households


def new_referral(referral_id: ReferralRef, received_at: datetime, nation: Nation) -> Referral:
    """Return a standard, waiting referral of which nothing has been asked yet, for a bed from that day on."""
    return Referral(
        referral_id=referral_id,
        received_at=received_at,
        needed_from=london_date(received_at),
        priority=Priority.STANDARD,
        nation=nation,
        status=ReferralStatus.WAITING,
    )


def survivor_of(referral_id: ReferralRef) -> str:
    """Return the survivor's reference that goes with a first referral."""
    return f"V{referral_id[1:]}"


def first_responder(draws: Draws) -> str:
    """Return the organisation that referred, by their published referrals."""
    return draws.weighted(_responder_weights())


def _arrival(referral_id: ReferralRef, profile: Profile, scene: Scene, draws: Draws) -> Referral:
    """When it came, from where, and how urgent it is."""
    shares = scene.shares
    waited = timedelta(days=shares.within("waited_days", draws), minutes=draws.integer(1, 1439))
    received_at = scene.as_at - waited
    referral = new_referral(referral_id, received_at, draws.weighted(scene.nations))
    later = shares.happens("needed_later", draws)
    days = draws.integer(2, 21)
    known = shares.happens("survivor_ref_recorded", draws)
    risk_asked = not shares.happens("detention_risk_not_asked", draws)
    risk = shares.asked("detention_risk", draws)
    return replace(
        referral,
        needed_from=scene.today + timedelta(days=days) if later else referral.needed_from,
        priority=Priority(shares.draw("priority", draws)),
        survivor_ref=survivor_of(referral_id) if known else "",
        no_shelter_tonight=shares.asked("no_shelter_tonight", draws),
        detention_risk=risk if risk_asked else None,
        exploitation_type=profile.exploitation_type,
        nrm_status=shares.draw("nrm_status", draws),
    )


def _with_needs(referral: Referral, scene: Scene, draws: Draws) -> Referral:
    """The needs that a site has to meet."""
    shares = scene.shares
    stay_not_asked = shares.happens("waiting_list_stay_not_asked", draws)
    nights = shares.number("stay_nights", draws)
    level = shares.draw("min_security_level", draws)
    wanted = [shares.draw("service_need", draws) for _ in range(shares.number("services_required", draws))]
    return replace(
        referral,
        expected_stay_days=None if stay_not_asked else nights,
        min_security_level=int(level) if level else None,
        services_required=frozenset(wanted),
        needs_step_free=shares.asked("needs_step_free", draws),
        language_required=shares.asked("language_required", draws),
        cross_border=shares.asked("cross_border", draws),
    )


def _with_areas(referral: Referral, scene: Scene, draws: Draws) -> Referral:
    """Where she would rather be, and where she must not be; never the same place."""
    shares = scene.shares
    preferred = frozenset(
        scene.region(referral.nation, draws) for _ in range(shares.number("preferred_regions", draws))
    )
    excluded = []
    for _ in range(shares.number("excluded_areas", draws)):
        region = scene.region(referral.nation, draws)
        council = draws.pick(scene.councils[region])
        excluded.append(region if shares.happens("excluded_region", draws) else council)
    return replace(referral, preferred_regions=preferred - set(excluded), excluded_areas=frozenset(excluded))


def _with_company(referral: Referral, people: tuple[Person, ...], scene: Scene, draws: Draws) -> Referral:
    """With whom they would live: sharing is for those who come alone."""
    shares = scene.shares
    sharing = shares.asked("accepts_sharing", draws)
    risk = shares.draw("risk_to_others", draws)
    lead = people[0].gender
    own_gender_only = shares.happens("acceptable_own_gender_only", draws, lead)
    adults_alike = all(person.gender is lead for person in people if person.age is None or person.age >= 18)
    return replace(
        referral,
        accepts_sharing=False if sharing and len(people) > 1 else sharing,
        risk_to_others=RiskToOthers(risk) if risk else None,
        acceptable_site_genders=_only(lead) if own_gender_only and adults_alike else frozenset(),
    )


def _only(gender: Gender) -> frozenset[Gender]:
    return frozenset({gender})


@cache
def _responder_weights() -> Weighted[str]:
    """First responders by their referrals, second quarter of 2022 to fourth of 2023."""
    counts: dict[str, int] = {}
    for row in read_rows("nrm_first_responders"):
        counts[row["code"]] = counts.get(row["code"], 0) + int(row["referrals"])
    codes = sorted(counts)
    return Weighted(codes, [counts[code] for code in codes])
