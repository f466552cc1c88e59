"""The tables: what the service keeps, and the guards that the database itself holds over it.

Importing this package declares every table in `METADATA`. It opens no database; `beds.database` does.
"""

from beds.domain.records.accommodation import (
    BedRecord,
    ClosureRecord,
    ProviderRecord,
    SiteAddressRecord,
    SiteRecord,
    UnitRecord,
)
from beds.domain.records.columns import METADATA
from beds.domain.records.keeping import (
    AuditEventRecord,
    DatabaseMarkRecord,
    IdempotencyRecord,
    ImportFingerprintRecord,
)
from beds.domain.records.people import TokenRecord, UserRecord
from beds.domain.records.planning import ForecastRunRecord, ScenarioRecord
from beds.domain.records.referral import (
    CaseAccessRecord,
    DeclineRecord,
    ExclusionAreaRecord,
    KeepApartRecord,
    PersonRecord,
    ReferralRecord,
    SurvivorRecord,
)
from beds.domain.records.rounds import ProposalRecord, RoundRecord
from beds.domain.records.stays import HoldBedRecord, HoldRecord, PlacementBedRecord, PlacementRecord

__all__ = [
    "METADATA",
    "AuditEventRecord",
    "BedRecord",
    "CaseAccessRecord",
    "ClosureRecord",
    "DatabaseMarkRecord",
    "DeclineRecord",
    "ExclusionAreaRecord",
    "ForecastRunRecord",
    "HoldBedRecord",
    "HoldRecord",
    "IdempotencyRecord",
    "ImportFingerprintRecord",
    "KeepApartRecord",
    "PersonRecord",
    "PlacementBedRecord",
    "PlacementRecord",
    "ProposalRecord",
    "ProviderRecord",
    "ReferralRecord",
    "RoundRecord",
    "ScenarioRecord",
    "SiteAddressRecord",
    "SiteRecord",
    "SurvivorRecord",
    "TokenRecord",
    "UnitRecord",
    "UserRecord",
]
