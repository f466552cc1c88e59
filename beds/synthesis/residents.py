"""A household drawn for a unit that can take it: those who live there now, did once, will, or hold it.

Every need is known and met by the unit, so that the stays on record are ones that a round could have made.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from beds.domain.accommodation import COT_AGE, Bed, Site, Unit
from beds.domain.referral import Person, Referral
from beds.domain.terms import (
    BedKind,
    Gender,
    Nation,
    Priority,
    ReferralRef,
    ReferralStatus,
    RiskToOthers,
    Sharing,
)
from beds.synthesis.draws import Draws
from beds.synthesis.people import draw_resident_people
from beds.synthesis.population import Profile, cross_table
from beds.synthesis.scene import Household, Scene
from beds.synthesis.waiting import first_responder, new_referral, survivor_of


@dataclass(frozen=True, slots=True)
class Room:
    """A unit with its site and its beds."""

    site: Site
    unit: Unit
    beds: tuple[Bed, ...]

    @property
    def singles(self) -> tuple[Bed, ...]:
        """The single beds, in order."""
        return tuple(bed for bed in self.beds if bed.kind is BedKind.SINGLE)

    @property
    def cots(self) -> tuple[Bed, ...]:
        """The cots, in order."""
        return tuple(bed for bed in self.beds if bed.kind is BedKind.COT)

    @property
    def shared(self) -> bool:
        """Whether several households live in it."""
        return self.unit.sharing is Sharing.SHARED

    def beds_for(self, people: tuple[Person, ...]) -> list[Bed]:
        """Return a bed for each person: cots for children under two while there are any."""
        cots, singles = list(self.cots), list(self.singles)
        taken = []
        for person in people:
            baby = person.age is not None and person.age < COT_AGE
            taken.append(cots.pop(0) if baby and cots else singles.pop(0))
        return taken


@dataclass(frozen=True, slots=True)
class Arrival:
    """When a household was referred, for how many nights, and where the referral stands."""

    received_at: datetime
    nights: int
    status: ReferralStatus


def draw_resident(
    referral_id: ReferralRef, room: Room, arrival: Arrival, gender: Gender, streams: tuple[Scene, Draws]
) -> Household:
    """Return a household that the unit can take, its lead of a gender that the site admits.

    In a shared unit it is one person who accepts sharing and is at low risk to others.
    """
    scene, draws = streams
    profile = cross_table().draw(draws, "adult", gender)
    singles = 1 if room.shared else len(room.singles)
    people = draw_resident_people(referral_id, profile, room.site, singles, streams)
    people = people[:1] if room.shared else people
    referral = new_referral(referral_id, arrival.received_at, room.site.nation)
    referral = _from_another_nation(referral, scene, draws)
    referral = _with_met_needs(referral, room, draws)
    return Household(_as_recorded(referral, arrival, profile, scene, draws), people)


def gender_for(room: Room, draws: Draws) -> Gender:
    """Return a gender of adult that the site admits, women and men as likely where it admits both."""
    usual = [gender for gender in (Gender.FEMALE, Gender.MALE) if gender in room.site.admits]
    return draws.pick(usual) if usual else Gender.NON_BINARY


def _from_another_nation(referral: Referral, scene: Scene, draws: Draws) -> Referral:
    """A few agreed to cross a border."""
    if not scene.shares.happens("resident_from_another_nation", draws):
        return replace(referral, cross_border=False)
    others = [nation for nation in Nation if nation is not referral.nation]
    return replace(referral, nation=draws.pick(others), cross_border=True)


def _with_met_needs(referral: Referral, room: Room, draws: Draws) -> Referral:
    """Needs that this unit meets."""
    site = room.site
    high_risk = not room.shared and not site.accepts_children and draws.chance(0.06)
    own_gender_only = len(site.admits) == 1 and draws.chance(0.4)
    return replace(
        referral,
        min_security_level=draws.integer(1, site.security_level),
        services_required=frozenset(draws.sample(sorted(site.services), draws.integer(0, 2))),
        needs_step_free=room.unit.step_free and draws.chance(0.2),
        language_required=False,
        accepts_sharing=room.shared or draws.chance(0.4),
        risk_to_others=RiskToOthers.HIGH if high_risk else RiskToOthers.LOW,
        acceptable_site_genders=site.admits if own_gender_only else frozenset(),
    )


def _as_recorded(
    referral: Referral, arrival: Arrival, profile: Profile, scene: Scene, draws: Draws
) -> Referral:
    """The referral with what is on record of it besides its needs."""
    shares = scene.shares
    survivor_known = shares.happens("survivor_ref_recorded", draws)
    return replace(
        referral,
        status=arrival.status,
        priority=Priority(shares.draw("priority", draws)),
        survivor_ref=survivor_of(referral.referral_id) if survivor_known else "",
        no_shelter_tonight=shares.asked("no_shelter_tonight", draws),
        detention_risk=shares.asked("detention_risk", draws),
        expected_stay_days=arrival.nights,
        exploitation_type=profile.exploitation_type,
        nrm_status=shares.draw("nrm_status", draws),
        first_responder=first_responder(draws),
    )
