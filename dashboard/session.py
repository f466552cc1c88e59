"""Who is at the page and what they may do: looked up anew at every run, and kept nowhere.

The only place that turns a visit into an actor and a transaction. Nothing read from the database is cached.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import wraps
from typing import Final, TypeVar

import streamlit as st

from beds.errors import BedsError, NotPermitted, NotSignedIn
from beds.roles import Actor, Permission, Role
from beds.services.desk import Desk, Turn, open_desk, settings_of_pages, shared_desk
from beds.services.signing_in import Shown, known_visitor, turn_of
from dashboard.identity import is_signed_in, note_seen, user_id_signed_in
from dashboard.language import language, speak, t
from dashboard.refusals import show_refusal

Answer = TypeVar("Answer")

TOKEN: Final = "token"  # noqa: S105 the name of a field, and no token
ROLE: Final = "demonstration role"
SEEN_AT: Final = "seen at"
WHY_ENDED: Final = "why the visit ended"
SECONDS_A_MINUTE: Final = 60

_by_the_clock: ContextVar[bool] = ContextVar("by_the_clock", default=False)


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who is at the page; `role` and `name` are as on record, `demo` says that nobody here is real."""

    actor: Actor
    role: Role | None
    name: str
    demo: bool


def desk() -> Desk:
    """Return what this process holds of the database of the settings; nothing of a visitor is in it.

    Raises
    ------
    BadInput, DatabaseUnavailable
        A setting is not accepted, or the database cannot be used now.
    """
    shared = shared_desk()
    return _desk_of(settings_of_pages().database_url) if shared is None else shared


@st.cache_resource(show_spinner=False, max_entries=1, on_release=lambda opened: opened.close())
def _desk_of(database_url: str) -> Desk:
    return open_desk(settings_of_pages().model_copy(update={"database_url": database_url}))


def visitor(*any_of: Permission) -> Visitor:
    """Return who is at the page; where nobody is, show the sign-in and go no further.

    Parameters
    ----------
    any_of : permissions of which the page needs one; without it the page ends here with a sentence
    """
    from dashboard.sign_in import show_sign_in

    found = None
    if not _end_if_idle():
        try:
            found = _visitor()
        except NotSignedIn as refusal:
            end_visit(t("You are signed out: {why}.", why=t(str(refusal))), at_the_provider=False)
    if found is None:
        show_sign_in(st.session_state.pop(WHY_ENDED, ""))
        st.stop()
    _note_active()
    if any_of and not any(map(found.actor.may, any_of)):
        show_refusal(NotPermitted(t("this page is not for your role")))
        st.stop()
    return found


@contextmanager
def turn() -> Iterator[Turn]:
    """Give one moment of the database to read, with who acts and the instant.

    Raises
    ------
    NotSignedIn
        The token was revoked or has expired meanwhile.
    """
    here = desk()
    with here.reading() as session:
        found = turn_of(here, session, _shown(here))
        if not _by_the_clock.get():
            _note_active()
        yield found


def change(work: Callable[[Turn], Answer]) -> Answer:
    """Return what `work` returns in a writing transaction, whole or not at all; it may run several times.

    Raises
    ------
    NotSignedIn
        The token was revoked or has expired meanwhile: nothing was changed.
    BedsError
        What the service refuses; nothing was changed.
    """
    here = desk()
    _note_active()
    return here.changing(lambda session: work(turn_of(here, session, _shown(here))))


def refreshing(seconds: int) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return what makes a part of a page refresh itself; what is typed elsewhere stays as it is.

    A refresh is nobody's activity: the visit still ends when it has been idle. A refusal in it is a sentence.
    """

    def decorate(part: Callable[..., None]) -> Callable[..., None]:
        @wraps(part)
        def refreshed(*args: object, **kwargs: object) -> None:
            before = _by_the_clock.set(True)
            try:
                part(*args, **kwargs)
            except NotSignedIn as refusal:
                end_visit(t("You are signed out: {why}.", why=t(str(refusal))))
                st.rerun()
            except BedsError as refusal:
                show_refusal(refusal)
            finally:
                _by_the_clock.reset(before)

        return st.fragment(refreshed, run_every=seconds)

    return decorate


def sign_in_with(token: str) -> None:
    """Begin a visit with a token.

    Raises
    ------
    NotSignedIn
        It is not known, has expired or was revoked.
    """
    here = desk()
    with here.reading() as session:
        known_visitor(here, session, Shown(token=token))
    st.session_state[TOKEN] = token
    _note_active()


def act_as(role: Role) -> None:
    """Try another role, in a demonstration only: the services refuse it on a live database."""
    st.session_state[ROLE] = role
    _note_active()


def end_visit(why: str = "", *, at_the_provider: bool = True) -> None:
    """Forget everything of this visit, what was typed too; `why` is shown on the page that signs in."""
    speaking = language()
    st.session_state.clear()
    speak(speaking)
    if why:
        st.session_state[WHY_ENDED] = why
    if at_the_provider and is_signed_in():
        st.logout()


def is_idle() -> bool:
    """Return whether nobody has used the page for longer than the settings allow."""
    seen_at = st.session_state.get(SEEN_AT)
    return seen_at is not None and time.monotonic() - seen_at > _idle_s()


def _end_if_idle() -> bool:
    """End a visit that was idle for too long, and return whether it was."""
    if not is_idle():
        return False
    minutes = desk().settings.idle_minutes
    end_visit(t("Your visit ended by itself after {minutes} minutes without use.", minutes=minutes))
    return True


def _visitor() -> Visitor | None:
    here = desk()
    shown = _shown(here)
    if shown == Shown() or (here.is_demonstration and st.session_state.get(WHY_ENDED)):
        return None
    with here.reading() as session:
        known = known_visitor(here, session, shown)
    return Visitor(known.actor, known.role, known.name, here.is_demonstration)


def _shown(here: Desk) -> Shown:
    """Return what this visit has shown of who it is."""
    if here.is_demonstration:
        return Shown(role=st.session_state.get(ROLE, Role.COORDINATOR))
    token = st.session_state.get(TOKEN)
    return Shown(token=token) if token is not None else Shown(user_id=user_id_signed_in(here))


def _note_active() -> None:
    st.session_state[SEEN_AT] = time.monotonic()
    note_seen()


def _idle_s() -> float:
    return float(desk().settings.idle_minutes * SECONDS_A_MINUTE)
