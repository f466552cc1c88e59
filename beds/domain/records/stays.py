"""Tables of beds reserved and beds slept in: a hold or a placement, and one row a bed.

A bed cannot have two overlapping stays: the migration guards `placement_bed` with an exclusion constraint
on PostgreSQL and triggers on SQLite, over `[starts_on, coalesce(ended_on, expected_end_on))` as recorded.
"""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from beds.domain.records.columns import Record, UtcDateTime

OVERLAP_GUARD = "stays_overlap"
"""The word by which both databases name the refusal of a second stay in a bed."""


class HoldRecord(Record, table=True):
    """Beds reserved for a household until an instant."""

    __tablename__ = "hold"

    hold_id: str = Field(primary_key=True)
    referral_id: str = Field(foreign_key="referral.referral_id", index=True)


class HoldBedRecord(Record, table=True):
    """One bed of a hold."""

    __tablename__ = "hold_bed"
    __table_args__ = (CheckConstraint("expected_end_on > starts_on", name="nights"),)

    hold_bed_id: str = Field(primary_key=True)
    hold_id: str = Field(foreign_key="hold.hold_id", index=True)
    bed_id: str = Field(foreign_key="bed.bed_id", index=True)
    starts_on: date
    expected_end_on: date
    expires_at: datetime = Field(sa_type=UtcDateTime)


class PlacementRecord(Record, table=True):
    """A household's stay."""

    __tablename__ = "placement"

    placement_id: str = Field(primary_key=True)
    referral_id: str = Field(foreign_key="referral.referral_id", index=True)


class PlacementBedRecord(Record, table=True):
    """One bed of a stay."""

    __tablename__ = "placement_bed"
    __table_args__ = (
        CheckConstraint("expected_end_on > starts_on", name="nights"),
        CheckConstraint("ended_on >= starts_on", name="ended_after_start"),
        Index("ix_placement_bed_bed_id_starts_on", "bed_id", "starts_on"),
    )

    placement_bed_id: str = Field(primary_key=True)
    placement_id: str = Field(foreign_key="placement.placement_id", index=True)
    bed_id: str = Field(foreign_key="bed.bed_id")
    starts_on: date
    expected_end_on: date
    ended_on: date | None
