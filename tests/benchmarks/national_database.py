"""A database the size of two nations: 3,000 units, 1,200 households waiting, 100,000 stays long over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from itertools import islice
from random import Random
from typing import Any, Final

from sqlalchemy import Engine, text

from beds.database import METADATA, DatabaseKind, upgrade, writing
from beds.domain.clock import Clock
from beds.domain.estate import Estate
from beds.domain.terms import Nation, Role
from beds.roles import OPERATOR
from beds.services.people import add_user
from beds.store import import_estate
from beds.store.people import person_values
from beds.synthesis import synthesise
from tests.builders import a_person

SITES, WAITING, PAST_STAYS = 800, 1_200, 100_000
AT_ONCE: Final = 5_000
LONG_AGO: Final = timedelta(days=400)
"""All past stays were over by then, before any that the estate itself has in a bed."""

Rows = list[dict[str, Any]]


def build(
    engine: Engine, at: datetime, *, clients: int, kind: DatabaseKind = DatabaseKind.LIVE
) -> tuple[str, ...]:
    """Fill an empty database, and return the tokens of so many coordinators of both nations."""
    upgrade(engine, kind=kind)
    estate = synthesise(sites=SITES, referrals=WAITING, seed=1, as_at=at)
    with writing(engine) as session:
        import_estate(session, estate, actor="benchmark", at=at)
    _add_past_stays(engine, estate, at)
    if engine.dialect.name == "postgresql":
        with engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("VACUUM ANALYZE"))
    nations = [Nation.ENGLAND, Nation.SCOTLAND]
    with writing(engine) as session:
        people = [
            add_user(
                session,
                OPERATOR,
                name=f"Client {number}",
                role=Role.COORDINATOR,
                clock=Clock(at),
                days=30,
                nations=nations,
            )
            for number in range(clients)
        ]
    return tuple(token for _, token in people)


def _add_past_stays(engine: Engine, estate: Estate, at: datetime) -> None:
    """Add households who have moved on, two stays each, one person each, as the service leaves them."""
    rng = Random(1)
    with writing(engine) as session:
        # Nobody opens these cases: one sealed document stands for the details of all of them.
        sealed = person_values(session, "past-0", a_person("past-0", "past-0"))["details"]
        beds = _nights_long_ago(estate, at, rng)
        for first in range(0, PAST_STAYS // 2, AT_ONCE):
            rows = _households(range(first, first + AT_ONCE), at, sealed)
            _add_stays(rows, beds)
            for table, values in rows.items():
                session.execute(METADATA.tables[table].insert(), values)


def _households(numbers: range, at: datetime, sealed: str) -> dict[str, Rows]:
    nations = ("England", "England", "England", "Scotland")
    received_at = at - timedelta(days=900)
    return {
        "survivor": [{"survivor_id": f"referral:past-{n}", "survivor_ref": None} for n in numbers],
        "referral": [
            {
                "referral_id": f"past-{n}",
                "survivor_id": f"referral:past-{n}",
                "received_at": received_at,
                "needed_from": received_at.date(),
                "priority": "standard",
                "nation": nations[n % 4],
                "status": "moved_on",
                "services_required": frozenset(),
                "acceptable_site_genders": frozenset(),
                "preferred_regions": frozenset(),
                "first_responder": "",
                "exploitation_type": "",
                "nrm_status": "",
            }
            for n in numbers
        ],
        "person": [
            {"person_id": f"past-{n}", "referral_id": f"past-{n}", "is_lead": True, "details": sealed}
            for n in numbers
        ],
        "placement": [
            {"placement_id": f"past-{n}-{stay}", "referral_id": f"past-{n}", "state": "ended"}
            for n in numbers
            for stay in (1, 2)
        ],
    }


def _add_stays(rows: dict[str, Rows], beds: Iterator[Mapping[str, Any]]) -> None:
    rows["placement_bed"] = [
        {
            **nights,
            "placement_bed_id": f"{placement['placement_id']}-1",
            "placement_id": placement["placement_id"],
        }
        for placement, nights in zip(rows["placement"], islice(beds, len(rows["placement"])), strict=True)
    ]


def _nights_long_ago(estate: Estate, at: datetime, rng: Random) -> Iterator[Mapping[str, Any]]:
    """Yield stays, bed after bed, round after round, each before the one that was drawn last for the bed."""
    began_on = {bed.bed_id: (at - LONG_AGO).date() for bed in estate.beds}
    for placement in estate.placements:
        began_on[placement.bed_id] = min(began_on[placement.bed_id], placement.starts_on)
    while True:
        for bed_id, before in began_on.items():
            ended_on = before - timedelta(days=rng.randint(0, 9))
            starts_on = ended_on - timedelta(days=rng.randint(20, 90))
            began_on[bed_id] = starts_on
            yield {
                "bed_id": bed_id,
                "starts_on": starts_on,
                "expected_end_on": ended_on,
                "ended_on": ended_on,
            }
