"""The keys of a database: from the settings, or from files beside a SQLite database, made on first use.

A key is never made for a database that already exists: that would lock its data away.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from pydantic import SecretStr

from beds.encryption import Keyring, new_encryption_key
from beds.errors import BadInput, DatabaseUnavailable
from beds.settings import Settings, check_secret, split_keys

OWNER_ONLY = 0o600


def keyring_for(settings: Settings, database_file: Path | None, *, in_memory: bool = False) -> Keyring:
    """Return the keys of the database that the settings name.

    Raises
    ------
    BadInput
        No key is set for a database that is not a SQLite file, or a key is not accepted.
    DatabaseUnavailable
        The database file is there and its key file is not, or a key file cannot be read.
    """

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
        beside = database_file.with_name(f"{database_file.name}.{kind}-key")
        return _checked(str(beside), _read_or_make(beside, database_file, make), kind, settings)

    return Keyring(
        keys("encryption", settings.encryption_key, settings.encryption_key_file, new_encryption_key),
        keys("audit", settings.audit_key, settings.audit_key_file, lambda: secrets.token_urlsafe(32)),
    )


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
    draft = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
        with os.fdopen(descriptor, "w", encoding="ascii") as handle:
            handle.write(key + "\n")
        with suppress(FileExistsError):  # then the other process was first, and its key is the one
            os.link(draft, file)
    except OSError as error:
        raise DatabaseUnavailable(f"the key file {file} cannot be written: {error.strerror}") from error
    finally:
        draft.unlink(missing_ok=True)


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise DatabaseUnavailable(f"the key file {file} cannot be read") from error
