"""Backup and restore, while the service runs: one moment of the database in one file, and back.

A backup holds no key. A restore is one transaction: whoever is using the service sees the former state, then
the restored one, and never anything between.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from beds.errors import BadInput, BedsError, DatabaseUnavailable, NotPermitted
from beds.roles import Actor, Permission, require

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine
    from sqlmodel import Session

    from beds.audit_anchor import Head
    from beds.backup_file import Manifest
    from beds.settings import Settings

BACKED_UP, RESTORED = "database_backed_up", "database_restored"
SUBJECT: Final = "database"
REVOCABLE: Final = {"service_user": "user_id", "service_token": "token_id"}
"""Tables of what can be revoked, and what their rows are known by."""


@dataclass(frozen=True, slots=True)
class BackupView:
    """What a backup holds."""

    rows: int
    tables: int
    newest_event: int


@dataclass(frozen=True, slots=True)
class RestoreView:
    """What a restore did.

    `newest_event` is that of the backup, `lost_head` the newest that the replaced database had (None where
    nothing was replaced); `faults` is what `beds db check` finds afterwards.
    """

    rows: int
    made_at: datetime
    newest_event: int
    lost_head: int | None
    revocations_kept: int
    anonymised_again: int
    faults: tuple[str, ...]


def back_up(engine: Engine, actor: Actor, file: Path, *, at: datetime, force: bool = False) -> BackupView:
    """Write a backup of the database as it is at one moment, and return what it holds.

    It is in its place only once it has been read back. That a backup was made is an event, and is in it.

    Raises
    ------
    NotPermitted
        The actor may not.
    BadInput
        There is a file of that name (with `force`: one that is no backup), or none can be written there.
    DatabaseUnavailable
        The database is busy, its audit is broken, or the copy is not as it should be.
    """
    from beds.audit import record
    from beds.backup_file import draft_beside
    from beds.database import reading, writing

    require(actor, Permission.MAINTAIN)
    _require_free(file, force=force)
    with draft_beside(file) as draft:
        with writing(engine) as session:
            record(session, actor.user_id, BACKED_UP, SUBJECT, {}, at=at)
        with reading(engine) as session:
            manifest = _fill(draft, engine, session.connection(), at)
        newest = _verify(draft, engine, manifest)
    rows = sum(found.rows for found in manifest.contents.values())
    return BackupView(rows, len(manifest.contents), newest)


def _require_free(file: Path, *, force: bool) -> None:
    from beds.backup_file import is_backup

    if not file.parent.is_dir():
        raise BadInput(f"{file.name}: there is no such folder to write a backup in")
    if not file.exists():
        return
    if not force:
        raise BadInput(f"{file.name}: there is a file of that name; --force replaces an older backup")
    if not file.is_file() or not is_backup(file):
        raise BadInput(f"{file.name}: that is no backup, and --force replaces nothing else")


def _fill(draft: Path, engine: Engine, source: Connection, at: datetime) -> Manifest:
    from beds.backup_file import Manifest, opened, write_manifest
    from beds.database import migrate, newest_revision
    from beds.domain.records.columns import keyring_of
    from beds.store.copying import copy_rows, tables_as_stored

    try:
        with opened(draft, engine, to_write=True) as copy, copy.connect() as target, target.begin():
            migrate(target)
            contents = {table.name: copy_rows(source, target, table) for table in tables_as_stored(target)}
            manifest = Manifest(at, newest_revision(), contents)
            write_manifest(target, manifest, keyring_of(engine.dialect))
    except DatabaseUnavailable as fault:
        raise DatabaseUnavailable(f"no backup was made: {fault}") from fault
    except BedsError as fault:
        # The copy has every guard of the database, and one of them refused a row that is in it.
        raise DatabaseUnavailable(
            "no backup was made: records in the database break its own rules: run `beds db check`"
        ) from fault
    return manifest


def _verify(draft: Path, engine: Engine, manifest: Manifest) -> int:
    """Return the number of the newest event of a backup that is what its manifest says, audit and all."""
    from beds.audit import audit_faults
    from beds.audit_anchor import newest_event
    from beds.backup_file import opened
    from beds.database import reading

    with opened(draft, engine) as copy, reading(copy) as session:
        _require_contents(session.connection(), manifest)
        if audit_faults(session):
            raise DatabaseUnavailable(
                "the audit of the database is broken, and no backup was made of it: see `beds db check`"
            )
        newest = newest_event(session)
        return newest.sequence if newest else 0


def _require_contents(backup: Connection, manifest: Manifest) -> None:
    from beds.backup_file import MANIFEST
    from beds.store.copying import contents_of, tables_as_stored

    tables = [table for table in tables_as_stored(backup) if table.name != MANIFEST]
    if contents_of(backup, tables) != dict(manifest.contents):
        raise DatabaseUnavailable("the backup is not what it was when it was made: rows differ")


@contextmanager
def database_to_restore(settings: Settings) -> Iterator[Engine]:
    """Give the database of the settings, made if there is none; its keys must be there already.

    Raises
    ------
    DatabaseUnavailable
        There are no keys to read a backup with: new ones would open nothing.
    """
    from beds.database import connect, require_keys

    require_keys(settings)
    engine = connect(settings, create=True)
    try:
        yield engine
    finally:
        engine.dispose()


def restore(engine: Engine, actor: Actor, file: Path, *, at: datetime, replace: bool = False) -> RestoreView:
    """Put a backup in place of an empty database, or with `replace` of the one that is there.

    What was revoked in the database that is replaced stays revoked, and what was anonymised since the backup
    is anonymised again. An event says that it was restored, and which event was the newest before.

    Raises
    ------
    NotPermitted
        The actor may not; the database is not empty, or of the other kind (live, demonstration).
    BadInput
        The file is no backup, or of a newer version of this service.
    DatabaseUnavailable
        The keys in use are not those of the backup, it was changed, or the database is busy.
    """
    from beds.backup_file import is_backup, opened
    from beds.database import reading
    from beds.store.integrity import check_database

    require(actor, Permission.MAINTAIN)
    if not is_backup(file):
        raise BadInput(f"{file.name}: that is no backup of this service; nothing was changed")
    with opened(file, engine) as copy, reading(copy) as session:
        source = session.connection()
        manifest = _require_readable(session, engine)
        done = _replace(engine, actor, source, manifest, at=at, replace=replace)
    rows = sum(found.rows for found in manifest.contents.values())
    faults = tuple(check_database(engine))
    return RestoreView(
        rows=rows,
        made_at=manifest.made_at,
        newest_event=done.newest_event,
        lost_head=done.lost_head,
        revocations_kept=done.kept,
        anonymised_again=done.anonymised_again,
        faults=faults,
    )


def _require_readable(session: Session, engine: Engine) -> Manifest:
    """Return what a backup holds, if this version can read it with these keys."""
    from sqlalchemy import text

    from beds.backup_file import read_manifest
    from beds.database import revisions
    from beds.domain.records.columns import keyring_of
    from beds.sealing import require_own_store

    source, keyring = session.connection(), keyring_of(engine.dialect)
    revision = source.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
    if revision not in revisions():
        raise BadInput("the backup was made by a newer version of this service; nothing was changed")
    keyring.decrypt(_mark(source, "key_check"))
    manifest = read_manifest(source, keyring)
    _require_contents(source, manifest)
    require_own_store(session)
    return manifest


def _mark(connection: Connection, name: str) -> str:
    from sqlalchemy import text

    return str(
        connection.execute(
            text("SELECT value FROM database_mark WHERE name = :name"), {"name": name}
        ).scalar_one()
    )


@dataclass(frozen=True, slots=True)
class _Replaced:
    newest_event: int
    lost_head: int | None
    kept: int
    anonymised_again: int


def _replace(
    engine: Engine, actor: Actor, source: Connection, manifest: Manifest, *, at: datetime, replace: bool
) -> _Replaced:
    from sqlmodel import Session

    from beds.audit import record
    from beds.audit_anchor import anchor_of, newest_event
    from beds.database import migrate
    from beds.database_faults import refusals_in_words
    from beds.services.retention import reapply_destructions
    from beds.sqlite_files import require_whole, without_foreign_keys
    from beds.store.copying import copy_rows, drop_everything, tables_as_stored

    with refusals_in_words(), without_foreign_keys(engine) as connection:
        with Session(connection) as session, session.begin():
            target = session.connection()
            _require_replaceable(target, _mark(source, "kind"), replace=replace)
            lost, revoked = _lost_head(session), _revocations(target)
            drop_everything(target)
            migrate(target, manifest.revision)
            for table in tables_as_stored(target):
                copy_rows(source, target, table)
            migrate(target)
            require_whole(target)
            restored = newest_event(session)
            kept = _revoke_again(target, revoked)
            detail = {"lost_head": lost, "revocations_kept": kept}
            record(session, actor.user_id, RESTORED, SUBJECT, detail, at=at)
            again = reapply_destructions(session, actor, at=at)
            head = newest_event(session)
        anchor_of(engine.dialect).reset(head)
    return _Replaced(restored.sequence if restored else 0, lost, kept, again)


def _require_replaceable(target: Connection, kind: str, *, replace: bool) -> None:
    from beds.database import SchemaState, foreign, state_of
    from beds.store.copying import is_blank

    state = state_of(target)
    if state is SchemaState.EMPTY:
        return
    if state is SchemaState.FOREIGN:
        raise DatabaseUnavailable(foreign())
    if _mark(target, "kind") != kind:
        raise NotPermitted(f"the backup is of a {kind} database and this is none; it is left as it is")
    if not replace and not is_blank(target, beside=frozenset({"database_mark"})):
        raise NotPermitted("the database is not empty; it is left as it is: --replace replaces all of it")


def _lost_head(session: Session) -> int | None:
    """Return the newest event that there is or was in the database that is replaced."""
    from beds.audit_anchor import anchor_of, newest_event

    try:
        anchored = anchor_of(session.get_bind().dialect).read()
    except DatabaseUnavailable:
        # An anchor that was tampered with says nothing; the restore puts a new one in its place.
        anchored = None
    heads: list[Head | None] = [anchored]
    if _has_table(session.connection(), "audit_event"):
        heads.append(newest_event(session))
    return max((head.sequence for head in heads if head), default=None)


def _has_table(connection: Connection, name: str) -> bool:
    from sqlalchemy import inspect

    return inspect(connection).has_table(name)


def _revocations(connection: Connection) -> dict[str, Mapping[str, Any]]:
    """Return who and what was revoked, and when, by table."""
    from sqlalchemy import select

    from beds.domain.records import METADATA

    found: dict[str, Mapping[str, Any]] = {}
    for name, key in REVOCABLE.items():
        if _has_table(connection, name):
            table = METADATA.tables[name]
            rows = connection.execute(
                select(table.c[key], table.c.revoked_at).where(table.c.revoked_at.is_not(None))
            )
            found[name] = {row[0]: row[1] for row in rows}
    return found


def _revoke_again(connection: Connection, revoked: Mapping[str, Mapping[str, Any]]) -> int:
    """Revoke what the backup holds as good and the replaced database did not; return how many there were."""
    from beds.domain.records import METADATA

    kept = 0
    for name, instants in revoked.items():
        table = METADATA.tables[name]
        for key, revoked_at in instants.items():
            kept += connection.execute(
                table.update()
                .where(table.c[REVOCABLE[name]] == key, table.c.revoked_at.is_(None))
                .values(revoked_at=revoked_at)
            ).rowcount
    return kept
