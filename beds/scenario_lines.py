"""On which line of a TOML text a field is stated: the reader of the standard library does not say.

Only for naming the place of a fault: a field that is not found has no line, and nothing else depends on it.
"""

from __future__ import annotations

import re
from typing import Final

Path = tuple[str | int, ...]

_HEADER: Final = re.compile(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(#.*)?$")
_KEY: Final = re.compile(
    r"""\s*((?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*'))*)\s*="""
)
_LONG: Final = ('"""', "'''")


def lines_of(text: str) -> dict[Path, int]:
    """Return the line of each field, counted from 1, by its path; tables of a list are counted from 0.

    Examples
    --------
    >>> lines_of("horizon_days = 9\\n[[sites]]\\nunits = 3\\n")
    {('horizon_days',): 1, ('sites', 0): 2, ('sites', 0, 'units'): 3}
    """
    found: dict[Path, int] = {}
    counts: dict[Path, int] = {}
    table: Path = ()
    inside = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if inside:
            inside = "" if inside in line else inside
            continue
        header, key = _HEADER.match(line), _KEY.match(line)
        if header:
            table = _parts(header[2])
            if header[1] == "[[":
                counts[table] = counts.get(table, -1) + 1
                table = (*table, counts[table])
            found.setdefault(table, number)
        elif key:
            path = (*table, *_parts(key[1]))
            for depth in range(len(table) + 1, len(path) + 1):
                found.setdefault(path[:depth], number)
            inside = next((quotes for quotes in _LONG if line.count(quotes) == 1), "")
    return found


def _parts(dotted: str) -> Path:
    return tuple(part.strip().strip("\"'") for part in dotted.split("."))
