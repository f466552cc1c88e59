"""Rotation of the encryption key: a new key, everything under it, and in the end the old ones out of use.

In this order: the new key is put first in the key file, the database is encrypted under it in one
transaction, the case keys are wrapped under it. At every moment all keys that anything needs are in the file:
whatever stops half-way is finished by the next run, and running services read the file again and go on.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from beds.domain.clock import Clock
from beds.errors import BadInput, NotAllowedNow
from beds.roles import Actor, Permission, require

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from sqlmodel import Session

    from beds.settings import Settings


@dataclass(frozen=True, slots=True)
class RotationReport:
    """What a rotation did: whether it made a new key, and how many values and case keys are under it now."""

    new_key: bool
    values: int
    case_keys: int


def rotate_keys(engine: Engine, settings: Settings, actor: Actor, *, clock: Clock) -> RotationReport:
    """Encrypt everything under a new key, or finish a rotation that had stopped; return what was done.

    Keys that are in the settings are changed there: then everything is encrypted under the first of them.

    Raises
    ------
    NotPermitted
        The actor may not.
    BadInput
        The only key is in the settings: the message says what to set.
    DatabaseUnavailable
        The database, the key file or the store of case keys is busy, missing, or cannot be written.
    """
    from beds.database import writing

    require(actor, Permission.MAINTAIN)
    with writing(engine) as session:
        new_key = put_new_key(session, settings, actor)
        values = encrypt_anew(session, actor, clock=clock)
    return RotationReport(new_key, values, wrap_anew(engine, actor))


def put_new_key(session: Session, settings: Settings, actor: Actor) -> bool:
    """Put a new key first in the key file; False where one is there that is not yet used everywhere.

    Raises
    ------
    NotPermitted
        The actor may not.
    BadInput
        The only key is in the settings.
    DatabaseUnavailable
        The key file or the store of case keys cannot be read or written.
    """
    from beds.encryption import new_encryption_key
    from beds.keys import read_encryption_keys, write_encryption_keys
    from beds.sealing import case_keys
    from beds.store.reencrypting import key_check_is_newest

    require(actor, Permission.MAINTAIN)
    file = _key_file(session, settings)
    if file is None:
        _require_two_keys(settings)
        return False
    with case_keys(session).all_newest() as all_wrapped:
        pass
    if not (all_wrapped and key_check_is_newest(session)):
        return False
    write_encryption_keys(file, [new_encryption_key(), *read_encryption_keys(file, settings)])
    return True


def encrypt_anew(session: Session, actor: Actor, *, clock: Clock) -> int:
    """Encrypt every value of the database under the newest key; return how many there were.

    What was written before cases had keys of their own is put under those meanwhile.

    Raises
    ------
    NotPermitted
        The actor may not.
    DatabaseUnavailable
        A value cannot be read, or the store of case keys cannot be used.
    """
    from beds.audit import record
    from beds.store.reencrypting import to_case_keys, to_newest_key

    require(actor, Permission.MAINTAIN)
    moved = to_case_keys(session)
    values = to_newest_key(session)
    if moved or values:
        counts = {"values": values, "under_case_keys": moved}
        record(session, actor.user_id, "keys_rotated", "keys", counts, at=clock.as_at)
    return values + moved


def wrap_anew(engine: Engine, actor: Actor) -> int:
    """Wrap the keys of all cases under the newest key; return how many there were.

    Raises
    ------
    NotPermitted
        The actor may not.
    DatabaseUnavailable
        The store of case keys cannot be used.
    """
    from beds.case_keys import case_keys_of

    require(actor, Permission.MAINTAIN)
    return case_keys_of(engine.dialect).rewrap()


def drop_old_keys(engine: Engine, settings: Settings, actor: Actor, *, clock: Clock) -> int:
    """Take every key but the newest out of the key file, once nothing needs them; return how many.

    Backups from before the rotation cannot be read afterwards.

    Raises
    ------
    NotPermitted
        The actor may not.
    NotAllowedNow
        Something is still under an older key.
    BadInput
        The keys are in the settings, and nothing needs the older ones: the message says what to do.
    DatabaseUnavailable
        The database, the key file or the store of case keys is busy, or cannot be used.
    """
    from beds.audit import record
    from beds.database import writing
    from beds.keys import read_encryption_keys, write_encryption_keys
    from beds.sealing import case_keys
    from beds.store.reencrypting import under_older_keys

    require(actor, Permission.MAINTAIN)
    # Nobody writes to either while it is looked through: nothing new can come to need an old key.
    with writing(engine) as session, case_keys(session).all_newest() as all_wrapped:
        left = under_older_keys(session)
        if left or not all_wrapped:
            raise NotAllowedNow(
                f"{left} values{'' if all_wrapped else ' and case keys'} are under an older key still: run "
                "`beds db rotate-keys` first"
            )
        file = _key_file(session, settings)
        if file is None:
            raise BadInput("nothing needs the older keys: leave only the first in BEDS_ENCRYPTION_KEY")
        keys = read_encryption_keys(file, settings)
        if len(keys) > 1:
            record(session, actor.user_id, "keys_dropped", "keys", {"keys": len(keys) - 1}, at=clock.as_at)
            write_encryption_keys(file, keys[:1])
    return len(keys) - 1


def _key_file(session: Session, settings: Settings) -> Path | None:
    from beds.database import database_file
    from beds.keys import encryption_key_file

    return encryption_key_file(settings, database_file(session.get_bind().engine.url))


def _require_two_keys(settings: Settings) -> None:
    from beds.settings import split_keys

    stated = settings.encryption_key
    if stated is None or len(split_keys(stated.get_secret_value())) < 2:
        raise BadInput(
            "the encryption key is in BEDS_ENCRYPTION_KEY: set it to a new key, a comma and the key in use, "
            "for every service that uses this database, and run this again; a new key is 32 random bytes in "
            "URL-safe base64"
        )
