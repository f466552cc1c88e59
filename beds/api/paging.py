"""Pages of a list: how many, and from where on, by a cursor that says nothing to whoever holds it."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Annotated, Final

from fastapi import Query

from beds.api.problems import Malformed
from beds.services.pages import MOST_ROWS

MOST_CURSOR_CHARACTERS: Final = 400
USUAL_ROWS: Final = 50

Limit = Annotated[
    int, Query(ge=1, le=MOST_ROWS, description=f"How many rows at most, 1 to {MOST_ROWS}.", examples=[50])
]
Cursor = Annotated[
    str | None,
    Query(
        max_length=MOST_CURSOR_CHARACTERS,
        description="`next` of the page before; left out for the first page.",
        examples=[None],
    ),
]


def cursor_of(after: str | None) -> str | None:
    """Return the cursor of the rows after a key, None at the end.

    Examples
    --------
    >>> after_of(cursor_of("ref-0a1b2c3d4e"))
    'ref-0a1b2c3d4e'
    """
    if after is None:
        return None
    text = json.dumps({"after": after}, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode("ascii").rstrip("=")


def after_of(cursor: str | None) -> str | None:
    """Return the key that a cursor stands for, None where there is none.

    Raises
    ------
    Malformed
        It is not a cursor of ours.
    """
    if cursor is None:
        return None
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        content = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        after = content["after"]
    except (binascii.Error, ValueError, TypeError, KeyError, RecursionError):
        after = None
    if not isinstance(after, str) or not after.isprintable() or not after:
        raise Malformed("cursor: the `next` of an earlier page is accepted, as it is")
    return after
