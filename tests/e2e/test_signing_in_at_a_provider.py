"""Signing in at an organisation, in Chromium, through a real OpenID Connect exchange."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, expect

from beds.roles import Role
from tests.builders import a_small_estate
from tests.demonstrations import a_live_database
from tests.e2e.a_provider_of_identities import CLIENT_SECRET, a_provider, secrets_of_streamlit
from tests.e2e.browsing import (
    LOCAL,
    a_page,
    free_port,
    serving,
    show,
    wait_for_page,
)


def test_who_is_on_record_is_in_until_they_sign_out_though_the_server_is_started_anew(
    browser: Browser, tmp_path: Path
) -> None:
    live, port = a_live_database(tmp_path, a_small_estate()), free_port()
    people = tmp_path / "people.csv"
    people.write_text(f"email,user_id\nMaria@example.org,{live.user_ids[Role.COORDINATOR]}\n")
    (tmp_path / ".streamlit").mkdir()
    with a_provider("maria@example.org") as issuer, a_page(browser) as page:
        kept = tmp_path / ".streamlit" / "secrets.toml"
        kept.write_text(secrets_of_streamlit(issuer, f"http://{LOCAL}:{port}"))
        with serving(tmp_path, live.url, port=port, oidc_users_file=str(people)) as address:
            show(page, address, "", "Sign in")
            page.get_by_role("button", name="Sign in at your organisation").click()
            wait_for_page(page, "Today")
            expect(page.get_by_text("Somebody, coordinator")).to_be_visible()

        with serving(tmp_path, live.url, port=port, oidc_users_file=str(people)) as address:
            show(page, address, "", "Today")
            page.get_by_role("button", name="Sign out").click()
            wait_for_page(page, "Sign in")
    written = (tmp_path / "server.log").read_text(errors="replace")
    assert "maria@example.org" not in written.lower()
    assert CLIENT_SECRET not in written
