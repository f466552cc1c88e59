"""What a record was when it was imported, as a keyed fingerprint: equal only if every field is equal."""

from __future__ import annotations

import json
from collections.abc import Hashable
from dataclasses import MISSING, fields
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, cast

from pydantic import JsonValue

from beds.domain.records.columns import Keyring


def fingerprint(keyring: Keyring, table: str, record_id: str, row: object) -> str:
    """Return the fingerprint of a row of a table of the folder."""
    return keyring.sign(_purpose(table), _text(record_id, row))


def is_fingerprint_of(keyring: Keyring, table: str, record_id: str, row: object, stored: str) -> bool:
    """Whether a stored fingerprint is that of this row, under any audit key in use."""
    return keyring.is_signed(_purpose(table), _text(record_id, row), stored)


def _purpose(table: str) -> str:
    return f"imported {table}"


def _text(record_id: str, row: object) -> str:
    """Write a row without its defaults: a field that is added later changes no fingerprint."""
    content: dict[str, JsonValue] = {"": record_id}
    for name, default in _defaults(cast(Hashable, type(row))):
        value = getattr(row, name)
        if value != default:
            content[name] = _plain(value)
    return json.dumps(content)


@cache
def _defaults(row_type: Any) -> tuple[tuple[str, object], ...]:
    return tuple(
        (field.name, None if field.default is MISSING else field.default) for field in fields(row_type)
    )


def _plain(value: object) -> JsonValue:
    if isinstance(value, str):
        return str(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, frozenset):
        return [str(word) for word in sorted(value)]
    if value is None or isinstance(value, int):
        return value
    raise TypeError(f"no fingerprint of a {type(value).__name__}")
