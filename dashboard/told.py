"""What a step came to, said at the top of the page that is shown after it."""

from __future__ import annotations

from typing import Final, Literal

import streamlit as st

TOLD: Final = "told"
Kind = Literal["success", "info", "warning", "error"]


def tell(sentence: str, kind: Kind = "success") -> None:
    """Keep a sentence for the next run of the page."""
    st.session_state.setdefault(TOLD, []).append((kind, sentence))


def show_told() -> None:
    """Show what was kept, once."""
    for kind, sentence in st.session_state.pop(TOLD, []):
        getattr(st, kind)(sentence)
