"""Small awkward estates at random: legal input in which every rule bites and many pairs stay allowed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

from hypothesis import strategies as st

from beds.domain.accommodation import Bed, Closure, Site, Unit
from beds.domain.clock import Clock
from beds.domain.estate import Estate
from beds.domain.referral import Decline, Hold, KeepApart, Person, Placement, Referral
from beds.domain.terms import (
    AgeStatus,
    BedKind,
    DeclinedBy,
    Gender,
    Nation,
    Priority,
    ReferralStatus,
    RiskToOthers,
    Sharing,
)
from tests.builders import (
    NOON,
    a_bed,
    a_closure,
    a_decline,
    a_hold,
    a_keep_apart,
    a_person,
    a_placement,
    a_referral,
    a_site,
    a_unit,
)

AWKWARD_INSTANTS = (
    NOON,
    datetime(2026, 3, 4, 2, 0, tzinfo=UTC),
    datetime(2026, 3, 4, 5, 59, tzinfo=UTC),
    datetime(2026, 3, 29, 1, 30, tzinfo=UTC),
    datetime(2026, 7, 1, 1, 0, tzinfo=UTC),
    datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
)
"""Midday, last night still, its last minute, both nights the clock changes, 02:00 in summer."""

SPOKEN = ("en", "sq", "vi", "ar")
HELP = ("counselling", "legal_advice", "drug_treatment")
LONDON_COUNCIL, SCOTTISH_COUNCIL = "E09000007", "S12000036"
WOMEN, MEN = frozenset({Gender.FEMALE}), frozenset({Gender.MALE})
EVERYBODY = frozenset(Gender)


def estates(households: int = 4, units: int = 4) -> st.SearchStrategy[Estate]:
    """Return estates around noon on 3 March 2026, each from a seed that is printed when a test fails."""
    return st.integers(0, 2**32 - 1).map(
        lambda seed: random_estate(Random(seed), households=households, units=units)
    )


def random_estate(rng: Random, *, households: int = 5, units: int = 5, as_at: datetime = NOON) -> Estate:
    """Return a small awkward legal estate with about `households` taking part and `units` units."""
    draft = _Draft(rng, as_at)
    draft.add_sites_and_units(units)
    for index in range(households):
        draft.add_waiting(f"R{index + 1}")
    draft.add_standing(rng.randint(0, units // 2 + 1))
    draft.add_closures()
    draft.add_survivors_facts()
    return draft.estate()


@dataclass
class _Draft:
    """An estate under construction. Beds remember their recorded nights, so that none overlap."""

    rng: Random
    as_at: datetime
    sites: list[Site] = field(default_factory=list)
    units: list[Unit] = field(default_factory=list)
    beds: list[Bed] = field(default_factory=list)
    referrals: list[Referral] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)
    closures: list[Closure] = field(default_factory=list)
    keep_apart: list[KeepApart] = field(default_factory=list)
    holds: list[Hold] = field(default_factory=list)
    declines: list[Decline] = field(default_factory=list)
    placements: list[Placement] = field(default_factory=list)
    taken: dict[str, list[tuple[date, date]]] = field(default_factory=dict)

    @property
    def today(self) -> date:
        """The night being filled."""
        return Clock(self.as_at).today

    def estate(self) -> Estate:
        """Return what has been drafted."""
        return Estate(
            sites=tuple(self.sites),
            units=tuple(self.units),
            beds=tuple(self.beds),
            referrals=tuple(self.referrals),
            people=tuple(self.people),
            closures=tuple(self.closures),
            keep_apart=tuple(self.keep_apart),
            holds=tuple(self.holds),
            declines=tuple(self.declines),
            placements=tuple(self.placements),
        )

    def day(self, earliest: int, latest: int) -> date:
        """Return a day some days from today."""
        return self.today + timedelta(days=self.rng.randint(earliest, latest))

    def seldom(self, usual: Any, *rare: Any) -> Any:
        """Return the usual value nine times in ten."""
        return usual if self.rng.random() < 0.9 else self.rng.choice(rare)

    def some(self, items: Sequence[Any], most: int) -> frozenset[Any]:
        """Return a few of some items."""
        return frozenset(self.rng.sample(items, self.rng.randint(0, min(most, len(items)))))

    def add_sites_and_units(self, units: int) -> None:
        """Add sites of one to three units until there are enough units."""
        while len(self.units) < units:
            site = self.site(f"S{len(self.sites) + 1}")
            self.sites.append(site)
            for _ in range(min(self.rng.randint(1, 3), units - len(self.units))):
                self.add_unit(site)

    def site(self, site_id: str) -> Site:
        """Return a site of either nation that usually suits."""
        scottish = self.rng.random() < 0.3
        return a_site(
            site_id,
            nation=Nation.SCOTLAND if scottish else Nation.ENGLAND,
            region="S92000003" if scottish else self.rng.choice(["E12000007", "E12000002"]),
            local_authority=self.rng.choice(["", SCOTTISH_COUNCIL if scottish else LONDON_COUNCIL]),
            admits=self.rng.choice([WOMEN, MEN, EVERYBODY, EVERYBODY, EVERYBODY, WOMEN | MEN]),
            accepts_children=self.seldom(True, False),
            max_age_girls=self.seldom(17, 4, 12),
            max_age_boys=self.seldom(17, 4, 10),
            security_level=self.rng.choice([1, 2, 2, 3]),
            staff_languages=self.some(SPOKEN, 2),
            services=self.some(HELP, 2),
            opens_on=self.seldom(None, self.day(-3, 2)),
            closes_on=self.seldom(None, self.day(20, 40)),
            max_stay_nights=self.seldom(None, 5, 14, 30),
        )

    def add_unit(self, site: Site) -> None:
        """Add a unit of one to three singles, with a cot now and then."""
        shared = self.rng.random() < 0.55
        unit = a_unit(
            f"U{len(self.units) + 1}",
            site.site_id,
            sharing=Sharing.SHARED if shared else Sharing.HOUSEHOLD,
            step_free=self.rng.random() < 0.6,
        )
        self.units.append(unit)
        kinds = [BedKind.SINGLE] * self.rng.randint(2 if shared else 1, 3)
        kinds += [BedKind.COT] * (self.rng.random() < 0.3)
        for kind in kinds:
            self.beds.append(a_bed(f"B{len(self.beds) + 1}", unit.unit_id, kind))

    def add_waiting(self, referral_id: str) -> None:
        """Add a household that takes part, or nearly."""
        self.add_people(referral_id, standing=False)
        rng = self.rng
        self.referrals.append(
            a_referral(
                referral_id,
                received_at=self.as_at - timedelta(days=rng.randint(0, 6), hours=rng.randint(0, 23)),
                needed_from=self.seldom(self.today, self.today + timedelta(days=1), self.today),
                priority=rng.choice(list(Priority)),
                nation=rng.choice([Nation.ENGLAND, Nation.ENGLAND, Nation.SCOTLAND, Nation.WALES]),
                status=self.seldom(ReferralStatus.WAITING, ReferralStatus.HELD, ReferralStatus.CLOSED),
                no_shelter_tonight=self.seldom(False, True, None),
                detention_risk=self.seldom(None, False, True),
                expected_stay_days=rng.choice([None, 3, 10, 30, 30, 45]),
                min_security_level=self.seldom(1, None, 2, 3),
                services_required=self.seldom(frozenset(), self.some(HELP, 1)),
                needs_step_free=self.seldom(False, None, True),
                language_required=self.seldom(False, None, True),
                cross_border=self.seldom(True, None, False),
                accepts_sharing=self.seldom(True, None, False),
                risk_to_others=self.seldom(RiskToOthers.LOW, None, RiskToOthers.HIGH),
                acceptable_site_genders=self.seldom(frozenset(), WOMEN, MEN, WOMEN | MEN),
                preferred_regions=self.seldom(frozenset(), frozenset({"E12000002"})),
                excluded_areas=self.seldom(
                    frozenset(), frozenset({LONDON_COUNCIL}), frozenset({"S92000003"})
                ),
            )
        )

    def add_people(self, referral_id: str, *, standing: bool) -> None:
        """Add a lead, and now and then a partner, children, a baby who is due."""
        gender = self.rng.choice([*[Gender.FEMALE] * 6, Gender.MALE, Gender.MALE, Gender.NON_BINARY])
        self.add_person(
            referral_id,
            is_lead=True,
            gender=gender,
            age=self.seldom(30, 18, 17, None) if self.rng.random() < 0.3 else 24,
            age_status=self.seldom(None, AgeStatus.DISPUTED) if self.rng.random() < 0.3 else AgeStatus.KNOWN,
            due_on=self.day(-10, 50) if gender is Gender.FEMALE and self.rng.random() < 0.15 else None,
        )
        if self.rng.random() < 0.12:
            self.add_person(
                referral_id,
                is_lead=False,
                gender=self.rng.choice(list(Gender)),
                age=self.rng.choice([18, 33]),
                together_confirmed=True if standing else self.seldom(True, None, False),
            )
        for _ in range(self.rng.choice([0, 0, 0, 0, 0, 0, 0, 1, 1, 2])):
            self.add_person(
                referral_id, is_lead=False, gender=self.rng.choice(list(Gender)), age=self.rng.randint(0, 17)
            )

    def add_person(self, referral_id: str, **changes: Any) -> None:
        """Add one person, speaking a language or two, or none that was asked."""
        self.people.append(
            a_person(f"A{len(self.people) + 1}", referral_id, languages=self.some(SPOKEN, 2), **changes)
        )

    def add_standing(self, households: int) -> None:
        """Add residents, overstayers, future bookings, holds in force and expired."""
        for index in range(households):
            referral_id = f"Q{index + 1}"
            beds = [bed for bed in self.beds if bed.kind is BedKind.SINGLE]
            bed = self.rng.choice(beds)
            start, end = self.day(-30, 25), self.day(-5, 40)
            if start >= end or any(
                start < until and since < end for since, until in self.taken.get(bed.bed_id, [])
            ):
                continue
            self.taken.setdefault(bed.bed_id, []).append((start, end))
            self.add_people(referral_id, standing=True)
            if self.rng.random() < 0.3:
                self.add_hold(referral_id, bed, start, end)
            else:
                self.add_placement(referral_id, bed, start, end)

    def add_hold(self, referral_id: str, bed: Bed, start: date, end: date) -> None:
        """Add a hold, in force or expired a minute ago; then its household takes part."""
        in_force = self.rng.random() < 0.6
        expires_at = self.as_at + timedelta(minutes=60 if in_force else self.rng.choice([0, -1]))
        end = max(end, self.today + timedelta(days=1))
        self.taken[bed.bed_id][-1] = (start, end)
        self.referrals.append(a_referral(referral_id, status=ReferralStatus.HELD, needed_from=self.today))
        self.holds.append(
            a_hold(referral_id, bed.bed_id, starts_on=start, expected_end_on=end, expires_at=expires_at)
        )

    def add_placement(self, referral_id: str, bed: Bed, start: date, end: date) -> None:
        """Add a placement that ended, ends, or should have."""
        has_ended = self.rng.random() < 0.2
        self.referrals.append(a_referral(referral_id, status=ReferralStatus.PLACED))
        self.placements.append(
            a_placement(
                referral_id,
                bed.bed_id,
                starts_on=start,
                expected_end_on=end,
                ended_on=end if has_ended else None,
            )
        )

    def add_closures(self) -> None:
        """Close a bed now and then, until further notice or for a while."""
        for bed in self.beds:
            if self.rng.random() < 0.08:
                start = self.day(-5, 20)
                self.closures.append(
                    a_closure(
                        bed.bed_id,
                        starts_on=start,
                        ends_on=self.rng.choice([None, start + timedelta(days=self.rng.randint(1, 12))]),
                    )
                )

    def add_survivors_facts(self) -> None:
        """Add keep-apart pairs, declines, and earlier referrals of the same survivors that carry some."""
        names = [referral.referral_id for referral in self.referrals]
        for one in list(self.referrals):
            if one.referral_id.startswith("R") and self.rng.random() < 0.2:
                self.add_earlier_referral(one)
        earlier = [one.referral_id for one in self.referrals if one.referral_id.startswith("E")]
        for _ in range(self.rng.randint(0, 3)):
            a, b = self.rng.choice(names + earlier), self.rng.choice(names)
            pairs = {frozenset((pair.referral_id_a, pair.referral_id_b)) for pair in self.keep_apart}
            if a not in {b, f"E{b}"} and frozenset((a, b)) not in pairs:
                self.keep_apart.append(a_keep_apart(a, b))
        for index in range(self.rng.randint(0, 3)):
            self.declines.append(
                a_decline(
                    self.rng.choice(names + earlier),
                    self.rng.choice(self.sites).site_id,
                    declined_by=self.rng.choice(list(DeclinedBy)),
                    declined_on=self.today - timedelta(days=1 + index),
                    until=self.seldom(None, self.today, self.today + timedelta(days=1)),
                )
            )

    def add_earlier_referral(self, now: Referral) -> None:
        """Add a closed referral of the same survivor, with an area she must not be in now and then."""
        survivor = f"V-{now.referral_id}"
        self.referrals[self.referrals.index(now)] = replace(now, survivor_ref=survivor)
        self.referrals.append(
            a_referral(
                f"E{now.referral_id}",
                survivor_ref=survivor,
                status=ReferralStatus.CLOSED,
                received_at=now.received_at - timedelta(days=300),
                excluded_areas=self.seldom(frozenset(), frozenset({"E12000002"})),
            )
        )
        self.add_people(f"E{now.referral_id}", standing=True)
