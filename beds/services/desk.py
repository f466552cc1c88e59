"""What one serving process holds of a database: engine, policy, compiled estate, log of reads, solvers.

It holds nothing of anybody who uses the service: who acts is said anew with every session that it gives.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

from beds.domain.clock import Clock
from beds.services.demo_clock import DemoClock, demo_clock
from beds.services.elsewhere import Forecaster
from beds.services.live_ground import LiveGround
from beds.services.policy import Policy, policy_of
from beds.services.solving import Solver

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from sqlmodel import Session

    from beds.read_log import ReadLog
    from beds.roles import Actor
    from beds.services.freezing import Ground
    from beds.settings import Settings

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Desk:
    """One process's hold on one database; any number of threads may use it at once.

    `demo_clock` is None on a live database, and on a demonstration whose clock was never started.
    """

    settings: Settings
    engine: Engine
    policy: Policy
    read_log: ReadLog
    is_demonstration: bool
    demo_clock: DemoClock | None = None
    live_ground: LiveGround = field(default_factory=LiveGround)
    solver: Solver = field(default_factory=Solver)
    forecaster: Forecaster = field(default_factory=Forecaster)

    def now(self) -> datetime:
        """Return the time by which the service goes: in a demonstration, the time in it."""
        now = datetime.now(UTC)
        return now if self.demo_clock is None else self.demo_clock.time_in_it(now)

    def clock(self) -> Clock:
        """Return the clock at this instant."""
        return Clock(self.now())

    def reading(self) -> AbstractContextManager[Session]:
        """Give a session that sees one moment of the database and writes nothing.

        Raises
        ------
        DatabaseUnavailable
            The database is busy, behind, damaged or cannot be reached.
        """
        from beds.database import reading

        return reading(self.engine)

    def turn(self, session: Session, actor: Actor) -> Turn:
        """Return a transaction that has begun, with who acts in it and the instant."""
        return Turn(session, actor, self.clock(), self)

    def changing(self, work: Callable[[Session], Answer]) -> Answer:
        """Return what `work` returns in a writing transaction, whole or not at all; it may run several times.

        Raises
        ------
        Busy
            Others were in the way each time; nothing was changed.
        """
        from beds.database import retrying

        return retrying(self.engine, work)

    def ground(self, session: Session, clock: Clock) -> Ground:
        """Return the estate compiled at an instant, as a reading session sees it or as it is since."""
        return self.live_ground.ground(session, clock)

    def close(self) -> None:
        """End the processes of its own, and let the database go."""
        self.solver.stop()
        self.forecaster.stop()
        self.engine.dispose()


@dataclass(frozen=True, slots=True)
class Turn:
    """One reading or one change at a desk: its session, who acts, and the instant."""

    session: Session
    actor: Actor
    clock: Clock
    desk: Desk

    @property
    def policy(self) -> Policy:
        """What the services are set to."""
        return self.desk.policy

    @property
    def log(self) -> ReadLog:
        """Where it is kept who opened which case and read which address."""
        return self.desk.read_log

    @property
    def ground(self) -> Ground:
        """The estate compiled at this instant; of a reading only."""
        return self.desk.ground(self.session, self.clock)


def open_desk(settings: Settings) -> Desk:
    """Return the desk of the settings' database, which can be used now.

    Raises
    ------
    BadInput
        A setting is not accepted.
    DatabaseUnavailable
        The database is missing, behind, empty, foreign, damaged, or written with another key.
    """
    from beds.database import DatabaseKind, database_kind, open_database, reading
    from beds.read_log import read_log_of

    engine = open_database(settings)
    try:
        is_demonstration = database_kind(engine) is DatabaseKind.DEMO
        found = None
        if is_demonstration:
            with reading(engine) as session:
                found = demo_clock(session)
        return Desk(
            settings=settings,
            engine=engine,
            policy=policy_of(settings),
            read_log=read_log_of(engine.dialect),
            is_demonstration=is_demonstration,
            demo_clock=found,
        )
    except BaseException:
        engine.dispose()
        raise


def settings_of_pages() -> Settings:
    """Return the settings of this process's environment, for what is shown before there is a desk.

    Raises
    ------
    BadInput
        A setting is not accepted.
    """
    return _settings_in(tuple(os.environ.items()))


@lru_cache(maxsize=1)
def _settings_in(_environment: tuple[tuple[str, str], ...]) -> Settings:
    """Return the settings of an environment: read once, though each look at a page asks for them."""
    from beds.settings import load_settings

    return load_settings()


class _Shared:
    """The desk that this process has open already, where it serves more than the dashboard."""

    desk: Desk | None = None


def share_desk(desk: Desk | None) -> None:
    """Let everything that this process serves use one desk; None: each opens its own again."""
    _Shared.desk = desk


def shared_desk() -> Desk | None:
    """Return the desk that was shared in this process, or None."""
    return _Shared.desk
