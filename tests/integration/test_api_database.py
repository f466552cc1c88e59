"""A database that is locked, behind, or gone: 503 in words, health all the while, and recovery by itself."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, make_url, text

from beds.settings import Settings
from beds.transactions import WRITERS_LOCK
from tests.integration.api_client import ENGLAND, Api, an_api, both_nations, done, refused

CLAIM = {"referral_id": "E1", "unit_id": "US1-1", "reason": "best_for_her"}


@pytest.fixture
def api(settings: Settings, engine: Engine) -> Iterator[Api]:
    with an_api(settings, engine, both_nations()) as found:
        yield found


@contextmanager
def somebody_writing(engine: Engine) -> Iterator[None]:
    """Hold what a writer of another process would hold."""
    if engine.dialect.name == "postgresql":
        with engine.connect() as connection:
            connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": WRITERS_LOCK})
            yield
            connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": WRITERS_LOCK})
        return
    other = sqlite3.connect(str(make_url(str(engine.url)).database), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    yield
    other.execute("ROLLBACK")
    other.close()


def test_a_change_while_somebody_else_writes_for_too_long_is_told_so_and_then_succeeds(api: Api) -> None:
    with somebody_writing(api.engine):
        answer = api.post("/v1/holds", CLAIM, key="the-same-key")
        reading = api.get("/v1/referrals")

    refused(answer, 503, "busy")
    assert answer.headers["Retry-After"] == "1"
    done(reading)
    done(api.post("/v1/holds", CLAIM, key="the-same-key"), 201)


def test_a_database_that_is_behind_is_told_so_until_it_is_upgraded(api: Api) -> None:
    _execute(api, "ALTER TABLE hold RENAME TO hold_elsewhere")
    behind = [api.get("/v1/holds"), api.post("/v1/holds", CLAIM)]
    _execute(api, "ALTER TABLE hold_elsewhere RENAME TO hold")

    for answer in behind:
        problem = refused(answer, 503, "database_unavailable")
        assert "beds db upgrade" in problem["detail"]
    done(api.get("/v1/holds"))
    done(api.post("/v1/holds", CLAIM), 201)


def test_a_schema_that_is_not_this_ones_is_not_ready_and_the_process_is_well(api: Api) -> None:
    _execute(api, "UPDATE alembic_version SET version_num = '0004'")
    behind = api.get("/readyz", "nobody")
    _execute(api, "UPDATE alembic_version SET version_num = 'unheard-of'")
    foreign = api.get("/readyz", "nobody")

    assert "beds db upgrade" in refused(behind, 503, "database_unavailable")["detail"]
    refused(foreign, 503, "database_unavailable")
    done(api.get("/healthz", "nobody"))


def test_a_database_that_is_gone_is_told_so_and_used_again_once_it_is_back(
    api: Api, settings: Settings
) -> None:
    with gone(api.engine):
        answers = [api.get("/v1/me"), api.get("/v1/referrals"), api.post("/v1/holds", CLAIM)]
        ready, healthy = api.get("/readyz", "nobody"), api.get("/healthz", "nobody")

    for answer in (*answers, ready):
        refused(answer, 503, "database_unavailable")
        assert settings.database_url not in answer.text
    done(healthy)
    done(api.get("/readyz", "nobody"))
    done(api.post("/v1/holds", CLAIM), 201)


@contextmanager
def gone(engine: Engine) -> Iterator[None]:
    """Take a database away, and put it back."""
    engine.dispose()
    if engine.dialect.name == "sqlite":
        folder = Path(str(engine.url.database)).parent
        away = folder.with_name(f"{folder.name}-away")
        folder.rename(away)
        yield
        away.rename(folder)
        return
    name = engine.url.database
    server = engine.url.set(database="postgres")
    from sqlalchemy import create_engine

    administrator = create_engine(server, isolation_level="AUTOCOMMIT")
    with administrator.connect() as connection:
        connection.execute(text(f'ALTER DATABASE "{name}" RENAME TO "{name}_away"'))
    yield
    with administrator.connect() as connection:
        connection.execute(text(f'ALTER DATABASE "{name}_away" RENAME TO "{name}"'))
    administrator.dispose()


def test_a_log_of_reads_that_cannot_be_written_shows_no_case(api: Api, settings: Settings) -> None:
    from beds.read_log import read_log_of

    file = read_log_of(api.engine.dialect).file
    assert file is not None
    file.unlink(missing_ok=True)
    file.mkdir()

    answer = api.get("/v1/referrals/E1", ENGLAND)

    refused(answer, 503, "database_unavailable")
    assert str(file) not in answer.text
    file.rmdir()
    done(api.get("/v1/referrals/E1"))


def _execute(api: Api, statement: str) -> None:
    with api.engine.begin() as connection:
        connection.execute(text(statement))
