"""Tables of who asks: survivors, their referrals, the people of each household.

What must never be forgotten (keep-apart, declines, exclusion areas) belongs to the survivor and outlives a
referral; the referral that it came in with is remembered beside it.
"""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, Column, Index, Integer, false, text
from sqlmodel import Field

from beds.domain.records.columns import CaseToken, Record, UtcDateTime, WordSet, one_of
from beds.domain.terms import (
    OPEN_STATUSES,
    ConclusiveGrounds,
    DeclinedBy,
    Nation,
    Priority,
    ReferralStatus,
    RiskToOthers,
)

_OPEN = ", ".join(f"'{status}'" for status in OPEN_STATUSES)


class SurvivorRecord(Record, table=True):
    """A survivor across referrals; `survivor_ref` is empty for one known by a single referral only."""

    __tablename__ = "survivor"

    survivor_id: str = Field(primary_key=True)
    survivor_ref: str | None = Field(default=None, unique=True)


_REFERRAL_VERSION: Column[int] = Column("version", Integer, nullable=False, default=1, server_default="1")


class ReferralRecord(Record, table=True):
    """One household asking for a place; NULL is "not yet asked"."""

    __tablename__ = "referral"
    __table_args__ = (
        one_of("priority", Priority),
        one_of("nation", Nation),
        one_of("status", ReferralStatus),
        one_of("risk_to_others", RiskToOthers),
        one_of("conclusive_grounds", ConclusiveGrounds),
        CheckConstraint("expected_stay_days >= 1", name="expected_stay_days"),
        CheckConstraint("min_security_level BETWEEN 1 AND 3", name="min_security_level"),
        Index(
            "uq_referral_open_survivor",
            "survivor_id",
            unique=True,
            sqlite_where=text(f"status IN ({_OPEN})"),
            postgresql_where=text(f"status IN ({_OPEN})"),
        ),
    )
    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": _REFERRAL_VERSION}

    referral_id: str = Field(primary_key=True)
    survivor_id: str = Field(foreign_key="survivor.survivor_id", index=True)
    received_at: datetime = Field(sa_type=UtcDateTime)
    needed_from: date
    priority: str
    nation: str
    status: str = Field(index=True)
    no_shelter_tonight: bool | None
    detention_risk: bool | None
    expected_stay_days: int | None
    min_security_level: int | None
    services_required: frozenset[str] = Field(sa_type=WordSet)
    needs_step_free: bool | None
    language_required: bool | None
    cross_border: bool | None
    accepts_sharing: bool | None
    risk_to_others: str | None
    acceptable_site_genders: frozenset[str] = Field(sa_type=WordSet)
    preferred_regions: frozenset[str] = Field(sa_type=WordSet)
    first_responder: str
    exploitation_type: str
    nrm_status: str
    notes: str | None = Field(default=None, sa_type=CaseToken)
    restricted: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    reasonable_grounds_on: date | None = None
    conclusive_grounds_on: date | None = None
    conclusive_grounds: str | None = None
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    close_reason: str | None = None
    anonymised_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    version: int = Field(default=1, sa_column=_REFERRAL_VERSION)


class PersonRecord(Record, table=True):
    """A person of a household; `details` is one document under the case's key: gender, age, languages …"""

    __tablename__ = "person"
    __table_args__ = (
        Index(
            "uq_person_lead",
            "referral_id",
            unique=True,
            sqlite_where=text("is_lead"),
            postgresql_where=text("is_lead"),
        ),
    )

    person_id: str = Field(primary_key=True)
    referral_id: str = Field(foreign_key="referral.referral_id", index=True)
    is_lead: bool
    details: str = Field(sa_type=CaseToken)
    left_on: date | None = None


class KeepApartRecord(Record, table=True):
    """Two survivors who must never stay in the same site at the same time."""

    __tablename__ = "keep_apart"
    __table_args__ = (CheckConstraint("survivor_id_a <> survivor_id_b", name="two_survivors"),)

    keep_apart_id: str = Field(primary_key=True)
    survivor_id_a: str = Field(foreign_key="survivor.survivor_id", index=True)
    survivor_id_b: str = Field(foreign_key="survivor.survivor_id", index=True)
    referral_id_a: str | None = Field(foreign_key="referral.referral_id", ondelete="SET NULL", index=True)
    referral_id_b: str | None = Field(foreign_key="referral.referral_id", ondelete="SET NULL", index=True)


class DeclineRecord(Record, table=True):
    """A site that a survivor said no to, or that said no to her household."""

    __tablename__ = "decline"
    __table_args__ = (one_of("declined_by", DeclinedBy),)

    decline_id: str = Field(primary_key=True)
    survivor_id: str = Field(foreign_key="survivor.survivor_id", index=True)
    referral_id: str | None = Field(foreign_key="referral.referral_id", ondelete="SET NULL", index=True)
    site_id: str = Field(foreign_key="site.site_id", index=True)
    declined_by: str
    declined_on: date
    reason: str
    until: date | None


class ExclusionAreaRecord(Record, table=True):
    """A region or council where a survivor is not safe."""

    __tablename__ = "exclusion_area"
    __table_args__ = (
        Index(
            "uq_exclusion_area_survivor_id_area_referral_id",
            "survivor_id",
            "area",
            "referral_id",
            unique=True,
        ),
    )

    exclusion_area_id: int | None = Field(default=None, primary_key=True)
    survivor_id: str = Field(foreign_key="survivor.survivor_id")
    referral_id: str | None = Field(foreign_key="referral.referral_id", ondelete="SET NULL", index=True)
    area: str


class CaseAccessRecord(Record, table=True):
    """Who may open a restricted case."""

    __tablename__ = "case_access"

    referral_id: str = Field(primary_key=True, foreign_key="referral.referral_id")
    user_id: str = Field(primary_key=True, foreign_key="service_user.user_id", index=True)
