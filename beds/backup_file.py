"""The file of a backup: one SQLite file with the service's own schema and a signed list of what is in it.

It is the same whichever database it was made from. It holds no key; what is encrypted in the database is
encrypted in it.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from urllib.parse import quote

from pydantic import JsonValue
from sqlalchemy import URL, Connection, Engine, create_engine, text
from sqlalchemy.pool import NullPool

from beds.audit_anchor import OWNER_ONLY, AnchorFile, use_anchor
from beds.case_keys import CaseKeys, case_keys_of, use_case_keys
from beds.database_faults import refusals_in_words
from beds.domain.records.columns import Keyring, canonical_json, keyring_of, use_keyring
from beds.errors import BadInput, DatabaseUnavailable
from beds.read_log import ReadLog, use_read_log
from beds.sqlite_files import speak_sqlite
from beds.store.copying import Contents
from beds.transactions import BUSY_TIMEOUT_S, TURNS
from beds.turns import Turns

APPLICATION_ID: Final = 0x62656473
"""What SQLite keeps in a file's header for whoever made it: "beds" in ASCII."""
APPLICATION_ID_AT: Final = 68
MAGIC: Final = b"SQLite format 3\0"
FORMAT: Final = 1
MANIFEST: Final = "backup_manifest"
SIGNED: Final = "backup manifest"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself."""

    made_at: datetime
    revision: str
    contents: Mapping[str, Contents]

    def stated(self) -> str:
        """Return the text that is signed."""
        tables: dict[str, JsonValue] = {
            name: [found.rows, found.digest] for name, found in self.contents.items()
        }
        made_at = self.made_at.isoformat()
        return canonical_json(
            {"format": FORMAT, "made_at": made_at, "revision": self.revision, "tables": tables}
        )


def is_backup(file: Path) -> bool:
    """Whether a file says in its header that it is a backup of this service.

    Raises
    ------
    BadInput
        It cannot be read.
    """
    try:
        with file.open("rb") as content:
            header = content.read(APPLICATION_ID_AT + 4)
    except OSError as error:
        raise BadInput(f"{file.name}: the file cannot be read ({error.strerror})") from error
    found = int.from_bytes(header[APPLICATION_ID_AT:], "big")
    return header.startswith(MAGIC) and len(header) == APPLICATION_ID_AT + 4 and found == APPLICATION_ID


@contextmanager
def draft_beside(file: Path) -> Iterator[Path]:
    """Give a new file beside another, for its owner only; at the end it takes the other's place, whole.

    Raises
    ------
    BadInput
        It cannot be written there.
    """
    draft = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    try:
        os.close(os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, OWNER_ONLY))
        yield draft
        _to_the_disk(draft)
        draft.replace(file)
        _to_the_disk(file.parent)
    except OSError as error:
        raise BadInput(f"{file.name}: the backup cannot be written there ({error.strerror})") from error
    finally:
        for left in (draft, draft.with_name(f"{draft.name}-journal")):
            left.unlink(missing_ok=True)


def _to_the_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def opened(file: Path, like: Engine, *, to_write: bool = False) -> Iterator[Engine]:
    """Give an engine on a backup's file, with the keys of a database and nothing kept beside it.

    A finished backup is opened so that SQLite makes no file beside it and changes none.
    """
    access = {"mode": "rw"} if to_write else {"mode": "ro", "immutable": "1"}
    path = quote(str(file.absolute()))
    url = URL.create("sqlite", database=f"file:{path}", query={**access, "uri": "true"})
    options = {TURNS: Turns(), BUSY_TIMEOUT_S: 0}
    engine = create_engine(url, hide_parameters=True, poolclass=NullPool, execution_options=options)
    keyring = keyring_of(like.dialect)
    use_keyring(engine.dialect, keyring)
    use_case_keys(engine, CaseKeys(keyring, case_keys_of(like.dialect).file))
    use_anchor(engine.dialect, AnchorFile(None, keyring))
    use_read_log(engine.dialect, ReadLog(None, keyring))
    speak_sqlite(engine, wal=False)
    try:
        with refusals_in_words():
            yield engine
    finally:
        engine.dispose()


def write_manifest(connection: Connection, manifest: Manifest, keyring: Keyring) -> None:
    """Say in a backup what it is and what is in it, and sign it."""
    stated = manifest.stated()
    connection.execute(text(f"PRAGMA application_id = {APPLICATION_ID}"))
    connection.execute(text(f"CREATE TABLE {MANIFEST} (stated TEXT NOT NULL, signature TEXT NOT NULL)"))
    connection.execute(
        text(f"INSERT INTO {MANIFEST} (stated, signature) VALUES (:stated, :signature)"),  # noqa: S608 our name
        {"stated": stated, "signature": keyring.sign(SIGNED, stated)},
    )


def read_manifest(connection: Connection, keyring: Keyring) -> Manifest:
    """Return what a backup says of itself.

    Raises
    ------
    BadInput
        It is of a newer version of the service.
    DatabaseUnavailable
        It was changed since it was made, or signed with another audit key.
    """
    row = connection.execute(text(f"SELECT stated, signature FROM {MANIFEST}")).one()  # noqa: S608 our name
    if not keyring.is_signed(SIGNED, row.stated, row.signature):
        raise DatabaseUnavailable("the backup was changed since it was made, or another audit key is in use")
    stated = json.loads(row.stated)
    if stated["format"] != FORMAT:
        raise BadInput("the backup was made by a newer version of this service")
    contents = {name: Contents(rows, digest) for name, (rows, digest) in stated["tables"].items()}
    return Manifest(datetime.fromisoformat(stated["made_at"]), stated["revision"], contents)
