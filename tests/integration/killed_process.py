"""Processes that write or restore until they are killed, and say what they have done.

They are forked from a server that has everything imported: a process a round would be a second each.
"""

from __future__ import annotations

import multiprocessing
import random
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

from sqlalchemy import Engine, text
from sqlmodel import Session

from beds.audit import record
from beds.database import METADATA, connect, reading, writing
from beds.roles import OPERATOR
from beds.services.backup import restore
from beds.settings import Settings
from tests.builders import NOON

PROVIDER, FINGERPRINT, EVENT = (
    METADATA.tables[name] for name in ("provider", "import_fingerprint", "audit_event")
)

_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["tests.integration.killed_process"])


def start(work: Callable[[Settings, Connection, int], None], settings: Settings, seed: int) -> Killable:
    """Start some work in a process of its own."""
    ours, theirs = _processes.Pipe(duplex=False)
    process = _processes.Process(target=work, args=(settings, theirs, seed))
    process.start()
    theirs.close()
    return Killable(process, ours)


class Killable:
    """A process, and what it has acknowledged."""

    def __init__(self, process: BaseProcess, said: Connection) -> None:
        """Begin with nothing heard."""
        self._process = process
        self._said = said
        self.acknowledged: list[str] = []

    def hear(self, within_s: float = 30) -> bool:
        """Wait for one acknowledgement; say whether one came."""
        try:
            if not self._said.poll(within_s):
                return False
            self.acknowledged.append(self._said.recv())
        except EOFError:
            return False
        return True

    def kill(self) -> None:
        """End it as a power cut would, and hear what it said last."""
        self._process.kill()
        while self.hear(0):
            pass
        self._process.join()
        self._process.close()
        self._said.close()


def write_on(settings: Settings, said: Connection, seed: int) -> None:
    """Make 200 changes of random size, and acknowledge each once it is committed."""
    dice = random.Random(seed)
    engine = connect(settings)
    for number in range(200):
        name = f"{seed}-{number}"
        with writing(engine) as session:
            change(session, name, dice.randint(1, 40))
        said.send(name)
    engine.dispose()


def change(session: Session, name: str, rows: int) -> None:
    """Make one change that is in three tables: rows, one more that counts them, and an event."""
    session.execute(PROVIDER.insert().values(provider_id=name))
    session.execute(
        FINGERPRINT.insert(),
        [{"table_name": name, "record_id": str(row), "fingerprint": "f" * 64} for row in range(rows)],
    )
    record(session, "user-1", "rows_written", name, {"rows": rows}, at=NOON)


def written(engine: Engine) -> tuple[set[str], list[str]]:
    """Return the changes that are there, and those of which only a part is."""
    counts = f"SELECT table_name, count(*) AS rows FROM {FINGERPRINT.name} GROUP BY table_name"
    with reading(engine) as session:
        stated = {
            row.subject: row.detail["rows"]
            for row in session.execute(EVENT.select().where(EVENT.c.action == "rows_written"))
        }
        found = {row[0]: row[1] for row in session.execute(text(counts))}
        providers = set(session.scalars(PROVIDER.select()))
    half = [
        name
        for name in stated.keys() | found.keys() | providers
        if stated.get(name) != found.get(name) or name not in providers
    ]
    return set(stated), half


def restore_on(settings: Settings, said: Connection, seed: int) -> None:
    """Put the backup of number 0 and of number 1 in place of the database, in turn, for ever."""
    engine = connect(settings)
    folder = Path(str(settings.read_log_file)).parent
    while True:
        seed = 1 - seed
        said.send(str(seed))
        restore(engine, OPERATOR, folder / f"{seed}.backup", at=NOON, replace=True)
