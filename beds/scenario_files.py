"""Scenarios from TOML files, and those that are shipped: `data/scenarios`, each saying what it assumes.

A file is refused whole, with file, line, field and what is accepted for every fault found. What a scenario
comes to is computed in `beds.services`.
"""

from __future__ import annotations

import re
import tomllib
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Final

from beds.domain.scenario import Scenario
from beds.errors import BadInput, Fault, ScenarioRejected
from beds.reference import data_folder
from beds.scenario_documents import scenario_of
from beds.scenario_lines import lines_of

MOST_BYTES: Final = 1_000_000
FOLDER: Final = "scenarios"
_PLACE: Final = re.compile(r"\(at line (\d+)")


def read_scenario(source: str | Path) -> Scenario:
    """Return the scenario of a TOML file, or a shipped one by its name.

    Raises
    ------
    BadInput
        There is no such file and none is shipped under that name, or the file cannot be read.
    ScenarioRejected
        Something in it is not accepted; every fault is listed.
    """
    path = Path(source)
    if str(source) in preset_names() and not _is_there(path):
        return preset(str(source))
    content = _bytes_of(path)
    return scenario_in(content, file=path.name, name=_name_of(path))


def scenario_in(content: bytes, *, file: str, name: str) -> Scenario:
    """Return the scenario that the bytes of a TOML file state.

    Raises
    ------
    ScenarioRejected
        Something in it is not accepted; every fault is listed.
    """
    try:
        text = content.decode("utf-8-sig")
        document = tomllib.loads(text, parse_float=Decimal)
    except UnicodeDecodeError:
        raise ScenarioRejected([Fault(file, None, None, "TOML in UTF-8 is accepted")]) from None
    except (tomllib.TOMLDecodeError, ArithmeticError, RecursionError, ValueError) as error:
        found = _PLACE.search(str(error))
        line = int(found[1]) if found else None
        raise ScenarioRejected(
            [Fault(file, line, None, "cannot be read as TOML, such as growth_per_year = 0.1")]
        ) from None
    lines = lines_of(text)

    def line_of(path: tuple[str | int, ...]) -> int | None:
        # what is missing has no line of its own: that of the table it should be in
        return next((lines[path[:n]] for n in range(len(path), 0, -1) if path[:n] in lines), None)

    return scenario_of(document, name=name, file=file, line_of=line_of)


@cache
def preset_names() -> tuple[str, ...]:
    """Return the names of the scenarios that are shipped, in their order."""
    return tuple(sorted(path.stem for path in (data_folder() / FOLDER).glob("*.toml")))


@cache
def preset(name: str) -> Scenario:
    """Return a scenario that is shipped.

    Raises
    ------
    BadInput
        None is shipped under that name.
    """
    if name not in preset_names():
        raise BadInput(f"scenario: one of {', '.join(preset_names())} is accepted")
    path = data_folder() / FOLDER / f"{name}.toml"
    return scenario_in(path.read_bytes(), file=path.name, name=name)


def presets() -> tuple[Scenario, ...]:
    """Return every scenario that is shipped."""
    return tuple(map(preset, preset_names()))


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return False


def _bytes_of(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)  # a device may have no size and no end
    except (OSError, ValueError):
        raise BadInput(
            "scenario: a TOML file that can be read, or the name of a scenario that is shipped, is accepted: "
            f"{', '.join(preset_names())}"
        ) from None
    if len(content) > MOST_BYTES:
        raise BadInput(f"scenario: a file of up to {MOST_BYTES // 1_000_000} MB is accepted")
    return content


def _name_of(path: Path) -> str:
    """Return the name that a file gives its scenario."""
    words = re.sub(r"[^a-z0-9]+", "_", path.stem.lower()).strip("_")
    return words[:60].strip("_") or "scenario"
