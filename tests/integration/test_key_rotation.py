"""The encryption key is changed while the service runs: nobody is locked out, what stops is finished."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine

from beds.case_keys import case_keys_of
from beds.database import METADATA, connect, open_database, reading, writing
from beds.domain.clock import Clock
from beds.domain.records import ProviderRecord, SiteAddressRecord, UserRecord
from beds.encryption import new_encryption_key
from beds.errors import BadInput, DatabaseUnavailable, NotAllowedNow, NotPermitted
from beds.roles import OPERATOR, Role, actor_of
from beds.services.key_rotation import (
    RotationReport,
    drop_old_keys,
    encrypt_anew,
    put_new_key,
    rotate_keys,
    wrap_anew,
)
from beds.settings import Settings, split_keys
from beds.store import check_database, load_round, save_round
from tests.builders import CLOCK, NOON
from tests.integration.conftest import ENCRYPTION_KEY
from tests.integration.live import stored
from tests.integration.recorded import a_full_estate, bring_in, contents, read_back
from tests.integration.test_case_encryption import PROBLEM, RESULT, VERSIONS

ROLES = [actor_of("user-1", role) for role in Role]


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    """Give the file that the encryption key of the database is in."""
    file = tmp_path / "encryption-key"
    file.write_text(ENCRYPTION_KEY + "\n", encoding="ascii")
    file.chmod(0o600)
    return file


@pytest.fixture
def by_file(settings: Settings, key_file: Path) -> Settings:
    """Give settings of a database whose encryption key is in a file."""
    return settings.model_copy(update={"encryption_key": None, "encryption_key_file": key_file})


@pytest.fixture
def filled(by_file: Settings) -> Iterator[Engine]:
    """Give a database with something in every encrypted column."""
    engine = connect(by_file)
    bring_in(engine, a_full_estate())
    with writing(engine) as session:
        session.add(SiteAddressRecord(site_id="S1", address="1 Marker Street"))
        session.add(
            UserRecord(user_id="user-1", name="Marker", role="admin", nations=frozenset(), created_at=NOON)
        )
        provider = session.get(ProviderRecord, "P1")
        assert provider is not None
        provider.name, provider.contact = "Marker Trust", "marker contact"
        save_round(
            session, actor="test", at=NOON, result_json=RESULT, problem_json=PROBLEM, versions=VERSIONS
        )
    yield engine
    engine.dispose()


def rotate(engine: Engine, settings: Settings) -> RotationReport:
    """Rotate the key."""
    return rotate_keys(engine, settings, OPERATOR, clock=CLOCK)


def keys_in(file: Path) -> tuple[str, ...]:
    """Return the keys in a file, newest first."""
    return split_keys(file.read_text(encoding="ascii"))


def is_read(settings: Settings) -> bool:
    """Whether everything is read by a process that starts now."""
    engine = open_database(settings)
    try:
        return (
            read_back(engine).people == a_full_estate().people
            and stored(engine, "site_address", "address") == ["1 Marker Street"]
            and check_database(engine) == []
        )
    finally:
        engine.dispose()


def test_everything_is_under_the_new_key_and_the_old_one_can_go(
    filled: Engine, by_file: Settings, key_file: Path
) -> None:
    report = rotate(filled, by_file)

    assert report.new_key
    assert (report.case_keys, report.values > 5) == (4, True)
    assert drop_old_keys(filled, by_file, OPERATOR, clock=CLOCK) == 1
    (key,) = keys_in(key_file)
    assert key != ENCRYPTION_KEY
    assert is_read(by_file)
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600


def test_the_old_key_opens_nothing_any_more(filled: Engine, by_file: Settings, settings: Settings) -> None:
    rotate(filled, by_file)

    with pytest.raises(DatabaseUnavailable, match="encryption key"):
        open_database(settings)


def test_no_token_stays_as_it_was(filled: Engine, by_file: Settings) -> None:
    def tokens() -> set[str]:
        return {
            value
            for rows in contents(filled).values()
            for row in rows
            for value in map(str, row)
            if value.startswith("gAAAA")
        }

    before = tokens()

    rotate(filled, by_file)

    assert (len(before), len(tokens())) == (8, 8)
    assert before & tokens() == set()


def test_a_round_is_replayed_from_the_same_bytes(filled: Engine, by_file: Settings) -> None:
    rotate(filled, by_file)

    with reading(filled) as session:
        run_id = session.execute(METADATA.tables["allocation_round"].select()).one().run_id
        assert load_round(session, run_id).problem_json == PROBLEM


def test_versions_of_records_do_not_count_a_rotation(filled: Engine, by_file: Settings) -> None:
    def versions() -> list[int]:
        with reading(filled) as session:
            return [row.version for row in session.execute(METADATA.tables["site"].select())]

    before = versions()

    rotate(filled, by_file)

    assert versions() == before


@pytest.mark.parametrize("steps", [1, 2])
def test_a_rotation_that_stops_after_any_step_is_read_and_finished_with_the_same_key(
    filled: Engine, by_file: Settings, key_file: Path, steps: int
) -> None:
    with writing(filled) as session:
        assert put_new_key(session, by_file, OPERATOR)
    if steps > 1:
        with writing(filled) as session:
            assert encrypt_anew(session, OPERATOR, clock=CLOCK) > 5
    new, old = keys_in(key_file)
    assert is_read(by_file)
    with pytest.raises(NotAllowedNow, match="rotate-keys"):
        drop_old_keys(filled, by_file, OPERATOR, clock=CLOCK)

    report = rotate(filled, by_file)

    assert not report.new_key
    assert report.case_keys == 4
    assert keys_in(key_file) == (new, old)
    assert drop_old_keys(filled, by_file, OPERATOR, clock=CLOCK) == 1
    assert is_read(by_file)


def test_a_rotation_that_is_undone_in_the_database_leaves_it_read(
    filled: Engine, by_file: Settings, key_file: Path
) -> None:
    def undone() -> None:
        with writing(filled) as session:
            put_new_key(session, by_file, OPERATOR)
            encrypt_anew(session, OPERATOR, clock=CLOCK)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        undone()

    assert len(keys_in(key_file)) == 2
    assert is_read(by_file)
    assert rotate(filled, by_file).values > 5
    assert len(keys_in(key_file)) == 2


def test_each_rotation_makes_one_more_key_and_dropping_leaves_one(
    filled: Engine, by_file: Settings, key_file: Path
) -> None:
    assert rotate(filled, by_file).new_key
    assert rotate(filled, by_file).new_key

    assert len(set(keys_in(key_file))) == 3
    assert drop_old_keys(filled, by_file, OPERATOR, clock=CLOCK) == 2
    assert drop_old_keys(filled, by_file, OPERATOR, clock=CLOCK) == 0
    assert is_read(by_file)


def test_a_service_that_runs_meanwhile_reads_and_writes_on(filled: Engine, by_file: Settings) -> None:
    running = open_database(by_file)
    assert read_back(running).sites

    rotate(filled, by_file)
    drop_old_keys(filled, by_file, OPERATOR, clock=CLOCK)

    assert read_back(running).people == a_full_estate().people
    with writing(running) as session:
        session.add(ProviderRecord(provider_id="P9", name="Marker written later"))
        case_keys_of(running.dialect).make(["R77"])
    assert is_read(by_file)
    running.dispose()


def test_keys_in_the_settings_are_changed_there(filled: Engine, settings: Settings) -> None:
    engine = connect(settings)
    with pytest.raises(BadInput, match="BEDS_ENCRYPTION_KEY"):
        rotate(engine, settings)
    engine.dispose()
    new = new_encryption_key()
    both = settings.model_copy(update={"encryption_key": SecretStr(f"{new},{ENCRYPTION_KEY}")})
    engine = connect(both)

    report = rotate(engine, both)

    assert (report.new_key, report.values > 5, report.case_keys) == (False, True, 4)
    with pytest.raises(BadInput, match="leave only the first"):
        drop_old_keys(engine, both, OPERATOR, clock=CLOCK)
    engine.dispose()
    assert is_read(settings.model_copy(update={"encryption_key": SecretStr(new)}))


@pytest.mark.parametrize("actor", ROLES, ids=[str(role) for role in Role])
def test_nobody_with_a_role_rotates_keys(
    filled: Engine, by_file: Settings, key_file: Path, actor: object
) -> None:
    clock = Clock(NOON)
    for attempt in (rotate_keys, drop_old_keys):
        with pytest.raises(NotPermitted, match="maintain"):
            attempt(filled, by_file, actor, clock=clock)  # type: ignore[arg-type]
    with pytest.raises(NotPermitted):
        wrap_anew(filled, actor)  # type: ignore[arg-type]

    assert keys_in(key_file) == (ENCRYPTION_KEY,)
