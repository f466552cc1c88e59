"""The page that signs somebody in: with a token, or at the provider of identities where one is configured."""

from __future__ import annotations

import streamlit as st

from beds.errors import NotSignedIn
from dashboard.components import page_head, say
from dashboard.identity import can_ask_the_provider, is_configured, is_signed_in
from dashboard.language import t
from dashboard.pages import PAGES, START
from dashboard.refusals import sentence
from dashboard.session import desk, sign_in_with

NARROW = 480
"""In pixels: a token is read in one line, and a form that is not wider than it is found at once."""


def show_sign_in(why: str) -> None:
    """Show how to sign in, and above it why the last visit ended, if one did."""
    _keep_the_address()
    page_head(t("Sign in"), t("Beds for survivors of trafficking in England and Scotland."))
    if why:
        st.info(why)
    if desk().is_demonstration:
        st.button(t("Go on as the demonstration’s coordinator"), type="primary")
        return
    if is_configured():
        _show_provider()
    _show_token()


def _keep_the_address() -> None:
    """Let every page have its address here too: who signs in is then where they wanted to be."""
    stubs = [st.Page(_nothing, title=t(row.title), url_path=row.path) for row in PAGES]
    st.navigation(
        [st.Page(_nothing, title=t("Sign in"), url_path=START, default=True), *stubs], position="hidden"
    )


def _nothing() -> None:
    """Show nothing: the page that signs in is shown whatever the address."""


def _show_provider() -> None:
    if not can_ask_the_provider():
        say(
            t(
                "Signing in at your organisation is set up here, and a part of it is not installed: whoever "
                "runs this service installs beds[oidc]. A token works meanwhile."
            )
        )
        return
    if is_signed_in():
        say(t("You are signed in at your organisation, but nobody here is on record under that sign-in."))
        st.button(t("Sign out at your organisation"), on_click=st.logout)
        return
    st.button(t("Sign in at your organisation"), type="primary", on_click=st.login)


def _show_token() -> None:
    with st.form("sign in", width=NARROW, border=False):
        token = st.text_input(
            t("Your token"),
            type="password",
            autocomplete="off",
            help=t("It begins with beds_ and was shown once. Whoever manages people can make a new one."),
        )
        if st.form_submit_button(t("Sign in"), type="primary"):
            try:
                sign_in_with((token or "").strip())
            except NotSignedIn as refusal:
                st.error(sentence(refusal))
            else:
                st.rerun()
    say(t("Your visit ends by itself after {n} minutes without use.", n=desk().settings.idle_minutes))
