"""Where an estate comes from: a folder of files, or the database; and how one gets into the other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from beds.domain.clock import Clock
from beds.domain.estate import Estate
from beds.errors import NotPermitted

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from beds.settings import Settings
    from beds.store.planning import ImportReport

DEMO_DATABASE = "demo.db"


def estate_in_folder(folder: Path) -> Estate:
    """Return the estate that a folder of CSV or XLSX files states.

    Raises
    ------
    ImportRejected
        Something in it is wrong; every fault is listed.
    BadInput
        There is no such folder.
    """
    from beds.importing import read_folder

    return read_folder(folder)


@contextmanager
def live_database(settings: Settings) -> Iterator[Engine]:
    """Give the database of the settings, ready for use.

    Raises
    ------
    DatabaseUnavailable
        It is missing, behind, busy or damaged.
    """
    from beds.database import open_database

    engine = open_database(settings)
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def demo_database(settings: Settings, folder: Path) -> Iterator[Engine]:
    """Give a demonstration database in a folder, made if need be.

    Raises
    ------
    NotPermitted
        The file there is a live database; it is left as it is.
    """
    from beds.database import DatabaseKind, connect, upgrade

    path = folder.absolute() / DEMO_DATABASE
    # A demonstration keeps its case keys beside its own file, never with those of a live database.
    demo = settings.model_copy(
        update={"database_url": f"sqlite:///{path}", "demo": True, "case_keys_file": None}
    )
    engine = connect(demo, create=True)
    try:
        upgrade(engine, kind=DatabaseKind.DEMO)
        yield engine
    except NotPermitted:
        raise NotPermitted(
            "the database in that folder is a live one: choose another folder with --dir"
        ) from None
    finally:
        engine.dispose()


def estate_in_database(engine: Engine, clock: Clock) -> Estate:
    """Return the estate as recorded, without stays that ended before tonight."""
    from beds.database import reading
    from beds.store.loading import load_estate

    with reading(engine) as session:
        return load_estate(session, current_only_from=clock.today)


def import_folder(
    engine: Engine, folder: Path, *, actor: str, at: datetime, dry_run: bool = False
) -> ImportReport:
    """Bring a folder's records into the database, all or nothing, and return what was done.

    With `dry_run` nothing is written and the report says what would be.

    Raises
    ------
    ImportRejected
        Something in the folder is wrong, or cannot stand beside what is recorded.
    """
    from beds.database import reading, writing
    from beds.store.importing import import_estate

    estate = estate_in_folder(folder)
    with (reading if dry_run else writing)(engine) as session:
        return import_estate(session, estate, actor=actor, at=at, dry_run=dry_run)
