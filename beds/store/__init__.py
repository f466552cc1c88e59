"""The estate and the rounds, in and out of the database: plain domain values on this side, tables on that.

It knows no roles: who may call what is decided in `beds.services`. Nothing here commits; the session's
owner does (`beds.database.writing`), so that a change and its audit event are one.
"""

from beds.store.importing import import_estate
from beds.store.integrity import check_database
from beds.store.loading import load_estate
from beds.store.planning import ImportReport, TableReport
from beds.store.rounds import (
    RoundVersions,
    StoredProposal,
    StoredRound,
    latest_round_id,
    load_round,
    save_round,
)

__all__ = [
    "ImportReport",
    "RoundVersions",
    "StoredProposal",
    "StoredRound",
    "TableReport",
    "check_database",
    "import_estate",
    "latest_round_id",
    "load_estate",
    "load_round",
    "save_round",
]
