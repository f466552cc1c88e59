"""A button that prints the page; what is on paper is in `house.css`."""

from __future__ import annotations

from html import escape

import streamlit as st

from dashboard.language import t

_PRINTS = """
<button type="button" id="print-this-page" class="beds-button beds-not-on-paper">{label}</button>
<script>
  document.getElementById("print-this-page").addEventListener("click", () => window.print());
</script>
"""


def print_button() -> None:
    """Show a button that opens the browser's own way to print; there is nothing in it but its label."""
    st.html(_PRINTS.format(label=escape(t("Print this page"))), unsafe_allow_javascript=True)
