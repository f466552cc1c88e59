"""Settings are typed, refused early, and never show a secret."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from beds.encryption import Keyring, new_encryption_key
from beds.errors import BadInput, DatabaseUnavailable
from beds.keys import keyring_for
from beds.settings import SAMPLE_AUDIT_KEY, SAMPLE_ENCRYPTION_KEY, Settings, load_settings

LONG = "an-audit-key-that-is-long-enough"


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in [name for name in os.environ if name.startswith("BEDS_")]:
        monkeypatch.delenv(name)


def test_points_are_those_of_the_specification_until_set() -> None:
    assert dict(Settings().points) == {
        "interim": 40,
        "language": 30,
        "region": 20,
        "security": 10,
        "step_free": 15,
        "services": 2,
        "beds": 8,
    }


def test_points_come_from_the_environment_and_are_frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BEDS_POINTS_STEP_FREE", "7")
    monkeypatch.setenv("BEDS_POINTS_INTERIM", "0")

    points = load_settings().points

    assert (points["step_free"], points["interim"]) == (7, 0)
    with pytest.raises(TypeError):
        points["interim"] = 1  # type: ignore[index]


@pytest.mark.parametrize("value", ["-1", "many", "1.5"])
def test_points_that_are_no_count_are_refused_by_name(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("BEDS_POINTS_LANGUAGE", value)

    with pytest.raises(BadInput, match="BEDS_POINTS_LANGUAGE"):
        load_settings()


def test_the_database_is_in_the_users_data_folder_unless_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))

    assert load_settings().database_url == f"sqlite:///{tmp_path}/beds/beds.db"


def test_secrets_are_in_no_repr_and_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    key = new_encryption_key()
    monkeypatch.setenv("BEDS_ENCRYPTION_KEY", key)
    monkeypatch.setenv("BEDS_AUDIT_KEY", "short")
    monkeypatch.setenv("BEDS_DATABASE_URL", "postgresql://u:hidden-password@localhost/beds")

    with pytest.raises(BadInput) as refusal:
        load_settings()

    assert "BEDS_AUDIT_KEY" in str(refusal.value)
    assert key not in str(refusal.value)
    assert "hidden-password" not in str(refusal.value)
    monkeypatch.setenv("BEDS_AUDIT_KEY", LONG)
    shown = repr(load_settings())
    assert all(secret not in shown for secret in (key, LONG, "hidden-password"))
    assert key not in repr(Keyring([key], [LONG]))


@pytest.mark.parametrize(
    ("name", "sample"),
    [("BEDS_ENCRYPTION_KEY", SAMPLE_ENCRYPTION_KEY), ("BEDS_AUDIT_KEY", SAMPLE_AUDIT_KEY)],
)
def test_a_sample_secret_is_for_demonstrations_only(
    monkeypatch: pytest.MonkeyPatch, name: str, sample: str
) -> None:
    monkeypatch.setenv(name, sample)

    with pytest.raises(BadInput, match="sample secret"):
        load_settings()

    monkeypatch.setenv("BEDS_DEMO", "true")
    assert load_settings().demo


def test_a_sample_secret_in_a_key_file_is_refused_too(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(SAMPLE_ENCRYPTION_KEY)
    settings = Settings(encryption_key_file=tmp_path / "key", audit_key=SecretStr(LONG))

    with pytest.raises(BadInput, match="sample secret"):
        keyring_for(settings, tmp_path / "beds.db")


def test_a_rotated_key_still_reads_and_the_new_one_writes() -> None:
    old, new = new_encryption_key(), new_encryption_key()
    token = Keyring([old], [LONG]).encrypt("kept")

    rotated = Keyring([new, old], [LONG])

    assert rotated.decrypt(token) == "kept"
    assert Keyring([new], [LONG]).decrypt(rotated.encrypt("written")) == "written"


def test_a_long_text_is_kept_shorter_than_it_is() -> None:
    keyring = Keyring([new_encryption_key()], [LONG])
    text = "the same words again and again " * 1_000

    token = keyring.encrypt(text)

    assert keyring.decrypt(token) == text
    assert len(token) < len(text) / 10


def test_another_key_is_refused_in_words() -> None:
    token = Keyring([new_encryption_key()], [LONG]).encrypt("kept")

    with pytest.raises(DatabaseUnavailable, match="encryption key in use"):
        Keyring([new_encryption_key()], [LONG]).decrypt(token)


def test_a_key_that_is_no_key_is_refused_without_showing_it() -> None:
    with pytest.raises(BadInput) as refusal:
        Keyring(["not-a-fernet-key"], [LONG])

    assert "not-a-fernet-key" not in str(refusal.value)


def test_a_server_needs_its_keys_stated() -> None:
    with pytest.raises(BadInput, match="BEDS_ENCRYPTION_KEY"):
        keyring_for(Settings(audit_key=SecretStr(LONG)), None)


def test_key_files_are_made_once_for_the_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "beds.db"

    token = keyring_for(Settings(), file).encrypt("kept")

    assert keyring_for(Settings(), file).decrypt(token) == "kept"
    made = sorted(tmp_path.iterdir())
    assert [path.name for path in made] == ["beds.db.audit-key", "beds.db.encryption-key"]
    assert [path.stat().st_mode & 0o777 for path in made] == [0o600, 0o600]


def test_no_key_is_made_for_a_database_that_is_already_there(tmp_path: Path) -> None:
    file = tmp_path / "beds.db"
    file.write_text("data")

    with pytest.raises(DatabaseUnavailable, match="missing"):
        keyring_for(Settings(), file)
