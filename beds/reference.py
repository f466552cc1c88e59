"""Published figures and other shipped data: where they are, what they say, and that nobody altered them.

Every file under the data folder has one entry in `sources.toml` with its publisher, vintage, licence and
checksum. Nothing here computes a figure; a row that rests on background knowledge says `assumption`.
"""

from __future__ import annotations

import csv
import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from beds.domain.periods import RecoveryPeriod
from beds.domain.terms import Nation
from beds.domain.waiting import MoveOnPeriod, RecoveryClock, Until
from beds.errors import BadInput, Fault

if TYPE_CHECKING:
    import pandas as pd

REGISTER: Final = "sources.toml"
PROVENANCE: Final = ("source", "confidence", "assumption")
"""The columns of every reference file that say where a row comes from and whether it is an assumption."""

MOVE_ON_EVENT: Final = "Positive Conclusive Grounds: move-on support minimum"
"""The row of `move_on_periods.csv` that the move-on period is read from."""

_HERE = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class Source:
    """Where one shipped file comes from.

    `address` is empty where none was seen; `published` may be a year or several dates in words.
    `rows_are_assumptions` says it for a file whose rows do not say it themselves.
    """

    path: str
    title: str
    publisher: str
    published: str
    retrieved: date
    vintage: str
    licence: str
    confidence: str
    transformation: str
    sha256: str
    address: str = ""
    rows_are_assumptions: bool = False


def data_folder() -> Path:
    """Return the folder of shipped data: inside an installed wheel, or beside the package in a clone.

    Raises
    ------
    BadInput
        Neither place has a register of sources: the installation is incomplete.
    """
    for folder in (_HERE / "shipped_data", _HERE.parent / "data"):
        if (folder / REGISTER).is_file():
            return folder
    raise BadInput("the shipped data is missing: install the package again")


@cache
def read_rows(name: str) -> tuple[Mapping[str, str], ...]:
    """Return the rows of a reference file, such as `recovery_periods`, every cell as its text.

    Raises
    ------
    BadInput
        There is no reference file of that name.
    """
    path = _reference_file(name)
    with path.open(encoding="utf-8", newline="") as lines:
        return tuple(csv.DictReader(lines))


@cache
def recovery_periods() -> tuple[RecoveryPeriod, ...]:
    """Return the recovery periods by nation and first day in force (`allocation.md` §1)."""
    return tuple(
        RecoveryPeriod(
            nation=Nation(row["nation"]),
            in_force_from=date.fromisoformat(row["in_force_from"]),
            nights=int(row["nights"]),
        )
        for row in read_rows("recovery_periods")
    )


@cache
def recovery_clocks() -> tuple[RecoveryClock, ...]:
    """Return how the recovery period of each nation ends, by the first day in force."""
    return tuple(
        RecoveryClock(
            nation=Nation(row["nation"]),
            in_force_from=date.fromisoformat(row["in_force_from"]),
            until=Until(row["until"]),
        )
        for row in read_rows("recovery_clocks")
    )


@cache
def move_on_periods() -> tuple[MoveOnPeriod, ...]:
    """Return the nights of move-on support after a positive conclusive decision, in every nation.

    They are published for England and Wales; elsewhere the same is an assumption, and said to be one.

    Raises
    ------
    BadInput
        The row of the reference file is not in its form.
    """
    row = next((row for row in read_rows("move_on_periods") if row["event"] == MOVE_ON_EVENT), None)
    nights, _, unit = row["period"].partition(" ") if row else ("", "", "")
    if row is None or unit != "calendar days" or not nights.isdigit():
        raise BadInput("move_on_periods.csv: a row of move-on support in calendar days is needed")
    published = row["jurisdiction"].split(" & ")
    return tuple(MoveOnPeriod(nation, int(nights), nation not in published) for nation in Nation)


def figures(name: str) -> pd.DataFrame:
    """Return a reference file as a table for screens and forecasts, with its provenance.

    The columns are those of the file, then `source`, `confidence` (text) and `assumption` (boolean), taken
    from the register where the file does not state them row by row. Numbers are numbers, an empty cell is
    missing, and the country code of Namibia stays the text `NA`. The index counts rows from 0.

    Raises
    ------
    BadInput
        There is no reference file of that name, or the register does not list it.
    """
    import pandas as pd

    path = _reference_file(name)
    table = pd.read_csv(path, keep_default_na=False, na_values=[""], encoding="utf-8")
    register = sources(data_folder())
    entry = register.get(f"reference/{path.name}")
    if entry is None:
        raise BadInput(f"{REGISTER} has no entry for reference/{path.name}")
    stated: dict[str, str | bool] = {
        "source": f"{entry.publisher}: {entry.title}",
        "confidence": entry.confidence,
        "assumption": entry.rows_are_assumptions,
    }
    for column in PROVENANCE:
        if column not in table:
            table[column] = stated[column]
    return table


def sources(folder: Path) -> Mapping[str, Source]:
    """Return the register of sources of a data folder, by path within the folder.

    Raises
    ------
    BadInput
        The register cannot be read, or an entry lacks something or has something unknown.
    """
    try:
        register = tomllib.loads((folder / REGISTER).read_text(encoding="utf-8"))
        return {path: Source(path=path, **entry) for path, entry in register.items()}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadInput(f"{REGISTER} cannot be read as TOML in UTF-8") from error
    except TypeError as error:
        expected = ", ".join(column.name for column in fields(Source))
        raise BadInput(f"{REGISTER}: an entry has {expected}, and nothing else") from error


def verify_sources(folder: Path | None = None) -> list[Fault]:
    """Return what is wrong between the shipped files and the register: none when all is well.

    Every file has an entry, every entry a file, and the checksum of each file is the one on record. The fault
    states the checksum found, so that whoever changed a file on purpose can register it.
    """
    folder = data_folder() if folder is None else folder
    try:
        register = sources(folder)
    except BadInput as error:
        return [Fault(REGISTER, None, None, str(error))]
    found = {path.relative_to(folder).as_posix(): path for path in _files(folder)}
    faults = [
        Fault(name, None, None, f"has no entry in {REGISTER}") for name in found if name not in register
    ]
    for name, entry in register.items():
        if name not in found:
            faults.append(Fault(REGISTER, None, name, "the file is missing"))
        elif (checksum := hashlib.sha256(found[name].read_bytes()).hexdigest()) != entry.sha256:
            faults.append(Fault(name, None, None, f"differs from {REGISTER}: its sha256 is {checksum}"))
    return sorted(faults, key=str)


def _files(folder: Path) -> list[Path]:
    """Every file that has to be registered: all but the register itself and dot-files."""
    return [
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith(".") and path != folder / REGISTER
    ]


def _reference_file(name: str) -> Path:
    folder = data_folder() / "reference"
    path = folder / f"{name.removesuffix('.csv')}.csv"
    if path.parent != folder or not path.is_file():
        known = ", ".join(sorted(file.stem for file in folder.glob("*.csv")))
        raise BadInput(f"no reference file of that name; there are {known}")
    return path
