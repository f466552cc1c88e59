"""The command as a process among others: full disks, readers who leave, Ctrl-C, and the very start."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from beds.synthesis import SYNTHETIC_AS_AT, synth_folder
from tests.integration.commands import AS_AT, TRACE, a_folder, beds_process, start_beds

STOPPED = {130, -signal.SIGINT}
"""Stopped by us, or by the signal itself while the interpreter was not up yet."""


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder that takes some seconds to solve."""
    folder = tmp_path_factory.mktemp("large")
    synth_folder(folder, sites=300, referrals=1_500, seed=5)
    return folder


def test_help_lists_the_commands_and_loads_no_solver() -> None:
    loaded = (
        "import sys, beds.cli; print([name for name in "
        "('ortools', 'highspy', 'pandas', 'sqlmodel', 'streamlit') if name in sys.modules])"
    )

    said = beds_process("--help")
    modules = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True)

    assert said.code == 0
    for command in ("demo", "synth", "import", "allocate", "check", "options", "candidates", "replay", "db"):
        assert command in said.out
    assert modules.stdout.strip() == "[]"


@pytest.mark.parametrize("arguments", [("--nonsense",), ("nonsense",), ("allocate", "MARKER"), ("check",)])
def test_wrong_usage_ends_with_2_on_standard_error(arguments: tuple[str, ...]) -> None:
    said = beds_process(*arguments)

    assert said.code == 2
    assert said.out == ""
    assert said.err


@pytest.mark.parametrize("to_json", [(), ("--json", "-")])
def test_a_full_disk_behind_standard_output_is_a_sentence(tmp_path: Path, to_json: tuple[str, ...]) -> None:
    folder = a_folder(tmp_path / "folder")

    with Path("/dev/full").open("w") as full:
        arguments = ("allocate", "--from", folder, "--as-at", AS_AT, *to_json)
        with start_beds(*arguments, stdout=full.fileno()) as process:
            _, err = process.communicate(timeout=60)

    assert process.returncode == 2
    assert err == "beds: the operating system refused: No space left on device\n"


@pytest.mark.parametrize("to_json", [(), ("--json", "-")])
def test_a_reader_who_leaves_is_no_fault(tmp_path: Path, to_json: tuple[str, ...]) -> None:
    folder = a_folder(tmp_path / "folder")
    reader, writer = os.pipe()
    os.close(reader)

    arguments = ("allocate", "--from", folder, "--as-at", AS_AT, *to_json)
    with start_beds(*arguments, stdout=writer) as process:
        os.close(writer)
        _, err = process.communicate(timeout=60)

    assert process.returncode == 128 + signal.SIGPIPE
    assert err == ""


@pytest.mark.parametrize("after_s", [0.2, 0.6, 1.0, 1.6])
def test_ctrl_c_ends_a_long_round_and_leaves_nothing_half_written(
    tmp_path: Path, large: Path, after_s: float
) -> None:
    target = tmp_path / "round.json"

    arguments = ("allocate", "--from", large, "--as-at", SYNTHETIC_AS_AT.isoformat(), "--json", target)
    with start_beds(*arguments) as process:
        time.sleep(after_s)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)

    assert TRACE not in err
    if process.returncode == 0:  # a fast machine had finished by then: the answer is whole
        assert json.loads(target.read_text())["schema_version"] == 1
    else:
        assert process.returncode in STOPPED
        assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("after_s", "workers"), [(1.0, "1"), (4.0, "2")])
def test_ctrl_c_ends_a_simulation_and_leaves_nothing_half_written(
    tmp_path: Path, large: Path, after_s: float, workers: str
) -> None:
    target = tmp_path / "simulated.json"

    arguments = ("simulate", "as_on_record", "--from", large, "--as-at", SYNTHETIC_AS_AT.isoformat())
    options = ("--replications", "500", "--workers", workers, "--json", target)
    with start_beds(*arguments, *options) as process:
        time.sleep(after_s)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)

    assert TRACE not in err
    assert process.returncode in STOPPED
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_during_an_import_leaves_the_database_as_it_was(tmp_path: Path, large: Path) -> None:
    environment = {"BEDS_DATABASE_URL": f"sqlite:///{tmp_path / 'beds.db'}"}
    beds_process("db", "upgrade", environment=environment)

    with start_beds("import", large, environment=environment) as process:
        time.sleep(1.5)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)

    assert TRACE not in err
    assert beds_process("db", "check", environment=environment).code == 0
    finished = process.returncode == 0
    assert finished or process.returncode in STOPPED
    assert (beds_process("options", "R0001", environment=environment).code == 2) is not finished


LOADING = """
import os, signal, sys, time
import beds.cli
from beds.__main__ import main

class Loading:
    def find_spec(self, name, *_):
        if name == "beds.services.simulation_documents":
            try:
                os.kill(os.getpid(), signal.SIGINT)
                time.sleep(5)
            except KeyboardInterrupt:
                raise ImportError(name) from None

sys.meta_path.insert(0, Loading())
sys.argv[0] = "beds"
main()
"""
"""Ctrl-C while a library loads that says so in its own way, as extension modules do."""


def test_ctrl_c_that_a_library_turns_into_an_error_is_no_defect(tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "folder")
    arguments = ("simulate", "as_on_record", "--from", str(folder), "--as-at", AS_AT, "--replications", "2")

    said = subprocess.run(
        [sys.executable, "-c", LOADING, *arguments], capture_output=True, text=True, check=False, timeout=60
    )

    assert said.stderr == "beds: stopped; nothing is left half-written\n"
    assert said.returncode == 130
