"""Column types and the naming of constraints, shared by every table.

An encrypted column finds its key by the engine it is used with (`use_keyring`), never in a global.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import ClassVar, Protocol
from weakref import WeakKeyDictionary

from pydantic import JsonValue
from sqlalchemy import CheckConstraint, DateTime, Dialect, MetaData, String, Text
from sqlalchemy.types import TypeDecorator
from sqlmodel import SQLModel

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)
"""Every constraint has a name, so that a migration can speak of it on both databases."""


CASE_TOKEN = "case:"  # noqa: S105 how such a token begins
"""How a value begins that is kept under the key of its case."""


class Keyring(Protocol):
    """What a database's keys can do; `beds.encryption.Keyring` is the one there is."""

    def encrypt(self, text: str) -> str:
        """Return the text as a token for storage."""

    def decrypt(self, token: str) -> str:
        """Return the text of a stored token."""

    def rotate(self, token: str) -> str:
        """Return a stored token again, under the newest key."""

    def is_newest(self, token: str) -> bool:
        """Whether a stored token is under the newest key."""

    def sign(self, purpose: str, text: str) -> str:
        """Return the keyed fingerprint of a text for one purpose, under the newest key."""

    def signatures(self, purpose: str, text: str) -> tuple[str, ...]:
        """Return the fingerprint under every key that is still in use, newest first."""

    def is_signed(self, purpose: str, text: str, signature: str) -> bool:
        """Whether any key that is still in use gives this fingerprint."""


_KEYRINGS: WeakKeyDictionary[Dialect, Keyring] = WeakKeyDictionary()


def use_keyring(dialect: Dialect, keyring: Keyring) -> None:
    """Let the encrypted columns of one engine, known by its dialect object, use these keys."""
    _KEYRINGS[dialect] = keyring


def keyring_of(dialect: Dialect) -> Keyring:
    """Return the keys of an engine, known by its dialect object.

    Raises
    ------
    LookupError
        The engine was not made by `beds.database.connect`.
    """
    keyring = _KEYRINGS.get(dialect)
    if keyring is None:
        raise LookupError("this engine has no encryption keys: make engines with beds.database.connect")
    return keyring


class Record(SQLModel):
    """The base of every table: its own metadata, with named constraints."""

    metadata: ClassVar[MetaData] = METADATA


class UtcDateTime(TypeDecorator[datetime]):
    """An instant, read and written with its offset and kept in UTC: SQLite would drop the offset."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse an instant without an offset; write the others as UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs an offset")
        instant = value.astimezone(UTC)
        return instant.replace(tzinfo=None) if dialect.name == "sqlite" else instant

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Read the instant back in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class ExactDecimal(TypeDecorator[Decimal]):
    """An amount of money exactly as it was stated; SQLite would make it a binary fraction."""

    impl = String(40)
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:
        """Write the digits."""
        return None if value is None else format(value, "f")

    def process_result_value(self, value: str | None, dialect: Dialect) -> Decimal | None:
        """Read the digits."""
        return None if value is None else Decimal(value)


class WordSet(TypeDecorator[frozenset[str]]):
    """A set of words, kept in order and parted by `;` as in the CSV folder; empty text is the empty set."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Iterable[str] | None, dialect: Dialect) -> str | None:
        """Write the words in order."""
        return None if value is None else ";".join(sorted(value))

    def process_result_value(self, value: str | None, dialect: Dialect) -> frozenset[str] | None:
        """Read the words."""
        if value is None:
            return None
        return frozenset(value.split(";")) if value else frozenset()


class Json(TypeDecorator[JsonValue]):
    """A JSON document in canonical text: sorted keys, no blanks, the same bytes on both databases."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: JsonValue, dialect: Dialect) -> str | None:
        """Write the document."""
        return None if value is None else canonical_json(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> JsonValue:
        """Read the document."""
        return None if value is None else json.loads(value)


class EncryptedText(TypeDecorator[str]):
    """A text that nobody reads in the file, in a backup or over the database's shoulder."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Encrypt under the newest key."""
        return None if value is None else keyring_of(dialect).encrypt(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """Decrypt under whichever key in use fits."""
        return None if value is None else keyring_of(dialect).decrypt(value)


class CaseToken(TypeDecorator[str]):
    """What is kept under the key of a case, as it is stored: `beds.sealing` seals and opens it.

    The column knows no case, so it takes tokens only; what was written before cases had keys of their own
    is a token of the database's keys, and is read as such.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Refuse whatever is not sealed."""
        if value is not None and not value.startswith(CASE_TOKEN):
            raise ValueError("this is kept under the key of its case only: see beds.sealing")
        return value


class EncryptedJson(TypeDecorator[JsonValue]):
    """A JSON document, encrypted as a whole."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: JsonValue, dialect: Dialect) -> str | None:
        """Encrypt under the newest key."""
        return None if value is None else keyring_of(dialect).encrypt(canonical_json(value))

    def process_result_value(self, value: str | None, dialect: Dialect) -> JsonValue:
        """Decrypt under whichever key in use fits."""
        return None if value is None else json.loads(keyring_of(dialect).decrypt(value))


def canonical_json(value: JsonValue | Mapping[str, JsonValue]) -> str:
    """Return the one text of a JSON document: sorted keys, no blanks, non-ASCII as it is."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def one_of(column: str, words: Iterable[str]) -> CheckConstraint:
    """Return the guard that a column holds one of an enumeration's stored values (or NULL where it may)."""
    accepted = ", ".join(f"'{word!s}'" for word in words)
    return CheckConstraint(f"{column} IN ({accepted})", name=column)
