"""What is read for a forecast is as much as matters: own records and the census are those of everything."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Engine

from beds.database import DatabaseKind, reading
from beds.disclosure import Origin
from beds.domain.census import census
from beds.domain.estate import Estate
from beds.domain.terms import SERVED_NATIONS, ReferralStatus
from beds.services.forecasts import known_records, recorded
from beds.services.own_history import own_history
from beds.store.loading import load_estate
from beds.synthesis import synthesise
from tests.builders import CLOCK, NOON, TODAY, a_person, a_placement, a_referral
from tests.integration.live import COMMISSIONER, ask
from tests.integration.recorded import bring_in


def with_years_before() -> Estate:
    """Return a synthetic estate with a stay that ended three years ago, and one refused a month ago."""
    estate = synthesise(12, 30, 5, as_at=NOON)
    bed = estate.beds[0].bed_id
    long_ago, lately = NOON - timedelta(days=1_200), NOON - timedelta(days=30)
    over = {"status": ReferralStatus.CLOSED}
    return estate.with_rows(
        referrals=(
            *estate.referrals,
            a_referral("LONG-AGO", received_at=long_ago, needed_from=long_ago.date(), **over),
            a_referral("REFUSED", received_at=lately, needed_from=lately.date(), **over),
        ),
        people=(*estate.people, a_person("P-LONG-AGO", "LONG-AGO"), a_person("P-REFUSED", "REFUSED")),
        placements=(
            *estate.placements,
            a_placement(
                "LONG-AGO",
                bed,
                placement_id="OLD",
                starts_on=TODAY - timedelta(days=1_200),
                expected_end_on=TODAY - timedelta(days=1_100),
                ended_on=TODAY - timedelta(days=1_100),
            ),
        ),
    )


def test_own_records_and_the_census_are_those_of_everything_on_record(sqlite_engine: Engine) -> None:
    bring_in(sqlite_engine, with_years_before())
    with reading(sqlite_engine) as session:
        everything, part = load_estate(session), recorded(session, CLOCK)

    assert "LONG-AGO" not in part.referral_by_id
    assert "REFUSED" in part.referral_by_id
    assert census(part, CLOCK) == census(everything, CLOCK)
    watched = TODAY - timedelta(days=400)
    whole, found = (own_history(one, CLOCK, watched_from=watched) for one in (everything, part))
    for nation in SERVED_NATIONS:
        assert found.nations[nation].weeks.tolist() == whole.nations[nation].weeks.tolist()
        assert len(found.nations[nation].stays) == len(whole.nations[nation].stays) > 0
        assert found.nations[nation].households == whole.nations[nation].households


def test_what_a_database_is_made_of_is_said(sqlite_engine: Engine) -> None:
    empty = ask(sqlite_engine, known_records, COMMISSIONER, clock=CLOCK, kind=DatabaseKind.LIVE)
    bring_in(sqlite_engine, with_years_before())
    live = ask(sqlite_engine, known_records, COMMISSIONER, clock=CLOCK, kind=DatabaseKind.LIVE)
    demo = ask(sqlite_engine, known_records, COMMISSIONER, clock=CLOCK, kind=DatabaseKind.DEMO)

    assert [known.origin for known in (empty, live, demo)] == [
        Origin.PUBLISHED,
        Origin.REAL_CASES,
        Origin.SYNTHETIC,
    ]
