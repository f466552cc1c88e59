"""The keys of cases: one random key a referral, in a store of its own outside the database.

A backup of the database therefore holds no key of a case: to destroy the key is to anonymise the case in
every copy there is. Each key is wrapped under the database's encryption key, so that the store alone opens
nothing either. A destroyed key leaves a mark behind, and none is ever made again for that case.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import sqlite3
import threading
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from weakref import WeakKeyDictionary

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Dialect, Engine, event

from beds.domain.records.columns import CASE_TOKEN, Keyring
from beds.errors import Anonymised, BedsError, DatabaseUnavailable

KEY_BYTES, NONCE_BYTES, PAD_TO_BYTES = 32, 12, 64
COMPRESS_FROM_BYTES = 1_000
BUSY_S: Final = 10
"""Everything done in the store takes milliseconds: whoever waits this long has met something stuck."""
OWNER_ONLY = 0o600
CACHED_KEYS = 50_000

_PLAIN, _COMPRESSED, _END = b"p", b"z", b"\x80"
_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS store (id TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS case_key (referral_id TEXT PRIMARY KEY, wrapped TEXT, destroyed_at TEXT,"
    " CHECK ((wrapped IS NULL) = (destroyed_at IS NOT NULL))) WITHOUT ROWID",
)
_FIND = "SELECT referral_id, wrapped FROM case_key WHERE referral_id IN (SELECT value FROM json_each(?))"


class CaseCipher:
    """The key of one case, in use. What it seals opens only for the same case and the same purpose."""

    __slots__ = ("_key", "_referral_id")

    def __init__(self, referral_id: str, key: bytes) -> None:
        """Take the 32 bytes of a key (AES-256-GCM)."""
        self._referral_id = referral_id
        self._key = AESGCM(key)

    def __repr__(self) -> str:
        """Say that there is a key, never which."""
        return "CaseCipher(…)"

    def encrypt(self, purpose: str, text: str) -> str:
        """Return a text as a token for storage; its length tells no more than a multiple of 64 bytes."""
        content = text.encode()
        if len(content) >= COMPRESS_FROM_BYTES:
            # The lightest compression: a round seals more than a thousand documents at once.
            content = _COMPRESSED + zlib.compress(content, 1)
        else:
            content = _PLAIN + content
        content += _END
        content += bytes(-len(content) % PAD_TO_BYTES)
        nonce = os.urandom(NONCE_BYTES)
        sealed = nonce + self._key.encrypt(nonce, content, self._about(purpose))
        return CASE_TOKEN + base64.urlsafe_b64encode(sealed).decode("ascii")

    def decrypt(self, purpose: str, token: str) -> str:
        """Return the text of a token.

        Raises
        ------
        DatabaseUnavailable
            The token was changed, or is another case's or for another purpose.
        """
        try:
            sealed = base64.urlsafe_b64decode(token.removeprefix(CASE_TOKEN))
            content = self._key.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], self._about(purpose))
        except (InvalidTag, ValueError) as error:
            raise DatabaseUnavailable(
                "what is kept about a case cannot be read with its key: it was changed, or the case keys are "
                "another database's: see BEDS_CASE_KEYS_FILE"
            ) from error
        kind, body = content[:1], content[1 : content.rindex(_END)]
        return (zlib.decompress(body) if kind == _COMPRESSED else body).decode()

    def _about(self, purpose: str) -> bytes:
        return f"{self._referral_id}\0{purpose}".encode()


class CaseKeys:
    """The store of the keys of cases: safe to use from several threads and several processes at once."""

    def __init__(self, keyring: Keyring, file: Path | None) -> None:
        """Take the database's keys and where the store is (None: in memory, for a database in memory).

        The file is made with the first key, and not before.
        """
        self._keyring = keyring
        self._file = file
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._opened: tuple[int, ...] = ()
        self._version: object = None
        self._known: dict[str, CaseCipher | None] = {}

    @property
    def file(self) -> Path | None:
        """Where the store is; None where it is in memory."""
        return self._file

    def make(self, referral_ids: Iterable[str]) -> None:
        """Make a key for each case that has none yet.

        It comes before the commit of what is sealed with it: a key without a case harms nobody.

        Raises
        ------
        Anonymised
            The key of such a case was destroyed.
        DatabaseUnavailable
            The store cannot be used.
        """
        wanted = set(referral_ids)
        with self._lock, self._in_words():
            missing = wanted - self._find(wanted).keys()
            if missing:
                with self._writing(create=True) as connection:
                    connection.executemany(
                        "INSERT OR IGNORE INTO case_key (referral_id, wrapped) VALUES (?, ?)",
                        [(referral_id, self._new_key()) for referral_id in sorted(missing)],
                    )
            gone = sum(cipher is None for cipher in self._find(wanted).values())
        if gone:
            raise Anonymised(anonymised_cases(gone))

    def ciphers(self, referral_ids: Iterable[str]) -> dict[str, CaseCipher]:
        """Return the keys of those cases that have one.

        Raises
        ------
        DatabaseUnavailable
            The store cannot be used, or is wrapped under another encryption key.
        """
        with self._lock, self._in_words():
            found = self._find(set(referral_ids))
        return {referral_id: cipher for referral_id, cipher in found.items() if cipher is not None}

    def cipher(self, referral_id: str) -> CaseCipher:
        """Return the key of one case.

        Raises
        ------
        Anonymised
            It was destroyed.
        DatabaseUnavailable
            There never was one in this store, or the store cannot be used.
        """
        with self._lock, self._in_words():
            found = self._find({referral_id})
        if referral_id not in found:
            raise DatabaseUnavailable(self.lost(1))
        cipher = found[referral_id]
        if cipher is None:
            raise Anonymised(anonymised_cases(1))
        return cipher

    def destroyed(self) -> frozenset[str]:
        """Return the cases whose key was destroyed."""
        with self._lock, self._in_words():
            connection = self._open()
            if connection is None:
                return frozenset()
            rows = connection.execute("SELECT referral_id FROM case_key WHERE wrapped IS NULL")
            return frozenset(referral_id for (referral_id,) in rows)

    def destroy(self, referral_ids: Iterable[str], *, at: datetime) -> int:
        """Destroy the keys of cases, for good; return how many there were that were not destroyed yet.

        A case that never had a key is marked too: none will ever be made for it.
        """
        stated = at.astimezone(UTC).isoformat()
        with self._lock, self._in_words():
            with self._writing(create=True) as connection:
                before = connection.total_changes
                connection.executemany(
                    "INSERT INTO case_key (referral_id, destroyed_at) VALUES (?, ?) ON CONFLICT (referral_id)"
                    " DO UPDATE SET wrapped = NULL, destroyed_at = excluded.destroyed_at"
                    " WHERE wrapped IS NOT NULL",
                    [(referral_id, stated) for referral_id in sorted(set(referral_ids))],
                )
                changed = connection.total_changes - before
            self._known.clear()
            return changed

    def rewrap(self) -> int:
        """Wrap every key anew under the newest encryption key, all of them or none; return how many."""
        with self._lock, self._in_words():
            if self._open() is None:
                return 0
            with self._writing(create=False) as connection:
                stale = self._not_newest(connection)
                connection.executemany(
                    "UPDATE case_key SET wrapped = ? WHERE referral_id = ?",
                    [(self._keyring.rotate(wrapped), referral_id) for referral_id, wrapped in stale],
                )
            return len(stale)

    @contextmanager
    def all_newest(self) -> Iterator[bool]:
        """Say whether every key is wrapped under the newest encryption key; none is made meanwhile."""
        with self._lock, self._in_words():
            if self._open() is None:
                yield True
                return
            with self._writing(create=False) as connection:
                yield not self._not_newest(connection)

    def identity(self) -> str | None:
        """Return the name that this store was born with; None where there is no store yet."""
        with self._lock, self._in_words():
            connection = self._open()
            row = None if connection is None else connection.execute("SELECT id FROM store").fetchone()
        return None if row is None else str(row[0])

    def lost(self, count: int) -> str:
        """Say that cases have no key here, and where the keys should be."""
        where = "in memory" if self._file is None else f"in {self._file}"
        return (
            f"the keys of {count} cases are not {where}: put the case keys of this database back, "
            "or set BEDS_CASE_KEYS_FILE to where they are"
        )

    def close(self) -> None:
        """Close the store's file; it opens again when it is needed."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
            self._connection, self._version = None, None
            self._known.clear()

    def _new_key(self) -> str:
        return self._keyring.encrypt(base64.urlsafe_b64encode(os.urandom(KEY_BYTES)).decode("ascii"))

    def _not_newest(self, connection: sqlite3.Connection) -> list[tuple[str, str]]:
        rows = connection.execute("SELECT referral_id, wrapped FROM case_key WHERE wrapped IS NOT NULL")
        return [
            (referral_id, wrapped) for referral_id, wrapped in rows if not self._keyring.is_newest(wrapped)
        ]

    def _find(self, referral_ids: set[str]) -> dict[str, CaseCipher | None]:
        """Return the keys of cases as they are now; None for one destroyed, nothing for one without."""
        connection = self._open()
        if connection is None:
            return {}
        # The number changes with every change by somebody else; our own are applied as they are made.
        version = connection.execute("PRAGMA data_version").fetchone()
        if version != self._version or len(self._known) > CACHED_KEYS:
            self._known.clear()
            self._version = version
        unknown = referral_ids - self._known.keys()
        if unknown:
            for referral_id, wrapped in connection.execute(_FIND, (json.dumps(sorted(unknown)),)):
                self._known[referral_id] = None if wrapped is None else self._unwrapped(referral_id, wrapped)
        return {name: self._known[name] for name in referral_ids if name in self._known}

    def _unwrapped(self, referral_id: str, wrapped: str) -> CaseCipher:
        return CaseCipher(referral_id, base64.urlsafe_b64decode(self._keyring.decrypt(wrapped)))

    @contextmanager
    def _writing(self, *, create: bool) -> Iterator[sqlite3.Connection]:
        connection = self._open(create=create)
        assert connection is not None, "only a store that is there is written without being made"
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")

    def _open(self, *, create: bool = False) -> sqlite3.Connection | None:
        """Return the connection, opened where need be; None where there is no store and none is made."""
        if self._file is None:
            if self._connection is None:
                self._connection = self._connected(":memory:")
            return self._connection
        found = _identity_of(self._file)
        if self._connection is not None and self._opened != (os.getpid(), *found):
            if self._opened[0] == os.getpid() and not found:
                # Written into an unlinked file, a key would be gone with this process.
                raise DatabaseUnavailable(f"the case keys {self._file} have gone: put them back")
            self._leave_behind()
        if self._connection is None:
            if not found:
                if not create:
                    return None
                self._make_file(self._file)
                found = _identity_of(self._file)
            self._connection = self._connected(str(self._file))
            self._opened = (os.getpid(), *found)
        return self._connection

    def _leave_behind(self) -> None:
        """Forget a connection to another file, or of the process that this one was forked from."""
        if self._opened[0] != os.getpid():
            # The other process's connection is not ours to close.
            _OF_ANOTHER_PROCESS.append(self._connection)
            self._connection = None
        self.close()

    @staticmethod
    def _make_file(file: Path) -> None:
        with suppress(FileExistsError):  # then another process was first, and its store is the one
            os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL, OWNER_ONLY))

    def _connected(self, name: str) -> sqlite3.Connection:
        connection = sqlite3.connect(name, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
        # No log beside the file: what was destroyed would be read in it still. Freed bytes are overwritten.
        for pragma in ("journal_mode=DELETE", "synchronous=EXTRA", "secure_delete=ON"):
            connection.execute(f"PRAGMA {pragma}")
        if connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'store'").fetchone() == (0,):
            connection.execute("BEGIN IMMEDIATE")
            for statement in _SCHEMA:
                connection.execute(statement)
            connection.execute(
                "INSERT INTO store (id) SELECT ? WHERE NOT EXISTS (SELECT 1 FROM store)",
                (secrets.token_hex(16),),
            )
            connection.execute("COMMIT")
        return connection

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        try:
            yield
        except BedsError:
            raise
        except (OSError, sqlite3.Error) as error:
            raise DatabaseUnavailable(
                f"the case keys {self._file or ''} cannot be read or written"
            ) from error


def anonymised_cases(count: int) -> str:
    """Say that so many cases were anonymised."""
    if count == 1:
        return "the case was anonymised: its key was destroyed, and nothing kept under it can be read again"
    return (
        f"{count} of the cases were anonymised: their keys were destroyed, "
        "and nothing kept under them can be read again"
    )


_OF_ANOTHER_PROCESS: list[sqlite3.Connection | None] = []
_STORES: WeakKeyDictionary[Dialect, CaseKeys] = WeakKeyDictionary()


def use_case_keys(engine: Engine, keys: CaseKeys) -> None:
    """Let what is kept under the keys of cases in one engine's database use these."""
    _STORES[engine.dialect] = keys
    event.listen(engine, "engine_disposed", _closing(keys))


def case_keys_of(dialect: Dialect) -> CaseKeys:
    """Return the keys of the cases of an engine, known by its dialect object.

    Raises
    ------
    LookupError
        The engine was not made by `beds.database.connect`.
    """
    keys = _STORES.get(dialect)
    if keys is None:
        raise LookupError("this engine has no case keys: make engines with beds.database.connect")
    return keys


def _closing(keys: CaseKeys) -> Callable[[Engine], None]:
    return lambda _: keys.close()


def _identity_of(file: Path) -> tuple[int, ...]:
    """Return what tells this file from another put in its place; empty where there is none."""
    try:
        found = file.stat()
    except FileNotFoundError:
        return ()
    return (found.st_dev, found.st_ino)
