"""Databases for the tests of the dashboard: demonstrations as `beds demo` makes them, and live ones."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from beds.database import DatabaseKind, connect, upgrade, writing
from beds.domain.clock import Clock
from beds.domain.estate import Estate
from beds.domain.points import MismatchPoints
from beds.reference import data_folder, recovery_periods
from beds.roles import OPERATOR, Role
from beds.services.demo_clock import start_demo_clock
from beds.services.demo_evening import let_the_day_pass
from beds.services.estates import estate_in_folder
from beds.services.people import add_user
from beds.services.policy import policy_of
from beds.services.rounds import keep_round, run_round
from beds.settings import Settings
from beds.store import import_estate
from beds.synthesis import SYNTHETIC_AS_AT

ACTOR = "test"
_templates = TemporaryDirectory(prefix="beds-templates-")


def an_empty_database(folder: Path, *, kind: DatabaseKind = DatabaseKind.DEMO) -> str:
    """Return the URL of a database with a schema and nothing in it."""
    for file in _template(kind).iterdir():
        shutil.copy(file, folder)
    return _url_in(folder)


@cache
def _template(kind: DatabaseKind) -> Path:
    """Return the folder of an empty database: making its schema takes longer than most tests."""
    folder = Path(_templates.name) / kind
    folder.mkdir()
    engine = connect(_settings(_url_in(folder)), create=True)
    upgrade(engine, kind=kind)
    engine.dispose()
    return folder


def _url_in(folder: Path) -> str:
    return f"sqlite:///{folder / 'dashboard.db'}"


def a_demonstration(folder: Path, estate: Estate, clock: Clock, *, time_limit_s: float | None = None) -> str:
    """Return the URL of a demonstration of an estate, with a round stored."""
    url = an_empty_database(folder)
    engine = connect(_settings(url))
    periods = recovery_periods()
    held = run_round(estate, clock, periods=periods, points=MismatchPoints(), time_limit_s=time_limit_s)
    with writing(engine) as session:
        start_demo_clock(session, clock.as_at, made_at=datetime.now(UTC))
        import_estate(session, estate, actor=ACTOR, at=clock.as_at)
        keep_round(session, ACTOR, held, clock.as_at)
    engine.dispose()
    return url


@dataclass(frozen=True)
class Live:
    """A live database, and the tokens of its people by role."""

    url: str
    tokens: Mapping[Role, str]
    user_ids: Mapping[Role, str]


def a_live_database(folder: Path, estate: Estate) -> Live:
    """Return a live database of an estate, with somebody in each role: the coordinator sees both nations.

    Its time is the machine's own: dates of the estate are to be near it. The provider is that of `builders`.
    """
    url = an_empty_database(folder, kind=DatabaseKind.LIVE)
    engine = connect(_settings(url))
    clock = Clock(datetime.now(UTC))
    tokens, user_ids = {}, {}
    with writing(engine) as session:
        import_estate(session, estate, actor=ACTOR, at=clock.as_at)
        for role in Role:
            provider = "P1" if role is Role.PROVIDER else None
            name = f"Somebody, {role}"
            view, tokens[role] = add_user(
                session, OPERATOR, name=name, role=role, clock=clock, days=1, provider_id=provider
            )
            user_ids[role] = view.user_id
    engine.dispose()
    return Live(url, tokens, user_ids)


def a_token_of_a_provider(url: str, provider_id: str) -> str:
    """Return the token of somebody new who runs the houses of a provider, on a live database."""
    engine = connect(_settings(url))
    clock = Clock(datetime.now(UTC))
    with writing(engine) as session:
        _, token = add_user(
            session,
            OPERATOR,
            name=f"Somebody of {provider_id}",
            role=Role.PROVIDER,
            clock=clock,
            days=1,
            provider_id=provider_id,
        )
    engine.dispose()
    return token


def the_shipped_demonstration(folder: Path) -> str:
    """Return the URL of a demonstration of the shipped synthetic estate, with its round and its day."""
    url = a_demonstration(folder, estate_in_folder(data_folder() / "demo"), Clock(SYNTHETIC_AS_AT))
    engine = connect(_settings(url))
    with writing(engine) as session:
        let_the_day_pass(session, SYNTHETIC_AS_AT, policy=policy_of(_settings(url)))
    engine.dispose()
    return url


def _settings(url: str) -> Settings:
    return Settings(database_url=url, demo=True)
