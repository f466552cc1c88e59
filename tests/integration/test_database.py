"""Engines, sessions and the schema's history, on SQLite files and on PostgreSQL."""

import os
import re
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from pydantic import SecretStr
from sqlalchemy import Connection, Engine, Inspector, inspect, text
from sqlmodel import Session, select

from beds.database import (
    METADATA,
    MIGRATIONS,
    DatabaseKind,
    SchemaState,
    connect,
    database_kind,
    open_database,
    reading,
    schema_state,
    upgrade,
    writing,
)
from beds.domain.records import BedRecord, SiteRecord
from beds.encryption import new_encryption_key
from beds.errors import BadInput, ChangedMeanwhile, DatabaseUnavailable, NotPermitted
from beds.settings import Settings
from beds.store import import_estate, load_estate
from tests.builders import NOON, a_bed, a_small_estate
from tests.integration.conftest import settings_for

Connected = Callable[..., Engine]


def upgrade_to(connection: Connection, revision: str) -> None:
    """Bring a schema to an older revision, as an older version of the service would have left it."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def fill(engine: Engine) -> None:
    """Bring the small estate into a database."""
    with writing(engine) as session:
        import_estate(session, a_small_estate(), actor="test", at=NOON)


def test_the_tables_and_the_history_are_the_same(connected: Connected, engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )

        assert compare_metadata(context, METADATA) == []


def test_the_tables_and_the_history_have_the_same_checks_and_indexes(
    connected: Connected, engine: Engine
) -> None:
    def guards(table: str) -> list[str]:
        """Return the names of the checks; of a column added later SQLAlchemy does not read them on SQLite."""
        if engine.dialect.name == "sqlite":
            stated = connection.execute(
                text("SELECT sql FROM sqlite_master WHERE name = :table"), {"table": table}
            ).scalar_one()
            return sorted(re.findall(r"CONSTRAINT (\w+) CHECK", stated))
        return sorted(str(check["name"]) for check in inspect(connection).get_check_constraints(table))

    def shape(inspector: Inspector) -> dict[str, object]:
        return {
            table: (
                sorted(check["sqltext"] for check in inspector.get_check_constraints(table)),
                guards(table),
                sorted(
                    (
                        index["name"],
                        index["unique"],
                        str([*map(str, index.get("dialect_options", {}).values())]),
                    )
                    for index in inspector.get_indexes(table)
                    if index["name"] != "stays_overlap"
                ),
                sorted((key["name"], str(key["options"])) for key in inspector.get_foreign_keys(table)),
            )
            for table in METADATA.tables
        }

    with engine.connect() as connection:
        migrated = shape(inspect(connection))
        for table in ("audit_event", *METADATA.tables):
            cascade = "" if engine.dialect.name == "sqlite" else "CASCADE"
            connection.execute(text(f"DROP TABLE IF EXISTS {table} {cascade}"))
        METADATA.create_all(connection)
        declared = shape(inspect(connection))

    assert migrated == declared


def test_an_empty_database_says_so_and_is_upgraded_once(
    connected: Connected, sqlite_settings: Settings
) -> None:
    engine = connected(sqlite_settings, create=True)
    assert schema_state(engine) is SchemaState.EMPTY
    with pytest.raises(DatabaseUnavailable, match="beds db upgrade"):
        open_database(sqlite_settings)

    upgrade(engine)
    upgrade(engine)

    assert schema_state(engine) is SchemaState.CURRENT
    assert schema_state(connected(sqlite_settings)) is SchemaState.CURRENT


def test_an_empty_postgres_database_is_upgraded(connected: Connected, new_postgres: str) -> None:
    engine = connected(settings_for(new_postgres))
    before = schema_state(engine)

    upgrade(engine)

    assert (before, schema_state(engine)) == (SchemaState.EMPTY, SchemaState.CURRENT)


def test_a_schema_that_is_behind_is_refused_and_then_upgraded(
    connected: Connected, sqlite_settings: Settings
) -> None:
    engine = connected(sqlite_settings, create=True)
    upgrade(engine)
    with engine.begin() as connection:
        for table in reversed(METADATA.sorted_tables):
            if table.name != "database_mark":
                connection.execute(text(f"DROP TABLE {table.name}"))
        connection.execute(text("DELETE FROM alembic_version"))
        connection.execute(text("ALTER TABLE database_mark RENAME TO kept"))
        upgrade_to(connection, "0001")
        connection.execute(text("INSERT INTO database_mark SELECT * FROM kept"))
        connection.execute(text("DROP TABLE kept"))

    with pytest.raises(DatabaseUnavailable, match=r"behind.*beds db upgrade") as refusal:
        open_database(sqlite_settings)

    assert refusal.value.exit_code == 4
    assert schema_state(engine) is SchemaState.BEHIND
    upgrade(engine)
    assert schema_state(engine) is SchemaState.CURRENT


def test_using_a_schema_that_is_behind_says_what_to_do(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE proposal"))

    with pytest.raises(DatabaseUnavailable, match="beds db upgrade"), reading(engine) as session:
        session.execute(METADATA.tables["proposal"].select())


@pytest.mark.parametrize(
    "statement",
    ["CREATE TABLE recipes (name TEXT)", "UPDATE alembic_version SET version_num = 'of-the-future'"],
)
def test_a_database_of_another_program_or_a_newer_version_is_left_alone(
    connected: Connected, sqlite_settings: Settings, statement: str
) -> None:
    engine = connected(sqlite_settings, create=True)
    if statement.startswith("UPDATE"):
        upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text(statement))

    assert schema_state(engine) is SchemaState.FOREIGN
    with pytest.raises(DatabaseUnavailable, match="left as it is"):
        upgrade(engine)
    with pytest.raises(DatabaseUnavailable, match="left as it is"):
        open_database(sqlite_settings)


def test_a_demonstration_refuses_a_live_database_and_the_reverse(
    connected: Connected, sqlite_settings: Settings, tmp_path: Path
) -> None:
    live = connected(sqlite_settings, create=True)
    demo = connected(settings_for(f"sqlite:///{tmp_path / 'demo.db'}"), create=True)
    upgrade(live)
    upgrade(demo, kind=DatabaseKind.DEMO)

    with pytest.raises(NotPermitted, match="demo"):
        upgrade(live, kind=DatabaseKind.DEMO)
    with pytest.raises(NotPermitted, match="live"):
        upgrade(demo)

    assert (database_kind(live), database_kind(demo)) == (DatabaseKind.LIVE, DatabaseKind.DEMO)


def test_every_file_is_for_its_owner_only(connected: Connected, tmp_path: Path) -> None:
    old_mask = os.umask(0)
    try:
        engine = connected(Settings(database_url=f"sqlite:///{tmp_path / 'new' / 'beds.db'}"), create=True)
        upgrade(engine)
        with reading(engine) as session:
            load_estate(session)
            modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "new").iterdir()}
    finally:
        os.umask(old_mask)

    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700
    assert {"beds.db", "beds.db-wal", "beds.db-shm"} <= modes.keys()
    assert set(modes.values()) == {0o600}


def test_a_missing_file_is_refused_and_not_made(sqlite_settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnavailable, match="there is no database"):
        open_database(sqlite_settings)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("damage", ["no database", "lost pages"])
def test_a_damaged_file_is_refused_in_words(
    connected: Connected, sqlite_settings: Settings, tmp_path: Path, damage: str
) -> None:
    engine = connected(sqlite_settings, create=True)
    upgrade(engine)
    engine.dispose()
    file = tmp_path / "beds.db"
    content = file.read_bytes()
    file.write_bytes(
        b"not a database, but long enough for one " * 100 if damage == "no database" else content[:8192]
    )

    with pytest.raises(DatabaseUnavailable, match="damaged"):
        open_database(sqlite_settings)


def test_a_database_that_somebody_else_writes_to_is_busy(
    connected: Connected, engine: Engine, settings: Settings
) -> None:
    fill(engine)
    other = connected(settings)
    with writing(other) as theirs:
        theirs.execute(text("UPDATE bed SET version = version + 1"))

        with pytest.raises(DatabaseUnavailable, match="busy"), writing(engine) as ours:
            ours.execute(text("UPDATE bed SET version = version + 1"))

    with reading(engine) as session:
        assert session.exec(select(BedRecord.version)).one() == 2


def test_a_read_only_database_can_be_read_and_refuses_changes_in_words(
    connected: Connected, sqlite_engine: Engine, tmp_path: Path
) -> None:
    fill(sqlite_engine)
    engine = connected(settings_for(f"sqlite:///file:{tmp_path / 'beds.db'}?mode=ro&uri=true"))

    with reading(engine) as session:
        assert load_estate(session) == a_small_estate()
    with pytest.raises(DatabaseUnavailable, match="not written to"), writing(engine) as session:
        session.execute(text("UPDATE bed SET version = 2"))


def test_a_reader_writes_nothing_and_sees_one_moment(
    connected: Connected, engine: Engine, settings: Settings
) -> None:
    fill(engine)
    other = connected(settings)

    with reading(engine) as session:
        before = load_estate(session)
        with writing(other) as theirs:
            estate = a_small_estate(beds=(a_bed(), a_bed("B2")))
            import_estate(theirs, estate, actor="test", at=NOON)
        after = load_estate(session)

    assert before == after == a_small_estate()


def test_what_fails_half_way_leaves_nothing(engine: Engine) -> None:
    def interrupted() -> None:
        with writing(engine) as session:
            import_estate(session, a_small_estate(), actor="test", at=NOON)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()

    with reading(engine) as session:
        assert load_estate(session).sites == ()


def test_two_changes_of_one_record_collide_loudly(engine: Engine) -> None:
    fill(engine)
    with writing(engine) as session:
        stale = session.exec(select(SiteRecord)).one()
        session.expunge(stale)
        session.exec(select(SiteRecord)).one().security_level = 3

    def change_what_was_seen_before() -> None:
        with writing(engine) as session:
            session.merge(stale, load=False).security_level = 1

    with pytest.raises(ChangedMeanwhile, match="somebody else has just changed"):
        change_what_was_seen_before()

    with reading(engine) as session:
        site = session.exec(select(SiteRecord)).one()
        assert (site.security_level, site.version) == (3, 2)


def test_another_key_than_the_databases_own_is_found_at_the_door(settings: Settings) -> None:
    other = settings.model_copy(update={"encryption_key": SecretStr(new_encryption_key())})

    with pytest.raises(DatabaseUnavailable, match="encryption key in use"):
        open_database(other)


@pytest.mark.parametrize("url", ["", "beds.db", "mysql://localhost/beds", "sqlite", "nonsense://x"])
def test_a_url_of_no_database_we_know_is_refused(url: str) -> None:
    with pytest.raises(BadInput, match="BEDS_DATABASE_URL"):
        connect(settings_for(url))


def test_a_server_that_is_not_there_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnavailable, match="cannot be opened or reached"):
        open_database(settings_for(f"postgresql://u:hidden@/beds?host={tmp_path}"))


def test_sqlite_keeps_its_promises(sqlite_engine: Engine) -> None:
    with Session(sqlite_engine) as session:
        found = [
            session.execute(text(f"PRAGMA {name}")).scalar() for name in ("foreign_keys", "journal_mode")
        ]

    assert found == [1, "wal"]


def test_the_driver_cannot_begin_behind_our_back(connected: Connected, sqlite_engine: Engine) -> None:
    with sqlite_engine.connect() as connection:
        driver = connection.connection.dbapi_connection

        assert isinstance(driver, sqlite3.Connection)
        assert driver.isolation_level is None
