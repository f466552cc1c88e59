"""Settings as they are shown: every one has a meaning or is never shown; no secret, whatever it is called."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine

from beds.errors import NotPermitted
from beds.roles import Role, actor_of
from beds.services.stated_settings import (
    NEVER_SHOWN,
    About,
    providers_on_record,
    stated_settings,
)
from beds.settings import Settings
from tests.builders import a_site, a_small_estate
from tests.integration.conftest import settings_for
from tests.integration.live import ask
from tests.integration.recorded import bring_in

ADMIN = actor_of("user-admin", Role.ADMIN)
NOT_ADMINS = [actor_of(f"user-{role}", role, provider_id="P1") for role in Role if role is not Role.ADMIN]


def test_each_setting_has_a_meaning_or_is_never_shown() -> None:
    shown = {setting.name for setting in stated_settings(ADMIN, settings_for("sqlite://"))}

    fields = {f"BEDS_{name.upper()}" for name in set(Settings.model_fields) - NEVER_SHOWN}
    assert shown == fields


def test_a_value_is_shown_with_whether_it_was_set() -> None:
    found = {s.name: s for s in stated_settings(ADMIN, settings_for("sqlite://", hold_minutes=1_440))}

    hold, points = found["BEDS_HOLD_MINUTES"], found["BEDS_POINTS_REGION"]
    assert (hold.value, hold.is_set, hold.about) == ("1,440", True, About.HOLDS)
    assert (points.value, points.is_set) == ("20", False)
    assert points.about is About.MISMATCH
    assert "region" in points.meaning


def test_no_secret_and_no_place_of_one_is_among_them(tmp_path: Path) -> None:
    marked = settings_for(
        "sqlite:////MARKER/beds.db",
        encryption_key=SecretStr("TUFSS0VSTUFSS0VSTUFSS0VSTUFSS0VSTUFSS0VSTUE="),
        audit_key=SecretStr("MARKER-audit-key-of-the-tests"),
        token=SecretStr("beds_MARKER"),
        as_user="MARKER",
        **{name: tmp_path / "MARKER" for name in NEVER_SHOWN if name.endswith("_file")},
    )

    text = repr(stated_settings(ADMIN, marked))

    assert "MARKER" not in text
    assert "TUFSS0VS" not in text


@pytest.mark.parametrize("actor", NOT_ADMINS, ids=lambda actor: actor.user_id)
def test_nobody_but_who_manages_people_sees_settings_and_providers(
    sqlite_engine: Engine, actor: object
) -> None:
    with pytest.raises(NotPermitted, match="manage_people"):
        stated_settings(actor, settings_for("sqlite://"))  # type: ignore[arg-type]
    with pytest.raises(NotPermitted, match="manage_people"):
        ask(sqlite_engine, providers_on_record, actor)


def test_providers_are_those_of_the_sites(engine: Engine) -> None:
    assert ask(engine, providers_on_record, ADMIN) == ()

    bring_in(engine, a_small_estate(sites=(a_site(), a_site("S2", provider_id="P2"))))

    assert ask(engine, providers_on_record, ADMIN) == ("P1", "P2")
