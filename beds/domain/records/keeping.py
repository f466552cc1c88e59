"""Tables of the service's own book-keeping: the audit, what was imported, and what this database is."""

from datetime import datetime

from pydantic import JsonValue
from sqlmodel import Field

from beds.domain.records.columns import Json, Record, UtcDateTime


class AuditEventRecord(Record, table=True):
    """One thing that somebody did. Rows are only ever added: triggers refuse the rest, `mac` chains them."""

    __tablename__ = "audit_event"

    sequence: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: datetime = Field(sa_type=UtcDateTime)
    actor: str
    action: str
    subject: str
    detail: JsonValue = Field(sa_type=Json, nullable=False)
    referral_id: str | None = Field(default=None, index=True)
    site_id: str | None = Field(default=None, index=True)
    previous_mac: str
    mac: str


class ImportFingerprintRecord(Record, table=True):
    """A keyed fingerprint of a record as it was last imported: it tells whether it has changed since."""

    __tablename__ = "import_fingerprint"

    table_name: str = Field(primary_key=True)
    record_id: str = Field(primary_key=True)
    fingerprint: str


class DatabaseMarkRecord(Record, table=True):
    """What this database says about itself: live or demo, which keys fit it, how long its audit is."""

    __tablename__ = "database_mark"

    name: str = Field(primary_key=True)
    value: str


class IdempotencyRecord(Record, table=True):
    """What was answered to a request that named a key, so that the same again changes nothing.

    `fingerprint` is a keyed code of the request; the answer holds opaque references only.
    """

    __tablename__ = "idempotency"

    user_id: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    fingerprint: str
    answer: JsonValue = Field(sa_type=Json, nullable=False)
    at: datetime = Field(sa_type=UtcDateTime, index=True)
