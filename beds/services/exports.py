"""What may leave the service: released tables, by name, for who may see them; never from real cases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from beds.disclosure import Origin, ReleasedTable, refusal_of_real_cases, require_outside
from beds.domain.clock import Clock
from beds.errors import BadInput
from beds.exports import Format, files_of, write_tables
from beds.roles import Actor, Permission, require
from beds.services.forecasts import Asked, Known, forecast, origin_of, recorded, tables_of
from beds.services.released import EXPORTS, require_export
from beds.services.released_occupancy import OCCUPANCY, released_occupancy
from beds.suppression import Rule

if TYPE_CHECKING:
    from sqlmodel import Session

    from beds.database import DatabaseKind

__all__ = [
    "EXPORTS",
    "Format",
    "export_tables",
    "files_of",
    "format_of",
    "known_for_export",
    "write_tables",
]


def known_for_export(
    session: Session,
    actor: Actor,
    name: str,
    *,
    clock: Clock,
    kind: DatabaseKind,
    rule: Rule | None = None,
) -> Known:
    """Return the records that an export is made from, where they are of nobody who exists.

    Raises
    ------
    NotPermitted
        The actor may not see released tables.
    BadInput
        There is no export of that name.
    StaysInside
        The records are about real cases.
    """
    from beds.database import DatabaseKind
    from beds.store.loading import has_cases

    require(actor, Permission.SEE_RELEASED)
    require_export(name)
    if kind is not DatabaseKind.DEMO and has_cases(session):
        raise refusal_of_real_cases()
    estate = recorded(session, clock)
    return Known(estate, clock, origin_of(estate, is_demo=kind is DatabaseKind.DEMO), rule=rule)


def export_tables(name: str, known: Known, asked: Asked) -> tuple[ReleasedTable, ...]:
    """Return the tables of an export, made from what is known.

    Raises
    ------
    BadInput
        There is no export of that name, more than one scenario is asked for, or it does not fit the records.
        Of the scenarios only forecasts make use: occupancy is what is on record.
    StaysInside
        The records are about real cases.
    """
    require_export(name)
    if known.origin is Origin.REAL_CASES:
        raise refusal_of_real_cases()
    if len(asked.scenarios) != 1:
        raise BadInput("scenario: one is accepted")
    if name == OCCUPANCY:
        tables = released_occupancy(known.estate, known.clock, known.origin, known.rule)
    else:
        tables = tables_of(known, forecast(known, asked.scenarios[0], asked))
    for table in tables:
        require_outside(table)
    return tables


def format_of(text: str) -> Format:
    """Return the format of an export.

    Raises
    ------
    BadInput
        It is not one that is written.
    """
    if text not in list(Format):
        raise BadInput(f"--format: one of {', '.join(Format)} is accepted")
    return Format(text)
