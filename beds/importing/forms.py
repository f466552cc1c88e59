"""What a cell may hold: one form a kind of value, with the words that say what is accepted.

A form turns text into a value or refuses it with `ValueError`; it never says what the text was, because a
cell may be personal. `shown` is its inverse, so that a folder that was written reads back the same.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from beds.domain.terms import AREA_CODE, REGIONS

MAX_IDENTIFIER_LENGTH = 64
MAX_NAME_LENGTH = 200
MAX_DAYS = 36_500
"""A hundred years of nights: more is a slip of the keyboard, and would run past the end of the calendar."""
FIRST_YEAR, LAST_YEAR, LAST_YEAR_OF_INSTANTS = 1900, 9999, 2999
"""A day may be the calendar's last, as records that end "never" have it; an instant is in some time zone
another day, and must not fall out of the calendar there."""

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:?\d{2})", re.ASCII)
_DIGITS = re.compile(r"\d{1,9}", re.ASCII)
_MONEY = re.compile(r"\d{1,9}(\.\d{1,20})?", re.ASCII)
_WORD = re.compile(r"[a-z0-9]+(_[a-z0-9]+)*")
_PLAIN_IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:/-]{0,63}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")


@dataclass(frozen=True, slots=True)
class Form:
    """What is accepted, in words, and how text in that form is read."""

    accepted: str
    parse: Callable[[str], object]


def _matching(pattern: re.Pattern[str], text: str) -> str:
    if not pattern.fullmatch(text):
        raise ValueError
    return text


def _identifier(text: str) -> str:
    if _PLAIN_IDENTIFIER.fullmatch(text):  # nearly all: a national estate has a hundred thousand of them
        return text
    visible = text.isprintable() and not any(char.isspace() or char == "\ufffd" for char in text)
    if not visible or len(text) > MAX_IDENTIFIER_LENGTH or text[0] in "=+-@" or ";" in text:
        raise ValueError
    return text


def _name(text: str) -> str:
    """Read free text on one line: line breaks become spaces, control characters are refused."""
    joined = " ".join(text.split())
    if (
        text[0] == "="
        or len(joined) > MAX_NAME_LENGTH
        or any(unicodedata.category(char) == "Cc" for char in joined)
    ):
        raise ValueError
    return joined


def _word(text: str) -> str:
    if len(text) > MAX_IDENTIFIER_LENGTH:
        raise ValueError
    return _matching(_WORD, text)


def _boolean(text: str) -> bool:
    return {"true": True, "false": False}[text]


def _day(text: str) -> date:
    return _within_years(date.fromisoformat(_matching(_DAY, text)), LAST_YEAR)


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(_matching(_INSTANT, text))
    _within_years(instant, LAST_YEAR_OF_INSTANTS)
    return instant


def _within_years(day: date, last_year: int) -> date:
    if not FIRST_YEAR <= day.year <= last_year:
        raise ValueError
    return day


def _money(text: str) -> Decimal:
    return Decimal(_matching(_MONEY, text))


def _language(text: str) -> str:
    return _matching(_LANGUAGE, text).split("-")[0].lower()


def _region(text: str) -> str:
    if text not in REGIONS:
        raise ValueError
    return text


def whole(lowest: int, highest: int) -> Form:
    """Return the form of a whole number within bounds, both included."""

    def parse(text: str) -> int:
        number = int(_matching(_DIGITS, text))
        if not lowest <= number <= highest:
            raise ValueError
        return number

    return Form(f"a whole number from {lowest} to {highest:,}, in digits", parse)


def one_of(values: Iterable[StrEnum]) -> Form:
    """Return the form of one value out of a fixed vocabulary."""
    known = {str(value): value for value in values}
    return Form(f"one of {', '.join(known)}", known.__getitem__)


def list_of(item: Form) -> Form:
    """Return the form of a list: items separated by `;`, spaces around them and empty ones dropped.

    A cell of separators alone is refused: it is not known what was meant.
    """

    def parse(text: str) -> frozenset[object]:
        items = frozenset(item.parse(part.strip()) for part in text.split(";") if part.strip())
        if not items:
            raise ValueError
        return items

    return Form(f"a list separated by ; where each item is {item.accepted}", parse)


IDENTIFIER = Form(
    f"an identifier of 1 to {MAX_IDENTIFIER_LENGTH} visible characters without spaces or ;,"
    " not beginning with = + - or @",
    _identifier,
)
NAME = Form(f"text of at most {MAX_NAME_LENGTH} characters without control characters", _name)
WORD = Form(f"a lower_snake word of at most {MAX_IDENTIFIER_LENGTH} characters", _word)
BOOLEAN = Form("true or false, in lower case", _boolean)
DAY = Form(f"a date such as 2026-03-03, from {FIRST_YEAR} to {LAST_YEAR}", _day)
INSTANT = Form(
    "a date-time with its offset, such as 2026-03-03T02:00:00+00:00 or 2026-03-03T02:00:00Z,"
    f" from {FIRST_YEAR} to {LAST_YEAR_OF_INSTANTS}",
    _instant,
)
MONEY = Form("an amount in pounds, 0 or more, such as 102 or 102.50", _money)
LANGUAGE = Form("a BCP 47 language code such as sq, vi or ckb", _language)
REGION = Form(f"an ONS region code: one of {', '.join(REGIONS)}", _region)
AREA = Form("an ONS (GSS) area code: E, N, S or W and eight digits", lambda text: _matching(AREA_CODE, text))


def shown(value: object) -> str:
    """Return the text of a cell that holds a value; an empty one for what was not asked."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, frozenset):
        return ";".join(sorted(map(str, value)))
    if isinstance(value, date):  # a date-time is a date too
        return value.isoformat()
    return format(value, "f") if isinstance(value, Decimal) else str(value)
