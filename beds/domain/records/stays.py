"""Tables of beds reserved and beds slept in: a hold or a placement, and one row a bed.

A bed cannot have two overlapping stays: the migrations guard `placement_bed` with an exclusion constraint
on PostgreSQL and triggers on SQLite, over `[starts_on, coalesce(ended_on, expected_end_on))` as recorded.
Nor can a hold that is not released overlap a stay or another such hold: triggers on both databases. The
guards know no clock: a hold that has run out is released inside the next claim.
"""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, Column, Index, Integer, text
from sqlmodel import Field

from beds.domain.records.columns import Record, UtcDateTime, one_of
from beds.domain.terms import HoldState, MoveOn, PlacementState

OVERLAP_GUARD = "stays_overlap"
"""The word by which both databases name the refusal of a second stay in a bed."""


HELD_GUARD = "bed_is_held"
"""The word by which both databases name the refusal of a hold or a stay over another one's hold."""

_HOLD_VERSION: Column[int] = Column("version", Integer, nullable=False, default=1, server_default="1")


class HoldRecord(Record, table=True):
    """Beds reserved for a household until an instant. `state` is as stored: see `effective_hold_state`."""

    __tablename__ = "hold"
    __table_args__ = (one_of("state", HoldState),)
    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": _HOLD_VERSION}

    hold_id: str = Field(primary_key=True)
    referral_id: str = Field(foreign_key="referral.referral_id", index=True)
    state: str = Field(default="placed", sa_column_kwargs={"server_default": text("'placed'")})
    reason: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    placed_by: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    placed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    proposal_id: str | None = None
    version: int = Field(default=1, sa_column=_HOLD_VERSION)


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
    released_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


_PLACEMENT_VERSION: Column[int] = Column("version", Integer, nullable=False, default=1, server_default="1")


class PlacementRecord(Record, table=True):
    """A household's stay. One out of a folder is `arrived`, and over when the rows of all its beds are."""

    __tablename__ = "placement"
    __table_args__ = (one_of("state", PlacementState), one_of("move_on", MoveOn))
    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": _PLACEMENT_VERSION}

    placement_id: str = Field(primary_key=True)
    referral_id: str = Field(foreign_key="referral.referral_id", index=True)
    state: str = Field(default="arrived", sa_column_kwargs={"server_default": text("'arrived'")})
    hold_id: str | None = None
    move_on: str | None = None
    version: int = Field(default=1, sa_column=_PLACEMENT_VERSION)


class PlacementBedRecord(Record, table=True):
    """One bed of a stay, and who of the household sleeps in it: one of several may move out alone."""

    __tablename__ = "placement_bed"
    __table_args__ = (
        CheckConstraint("expected_end_on > starts_on", name="nights"),
        CheckConstraint("ended_on >= starts_on", name="ended_after_start"),
        one_of("move_on", MoveOn),
        Index("ix_placement_bed_bed_id_starts_on", "bed_id", "starts_on"),
    )

    placement_bed_id: str = Field(primary_key=True)
    placement_id: str = Field(foreign_key="placement.placement_id", index=True)
    bed_id: str = Field(foreign_key="bed.bed_id")
    starts_on: date
    expected_end_on: date
    ended_on: date | None = Field(index=True)
    person_id: str | None = Field(default=None, index=True)
    move_on: str | None = None
