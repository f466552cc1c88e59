"""What the tests of the store share: an estate with everything in it, and ways in and out of a database."""

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

from sqlalchemy import Engine, text

from beds.database import METADATA, reading, writing
from beds.domain.estate import Estate
from beds.domain.terms import AgeStatus, BedKind, DeclinedBy, Gender, Nation, ReferralStatus, Sharing
from beds.store import ImportReport, import_estate, load_estate
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

PLACED = ReferralStatus.PLACED
CLOSED = ReferralStatus.CLOSED

NEEDS = (
    "no_shelter_tonight",
    "detention_risk",
    "expected_stay_days",
    "min_security_level",
    "needs_step_free",
    "language_required",
    "cross_border",
    "accepts_sharing",
    "risk_to_others",
)


def a_full_estate() -> Estate:
    """Return an estate with something in every column of every table."""
    return Estate(
        sites=(
            a_site(
                name="Höfð Haus 🏠",
                local_authority="E09000033",
                admits=frozenset({Gender.FEMALE, Gender.NON_BINARY}),
                max_age_girls=12,
                max_age_boys=11,
                staff_languages=frozenset({"sq", "vi"}),
                services=frozenset({"counselling", "nursery"}),
                opens_on=date(2020, 1, 1),
                closes_on=date(2030, 1, 1),
                max_stay_nights=28,
                cost_per_bed_night=Decimal("85.505"),
            ),
            a_site("S2", provider_id="P2", nation=Nation.SCOTLAND, region="S92000003"),
        ),
        units=(a_unit(), a_unit("U2", "S2", sharing=Sharing.SHARED, step_free=False)),
        beds=(a_bed(), a_bed("B2", "U2"), a_bed("B3", "U2", BedKind.COT)),
        closures=(
            a_closure("B3"),
            a_closure("B3"),
            a_closure("B2", ends_on=date(2026, 4, 1), reason="works"),
        ),
        referrals=(
            a_referral(
                received_at=datetime(2026, 3, 1, 0, 30, 15, 250, tzinfo=timezone(timedelta(hours=1))),
                survivor_ref="V1",
                services_required=frozenset({"counselling"}),
                acceptable_site_genders=frozenset({Gender.FEMALE}),
                preferred_regions=frozenset({"E12000007", "E12000008"}),
                excluded_areas=frozenset({"E12000001", "E09000001"}),
                first_responder="police",
                exploitation_type="sexual",
                nrm_status="rg_positive",
            ),
            a_referral("R2", status=PLACED, survivor_ref="V2"),
            a_referral("R3", status=CLOSED, survivor_ref="V1", excluded_areas=frozenset({"E12000002"})),
            a_referral("R4", status=ReferralStatus.HELD, **dict.fromkeys(NEEDS)),
        ),
        people=(
            a_person(age_status=AgeStatus.KNOWN, due_on=date(2026, 6, 1), together_confirmed=True),
            a_person("A2", is_lead=False, gender=Gender.MALE, age=None, languages=frozenset()),
            a_person("A3", "R2"),
            a_person("A4", "R3", age_status=AgeStatus.DISPUTED),
            a_person("A5", "R4", together_confirmed=False),
        ),
        keep_apart=(a_keep_apart("R1", "R2"), a_keep_apart("R4", "R3")),
        declines=(
            a_decline(),
            a_decline("R3", "S2", declined_by=DeclinedBy.PROVIDER, reason="too_far", until=date(2026, 5, 1)),
        ),
        holds=(a_hold("R4", "B2", hold_id="H1"), a_hold("R4", "B3", hold_id="H1")),
        placements=(
            a_placement(ended_on=date(2026, 2, 20)),
            a_placement("R3", "B2", placement_id="PL3", expected_end_on=date(2027, 2, 1)),
            a_placement("R3", "B3", placement_id="PL3", expected_end_on=date(2027, 2, 1)),
        ),
    )


def bring_in(engine: Engine, estate: Estate, *, dry_run: bool = False) -> ImportReport:
    """Import an estate in a transaction of its own."""
    with writing(engine) as session:
        return import_estate(session, estate, actor="test", at=NOON, dry_run=dry_run)


def read_back(engine: Engine) -> Estate:
    """Read the estate in a transaction of its own."""
    with reading(engine) as session:
        return load_estate(session)


def execute(engine: Engine, statement: str) -> None:
    """Change a record as the service would, between two imports."""
    with writing(engine) as session:
        session.execute(text(statement))


def contents(engine: Engine) -> dict[str, list[tuple[object, ...]]]:
    """Return every row of every table, as stored."""
    with reading(engine) as session:
        return {
            name: sorted(
                (tuple(map(str, row)) for row in session.execute(text(f"SELECT * FROM {name}"))),
            )
            for name in METADATA.tables
        }
