"""`kill -9` at any moment: what was acknowledged is there, and nothing is there by half."""

import random
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from sqlalchemy import Engine

from beds.database import connect, writing
from beds.errors import DatabaseUnavailable
from beds.roles import OPERATOR
from beds.services.backup import back_up, restore
from beds.settings import Settings
from beds.store import check_database
from tests.builders import NOON
from tests.integration.killed_process import change, restore_on, start, write_on, written


def patiently(work: Callable[[], None]) -> None:
    """Do something once the server has noticed that its client is gone."""
    until = time.monotonic() + 10
    while True:
        try:
            return work()
        except DatabaseUnavailable:
            if time.monotonic() > until:
                raise
            time.sleep(0.02)


def test_of_writers_killed_twenty_times_nothing_acknowledged_is_lost_and_nothing_is_half_written(
    settings: Settings,
) -> None:
    dice = random.Random(20_261_124)
    acknowledged: list[str] = []
    engine = connect(settings)

    for number in range(20):
        writer = start(write_on, settings, number)
        for _ in range(dice.randint(1, 60)):
            assert writer.hear()
        time.sleep(dice.uniform(0, 0.01))
        writer.kill()
        acknowledged += writer.acknowledged
        there, half = written(engine)
        assert (set(acknowledged) - there, half) == (set(), [])
        patiently(partial(once_more, engine, f"after-{number}"))

    assert len(acknowledged) > 300
    assert check_database(engine) == []
    engine.dispose()


def once_more(engine: Engine, name: str) -> None:
    """Write after a crash, as whoever comes next does."""
    with writing(engine) as session:
        change(session, name, 1)


def test_of_restores_killed_half_way_each_leaves_the_one_state_or_the_other(
    settings: Settings, tmp_path: Path
) -> None:
    dice = random.Random(20_261_125)
    settings = settings.model_copy(update={"read_log_file": tmp_path / "reads"})
    engine = connect(settings)
    with writing(engine) as session:
        change(session, "both", 500)
    back_up(engine, OPERATOR, tmp_path / "0.backup", at=NOON)
    with writing(engine) as session:
        change(session, "second", 500)
    back_up(engine, OPERATOR, tmp_path / "1.backup", at=NOON)

    for _ in range(5):
        restorer = start(restore_on, settings, 0)
        assert restorer.hear()
        time.sleep(dice.uniform(0, 0.6))
        restorer.kill()
        there, half = written(engine)
        assert half == []
        assert there in ({"both"}, {"both", "second"})

    done = restore(engine, OPERATOR, tmp_path / "0.backup", at=NOON, replace=True)
    assert done.faults == ()
    engine.dispose()
