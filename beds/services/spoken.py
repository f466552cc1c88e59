"""The names of languages by their codes, as the reference data has them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from beds.reference import read_rows

LANGUAGES = "languages.csv"


def language_name(code: str) -> str:
    """Return the name of a language in English; the code itself where the reference data has none.

    Examples
    --------
    >>> language_name("sq"), language_name("xx")
    ('Albanian', 'xx')
    """
    return _names().get(code, code)


@cache
def _names() -> dict[str, str]:
    """Return names by code; a code that stands for several varieties has the name before their brackets."""
    found: dict[str, list[str]] = {}
    for row in read_rows(LANGUAGES):
        names, codes = (row[column].split(";") for column in ("language_names", "languages"))
        for name, code in zip(names, codes, strict=False):
            found.setdefault(code.strip(), []).append(name.strip())
    return {code: _common(names) for code, names in found.items()}


def _common(names: Iterable[str]) -> str:
    """Return the one name there is, or what several varieties have in common."""
    several = sorted(set(names))
    return several[0] if len(several) == 1 else several[0].partition(" (")[0]
