"""What the tests of the pages of beds share: two houses, the page of one, buttons, and what is stored."""

from __future__ import annotations

import re
import shutil
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import Engine, select
from streamlit.testing.v1 import AppTest

from beds.database import METADATA, reading
from beds.domain.estate import Estate
from beds.domain.terms import Nation, Sharing
from tests.builders import (
    TODAY,
    a_bed,
    a_closure,
    a_hold,
    a_person,
    a_placement,
    a_referral,
    a_site,
    a_small_estate,
    a_unit,
)
from tests.integration.dashboard_pages import opened

DATA: Final = re.compile(r"\d+|S1 · .*|R\d", re.DOTALL)
"""What is shown as it is on record: days of a month, a site, a household."""


def day(number: int) -> date:
    """Return a date by its number of nights from tonight."""
    return TODAY + timedelta(days=number)


def two_houses(**changes: Any) -> Estate:
    """Return a house with somebody who stayed on and one held bed, and another provider's empty house."""
    tables = {
        "sites": (
            a_site(name="Höfð <b>Haus</b>"),
            a_site("S2", provider_id="P2", nation=Nation.SCOTLAND, region="S92000003"),
        ),
        "units": (a_unit(sharing=Sharing.SHARED), a_unit("U2"), a_unit("U9", "S2")),
        "beds": (a_bed(), a_bed("B2"), a_bed("B3"), a_bed("B4", "U2"), a_bed("B9", "U9")),
        "referrals": (
            a_referral(),
            a_referral("R2", status="placed"),
            a_referral("R3", status="held"),
            a_referral("R4", status="placed"),
        ),
        "people": (a_person(), a_person("A2", "R2"), a_person("A3", "R3"), a_person("A4", "R4")),
        "closures": (a_closure("B3", starts_on=day(3), ends_on=day(9), reason="works"),),
        "holds": (a_hold("R3", "B2", hold_id="H3"),),
        "placements": (
            a_placement("R2", "B1", starts_on=day(-20), expected_end_on=day(-1)),
            a_placement("R4", "B1", starts_on=day(2), expected_end_on=day(30)),
        ),
        **changes,
    }
    return a_small_estate(**tables)


def house(monkeypatch: pytest.MonkeyPatch, url: str, site_id: str = "S1", **who: Any) -> AppTest:
    """Return the page of a house."""
    app = opened(monkeypatch, url, "site", **who)
    choice = app.selectbox(key="house")
    return app if choice.value == site_id else choice.select(site_id).run()


def copied(built: Path, folder: Path) -> str:
    """Return the URL of a copy of a demonstration: making one anew takes longer than most tests."""
    shutil.copytree(built, folder / "copy")
    return f"sqlite:///{folder / 'copy' / 'dashboard.db'}"


def press(app: AppTest, label: str) -> AppTest:
    """Press the button with a label."""
    (found,) = (button for button in app.button if button.label == label)
    found.click().run()
    assert not app.exception
    return app


def stored(engine: Engine, table: str, column: str) -> list[Any]:
    """Return a column as it is stored."""
    with reading(engine) as session:
        return list(session.scalars(select(METADATA.tables[table].c[column])))
