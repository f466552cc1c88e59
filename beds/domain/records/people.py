"""Tables of who uses the service: people and their tokens; of a token only a keyed code is kept."""

from datetime import datetime

from sqlmodel import Field

from beds.domain.records.columns import EncryptedText, Record, UtcDateTime, WordSet, one_of
from beds.domain.terms import Role


class UserRecord(Record, table=True):
    """A person who uses the service, known everywhere else by the opaque `user_id`."""

    __tablename__ = "service_user"
    __table_args__ = (one_of("role", Role),)

    user_id: str = Field(primary_key=True)
    name: str = Field(sa_type=EncryptedText)
    role: str
    nations: frozenset[str] = Field(sa_type=WordSet)
    provider_id: str | None = Field(default=None, foreign_key="provider.provider_id", index=True)
    created_at: datetime = Field(sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class TokenRecord(Record, table=True):
    """A token of a person: a keyed code of it, when it was given out and until when it is good."""

    __tablename__ = "service_token"

    token_id: str = Field(primary_key=True)
    user_id: str = Field(foreign_key="service_user.user_id", index=True)
    digest: str = Field(unique=True)
    issued_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
