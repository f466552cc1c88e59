"""Reads of cases and addresses are logged beside the database, sealed, and tampering with them is found."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from beds.database import reading
from beds.domain.records.columns import keyring_of
from beds.errors import BadInput, DatabaseUnavailable, NotPermitted
from beds.read_log import ReadLog, read_log_of
from beds.roles import Role, actor_of
from beds.services.audit_trail import ReadFilter, list_reads
from beds.settings import Settings
from beds.store import check_database
from tests.builders import NOON

AUDITOR = actor_of("user-auditor", Role.AUDITOR)
FILE = "beds.db.reads"


@pytest.fixture
def log(sqlite_engine: Engine) -> Iterator[ReadLog]:
    """Give the log of reads of a fresh SQLite database."""
    found = read_log_of(sqlite_engine.dialect)
    yield found
    found.close()


def another(engine: Engine, file: Path) -> ReadLog:
    """Return the log as another process would open it."""
    return ReadLog(file, keyring_of(engine.dialect))


def lines(file: Path) -> list[dict[str, object]]:
    """Return the lines of a log."""
    return [json.loads(line) for line in file.read_text().splitlines()]


def cases(log: ReadLog, count: int) -> None:
    """Log reads of as many cases."""
    for number in range(count):
        log.case_read("user-1", f"ref-{number}", NOON)


def test_a_read_is_one_line_of_references(log: ReadLog, tmp_path: Path) -> None:
    log.case_read("user-1", "ref-1", NOON)

    assert lines(tmp_path / FILE) == [
        {"n": 1, "at": "2026-03-03T12:00:00+00:00", "who": "user-1", "what": "case", "ref": "ref-1"}
    ]
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600


def test_reads_are_sealed_by_the_hundred_and_at_the_end(log: ReadLog, tmp_path: Path) -> None:
    cases(log, 250)
    before = [line["through"] for line in lines(tmp_path / FILE) if "seal" in line]
    unsealed = log.unsealed()
    log.close()
    after = [line["through"] for line in lines(tmp_path / FILE) if "seal" in line]

    assert (before, unsealed, after) == ([100, 200], 50, [100, 200, 250])
    assert log.faults() == []


def test_the_read_of_an_address_is_sealed_at_once(log: ReadLog) -> None:
    log.case_read("user-1", "ref-1", NOON)
    log.address_read("user-1", "S1", NOON)

    assert log.unsealed() == 0
    assert log.faults() == []


def tampered(text: str, how: str) -> str:
    """Return a log of 5 reads, a seal, 5 reads and a seal, tampered with."""
    found = text.splitlines(keepends=True)
    return "".join(
        {
            "a line changed": [found[0].replace("user-1", "user-2"), *found[1:]],
            "a line taken out": found[1:],
            "a line put in": [*found[:2], found[1], *found[2:]],
            "nonsense put in": [*found[:2], "nonsense\n", *found[2:]],
            "two lines exchanged": [found[1], found[0], *found[2:]],
            "a batch taken out": found[6:],
            "the last batch taken off": found[:6],
            "all taken off": [],
            "the last seal taken off": found[:-1],
        }[how]
    )


@pytest.mark.parametrize(
    "how",
    [
        "a line changed",
        "a line taken out",
        "a line put in",
        "nonsense put in",
        "two lines exchanged",
        "a batch taken out",
        "the last batch taken off",
        "all taken off",
        "the last seal taken off",
    ],
)
def test_a_log_that_was_tampered_with_is_found(
    sqlite_engine: Engine, log: ReadLog, tmp_path: Path, how: str
) -> None:
    for _ in range(2):
        cases(log, 4)
        log.address_read("user-1", "S1", NOON)
    assert check_database(sqlite_engine) == []
    file = tmp_path / FILE
    file.write_text(tampered(file.read_text(), how))

    faults = check_database(sqlite_engine)
    log.address_read("user-1", "S1", NOON)
    later = check_database(sqlite_engine)

    assert faults != []
    assert all(fault.startswith("reads: ") for fault in faults)
    assert later != []


def test_a_log_that_is_gone_or_was_begun_anew_is_found(
    sqlite_engine: Engine, log: ReadLog, tmp_path: Path
) -> None:
    log.address_read("user-1", "S1", NOON)
    (tmp_path / FILE).unlink()
    gone = check_database(sqlite_engine)

    for _ in range(3):
        log.address_read("user-2", "S1", NOON)
    anew = check_database(sqlite_engine)

    assert gone == ["reads: the log of reads was there once and is gone"]
    assert anew == ["reads: its end is gone, or another log was put in its place: a seal is missing"]


def test_a_tail_without_a_seal_is_only_counted(sqlite_engine: Engine, log: ReadLog, tmp_path: Path) -> None:
    cases(log, 3)
    after_a_crash = another(sqlite_engine, tmp_path / FILE)

    after_a_crash.case_read("user-2", "ref-9", NOON)
    after_a_crash.close()

    assert [line.get("n") for line in lines(tmp_path / FILE)] == [1, 2, 3, 4, None]
    assert check_database(sqlite_engine) == []


def test_a_line_that_a_crash_cut_off_does_not_spoil_the_next(
    sqlite_engine: Engine, log: ReadLog, tmp_path: Path
) -> None:
    cases(log, 2)
    log.close()
    with (tmp_path / FILE).open("a") as file:
        file.write('{"n":3,"at":"2026-')
    again = another(sqlite_engine, tmp_path / FILE)

    again.address_read("user-1", "S1", NOON)

    assert again.faults() == []
    assert [read.n for read in again.reads()] == [3, 2, 1]
    again.close()


def test_an_anchor_one_seal_behind_is_no_fault_and_catches_up(
    sqlite_engine: Engine, log: ReadLog, tmp_path: Path
) -> None:
    log.address_read("user-1", "S1", NOON)
    head = tmp_path / f"{FILE}-head"
    kept = head.read_bytes()
    log.address_read("user-1", "S2", NOON)
    log.close()
    head.write_bytes(kept)
    again = another(sqlite_engine, tmp_path / FILE)

    behind = again.faults()
    again.address_read("user-1", "S3", NOON)

    assert behind == []
    assert b'"sequence": 3' in head.read_bytes()
    again.close()


def test_an_address_that_cannot_be_logged_is_not_given(log: ReadLog, tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir()

    with pytest.raises(DatabaseUnavailable, match="nothing is shown"):
        log.address_read("user-1", "S1", NOON)

    (tmp_path / FILE).rmdir()
    log.address_read("user-1", "S1", NOON)
    assert len(log.reads()) == 1


def test_many_threads_and_processes_append_and_none_is_lost(
    sqlite_engine: Engine, sqlite_settings: Settings, log: ReadLog
) -> None:
    program = (
        "import sys\n"
        "from datetime import datetime, UTC\n"
        "from pathlib import Path\n"
        "from beds.encryption import Keyring\n"
        "from beds.read_log import ReadLog\n"
        "log = ReadLog(Path(sys.argv[1]), Keyring([sys.argv[2]], [sys.argv[3]]))\n"
        "for number in range(300):\n"
        "    log.case_read(sys.argv[4], f'ref-{number}', datetime.now(UTC))\n"
        "log.close()\n"
    )
    assert sqlite_settings.encryption_key is not None
    assert sqlite_settings.audit_key is not None
    keys = sqlite_settings.encryption_key.get_secret_value(), sqlite_settings.audit_key.get_secret_value()
    others = [
        subprocess.Popen([sys.executable, "-c", program, str(log.file), *keys, f"process-{number}"])
        for number in range(2)
    ]
    with ThreadPoolExecutor(10) as pool:
        list(pool.map(lambda number: log.case_read(f"thread-{number % 10}", "ref-1", NOON), range(300)))
    assert [other.wait(60) for other in others] == [0, 0]
    log.close()

    reads = log.reads(limit=10_000)

    assert [read.n for read in reads] == list(range(900, 0, -1))
    assert sum(read.who.startswith("process-") for read in reads) == 600
    assert check_database(sqlite_engine) == []


def test_pages_of_reads_hold_each_read_once_newest_first(sqlite_engine: Engine, log: ReadLog) -> None:
    for number in range(1_500):
        log.case_read(f"user-{number % 7}", f"ref-{number:04}", NOON + timedelta(seconds=number))
    found, after = [], None

    with reading(sqlite_engine) as session:
        while True:
            page = list_reads(session, AUDITOR, after=after, limit=200)
            found += [read.n for read in page.rows]
            after = page.next_after
            if after is None:
                break

    assert found == list(range(1_500, 0, -1))


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (ReadFilter(who="user-3"), [10, 3]),
        (ReadFilter(what="address"), [5]),
        (ReadFilter(ref="ref-0002"), [3]),
        (ReadFilter(since=NOON + timedelta(seconds=10)), [12, 11]),
    ],
)
def test_reads_are_found_by_who_what_and_when(
    sqlite_engine: Engine, log: ReadLog, wanted: ReadFilter, expected: list[int]
) -> None:
    for number in range(12):
        at = NOON + timedelta(seconds=number)
        if number == 4:
            log.address_read("user-0", "S1", at)
        else:
            log.case_read(f"user-{(number + 1) % 7}", f"ref-{number:04}", at)

    with reading(sqlite_engine) as session:
        page = list_reads(session, AUDITOR, wanted)

    assert [read.n for read in page.rows] == expected


def test_only_who_may_read_the_audit_sees_reads(sqlite_engine: Engine) -> None:
    with reading(sqlite_engine) as session:
        with pytest.raises(NotPermitted):
            list_reads(session, actor_of("user-1", Role.ADMIN))
        with pytest.raises(BadInput, match="after"):
            list_reads(session, AUDITOR, after="newest")
        with pytest.raises(BadInput, match="limit"):
            list_reads(session, AUDITOR, limit=0)
        assert list_reads(session, AUDITOR).rows == ()


def test_what_is_logged_leaves_the_database_untouched(engine: Engine, settings: Settings) -> None:
    log = read_log_of(engine.dialect)

    log.address_read("user-1", "S1", datetime.now(NOON.tzinfo))

    assert log.file is not None
    assert os.fspath(log.file) not in settings.database_url
    assert check_database(engine) == []
