"""Conditions of a list: a period by its days in London, and text that may be left empty."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import streamlit as st

from dashboard.language import t

LONDON: Final = ZoneInfo("Europe/London")


def days_asked(name: str) -> tuple[datetime | None, datetime | None]:
    """Ask for a first and a last day, and return the instants from the one to the end of the other."""
    first = st.date_input(t("From"), None, format="DD/MM/YYYY", key=f"{name} from", width=140)
    last = st.date_input(t("To"), None, format="DD/MM/YYYY", key=f"{name} to", width=140)
    return _begins(first), _begins(last + timedelta(days=1)) if isinstance(last, date) else None


def stated(text: str) -> str | None:
    """Return what was written, None where nothing was."""
    return text.strip() or None


def _begins(day: object) -> datetime | None:
    return datetime.combine(day, time(), LONDON) if isinstance(day, date) else None
