"""Whole databases, row by row and as they are stored: what is encrypted stays encrypted, no key is needed.

The tables are read from the database itself, not from this version's records, so that a copy of an older
schema is understood too.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Inspector,
    Integer,
    MetaData,
    Table,
    Text,
    func,
    inspect,
    select,
    text,
)
from sqlalchemy.types import TypeEngine

from beds.domain.records.columns import UtcDateTime

REVISION_TABLE: Final = "alembic_version"
ROWS_AT_ONCE: Final = 2_000


@dataclass(frozen=True, slots=True)
class Contents:
    """How many rows a table has, and a digest of them that is the same in whichever order they come."""

    rows: int
    digest: str


def tables_as_stored(connection: Connection) -> tuple[Table, ...]:
    """Return the tables of a database, those referred to first; texts, tokens and documents are all text."""
    inspector = inspect(connection)
    metadata = MetaData()
    return tuple(
        Table(name, metadata, *_columns(inspector, name))
        for name, _ in inspector.get_sorted_table_and_fkc_names()
        if name is not None and name != REVISION_TABLE
    )


def _columns(inspector: Inspector, table: str) -> Iterator[Column[Any]]:
    for column in inspector.get_columns(table):
        yield Column(column["name"], _type_as_stored(column["type"]))


def _type_as_stored(found: TypeEngine[Any]) -> TypeEngine[Any]:
    """Return the one type that both databases read alike."""
    for kind, plain in (
        (DateTime, UtcDateTime()),
        (Date, Date()),
        (Boolean, Boolean()),
        (Integer, Integer()),
    ):
        if isinstance(found, kind):
            return plain
    return Text()


def rows_of(connection: Connection, table: Table) -> Generator[list[dict[str, Any]]]:
    """Yield the rows of a table, many at once, as they are stored."""
    streamed = {"stream_results": True, "yield_per": ROWS_AT_ONCE}
    with connection.execute(select(table), execution_options=streamed) as result:
        for batch in result.mappings().partitions(ROWS_AT_ONCE):
            yield [dict(row) for row in batch]


def copy_rows(source: Connection, target: Connection, table: Table) -> Contents:
    """Copy the rows of a table from one database into another, and return what was copied."""
    hashes: list[bytes] = []
    # A row that is refused must not leave the server's cursor open behind it.
    with closing(rows_of(source, table)) as batches:
        for batch in batches:
            target.execute(table.insert(), batch)
            hashes += map(_hash, batch)
    return _contents(hashes)


def contents_of(connection: Connection, tables: Sequence[Table]) -> dict[str, Contents]:
    """Return what is in some tables."""
    return {
        table.name: _contents([_hash(row) for batch in rows_of(connection, table) for row in batch])
        for table in tables
    }


def _contents(hashes: list[bytes]) -> Contents:
    return Contents(len(hashes), hashlib.sha256(b"".join(sorted(hashes))).hexdigest())


def _hash(row: Mapping[str, Any]) -> bytes:
    return hashlib.sha256(json.dumps(row, sort_keys=True, default=_in_text).encode()).digest()


def _in_text(value: date | datetime) -> str:
    return value.isoformat()


def is_blank(connection: Connection, *, beside: frozenset[str]) -> bool:
    """Whether there are no rows in any table but some."""
    return all(
        connection.execute(select(func.count()).select_from(table)).scalar_one() == 0
        for table in tables_as_stored(connection)
        if table.name not in beside
    )


def drop_everything(connection: Connection) -> None:
    """Take every table of the schema away, and on PostgreSQL the functions and types that go with them.

    On SQLite with foreign keys off: rows would be deleted first, which the guards refuse.
    """
    cascade = " CASCADE" if connection.dialect.name == "postgresql" else ""
    preparer = connection.dialect.identifier_preparer
    for name in inspect(connection).get_table_names():
        connection.execute(text(f"DROP TABLE {preparer.quote(name)}{cascade}"))
    if connection.dialect.name != "postgresql":
        return
    for kind, query in _OURS_ON_POSTGRES.items():
        for name in connection.execute(text(query)).scalars().all():
            connection.execute(text(f"DROP {kind} {preparer.quote(name)}"))


_OURS_ON_POSTGRES: Final = {
    "FUNCTION": "SELECT proname FROM pg_proc WHERE pronamespace = current_schema()::regnamespace"
    " AND prorettype = 'trigger'::regtype"
    " AND NOT EXISTS (SELECT 1 FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')",
    "TYPE": "SELECT typname FROM pg_type WHERE typnamespace = current_schema()::regnamespace"
    " AND typtype IN ('r', 'e', 'd')"
    " AND NOT EXISTS (SELECT 1 FROM pg_depend WHERE objid = pg_type.oid AND deptype = 'e')",
}
"""What a schema of ours holds besides tables: functions of triggers, and types; not those of an extension."""
