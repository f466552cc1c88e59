"""Tables of plans: scenarios that people saved, and what was worked out, kept to be looked at again.

Titles and descriptions are people's own words, and results count real cases: both are encrypted as a whole.
"""

from datetime import datetime

from pydantic import JsonValue
from sqlmodel import Field

from beds.domain.records.columns import EncryptedJson, EncryptedText, Record, UtcDateTime, one_of
from beds.domain.terms import RunKind


class ScenarioRecord(Record, table=True):
    """A scenario that somebody saved; one that was withdrawn is kept for the runs that it was used in."""

    __tablename__ = "scenario"

    scenario_id: str = Field(primary_key=True)
    content: JsonValue = Field(sa_type=EncryptedJson, nullable=False)
    saved_by: str
    saved_at: datetime = Field(sa_type=UtcDateTime)
    changed_at: datetime = Field(sa_type=UtcDateTime, index=True)
    withdrawn_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    version: int = Field(default=1, sa_column_kwargs={"server_default": "1"})


class ForecastRunRecord(Record, table=True):
    """A forecast, a comparison or a simulation: what was asked, and the answer to the byte."""

    __tablename__ = "forecast_run"
    __table_args__ = (one_of("kind", RunKind),)

    run_id: str = Field(primary_key=True)
    kind: str
    as_at: datetime = Field(sa_type=UtcDateTime)
    recorded_at: datetime = Field(sa_type=UtcDateTime, index=True)
    made_by: str
    seed: int
    model_version: str
    scenarios: JsonValue = Field(sa_type=EncryptedJson, nullable=False)
    result: str = Field(sa_type=EncryptedText)
