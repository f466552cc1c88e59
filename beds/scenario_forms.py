"""What a field of a scenario may hold: one form a kind of value, with the words that say what is accepted.

A form reads a value as TOML and JSON give it, or refuses it; a refusal says of a number or a date which one
it was, of a text only that it was text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from math import isfinite
from typing import Final, TypeVar

from beds.domain.scenario import MOST_A_YEAR, Amount, Share
from beds.domain.terms import REGIONS
from beds.importing.forms import IDENTIFIER, LANGUAGE, WORD
from beds.importing.forms import Form as TextForm

Range = TypeVar("Range", Share, Amount)

LONGEST_SHOWN: Final = 20
MOST_BITS_SHOWN: Final = 64
LAST_YEAR: Final = 2999
RANGE: Final = ("low", "likely", "high")
MOST_OF_A_LIST: Final = 100


@dataclass(frozen=True, slots=True)
class Form:
    """What is accepted, in words, and how a value in that form is read (`ValueError` where it is not)."""

    accepted: str
    read: Callable[[object], object]


def kind_of(value: object) -> str:
    """Return what a value is: a number or a date as it stands, of anything else its kind.

    Examples
    --------
    >>> kind_of(1.2), kind_of("Mary"), kind_of([1]), kind_of(True)
    ('1.2', 'text', 'a list', 'true')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and value.bit_length() > MOST_BITS_SHOWN:
        return "a number"
    if isinstance(value, int | float | Decimal):
        shown = str(value)
        return shown if len(shown) <= LONGEST_SHOWN else "a number"
    if isinstance(value, datetime):
        return "a date with a time"
    if isinstance(value, date):
        return value.isoformat()
    for kind, words in ((str, "text"), (Mapping, "a table"), (list | tuple, "a list")):
        if isinstance(value, kind):
            return words
    return "nothing" if value is None else "a time"


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise ValueError
    number = float(value)
    if not isfinite(number):
        raise ValueError
    return number


def whole(lowest: int, highest: int) -> Form:
    """Return the form of a whole number within bounds, both included."""

    def read(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not lowest <= value <= highest:
            raise ValueError
        return value

    return Form(f"a whole number from {lowest} to {highest:,}", read)


def number(accepted: str, holds: Callable[[float], bool]) -> Form:
    """Return the form of a number that a condition holds of."""

    def read(value: object) -> float:
        found = _number(value)
        if not holds(found):
            raise ValueError
        return found

    return Form(accepted, read)


def text(longest: int) -> Form:
    """Return the form of a text without control characters."""

    def read(value: object) -> str:
        if not isinstance(value, str):
            raise ValueError
        joined = " ".join(value.split())
        if len(joined) > longest or not joined.isprintable():
            raise ValueError
        return joined

    return Form(f"text of at most {longest:,} characters", read)


def one_of(words: Iterable[StrEnum]) -> Form:
    """Return the form of one word of a vocabulary."""
    known = {str(word): word for word in words}

    def read(value: object) -> StrEnum:
        found = known.get(value) if isinstance(value, str) else None
        if found is None:
            raise ValueError
        return found

    return Form(f"one of {', '.join(known)}", read)


def as_text(form: TextForm) -> Form:
    """Return the form of a text that a cell of the folder of files may hold."""

    def read(value: object) -> object:
        if not isinstance(value, str) or not value:
            raise ValueError
        return form.parse(value)

    return Form(form.accepted, read)


def set_of(item: Form, *, least: int = 0) -> Form:
    """Return the form of a list without order."""

    def read(value: object) -> frozenset[object]:
        if not isinstance(value, list | tuple | set | frozenset) or not least <= len(value) <= MOST_OF_A_LIST:
            raise ValueError
        return frozenset(item.read(one) for one in value)

    return Form(f"a list in which each item is {item.accepted}", read)


def list_of(item: Form) -> Form:
    """Return the form of a list in its order."""

    def read(value: object) -> tuple[object, ...]:
        if not isinstance(value, list | tuple) or len(value) > MOST_OF_A_LIST:
            raise ValueError
        return tuple(item.read(one) for one in value)

    return Form(f"a list in which each item is {item.accepted}", read)


def day_from(first: date) -> Form:
    """Return the form of a date from a first one on."""

    def read(value: object) -> date:
        if isinstance(value, datetime) or not isinstance(value, date):
            raise ValueError
        if value < first or value.year > LAST_YEAR:
            raise ValueError
        return value

    return Form(f"a date from {first.isoformat()}, where the data begin, to {LAST_YEAR}", read)


def range_of(kind: type[Range], accepted: str) -> Form:
    """Return the form of a range: one number, or a table of low, likely and high."""

    def read(value: object) -> Range:
        if isinstance(value, Mapping):
            if set(value) != set(RANGE):
                raise ValueError
            return kind(*(_number(value[name]) for name in RANGE))
        found = _number(value)
        return kind(found, found, found)

    return Form(accepted, read)


def _boolean(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError
    return value


def _money(value: object) -> Decimal:
    if isinstance(value, str):  # as JSON has it
        value = Decimal(value) if value.replace(".", "", 1).isascii() and value[:1].isdigit() else None
    found = Decimal(str(value)) if 0 <= _number(value) < 1_000_000 else None
    if found is None or found != round(found, 2):
        raise ValueError
    return found


def _region(value: object) -> str:
    if not isinstance(value, str) or value not in REGIONS or value[0] not in "ES":
        raise ValueError
    return value


BOOLEAN: Final = Form("true or false", _boolean)
MONEY: Final = Form("an amount in pounds and pence, 0 or more, such as 102 or 101.76", _money)
REGION: Final = Form("an ONS region code of England or Scotland, such as E12000007 or S92000003", _region)
SHARE: Final = range_of(
    Share, "a share from 0 to 1, or low, likely and high with 0 <= low <= likely <= high <= 1"
)
AMOUNT: Final = range_of(Amount, f"a number from 0 to {MOST_A_YEAR:,}, or low, likely and high in that order")
REFERENCE, WORDS, LANGUAGES = as_text(IDENTIFIER), set_of(as_text(WORD)), set_of(as_text(LANGUAGE))
