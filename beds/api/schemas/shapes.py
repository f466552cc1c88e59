"""The forms that every request and answer is made of: references, words, texts, dates, pages."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Annotated, Final, Generic, TypeVar

from fastapi import Path
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)

_REF: Final = r"^[^\x00-\x20;=+@\x7f-\xa0\-][^\x00-\x20;\x7f-\xa0]{0,63}$"
_WORD: Final = r"^[a-z0-9]+(_[a-z0-9]+)*$"
_PLAIN_TEXT: Final = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_FIRST_YEAR, _LAST_YEAR = 1900, 2999

Ref = Annotated[str, StringConstraints(pattern=_REF)]
"""An identifier: ours, or one that came with a folder."""
Word = Annotated[str, StringConstraints(pattern=_WORD, max_length=64)]
"""A word of an open vocabulary."""
Reason = Annotated[Word, StringConstraints(max_length=40)]
"""Why, in a word: no free text is kept where the audit or a log could show it."""
AreaCode = Annotated[str, StringConstraints(pattern=r"^[ENSW][0-9]{8}$")]
Language = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$", max_length=35)]
Line = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=_PLAIN_TEXT)
]
Paragraph = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4_000, pattern=_PLAIN_TEXT)
]


Sorted = Annotated[list[str], BeforeValidator(sorted)]
"""A set, in an order that does not change from answer to answer."""


def _only_text(value: object) -> object:
    """Refuse numbers, which would be read as seconds since 1970."""
    if isinstance(value, str):
        return value
    raise ValueError("text is accepted, such as 2026-03-03")


def _a_day(value: object) -> object:
    if isinstance(value, str) and _DAY.fullmatch(value):
        return value
    raise ValueError("a date is accepted, such as 2026-03-03")


def _plausible(value: date | datetime) -> date | datetime:
    if _FIRST_YEAR <= value.year <= _LAST_YEAR:
        return value
    raise ValueError(f"a year from {_FIRST_YEAR} to {_LAST_YEAR} is accepted")


Day = Annotated[date, BeforeValidator(_a_day), AfterValidator(_plausible)]
Instant = Annotated[AwareDatetime, BeforeValidator(_only_text), AfterValidator(_plausible)]

Id = Annotated[str, Path(pattern=_REF, description="The record's identifier.", examples=["ref-0a1b2c3d4e"])]
"""An identifier in an address."""


class Body(BaseModel):
    """What a request holds: nothing that is not known, nothing without bounds."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, hide_input_in_errors=True)


class Answer(BaseModel):
    """What an answer holds: the fields named here, and nothing else that a service may know."""

    model_config = ConfigDict(from_attributes=True, hide_input_in_errors=True)


Row = TypeVar("Row", bound=BaseModel)


class PageOf(Answer, Generic[Row]):
    """Some rows in their order, and where the next ones begin."""

    items: list[Row]
    next: str | None = Field(description="The `cursor` of the next page; null at the end.", examples=[None])
