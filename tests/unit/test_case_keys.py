"""The store of the keys of cases: made once, destroyed for good, and nobody else's."""

from __future__ import annotations

import multiprocessing
import sqlite3
import stat
import threading
from pathlib import Path

import pytest

from beds.case_keys import CaseKeys
from beds.encryption import Keyring, new_encryption_key
from beds.errors import Anonymised, DatabaseUnavailable
from tests.builders import NOON

KEYRING = Keyring([new_encryption_key()], ["an-audit-key-of-the-tests"])
MANY = [f"R{number}" for number in range(200)]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Give where a store may be; there is none yet."""
    return tmp_path / "case-keys"


def a_store(file: Path | None, keyring: Keyring = KEYRING) -> CaseKeys:
    """Return a store as another process would open it."""
    return CaseKeys(keyring, file)


def a_token(keys: CaseKeys, text: str = "hers", referral_id: str = "R1") -> str:
    """Seal a text with the key of a case."""
    keys.make([referral_id])
    return keys.cipher(referral_id).encrypt("notes", text)


@pytest.mark.parametrize("text", ["", "hers", "ß🏠\x80\x00", "x" * 63, "y" * 100_000])
def test_what_is_sealed_opens_again_in_every_process(file: Path, text: str) -> None:
    token = a_token(a_store(file), text)

    assert a_store(file).cipher("R1").decrypt("notes", token) == text
    assert text not in token or not text


def test_a_token_tells_no_lengths_of_single_words() -> None:
    keys = a_store(None)

    lengths = {len(a_token(keys, gender)) for gender in ("male", "female", "non_binary")}

    assert len(lengths) == 1


def test_a_token_opens_for_its_own_case_and_purpose_only(file: Path) -> None:
    keys = a_store(file)
    token = a_token(keys)
    keys.make(["R2"])

    with pytest.raises(DatabaseUnavailable):
        keys.cipher("R2").decrypt("notes", token)
    with pytest.raises(DatabaseUnavailable):
        keys.cipher("R1").decrypt("person A1", token)
    with pytest.raises(DatabaseUnavailable):
        keys.cipher("R1").decrypt("notes", token[:-8] + "AAAAAAA=")


def test_making_a_key_twice_keeps_the_first(file: Path) -> None:
    token = a_token(a_store(file))

    again = a_store(file)
    again.make(["R1", "R2"])

    assert again.cipher("R1").decrypt("notes", token) == "hers"
    assert again.ciphers(["R1", "R2", "R3"]).keys() == {"R1", "R2"}


def test_a_destroyed_key_is_gone_for_everybody_and_never_made_again(file: Path) -> None:
    keys, other = a_store(file), a_store(file)
    a_token(keys)
    assert other.cipher("R1")

    assert keys.destroy(["R1"], at=NOON) == 1

    for store in (keys, other, a_store(file)):
        with pytest.raises(Anonymised):
            store.cipher("R1")
        with pytest.raises(Anonymised):
            store.make(["R1", "R2"])
        assert store.ciphers(["R1"]) == {}
        assert store.destroyed() == {"R1"}
    assert keys.destroy(["R1"], at=NOON) == 0


def test_a_case_that_never_had_a_key_is_marked_too(file: Path) -> None:
    keys = a_store(file)

    keys.destroy(["R1"], at=NOON)

    with pytest.raises(Anonymised):
        keys.make(["R1"])


def test_a_destroyed_key_is_not_in_the_bytes_of_the_file(file: Path) -> None:
    keys = a_store(file)
    keys.make(MANY)
    with sqlite3.connect(file) as driver:
        wrapped = dict(driver.execute("SELECT referral_id, wrapped FROM case_key"))
    driver.close()

    keys.destroy(["R7"], at=NOON)

    content = b"".join(path.read_bytes() for path in file.parent.iterdir())
    assert wrapped["R8"].encode() in content
    assert wrapped["R7"].encode() not in content


def test_a_case_without_a_key_is_no_anonymised_case(file: Path) -> None:
    with pytest.raises(DatabaseUnavailable, match="BEDS_CASE_KEYS_FILE"):
        a_store(file).cipher("R1")


def test_the_store_is_made_with_the_first_key_and_for_its_owner_only(file: Path) -> None:
    keys = a_store(file)
    assert (keys.ciphers(["R1"]), keys.destroyed(), keys.identity()) == ({}, frozenset(), None)
    assert not file.exists()

    keys.make(["R1"])

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert keys.identity() == a_store(file).identity()


def test_the_store_alone_opens_nothing(file: Path) -> None:
    a_token(a_store(file))
    strangers = Keyring([new_encryption_key()], ["an-audit-key-of-the-tests"])

    with pytest.raises(DatabaseUnavailable):
        a_store(file, strangers).cipher("R1")


def test_a_store_that_has_gone_takes_no_new_key(file: Path) -> None:
    keys = a_store(file)
    keys.make(["R1"])
    file.unlink()

    with pytest.raises(DatabaseUnavailable, match="gone"):
        keys.make(["R2"])

    assert not file.exists()


def test_a_store_put_in_place_of_another_is_the_one_that_is_read(file: Path) -> None:
    keys, other = a_store(file), a_store(file.with_name("other"))
    keys.make(["R1"])
    other.make(["R2"])
    assert keys.cipher("R1")

    file.with_name("other").replace(file)

    assert keys.ciphers(["R1", "R2"]).keys() == {"R2"}


def test_a_store_that_is_none_is_a_sentence(file: Path) -> None:
    file.write_bytes(b"this is no store of keys, and long enough to be looked at as if it were one")

    with pytest.raises(DatabaseUnavailable, match="cannot be read or written"):
        a_store(file).ciphers(["R1"])


def test_wrapping_under_a_newer_key_keeps_every_key(file: Path) -> None:
    old, new = new_encryption_key(), new_encryption_key()
    token = a_token(a_store(file, Keyring([old], ["audit"])))
    both = a_store(file, Keyring([new, old], ["audit"]))

    assert both.rewrap() == 1
    assert both.rewrap() == 0

    with both.all_newest() as all_wrapped:
        assert all_wrapped
    assert a_store(file, Keyring([new], ["audit"])).cipher("R1").decrypt("notes", token) == "hers"


def _make_all(file: Path, key: str) -> None:
    keys = a_store(file, Keyring([key], ["audit"]))
    for referral_id in MANY:
        keys.make([referral_id])


def test_two_processes_that_make_keys_at_once_make_the_same_ones(file: Path) -> None:
    key = new_encryption_key()
    processes = multiprocessing.get_context("spawn")
    both = [processes.Process(target=_make_all, args=(file, key)) for _ in range(2)]

    for process in both:
        process.start()
    for process in both:
        process.join(60)

    assert [process.exitcode for process in both] == [0, 0]
    assert a_store(file, Keyring([key], ["audit"])).ciphers(MANY).keys() == set(MANY)


def test_several_threads_share_a_store(file: Path) -> None:
    keys = a_store(file)
    opened: list[str] = []

    def seal_and_open() -> None:
        for referral_id in MANY[:40]:
            opened.append(keys.cipher(referral_id).decrypt("notes", a_token(keys, "hers", referral_id)))

    keys.make(MANY)
    threads = [threading.Thread(target=seal_and_open) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert opened == ["hers"] * 320


def test_a_process_that_was_forked_off_opens_the_store_for_itself(file: Path) -> None:
    keys = a_store(file)
    token = a_token(keys)
    processes = multiprocessing.get_context("fork")
    answer = processes.SimpleQueue()

    child = processes.Process(target=lambda: answer.put(keys.cipher("R1").decrypt("notes", token)))
    child.start()
    child.join(60)

    assert (child.exitcode, answer.get()) == (0, "hers")
    assert keys.cipher("R1").decrypt("notes", token) == "hers"
