"""The `beds` command as a person runs it: in this process, or as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from typer.main import get_command
from typer.testing import CliRunner

from beds.cli import app
from tests.csv_folders import good_tables, write_tables

AS_AT = "2026-03-03T12:00:00+00:00"
"""The instant that the folder of `tests.csv_folders` is about."""
TRACE = "Traceback"
COMMAND = get_command(app)
"""Made once: it takes as long as many a command."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a command said, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def last_error(self) -> str:
        """The last line on standard error."""
        return self.err.strip().splitlines()[-1]


def beds(*arguments: str | Path) -> Said:
    """Run a command in this process; whatever it is, it must not end in a stack trace."""
    code = 0
    with CliRunner().isolation() as (out, err, _):
        try:
            COMMAND.main(args=[str(argument) for argument in arguments], prog_name="beds")
        except SystemExit as ended:
            code = int(ended.code or 0)
        sys.stdout.flush()
        sys.stderr.flush()
        said = Said(code, *(words.getvalue().decode().replace("\r\n", "\n") for words in (out, err)))
    assert TRACE not in said.out + said.err
    return said


def start_beds(
    *arguments: str | Path, environment: Mapping[str, str] | None = None, stdout: int = subprocess.PIPE
) -> subprocess.Popen[str]:
    """Start a command as a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "beds", *map(str, arguments)],
        stdout=stdout,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        env={**os.environ, **(environment or {})},
        cwd=Path(__file__).parents[2],
        text=True,
        encoding="utf-8",
    )


def beds_process(*arguments: str | Path, environment: Mapping[str, str] | None = None) -> Said:
    """Run a command as a process of its own, to its end."""
    with start_beds(*arguments, environment=environment) as process:
        out, err = process.communicate(timeout=60)
    assert TRACE not in out + err
    return Said(process.returncode, out, err)


def a_folder(folder: Path) -> Path:
    """Write the small good folder of `tests.csv_folders`."""
    return write_tables(folder, good_tables())
