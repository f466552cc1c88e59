"""What is answered to an auditor: who did what, and who looked at what. Opaque references only."""

from __future__ import annotations

from datetime import datetime

from pydantic import ConfigDict, Field, JsonValue

from beds.api.schemas.shapes import Answer


class EventAnswer(Answer):
    """One event of the audit; `detail` is null where its case has been anonymised since."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "sequence": 812,
                "at": "2026-03-03T12:00:00Z",
                "actor": "user-0a1b2c3d4e",
                "action": "hold_placed",
                "subject": "hold-0a1b2c3d4e",
                "referral_id": "ref-0a1b2c3d4e",
                "site_id": "site-4",
                "detail": {"unit": "unit-41"},
            }
        }
    )

    sequence: int
    at: datetime
    actor: str
    action: str
    subject: str
    referral_id: str | None
    site_id: str | None
    detail: dict[str, JsonValue] | None


class ReadAnswer(Answer):
    """One read of a case or an address."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "n": 96,
                "at": "2026-03-03T12:00:00Z",
                "who": "user-0a1b2c3d4e",
                "what": "case",
                "ref": "ref-0a1b2c3d4e",
            }
        }
    )

    n: int = Field(description="Its number in the log.")
    at: datetime
    who: str
    what: str
    ref: str
