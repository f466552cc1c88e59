"""Tables of allocation rounds: what was asked, what was answered, and the proposals that follow from it.

A round is advice. Results name opaque references only; the frozen problem is encrypted.
"""

from datetime import date, datetime
from enum import StrEnum

from pydantic import JsonValue
from sqlalchemy import CheckConstraint, Index, Text, text
from sqlmodel import Field

from beds.domain.records.columns import EncryptedText, Json, Record, UtcDateTime, one_of

ROUND_STATUSES = ("optimal", "feasible")


class ProposalState(StrEnum):
    """What became of a proposal; `stale` when a newer round answered in its place."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    SET_ASIDE = "set_aside"
    STALE = "stale"


class RoundRecord(Record, table=True):
    """One run of the allocation, kept so that it can be replayed and defended.

    `frozen_cases` holds what the problem says of each household, under the key of that case; a round from
    before cases had keys has none, and its `frozen_problem` is whole.
    """

    __tablename__ = "allocation_round"
    __table_args__ = (one_of("status", ROUND_STATUSES),)

    run_id: str = Field(primary_key=True)
    as_at: datetime = Field(sa_type=UtcDateTime)
    recorded_at: datetime = Field(sa_type=UtcDateTime, index=True)
    status: str
    objective: JsonValue = Field(sa_type=Json, nullable=False)
    model_version: str
    ortools_version: str
    python_version: str
    result: str = Field(sa_type=Text)
    frozen_problem: str = Field(sa_type=EncryptedText)
    frozen_cases: JsonValue = Field(default=None, sa_type=Json, nullable=True)


class ProposalRecord(Record, table=True):
    """What a round proposes for one household."""

    __tablename__ = "proposal"
    __table_args__ = (
        one_of("state", ProposalState),
        CheckConstraint("expected_end_on > starts_on", name="nights"),
        Index(
            "uq_proposal_proposed_referral",
            "referral_id",
            unique=True,
            sqlite_where=text("state = 'proposed'"),
            postgresql_where=text("state = 'proposed'"),
        ),
    )

    proposal_id: str = Field(primary_key=True)
    run_id: str = Field(foreign_key="allocation_round.run_id", index=True)
    referral_id: str = Field(foreign_key="referral.referral_id", index=True)
    unit_id: str = Field(foreign_key="unit.unit_id", index=True)
    bed_ids: JsonValue = Field(sa_type=Json, nullable=False)
    starts_on: date
    expected_end_on: date
    mismatch: JsonValue = Field(sa_type=Json, nullable=False)
    state: str
