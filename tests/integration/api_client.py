"""The API as a caller has it: an application on a real database, people of every role, and what they ask.

Each person is known by a name of the tests; their tokens are made by the service itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from fastapi import FastAPI
from httpx2 import Response
from sqlalchemy import Engine
from starlette.testclient import TestClient

from beds.api.app import create_app
from beds.api.guard import Limits
from beds.database import writing
from beds.domain.clock import Clock
from beds.domain.estate import Estate
from beds.domain.terms import Nation
from beds.roles import OPERATOR, Role
from beds.services.people import add_user, revoke_user
from beds.settings import Settings
from tests.builders import NOON, a_bed, a_person, a_referral, a_site, a_unit
from tests.integration.recorded import bring_in

ENGLAND, SCOTLAND, BOTH = "coordinator in England", "coordinator in Scotland", "coordinator of both"
OWN, OTHER = "provider of the site", "provider of another site"
COMMISSIONER, ANALYST, AUDITOR, ADMIN = "commissioner", "analyst", "auditor", "admin"
NOBODY, REVOKED = "no token", "revoked token"
EVERYBODY: Final = (
    ENGLAND, SCOTLAND, OWN, OTHER, COMMISSIONER, ANALYST, AUDITOR, ADMIN, NOBODY, REVOKED
)  # fmt: skip
"""Everybody of the matrix of endpoints and roles."""

_PEOPLE: Final[Mapping[str, Mapping[str, Any]]] = {
    ENGLAND: {"role": Role.COORDINATOR, "nations": [Nation.ENGLAND]},
    SCOTLAND: {"role": Role.COORDINATOR, "nations": [Nation.SCOTLAND]},
    BOTH: {"role": Role.COORDINATOR, "nations": [Nation.ENGLAND, Nation.SCOTLAND]},
    OWN: {"role": Role.PROVIDER, "provider_id": "P1"},
    OTHER: {"role": Role.PROVIDER, "provider_id": "P2"},
    COMMISSIONER: {"role": Role.COMMISSIONER},
    ANALYST: {"role": Role.ANALYST},
    AUDITOR: {"role": Role.AUDITOR},
    ADMIN: {"role": Role.ADMIN},
    REVOKED: {"role": Role.COORDINATOR, "nations": [Nation.ENGLAND]},
}
NO_LIMITS: Final = Limits(requests_per_s=1e6, burst=10**6)


@dataclass
class Api:
    """An application in this process, the people who may ask it, and the time it goes by."""

    app: FastAPI
    client: TestClient
    engine: Engine
    tokens: Mapping[str, str]
    user_ids: Mapping[str, str]
    instant: datetime = NOON
    keys: Iterator[int] = field(default_factory=lambda: iter(range(10**9)))

    def ask(
        self,
        who: str,
        method: str,
        path: str,
        *,
        body: object = None,
        key: str | None = None,
        seen: int | str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """Return the answer to one request; `seen` is a version, or an `If-Match` as it is."""
        sent = dict(headers or {})
        if who in self.tokens:
            sent["Authorization"] = f"Bearer {self.tokens[who]}"
        if key is not None:
            sent["Idempotency-Key"] = key
        if seen is not None:
            sent["If-Match"] = f'"{seen}"' if isinstance(seen, int) else seen
        extra = {} if body is None else {"json": body}
        return self.client.request(method, path, headers=sent, **extra)

    def get(self, path: str, who: str = ENGLAND) -> Response:
        """Return the answer to a reading."""
        return self.ask(who, "GET", path)

    def post(self, path: str, body: object = None, who: str = ENGLAND, **more: Any) -> Response:
        """Return the answer to a change, under a key of its own where none is named."""
        more.setdefault("key", f"key-of-tests-{next(self.keys)}")
        return self.ask(who, "POST", path, body=body, **more)

    def hold(self, referral_id: str, unit_id: str, who: str = ENGLAND, **more: Any) -> dict[str, Any]:
        """Return a hold that was placed."""
        body = {"referral_id": referral_id, "unit_id": unit_id, "reason": "best_for_her"}
        return done(self.post("/v1/holds", body, who, **more), 201)

    def placement(self, referral_id: str, unit_id: str) -> dict[str, Any]:
        """Return a placement that was confirmed."""
        hold = self.hold(referral_id, unit_id)
        return done(self.post(f"/v1/placements/{hold['hold_id']}", seen=hold["version"]), 201)

    def later(self, **delta: float) -> None:
        """Let time pass."""
        self.instant += timedelta(**delta)


def done(answer: Response, status: int = 200) -> dict[str, Any]:
    """Return what an answer holds, once it is the one that was expected."""
    assert answer.status_code == status, answer.text
    content: dict[str, Any] = answer.json()
    return content


def refused(answer: Response, status: int, code: str) -> dict[str, Any]:
    """Return a problem document, once it is the one that was expected and is one."""
    problem = done(answer, status)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert (problem["code"], problem["status"]) == (code, status)
    assert problem["type"] == f"urn:beds:problem:{code}"
    assert problem["title"]
    assert problem["detail"]
    return problem


@contextmanager
def an_api(
    settings: Settings, engine: Engine, estate: Estate, *, limits: Limits = NO_LIMITS
) -> Iterator[Api]:
    """Give the API of an estate at noon on 3 March 2026, with somebody of every role."""
    bring_in(engine, estate)
    tokens, user_ids = people_of(engine)
    app = create_app(settings, engine, limits=limits)
    with TestClient(app) as client:
        api = Api(app, client, engine, tokens, user_ids)
        app.state.now = lambda: api.instant
        yield api


def people_of(
    engine: Engine, at: datetime = NOON - timedelta(hours=1)
) -> tuple[dict[str, str], dict[str, str]]:
    """Add somebody of every role, one of them revoked, and return their tokens and references."""
    tokens, user_ids, clock = {}, {}, Clock(at)
    with writing(engine) as session:
        for who, reach in _PEOPLE.items():
            user, tokens[who] = add_user(session, OPERATOR, name=who, clock=clock, days=30, **reach)
            user_ids[who] = user.user_id
        revoke_user(session, OPERATOR, user_ids[REVOKED], clock=clock)
    return tokens, user_ids


def rooms(count: int, site_id: str = "S1", **site: Any) -> dict[str, Any]:
    """Return a site of so many units, each with a bed of its own."""
    names = [f"{site_id}-{number}" for number in range(1, count + 1)]
    return {
        "sites": (a_site(site_id, **site),),
        "units": tuple(a_unit(f"U{name}", site_id) for name in names),
        "beds": tuple(a_bed(f"B{name}", f"U{name}") for name in names),
    }


def women(count: int, first: str = "R", **referral: Any) -> dict[str, Any]:
    """Return so many households of one woman."""
    names = [f"{first}{number}" for number in range(1, count + 1)]
    return {
        "referrals": tuple(a_referral(name, **referral) for name in names),
        "people": tuple(a_person(f"A{name}", name) for name in names),
    }


def both_nations(*, households: int = 6, units: int = 8) -> Estate:
    """Return a site of P1 in England and one of P2 in Scotland, and households of each nation."""
    scottish = {"nation": Nation.SCOTLAND, "region": "S92000003", "provider_id": "P2"}
    tables = [
        rooms(units),
        rooms(units, "S2", **scottish),
        women(households, "E"),
        women(households, "S", nation=Nation.SCOTLAND),
    ]
    names = ("sites", "units", "beds", "referrals", "people")
    return Estate(**{name: sum((table.get(name, ()) for table in tables), ()) for name in names})
