"""Transactions: a reader sees one moment and waits for nobody; a writer is alone, and waits its turn.

Every change adds to the audit's chain, so any two writers conflict: to let them run at once on PostgreSQL
would only make one of them fail. They take turns instead, before their transaction begins.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from secrets import SystemRandom
from typing import Final, TypeVar

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from beds.audit_anchor import anchor_of, head_to_anchor
from beds.database_faults import refusals_in_words
from beds.errors import Busy
from beds.turns import Turns

logger = logging.getLogger(__name__)

WRITER: Final = "beds_writer"
TURNS: Final = "beds_turns"
BUSY_TIMEOUT_S: Final = "beds_busy_timeout_s"
"""Names of what an engine's execution options hold for us."""
WRITERS_LOCK: Final = 0x62656473
"""The advisory lock of whoever changes a PostgreSQL database: "beds" in ASCII."""
SHORTEST_PAUSE_S: Final = 0.01

Result = TypeVar("Result")
_random = SystemRandom()


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """Give a session that sees one moment of the database, writes nothing and waits for no writer.

    Raises
    ------
    DatabaseUnavailable
        The database is busy, behind, damaged or cannot be reached.
    """
    if engine.dialect.name == "postgresql":
        engine = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    with refusals_in_words(), Session(engine) as session:
        yield session
        session.rollback()


@contextmanager
def writing(engine: Engine) -> Iterator[Session]:
    """Give a session whose changes are all kept at the end, or none of them.

    Raises
    ------
    BedJustTaken, RecordRefused
        A guard of the database refused a change.
    Busy
        Others were writing for longer than the busy timeout; nothing was changed.
    DatabaseUnavailable
        The database is behind, damaged, full, read-only or cannot be reached.
    """
    with refusals_in_words(), writers_turn(engine) as connection, anchored_session(connection) as session:
        yield session


@contextmanager
def anchored_session(connection: Connection) -> Iterator[Session]:
    """Give a session in a transaction of a writer's connection; the audit's head is anchored afterwards."""
    with Session(connection) as session:
        with session.begin():
            # The database's lock is taken before anything is read: what was read is so when it is written.
            session.connection()
            yield session
            session.flush()
            head = head_to_anchor(session)
        if head is not None:
            anchor_of(connection.dialect).advance(head)


def retrying(engine: Engine, work: Callable[[Session], Result], *, attempts: int = 5) -> Result:
    """Return what `work` returns in a transaction of its own; where others were in the way, try it again.

    `work` may run several times and must leave nothing outside its session. The pauses grow and are
    jittered, so that two who collided do not collide again. Who has waited for two busy timeouts is told.

    Raises
    ------
    Busy
        Others were in the way each time; nothing was changed.
    """
    patience_s = 2 * _busy_timeout_s(engine) + 1
    began = time.monotonic()
    for attempt in range(1, attempts + 1):
        try:
            with writing(engine) as session:
                return work(session)
        except Busy:
            if attempt == attempts or time.monotonic() - began > patience_s:
                raise
            logger.debug("busy at attempt %s of %s", attempt, attempts)
            time.sleep(SHORTEST_PAUSE_S * 2**attempt * _random.uniform(0.5, 1.5))
    raise Busy("attempts: 1 or more are accepted")


@contextmanager
def writers_turn(engine: Engine) -> Iterator[Connection]:
    """Give a writer's connection, not yet in a transaction, while nobody else writes.

    Within the process writers queue before they take a connection, so that readers always find one. On
    PostgreSQL those of other processes queue for a lock of the session: inside the transaction it would come
    after the transaction's view of the database was taken, and every waiting writer would then fail. (A pool
    in between that shares sessions, such as PgBouncer's transaction mode, will not do.)

    Raises
    ------
    Busy
        The turn did not come within the busy timeout.
    """
    turns: Turns = engine.get_execution_options()[TURNS]
    with turns.taken(_busy_timeout_s(engine)), engine.connect() as connection:
        if connection.dialect.name != "postgresql":
            yield connection.execution_options(**{WRITER: True})
            return
        _lock(connection)
        try:
            yield connection.execution_options(isolation_level="SERIALIZABLE")
        finally:
            _unlock(connection)


def _lock(connection: Connection) -> None:
    try:
        _at_once(connection, "SELECT pg_advisory_lock(:lock)")
    except BaseException as error:
        # Refused by the server in so many words, it was not given. Otherwise only the server knows: such a
        # session is not used again.
        if not isinstance(error, DBAPIError):
            connection.invalidate()
        raise


def _unlock(connection: Connection) -> None:
    """Let go of the lock, if need be by ending the session; what was committed stays committed."""
    if connection.invalidated:
        # The connection broke, and with its session the server let go of the lock.
        return
    try:
        connection.rollback()
        _at_once(connection, "SELECT pg_advisory_unlock(:lock)")
    except DBAPIError:
        logger.warning("the writers' lock could not be given back: its session was ended")
        if not connection.invalidated:
            connection.invalidate()
    except BaseException:
        connection.invalidate()
        raise


def _at_once(connection: Connection, statement: str) -> None:
    """Run a statement outside any transaction."""
    connection.execution_options(isolation_level="AUTOCOMMIT")
    connection.execute(text(statement), {"lock": WRITERS_LOCK})
    connection.commit()


def _busy_timeout_s(engine: Engine) -> float:
    return float(engine.get_execution_options()[BUSY_TIMEOUT_S])
