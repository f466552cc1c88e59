"""Look-ups by name, out of the reference tables: places → GSS codes, languages → BCP 47 codes.

A name that could mean two things is left out: it is asked, not guessed.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping

_COUNCIL_COLUMNS = (("local_authority", "lad_gss"), ("council", "council_gss"), ("region", "gss_code"))
_TITLES = re.compile(r"^(city of|county|royal borough of|london borough of) |(, (city|county) of| city)$")
_BETWEEN = re.compile(r", | and | with ")
_OTHER_NAMES = {"kingston upon hull": "hull"}
"""Assumption: the name in everyday use and on the form's own list of towns."""


def place_key(name: str) -> str:
    """Return a name as it is compared: without case, accents, punctuation, or the order of its words.

    >>> place_key("Kurdish (Sorani)") == place_key("sorani KURDISH")
    True
    """
    plain = unicodedata.normalize("NFKD", name.casefold().replace("&", " and ").replace("'", ""))
    letters = "".join(char for char in plain if not unicodedata.combining(char))
    return " ".join(sorted(re.findall(r"\w+", letters)))


def gss_by_place(rows: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Return GSS codes by the key of a place, from rows of councils and regions.

    Rows are those of `local_authorities`, `scottish_councils` and `regions`. A council is found by its name,
    by its name without its title (`Bristol, City of`), and by each place in it (`Bournemouth, Christchurch
    and Poole`); a full name comes before a part of one, and a part of two names is nobody's.
    """
    whole: dict[str, set[str]] = defaultdict(set)
    parts: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        for name_column, code_column in _COUNCIL_COLUMNS:
            name, code = row.get(name_column, "").strip(), row.get(code_column, "").strip()
            if name and code:
                whole[place_key(name)].add(code)
                for part in _parts(name):
                    parts[place_key(part)].add(code)
    names = {**parts, **whole}
    return {key: next(iter(codes)) for key, codes in names.items() if len(codes) == 1 and key}


def _parts(name: str) -> set[str]:
    plain = _TITLES.sub("", name.casefold())
    parts = {plain, *(_TITLES.sub("", part) for part in _BETWEEN.split(plain))}
    return parts | {_OTHER_NAMES[part] for part in parts if part in _OTHER_NAMES}


def code_by_language(rows: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Return BCP 47 codes by the key of a language's name, from rows of `languages`.

    A row names its languages and, in the same order, their codes; `Tagalog/Filipino` is two names for one.
    """
    codes: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        names, found = row["language_names"].split(";"), row["languages"].split(";")
        if len(names) != len(found):
            continue  # which name has which code is not known
        for several, code in zip(names, found, strict=True):
            for name in several.split("/"):
                codes[place_key(name)].add(code.strip())
    return {key: next(iter(known)) for key, known in codes.items() if len(known) == 1 and key}
