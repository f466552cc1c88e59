"""Random estates of every shape that a folder may have, for properties of the store."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

from hypothesis import strategies as st

from beds.domain.estate import Estate
from beds.domain.referral import Referral
from beds.domain.terms import (
    OPEN_STATUSES,
    REGIONS,
    SERVED_NATIONS,
    AgeStatus,
    BedKind,
    DeclinedBy,
    Gender,
    Nation,
    Priority,
    ReferralStatus,
    RiskToOthers,
    Sharing,
    SiteType,
)
from tests.builders import (
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

asked = st.none() | st.booleans()
days = st.dates(date(2020, 1, 1), date(2030, 1, 1))
instants = st.datetimes(
    datetime(2020, 1, 1),  # noqa: DTZ001 - the strategy adds the offset
    datetime(2030, 1, 1),  # noqa: DTZ001
    timezones=st.sampled_from(
        [UTC, timezone(timedelta(hours=1)), timezone(timedelta(hours=-5, minutes=-30))]
    ),
)
regions = st.frozensets(st.sampled_from(sorted(REGIONS)), max_size=3)
words = st.frozensets(st.sampled_from(["counselling", "nursery", "legal_advice"]), max_size=3)
languages = st.frozensets(st.sampled_from(["en", "sq", "vi", "ckb"]), max_size=3)
genders = st.frozensets(st.sampled_from(Gender), max_size=3)
names = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=12)
lengths = st.integers(1, 400).map(lambda nights: timedelta(days=nights))


@st.composite
def estates(draw: st.DrawFn) -> Estate:
    """Draw an estate that a folder could hold."""
    sites = [f"S{number}" for number in range(draw(st.integers(1, 3)))]
    units = [f"U{number}" for number in range(draw(st.integers(1, 4)))]
    beds = [f"B{number}" for number in range(draw(st.integers(1, 6)))]
    referrals = draw(_referrals())
    households = [referral.referral_id for referral in referrals]
    return Estate(
        sites=tuple(draw(_site(name)) for name in sites),
        units=tuple(
            a_unit(
                name,
                draw(st.sampled_from(sites)),
                sharing=draw(st.sampled_from(Sharing)),
                step_free=draw(st.booleans()),
            )
            for name in units
        ),
        beds=tuple(
            a_bed(name, draw(st.sampled_from(units)), draw(st.sampled_from(BedKind))) for name in beds
        ),
        referrals=tuple(referrals),
        people=tuple(
            draw(_person(f"A-{household}-{number}", household, is_lead=number == 0))
            for household in households
            for number in range(draw(st.integers(1, 3)))
        ),
        closures=tuple(draw(st.lists(_closure(beds), max_size=4))),
        keep_apart=tuple(
            a_keep_apart(a.referral_id, b.referral_id)
            for a, b in draw(
                st.lists(st.tuples(st.sampled_from(referrals), st.sampled_from(referrals)), max_size=4)
            )
            if a.survivor != b.survivor
        ),
        declines=tuple(draw(st.lists(_decline(households, sites), max_size=4))),
        holds=tuple(
            a_hold(
                draw(st.sampled_from(households)),
                bed,
                hold_id=f"H-{bed}",
                starts_on=start,
                expected_end_on=start + length,
                expires_at=draw(instants),
            )
            for bed in draw(st.sets(st.sampled_from(beds)))
            for start, length in [draw(st.tuples(days, lengths))]
        ),
        placements=tuple(draw(_placements(beds, households))),
    )


@st.composite
def _site(draw: st.DrawFn, name: str) -> object:
    opens_on = draw(st.none() | days)
    closes_on = draw(st.none() | lengths.map(lambda length: (opens_on or date(2024, 1, 1)) + length))
    return a_site(
        name,
        provider_id=draw(st.sampled_from(["P1", "P2"])),
        name=draw(names),
        nation=draw(st.sampled_from(SERVED_NATIONS)),
        site_type=draw(st.sampled_from(SiteType)),
        admits=draw(genders.filter(bool)),
        accepts_children=draw(st.booleans()),
        security_level=draw(st.integers(1, 3)),
        max_age_girls=draw(st.integers(0, 17)),
        max_age_boys=draw(st.integers(0, 17)),
        staff_languages=draw(languages),
        services=draw(words),
        opens_on=opens_on,
        closes_on=closes_on,
        max_stay_nights=draw(st.none() | st.integers(1, 36_500)),
        cost_per_bed_night=draw(
            st.none()
            | st.decimals(Decimal(0), Decimal(10**9), allow_nan=False, allow_infinity=False, places=3)
        ),
    )


@st.composite
def _referrals(draw: st.DrawFn) -> list[Referral]:
    found: list[Referral] = []
    waiting: set[str] = set()
    for number in range(draw(st.integers(1, 4))):
        survivor = draw(st.sampled_from(["", "V1", "V2"]))
        status = draw(st.sampled_from(ReferralStatus))
        if survivor in waiting:
            status = ReferralStatus.CLOSED
        if survivor and status in OPEN_STATUSES:
            waiting.add(survivor)
        found.append(_a_drawn_referral(draw, f"R{number}", survivor, status))
    return found


def _a_drawn_referral(draw: st.DrawFn, name: str, survivor: str, status: ReferralStatus) -> Referral:
    return a_referral(
        name,
        survivor_ref=survivor,
        status=status,
        received_at=draw(instants),
        needed_from=draw(days),
        priority=draw(st.sampled_from(Priority)),
        nation=draw(st.sampled_from(Nation)),
        no_shelter_tonight=draw(asked),
        detention_risk=draw(asked),
        expected_stay_days=draw(st.none() | st.integers(1, 36_500)),
        min_security_level=draw(st.none() | st.integers(1, 3)),
        services_required=draw(words),
        needs_step_free=draw(asked),
        language_required=draw(asked),
        cross_border=draw(asked),
        accepts_sharing=draw(asked),
        risk_to_others=draw(st.none() | st.sampled_from(RiskToOthers)),
        acceptable_site_genders=draw(genders),
        preferred_regions=draw(regions),
        excluded_areas=draw(regions),
        nrm_status=draw(st.sampled_from(["", "rg_positive"])),
    )


@st.composite
def _person(draw: st.DrawFn, name: str, referral_id: str, *, is_lead: bool) -> object:
    return a_person(
        name,
        referral_id,
        is_lead=is_lead,
        gender=draw(st.sampled_from(Gender)),
        age=draw(st.none() | st.integers(0, 120)),
        age_status=draw(st.none() | st.sampled_from(AgeStatus)),
        together_confirmed=draw(asked),
        due_on=draw(st.none() | days),
        languages=draw(languages),
    )


@st.composite
def _closure(draw: st.DrawFn, beds: list[str]) -> object:
    starts_on = draw(days)
    ends_on = draw(st.none() | lengths.map(lambda length: starts_on + length))
    return a_closure(draw(st.sampled_from(beds)), starts_on=starts_on, ends_on=ends_on)


@st.composite
def _decline(draw: st.DrawFn, households: list[str], sites: list[str]) -> object:
    return a_decline(
        draw(st.sampled_from(households)),
        draw(st.sampled_from(sites)),
        declined_by=draw(st.sampled_from(DeclinedBy)),
        declined_on=draw(days),
        until=draw(st.none() | days),
    )


@st.composite
def _placements(draw: st.DrawFn, beds: list[str], households: list[str]) -> list[object]:
    found: list[object] = []
    for bed in beds:
        start = draw(days)
        for number in range(draw(st.integers(0, 3))):
            end = start + draw(lengths)
            ended_on = draw(st.none() | st.sampled_from([start, end]))
            found.append(
                a_placement(
                    draw(st.sampled_from(households)),
                    bed,
                    placement_id=f"PL-{bed}-{number}",
                    starts_on=start,
                    expected_end_on=end,
                    ended_on=ended_on,
                )
            )
            start = end
    return found
