"""How a refusal becomes a sentence on a page, once: no page ends in a trace."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from beds.errors import BedsError
from beds.wording import sentence_case
from dashboard.language import t


def sentence(refusal: BedsError) -> str:
    """Return a refusal as a sentence in the visitor's language."""
    return f"{sentence_case(t(str(refusal)))}."


def show_refusal(refusal: BedsError) -> None:
    """Show a refusal where the page stands."""
    st.error(sentence(refusal))


@contextmanager
def refusals_in_words() -> Iterator[None]:
    """Show a refusal as a sentence below what has been shown of a page by then."""
    try:
        yield
    except BedsError as refusal:
        show_refusal(refusal)
