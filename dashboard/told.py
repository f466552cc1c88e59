"""What a step came to: said at the top of the page that is shown after it, or beside the step if refused.

A step is a button's callback: a click is never lost because the page was made anew meanwhile. A callback
cannot begin a new run of the page; it leaves a note that one is due.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal, TypeVar

import streamlit as st

from beds.errors import BedJustTaken, BedsError, ChangedMeanwhile, NotAllowedNow
from dashboard.refusals import sentence

Answer = TypeVar("Answer")
Kind = Literal["success", "info", "warning", "error"]

TOLD: Final = "told"
REFUSED: Final = "refused"
DUE: Final = "page is due"


def tell(words: str, kind: Kind = "success") -> None:
    """Keep a sentence for the next run of the page; once, though a step is taken twice."""
    told = st.session_state.setdefault(TOLD, [])
    if (kind, words) not in told:
        told.append((kind, words))


def show_told() -> None:
    """Show what was kept, once: the page is made anew with this run."""
    st.session_state.pop(DUE, None)
    for kind, words in st.session_state.pop(TOLD, []):
        getattr(st, kind)(words)


def take(
    step: Callable[[], Answer],
    words: Callable[[Answer], str],
    *,
    about: str,
    taken: Callable[[BedJustTaken], None] | None = None,
) -> None:
    """Take a step, and keep what came of it: for the page, or beside the step where it can be put right.

    Parameters
    ----------
    step : changes something, whole or not at all
    words : what to say once it is done
    about : tells the step from others, so that a refusal is shown beside it
    taken : what is kept where somebody else has just taken the bed, if it is more than the sentence
    """
    try:
        done = step()
    except BedJustTaken as refusal:
        (taken or _tell_refusal)(refusal)
    except (NotAllowedNow, ChangedMeanwhile) as refusal:
        _tell_refusal(refusal)
    except BedsError as refusal:
        st.session_state[REFUSED] = (about, sentence(refusal))
        return
    else:
        tell(words(done))
    # What the page shows is not so any more.
    st.session_state[DUE] = True


def _tell_refusal(refusal: BedsError) -> None:
    tell(sentence(refusal), "error")


def show_outcome(about: str) -> None:
    """Make the page anew where that is due, or show beside a step why it was refused; within a fragment."""
    if st.session_state.pop(DUE, False):
        st.rerun()
    refused = st.session_state.get(REFUSED)
    if refused is not None and refused[0] == about:
        st.error(refused[1])
        del st.session_state[REFUSED]
