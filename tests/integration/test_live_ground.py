"""The live estate in memory: after any changes its answers are, to the byte, those of one read afresh."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from random import Random
from threading import Thread

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlmodel import Session

from beds.audit import record
from beds.database import connect, upgrade
from beds.domain.availability import Standing
from beds.domain.clock import Clock
from beds.domain.estate import Estate
from beds.domain.points import MismatchPoints
from beds.domain.terms import ReferralStatus
from beds.roles import OPERATOR
from beds.services.freezing import Ground
from beds.services.live_ground import LiveGround
from beds.services.options import candidates, options
from beds.services.rounds import as_json
from beds.services.vacancies import count_vacancies
from beds.store import import_estate, load_estate
from beds.store.changes import LEAVES_THE_ESTATE, newest_mark
from beds.transactions import reading, writing
from tests.builders import (
    CLOCK,
    NOON,
    TODAY,
    a_decline,
    a_hold,
    a_person,
    a_referral,
    a_site,
    a_small_estate,
    a_unit,
)
from tests.integration.changed_estates import TABLES, change_at_random
from tests.integration.conftest import settings_for
from tests.integration.live import the_policy
from tests.integration.recorded import bring_in
from tests.oracles import PERIODS
from tests.strategies import random_estate

POINTS = MismatchPoints()


def answers(ground: Ground) -> dict[str, str]:
    """Return every answer that there is, as text."""
    estate = ground.estate
    told = {r.referral_id: _options(ground, r.referral_id) for r in estate.referrals}
    return told | {
        u.unit_id: as_json(candidates(ground, u.unit_id, periods=PERIODS, points=POINTS))
        for u in estate.units
    }


def _options(ground: Ground, referral_id: str) -> str:
    try:
        return as_json(options(ground, referral_id, periods=PERIODS, points=POINTS))
    except (KeyError, StopIteration) as nobody:
        # A household of an earlier case, of which nobody is left.
        return type(nobody).__name__


def standing_stays(stands: Standing) -> tuple[object, ...]:
    """Return what stands, in plain values; the columns of words are another matter."""
    units = stands.units
    arrays = (units.free_nights, units.first_stay, units.first_stay_of)
    stays = (stands.stays_in_unit, stands.stays_of, stands.closed, stands.genders_of)
    return (*stays, *(np.asarray(array).tolist() for array in arrays))


def require_as_if_afresh(live: LiveGround, engine: Engine, clock: Clock, history: list[str]) -> None:
    """Compare the live ground with one made of the whole database."""
    with reading(engine) as session:
        found = live.ground(session, clock)
        afresh = Ground.of(load_estate(session, current_only_from=clock.today), clock)
        vacant = [
            count_vacancies(session, OPERATOR, clock=clock, policy=the_policy(), ground=ground)
            for ground in (found, None)
        ]
    assert vacant[0] == vacant[1], history
    assert found.estate == afresh.estate, history
    assert standing_stays(found.standing) == standing_stays(afresh.standing), history
    assert answers(found) == answers(afresh), history


def live_through_changes(engine: Engine, seed: int, *, steps: int) -> None:
    """Make changes at random, time passing, and compare after each few."""
    rng, at = Random(seed), NOON
    bring_in(engine, random_estate(rng, households=4, units=4))
    live, history = LiveGround(), [f"seed {seed}"]
    require_as_if_afresh(live, engine, Clock(at), history)
    for step in range(steps):
        for number in range(rng.randint(1, 3)):
            history.append(change_at_random(engine, rng, at, 10 * step + number))
        at += timedelta(minutes=rng.choice([0, 0, 1, 20, 60, 60 * 24, -30]))
        history.append(f"{at}")
        require_as_if_afresh(live, engine, Clock(at), history)


@given(seed=st.integers(0, 2**32 - 1))
@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_after_any_changes_the_answers_are_those_of_an_estate_read_afresh(
    seed: int, upgraded_sqlite: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.mktemp("live") / "beds.db"
    shutil.copyfile(upgraded_sqlite, file)
    engine = connect(settings_for(f"sqlite:///{file}"))

    try:
        live_through_changes(engine, seed, steps=8)
    finally:
        engine.dispose()


@pytest.mark.parametrize("seed", [1, 2])
def test_a_long_history_leaves_nothing_behind(engine: Engine, seed: int) -> None:
    live_through_changes(engine, seed, steps=25)


def test_a_case_found_to_be_another_survivors_leaves_the_others_facts_behind(engine: Engine) -> None:
    earlier = a_referral("E1", survivor_ref="V1", status=ReferralStatus.CLOSED)
    referrals = (a_referral("R1", survivor_ref="V1"), earlier, a_referral("R2", survivor_ref="V2"))
    people = (a_person("A1", "R1"), a_person("A2", "E1"), a_person("A3", "R2"))
    live = live_on(
        engine, a_small_estate(referrals=referrals, people=people, declines=(a_decline("E1", "S1"),))
    )

    with writing(engine) as session:
        table = TABLES["referral"]
        values = {"survivor_id": "referral:R1"}
        session.execute(TABLES["survivor"].insert().values(survivor_id="referral:R1"))
        session.execute(table.update().where(table.c.referral_id == "R1").values(values))
        note(session, referral_id="R1")

    require_as_if_afresh(live, engine, CLOCK, [])
    assert "E1" not in ground_of(live, engine).estate.referral_by_id


def test_a_hold_counts_until_it_runs_out_and_again_should_the_clock_go_back(engine: Engine) -> None:
    estate = a_small_estate(
        referrals=(a_referral(), a_referral("R2", status=ReferralStatus.HELD)),
        people=(a_person(), a_person("A2", "R2")),
        holds=(a_hold("R2", "B1"),),
    )
    live = live_on(engine, estate)
    an_hour_to_go, run_out = Clock(NOON + timedelta(hours=1)), Clock(NOON + timedelta(hours=2))

    rooms = [
        options_in(ground_of(live, engine, clock))
        for clock in (an_hour_to_go, run_out, an_hour_to_go, run_out)
    ]

    assert rooms == [0, 1, 0, 1]


def test_what_somebody_is_still_reading_does_not_change_under_her(engine: Engine) -> None:
    live = live_on(engine, a_small_estate())
    before = ground_of(live, engine)
    told = answers(before)

    close_the_bed(engine)
    after = ground_of(live, engine)

    assert (options_in(before), options_in(after)) == (1, 0)
    assert answers(before) == told
    assert after.estate.sites is before.estate.sites


def test_who_began_before_the_last_change_gets_the_newer_estate(engine: Engine) -> None:
    live = live_on(engine, a_small_estate())

    with reading(engine) as early:
        assert newest_mark(early).sequence == 1
        close_the_bed(engine)
        newer = ground_of(live, engine)
        found = live.ground(early, CLOCK)

    assert found.standing is newer.standing
    assert options_in(found) == 0


def test_an_older_backup_put_back_is_read_afresh_whatever_was_in_memory(
    engine: Engine, connected: Callable[..., Engine], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    live = live_on(engine, a_small_estate())
    close_the_bed(engine)
    assert options_in(ground_of(live, engine)) == 0
    # Another database whose audit is as long, or shorter: what a restored one looks like.
    restored = connected(settings_for(f"sqlite:///{tmp_path / 'restored.db'}"), create=True)
    upgrade(restored)
    with writing(restored) as session:
        another = a_small_estate(sites=(a_site("S7"),), units=(a_unit("U1", "S7"),))
        import_estate(session, another, actor="somebody else", at=NOON)

    monkeypatch.setattr("beds.services.live_ground.TRUSTED_FOR", 0.0)
    shorter = ground_of(live, restored)
    require_as_if_afresh(live, engine, CLOCK, [])
    with writing(restored) as session:
        note(session, site_id="S7")
    as_long = ground_of(live, restored)

    assert [site.site_id for site in shorter.estate.sites] == ["S7"]
    assert [site.site_id for site in as_long.estate.sites] == ["S7"]


def test_a_writer_is_refused_because_what_it_sees_may_be_undone(engine: Engine) -> None:
    live = live_on(engine, a_small_estate())

    with pytest.raises(ValueError, match="reading session"), writing(engine) as session:
        live.ground(session, CLOCK)


def test_many_may_ask_at_once_while_others_change_things(engine: Engine) -> None:
    bring_in(engine, random_estate(Random(5), households=4, units=4))
    live, failures = LiveGround(), list[BaseException]()

    def ask() -> None:
        try:
            for _ in range(15):
                answers(ground_of(live, engine))
        except BaseException as failure:  # noqa: BLE001 the thread that asks would swallow it
            failures.append(failure)

    threads = [Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for number in range(15):
        change_at_random(engine, Random(number), NOON, number)
    for thread in threads:
        thread.join()

    assert failures == []
    require_as_if_afresh(live, engine, CLOCK, [])


def live_on(engine: Engine, estate: Estate) -> LiveGround:
    """Return a live ground that has read an estate."""
    bring_in(engine, estate)
    live = LiveGround()
    ground_of(live, engine)
    return live


def ground_of(live: LiveGround, engine: Engine, clock: Clock = CLOCK) -> Ground:
    """Return the live ground as a reader finds it."""
    with reading(engine) as session:
        return live.ground(session, clock)


def options_in(ground: Ground) -> int:
    """Return how many units R1 could have."""
    return options(ground, "R1", periods=PERIODS, points=POINTS)["options_in_all"]


def note(session: Session, *, referral_id: str | None = None, site_id: str | None = None) -> None:
    """Write the event of a change."""
    record(session, "test", "changed", "it", {}, at=NOON, referral_id=referral_id, site_id=site_id)


def close_the_bed(engine: Engine) -> None:
    """Close B1, with its event."""
    with writing(engine) as session:
        closed = {"closure_id": "C1", "bed_id": "B1", "starts_on": TODAY, "ends_on": None, "reason": ""}
        session.execute(TABLES["closure"].insert().values(closed))
        note(session, site_id="S1")


@pytest.mark.parametrize("action", sorted(LEAVES_THE_ESTATE))
def test_what_changes_nothing_of_the_estate_does_not_have_it_read_again(
    sqlite_engine: Engine, action: str
) -> None:
    live = live_on(sqlite_engine, a_small_estate())
    before = ground_of(live, sqlite_engine).estate

    with writing(sqlite_engine) as session:
        record(session, "test", action, "it", {}, at=NOON)

    assert ground_of(live, sqlite_engine).estate is before
