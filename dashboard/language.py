"""The words of the pages in the visitor's language: English is the key, a table of translations is data.

A language is a file in `languages/`, named by its BCP 47 code: two columns, `english` and `translation`. What
a table does not have is shown in English. Nothing here knows what a page is about.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Hashable, Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

import streamlit as st

Code = TypeVar("Code", bound=str)
Option = TypeVar("Option", bound=Hashable)

FOLDER: Final = Path(__file__).parent / "languages"
ENGLISH: Final = "en"
PSEUDO: Final = "en-XA"
"""English in brackets: it shows which words of a page do not go through `t`. For tests and translators."""
OWN_NAMES: Final = {ENGLISH: "English", "cy": "Cymraeg", "gd": "Gàidhlig", PSEUDO: "⟦English⟧"}
LONDON: Final = ZoneInfo("Europe/London")
CHOSEN: Final = "spoken"
_MARKS: Final = re.compile(r"[\\`*_{}\[\]()#+.!|<>~$:-]")
MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def t(english: str, **values: object) -> str:
    """Return a sentence of the pages in the visitor's language, with values put in.

    Examples
    --------
    >>> t("{n} of {all} shown", n=3, all=10)
    '3 of 10 shown'
    """
    words = in_language(english, language())
    return words.format_map(values) if values else words


def counted(number: int, one: str, many: str) -> str:
    """Return a number with its noun, such as `1 unit` and `1,200 units`.

    Parameters
    ----------
    one, many : both have `{n}` in them, and are keys of the tables

    Examples
    --------
    >>> counted(1200, "{n} unit", "{n} units")
    '1,200 units'
    """
    return t(one if number == 1 else many, n=f"{number:,}")


def day(on: date | None) -> str:
    """Return a date as people write it; empty where there is none.

    Examples
    --------
    >>> day(date(2026, 11, 23))
    '23 Nov 2026'
    """
    return "" if on is None else f"{on.day} {t(MONTHS[on.month - 1])} {on.year}"


def moment(at: datetime | str) -> str:
    """Return an instant, or one in ISO form, as a date and time in London.

    Examples
    --------
    >>> moment("2026-11-23T18:00:00+00:00")
    '23 Nov 2026, 18:00 London'
    """
    there = (datetime.fromisoformat(at) if isinstance(at, str) else at).astimezone(LONDON)
    return t("{day}, {time} London", day=day(there), time=f"{there:%H:%M}")


def in_language(english: str, code: str) -> str:
    """Return words in a language; English where its table has none."""
    if code == PSEUDO:
        return f"⟦{english}⟧"
    return english if code == ENGLISH else table(code).get(english, english)


def language() -> str:
    """Return the code of the language of this visit: `speak` says which; English until it does."""
    chosen = st.session_state.get(CHOSEN)
    return chosen if isinstance(chosen, str) else ENGLISH


def speak(code: str, *, again: bool = False) -> None:
    """Begin a visit in a language of the settings; `again` when the visitor chooses another."""
    if again or CHOSEN not in st.session_state:
        st.session_state[CHOSEN] = code


def languages() -> dict[str, str]:
    """Return the languages that can be chosen: the name of each in itself, by code."""
    found = sorted(file.stem for file in FOLDER.glob("*.csv"))
    return {code: OWN_NAMES.get(code, code) for code in (ENGLISH, *found)}


@cache
def table(code: str) -> Mapping[str, str]:
    """Return the translations of a language by their English words; none where there is no table."""
    file = FOLDER / f"{code}.csv"
    if not file.is_file():
        return {}
    with file.open(encoding="utf-8", newline="") as lines:
        return {row["english"]: row["translation"] for row in csv.DictReader(lines) if row["translation"]}


def unmarked(text: str) -> str:
    """Return a text from a record so that a label shows it as it is: labels read Markdown."""
    return _MARKS.sub(r"\\\g<0>", text)


def spoken(words: Mapping[Code, str]) -> Callable[[Code | None], str]:
    """Return what gives the words of each code in the language of now, for the options of a widget.

    A code without words is shown as it is.
    """
    found = {code: t(english) for code, english in words.items()}
    return lambda code: found.get(code, str(code or "")) if code is not None else ""


def worded(words: Mapping[Option, str]) -> Callable[[Option | None], str]:
    """Return what gives the words of each code as they are, for options whose words are made up already.

    It knows no other code: a browser answers with words, and Streamlit finds the option behind them by this.
    """
    return lambda code: words[code] if code is not None else ""
