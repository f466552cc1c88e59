"""What every page is made of: its head, sentences, tables, and the caption that each figure carries.

Everything shown as HTML goes through `escape` here, once; a table is a real table, so that it can be read
aloud, and on a phone its rows become cards.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path

import streamlit as st

from beds.errors import BedsError
from beds.wording import moment, sentence_case

RECORDS = "the demonstration’s records, which are synthetic"
SELECT_WIDTH = 480
"""In pixels. A choice by reference filters by what it contains: a near match is another household."""
FILL_IT = "Run `beds demo` in a terminal to fill the demonstration, then load this page again."
NO_ROUND = f"There is no round yet. {FILL_IT}"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a plain table.

    `number` aligns to the right; `short` keeps a cell on one line; `priority` marks a priority by weight
    and outline beside its word.
    """

    heading: str
    number: bool = False
    short: bool = False
    priority: bool = False


@cache
def _house_css() -> str:
    return (Path(__file__).parent / "house.css").read_text(encoding="utf-8")


def house_style() -> None:
    """Put the style of tables, captions and banners on the page."""
    st.html(f"<style>{_house_css()}</style>")


def page_head(title: str, lead: str) -> None:
    """Show that nothing here is real, the page's title, and in a sentence what it answers.

    To be called once it is known that the database is a demonstration.
    """
    st.html(
        '<div class="beds-banner" role="note"><strong>SYNTHETIC DATA</strong>'
        "<span>A demonstration: nobody in it exists.</span></div>"
    )
    st.title(title, anchor=False)
    st.html(f'<p class="beds-lead">{escape(lead)}</p>')


@contextmanager
def refusals_in_words(title: str) -> Iterator[None]:
    """Show a refusal as a sentence in place of the page; nothing of the page has been shown by then."""
    try:
        yield
    except BedsError as refusal:
        st.title(title, anchor=False)
        st.error(f"{sentence_case(str(refusal))}.")


def say(sentence: str) -> None:
    """Show a sentence."""
    st.html(f'<p class="beds-say">{escape(sentence)}</p>')


def facts(numbers: Sequence[tuple[int, str]]) -> None:
    """Show a few numbers to see first, each with what it counts."""
    items = "".join(f"<p><b>{number:,}</b> {escape(what)}</p>" for number, what in numbers)
    st.html(f'<div class="beds-facts">{items}</div>')


def call_out(heading: str, sentences: Sequence[str]) -> None:
    """Show a few sentences that somebody should act on, under a heading of their own."""
    items = "".join(f"<li>{escape(sentence)}</li>" for sentence in sentences)
    st.html(f'<div class="beds-call"><p>{escape(heading)}</p><ul>{items}</ul></div>')


def source_caption(*, as_at: str, definition: str, source: str) -> None:
    """Show under a figure when it holds, what it means, and where it comes from.

    Parameters
    ----------
    as_at : str
        An instant in ISO form.
    """
    text = f"As at {moment(as_at)}. {definition} Source: {source}."
    st.html(f'<p class="beds-caption">{escape(text)}</p>')


def plain_table(
    caption: str, columns: Sequence[Column], rows: Sequence[Sequence[str]], *, stacks: bool = True
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


def _cells(columns: Sequence[Column], row: Sequence[str]) -> str:
    cells = []
    for place, (column, text) in enumerate(zip(columns, row, strict=True)):
        style = _style(column) + ("" if text else " empty")
        label = escape(column.heading, quote=True)
        shown = escape(sentence_case(text))
        inner = _tag(text) if column.priority else f"<span>{shown}</span>"
        tag, role = ("th", 'role="rowheader" scope="row"') if place == 0 else ("td", 'role="cell"')
        cells.append(f'<{tag} {role} class="{style}" data-label="{label}">{inner}</{tag}>')
    return "".join(cells)


def _style(column: Column) -> str:
    kinds = {"number": column.number, "short": column.short, "priority": column.priority}
    return next((kind for kind, applies in kinds.items() if applies), "words")


def _tag(priority: str) -> str:
    return f'<span class="beds-tag {escape(priority, quote=True)}">{escape(sentence_case(priority))}</span>'
