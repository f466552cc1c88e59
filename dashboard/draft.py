"""What is being typed of a referral: kept while the visitor looks at other pages, in the visit alone.

Each answer has a name; the widget that asks for it shows what was typed before, and under it what is wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any, Final

import streamlit as st

DRAFT: Final = "referral draft"
ERRORS: Final = "referral errors"
LABELS: Final = "referral labels"
GENERATION: Final = "referral generation"
YES, NO, UNKNOWN = "yes", "no", "unknown"
TRUTH: Final = {YES: True, NO: False, UNKNOWN: None}


def ask(
    widget: Callable[..., Any],
    label: str,
    name: str,
    *,
    default: Any = None,
    called: str = "",
    inline: bool = False,
    **options: Any,
) -> None:
    """Show a widget and keep what is answered in it; what was wrong with it is said below.

    Parameters
    ----------
    name : of the answer, and of what a refusal calls it
    default : what is answered before anybody has
    called : what it is called in a list of what is wrong, where the label alone would not do
    inline : whether it stands beside others
    """
    key = _key(name)
    if key in st.session_state or name not in answers():
        # Not by the state: that would undo what a browser kept while the server was started anew.
        options |= _begins_with(widget, default)
    else:
        st.session_state[key] = answers()[name]
    labels()[name] = called or label
    with st.container(width="content" if inline else "stretch", gap="xsmall"):
        answers()[name] = widget(label, key=key, **options)
        wrong = errors().get(name)
        if wrong:
            st.html(f'<p class="beds-error">{escape(wrong)}</p>')


def _begins_with(widget: Callable[..., Any], default: Any) -> dict[str, Any]:
    """Return the argument that tells a widget what is answered before anybody has."""
    if widget is st.selectbox:
        return {"index": None}
    return {"default" if widget in (st.segmented_control, st.multiselect) else "value": default}


def labels() -> dict[str, str]:
    """Return what each answer is called, by name."""
    found: dict[str, str] = st.session_state.setdefault(LABELS, {})
    return found


def answers() -> dict[str, Any]:
    """Return what is answered so far, by name."""
    found: dict[str, Any] = st.session_state.setdefault(DRAFT, {})
    return found


def errors() -> dict[str, str]:
    """Return what was wrong when it was last to be recorded, by the name of the answer."""
    found: dict[str, str] = st.session_state.setdefault(ERRORS, {})
    return found


def say_what_is_wrong(found: dict[str, str]) -> None:
    """Keep what is wrong, to be shown beside each field at the next run."""
    st.session_state[ERRORS] = found


def others() -> list[tuple[int, str]]:
    """Return who comes along: a number that stays theirs, and whether it is an adult or a child."""
    found: list[tuple[int, str]] = answers().setdefault("others", [])
    return found


def add_other(kind: str) -> None:
    """Add somebody who comes along."""
    number = 1 + max((number for number, _ in others()), default=0)
    others().append((number, kind))


def remove_other(number: int) -> None:
    """Take out somebody who does not come along."""
    answers()["others"] = [other for other in others() if other[0] != number]


def begin_again() -> None:
    """Forget what was typed: the next form is empty."""
    st.session_state[GENERATION] = st.session_state.get(GENERATION, 0) + 1
    for name in (DRAFT, ERRORS):
        st.session_state.pop(name, None)


def _key(name: str) -> str:
    return f"refer {st.session_state.get(GENERATION, 0)} {name}"
