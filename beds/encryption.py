"""Encryption of personal data at rest, and keyed fingerprints, with keys that can be rotated.

Fernet (AES-128-CBC with HMAC-SHA256) from `cryptography`; several keys make a rotation: the first writes,
all of them read. Keys come from `beds.settings`; nothing here looks for them or prints them.
"""

from __future__ import annotations

import hashlib
import hmac
import zlib
from collections.abc import Callable, Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from beds.domain.records.columns import EncryptedJson, EncryptedText
from beds.errors import BadInput, DatabaseUnavailable

__all__ = ["EncryptedJson", "EncryptedText", "Keyring", "new_encryption_key"]

COMPRESS_FROM_BYTES = 1_000
"""Frozen problems run to megabytes of repetitive text; a person's document does not gain by compression."""

_PLAIN, _COMPRESSED = b"p", b"z"


class Keyring:
    """The encryption keys and the audit keys of one database, newest first."""

    __slots__ = ("_audit_keys", "_fernet", "_newer_keys", "_newest")

    def __init__(
        self,
        encryption_keys: Sequence[str],
        audit_keys: Sequence[str],
        newer_keys: Callable[[], Sequence[str] | None] = lambda: None,
    ) -> None:
        """Take the keys as text.

        Parameters
        ----------
        newer_keys : gives the encryption keys if they have changed since it was last asked, else None; they
            are asked for before anything is written, so that no key comes back that was taken out of use

        Raises
        ------
        BadInput
            There is no key of a kind, or an encryption key is not 32 bytes in URL-safe base64.
        """
        if not encryption_keys or not audit_keys:
            raise BadInput("a database needs an encryption key and an audit key")
        self._use(encryption_keys)
        self._newer_keys = newer_keys
        self._audit_keys = tuple(key.encode() for key in audit_keys)

    def __repr__(self) -> str:
        """Say that there are keys, never which."""
        return "Keyring(…)"

    def _use(self, encryption_keys: Sequence[str]) -> None:
        try:
            keys = [Fernet(key) for key in encryption_keys]
        except ValueError as error:
            raise BadInput("BEDS_ENCRYPTION_KEY: each key must be 32 bytes in URL-safe base64") from error
        self._newest, self._fernet = keys[0], MultiFernet(keys)

    def _look_for_newer(self) -> bool:
        """Use the keys that a rotation has put in place since; say whether it has."""
        keys = self._newer_keys()
        if not keys:
            return False
        self._use(keys)
        return True

    def encrypt(self, text: str) -> str:
        """Return the text as a token, under the newest key."""
        self._look_for_newer()
        content = text.encode()
        if len(content) >= COMPRESS_FROM_BYTES:
            content = _COMPRESSED + zlib.compress(content)
        else:
            content = _PLAIN + content
        return self._fernet.encrypt(content).decode("ascii")

    def decrypt(self, token: str) -> str:
        """Return the text of a token.

        Raises
        ------
        DatabaseUnavailable
            No key in use fits, or the token was changed: the two cannot be told apart.
        """
        content = self._content(token)
        kind, body = content[:1], content[1:]
        return (zlib.decompress(body) if kind == _COMPRESSED else body).decode()

    def rotate(self, token: str) -> str:
        """Return a token of the same text, under the newest key.

        Raises
        ------
        DatabaseUnavailable
            As for `decrypt`.
        """
        self._look_for_newer()
        return self._newest.encrypt(self._content(token)).decode("ascii")

    def is_newest(self, token: str) -> bool:
        """Whether a token is under the newest key."""
        self._look_for_newer()
        return _opens(self._newest, token) is not None

    def _content(self, token: str) -> bytes:
        content = _opens(self._fernet, token)
        if content is None and self._look_for_newer():
            content = _opens(self._fernet, token)
        if content is None:
            raise DatabaseUnavailable(
                "the database cannot be read with the encryption key in use: "
                "set BEDS_ENCRYPTION_KEY or BEDS_ENCRYPTION_KEY_FILE to the key that it was written with"
            )
        return content

    def sign(self, purpose: str, text: str) -> str:
        """Return the keyed fingerprint of a text for one purpose, under the newest audit key.

        A plain hash would not do: few values are possible for an age or a gender, and all can be tried.
        """
        return _mac(self._audit_keys[0], purpose, text)

    def signatures(self, purpose: str, text: str) -> tuple[str, ...]:
        """Return the fingerprint of a text under every audit key in use, newest first: to look it up by."""
        return tuple(_mac(key, purpose, text) for key in self._audit_keys)

    def is_signed(self, purpose: str, text: str, signature: str) -> bool:
        """Whether an audit key in use gives this fingerprint."""
        return any(hmac.compare_digest(_mac(key, purpose, text), signature) for key in self._audit_keys)


def new_encryption_key() -> str:
    """Return a fresh encryption key."""
    return Fernet.generate_key().decode("ascii")


def _opens(keys: Fernet | MultiFernet, token: str) -> bytes | None:
    try:
        return keys.decrypt(token)
    except InvalidToken:
        return None


def _mac(key: bytes, purpose: str, text: str) -> str:
    message = purpose.encode() + b"\0" + text.encode()
    return hmac.digest(key, message, hashlib.sha256).hex()
