"""The keys of a database: from the settings, or from files beside a SQLite database, made on first use.

A key is never made for a database that already exists: that would lock its data away.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from pydantic import SecretStr

from beds.case_keys import CaseKeys
from beds.encryption import Keyring, new_encryption_key
from beds.errors import BadInput, BedsError, DatabaseUnavailable
from beds.settings import Settings, check_secret, split_keys

OWNER_ONLY = 0o600


def keyring_for(settings: Settings, database_file: Path | None, *, in_memory: bool = False) -> Keyring:
    """Return the keys of the database that the settings name.

    Encryption keys out of a file are read again when the file changes: a rotation locks nobody out.

    Raises
    ------
    BadInput
        No key is set for a database that is not a SQLite file, or a key is not accepted.
    DatabaseUnavailable
        The database file is there and its key file is not, or a key file cannot be read.
    """
    watched = encryption_key_file(settings, database_file)
    watch = None if watched is None else _Watch(watched, settings)

    def keys(
        kind: str, stated: SecretStr | None, file: Path | None, make: Callable[[], str]
    ) -> tuple[str, ...]:
        name = f"BEDS_{kind.upper()}_KEY"
        if stated is not None:
            return split_keys(stated.get_secret_value())
        if file is not None:
            return _checked(f"{name}_FILE", _read(file), kind, settings)
        if in_memory:
            # What lives only in this process needs a key only in this process.
            return (make(),)
        if database_file is None:
            raise BadInput(f"{name} or {name}_FILE must be set for this database")
        beside = _beside(database_file, f"{kind}-key")
        return _checked(str(beside), _read_or_make(beside, database_file, make), kind, settings)

    return Keyring(
        keys("encryption", settings.encryption_key, settings.encryption_key_file, new_encryption_key),
        keys("audit", settings.audit_key, settings.audit_key_file, lambda: secrets.token_urlsafe(32)),
        (lambda: None) if watch is None else watch.newer_keys,
    )


def encryption_key_file(settings: Settings, database_file: Path | None) -> Path | None:
    """Return the file of the encryption keys; None where they are in the settings, or in memory."""
    if settings.encryption_key is not None:
        return None
    if settings.encryption_key_file is not None:
        return settings.encryption_key_file
    return None if database_file is None else _beside(database_file, "encryption-key")


def case_keys_for(
    settings: Settings, database_file: Path | None, keyring: Keyring, *, in_memory: bool = False
) -> CaseKeys:
    """Return the keys of the cases of the database that the settings name: never in the database itself.

    Raises
    ------
    BadInput
        No file is set for them, and the database is not a SQLite file that they could be beside.
    """
    if in_memory:
        return CaseKeys(keyring, None)
    if settings.case_keys_file is not None:
        return CaseKeys(keyring, settings.case_keys_file)
    if database_file is None:
        raise BadInput(
            "BEDS_CASE_KEYS_FILE must be set for this database: a file on a disk of this machine that is "
            "not backed up with the database"
        )
    return CaseKeys(keyring, _beside(database_file, "case-keys"))


def read_encryption_keys(file: Path, settings: Settings) -> tuple[str, ...]:
    """Return the encryption keys in a file, newest first.

    Raises
    ------
    BadInput
        There is none in it, or one that is not accepted.
    DatabaseUnavailable
        The file cannot be read.
    """
    return _checked(str(file), _read(file), "encryption", settings)


def write_encryption_keys(file: Path, keys: Sequence[str]) -> None:
    """Put keys in the place of those in a file, newest first: all of them or none, for the owner only.

    Raises
    ------
    DatabaseUnavailable
        The file cannot be written; it is as it was.
    """
    with _draft(file, ",".join(keys)) as draft:
        draft.replace(file)
        folder = os.open(file.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


class _Watch:
    """A file of encryption keys, read again when it has changed."""

    def __init__(self, file: Path, settings: Settings) -> None:
        self._file = file
        self._settings = settings
        self._seen = self._state()

    def newer_keys(self) -> tuple[str, ...] | None:
        """Return the keys if the file has changed since it was last looked at, else None."""
        state = self._state()
        if state == self._seen or state is None:
            return None
        try:
            keys = read_encryption_keys(self._file, self._settings)
        except BedsError:
            # Half-copied or out of reach: the keys in use still fit, and nobody is locked out at night.
            return None
        self._seen = state
        return keys

    def _state(self) -> tuple[int, int, int] | None:
        try:
            found = self._file.stat()
        except OSError:
            return None
        return (found.st_ino, found.st_mtime_ns, found.st_size)


def _beside(database_file: Path, what: str) -> Path:
    return database_file.with_name(f"{database_file.name}.{what}")


def _checked(name: str, text: str, kind: str, settings: Settings) -> tuple[str, ...]:
    keys = split_keys(text)
    try:
        check_secret(name, keys, kind=kind, demo=settings.demo)
    except ValueError as error:
        raise BadInput(str(error)) from None
    return keys


def _read_or_make(file: Path, database_file: Path, make: Callable[[], str]) -> str:
    if file.exists():
        return _read(file)
    if database_file.exists() and database_file.stat().st_size > 0:
        raise DatabaseUnavailable(f"the key file {file} is missing: put it back beside its database")
    _make_file(file, make())
    return _read(file)


def _make_file(file: Path, key: str) -> None:
    """Write a whole key file or none: two first uses at once must agree on one key."""
    with _draft(file, key) as draft, suppress(FileExistsError):
        # If it is there after all, the other process was first, and its key is the one.
        os.link(draft, file)


@contextmanager
def _draft(file: Path, text: str) -> Iterator[Path]:
    """Give a whole key file under another name, to be put in its place; in the end the other name is gone."""
    draft = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
        with os.fdopen(descriptor, "w", encoding="ascii") as handle:
            handle.write(text + "\n")
            handle.flush()
            os.fsync(handle.fileno())
        yield draft
    except OSError as error:
        raise DatabaseUnavailable(f"the key file {file} cannot be written: {error.strerror}") from error
    finally:
        draft.unlink(missing_ok=True)


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise DatabaseUnavailable(f"the key file {file} cannot be read") from error
