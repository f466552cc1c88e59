"""What a serving process holds: the time in a demonstration, who is who, and a solver that runs no page."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType

import pytest
from sqlalchemy import Engine

from beds.database import DatabaseKind, connect, reading, upgrade, writing
from beds.domain.terms import Nation
from beds.errors import BadInput, NotSignedIn
from beds.roles import OPERATOR, Role
from beds.services.demo_clock import demo_clock, start_demo_clock
from beds.services.demo_evening import let_the_day_pass
from beds.services.desk import Desk, open_desk
from beds.services.identities import user_of_email
from beds.services.people import actor_of_user, add_user, own_view, revoke_user
from beds.services.solving import Solver
from beds.services.vacancies import call_list
from beds.settings import Settings
from beds.store.integrity import check_database
from tests.builders import CLOCK, NOON, a_small_estate
from tests.integration.conftest import settings_for
from tests.integration.live import ALL_NATIONS, ENGLISH, change, estate_now, stored, the_policy
from tests.integration.recorded import bring_in


@pytest.fixture
def demo(tmp_path: Path) -> Settings:
    """Give settings of an empty demonstration."""
    settings = settings_for(f"sqlite:///{tmp_path / 'demo.db'}", demo=True)
    engine = connect(settings, create=True)
    upgrade(engine, kind=DatabaseKind.DEMO)
    engine.dispose()
    return settings


def open_now(settings: Settings) -> Desk:
    """Return a desk that is closed again at once: what it knows of the database stays."""
    desk = open_desk(settings)
    desk.close()
    return desk


def test_a_demonstration_begins_at_the_instant_of_its_data_and_ticks(demo: Settings) -> None:
    engine = connect(demo)
    with writing(engine) as session:
        start_demo_clock(session, NOON, made_at=datetime.now(UTC) - timedelta(hours=3))
    engine.dispose()

    desk = open_now(demo)

    assert desk.is_demonstration
    assert timedelta(0) <= desk.now() - (NOON + timedelta(hours=3)) < timedelta(minutes=1)


def test_the_clock_of_a_demonstration_is_started_once(demo: Settings) -> None:
    engine = connect(demo)
    with writing(engine) as session:
        first = start_demo_clock(session, NOON, made_at=NOON)
        again = start_demo_clock(session, NOON, made_at=NOON + timedelta(days=9))
    with reading(engine) as session:
        assert demo_clock(session) == first == again
    engine.dispose()


def test_a_clock_that_went_back_does_not_take_the_demonstration_along(demo: Settings) -> None:
    engine = connect(demo)
    with writing(engine) as session:
        clock = start_demo_clock(session, NOON, made_at=NOON)
    engine.dispose()

    assert clock.time_in_it(NOON - timedelta(days=1)) == NOON


def test_a_live_database_goes_by_the_time_that_it_is(
    sqlite_engine: Engine, sqlite_settings: Settings
) -> None:
    desk = open_now(sqlite_settings)

    assert not desk.is_demonstration
    assert abs(desk.now() - datetime.now(UTC)) < timedelta(minutes=1)


def test_a_day_leaves_the_database_sound_and_the_round_as_it_was(sqlite_engine: Engine) -> None:
    bring_in(sqlite_engine, a_small_estate())
    before = estate_now(sqlite_engine)

    with writing(sqlite_engine) as session:
        let_the_day_pass(session, NOON, policy=the_policy())

    assert estate_now(sqlite_engine) == before
    assert check_database(sqlite_engine) == []
    assert "020 7946 0" in stored(sqlite_engine, "provider", "contact", provider_id="P1")[0]


def test_a_person_is_known_by_reference_until_revoked(sqlite_engine: Engine) -> None:
    view, _ = change(
        sqlite_engine, add_user, OPERATOR, name="Maria", role=Role.COORDINATOR, days=1, nations=["Scotland"]
    )

    with reading(sqlite_engine) as session:
        actor = actor_of_user(session, view.user_id)
        own = own_view(session, actor)
    change(sqlite_engine, revoke_user, OPERATOR, view.user_id)

    assert actor.nations == {Nation.SCOTLAND}
    assert own is not None
    assert own.name == "Maria"
    with reading(sqlite_engine) as session, pytest.raises(NotSignedIn):
        actor_of_user(session, view.user_id)


def test_an_address_is_found_whatever_its_case_and_a_changed_file_is_read_again(tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("email,user_id\nMaria@Example.org,user-1\n", encoding="utf-8")
    settings = Settings(oidc_users_file=file)
    assert user_of_email(settings, "maria@example.ORG") == "user-1"
    assert user_of_email(settings, "eve@example.org") is None

    file.write_text("email,user_id\nmaria@example.org,user-22\n", encoding="utf-8")

    assert user_of_email(settings, "maria@example.org") == "user-22"
    assert user_of_email(Settings(), "maria@example.org") is None


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("mail,user\na,b\n", "columns email and user_id"),
        ("email,user_id\na@b.org,1\nA@b.org,2\n", "line 3: an address that is there once"),
        ("email,user_id\na@b.org,\n", "line 2"),
    ],
)
def test_a_file_of_addresses_that_cannot_be_meant_is_refused(tmp_path: Path, content: str, said: str) -> None:
    file = tmp_path / "people.csv"
    file.write_text(content, encoding="utf-8")

    with pytest.raises(BadInput, match=said):
        user_of_email(Settings(oidc_users_file=file), "a@b.org")
    with pytest.raises(BadInput, match="cannot be read"):
        user_of_email(Settings(oidc_users_file=tmp_path / "nowhere.csv"), "a@b.org")


def test_the_solver_s_process_runs_no_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Streamlit puts the page that it runs in place of the program; a spawned process would run it too."""
    page = tmp_path / "page.py"
    page.write_text(f"open({str(tmp_path / 'was run')!r}, 'w')", encoding="utf-8")
    program = ModuleType("__main__")
    program.__file__ = str(page)
    monkeypatch.setitem(sys.modules, "__main__", program)
    solver = Solver()

    run = solver.round_on(a_small_estate(), CLOCK, the_policy(), None)
    solver.stop()

    assert run.result["status"] == "optimal"
    assert sys.modules["__main__"] is program
    assert not (tmp_path / "was run").exists()


def test_whom_to_phone_is_asked_of_the_rules_for_those_sites_alone(sqlite_engine: Engine) -> None:
    from beds.services.freezing import Ground

    bring_in(sqlite_engine, a_small_estate())
    ground = Ground.of(estate_now(sqlite_engine), CLOCK)

    with reading(sqlite_engine) as session:
        calls = {
            actor.user_id: call_list(session, actor, ground, policy=the_policy())
            for actor in (ENGLISH, ALL_NATIONS)
        }

    assert [call.could_use["standard"] for found in calls.values() for call in found] == [1, 1]
