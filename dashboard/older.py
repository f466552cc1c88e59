"""Pages of a list that is read from its newest end: older ones, and back to newer ones."""

from __future__ import annotations

import streamlit as st

from dashboard.language import t


class Older:
    """Where in a list somebody is, as long as the same is asked for."""

    def __init__(self, name: str, wanted: object) -> None:
        """Begin at the newest end whenever something else is wanted."""
        self._name = f"older {name}"
        kept = st.session_state.get(self._name)
        if kept is None or kept[0] != wanted:
            st.session_state[self._name] = (wanted, [])

    @property
    def after(self) -> str | None:
        """The cursor of the page to show; None for the first."""
        _, cursors = st.session_state[self._name]
        return cursors[-1] if cursors else None

    def show(self, next_after: str | None) -> None:
        """Show the ways to the pages before and after, where there are any."""
        if self.after is None and next_after is None:
            return
        with st.container(horizontal=True):
            st.button(t("Newer"), key=f"{self._name} back", on_click=self._back, disabled=self.after is None)
            st.button(
                t("Older"),
                key=f"{self._name} on",
                on_click=self._on,
                args=(next_after,),
                disabled=next_after is None,
            )

    def _on(self, next_after: str) -> None:
        st.session_state[self._name][1].append(next_after)

    def _back(self) -> None:
        st.session_state[self._name][1].pop()
