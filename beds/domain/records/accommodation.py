"""Tables of what there is: providers, sites and their addresses, units, beds, closures.

No occupancy is stored: it follows from stays, holds and closures.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, Column, Integer
from sqlmodel import Field

from beds.domain.records.columns import EncryptedText, ExactDecimal, Record, UtcDateTime, WordSet, one_of
from beds.domain.terms import SERVED_NATIONS, BedKind, Sharing, SiteType


class ProviderRecord(Record, table=True):
    """An organisation that runs sites."""

    __tablename__ = "provider"

    provider_id: str = Field(primary_key=True)
    name: str | None = Field(default=None, sa_type=EncryptedText)
    contact: str | None = Field(default=None, sa_type=EncryptedText)


_SITE_VERSION: Column[int] = Column("version", Integer, nullable=False, default=1, server_default="1")


class SiteRecord(Record, table=True):
    """A house or scheme. `version` counts its changes, so that two people's changes collide loudly."""

    __tablename__ = "site"
    __table_args__ = (
        one_of("nation", SERVED_NATIONS),
        one_of("site_type", SiteType),
        CheckConstraint("security_level BETWEEN 1 AND 3", name="security_level"),
        CheckConstraint("max_age_girls BETWEEN 0 AND 17", name="max_age_girls"),
        CheckConstraint("max_age_boys BETWEEN 0 AND 17", name="max_age_boys"),
        CheckConstraint("max_stay_nights >= 1", name="max_stay_nights"),
        CheckConstraint("closes_on > opens_on", name="open_before_closed"),
        CheckConstraint("admits <> ''", name="admits_somebody"),
    )
    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": _SITE_VERSION}

    site_id: str = Field(primary_key=True)
    provider_id: str = Field(foreign_key="provider.provider_id", index=True)
    name: str = Field(sa_type=EncryptedText)
    nation: str
    region: str
    local_authority: str
    site_type: str
    admits: frozenset[str] = Field(sa_type=WordSet)
    accepts_children: bool
    security_level: int
    max_age_girls: int
    max_age_boys: int
    staff_languages: frozenset[str] = Field(sa_type=WordSet)
    services: frozenset[str] = Field(sa_type=WordSet)
    opens_on: date | None
    closes_on: date | None
    max_stay_nights: int | None
    cost_per_bed_night: Decimal | None = Field(sa_type=ExactDecimal)
    availability_confirmed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    availability_confirmed_by: str | None = None
    version: int = Field(default=1, sa_column=_SITE_VERSION)


class SiteAddressRecord(Record, table=True):
    """Where a site is: apart from the site, so that nothing that reads sites can show it."""

    __tablename__ = "site_address"

    site_id: str = Field(primary_key=True, foreign_key="site.site_id")
    address: str = Field(sa_type=EncryptedText)


class UnitRecord(Record, table=True):
    """A room or a flat with its own door."""

    __tablename__ = "unit"
    __table_args__ = (one_of("sharing", Sharing),)

    unit_id: str = Field(primary_key=True)
    site_id: str = Field(foreign_key="site.site_id", index=True)
    sharing: str
    step_free: bool


_BED_VERSION: Column[int] = Column("version", Integer, nullable=False, default=1, server_default="1")


class BedRecord(Record, table=True):
    """One bed of a unit."""

    __tablename__ = "bed"
    __table_args__ = (one_of("kind", BedKind),)
    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": _BED_VERSION}

    bed_id: str = Field(primary_key=True)
    unit_id: str = Field(foreign_key="unit.unit_id", index=True)
    kind: str
    version: int = Field(default=1, sa_column=_BED_VERSION)


class ClosureRecord(Record, table=True):
    """A bed out of service over `[starts_on, ends_on)`."""

    __tablename__ = "closure"
    __table_args__ = (CheckConstraint("ends_on > starts_on", name="nights"),)

    closure_id: str = Field(primary_key=True)
    bed_id: str = Field(foreign_key="bed.bed_id", index=True)
    starts_on: date
    ends_on: date | None
    reason: str
