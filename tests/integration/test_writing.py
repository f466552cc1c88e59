"""Writers take turns in the order in which they came; nobody's change is lost and nobody meets an error."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session

from beds.audit import record
from beds.database import METADATA, reading, retrying, writing
from beds.errors import Busy, DatabaseUnavailable
from beds.settings import Settings
from beds.store import check_database
from beds.transactions import BUSY_TIMEOUT_S
from beds.turns import Turns
from tests.builders import NOON

EVENTS = METADATA.tables["audit_event"]
Connected = Callable[..., Engine]


@pytest.fixture
def patient(settings: Settings, connected: Connected) -> Engine:
    """Give an engine on a fresh database whose writers wait for one another."""
    return connected(settings.model_copy(update={"busy_timeout_s": 20}))


def add(session: Session, subject: str) -> None:
    """Add an event, as every change does."""
    record(session, "someone", "hold_placed", subject, {}, at=NOON)


def subjects(engine: Engine) -> list[str]:
    """Return what events are about, in their order."""
    with reading(engine) as session:
        query = EVENTS.select().with_only_columns(EVENTS.c.subject).order_by(EVENTS.c.sequence)
        return list(session.scalars(query))


def test_of_fifty_threads_that_write_at_once_every_change_is_kept(patient: Engine) -> None:
    def work(thread: int) -> None:
        for number in range(6):
            retrying(patient, partial(add, subject=f"{thread}-{number}"))

    with ThreadPoolExecutor(50) as pool:
        list(pool.map(work, range(50)))

    expected = sorted(f"{thread}-{number}" for thread in range(50) for number in range(6))
    assert sorted(subjects(patient)) == expected
    assert check_database(patient) == []


def test_engines_of_one_process_on_one_database_take_turns(settings: Settings, connected: Connected) -> None:
    waits = settings.model_copy(update={"busy_timeout_s": 20})
    engines = [connected(waits), connected(waits)]

    with ThreadPoolExecutor(10) as pool:
        list(pool.map(lambda n: retrying(engines[n % 2], lambda s: add(s, str(n)), attempts=1), range(60)))

    assert sorted(map(int, subjects(engines[0]))) == list(range(60))


def test_readers_do_not_wait_for_a_writer(patient: Engine) -> None:
    with writing(patient) as session:
        add(session, "first")
        began = time.monotonic()
        with ThreadPoolExecutor(40) as pool:
            seen = list(pool.map(lambda _: subjects(patient), range(40)))
        took_s = time.monotonic() - began

    assert seen == [[]] * 40
    assert took_s < 10


def test_a_turn_goes_to_whoever_came_first() -> None:
    turns = Turns()
    order: list[int] = []
    arrived = threading.Semaphore(0)

    def wait(name: int) -> None:
        arrived.release()
        with turns.taken(20):
            order.append(name)

    threads = [threading.Thread(target=wait, args=(name,)) for name in range(8)]
    with turns.taken(0):
        for name, thread in enumerate(threads):
            thread.start()
            arrived.acquire()
            while turns.waiting <= name:
                time.sleep(0.001)
    for thread in threads:
        thread.join(20)

    assert order == list(range(8))


def test_whoever_waits_too_long_for_a_turn_is_told(patient: Engine) -> None:
    hurried = patient.execution_options(**{BUSY_TIMEOUT_S: 0})

    with writing(patient), pytest.raises(Busy, match="try again"), writing(hurried):
        pass

    with writing(hurried) as session:
        add(session, "later")
    assert subjects(patient) == ["later"]


def test_a_turn_given_up_does_not_stop_the_others() -> None:
    turns = Turns()

    with turns.taken(0):
        for _ in range(3):
            with pytest.raises(Busy), turns.taken(0.01):
                pass

    with turns.taken(0):
        pass


def holder(settings: Settings, seconds: float) -> subprocess.Popen[str]:
    """Start another process that writes for so long, and wait until it does."""
    program = (
        "import sys, time\n"
        "from beds.database import connect, writing\n"
        "from beds.settings import load_settings\n"
        "engine = connect(load_settings())\n"
        "with writing(engine) as session:\n"
        "    sys.stdout.write('writing\\n'); sys.stdout.flush()\n"
        "    time.sleep(float(sys.argv[1]))\n"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", program, str(seconds)],
        env=environment(settings),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert other.stdout is not None
    assert other.stdout.readline() == "writing\n"
    return other


def environment(settings: Settings) -> dict[str, str]:
    """Return the environment of another process on the same database."""
    assert settings.encryption_key is not None
    assert settings.audit_key is not None
    files = {
        f"BEDS_{name.upper()}": str(getattr(settings, name))
        for name in ("audit_anchor_file", "read_log_file", "case_keys_file")
        if getattr(settings, name) is not None
    }
    return {
        **os.environ,
        **files,
        "BEDS_DATABASE_URL": settings.database_url,
        "BEDS_ENCRYPTION_KEY": settings.encryption_key.get_secret_value(),
        "BEDS_AUDIT_KEY": settings.audit_key.get_secret_value(),
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }


def test_a_database_that_another_process_writes_to_is_busy_and_then_is_not(
    settings: Settings, engine: Engine
) -> None:
    other = holder(settings, 30)

    with pytest.raises(Busy, match="somebody else is writing"), writing(engine):
        pass
    assert subjects(engine) == []
    other.send_signal(signal.SIGKILL)
    other.communicate()

    eventually(lambda: retrying(engine, lambda session: add(session, "after")))
    assert subjects(engine) == ["after"]


def eventually(work: Callable[[], None], within_s: float = 10) -> None:
    """Do something as soon as the database lets it be done."""
    until = time.monotonic() + within_s
    while True:
        try:
            return work()
        except DatabaseUnavailable:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)


def test_whoever_waits_outlasts_another_process(settings: Settings, patient: Engine) -> None:
    other = holder(settings, 0.5)

    retrying(patient, lambda session: add(session, "after"))

    other.communicate()
    assert subjects(patient) == ["after"]


def test_work_is_tried_again_while_the_database_is_busy_and_then_given_up(engine: Engine) -> None:
    tried = []

    def work(_: Session) -> int:
        tried.append(len(tried))
        if len(tried) < 3:
            raise Busy("somebody else is writing")
        return len(tried)

    assert retrying(engine, work) == 3
    tried.clear()
    with pytest.raises(Busy):
        retrying(engine, work, attempts=2)
    assert len(tried) == 2


def test_an_error_of_the_work_itself_is_not_tried_again(engine: Engine) -> None:
    tried = []

    def work(_: Session) -> None:
        tried.append(1)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        retrying(engine, work)

    assert tried == [1]


def test_a_second_event_of_the_same_number_reads_as_busy(engine: Engine) -> None:
    with writing(engine) as session:
        add(session, "first")

    def again(session: Session) -> None:
        row = session.execute(EVENTS.select()).mappings().one()
        session.execute(EVENTS.insert().values(**row))

    with pytest.raises(Busy), writing(engine) as session:
        again(session)


@pytest.mark.parametrize("settings", ["postgresql"], indirect=True)
def test_a_broken_connection_leaves_no_lock_and_no_poisoned_pool(engine: Engine) -> None:
    end_yourself = text("SELECT pg_terminate_backend(pg_backend_pid())")

    for _ in range(3):
        with pytest.raises(DatabaseUnavailable), writing(engine) as session:
            session.execute(end_yourself)

    with writing(engine) as session:
        add(session, "after")
    locks = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database ="
    locks += " (SELECT oid FROM pg_database WHERE datname = current_database())"
    with reading(engine) as session:
        assert session.execute(text(locks)).scalar_one() == 0
    assert subjects(engine) == ["after"]


def test_no_lock_outlasts_a_change_that_was_refused(engine: Engine) -> None:
    def refused() -> None:
        with writing(engine) as session:
            add(session, "refused")
            session.execute(text("SELECT no_such_column FROM site"))

    for _ in range(3):
        with pytest.raises(DatabaseUnavailable):
            refused()

    with writing(engine) as session:
        add(session, "after")
    assert subjects(engine) == ["after"]


def test_more_readers_than_connections_are_told_in_words(settings: Settings, connected: Connected) -> None:
    engine = connected(settings.model_copy(update={"busy_timeout_s": 1}))
    held = [engine.connect() for _ in range(50)]

    with pytest.raises(Busy, match="connections"), reading(engine) as session:
        session.execute(text("SELECT 1"))

    for connection in held:
        connection.close()
    assert subjects(engine) == []
