"""What every page is made of: its head, sentences, cards, tables, and the caption that each figure carries.

Everything shown as HTML goes through `escape` here, once; words come translated (`t`) from the page. A table
is a real table, so that it can be read aloud, and on a phone its rows become cards.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from html import escape
from pathlib import Path
from typing import Final, Literal

import streamlit as st

from beds.wording import sentence_case
from dashboard.language import day, moment, t
from dashboard.session import desk

SELECT_WIDTH: Final = 480
"""In pixels. A choice by reference filters by what it contains: a near match is another household."""

Tone = Literal["", "emergency", "urgent", "standard", "good", "warning", "quiet"]
"""How a tag stands out, by weight, outline and a sign beside its word; never by colour alone."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a plain table.

    `number` aligns to the right; `short` keeps a cell on one line; `priority` marks a priority by weight
    and outline beside its word. `exact` shows a cell letter by letter: a reference, a value to be copied.
    """

    heading: str
    number: bool = False
    short: bool = False
    priority: bool = False
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Tag:
    """A status: its word, marked by `tone`; a cell of a table, or part of the head of a card."""

    word: str
    tone: Tone = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """A number to see first, with what it counts; `tone` marks one that somebody should act on."""

    number: str
    what: str
    tone: Tone = ""


@cache
def _house_css() -> str:
    return (Path(__file__).parent / "house.css").read_text(encoding="utf-8")


def house_style() -> None:
    """Put the style of tables, captions, cards and banners on the page, and that of paper."""
    st.html(f"<style>{_house_css()}</style>")


def page_head(title: str, lead: str) -> None:
    """Show the page's title, and in a sentence what it answers."""
    st.title(title, anchor=False)
    st.html(f'<p class="beds-lead">{escape(lead)}</p>')


def section(title: str, lead: str = "") -> None:
    """Show the heading of a part of a page, and in a sentence what it is for."""
    st.subheader(title, anchor=False)
    if lead:
        say(lead)


def say(sentence: str, *, detail: str = "") -> None:
    """Show a sentence, and in smaller letters what belongs to it."""
    below = f'<span class="beds-detail">{escape(detail)}</span>' if detail else ""
    st.html(f'<p class="beds-say">{escape(sentence)}{below}</p>')


@contextmanager
def step(number: int) -> Iterator[None]:
    """Give a row for one of several things to do, in their order; a sentence and a way to do it go in."""
    with st.container(horizontal=True, vertical_alignment="center", key=f"step-{number}", gap="small"):
        yield


def empty_state(sentence: str, next_step: str) -> None:
    """Show that there is nothing, and what to do next."""
    st.html(f'<div class="beds-empty" role="note"><p>{escape(sentence)}</p><p>{escape(next_step)}</p></div>')


def facts(numbers: Sequence[Fact | tuple[int, str]]) -> None:
    """Show a few numbers to see first, each with what it counts."""
    shown = [one if isinstance(one, Fact) else Fact(f"{one[0]:,}", one[1]) for one in numbers]
    items = "".join(
        f'<p class="{fact.tone or "plain"}"><b>{escape(fact.number)}</b> {escape(fact.what)}</p>'
        for fact in shown
    )
    st.html(f'<div class="beds-facts">{items}</div>')


def call_out(heading: str, sentences: Sequence[str]) -> None:
    """Show a few sentences that somebody should act on, under a heading of their own."""
    items = "".join(f"<li>{escape(sentence)}</li>" for sentence in sentences)
    st.html(f'<div class="beds-call"><p>{escape(heading)}</p><ul>{items}</ul></div>')


@contextmanager
def card(key: str, *, width: int | Literal["stretch"] = "stretch") -> Iterator[None]:
    """Give a box with a border for one thing among several, such as an option; widgets may go in it.

    Parameters
    ----------
    key : str
        Tells it from the other boxes of the page.
    width : int, optional
        In pixels, for boxes that stand side by side in a `row`; as wide as there is room if not stated.
    """
    with st.container(border=True, key=f"card-{key}", width=width):
        yield


@contextmanager
def row(key: str) -> Iterator[None]:
    """Give a row for things that stand side by side; where it is narrow they stand below each other."""
    with st.container(horizontal=True, gap="medium", key=f"row-{key}"):
        yield


def card_head(title: str, *, tags: Sequence[Tag] = (), lines: Sequence[str] = ()) -> None:
    """Show the top of a card: its name, its status tags, and a few short lines."""
    marks = "".join(map(tag_markup, tags))
    below = "".join(f"<p>{escape(line)}</p>" for line in lines)
    st.html(f'<div class="beds-card"><h3>{escape(title)}</h3><div>{marks}</div>{below}</div>')


def source_of_records() -> str:
    """Return what to name as the source of what is on record."""
    if desk().is_demonstration:
        return t("the demonstration’s records, which are synthetic")
    return t("the service’s own records")


def source_caption(*, as_at: datetime | date | str, definition: str, source: str) -> None:
    """Show under a figure when it holds, what it means, and where it comes from.

    Parameters
    ----------
    as_at : an instant, one in ISO form, or a day
    definition, source : in the visitor's language
    """
    text = t(
        "As at {time}. {definition} Source: {source}.",
        time=moment(as_at) if isinstance(as_at, datetime | str) else day(as_at),
        definition=definition,
        source=source,
    )
    st.html(f'<p class="beds-caption">{escape(text)}</p>')


def plain_table(
    caption: str, columns: Sequence[Column], rows: Sequence[Sequence[str | Tag]], *, stacks: bool = True
) -> None:
    """Show a table; the first cell of a row names it.

    Parameters
    ----------
    stacks : bool
        Whether rows become cards where it is narrow; a small table of numbers stays as it is.
    """
    head = "".join(_heading(column) for column in columns)
    body = "".join(f'<tr role="row">{_cells(columns, row)}</tr>' for row in rows)
    # Roles are stated because a row shown as a card would lose them.
    st.html(
        f'<div class="beds-table"><table role="table" class="{"stacks" if stacks else "stays"}">'
        f"<caption>{escape(caption)}</caption>"
        f'<thead role="rowgroup"><tr role="row">{head}</tr></thead>'
        f'<tbody role="rowgroup">{body}</tbody></table></div>'
    )


def _heading(column: Column) -> str:
    return f'<th role="columnheader" scope="col" class="{_style(column)}">{escape(column.heading)}</th>'


def _cells(columns: Sequence[Column], row: Sequence[str | Tag]) -> str:
    cells = []
    for place, (column, cell) in enumerate(zip(columns, row, strict=True)):
        style = _style(column) + ("" if cell else " empty")
        label = escape(column.heading, quote=True)
        inner = _inner(column, cell)
        kind, role = ("th", 'role="rowheader" scope="row"') if place == 0 else ("td", 'role="cell"')
        cells.append(f'<{kind} {role} class="{style}" data-label="{label}">{inner}</{kind}>')
    return "".join(cells)


def _style(column: Column) -> str:
    kinds = {"number": column.number, "short": column.short, "priority": column.priority}
    return next((kind for kind, applies in kinds.items() if applies), "words")


def _inner(column: Column, cell: str | Tag) -> str:
    if isinstance(cell, Tag):
        return tag_markup(cell)
    if column.priority:
        shown = escape(sentence_case(t(cell)))
        return f'<span class="beds-tag {escape(cell, quote=True)}">{shown}</span>'
    return f"<span>{escape(cell if column.exact else sentence_case(cell))}</span>"


def tag_markup(tag: Tag) -> str:
    """Return the markup of a status, to stand in a line of text."""
    return f'<span class="beds-tag {tag.tone}">{escape(sentence_case(tag.word))}</span>'
