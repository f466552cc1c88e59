"""The style of timelines, tiles, rows of houses and refused fields: once on a page that has any of them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import streamlit as st


@cache
def _css() -> str:
    return Path(__file__).with_name("houses.css").read_text(encoding="utf-8")


def houses_style() -> None:
    """Put the style on the page."""
    st.html(f"<style>{_css()}</style>")
