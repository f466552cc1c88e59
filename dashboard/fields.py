"""Forms that lose nothing: what was typed stays on a refusal, which is shown beside the field it is about.

A form is sent by a callback, which is given the version that was shown: who was not first is told so. Keys of
widgets begin with the name of their form; what was done is said once, above it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from html import escape
from typing import TypeVar

import streamlit as st

from beds.errors import BadInput, BedsError, ChangedMeanwhile
from beds.wording import sentence_case
from dashboard.language import t

Seen = TypeVar("Seen")


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a form was refused: the field that it is about, if one, and the sentence to be shown there."""

    field: str
    sentence: str
    changed_meanwhile: bool


def key(form: str, field: str) -> str:
    """Return the key of a widget of a form; another one each time that the form begins anew.

    A browser keeps what was typed under a key, whatever the server forgets.
    """
    times = st.session_state.get(_times(form), 0)
    return f"{form} · {field} · {times}" if times else f"{form} · {field}"


def typed(form: str, field: str) -> object:
    """Return what is in a widget of a form; for callbacks."""
    return st.session_state.get(key(form, field))


def typed_day(form: str, field: str, name: str) -> date:
    """Return the day in a widget of a form.

    Raises
    ------
    BadInput
        There is none; the message names the field by its `name`.
    """
    found = typed(form, field)
    if not isinstance(found, date):
        raise BadInput(f"{name}: a day is needed")
    return found


def send(form: str, work: Callable[[], str], labels: Mapping[str, str] | None = None) -> None:
    """Do what a form asks for and keep what came of it: the sentence that `work` returns, or its refusal.

    After it is done the form is empty again; after a refusal it is as it was sent.

    Parameters
    ----------
    labels : the labels of the form's fields by name, as services name them
    """
    st.session_state.pop(_refused(form), None)
    try:
        done = work()
    except BedsError as refusal:
        st.session_state[_refused(form)] = as_refused(refusal, labels or {})
        return
    empty(form)
    st.session_state[_done(form)] = done


def empty(form: str) -> None:
    """Forget what was typed into a form and what became of it: it begins anew, with what is so now."""
    times = st.session_state.get(_times(form), 0)
    for name in [name for name in st.session_state if str(name).startswith((f"{form} · ", f"{form} ¦ "))]:
        del st.session_state[name]
    st.session_state[_times(form)] = times + 1


def as_refused(refusal: BedsError, labels: Mapping[str, str]) -> Refused:
    """Return a refusal as it is shown: a field that it names in front is the one that it is about."""
    field, colon, rest = str(refusal).partition(": ")
    about = field if colon and field in labels else ""
    words = rest if about else str(refusal)
    for name, label in labels.items():
        words = re.sub(rf"\b{re.escape(name)}\b", f"“{label}”", words) if "_" in name else words
    return Refused(about, f"{sentence_case(t(words))}.", isinstance(refusal, ChangedMeanwhile))


def show_outcome(form: str, fields: Collection[str] = ()) -> None:
    """Show above a form what was done with it, or why it was refused where no field of it is shown.

    Parameters
    ----------
    fields : those that `beside` is called for
    """
    done = st.session_state.pop(_done(form), None)
    if done is not None:
        st.html(f'<p class="beds-done" role="status">{escape(done)}</p>')
    refused = refused_now(form)
    if refused is not None and refused.field not in fields:
        st.error(refused.sentence)


def beside(form: str, field: str) -> None:
    """Show below a field why it was refused, if it was."""
    refused = refused_now(form)
    if refused is not None and refused.field == field:
        st.html(f'<p class="beds-error" role="alert">{escape(refused.sentence)}</p>')


def refused_now(form: str) -> Refused | None:
    """Return why a form was refused when it was last sent; None where it was not."""
    found = st.session_state.get(_refused(form))
    return found if isinstance(found, Refused) else None


def first_seen(form: str, field: str, now: Seen) -> Seen:
    """Return what was so when a form was first shown: that was seen, and not what is so by now.

    Parameters
    ----------
    field : a field of the form; where its widget is not on the page any more, the form begins anew
    now : what is so now
    """
    pin = _seen(form)
    if pin not in st.session_state or key(form, field) not in st.session_state:
        st.session_state[pin] = now
    found: Seen = st.session_state[pin]
    return found


def see(form: str, now: object) -> None:
    """Let a form count as first shown with this; for callbacks that have changed it themselves."""
    st.session_state[_seen(form)] = now


def seen_now(form: str) -> object:
    """Return with what a form was first shown; None where it is not on the page."""
    return st.session_state.get(_seen(form))


def _seen(form: str) -> str:
    return f"{form} ¦ seen"


def _refused(form: str) -> str:
    return f"{form} ¦ refused"


def _times(form: str) -> str:
    return f"{form} : times emptied"


def _done(form: str) -> str:
    return f"{form} : done"
