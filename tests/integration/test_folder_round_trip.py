"""A property: any estate that the importer accepts is written and read back the same."""

from __future__ import annotations

import tempfile
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from beds.domain.accommodation import Bed, Closure, Site, Unit
from beds.domain.estate import Estate
from beds.domain.referral import Decline, Hold, KeepApart, Person, Placement, Referral
from beds.domain.terms import (
    FOLDER_STATUSES,
    REGIONS,
    AgeStatus,
    BedKind,
    DeclinedBy,
    Gender,
    Nation,
    Priority,
    RiskToOthers,
    Sharing,
    SiteType,
)
from beds.folder import write_folder
from beds.importing import read_folder

TEXT = st.characters(
    exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp", "Cf", "Co", "Cn"], exclude_characters=";"
)
IDS = st.text(TEXT, min_size=1, max_size=12).filter(
    lambda text: text[0] not in "=+-@" and "\ufffd" not in text
)
NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=40).map(
    lambda text: " ".join(text.split()).lstrip("= ")
)
WORDS = st.from_regex(r"[a-z0-9]{1,6}(_[a-z0-9]{1,6})?", fullmatch=True)
WORD_SETS = st.frozensets(WORDS, max_size=3)
LANGUAGES = st.frozensets(st.from_regex(r"[a-z]{2,3}", fullmatch=True), max_size=3)
AREAS = st.from_regex(r"[ENSW][0-9]{8}", fullmatch=True)
DAYS = st.dates(date(1950, 1, 1), date(2900, 1, 1))
NIGHTS = st.integers(1, 400).map(lambda nights: timedelta(days=nights))
INSTANTS = st.datetimes(
    datetime(1950, 1, 1),  # noqa: DTZ001
    datetime(2900, 1, 1),  # noqa: DTZ001
    timezones=st.sampled_from(
        [UTC, timezone(timedelta(hours=1)), timezone(timedelta(hours=-5, minutes=-30))]
    ),
)
THREE_WAYS = st.none() | st.booleans()
GENDERS = st.frozensets(st.sampled_from(Gender))


@st.composite
def _sites(draw: st.DrawFn, site_id: str) -> Site:
    nation = draw(st.sampled_from([Nation.ENGLAND, Nation.SCOTLAND]))
    opens_on = draw(st.none() | DAYS)
    return Site(
        site_id=site_id,
        provider_id=draw(IDS),
        nation=nation,
        region=draw(st.sampled_from([code for code in REGIONS if code[0] == nation[0]])),
        site_type=draw(st.sampled_from(SiteType)),
        admits=draw(st.frozensets(st.sampled_from(Gender), min_size=1)),
        accepts_children=draw(st.booleans()),
        security_level=draw(st.integers(1, 3)),
        name=draw(NAMES),
        local_authority=draw(st.just("") | AREAS),
        max_age_girls=draw(st.integers(0, 17)),
        max_age_boys=draw(st.integers(0, 17)),
        staff_languages=draw(LANGUAGES),
        services=draw(WORD_SETS),
        opens_on=opens_on,
        closes_on=(opens_on or date(2000, 1, 1)) + draw(NIGHTS) if draw(st.booleans()) else None,
        max_stay_nights=draw(st.none() | st.integers(1, 36_500)),
        cost_per_bed_night=draw(st.none() | st.decimals(0, 10_000, places=2)),
    )


@st.composite
def _referrals(draw: st.DrawFn, referral_id: str) -> Referral:
    return Referral(
        referral_id=referral_id,
        received_at=draw(INSTANTS),
        needed_from=draw(DAYS),
        priority=draw(st.sampled_from(Priority)),
        nation=draw(st.sampled_from(Nation)),
        status=draw(st.sampled_from(FOLDER_STATUSES)),
        survivor_ref=draw(st.just("") | st.just(f"V-{referral_id}"[:64])),
        no_shelter_tonight=draw(THREE_WAYS),
        detention_risk=draw(THREE_WAYS),
        expected_stay_days=draw(st.none() | st.integers(1, 36_500)),
        min_security_level=draw(st.none() | st.integers(1, 3)),
        services_required=draw(WORD_SETS),
        needs_step_free=draw(THREE_WAYS),
        language_required=draw(THREE_WAYS),
        cross_border=draw(THREE_WAYS),
        accepts_sharing=draw(THREE_WAYS),
        risk_to_others=draw(st.none() | st.sampled_from(RiskToOthers)),
        acceptable_site_genders=draw(GENDERS),
        preferred_regions=draw(st.frozensets(st.sampled_from(list(REGIONS)))),
        excluded_areas=draw(st.frozensets(AREAS, max_size=3)),
        first_responder=draw(st.just("") | WORDS),
        exploitation_type=draw(st.just("") | WORDS),
        nrm_status=draw(st.just("") | WORDS),
    )


@st.composite
def _people(draw: st.DrawFn, person_id: str, referral_id: str, is_lead: bool) -> Person:
    return Person(
        person_id=person_id,
        referral_id=referral_id,
        is_lead=is_lead,
        gender=draw(st.sampled_from(Gender)),
        age=draw(st.none() | st.integers(0, 120)),
        age_status=draw(st.none() | st.sampled_from(AgeStatus)),
        together_confirmed=draw(THREE_WAYS),
        due_on=draw(st.none() | DAYS),
        languages=draw(LANGUAGES),
    )


@st.composite
def estates(draw: st.DrawFn) -> Estate:
    """Draw an estate that the importer accepts: three households, up to three sites, everything on record."""
    sites = [draw(_sites(key)) for key in draw(st.lists(IDS, min_size=1, max_size=3, unique=True))]
    units = [
        Unit(f"U{n}", site.site_id, draw(st.sampled_from(Sharing)), n % 2 == 0)
        for n, site in enumerate(sites)
    ]
    beds = [Bed(f"B{n}", unit.unit_id, draw(st.sampled_from(BedKind))) for n, unit in enumerate(units)]
    referrals = [draw(_referrals(key)) for key in draw(st.lists(IDS, min_size=3, max_size=3, unique=True))]
    first, second, third = (referral.referral_id for referral in referrals)
    leads = [draw(_people(f"A{n}", key, is_lead=True)) for n, key in enumerate((first, second, third))]
    starts_on = draw(DAYS)
    return Estate(
        sites=tuple(sites),
        units=tuple(units),
        beds=tuple(beds),
        referrals=tuple(referrals),
        people=(*leads, draw(_people("C1", first, is_lead=False))),
        closures=(
            Closure(
                beds[0].bed_id, starts_on, draw(st.none() | NIGHTS.map(lambda n: starts_on + n)), draw(WORDS)
            ),
        ),
        keep_apart=(KeepApart(*sorted((first, second))),),
        holds=(Hold("H1", second, beds[0].bed_id, starts_on, starts_on + draw(NIGHTS), draw(INSTANTS)),),
        declines=(
            Decline(
                first,
                sites[0].site_id,
                draw(st.sampled_from(DeclinedBy)),
                starts_on,
                "",
                draw(st.none() | DAYS),
            ),
        ),
        placements=(
            Placement(
                "PL1",
                third,
                beds[-1].bed_id,
                starts_on,
                starts_on + draw(NIGHTS),
                draw(st.none() | st.integers(0, 99).map(lambda days: starts_on + timedelta(days=days))),
            ),
        ),
    )


@given(estates())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_what_is_written_is_read_back_the_same(estate: Estate) -> None:
    with tempfile.TemporaryDirectory() as folder:
        write_folder(estate, Path(folder))

        assert read_folder(Path(folder)) == estate
