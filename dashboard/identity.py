"""Who a provider of identities (OpenID Connect) says is at the page, where one is configured.

It says an e-mail address; who that is here is in a file that the operator keeps (`BEDS_OIDC_USERS_FILE`, CSV:
`email`, `user_id`). The cookie of `st.login` lasts 30 days, a visit does not: after the idle time the
provider is asked again.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from importlib.util import find_spec
from typing import Final

import streamlit as st

from beds.services.desk import Desk
from beds.services.identities import user_of_email

SECONDS_A_MINUTE: Final = 60
MOST_REMEMBERED: Final = 10_000
NOBODY: Final = ""
"""Signed in at the provider, and not on record here."""

_seen_at: OrderedDict[str, float] = OrderedDict()


def is_configured() -> bool:
    """Return whether the operator has configured a provider (`[auth]` in Streamlit's secrets)."""
    return "is_logged_in" in st.user


def can_ask_the_provider() -> bool:
    """Return whether what Streamlit asks a provider with is installed (`beds[oidc]`)."""
    return find_spec("authlib") is not None


def is_signed_in() -> bool:
    """Return whether the provider has signed somebody in, lately or not."""
    return is_configured() and bool(st.user.is_logged_in)


def user_id_signed_in(here: Desk) -> str | None:
    """Return the reference of the person that the provider has signed in; `NOBODY` if not on record here.

    None where nobody is signed in, or nobody was here for the idle time.
    """
    if not is_signed_in() or not _is_lately(here.settings.idle_minutes * SECONDS_A_MINUTE):
        return None
    email = st.user.get("email")
    if not isinstance(email, str) or st.user.get("email_verified") is False:
        return NOBODY
    return user_of_email(here.settings, email) or NOBODY


def note_seen() -> None:
    """Remember that whoever the provider has signed in is here now."""
    if is_signed_in():
        subject = _subject()
        _seen_at[subject] = time.time()
        _seen_at.move_to_end(subject)
        if len(_seen_at) > MOST_REMEMBERED:
            _seen_at.popitem(last=False)


def _is_lately(idle_s: int) -> bool:
    issued_at = st.user.get("iat")
    issued = float(issued_at) if isinstance(issued_at, int | float) else 0.0
    return time.time() - max(issued, _seen_at.get(_subject(), 0.0)) <= idle_s


def _subject() -> str:
    return f"{st.user.get('iss')} {st.user.get('sub')}"
