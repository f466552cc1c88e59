"""Whether the forecasts that are kept are as they were: the audit holds a seal of each."""

from __future__ import annotations

import hashlib
from typing import Final

from sqlalchemy import column, select, table
from sqlmodel import Session

from beds.domain.records import METADATA
from beds.domain.records.columns import keyring_of
from beds.errors import DatabaseUnavailable

RUN = METADATA.tables["forecast_run"]
FORECAST_KEPT: Final = "forecast_kept"


def run_seal(text: str) -> str:
    """Return what the audit keeps of a run, so that an answer changed afterwards is found."""
    return hashlib.sha256(text.encode()).hexdigest()


def run_faults(session: Session) -> list[str]:
    """Return which runs are not as they were kept; what cannot be decrypted at all is told elsewhere."""
    events = METADATA.tables["audit_event"]
    kept = select(events.c.subject, events.c.detail).where(events.c.action == FORECAST_KEPT)
    seal_of = {row.subject: row.detail.get("seal") for row in session.execute(kept)}
    keyring = keyring_of(session.get_bind().dialect)
    stored = table(RUN.name, column("run_id"), column("result"))
    faults = []
    for row in session.execute(select(stored).order_by(stored.c.run_id)):
        try:
            text = keyring.decrypt(row.result)
        except DatabaseUnavailable:
            continue
        if seal_of.get(row.run_id) != run_seal(text):
            faults.append(f"forecast: {row.run_id} is not as it was kept")
    return faults
