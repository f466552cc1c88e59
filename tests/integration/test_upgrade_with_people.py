"""An upgrade of a database that people are in: nothing of theirs is lost, and what was guarded still is."""

from collections.abc import Callable

import pytest
from sqlalchemy import Engine, text

from beds.database import DatabaseKind, upgrade, writing
from beds.errors import BedJustTaken
from tests.integration.conftest import settings_for
from tests.integration.test_database import upgrade_to

Connected = Callable[..., Engine]

BEFORE = (
    "INSERT INTO provider (provider_id) VALUES ('P1')",
    "INSERT INTO site (site_id, provider_id, name, nation, region, local_authority, site_type, admits,"
    " accepts_children, security_level, max_age_girls, max_age_boys, staff_languages, services) VALUES"
    " ('S1', 'P1', 'x', 'England', 'E12000007', '', 'safe_house', 'female', FALSE, 2, 17, 17, '', '')",
    "INSERT INTO unit (unit_id, site_id, sharing, step_free) VALUES ('U1', 'S1', 'household', FALSE)",
    "INSERT INTO bed (bed_id, unit_id, kind) VALUES ('B1', 'U1', 'single'), ('B2', 'U1', 'single')",
    "INSERT INTO survivor (survivor_id) VALUES ('V1')",
    "INSERT INTO referral (referral_id, survivor_id, received_at, needed_from, priority, nation, status,"
    " services_required, acceptable_site_genders, preferred_regions, first_responder, exploitation_type,"
    " nrm_status) VALUES ('R1', 'V1', '2026-03-01 12:00:00', '2026-03-01', 'urgent', 'England', 'waiting',"
    " '', '', '', '', '', '')",
    "INSERT INTO decline (decline_id, survivor_id, referral_id, site_id, declined_by, declined_on, reason)"
    " VALUES ('D1', 'V1', 'R1', 'S1', 'survivor', '2026-03-01', 'too_near')",
    "INSERT INTO exclusion_area (survivor_id, referral_id, area) VALUES ('V1', 'R1', 'E12000001')",
    "INSERT INTO hold (hold_id, referral_id) VALUES ('H1', 'R1'), ('H2', 'R1')",
    "INSERT INTO hold_bed (hold_bed_id, hold_id, bed_id, starts_on, expected_end_on, expires_at) VALUES"
    " ('HB1', 'H1', 'B1', '2026-03-01', '2026-04-01', '2026-03-01 14:00:00'),"
    " ('HB2', 'H2', 'B2', '2026-03-01', '2026-04-01', '2999-03-01 14:00:00')",
    "INSERT INTO placement (placement_id, referral_id) VALUES ('PL1', 'R1')",
)


@pytest.fixture(params=["sqlite", "postgresql"])
def at_0004(request: pytest.FixtureRequest, connected: Connected, tmp_path) -> Engine:
    """Give a database of the revision before the live service, with people in it."""
    if request.param == "sqlite":
        engine = connected(settings_for(f"sqlite:///{tmp_path / 'beds.db'}"), create=True)
    else:
        engine = connected(settings_for(request.getfixturevalue("new_postgres")))
    with engine.begin() as connection:
        upgrade_to(connection, "0004")
        connection.execute(text("INSERT INTO database_mark (name, value) VALUES ('kind', 'live')"))
        for statement in BEFORE:
            connection.execute(text(statement))
    return engine


def counts(engine: Engine) -> dict[str, int]:
    """Return how many rows each table has that had any before."""
    tables = ("referral", "decline", "exclusion_area", "hold", "hold_bed", "placement", "bed")
    with engine.connect() as connection:
        return {
            table: connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() for table in tables
        }


def test_nobody_is_lost_and_no_fact_of_theirs(at_0004: Engine) -> None:
    before = counts(at_0004)

    upgrade(at_0004, kind=DatabaseKind.LIVE)

    assert counts(at_0004) == before
    with at_0004.connect() as connection:
        came_with = connection.execute(
            text("SELECT d.referral_id, e.referral_id FROM decline d, exclusion_area e")
        ).one()
        kept = connection.execute(text("SELECT status, version, restricted FROM referral")).one()
    assert tuple(came_with) == ("R1", "R1")
    assert tuple(kept) == ("waiting", 1, False)


def test_what_was_held_and_has_run_out_does_not_stand_in_the_way(at_0004: Engine) -> None:
    stay = (
        "INSERT INTO placement_bed (placement_bed_id, placement_id, bed_id, starts_on, expected_end_on)"
        " VALUES ('PB', 'PL1', '{bed}', '2026-03-02', '2026-03-09')"
    )
    upgrade(at_0004)

    with at_0004.begin() as connection:
        connection.execute(text(stay.format(bed="B1")))

    with pytest.raises(BedJustTaken), writing(at_0004) as session:
        session.execute(text(stay.format(bed="B2").replace("'PB'", "'PB2'")))


def test_references_are_checked_again_after_the_upgrade(at_0004: Engine) -> None:
    upgrade(at_0004)

    with at_0004.connect() as connection:
        if connection.dialect.name == "sqlite":
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
        with pytest.raises(Exception, match=r"(?i)foreign key"):
            connection.execute(text("DELETE FROM survivor"))
